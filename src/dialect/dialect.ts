// The seam: everything Ferrow knows of an engine stands behind these interfaces. A dialect lives in one
// folder, imports no other dialect and nothing of transfer/, stream/, threads/ or coerce/.
//
// Every method of SourceEngine and TargetEngine takes and gives plain objects (structured clone), because an
// embedded engine (SQLite, DuckDB) lives in a thread of its own and is called by messages. All are async;
// none may be called before the one before it on the same cursor or writer has settled. Calls for different cursors,
// writers and loads may overlap.

import type { Chunk, TargetForm } from '../batch/chunk.ts';
import type { ChunkFindings, ColumnEvidence } from '../types/evidence.ts';
import type { Location } from '../types/location.ts';
import type { Engine, LogicalType } from '../types/logical-type.ts';
import type { DatabaseSchema, NotCarried, TableName, TableSchema, ViewSchema } from '../types/schema.ts';
import type { EngineHandle } from './handle.ts';
import type {
  AppendCounts,
  LedgerChunk,
  LedgerEntry,
  LedgerRun,
  RejectStore,
  RunRecord,
  RunState,
  SchemaParts,
  TableLoad,
  ViewLoad,
} from './load.ts';
import type { ProbeRequest, TableReads } from './reads.ts';
import type { Rollback, StoredSwap, Swap } from './swap.ts';
import type { TypeMap } from './type-map.ts';
import type { Watermark, WatermarkReading, WatermarkRequest } from './watermarks.ts';

/** What an engine can and can't do. The planner reads it; the contract suite tests each claim. */
export interface Quirks {
  /** A file owned by this process: lives in an engine thread, one owner per file. */
  readonly embedded: boolean;
  readonly schemas: boolean;
  readonly defaultSchema: string | null;
  /** Longest identifier in bytes; null if unlimited. */
  readonly identifierBytesMax: number | null;
  /** "A" and "a" are two names. */
  readonly caseSensitiveNames: boolean;
  readonly columnsMax: number;
  /** A table may have no columns at all. */
  readonly zeroColumns: boolean;
  /** Readers of one snapshot that can work at once; Infinity where only connections limit it. */
  readonly readersMax: number;
  readonly writersMax: number;
  /** A target can take rows out of a file of its own engine: `TargetOptions.rowsFrom`. */
  readonly takesReferences?: true;
  /** A source has openProbe, look and finishProbe, and its codec has look. */
  readonly sharedPrescan?: true;
  readonly nulInText: boolean;
  readonly nan: boolean;
  /** The codec has `digestCells`: chunks that pass untouched are digested as they are. */
  readonly rawCells: boolean;
  /** Index names share the namespace of tables and of other tables' indexes. */
  readonly indexNamesShared: boolean;
}

/**
 * A dialect: one engine, seen from Ferrow. Its module has no side effects, opens nothing by itself, and loads no driver:
 * the main thread knows all dialects, and opens no file.
 */
export interface Dialect {
  readonly name: Engine;
  readonly quirks: Quirks;
  /**
   * Parses a URL or bare path of this engine. `env` fills what is missing (PG* variables).
   * @throws FerrowError E_URL
   */
  locate(url: string, env: Readonly<Record<string, string | undefined>>): Location;
  /** Loads the driver ahead of opening. */
  load(): Promise<unknown>;
  /** Opens for reading only; the snapshot begins here. @throws FerrowError of kind connect */
  openSource(location: Location, options: SourceOptions): Promise<SourceEngine>;
  /** Opens for writing, making the file if need be. @throws FerrowError of kind connect */
  openTarget(location: Location, options: TargetOptions): Promise<TargetEngine>;
  readonly types: TypeMap;
  readonly ddl: Ddl;
}

export interface SourceOptions {
  /** Connections for reading tables; PostgreSQL only. */
  readonly connections: number;
  /** Without the fast ways that lean on file and vector layouts. */
  readonly plainIo?: boolean;
  /** Watch who else is at work while the snapshot is taken, for `watermark`. */
  readonly watch?: boolean;
  /** After so long without an answer the server is asked whether it works on one; PostgreSQL only. */
  readonly silenceSeconds?: number;
}

export interface TargetOptions {
  readonly connections: number;
  readonly plainIo?: boolean;
  readonly silenceSeconds?: number;
  /** Open what is there without writing: for plan, doctor and compare. A missing file is an empty database. */
  readonly readOnly: boolean;
  /**
   * A file that is open as a source for as long as the target is: chunks may be references into it. Only where
   * `quirks.takesReferences`.
   */
  readonly rowsFrom?: Location;
}

