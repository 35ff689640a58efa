// A DuckDB file as a target: staging tables, writers, finishing, the ledger. Engine thread; one instance, a
// connection for DDL and one for each writer.
import { rmSync } from 'node:fs';
import duckdb from '@duckdb/node-bindings';
import type { Chunk, ChunkForm } from '../../batch/chunk.ts';
import { failpoint } from '../../errors/failpoint.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { FileLocation } from '../../types/location.ts';
import type { RejectedRows } from '../../types/reject.ts';
import type { NotCarried, TableName, TableSchema } from '../../types/schema.ts';
import type {
  AppendCounts,
  LedgerEntry,
  Rollback,
  RunRecord,
  RunState,
  StagedRejecting,
  Swap,
  TableLoad,
  TargetEngine,
  TargetOptions,
  ViewLoad,
  Watermark,
} from '../dialect.ts';
import { Appends } from './appends.ts';
import { readCatalog } from './catalog.ts';
import { ChunkFunction } from './chunk-function.ts';
import { type Link, type OpenFile, openForLooking, openForWriting } from './connect.ts';
import { causeOf, errorClass, fromDuckdb } from './errors.ts';
import { type Finishing, finishTables } from './finish.ts';
import { finishWaiting } from './finish-waiting.ts';
import { InsertWriter } from './insert-writer.ts';
import { checkOldNames, readSwaps } from './keep-replaced.ts';
import { recordEnd, recordRun } from './ledger.ts';
import { makeViews } from './make-views.ts';
import { tableKey } from './order.ts';
import { checkPlaces } from './place.ts';
import { count, deleteRows, run } from './query.ts';
import { rejectStaged } from './reject-staged.ts';
import { RejectKeeper } from './rejects.ts';
import { quoteTable } from './sql-text.ts';
import { dropStaging, makeStaging } from './staging.ts';
import { rollbackTables, swapTables } from './swap.ts';
import { Threads } from './threads.ts';
import { type FillText, textFiller } from './vector-text.ts';
import { mustWait } from './waiting.ts';
import { readWatermarks } from './watermarks.ts';

/** @throws FerrowError of kind connect */
export async function openTarget(
  location: FileLocation,
  options: TargetOptions,
  rowsFrom: FileLocation | null,
): Promise<TargetEngine> {
  const file = options.readOnly ? await openForLooking(location) : await openForWriting(location, rowsFrom);
  return new DuckdbTarget(file, await file.connect(), location, options);
}

class DuckdbTarget extends RejectKeeper implements TargetEngine {
  readonly #writable: boolean;
  readonly #fillText: FillText;
  readonly #rows = new ChunkFunction();
  readonly #writers = new Map<number, InsertWriter>();
  readonly #appends = new Appends();
  /** Where rows wait for the tables that the run appends to, by their keys. */
  readonly #stagings = new Map<string, TableName>();
  /** Where sequences went that tables of the run made. */
  readonly #sequences = new Map<string, TableName>();
  readonly #threads = new Threads();
  #writerCount = 0;
  /** Something of the run stands: a file that Ferrow made stays. */
  #finished = false;
  #closed = false;

