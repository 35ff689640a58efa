// A SQLite database as a target: one connection that writes, staging tables, a ledger. Engine thread.
import type { Chunk, TargetForm } from '../../batch/chunk.ts';
import { failpoint } from '../../errors/failpoint.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { FileLocation } from '../../types/location.ts';
import type { NotCarried, TableSchema } from '../../types/schema.ts';
import type {
  AppendCounts,
  LedgerEntry,
  Rollback,
  RunRecord,
  RunState,
  Swap,
  TableLoad,
  TargetEngine,
  TargetOptions,
  ViewLoad,
  Watermark,
} from '../dialect.ts';
import { OWN_PREFIX } from './catalog.ts';
import {
  type Connection,
  fileExists,
  openNothing,
  openReading,
  openWriting,
  removeDatabase,
} from './connect.ts';
import { deleteRows } from './delete-rows.ts';
import { checkForeignKeys, finishTable, setSequences } from './finish.ts';
import { removeLeftImages } from './image-target.ts';
import { TableWriter } from './insert-target.ts';
import { RejectKeeper } from './rejects.ts';
import { quote } from './sql-names.ts';
import { makeStaging } from './staging.ts';
import { checkOldName, rollbackTables, swapTables } from './swap.ts';
import { makeViews } from './views.ts';
import { readWatermarks } from './watermarks.ts';
import type { ChunkRecord } from './write-group.ts';

/** Opens the file and makes it if need be; read-only, a missing file is an empty database. @throws FerrowError */
export async function openTarget(location: FileLocation, options: TargetOptions): Promise<TargetEngine> {
  if (!options.readOnly) {
    const connection = openWriting(location);
    removeLeftImages(location.path);
    return new SqliteTarget(connection, true, options.plainIo ?? false);
  }
  const connection = fileExists(location.path) ? openReading(location, false) : openNothing(location);
  return new SqliteTarget(connection, false, options.plainIo ?? false);
}

class SqliteTarget extends RejectKeeper implements TargetEngine {
  readonly #writers = new Map<number, TableWriter>();
  /** Checks that SQLite did not take when the staging table was made, by load. */
  readonly #refusedChecks = new Map<string, NotCarried[]>();
  /** What became of staged rows that could meet live ones, by load. */
  readonly #counted = new Map<string, AppendCounts>();
  #record: ((entry: LedgerEntry) => ChunkRecord) | null = null;
  #lastWriter = 0;
  /** A table took its own name, or the run ended well: the file stays. */
  #worthKeeping = false;
  #failed = false;
  #closed = false;

  constructor(connection: Connection, writable: boolean, plainIo: boolean) {
    super(connection, writable, plainIo);
    // Renaming must leave views and the foreign keys of other tables alone.
    if (writable) connection.db.pragma('legacy_alter_table = ON');
    // Rows of the source that break a CHECK arrive, and are counted when the table is whole.
    if (writable) connection.db.pragma('ignore_check_constraints = ON');
  }

  async beginRun(run: RunRecord): Promise<void> {
    this.guard('write', {}, () => {
      this.ledger.begin(run);
      this.#record = this.ledger.recorder();
    });
  }

  async endRun(runId: string, state: RunState, resumable = false): Promise<void> {
    if (state === 'done' || resumable) this.#worthKeeping = true;
    this.#failed = state === 'failed' && !resumable;
    this.guard('write', {}, () => this.ledger.end(runId, state));
  }

  async prepare(loads: readonly TableLoad[]): Promise<void> {
    const { db } = this.connection;
    this.guard('ddl', {}, () => db.exec('BEGIN IMMEDIATE'));
    try {
      const now = loads.filter((load) => !load.transactional);
      for (const load of now) {
        if (load.mode === 'swap') checkOldName(db, load);
        this.#makeStaging(load);
      }
      this.guard('ddl', {}, () => {
        this.ledger.prepare(now);
        failpoint('prepare.made');
        db.exec('COMMIT');
      });
    } finally {
      if (db.inTransaction) db.exec('ROLLBACK');
    }
  }

