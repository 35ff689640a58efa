// Strings of bits to and from text, and the checks of their length. Pure.
import { isValid } from '../batch/bitmap.ts';
import { HeapBuilder, offsetsOf } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { Policies } from '../types/policy.ts';
import { bitBytes, bitCount, parseBits, printBits } from './bit-text.ts';
import type { Kernel, LossSink } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { keepWhere } from './variable.ts';

export type BitType = Extract<LogicalType, { kind: 'bit' }>;

/** `0101`. Bytes that are no bit string are E_INVALID_BIT. */
export function bitToText(to: LogicalType): Kernel {
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const rejects = new Rejects(column, sink);
    const out = new HeapBuilder(column.length, offsets[column.length] * 8);
    for (let row = 0; row < column.length; row++) {
      let end = out.end;
      if (isValid(column.validity, row)) {
        const count = bitCount(column.data, offsets[row], offsets[row + 1]);
        if (count < 0) rejects.refuse(row, 'E_INVALID_BIT', 'the bytes are no string of bits');
        else end = printBits(column.data, offsets[row], count, out.reserve(count), end);
      }
      out.close(row, end);
    }
    return out.finish(to, column.length, rejects.done());
  };
}

/** Text of 0 and 1 alone, of the type's length if it has one; else E_INVALID_BIT. */
export function textToBit(to: BitType): Kernel {
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const rejects = new Rejects(column, sink);
    const out = new HeapBuilder(column.length, (offsets[column.length] >> 3) + column.length * 2);
    for (let row = 0; row < column.length; row++) {
      let end = out.end;
      if (isValid(column.validity, row)) {
        const count = offsets[row + 1] - offsets[row];
        const heap = out.reserve(bitBytes(count));
        if (to.length !== undefined && count !== to.length)
          rejects.refuse(row, 'E_INVALID_BIT', lengthMessage(to.length));
        else if (parseBits(column.data, offsets[row], offsets[row + 1], heap, end)) end += bitBytes(count);
        else rejects.refuse(row, 'E_INVALID_BIT', 'the text holds something else than 0 and 1');
      }
      out.close(row, end);
    }
    return out.finish(to, column.length, rejects.done());
  };
}

const lengthMessage = (bits: number) => `the string of bits has not ${bits} bits`;

/** bit(n): every value has `bits` bits; E_INVALID_BIT. */
export function checkBitLength(column: Column, sink: LossSink, bits: number): Column {
  const rejects = new Rejects(column, sink);
  const fits = (data: Uint8Array, start: number, end: number) => bitCount(data, start, end) === bits;
  return keepWhere(column, rejects, fits, (row) => rejects.refuse(row, 'E_INVALID_BIT', lengthMessage(bits)));
}

/** No value is the empty string of bits; E_EMPTY_BIT (empty_bit=null). */
export function checkNoEmptyBit(column: Column, sink: LossSink, policies: Policies): Column {
  const rejects = new Rejects(column, sink, policies);
  const filled = (_: Uint8Array, start: number, end: number) => end - start > 1;
  return keepWhere(column, rejects, filled, (row) =>
    rejects.refuse(row, 'E_EMPTY_BIT', 'the target can not hold an empty string of bits', 'empty_bit'),
  );
}
