// Moves the rows of a plan: lanes take partitions from one list, each partition through reader -> crossing ->
// writer. A table that fails never stops the others.
import { pipeline } from 'node:stream/promises';
import type { Partition, RunRecord } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Stage } from '../metrics/events.ts';
import { ByteGate, GateAccount } from '../stream/byte-gate.ts';
import { type CrossedChunk, crossingStage } from '../stream/crossing-stage.ts';
import { readerStream } from '../stream/reader-stream.ts';
import { WriterStream } from '../stream/writer-stream.ts';
import { CrossingShare, type Crossings } from '../threads/crossing-share.ts';
import type { NotCarried } from '../types/schema.ts';
import type { Analysis } from './analyse.ts';
import { insist } from './insist.ts';
import { LossBook } from './loss-book.ts';
import { makeViews } from './make-views.ts';
import { flightBytes } from './options.ts';
import { prepareTables } from './prepare-tables.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import type { Session } from './session.ts';
import { makeTableRun, type TableRun } from './table-run.ts';
import { verifyLoaded } from './verify-load.ts';

/** What a load leaves behind for the report. */
export interface Loaded {
  readonly tables: readonly TableRun[];
  readonly notCarried: readonly NotCarried[];
  readonly losses: LossBook;
  /** Display names of the views that were made. */
  readonly views: readonly string[];
}

export class Load {
  readonly #session: Session;
  readonly #request: TransferRequest;
  readonly #analysis: Analysis;
  readonly #gate: ByteGate;
  readonly #pool: Crossings;
  /** While rows are only read back, there is work for one thread more. */
  readonly #verifyPool: Crossings;
  readonly #tables: TableRun[];
  readonly #notCarried: NotCarried[] = [];
  readonly #losses = new LossBook();
  /** What went wrong beside the tables themselves. */
  readonly warnings: Warning[] = [];

  constructor(session: Session, request: TransferRequest, analysis: Analysis) {
    this.#session = session;
    this.#request = request;
    this.#analysis = analysis;
    const { workers, verify } = request.options;
    this.#gate = new ByteGate(flightBytes(workers));
    this.#verifyPool = session.pool;
    this.#pool = verify === 'full' ? new CrossingShare(session.pool, workers) : session.pool;
    this.#tables = analysis.plan.tables.map((plan) => makeTableRun(session, analysis, plan, verify));
  }

