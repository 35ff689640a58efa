// Whether a text column is UTF-8, looked at as a whole. Pure.
import { isAscii, isUtf8 } from 'node:buffer';
import { offsetsOf } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';

/** The heap is UTF-8 and no value begins inside a character. */
export function isUtf8Heap(column: Column): boolean {
  const offsets = offsetsOf(column);
  const { data, length } = column;
  const end = offsets[length];
  const heap = data.subarray(offsets[0], end);
  if (isAscii(heap)) return true;
  if (!isUtf8(heap)) return false;
  for (let row = 1; row < length; row++) {
    const start = offsets[row];
    if (start < end && (data[start] & 0xc0) === 0x80) return false;
  }
  return true;
}
