// What the caller gets at the end: the library's results and the CLI's --json are the same documents.

import type { AppendCounts, WatermarkProgress } from '../dialect/dialect.ts';
import type { PartitionDigest } from '../digest/partition-sums.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { WireError } from '../errors/ferrow-error.ts';
import type { ColumnEvidence } from '../types/evidence.ts';

export type { PartitionDigest } from '../digest/partition-sums.ts';

export interface Warning {
  /** `W_…`: what kind of thing is not as in the source. */
  readonly code: string;
  readonly table: string | null;
  readonly column: string | null;
  readonly message: string;
  readonly hint?: string;
  /** For something of the source that is not carried: what it is, its name, and why; `message` says it all. */
  readonly object?: string;
  readonly name?: string;
  readonly reason?: string;
}

export type VerifyLevel = 'none' | 'count' | 'sample' | 'full';

/**
 * What becomes of a column's values. exact: every value that arrives is the same, in a type that says the same.
 * widened: the same values in a wider or other native type. lossy: a policy is in force that can change values of
 * this column. refused: the column, and with it the table, is not carried.
 */
export type Verdict = 'exact' | 'widened' | 'lossy' | 'refused';

export interface ColumnMapping {
  readonly source: string;
  readonly target: string;
  readonly sourceType: string;
  /** Canonical type, see docs/types.md; null where the column can't even be read. */
  readonly canonicalType: string | null;
  /** Null where the target has none for it. */
  readonly targetType: string | null;
  readonly verdict: Verdict;
  readonly because: string | null;
  /** Codes with which a value may still be refused while rows move; for a refused column, why it is. */
  readonly refusedWith: readonly ErrorCode[];
  /** What `--allow` could be told to let such values through. */
  readonly policies: readonly string[];
  readonly evidence: ColumnEvidence | null;
}

/** A table's part of a dry run. */
export interface TablePlanReport {
  readonly targetTable: string;
  readonly ddl: readonly string[];
  readonly columns: readonly ColumnMapping[];
  /** Null for a table that is refused. */
  readonly mode: 'create' | 'replace' | 'append' | 'swap' | null;
  /** Of a sync: how rows meet those that are there, and whether rows that the source no longer has are deleted. */
  readonly sync?: { readonly rows: 'all' | 'upserted' | 'added'; readonly deletes: boolean };
  readonly batchSize: number;
  readonly partitions: number;
  readonly estimatedSeconds: number;
}

/** A row that was left out, in a report: the first few of a table. */
export interface RejectedRow {
  readonly key: Readonly<Record<string, string | null>> | null;
  readonly column: string | null;
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface TableResult {
  readonly tableName: string;
  readonly sourceRows: number;
  readonly migratedRows: number;
  readonly rejectedRows: number;
  /** The first few of them; absent where there are none. */
  readonly rejects?: readonly RejectedRow[];
  readonly batchesProcessed: number;
  readonly success: boolean;
  readonly error: WireError | null;
  readonly elapsedSeconds: number;
  readonly rowsPerSecond: number;
  /** What was verified, or null where nothing was (dry run, failure, --verify none). */
  readonly verified: VerifyLevel | null;
  /** Digests of the rows as they were written and as the target gave them back; only with --verify full. */
  readonly sourceHash?: string;
  readonly targetHash?: string;
  /** The partitions in which the source was read, beside `sourceHash`, which is their sum. */
  readonly sourcePartitions?: readonly PartitionDigest[];
  /**
   * How the rows met those of a table that stood, with --on-conflict and in a sync: `migratedRows` are those that were
   * inserted or updated.
   */
  readonly conflicts?: AppendCounts;
  /** Of a sync: the column that grows, where it stood, and from where the next sync reads. */
  readonly watermark?: WatermarkProgress;
  /** Blue-green: the name of the table that had the name before, kept for `ferrow rollback`; null if there was none. */
  readonly keptAs?: string | null;
  readonly plan?: TablePlanReport;
}

export interface Report {
  readonly runId: string;
  readonly command: string;
  /** Without secrets. */
  readonly source: string;
  readonly target: string;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  readonly success: boolean;
  readonly error: WireError | null;
  readonly totalTables: number;
  readonly successfulTables: number;
  readonly failedTables: number;
  readonly totalMigratedRows: number;
  readonly rowsPerSecond: number;
  readonly tableResults: readonly TableResult[];
  /** The file that rejected rows were written to; absent where none was. */
  readonly rejectsFile?: string;
  readonly warnings: readonly Warning[];
  /** Views that stand in the target now; of a dry run, those that would. */
  readonly carriedViews: readonly string[];
  /** How often each allowed lossy mapping was used, per column; `policy` as in `nan=null`. */
  readonly allowedLosses: readonly {
    readonly table: string;
    readonly column: string;
    readonly policy: string;
    readonly count: number;
  }[];
  /** Faults that passed: what was tried again, how often. */
  readonly retries: readonly {
    readonly table: string | null;
    readonly code: ErrorCode;
    readonly count: number;
  }[];
  /** Every refusal of a plan that moves nothing. */
  readonly refusals: readonly WireError[];
}