/** DDL for this engine. Pure: text out, nothing run. Identifiers always quoted. */
export interface Ddl {
  /** Quotes one identifier. @throws FerrowError E_IDENTIFIER_INVALID on NUL */
  quote(identifier: string): string;
  /** `"schema"."table"`. */
  quoteTable(table: TableName): string;
  /**
   * A condition for the `where` of reads and deletes that meets exactly the rows with these keys. `types` are what the
   * columns hold on the wire (of `types.read` or `types.write`), a key is the canonical text of a cell for each column,
   * null where it is NULL. Nothing in a text can end the literal that it becomes.
   * @throws FerrowError E_UNSUPPORTED_TYPE for types that no SQL says: `any`, nested ones, an engine's own bytes
   */
  keyCondition(
    table: TableSchema,
    columns: readonly string[],
    types: readonly LogicalType[],
    keys: readonly (readonly (string | null)[])[],
  ): string;
  /** A condition that each row meets by chance, `share` of them (0 to 1). */
  randomly(share: number): string;
  /**
   * Fits a table whose columns already have this engine's types into what this engine can express:
   * defaults, keys, foreign keys, checks, indexes, comments. `from` is where the table was read.
   * What can't be expressed is left out and listed.
   */
  adopt(table: TableSchema, from: Engine): { table: TableSchema; notCarried: NotCarried[] };
  /** The table without the engine's log of its rows; only where there is such a thing. */
  unlogged?(table: TableSchema): TableSchema;
  /**
   * The statements that make a view of the source in this engine: its own text between equal engines, else what
   * this engine calls the same. `resolve` says where what it reads stands in the target, under which name.
   */
  adoptView(
    view: ViewSchema,
    from: Engine,
    name: TableName,
    resolve: (table: TableName) => TableName | null,
  ): ViewLoad | NotCarried;
  /**
   * What the SQL in a schema of this engine means, as a catalog read has it; for definitions that no database has seen
   * yet. Texts that compare by a locale count as if they compared by bytes: it is for finding out what is the same.
   */
  understand(schema: DatabaseSchema): Promise<DatabaseSchema>;
  /** Runnable statements that make all the tables, in an order that works, foreign keys last where possible. */
  script(tables: readonly TableSchema[], parts: SchemaParts): string[];
}

export type { BadCell, Codec } from './codec.ts';
export type * from './handle.ts';
export type * from './load.ts';
export type * from './reads.ts';
export type * from './swap.ts';
export type * from './type-map.ts';
export type * from './watermarks.ts';

// ---------------------------------------------------------------- source

export interface SourceEngine extends EngineHandle, TableReads {
  /**
   * Runs one query that only reads, to its last row, and says how many there were and how long it took. Nothing is
   * written whatever it says.
   * @throws FerrowError E_USAGE for several statements, and for one that would write
   */
  timeQuery(sql: string): Promise<{ readonly rows: number; readonly seconds: number }>;
  /** Looks into columns by one scan of the table. Same order as `columns`. */
  prescan(request: ProbeRequest): Promise<ColumnEvidence[]>;
  /**
   * The prescan in steps, for dialects that share it with the crossing workers: opens a cursor over the table. Each of its
   * chunks is either taken by `next` and looked into by the codec, or looked into by `look`. Null where the engine must
   * look alone.
   */
  openProbe?(request: ProbeRequest): Promise<number | null>;
  /** The engine looks into the next chunk itself; false after the last. */
  look?(cursor: number): Promise<boolean>;
  /** What was found in all chunks; null where only `prescan` can tell. */
  finishProbe?(cursor: number, found: readonly ChunkFindings[]): Promise<ColumnEvidence[] | null>;
  /**
   * Rows of `child` whose foreign key finds no parent, as text keys, at most `limit`; [] if none. NULLs pass
   * as MATCH SIMPLE has it.
   */
  orphans(table: TableSchema, foreignKey: number, limit: number): Promise<Record<string, string>[]>;
  /**
   * For each table what tells later, in another session, whether its rows are still those of this snapshot, in the same
   * places; null where nothing does.
   */
  marks(tables: readonly TableSchema[]): Promise<(string | null)[]>;
  /**
   * Whether the rows that meet `where` are those of the mark, which were `rowsThen` (null: not counted). True only where
   * that is sure:
   * cursors over the same partitions then give the same rows in the same order.
   */
  isUnchanged(
    table: TableSchema,
    where: string | null,
    mark: string,
    rowsThen: number | null,
  ): Promise<boolean>;
  /** Where a column that grows stands, and which rows are new. @throws FerrowError E_WATERMARK, E_USAGE */
  watermark(request: WatermarkRequest): Promise<WatermarkReading>;
  /** Tables that were read by the plain way though a fast one was there, because the two did not agree; [] if none. */
  disagreements(): Promise<readonly { readonly table: string; readonly reason: string }[]>;
}

// ---------------------------------------------------------------- target

