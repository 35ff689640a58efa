// Columns of variable width with some values taken out or rewritten. Used by kernels and checks that find
// most columns as they should be and then return them untouched.
import { isValid } from '../batch/bitmap.ts';
import { HeapBuilder, offsetsOf } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { Rejects } from './rejects.ts';

/** The column with the values that `rejects` holds as NULL made empty; the column itself if there are none. */
export function withoutRejected(column: Column, rejects: Rejects): Column {
  const nulls = rejects.done();
  if (nulls.count === column.nullCount) return column;
  const offsets = offsetsOf(column);
  const out = new HeapBuilder(column.length, offsets[column.length]);
  for (let row = 0; row < column.length; row++) {
    if (isValid(nulls.validity, row)) out.copy(row, column.data, offsets[row], offsets[row + 1]);
    else out.close(row, out.end);
  }
  return out.finish(column.type, column.length, nulls);
}

/**
 * Visits each value of a column that isn't NULL and rejects those for which `ok` says no. Gives the column
 * back untouched if all pass.
 */
export function keepWhere(
  column: Column,
  rejects: Rejects,
  ok: (heap: Uint8Array, start: number, end: number) => boolean,
  reject: (row: number) => void,
): Column {
  const offsets = offsetsOf(column);
  const { data, validity, length } = column;
  for (let row = 0; row < length; row++) {
    if (isValid(validity, row) && !ok(data, offsets[row], offsets[row + 1])) reject(row);
  }
  return withoutRejected(column, rejects);
}