  constructor(file: OpenFile, main: Link, location: FileLocation, options: TargetOptions) {
    super(file, main, location);
    this.#writable = !options.readOnly;
    this.#fillText = textFiller(options.plainIo === true);
    if (this.#writable) this.#rows.register(main);
  }

  async beginRun(record: RunRecord): Promise<void> {
    await this.alone(() => recordRun(this.main, record));
  }

  async endRun(runId: string, state: RunState, resumable = false): Promise<void> {
    // First: on a full disk the end can't be recorded, and the file must stay all the same.
    if (state === 'done' || resumable) this.#finished = true;
    await this.alone(() => recordEnd(this.main, runId, state));
  }

  /** Everything that would stop a table from taking its place is found here, before a row moves. */
  prepare(loads: readonly TableLoad[]): Promise<void> {
    return this.alone(() => this.#prepare(loads));
  }

  async #prepare(loads: readonly TableLoad[]): Promise<void> {
    const live = await readCatalog(this.main, ['*']);
    checkPlaces(loads, live);
    const swapped = loads.filter((load) => load.mode === 'swap').map((load) => load.table);
    if (swapped.length > 0) checkOldNames(swapped, live.tables, await readSwaps(this.main));
    await this.takeUp(loads);
    for (const load of loads) this.#stagings.set(tableKey(load.table), load.staging);
    await makeStaging(this.main, loads, this.file.path);
  }

  async takeUp(loads: readonly TableLoad[]): Promise<void> {
    this.#appends.expect(loads);
  }

  async form(): Promise<ChunkForm> {
    return 'vectors';
  }

  async openWriter(load: TableLoad): Promise<number> {
    await this.main.memory.makeRoomForColumns(this.main, load.columns.length);
    const link = this.idle.pop() ?? (await this.file.connect());
    let writer: InsertWriter;
    try {
      writer = new InsertWriter(link, load, this.#rows, this.#fillText);
    } catch (error) {
      this.idle.push(link);
      throw fromDuckdb(error, 'write', { table: load.table.name }, this.file.path);
    }
    await this.#threads.writerBegins(link);
    const number = ++this.#writerCount;
    this.#writers.set(number, writer);
    return number;
  }

  async write(writer: number, chunk: Chunk, entry: LedgerEntry): Promise<boolean> {
    const open = this.#writer(writer);
    await this.main.memory.makeRoom(open.link, open.staging, chunk.rowCount, chunk.byteLength);
    const wasAlone = !open.hasGroup;
    try {
      return await open.write(chunk, entry, this.file.path);
    } catch (error) {
      // Rolled back whole. For want of memory, if there is more to be had, it is tried again: here where no other chunk went with
      // it, else by whoever can read the chunks of the group once more.
      if (!(await hasMoreRoom(open.link, error)) || !wasAlone) throw error;
      const isLarge = await open.write(chunk, entry, this.file.path);
      await this.main.memory.giveBack(this.main, chunk.byteLength);
      return isLarge;
    }
  }

  async commit(writer: number, end?: LedgerEntry): Promise<number> {
    const open = this.#writer(writer);
    try {
      return await open.commit(this.file.path, end);
    } catch (error) {
      await hasMoreRoom(open.link, error);
      throw error;
    }
  }

  async closeWriter(writer: number): Promise<void> {
    const open = this.#writers.get(writer);
    if (!open) return;
    this.#writers.delete(writer);
    await open.close();
    await this.#threads.writerEnds(open.link);
    this.idle.push(open.link);
  }

  #writer(number: number): InsertWriter {
    const writer = this.#writers.get(number);
    if (!writer) throw new FerrowError('E_INTERNAL', `writer ${number} is not open`);
    return writer;
  }

  countStaged(load: TableLoad): Promise<number> {
    return this.alone(() =>
      count(this.main, `SELECT count(*) FROM ${quoteTable(load.staging)}`, [], 'write'),
    );
  }

  /** Some tables wait for finishRun: see waiting.ts. */
  finishTable(load: TableLoad): Promise<NotCarried[]> {
    return this.alone(() => this.#finishTable(load));
  }

  async #finishTable(load: TableLoad): Promise<NotCarried[]> {
    if (load.mode === 'append') {
      const behind = await this.#appends.finish(this.main, load);
      this.#finished ||= behind !== null;
      return behind ?? [];
    }
    if (await mustWait(this.main, load)) return [];
    const lost = await finishTables(this.#finishing, [load]);
    this.#finished = true;
    return lost;
  }

  rejectStaged(load: TableLoad, rejecting: StagedRejecting): Promise<RejectedRows> {
    return this.alone(() => rejectStaged(this.main, load, rejecting, this.#stagings));
  }

  finishRun(loads: readonly TableLoad[]): Promise<NotCarried[]> {
    return this.alone(() => this.#finishRun(loads));
  }

  async #finishRun(loads: readonly TableLoad[]): Promise<NotCarried[]> {
    const lost = await finishWaiting(this.#finishing, loads, this.#appends);
    if (loads.length > 0) this.#finished = true;
    failpoint('run.finishing');
    await run(this.main, 'CHECKPOINT');
    return lost;
  }

  async appended(load: TableLoad): Promise<AppendCounts | null> {
    return this.#appends.counts(load);
  }

  watermarks(source: string): Promise<Watermark[]> {
    return this.alone(() => readWatermarks(this.main, source));
  }

  deleteRows(table: TableSchema, condition: string): Promise<number> {
    return this.alone(() => deleteRows(this.main, table, condition));
  }

  get #finishing(): Finishing {
    return { link: this.main, path: this.file.path, sequences: this.#sequences };
  }

  async swapTables(loads: readonly TableLoad[], runId: string): Promise<Swap> {
    const swap = await this.alone(() => swapTables(this.#finishing, loads, runId));
    this.#finished = true;
    return swap;
  }

  rollbackTables(run: string | null, id: string): Promise<Rollback> {
    return this.alone(() => rollbackTables(this.#finishing, { run, id }));
  }

  makeViews(views: readonly ViewLoad[], replace: boolean): Promise<NotCarried[]> {
    return this.alone(async () => {
      const left = await makeViews(this.main, views, replace);
      await run(this.main, 'CHECKPOINT');
      return left;
    });
  }

  /** Such a load commits in groups, with the rejects of each. */
  async keepRejects(): Promise<void> {}

  async abandon(loads: readonly TableLoad[]): Promise<void> {
    await this.alone(() => dropStaging(this.main, loads));
  }

  async interrupt(): Promise<void> {
    duckdb.interrupt(this.main.handle);
    this.reads.interrupt();
    for (const writer of this.#writers.values()) duckdb.interrupt(writer.link.handle);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.interrupt();
    await this.turn;
    // An insert under way calls this thread for its rows: it must be over before closing blocks the thread.
    for (const writer of this.#writers.values()) await writer.close();
    this.#writers.clear();
    if (this.#writable) {
      await run(this.main, 'ROLLBACK').catch(() => {});
      await run(this.main, 'CHECKPOINT').catch(() => {});
    }
    this.file.close();
    if (!this.file.made || this.#finished) return;
    for (const path of [this.file.path, `${this.file.path}.wal`]) rmSync(path, { force: true });
  }
}

/** After an error: whether it was for want of memory, and there is more now. */
async function hasMoreRoom(link: Link, error: unknown): Promise<boolean> {
  const kind = errorClass(causeOf(error));
  // A commit that finds no memory is of DuckDB's class for all failed commits.
  return (kind === 'Out of Memory' || kind === 'TransactionContext') && (await link.memory.double(link));
}
