// What a target is asked to make and to keep: tables and views to be, chunks' entries in the ledger, the run's own row.
// A part of the seam; dialect.ts gives it out. Plain objects: they cross threads.
import type { LogicalType } from '../types/logical-type.ts';
import type {
  Reject,
  RejectedRows,
  RejectedTable,
  RejectPlace,
  RunRejects,
  StoredReject,
} from '../types/reject.ts';
import type { FailedTables, RejectPage } from '../types/reject-line.ts';
import type { ColumnOrigin, NotCarried, TableName, TableSchema } from '../types/schema.ts';
import type { SyncLoad } from './watermarks.ts';

/** A view that the run makes when its tables stand. */
export interface ViewLoad {
  readonly name: TableName;
  readonly materialized: boolean;
  /** In order; run in one transaction. */
  readonly statements: readonly string[];
  /** What of the view this engine has no room for. */
  readonly without?: readonly {
    readonly object: NotCarried['object'];
    readonly name: string;
    readonly reason: string;
  }[];
}

export interface SchemaParts {
  readonly indexes: boolean;
  readonly foreignKeys: boolean;
}

/** What is to become of a table in the target. */
export interface TableLoad {
  /** The run that it is a part of. */
  readonly runId: string;
  /** Of the run as it is now taken up; absent for 1. */
  readonly epoch?: number;
  /** Unique within the run; names the table in the ledger. */
  readonly id: string;
  /** The table as it shall stand in the end (for append: as it stands), in the target's types. */
  readonly table: TableSchema;
  /** Where rows go while they arrive. Short and hashed; never the name of the table plus a suffix. */
  readonly staging: TableName;
  /**
   * 'swap': finishTable builds it whole beside the live one, and swapTables gives it the name, whether one stands there
   * or not.
   */
  readonly mode: 'create' | 'replace' | 'append' | 'swap';
  /**
   * All of it in one transaction where the engine can: from the first row of its only partition to finishTable nothing is
   * committed, and a failure undoes it whole, but for rejects that `keepRejects` saves. An engine that can't takes it as any other load.
   */
  readonly transactional?: true;
  /** Columns that rows bring, a subset of `table.columns`, in the order of the chunks. */
  readonly columns: readonly WriteColumn[];
  readonly parts: SchemaParts;
  /** For append: what becomes of a row whose key the live table has; absent, it ends the load. */
  readonly onConflict?: OnConflict;
  /** For append: a condition of `Ddl.keyCondition`. Rows of the live table that meet it go first, in the same transaction. */
  readonly deletes?: string;
  /** Of a sync: what else is done as the rows take their place. */
  readonly sync?: SyncLoad;
  /** The rows are the keys for `sync.keys` of the load of this id, which drops their staging table; it is never finished. */
  readonly keysOf?: string;
  /** Rows that only the end of the load refuses can be left out: `rejectStaged` finds them among those that are staged. */
  readonly leavesOut?: true;
  /**
   * Views of the target that the run makes again when its tables stand, those that read others first: they don't
   * keep the table from being replaced, and fall with it. Absent unless `mode` is 'replace'.
   */
  readonly remade?: readonly TableName[];
  /** What each column was at its source, to be kept beside the ledger when the table stands; absent for append. */
  readonly origins?: readonly {
    readonly column: string;
    readonly made: string;
    readonly origin: ColumnOrigin;
  }[];
}

export interface OnConflict {
  /** update: the live row gets what the staged one brings, unless that is what it holds. */
  readonly action: 'skip' | 'update';
  /**
   * Columns of the live table's primary key, or of a unique key without NULLs. Rows bring all of them, each key once: two
   * staged rows of one key end the load, since either could be meant.
   */
  readonly key: readonly string[];
}

/** How staged rows met those of the live table. */
export interface AppendCounts {
  readonly inserted: number;
  readonly updated: number;
  /** Their key was there. */
  readonly skipped: number;
  /** They were there as they are, to the byte; nothing was written. */
  readonly unchanged: number;
  /** Of the live table, since the source no longer has them. */
  readonly deleted: number;
}

export interface WriteColumn {
  readonly name: string;
  readonly wire: LogicalType;
}

