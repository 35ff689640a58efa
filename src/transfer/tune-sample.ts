// A part of a table, moved again and again: through the reader, crossing and writer of every run, into the scratch.
// Main thread.
import type { Partition, SourceEngine } from '../dialect/dialect.ts';
import { CrossingPool } from '../threads/crossing-pool.ts';
import { CrossingShare } from '../threads/crossing-share.ts';
import type { Analysis } from './analyse.ts';
import { Load } from './load.ts';
import type { TablePlan } from './plan-table.ts';
import { TransferEmitter, type TransferRequest } from './request.ts';
import type { Session } from './session.ts';
import { makeTableRun } from './table-run.ts';
import type { Setting } from './tune-grid.ts';
import { overlaid, ScratchTarget } from './tune-scratch.ts';
import { readRequestOf, untouchedTable, type WorkTable } from './work.ts';

/** A thread that waits for its turn longer than this is not waited for. */
const IDLE_SECONDS = 600;
/** A partition so much larger than its share of the sample is cut off. */
const SHARE_RATIO = 1.25;

export interface SampleInput {
  readonly session: Session;
  readonly request: TransferRequest;
  readonly analysis: Analysis;
  readonly plan: TablePlan;
  /** Name of the scratch. */
  readonly scratch: string;
  readonly tableRows: number;
  readonly workersMost: number;
  readonly lanesMost: number;
}

/** What moving the sample once took. Rows are those that moved; bytes are the source's. */
export interface Moved {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
}

export class Sample {
  readonly #input: SampleInput;
  readonly #pool: CrossingPool;
  readonly #target: ScratchTarget;
  #moves = 0;

  constructor(input: SampleInput) {
    const { session, analysis, scratch } = input;
    this.#input = input;
    this.#pool = new CrossingPool(input.workersMost, { idleSeconds: IDLE_SECONDS });
    this.#target = new ScratchTarget(session.target.engine, analysis.runId, scratch);
  }

  /** Chunks come out of the source as the target takes them: workers have nothing to do. */
  get untouched(): boolean {
    const { session, analysis, plan } = this.#input;
    return makeTableRun(session, analysis.runId, sampled(plan, [])).untouched;
  }

  /** Moves about so many rows. @throws FerrowError what a run would have ended with */
  async move(setting: Setting, rows: number, batchBytes = this.#input.plan.batchBytes): Promise<Moved> {
    const { session, request, analysis, plan } = this.#input;
    const cut = await this.#cut(rows);
    const moving = { ...plan, batchRows: setting.batchSize, batchBytes, load: this.#nextLoad() };
    const { workers, connections } = setting;
    const options = { ...request.options, workers, connections, verify: 'none' as const };
    const events = new TransferEmitter();
    let bytes = 0;
    events.on('batch', (batch) => {
      bytes += batch.bytesRead;
    });
    let startedAt = 0;
    let arrivedAt = 0;
    this.#target.onArrived = () => {
      arrivedAt = performance.now();
    };
    const source = cutSource(session.source.engine, cut, () => {
      startedAt = performance.now();
    });
    const load = new Load(
      {
        source: { ...session.source, engine: source },
        target: { ...session.target, engine: this.#target.engine },
        pool: new CrossingShare(this.#pool, workers),
      },
      { ...request, options, events },
      {
        runId: analysis.runId,
        epoch: 1,
        startedAt: '',
        planHash: '',
        document: '',
        tables: [sampled(moving, cut.partitions)],
        views: [],
      },
    );
    const {
      tables: [table],
    } = await load.run({
      runId: analysis.runId,
      epoch: 1,
      state: 'copying',
      planHash: '',
      source: '',
      target: '',
      snapshotId: null,
      startedAt: '',
      version: '',
    });
    request.signal.throwIfAborted();
    if (table.error) throw table.error;
    return { rows: table.rows, bytes, seconds: (arrivedAt - startedAt) / 1000 };
  }

  /** Ends threads, and drops what is in the scratch. */
  async close(): Promise<void> {
    await this.#pool.close();
    await this.#target.end();
  }

  /** Each move has a staging table, and entries in the ledger, of its own. */
  #nextLoad(): TablePlan['load'] {
    const { load } = this.#input.plan;
    const { schema, name } = load.staging;
    const at = ++this.#moves;
    return { ...load, id: `${load.id}-${at}`, staging: { schema, name: `${name}_${at}` } };
  }

  /** The same rows for every setting: the first partitions, as many as there can be lanes, or the first rows of each. */
  async #cut(rows: number): Promise<Cut> {
    const { session, plan, tableRows, lanesMost } = this.#input;
    const most = Math.max(lanesMost, Math.floor((tableRows / Math.max(1, rows)) * lanesMost));
    const all = await session.source.engine.partitions(readRequestOf(plan), most);
    const whole = rows >= tableRows;
    const partitions = whole ? all : all.slice(0, lanesMost);
    const share = Math.ceil(rows / Math.max(1, partitions.length));
    const fits = ({ estimatedRows }: Partition) =>
      whole || (estimatedRows !== null && estimatedRows <= share * SHARE_RATIO);
    return { partitions, rowsOf: (partition) => (fits(partition) ? Number.POSITIVE_INFINITY : share) };
  }
}

/** The sample as a table of a load. */
function sampled(plan: TablePlan, partitions: readonly Partition[]): WorkTable {
  return untouchedTable({ plan, partitions, sourceRows: null, mark: null, readAt: '' });
}

interface Cut {
  readonly partitions: readonly Partition[];
  /** Rows of a partition after which no further chunk is read. */
  rowsOf(partition: Partition): number;
}

/** A source that has nothing but the sample. */
function cutSource(engine: SourceEngine, cut: Cut, onStart: () => void): SourceEngine {
  const left = new Map<number, number>();
  let hasStarted = false;
  return overlaid(engine, {
    openCursor: async (request, partition) => {
      if (!hasStarted) onStart();
      hasStarted = true;
      const cursor = await engine.openCursor(request, partition);
      left.set(cursor, cut.rowsOf(partition));
      return cursor;
    },
    next: async (cursor) => {
      const rows = left.get(cursor) ?? 0;
      if (rows <= 0) return null;
      const chunk = await engine.next(cursor);
      left.set(cursor, rows - (chunk?.rowCount ?? 0));
      return chunk;
    },
    closeCursor: async (cursor) => {
      left.delete(cursor);
      await engine.closeCursor(cursor);
    },
  });
}