/** Its reads see what is committed when `partitions` is called, and are over before anything else is asked for. */
export interface TargetEngine extends EngineHandle, TableReads, RejectStore {
  /**
   * Makes Ferrow's own tables (schema `_ferrow`, or `_ferrow_…` in SQLite) if missing, and the run's row. A run that is
   * carried on has a higher epoch: from then on nobody can commit in its name under the one before.
   */
  beginRun(run: RunRecord): Promise<void>;
  /** Marks the run as ended. `resumable`: staging tables wait to be carried on with, so a file that it made stays. */
  endRun(runId: string, state: RunState, resumable?: boolean): Promise<void>;
  /** Runs that the ledger knows, the last one first; [] where there is no ledger. */
  readRuns(): Promise<LedgerRun[]>;
  /** Swaps and rollbacks in the order in which they were, a row for each table; [] if there was none. */
  readSwaps(): Promise<StoredSwap[]>;
  /** The run's document; null where there is no such run. */
  readDocument(runId: string): Promise<string | null>;
  /**
   * What is committed of a run. Settles when it can't change any more by what this process has begun: a commit whose
   * answer was lost has then happened or not.
   */
  readChunks(runId: string): Promise<LedgerChunk[]>;
  /** Drops the run's staging tables and all that the ledger has of it, in one transaction. Never touches a live table. */
  forgetRun(run: LedgerRun): Promise<void>;
  /** Where the tables of a source stand; [] if nothing was ever synced. */
  watermarks(source: string): Promise<Watermark[]>;
  /** Makes schemas and staging tables, and enters the tables in the ledger. Those that are there are made anew. */
  prepare(loads: readonly TableLoad[]): Promise<void>;
  /** Loads whose staging tables are there already: the run is carried on. In place of `prepare` for them. */
  takeUp(loads: readonly TableLoad[]): Promise<void>;
  /** The form in which the chunks of a load are best written; the writer takes the dialect's plain form too. */
  form(load: TableLoad): Promise<TargetForm>;
  /** Opens a writer for one table; several may be open at once, up to quirks.writersMax. */
  openWriter(load: TableLoad): Promise<number>;
  /**
   * Writes a chunk into the writer's group, which the first chunk after a commit begins. Nothing of it is to be seen
   * before `commit`. A failure undoes the whole group. The payload is the caller's again when it settles.
   * @returns true when the group is as large as the engine likes it: commit it now
   */
  write(writer: number, chunk: Chunk, entry: LedgerEntry): Promise<boolean>;
  /**
   * Commits the group and a ledger row for each of its chunks in one transaction; nothing if there is none. With `end` the
   * partition is over: its entry is committed with them, or alone.
   * @returns the seconds it took
   */
  commit(writer: number, end?: LedgerEntry): Promise<number>;
  /** A group that was not committed is undone. */
  closeWriter(writer: number): Promise<void>;
  /** The staging table, to be read; its columns hold the wire types of the load. */
  stagedTable(load: TableLoad): Promise<TableSchema>;
  /** Rows in the staging table now; 'append' too. */
  countStaged(load: TableLoad): Promise<number>;
  /**
   * After a table's last chunk: keys and indexes, and the table's own name, in one transaction where the
   * engine can. For append: the staged rows move into the live table, all or none. Constraints that rows of
   * the source violate are left out and listed; the data always arrives.
   */
  finishTable(load: TableLoad): Promise<NotCarried[]>;
  /**
   * Gives the tables of 'swap' loads, which finishTable has built, their own names, all in one transaction or none. The
   * tables that had the names are kept, see `oldName`; those that an earlier swap kept under that name are dropped.
   * Views, and foreign keys of other tables, then go to the new tables. Called once, before finishRun.
   */
  swapTables(loads: readonly TableLoad[], runId: string): Promise<Swap>;
  /**
   * Puts back what the tables of a swap replaced, in one transaction; what stood there is kept as `swapTables` keeps
   * it. `run`: an id or its beginning, null for the last; `id`: that of the rollback.
   * @throws FerrowError E_NOTHING_TO_ROLL_BACK
   */
  rollbackTables(run: string | null, id: string): Promise<Rollback>;
  /** After all tables: foreign keys, sequences, statistics, checks. `loads` are those that finished. */
  finishRun(loads: readonly TableLoad[]): Promise<NotCarried[]>;
  /** Of a load with `onConflict` that this engine finished, known after finishRun; null for others. */
  appended(load: TableLoad): Promise<AppendCounts | null>;
  /** Deletes the rows of a table that meet a condition of `Ddl.keyCondition`, in one transaction. @returns how many */
  deleteRows(table: TableSchema, condition: string): Promise<number>;
  /**
   * Makes views, in their order, after everything else; `replace` drops views of the same names first. A view that
   * the engine refuses is left out and listed with its reason.
   */
  makeViews(views: readonly ViewLoad[], replace: boolean): Promise<NotCarried[]>;
  /**
   * Of a load that is one transaction and failed: undoes all of it but its rejects, which say why. Nothing where the engine has
   * ended the transaction, or never had one.
   */
  keepRejects(load: TableLoad): Promise<void>;
  /** Drops what `prepare` made for loads that won't finish, and forgets their chunks. Never touches a live table. */
  abandon(loads: readonly TableLoad[]): Promise<void>;
}