/** Who commits what: one row of the ledger for each chunk, written in the transaction of its rows. */
export interface LedgerEntry {
  readonly runId: string;
  readonly tableId: string;
  readonly partitionId: string;
  readonly seq: number;
  readonly epoch: number;
  readonly attempt: number;
  readonly rows: number;
  readonly bytes: number;
  /** The partition has no more chunks: an entry without rows behind its last one. */
  readonly isEnd?: true;
  /** JSON that the run wants back when it is carried on. */
  readonly note?: string;
  /** Rows that were left out of the chunk; they are kept beside the ledger, in the same transaction. */
  readonly rejects?: ChunkRejects;
  /** Of a run that has it. */
  readonly scratch?: string;
}

/** Copying, though no process is at it: the run was killed. */
export type RunState = 'copying' | 'done' | 'failed' | 'interrupted';
export interface ChunkRejects {
  /** Display name of the source's table. */
  readonly table: string;
  readonly rows: readonly Reject[];
}

/** What a target keeps of rows that it could not hold. Nothing where there is no ledger. */
export interface RejectStore {
  /** In the order of table, partition, chunk and row, the first ones behind `after`; at most `limit`. */
  readRejects(runId: string, after: RejectPlace | null, limit: number): Promise<StoredReject[]>;
  /** The same as lines of the file; `failed` are tables that did not arrive. */
  printRejects(
    runId: string,
    after: RejectPlace | null,
    limit: number,
    failed: FailedTables,
  ): Promise<RejectPage>;
  /** Runs of which rejects are kept, the last begun first; of their tables only those that stand. */
  rejectedRuns(): Promise<RunRejects[]>;
  removeRejects(runId: string, places: readonly RejectPlace[]): Promise<void>;
  /** Rejects of tables that `from` has finished become those of another run, which has them under these ids. */
  handOverRejects(from: string, to: string, tables: readonly RejectedTable[]): Promise<void>;
  /** Takes the raw values out; by what is left a row can still be found. */
  emptyRejects(runId: string): Promise<void>;
  /**
   * After the end of a load was refused for a row: takes every staged row that the table refuses out of the staging table and
   * keeps it as a reject, in one transaction. None where no row is at fault. Rows go from one table of the engine to the other: there
   * may be more than memory holds.
   */
  rejectStaged(load: TableLoad, rejecting: StagedRejecting): Promise<RejectedRows>;
}

/** How rows that only the end of a load refuses are told apart and kept. */
export interface StagedRejecting {
  readonly runId: string;
  /** Display name of the source's table. */
  readonly table: string;
  /** Columns of the row's key in the target; [] where it has none. */
  readonly key: readonly string[];
  /** The source's names of the target's columns. */
  readonly sourceNames: Readonly<Record<string, string>>;
  /** Rows of this table that were taken out before. */
  readonly before: number;
}

/** One row of the runs table. */
export interface RunRecord {
  readonly runId: string;
  readonly epoch: number;
  readonly state: RunState;
  readonly planHash: string;
  /** Display forms, without secrets. */
  readonly source: string;
  readonly target: string;
  readonly snapshotId: string | null;
  /** ISO. */
  readonly startedAt: string;
  readonly version: string;
  /** All that carrying the run on needs, as text; absent for a run that can't be. */
  readonly document?: string;
  /**
   * A schema of its own for a run that shall leave nothing in a server: its ledger is made there, its staging tables
   * may be, and the end of the run drops all of it. Embedded engines, whose scratch is a file, don't look at it.
   */
  readonly scratch?: string;
}

/** A table of a run, as the ledger has it. */
export interface LedgerTable {
  readonly id: string;
  readonly table: TableName;
  readonly staging: TableName;
  /** loading: its staging table is there; finished: it stands under its own name; dropped: it was given up. */
  readonly state: 'loading' | 'finished' | 'dropped';
}

/** A run, as the ledger has it. */
export interface LedgerRun extends Omit<RunRecord, 'document' | 'scratch'> {
  /** ISO; null for a run that never came to its end. */
  readonly endedAt: string | null;
  /** A process is at it at this moment. */
  readonly isUnderWay: boolean;
  readonly tables: readonly LedgerTable[];
  /** Committed, over all tables. */
  readonly rows: number;
}

/** A committed chunk, or the end of a partition. */
export interface LedgerChunk {
  readonly tableId: string;
  readonly partitionId: string;
  readonly seq: number;
  readonly rows: number;
  readonly isEnd: boolean;
  readonly note: string | null;
}
