// Columns of values printed into text, and of fixed width read from it: the loops around the printers and parsers
// of single values. Pure.
import { isValid } from '../batch/bitmap.ts';
import { finishFixed, fixedBuffer, HeapBuilder, int32View, offsetsOf } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { LossSink } from './kernel.ts';
import { Rejects } from './rejects.ts';

/** Writes value `row` at `heap[at]`; gives the position behind it, or less than 0 where it can't be written. */
export type Print = (row: number, heap: Uint8Array, at: number) => number;

/** About `bytes` and at most `bytesMax` a value; `cannot` records what can't be written. */
export function printColumn(
  column: Column,
  to: LogicalType,
  bytes: number,
  bytesMax: number,
  rejects: Rejects,
  print: Print,
  cannot: (row: number, why: number) => void,
): Column {
  const out = new HeapBuilder(column.length, column.length * bytes + bytesMax);
  for (let row = 0; row < column.length; row++) {
    let end = out.end;
    if (isValid(column.validity, row)) {
      const heap = out.reserve(bytesMax);
      const printed = print(row, heap, end);
      if (printed < 0) cannot(row, printed);
      else end = printed;
    }
    out.close(row, end);
  }
  return out.finish(to, column.length, rejects.done());
}

/** Reads each value with `parse`, which stores it as value `row` of `words`; `refuse` records what it won't read. */
export function parseColumn(
  column: Column,
  to: LogicalType,
  sink: LossSink,
  parse: (heap: Uint8Array, start: number, end: number, words: Int32Array, row: number) => boolean,
  refuse: (rejects: Rejects, row: number) => void,
  rejects = new Rejects(column, sink),
): Column {
  const offsets = offsetsOf(column);
  const data = fixedBuffer(to, column.length);
  const words = int32View(data);
  for (let row = 0; row < column.length; row++) {
    if (!isValid(column.validity, row)) continue;
    if (!parse(column.data, offsets[row], offsets[row + 1], words, row)) refuse(rejects, row);
  }
  return finishFixed(to, column.length, data, rejects.done());
}