  /** Runs to the end, good or bad; throws only what concerns the run as a whole. */
  async run(record: RunRecord): Promise<Loaded> {
    const { engine } = this.#session.target;
    const pulse = this.#startPulse();
    let state: RunRecord['state'] = 'failed';
    try {
      await engine.beginRun(record);
      await prepareTables(engine, this.#tables, this.#request.signal);
      if (this.#request.options.schemaOnly) for (const table of this.#tables) await this.#finishTable(table);
      else await this.#moveAll();
      this.#request.signal.throwIfAborted();
      const finished = this.#tables.filter((table) => table.finished);
      this.#phase('building foreign keys', null);
      this.#notCarried.push(...(await engine.finishRun(finished.map((table) => table.plan.load))));
      const views = await this.#makeViews();
      if (finished.length === this.#tables.length) state = 'done';
      return { tables: this.#tables, notCarried: this.#notCarried, losses: this.#losses, views };
    } catch (error) {
      if (this.#request.signal.aborted) state = 'interrupted';
      for (const table of this.#tables) table.fail(FerrowError.from(error, 'E_WRITE'));
      throw error;
    } finally {
      clearInterval(pulse);
      await this.#leave(record.runId, state);
    }
  }

  async #makeViews(): Promise<readonly string[]> {
    const { views } = this.#analysis.plan;
    if (views.length === 0) return [];
    this.#phase('making views', null);
    const replace = this.#request.options.ifExists === 'replace';
    const { made, notCarried } = await makeViews(this.#session.target.engine, views, replace);
    this.#notCarried.push(...notCarried);
    return made;
  }

  get tables(): readonly TableRun[] {
    return this.#tables;
  }

  /** Clears away what won't be finished. Its own failure must not hide the run's. */
  async #leave(runId: string, state: RunRecord['state']): Promise<void> {
    const { engine } = this.#session.target;
    const left = state === 'done' ? [] : this.#tables.filter((table) => table.error || !table.finished);
    try {
      await insist(async () => {
        if (left.length > 0) await engine.abandon(left.map((table) => table.plan.load));
        await engine.endRun(runId, state);
      });
    } catch (error) {
      const { message } = FerrowError.from(error);
      this.warnings.push({
        code: 'W_NOT_CLEANED',
        table: null,
        column: null,
        message: `staging tables named _ferrow_… may be left in the target: ${message}`,
      });
    }
  }

  async #moveAll(): Promise<void> {
    const work: { table: TableRun; partition: Partition }[] = [];
    for (const table of this.#tables) {
      if (table.error) continue;
      table.form = await this.#session.target.engine.form(table.plan.load);
      table.partitions = await this.#session.source.engine.partitions(table.read, this.#lanes * 4);
      table.partitionsLeft = table.partitions.length;
      for (const partition of table.partitions) work.push({ table, partition });
    }
    // Largest first, so that the last one running is a small one.
    work.sort((a, b) => (b.partition.estimatedRows ?? 0) - (a.partition.estimatedRows ?? 0));
    for (const table of this.#tables) if (table.partitionsLeft === 0) await this.#finishTable(table);
    const lane = async () => {
      for (let task = work.shift(); task; task = work.shift()) {
        if (this.#request.signal.aborted) return;
        await this.#movePartition(task.table, task.partition);
        if (--task.table.partitionsLeft === 0) await this.#finishTable(task.table);
      }
    };
    await Promise.all(Array.from({ length: this.#lanes }, lane));
  }

  /** Partitions that move at once. */
  get #lanes(): number {
    const { source, target } = this.#session;
    return Math.max(
      1,
      Math.min(
        this.#request.options.connections,
        source.dialect.quirks.readersMax,
        target.dialect.quirks.writersMax,
      ),
    );
  }

  async #movePartition(table: TableRun, partition: Partition): Promise<void> {
    if (table.error) return;
    const { source, target } = this.#session;
    const { load } = table.plan;
    table.begin();
    const account = new GateAccount(this.#gate);
    // The pipeline ends with the run, and with the table when one of its other partitions fails.
    const { signal } = this.#request;
    try {
      const writer = await target.engine.openWriter(load);
      try {
        const { runId } = this.#analysis;
        const entry = { runId, tableId: load.id, partitionId: partition.id, epoch: 1, attempt: 1 };
        const sink = new WriterStream(target.engine, writer, {
          gate: account,
          entry,
          onCommit: (crossed, bytes, seconds) => this.#onCommit(table, crossed, bytes, seconds),
        });
        const chunks = readerStream(source.engine, table.read, partition, {
          gate: account,
          signal,
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
    } catch (error) {
      table.fail(this.#asError(error, table));
    } finally {
      account.close();
    }
  }

  #asError(error: unknown, table: TableRun): FerrowError {
    if (this.#request.signal.aborted)
      return new FerrowError('E_CANCELLED', 'interrupted', { table: table.name });
    return FerrowError.from(error, 'E_WRITE', { table: table.name });
  }

  async #finishTable(table: TableRun): Promise<void> {
    const { engine } = this.#session.target;
    table.begin();
    try {
      if (!table.error && !this.#request.signal.aborted) {
        await this.#verify(table);
        this.#phase(`building keys and indexes of ${table.name}`, table.name);
        const notCarried = await engine.finishTable(table.plan.load);
        this.#notCarried.push(...notCarried.map((each) => ({ ...each, table: table.name })));
        table.finished = true;
        this.#losses.settle(table.plan, table.rows);
      }
    } catch (error) {
      table.fail(this.#asError(error, table));
    }
    table.end();
    const { success, migratedRows, rejectedRows, elapsedSeconds, error } = table.result();
    this.#request.events.emit('table', {
      table: table.name,
      success,
      rows: migratedRows,
      rejectedRows,
      elapsedSeconds,
      error,
    });
  }

  async #verify(table: TableRun): Promise<void> {
    const { signal, options } = this.#request;
    const { verify, schemaOnly, connections } = options;
    if (schemaOnly) return;
    if (verify === 'full') this.#phase(`verifying ${table.name}`, table.name);
    await verifyLoaded(table, {
      session: this.#session,
      level: verify,
      pool: this.#verifyPool,
      gate: this.#gate,
      connections,
      signal,
    });
  }

  #onRead(table: TableRun, rows: number, bytes: number, seconds: number): void {
    table.readRows += rows;
    this.#request.events.emit('read', { table: table.name, rows, bytes, seconds });
  }

  #onCommit(
    table: TableRun,
    { chunk, gateBytes, crossed }: CrossedChunk,
    bytesWritten: number,
    target: { readonly write: number; readonly commit: number },
  ): void {
    table.rows += chunk.rowCount;
    table.batches += 1;
    if (crossed?.digest) table.written.add(crossed.digest);
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

  #phase(what: string, table: string | null): void {
    this.#request.events.emit('phase', { what, table });
  }

  #startPulse(): NodeJS.Timeout {
    const beat = () => {
      this.#request.events.emit('pulse', {
        bytesInFlight: this.#gate.usedBytes,
        queueDepth: { decode: this.#pool.queued },
        workerUtilizationRatio: this.#pool.utilizationRatio,
        backpressureSeconds: { read: this.#gate.waitedSeconds },
      });
    };
    return setInterval(beat, 1000).unref();
  }
}
