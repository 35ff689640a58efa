// Nanoseconds that a step may take per cell, one thread: measured before Ferrow was written, on 2 cores and 2 million
// rows of lineitem (16 columns), and held against every change since.
import type { EngineName } from '../../test/support/judge.ts';

const COLUMNS = 16;
const nanosPerCell = (rowsPerSecond: number, columns = COLUMNS) => 1e9 / rowsPerSecond / columns;

export const DECODE_NANOS: Readonly<Record<EngineName, number>> = {
  postgres: nanosPerCell(2_500_000),
  sqlite: nanosPerCell(3_800_000),
  // Fixed-width vectors only: 13 M rows/s of 6 columns.
  duckdb: nanosPerCell(13_000_000, 6),
};

export const ENCODE_NANOS: Readonly<Record<EngineName, number>> = {
  postgres: nanosPerCell(4_300_000),
  sqlite: nanosPerCell(1_700_000),
  // As it reads them, it should write them.
  duckdb: nanosPerCell(13_000_000, 6),
};

/**
 * Bytes of the JavaScript heap per cell of a crossing, compiled. A number that doesn't fit its register takes 16, a
 * string 24 and more, a view of a buffer over 100.
 */
export const CROSSING_BYTES_MAX = 1;

/**
 * The same for whole runs, all threads together, per row of lineitem: a number for every fourth of its 16 columns, or a view of a
 * buffer for one, is over it. Chunks, and what isn't seen of the last collections, take up to 40.
 */
export const RUN_BYTES_PER_ROW_MAX = 48;
