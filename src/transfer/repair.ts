// `ferrow repair`.
import { FerrowError, type WireError } from '../errors/ferrow-error.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import type { VerifyReport } from './verify-report.ts';

export interface TableRepair {
  readonly tableName: string;
  /** Rows that were put into the target, or would be: those that were missing, and those with other values. */
  readonly missingRows: number;
  readonly changedRows: number;
  /** Rows that were deleted, or would be. */
  readonly extraRows: number;
  /** Transactions. */
  readonly ranges: number;
  readonly success: boolean;
  readonly error: WireError | null;
  readonly elapsedSeconds: number;
}

export interface RepairReport {
  readonly source: string;
  readonly target: string;
  readonly dryRun: boolean;
  readonly success: boolean;
  readonly totalTables: number;
  readonly repairedTables: number;
  readonly tables: readonly TableRepair[];
  /** What stood there afterwards; null of a dry run. */
  readonly verification: VerifyReport | null;
  readonly warnings: readonly Warning[];
}

export async function repair(_request: TransferRequest): Promise<RepairReport> {
  throw new FerrowError('E_INTERNAL', 'repair is being built');
}
