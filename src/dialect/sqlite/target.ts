// A SQLite database as a target: one connection that writes, staging tables, a ledger. Engine thread.
import type { Batch } from '../../batch/batch.ts';
import type { Chunk, TargetForm } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { addMeanings } from '../../sql/meanings.ts';
import type { FileLocation } from '../../types/location.ts';
import type { DatabaseSchema, NotCarried, TableName, TableSchema } from '../../types/schema.ts';
import type {
  ColumnFigures,
  ColumnMeasure,
  LedgerEntry,
  Partition,
  ReadRequest,
  RunRecord,
  ServerInfo,
  TableLoad,
  TargetEngine,
  TargetOptions,
  ViewLoad,
} from '../dialect.ts';
import { OWN_PREFIX, readCatalog } from './catalog.ts';
import { execWithoutRefused } from './checks.ts';
import {
  type Connection,
  fileExists,
  openNothing,
  openReading,
  openWriting,
  removeDatabase,
} from './connect.ts';
import { createTable } from './create-table.ts';
import { sqliteError } from './errors.ts';
import { checkForeignKeys, finishTable, setSequences } from './finish.ts';
import { catalogOf, countRows, describe, sample } from './handle.ts';
import { TableWriter } from './insert-target.ts';
import { Ledger } from './ledger.ts';
import { measure } from './measures.ts';
import { quote } from './sql-names.ts';
import { sqliteWords } from './sql-words.ts';
import { StagedReads } from './staged-reads.ts';
import { makeViews } from './views.ts';
import type { ChunkRecord } from './write-group.ts';

/** Opens the file and makes it if need be; read-only, a missing file is an empty database. @throws FerrowError */
export async function openTarget(location: FileLocation, options: TargetOptions): Promise<TargetEngine> {
  if (!options.readOnly) return new SqliteTarget(openWriting(location), true, options.plainIo ?? false);
  const connection = fileExists(location.path) ? openReading(location, false) : openNothing(location);
  return new SqliteTarget(connection, false, options.plainIo ?? false);
}

class SqliteTarget implements TargetEngine {
  readonly #connection: Connection;
  readonly #writable: boolean;
  readonly #plainIo: boolean;
  readonly #ledger: Ledger;
  readonly #reads: StagedReads;
  readonly #writers = new Map<number, TableWriter>();
  /** Checks that SQLite did not take when the staging table was made, by load. */
  readonly #refusedChecks = new Map<string, NotCarried[]>();
  #record: ((entry: LedgerEntry) => ChunkRecord) | null = null;
  #lastWriter = 0;
  /** A table took its own name, or the run ended well: the file stays. */
  #worthKeeping = false;
  #failed = false;
  #closed = false;

  constructor(connection: Connection, writable: boolean, plainIo: boolean) {
    this.#connection = connection;
    this.#writable = writable;
    this.#plainIo = plainIo;
    this.#ledger = new Ledger(connection.db);
    this.#reads = new StagedReads(connection, plainIo);
    // Renaming must leave views and the foreign keys of other tables alone.
    if (writable) connection.db.pragma('legacy_alter_table = ON');
    // Rows of the source that break a CHECK arrive, and are counted when the table is whole.
    if (writable) connection.db.pragma('ignore_check_constraints = ON');
  }

