// What the caller gets at the end: the library's results and the CLI's --json are the same documents.
import type { WireError } from '../errors/ferrow-error.ts';
import type { ColumnEvidence } from '../types/evidence.ts';

export interface Warning {
  /** `W_…`: what kind of thing is not as in the source. */
  readonly code: string;
  readonly table: string | null;
  readonly column: string | null;
  readonly message: string;
  readonly hint?: string;
}

export type VerifyLevel = 'none' | 'count' | 'sample' | 'full';

export interface ColumnMapping {
  readonly source: string;
  readonly target: string;
  readonly sourceType: string;
  /** Canonical type, see docs/types.md. */
  readonly canonicalType: string;
  readonly targetType: string;
  readonly verdict: 'exact' | 'widened' | 'checked' | 'lossy' | 'refused';
  readonly because: string | null;
  readonly evidence: ColumnEvidence | null;
}

/** A table's part of a dry run. */
export interface TablePlanReport {
  readonly targetTable: string;
  readonly ddl: readonly string[];
  readonly columns: readonly ColumnMapping[];
  readonly mode: 'create' | 'replace' | 'append';
  readonly batchSize: number;
  readonly partitions: number;
  readonly estimatedSeconds: number;
}

export interface TableResult {
  readonly tableName: string;
  readonly sourceRows: number;
  readonly migratedRows: number;
  readonly rejectedRows: number;
  readonly batchesProcessed: number;
  readonly success: boolean;
  readonly error: WireError | null;
  readonly elapsedSeconds: number;
  readonly rowsPerSecond: number;
  /** What was verified, or null where nothing was (dry run, failure, --verify none). */
  readonly verified: VerifyLevel | null;
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
  readonly warnings: readonly Warning[];
  /** How often each allowed lossy mapping was used, per column: `table.column nan=null`. */
  readonly allowedLosses: readonly {
    readonly table: string;
    readonly column: string;
    readonly policy: string;
    readonly count: number;
  }[];
  /** Every refusal of a plan that moves nothing. */
  readonly refusals: readonly WireError[];
}
