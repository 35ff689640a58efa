// How large a batch is when the user doesn't say. Pure. The model and how it is fitted: docs/batch-size.md.
import type { Engine } from '../types/logical-type.ts';

const KIB = 1024;

/**
 * KiB of a batch by source and target, at the source. What a batch costs beside its rows (a hop between threads, a
 * message, a group's share) pays from there on; above it memory goes without gain. Written by `node
 * bench/batch-size.ts --write`; what was measured stands in docs/batch-size.md.
 */
const BATCH_KIB: Readonly<Record<Engine, Readonly<Record<Engine, number>>>> = {
  sqlite: { sqlite: 4096, duckdb: 2048, postgres: 1024 },
  duckdb: { sqlite: 2048, duckdb: 2048, postgres: 2048 },
  postgres: { sqlite: 2048, duckdb: 2048, postgres: 512 },
};

/** More rows than this have never paid, however narrow. */
const ROWS_MAX = 262_144;

/** A batch ends at so many bytes, however few its rows. */
export function batchBytesFor(source: Engine, target: Engine): number {
  return BATCH_KIB[source][target] * KIB;
}

/**
 * Rows per batch for a pair of engines, a table size in rows and a row width in bytes; the width may be a guess, since a
 * batch also ends at its bound of bytes.
 */
export function getOptimalBatchSize(
  sourceType: Engine,
  targetType: Engine,
  table: { readonly rowCount: number; readonly rowBytes: number },
): number {
  const byBytes = Math.floor(batchBytesFor(sourceType, targetType) / Math.max(1, table.rowBytes));
  const rows = Math.min(ROWS_MAX, Math.max(1, byBytes));
  return table.rowCount > 0 ? Math.min(rows, Math.max(1024, table.rowCount)) : rows;
}

/** A first guess for plans and doctor: what two cores do with everyday tables. Rows, or bytes if they weigh more. */
export function estimateSeconds(rows: number, sizeBytes: number | null): number {
  const seconds = Math.max(rows / 400_000, (sizeBytes ?? 0) / 60e6);
  return Math.round(seconds * 10) / 10;
}
