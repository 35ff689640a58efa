// Moves the rows of a plan: lanes take partitions from one list, each partition through reader -> crossing ->
// writer. A table that fails never stops the others.
import type { RunRecord, RunState } from '../dialect/dialect.ts';
import { failpoint } from '../errors/failpoint.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { ByteGate } from '../stream/byte-gate.ts';
import { CrossingShare, type Crossings } from '../threads/crossing-share.ts';
import type { NotCarried } from '../types/schema.ts';
import { insist } from './insist.ts';
import { keptTables } from './kept-tables.ts';
import { flightBytes } from './limits.ts';
import { LossBook } from './loss-book.ts';
import { makeViews } from './make-views.ts';
import { failureOf, PartitionMover } from './partition-mover.ts';
import { prepareTables } from './prepare-tables.ts';
import { startPulse } from './pulse.ts';
import { settleRejects } from './reject-book.ts';
import { finishLeavingOut, finishRunLeavingOut } from './reject-staged.ts';
import type { Warning } from './report.ts';
import { beginsAnew, type TransferRequest } from './request.ts';
import { onceOnly, withRetries } from './retry.ts';
import type { Session } from './session.ts';
import { swapTables } from './swap-tables.ts';
import { checkKeys, isOfKeys, keyPair } from './sync-keys.ts';
import { makeTableRun, type TableRun } from './table-run.ts';
import { giveWay } from './unfinished.ts';
import { hasFigures, measureSource } from './verify-figures.ts';
import { verifyLoaded } from './verify-load.ts';
import { lanesOf, type PartitionTask, type Work } from './work.ts';

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
  readonly #work: Work;
  readonly #gate: ByteGate;
  readonly #pool: Crossings;
  /** While rows are only read back, there is work for one thread more. */
  readonly #verifyPool: Crossings;
  readonly #tables: TableRun[];
  readonly #notCarried: NotCarried[] = [];
  readonly #losses = new LossBook();
  readonly #mover: PartitionMover;
  /** Set at the end: the run left something to carry on with. */
  resumable = false;
  /** The ledger has the run for certain. */
  begun = false;
  /** The file of the rejected rows, when it is written. */
  rejectsFile: string | null = null;
  /** What went wrong beside the tables themselves. */
  readonly warnings: Warning[] = [];

  constructor(session: Session, request: TransferRequest, work: Work) {
    this.#session = session;
    this.#request = request;
    this.#work = work;
    const { workers, verify } = request.options;
    this.#gate = new ByteGate(flightBytes(workers));
    this.#verifyPool = session.pool;
    this.#pool = verify === 'full' ? new CrossingShare(session.pool, workers) : session.pool;
    const [gate, pool, losses] = [this.#gate, this.#pool, this.#losses];
    this.#mover = new PartitionMover({ session, request, work, gate, pool, losses });
    this.#tables = work.tables.map((table) => makeTableRun(session, work.runId, table, request.options));
    for (const table of this.#tables) this.#mover.bookLosses(table, table.work.done.notes);
  }

  /** Runs to the end, good or bad; throws only what concerns the run as a whole. */
  async run(record: RunRecord): Promise<Loaded> {
    const { engine } = this.#session.target;
    const pulse = startPulse(this.#request, this.#gate, this.#pool);
    let state: RunState = 'failed';
    try {
      await engine.beginRun(record);
      this.begun = true;
      await this.#prepare();
      await this.#moveAll();
      this.#request.signal.throwIfAborted();
      if (this.#request.options.strategy === 'blue-green') await this.#swap(record.runId);
      const tables = this.#tables.filter((table) => !isOfKeys(table));
      this.#phase('building foreign keys', null);
      const ended = await finishRunLeavingOut(engine, tables, this.#request, record.runId);
      this.#notCarried.push(...ended);
      const finished = tables.filter((table) => table.finished);
      for (const table of finished) table.conflicts = await engine.appended(table.plan.load);
      const views = await this.#makeViews();
      failpoint('run.finished');
      if (this.#tables.every((table) => table.finished)) state = 'done';
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

  /** All tables or none. */
  async #swap(runId: string): Promise<void> {
    this.#phase('swapping tables', null);
    const { engine, dialect } = this.#session.target;
    const swapped = await swapTables(engine, dialect, this.#tables, this.#request, runId);
    this.#notCarried.push(...swapped.notCarried);
    this.warnings.push(...swapped.warnings);
  }

  async #makeViews(): Promise<readonly string[]> {
    const { views, epoch } = this.#work;
    if (views.length === 0) return [];
    this.#phase('making views', null);
    // Of a run that is carried on they may be there already.
    const replace = this.#request.options.ifExists === 'replace' || epoch > 1;
    const { made, notCarried } = await makeViews(this.#session.target.engine, views, replace);
    this.#notCarried.push(...notCarried);
    return made;
  }

  get tables(): readonly TableRun[] {
    return this.#tables.filter((table) => !isOfKeys(table));
  }

  get #unfinished(): readonly TableRun[] {
    return this.#tables.filter((table) => !table.finished);
  }

  async #prepare(): Promise<void> {
    const { engine } = this.#session.target;
    const state = (wanted: TableRun['work']['state']) =>
      this.#tables.filter((table) => table.work.state === wanted);
    const loading = state('loading');
    if (loading.length > 0) await engine.takeUp(loading.map((table) => table.plan.load));
    const fresh = state('new');
    // What an attempt before has left of them is no part of this one.
    if (this.#work.epoch > 1 && fresh.length > 0) await engine.abandon(fresh.map((table) => table.plan.load));
    if (fresh.length > 0) await prepareTables(engine, fresh, this.#request.signal);
    await giveWay(
      engine,
      fresh.map((table) => table.plan.load.table),
      this.#work,
    );
  }

  /**
   * Clears away what can't be carried on; what can stays, for `ferrow resume`. Its own failure must not hide the run's.
   */
  async #leave(runId: string, state: RunState): Promise<void> {
    const { engine } = this.#session.target;
    const left = state === 'done' ? [] : this.#tables.filter((table) => table.error || !table.finished);
    const isAnew = beginsAnew(this.#request);
    const kept = isAnew ? [] : keptTables(left, this.#tables);
    const given = left.filter((table) => !kept.includes(table));
    this.resumable = kept.length > 0 || (!isAnew && left.length > 0 && left.length < this.#tables.length);
    // While the rejects of tables that are given up are still there.
    const settled = await settleRejects(engine, this.#request, runId, this.#tables, !this.resumable);
    this.warnings.push(...settled.warnings);
    this.rejectsFile = settled.file;
    const find = async () => (await engine.readRuns()).find((run) => run.runId === runId);
    try {
      await insist(async () => {
        const before = left.length > 0 ? await find() : undefined;
        // It is another process's now, with all that it has in the target.
        if (before && before.epoch !== this.#work.epoch) return;
        if (given.length > 0) await engine.abandon(given.map((table) => table.plan.load));
        // The ledger knows which tables stand, whatever became of them here.
        const own = left.length > 0 ? await find() : undefined;
        if (own) this.resumable = !isAnew && own.tables.some((table) => table.state !== 'dropped');
        await engine.endRun(runId, state, this.resumable);
      });
    } catch (error) {
      // Recorded or not: the engine must know that a file which holds something stays.
      await engine.endRun(runId, state, this.resumable).catch(() => {});
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
    const work: { table: TableRun; task: PartitionTask }[] = [];
    for (const table of this.#unfinished) {
      if (table.error) continue;
      table.form = await this.#session.target.engine.form(table.plan.load);
      const tasks = table.work.tasks.filter(({ done }) => !done.isOver);
      table.partitionsLeft = tasks.length;
      for (const task of tasks) work.push({ table, task });
    }
    // Largest first, so that the last one running is a small one.
    const rowsOf = ({ task }: (typeof work)[number]) => task.partition.estimatedRows ?? 0;
    work.sort((a, b) => rowsOf(b) - rowsOf(a));
    for (const table of this.#unfinished) if (table.partitionsLeft === 0) await this.#finishWhole(table);
    const lane = async () => {
      for (let next = work.shift(); next; next = work.shift()) {
        if (this.#request.signal.aborted) return;
        this.#beginFigures(next.table);
        await this.#mover.move(next.table, next.task);
        if (--next.table.partitionsLeft === 0) await this.#finishWhole(next.table);
      }
    };
    await Promise.all(Array.from({ length: lanesOf(this.#session, this.#request.options) }, lane));
  }

  /** What a full verification will ask of the source can be had while its rows move. */
  #beginFigures(table: TableRun): void {
    const isWanted = this.#request.options.verify === 'full' && table.sourceRows !== null;
    if (isWanted && hasFigures(table)) measureSource(table, this.#session.source);
  }

  /** Rows, and the keys by which others are deleted, take their place together, when both have arrived. */
  async #finishWhole(table: TableRun): Promise<void> {
    const pair = keyPair(this.#tables, table);
    if (!pair) return this.#finishTable(table);
    const { rows, keys } = pair;
    if (rows.finished || rows.error || rows.partitionsLeft > 0 || keys.partitionsLeft > 0) return;
    const { engine } = this.#session.target;
    await checkKeys(rows, keys, engine, this.#request);
    await this.#finishTable(rows);
    if (rows.error) keys.fail(rows.error);
  }

  async #finishTable(table: TableRun): Promise<void> {
    table.begin();
    try {
      if (!table.error && !this.#request.signal.aborted) {
        const tried = { table: table.name, ...onceOnly(table.plan.load) };
        await withRetries(this.#request, tried, () => this.#verify(table));
        this.#phase(`building keys and indexes of ${table.name}`, table.name);
        const notCarried = await this.#takeName(table);
        this.#notCarried.push(...notCarried.map((each) => ({ ...each, table: table.name })));
        failpoint('table.finished');
        table.finished = true;
        this.#losses.settle(table.plan, table.rows);
      }
    } catch (error) {
      table.fail(failureOf(error, table, this.#request));
    }
    if (table.error) await this.#session.target.engine.keepRejects(table.plan.load);
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

  /** All or nothing in one transaction; where the answer to its commit was lost the ledger knows. */
  async #takeName(table: TableRun): Promise<NotCarried[]> {
    const { engine } = this.#session.target;
    const { runId, id } = table.plan.load;
    let isDone = false;
    const again = async () => {
      await engine.readChunks(runId);
      const run = (await engine.readRuns()).find((each) => each.runId === runId);
      isDone = run?.tables.find((each) => each.id === id)?.state === 'finished';
    };
    const tried = { table: table.name, again, ...onceOnly(table.plan.load) };
    return withRetries(this.#request, tried, async () =>
      isDone ? [] : finishLeavingOut(engine, table, this.#request, runId),
    );
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

  #phase(what: string, table: string | null): void {
    this.#request.events.emit('phase', { what, table });
  }
}