  async describe(): Promise<ServerInfo> {
    return describe(this.#connection, this.#writable);
  }

  async catalog(): Promise<DatabaseSchema> {
    return addMeanings(catalogOf(this.#connection), sqliteWords);
  }

  async countRows(table: TableName, where: string | null): Promise<number> {
    return countRows(this.#connection, table, where);
  }

  async measure(
    table: TableSchema,
    columns: readonly ColumnMeasure[],
    where: string | null,
  ): Promise<ColumnFigures[]> {
    return measure(this.#connection, table, columns, where);
  }

  async sample(table: TableSchema, limit: number): Promise<Batch> {
    return sample(this.#connection, table, limit);
  }

  async beginRun(run: RunRecord): Promise<void> {
    this.#guard('write', {}, () => {
      this.#ledger.begin(run);
      this.#record = this.#ledger.recorder();
    });
  }

  async endRun(runId: string, state: RunRecord['state']): Promise<void> {
    if (state === 'done') this.#worthKeeping = true;
    this.#failed = state === 'failed';
    this.#guard('write', {}, () => this.#ledger.end(runId, state));
  }

  async prepare(loads: readonly TableLoad[]): Promise<void> {
    const { db } = this.#connection;
    this.#guard('ddl', {}, () => db.exec('BEGIN IMMEDIATE'));
    try {
      for (const load of loads) {
        this.#guard('ddl', { table: load.table.name }, () => {
          db.exec(`DROP TABLE IF EXISTS ${quote(load.staging.name)}`);
          const refused = execWithoutRefused(db, load.table, (table) => stagingSql({ ...load, table }));
          this.#refusedChecks.set(load.id, refused);
        });
      }
      this.#guard('ddl', {}, () => db.exec('COMMIT'));
    } finally {
      if (db.inTransaction) db.exec('ROLLBACK');
    }
  }

  async form(load: TableLoad): Promise<TargetForm> {
    return this.#plainIo ? 'columns' : new TableWriter(this.#connection, load).form;
  }

  async openWriter(load: TableLoad): Promise<number> {
    this.#writers.set(++this.#lastWriter, new TableWriter(this.#connection, load));
    return this.#lastWriter;
  }

  async write(writer: number, chunk: Chunk, entry: LedgerEntry): Promise<boolean> {
    const record = this.#record;
    if (!record) throw new FerrowError('E_INTERNAL', 'SQLite is written to outside of a run');
    return this.#writer(writer).write(chunk, record(entry));
  }

  async commit(writer: number): Promise<number> {
    return this.#writer(writer).commit();
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

  async stagedTable({ staging }: TableLoad): Promise<TableSchema> {
    const { tables } = this.#guard('write', { table: staging.name }, () =>
      readCatalog(this.#connection.db, (name) => name === staging.name),
    );
    return tables[0];
  }

  partitions(request: ReadRequest, most: number): Promise<Partition[]> {
    return this.#reads.partitions(request, most);
  }

  openCursor(request: ReadRequest, partition: Partition): Promise<number> {
    return this.#reads.openCursor(request, partition);
  }

  next(cursor: number): Promise<Chunk | null> {
    return this.#reads.next(cursor);
  }

  closeCursor(cursor: number): Promise<void> {
    return this.#reads.closeCursor(cursor);
  }

  async countStaged(load: TableLoad): Promise<number> {
    return countRows(this.#connection, load.staging, null);
  }

  async finishTable(load: TableLoad): Promise<NotCarried[]> {
    await this.#reads.end();
    const refused = this.#refusedChecks.get(load.id) ?? [];
    const isRefused = (name: string) => refused.some((check) => check.name === name);
    const checks = load.table.checks.filter(({ name, expression }) => !isRefused(name ?? expression));
    const notCarried = finishTable(this.#connection.db, { ...load, table: { ...load.table, checks } });
    this.#worthKeeping = true;
    return [...refused, ...notCarried];
  }

  async finishRun(loads: readonly TableLoad[]): Promise<NotCarried[]> {
    const { db } = this.#connection;
    return this.#guard('write', {}, () => {
      // From here on commits are flushed: what endRun writes takes with it all that came before.
      db.pragma('synchronous = FULL');
      db.transaction(() =>
        setSequences(
          db,
          loads.filter(({ mode }) => mode !== 'append').map(({ table }) => table),
        ),
      ).immediate();
      const checked = loads.filter(({ parts, table }) => parts.foreignKeys && table.foreignKeys.length > 0);
      const broken = checked.flatMap(({ table }) => checkForeignKeys(db, table));
      if (db.pragma('journal_mode', { simple: true }) === 'wal') db.pragma('wal_checkpoint(TRUNCATE)');
      return broken;
    });
  }

  async makeViews(views: readonly ViewLoad[], replace: boolean): Promise<NotCarried[]> {
    return this.#guard('ddl', {}, () => makeViews(this.#connection.db, views, replace));
  }

  async abandon(loads: readonly TableLoad[]): Promise<void> {
    await this.#reads.end();
    const { db } = this.#connection;
    this.#guard('ddl', {}, () => {
      for (const { staging } of loads) db.exec(`DROP TABLE IF EXISTS ${quote(staging.name)}`);
    });
  }

  /** No call takes long enough to be worth breaking off: a chunk in flight is finished. */
  async interrupt(): Promise<void> {}

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#reads.end();
    const { db, created, location } = this.#connection;
    const remove = this.#writable && created && !this.#worthKeeping && this.#holdsOnlyOwn();
    try {
      if (db.inTransaction) db.exec('ROLLBACK');
      if (this.#failed && !this.#worthKeeping && !remove) this.#ledger.removeIfMade();
    } catch {
      // What is left is Ferrow's own and small.
    }
    this.#connection.close();
    if (remove) removeDatabase(location.path);
  }

  #holdsOnlyOwn(): boolean {
    try {
      const names = this.#connection.db
        .prepare<[], string>(`SELECT tbl_name FROM sqlite_schema`)
        .pluck()
        .all();
      return names.every((name) => name.startsWith(OWN_PREFIX) || name.startsWith('sqlite_'));
    } catch {
      return false;
    }
  }

  #guard<T>(doing: 'write' | 'ddl', place: { table?: string }, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, doing, place);
    }
  }
}

/** Rows to append wait in a table without keys: those of the live table judge them. */
function stagingSql({ table, staging, mode, columns, parts }: TableLoad): string {
  if (mode !== 'append') return createTable(table, staging.name, parts);
  const strict = table.tableFacts?.['strict'] === true;
  const items = columns.map(({ name }) => {
    const type = table.columns.find((column) => column.name === name)?.nativeType ?? '';
    // Outside of STRICT tables ANY would be NUMERIC.
    return `${quote(name)} ${strict && type.toUpperCase() === 'ANY' ? '' : type}`.trim();
  });
  return `CREATE TABLE ${quote(staging.name)} (${items.length > 0 ? items.join(', ') : '"nothing"'})`;
}
