// What every engine says and counts alike in appends and syncs. A part of the seam. Pure.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { AppendCounts, OnConflict, TableLoad } from './load.ts';
import type { WatermarkRequest } from './watermarks.ts';

/** Of `total` staged rows `met` found their key in the live table; of those `written` were new values. */
export function appendCounts(
  { action }: OnConflict,
  total: number,
  met: number,
  updated: number,
  deleted = 0,
): AppendCounts {
  const left = met - updated;
  return {
    inserted: total - met,
    updated,
    skipped: action === 'skip' ? left : 0,
    unchanged: action === 'skip' ? 0 : left,
    deleted,
  };
}

/** Two staged rows of one key; `values` where they are known. */
export function doubledKey(
  load: TableLoad,
  { key }: OnConflict,
  values: readonly string[] | null,
): FerrowError {
  return new FerrowError(
    'E_CONSTRAINT',
    `two rows that come to "${load.table.name}" have the same key (${key.join(', ')}), and either could be meant`,
    {
      table: load.table.name,
      ...(values === null ? {} : { row: Object.fromEntries(key.map((name, at) => [name, values[at]])) }),
      hint: `leave one of them out with --where, or mend the source; nothing was written to "${load.table.name}"`,
    },
  );
}

/** A staged row without a whole key: it would be new each time. */
export function nullInKey(load: TableLoad, { key }: OnConflict): FerrowError {
  return new FerrowError(
    'E_NULL_IN_PRIMARY_KEY',
    `a row that comes to "${load.table.name}" has NULL in its key (${key.join(', ')}), so that it can't be told which row it is`,
    {
      table: load.table.name,
      hint: 'mend the rows in the source, or leave them out with --where',
    },
  );
}

/** A column that can't tell what is new. */
export function noWatermark(request: WatermarkRequest, why: string, cause?: unknown): FerrowError {
  const { table, column } = request;
  return new FerrowError('E_WATERMARK', `"${table.name}"."${column}" can't be the watermark: ${why}`, {
    table: table.name,
    column,
    ...(cause === undefined ? {} : { cause }),
  });
}
