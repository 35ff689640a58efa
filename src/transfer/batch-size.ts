// How many rows make a batch when the user doesn't say. Pure.
import type { Engine } from '../types/logical-type.ts';
import { BATCH_BYTES } from './options.ts';

/**
 * Rows per batch for a pair of engines, a table size in rows and a row width in bytes. A batch should be a few
 * megabytes: below that the commit of each chunk shows, above it memory goes without gain. DuckDB's row groups
 * hold 122,880 rows, so a DuckDB target likes batches of that many.
 */
export function getOptimalBatchSize(
  _sourceType: Engine,
  targetType: Engine,
  table: { readonly rowCount: number; readonly rowBytes: number },
): number {
  const most = targetType === 'duckdb' ? 122_880 : 65_536;
  const byBytes = Math.floor(BATCH_BYTES / Math.max(1, table.rowBytes));
  const rows = Math.min(most, Math.max(1, byBytes));
  return table.rowCount > 0 ? Math.min(rows, Math.max(1024, table.rowCount)) : rows;
}

/** A first guess for plans and doctor: what two cores do with everyday tables. Rows, or bytes if they weigh more. */
export function estimateSeconds(rows: number, sizeBytes: number | null): number {
  const seconds = Math.max(rows / 400_000, (sizeBytes ?? 0) / 60e6);
  return Math.round(seconds * 10) / 10;
}