  #makeStaging(load: TableLoad): void {
    const { db } = this.connection;
    this.guard('ddl', { table: load.table.name }, () => {
      db.exec(`DROP TABLE IF EXISTS ${quote(load.staging.name)}`);
      this.#refusedChecks.set(load.id, makeStaging(db, load));
    });
  }

  /** The transaction of a load that is one: it goes on until the table has its name. One at a time. */
  #hold(load: TableLoad): void {
    if (!load.transactional || this.held.is(load)) return;
    this.held.begin(load);
    this.#makeStaging(load);
    this.guard('ddl', {}, () => this.ledger.prepare([load]));
  }

  /**
   * Which checks SQLite does not take is found out once more, by tables that are taken back. A file that the run had made is
   * written without waiting for the disk: if the machine has died since, it may be damaged.
   */
  async takeUp(loads: readonly TableLoad[]): Promise<void> {
    const { db } = this.connection;
    this.guard('ddl', {}, () => {
      const found = db.pragma('quick_check(1)', { simple: true });
      if (found !== 'ok') {
        throw new FerrowError('E_CORRUPT', `the target file is damaged: ${String(found)}`, {
          dialect: 'sqlite',
          hint: 'remove the file, or put a sound copy in its place, and migrate anew',
        });
      }
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const load of loads) {
          const staging = { ...load.staging, name: `${load.staging.name}_checks` };
          this.#refusedChecks.set(load.id, makeStaging(db, { ...load, staging }));
        }
      } finally {
        db.exec('ROLLBACK');
      }
    });
  }

  async form(load: TableLoad): Promise<TargetForm> {
    return this.plainIo ? 'columns' : new TableWriter(this.connection, load).form;
  }

  async openWriter(load: TableLoad): Promise<number> {
    this.#hold(load);
    this.#writers.set(++this.#lastWriter, new TableWriter(this.connection, load));
    return this.#lastWriter;
  }

  async write(writer: number, chunk: Chunk, entry: LedgerEntry): Promise<boolean> {
    const record = this.#record;
    if (!record) throw new FerrowError('E_INTERNAL', 'SQLite is written to outside of a run');
    return this.#writer(writer).write(chunk, record(entry));
  }

  async commit(writer: number, end?: LedgerEntry): Promise<number> {
    return this.#writer(writer).commit(end && this.#record?.(end));
  }

  async closeWriter(writer: number): Promise<void> {
    this.#writers.get(writer)?.undo();
    this.#writers.delete(writer);
  }

  #writer(number: number): TableWriter {
    const writer = this.#writers.get(number);
    if (!writer) throw new FerrowError('E_INTERNAL', `SQLite writer ${number} is not open`);
    return writer;
  }

  /** A table without rows has had no writer. */
  override async countStaged(load: TableLoad): Promise<number> {
    this.#hold(load);
    return super.countStaged(load);
  }

  async finishTable(load: TableLoad): Promise<NotCarried[]> {
    await this.reads.end();
    this.#hold(load);
    const refused = this.#refusedChecks.get(load.id) ?? [];
    const isRefused = (name: string) => refused.some((check) => check.name === name);
    const checks = load.table.checks.filter(({ name, expression }) => !isRefused(name ?? expression));
    const whole = { ...load, table: { ...load.table, checks } };
    const finished = this.held.ending(load, () => finishTable(this.connection.db, whole));
    if (finished.counts) this.#counted.set(load.id, finished.counts);
    if (load.mode !== 'swap') this.#worthKeeping = true;
    return [...refused, ...finished.notCarried];
  }

  async swapTables(loads: readonly TableLoad[], runId: string): Promise<Swap> {
    await this.reads.end();
    const swap = swapTables(this.connection.db, loads, runId);
    this.#worthKeeping = true;
    return swap;
  }

  async rollbackTables(run: string | null, id: string): Promise<Rollback> {
    return rollbackTables(this.connection.db, run, id);
  }

  async finishRun(loads: readonly TableLoad[]): Promise<NotCarried[]> {
    const { db } = this.connection;
    return this.guard('write', {}, () => {
      // From here on commits are flushed: what endRun writes takes with it all that came before.
      db.pragma('synchronous = FULL');
      db.transaction(() =>
        setSequences(
          db,
          loads.filter(({ mode }) => mode !== 'append').map(({ table }) => table),
        ),
      ).immediate();
      failpoint('run.finishing');
      const checked = loads.filter(({ parts, table }) => parts.foreignKeys && table.foreignKeys.length > 0);
      const broken = checked.flatMap(({ table }) => checkForeignKeys(db, table));
      if (db.pragma('journal_mode', { simple: true }) === 'wal') db.pragma('wal_checkpoint(TRUNCATE)');
      return broken;
    });
  }

  async appended(load: TableLoad): Promise<AppendCounts | null> {
    return this.#counted.get(load.id) ?? null;
  }

  async watermarks(source: string): Promise<Watermark[]> {
    return this.guard('write', {}, () => readWatermarks(this.connection.db, source));
  }

  async deleteRows(table: TableSchema, condition: string): Promise<number> {
    const { db } = this.connection;
    return this.guard('write', { table: table.name }, () => deleteRows(db, table, condition));
  }

  async makeViews(views: readonly ViewLoad[], replace: boolean): Promise<NotCarried[]> {
    return this.guard('ddl', {}, () => makeViews(this.connection.db, views, replace));
  }

  async keepRejects(load: TableLoad): Promise<void> {
    if (!this.held.is(load)) return;
    await this.reads.end();
    try {
      this.held.ending(load, () => {
        this.connection.db.exec(`DROP TABLE ${quote(load.staging.name)}`);
        this.ledger.dropLoad(load);
      });
    } catch {
      this.held.undo();
    }
  }

  async abandon(loads: readonly TableLoad[]): Promise<void> {
    await this.reads.end();
    this.held.undo();
    const { db } = this.connection;
    this.guard('ddl', {}, () => {
      db.transaction(() => {
        for (const { staging } of loads) db.exec(`DROP TABLE IF EXISTS ${quote(staging.name)}`);
        this.ledger.forgetLoads(loads);
      })();
    });
  }

  /** No call takes long enough to be worth breaking off: a chunk in flight is finished. */
  async interrupt(): Promise<void> {}

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.reads.end();
    const { db, created, location } = this.connection;
    const remove = this.writable && created && !this.#worthKeeping && this.#holdsOnlyOwn();
    try {
      if (db.inTransaction) db.exec('ROLLBACK');
      if (this.#failed && !this.#worthKeeping && !remove) this.ledger.removeIfMade();
    } catch {
      // What is left is Ferrow's own and small.
    }
    this.connection.close();
    if (remove) removeDatabase(location.path);
  }

  #holdsOnlyOwn(): boolean {
    try {
      const names = this.connection.db
        .prepare<[], string>(`SELECT tbl_name FROM sqlite_schema`)
        .pluck()
        .all();
      return names.every((name) => name.startsWith(OWN_PREFIX) || name.startsWith('sqlite_'));
    } catch {
      return false;
    }
  }
}
