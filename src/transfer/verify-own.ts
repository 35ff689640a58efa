// Rows that went by reference, which nobody has seen: both engines say a digest of their own making of what they hold.
import type { EngineHandle, OwnDigest, Partition, ReadRequest } from '../dialect/dialect.ts';
import { type Digest, DigestSum, sameSum } from '../digest/digest.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Session } from './session.ts';
import type { TableRun } from './table-run.ts';

/** How the staging table is read back. */
export interface ReadBack {
  readonly request: ReadRequest;
  readonly cursors: number;
  readonly partitions: Partition[];
}

export class OwnDigests {
  readonly #table: TableRun;
  readonly #reading: ReadBack;
  readonly #session: Session;

  constructor(table: TableRun, reading: ReadBack, session: Session) {
    this.#table = table;
    this.#reading = reading;
    this.#session = session;
  }

  /** What the target holds; what the source does is booked as if it had been digested on the way. */
  async compared(): Promise<Digest> {
    const { work, read, written } = this.#table;
    for (const partition of work.stored.partitions) {
      const { rowCount, rows } = await digestOf(this.#session.source.engine, read, partition);
      written.set(partition.id, { rowCount, rows, columns: [] });
    }
    return this.#held(this.#reading.request);
  }

  /** Column by column, once it is known that there are some. */
  async differingColumns(): Promise<number[]> {
    const { work, read } = this.#table;
    const { request } = this.#reading;
    const found: number[] = [];
    for (const at of read.columns.keys()) {
      const source = await sumOf(
        this.#session.source.engine,
        { ...read, columns: [read.columns[at]] },
        work.stored.partitions,
      );
      const target = await this.#held({ ...request, columns: [request.columns[at]] });
      if (!sameSum(source.rows, target.rows)) found.push(at);
    }
    return found;
  }

  #held(request: ReadRequest): Promise<Digest> {
    return sumOf(this.#session.target.engine, request, this.#reading.partitions);
  }
}

async function sumOf(
  engine: EngineHandle,
  request: ReadRequest,
  partitions: readonly Partition[],
): Promise<Digest> {
  const sum = new DigestSum(request.columns.length);
  for (const partition of partitions) {
    const { rowCount, rows } = await digestOf(engine, request, partition);
    sum.add({ rowCount, rows, columns: [] });
  }
  return sum.total;
}

function digestOf(engine: EngineHandle, request: ReadRequest, partition: Partition): Promise<OwnDigest> {
  if (engine.ownDigest) return engine.ownDigest(request, partition);
  throw new FerrowError('E_INTERNAL', 'an engine that gives references has no digest of its own');
}
