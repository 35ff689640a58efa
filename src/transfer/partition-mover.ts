// Moves one partition after the other: reader -> crossing -> writer, and once more behind what is committed after a fault that
// passes. Lanes share it.
import { pipeline } from 'node:stream/promises';
import type { Partition } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Stage } from '../metrics/events.ts';
import { type ByteGate, GateAccount } from '../stream/byte-gate.ts';
import { type CrossedChunk, crossingStage } from '../stream/crossing-stage.ts';
import { readerStream } from '../stream/reader-stream.ts';
import { WriterStream } from '../stream/writer-stream.ts';
import type { Crossings } from '../threads/crossing-share.ts';
import type { LossBook } from './loss-book.ts';
import { bookRejects, refuseTooMany } from './reject-book.ts';
import type { TransferRequest } from './request.ts';
import { onceOnly, withRetries } from './retry.ts';
import type { Session } from './session.ts';
import type { TableRun } from './table-run.ts';
import {
  type ChunkNote,
  doneOf,
  noteOf,
  noteText,
  type PartitionDone,
  type PartitionTask,
  type Work,
} from './work.ts';

/** What all partitions of a run share. */
export interface Moving {
  readonly session: Session;
  readonly request: TransferRequest;
  readonly work: Work;
  readonly gate: ByteGate;
  readonly pool: Crossings;
  readonly losses: LossBook;
}

export class PartitionMover {
  readonly #session: Session;
  readonly #request: TransferRequest;
  readonly #work: Work;
  readonly #gate: ByteGate;
  readonly #pool: Crossings;
  readonly #losses: LossBook;

  constructor({ session, request, work, gate, pool, losses }: Moving) {
    this.#session = session;
    this.#request = request;
    this.#work = work;
    this.#gate = gate;
    this.#pool = pool;
    this.#losses = losses;
  }

  /** Once more after a transient fault: behind what the ledger then has of the partition. */
  async move(table: TableRun, { partition, done }: PartitionTask): Promise<void> {
    if (table.error) return;
    table.begin();
    let known = done;
    const again = async () => {
      known = await this.#recount(table, partition);
    };
    try {
      const tried = { table: table.name, again, ...onceOnly(table.plan.load) };
      await withRetries(this.#request, tried, async (attempt) => {
        // Another partition of the table may have failed for good.
        if (!table.error && !known.isOver) await this.#attempt(table, { partition, done: known }, attempt);
      });
    } catch (error) {
      table.fail(failureOf(error, table, this.#request));
    }
  }

  /** What is committed of a partition; chunks whose commit got no answer are counted now. */
  async #recount(table: TableRun, partition: Partition): Promise<PartitionDone> {
    const all = await this.#session.target.engine.readChunks(this.#work.runId);
    const own = all.filter(
      (chunk) => chunk.tableId === table.plan.load.id && chunk.partitionId === partition.id,
    );
    const news = own.filter(({ seq, isEnd }) => !isEnd && !table.knows(partition.id, seq));
    for (const chunk of news) table.learn(partition.id, chunk.seq);
    table.recount(news);
    this.bookLosses(table, news.map(noteOf));
    return doneOf(own);
  }

  bookLosses(table: TableRun, notes: readonly ChunkNote[]): void {
    for (const { uses = [] } of notes)
      for (const { column, what, count } of uses) this.#losses.use(table.plan, column, what, count);
  }

  async #attempt(table: TableRun, { partition, done }: PartitionTask, attempt: number): Promise<void> {
    const { source, target } = this.#session;
    const { load } = table.plan;
    const account = new GateAccount(this.#gate);
    // The pipeline ends with the run, and with the table when one of its other partitions fails.
    const { signal, pause } = this.#request;
    try {
      const writer = await target.engine.openWriter(load);
      try {
        const { runId, epoch } = this.#work;
        const entry = { runId, tableId: load.id, partitionId: partition.id, epoch, attempt };
        const sink = new WriterStream(target.engine, writer, {
          gate: account,
          entry,
          table: table.name,
          chunksDone: done.chunks,
          note: ({ crossed }) => noteText(crossed),
          onCommit: (crossed, bytes, seconds) => {
            table.learn(partition.id, crossed.chunk.seq);
            this.#onCommit(table, partition.id, crossed, bytes, seconds);
          },
          onGroup: () => refuseTooMany(table, this.#request.options),
        });
        const chunks = readerStream(source.engine, table.read, partition, {
          gate: account,
          signal,
          done: done.rows > 0 ? done : undefined,
          proceed: () => pause?.proceed(signal) ?? Promise.resolve(),
          onRead: (chunk, seconds) => this.#onRead(table, chunk.rowCount, chunk.byteLength, seconds),
        });
        const crossing = crossingStage({
          pool: this.#pool,
          spec: { ...table.crossing, form: table.form },
          untouched: table.untouched,
          table: table.name,
          signal,
        });
        try {
          await pipeline(chunks, crossing, sink, { signal });
        } finally {
          await sink.settled();
        }
      } finally {
        await target.engine.closeWriter(writer);
      }
    } finally {
      account.close();
    }
  }

  #onRead(table: TableRun, rows: number, bytes: number, seconds: number): void {
    table.readRows += rows;
    this.#request.events.emit('read', { table: table.name, rows, bytes, seconds });
  }

  #onCommit(
    table: TableRun,
    partition: string,
    { chunk, gateBytes, crossed }: CrossedChunk,
    bytesWritten: number,
    target: { readonly write: number; readonly commit: number },
  ): void {
    table.rows += chunk.rowCount;
    table.batches += 1;
    const { length: rejected } = crossed?.rejects ?? [];
    if (crossed && rejected > 0)
      bookRejects(table, { rows: rejected, first: crossed.rejects }, this.#request);
    if (crossed?.digest) table.written.add(partition, crossed.digest);
    for (const use of crossed?.uses ?? []) {
      this.#request.events.emit('loss', this.#losses.use(table.plan, use.column, use.what, use.count));
    }
    const seconds: Partial<Record<Stage, number>> = { ...crossed?.seconds, ...target };
    this.#request.events.emit('batch', {
      table: table.name,
      rows: chunk.rowCount,
      bytesRead: gateBytes,
      bytesWritten,
      tableRows: table.rows,
      sourceRows: table.sourceRows,
      seconds,
    });
  }
}

/** What ended a table, with its name; an interrupt however it shows. */
export function failureOf(error: unknown, table: TableRun, { signal }: TransferRequest): FerrowError {
  if (signal.aborted) return new FerrowError('E_CANCELLED', 'interrupted', { table: table.name });
  return FerrowError.from(error, 'E_WRITE', { table: table.name });
}
