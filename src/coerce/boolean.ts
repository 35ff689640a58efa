// Booleans to and from integers and text. Pure.
import { getBit, isValid, setBit } from '../batch/bitmap.ts';
import { finishFixed, fixedBuffer, HeapBuilder, Nulls, offsetsOf } from '../batch/builder.ts';
import type { LogicalType } from '../types/logical-type.ts';
import { matches } from './digits.ts';
import type { IntType } from './integer.ts';
import type { Kernel } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { ScaledReader } from './scaled.ts';

const BOOL: LogicalType = { kind: 'bool' };
const TRUE = Uint8Array.from('true', (c) => c.charCodeAt(0));
const FALSE = Uint8Array.from('false', (c) => c.charCodeAt(0));

/** false -> 0, true -> 1. */
export function boolToInt(to: IntType): Kernel {
  const width = to.bits / 8;
  return (column) => {
    const data = fixedBuffer(to, column.length);
    const source = column.data;
    // Little-endian: the lowest byte carries the value.
    for (let row = 0; row < column.length; row++) data[row * width] = (source[row >> 3] >> (row & 7)) & 1;
    clearNulls(data, width, column.validity, column.length);
    return finishFixed(to, column.length, data, Nulls.of(column));
  };
}

/** Bits under NULLs are unspecified; values under NULLs are zero. */
function clearNulls(data: Uint8Array, width: number, validity: Uint8Array | null, length: number): void {
  if (validity === null) return;
  for (let row = 0; row < length; row++) if (!isValid(validity, row)) data[row * width] = 0;
}

/** 0 and 1; other integers are E_BOOLEAN_DOMAIN. */
export function intToBool(): Kernel {
  return (column, sink) => {
    const reader = new ScaledReader(column);
    const data = fixedBuffer(BOOL, column.length);
    const rejects = new Rejects(column, sink);
    for (let row = 0; row < column.length; row++) {
      const value = reader.number(row);
      if (value === 1) setBit(data, row);
      else if (value !== 0 && isValid(column.validity, row)) {
        rejects.refuse(row, 'E_BOOLEAN_DOMAIN', 'only 0 and 1 are booleans');
      }
    }
    return finishFixed(BOOL, column.length, data, rejects.done());
  };
}

/** `true` and `false`. */
export function boolToText(to: LogicalType): Kernel {
  return (column) => {
    const out = new HeapBuilder(column.length, column.length * 5);
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) out.close(row, out.end);
      else if (getBit(column.data, row)) out.copy(row, TRUE, 0, 4);
      else out.copy(row, FALSE, 0, 5);
    }
    return out.finish(to, column.length, Nulls.of(column));
  };
}

/** The words `true` and `false`; other text is E_BOOLEAN_DOMAIN. */
export function textToBool(): Kernel {
  const yes = [...TRUE];
  const no = [...FALSE];
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const data = fixedBuffer(BOOL, column.length);
    const rejects = new Rejects(column, sink);
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      if (matches(column.data, offsets[row], offsets[row + 1], yes)) setBit(data, row);
      else if (!matches(column.data, offsets[row], offsets[row + 1], no)) {
        rejects.refuse(row, 'E_BOOLEAN_DOMAIN', 'only true and false are booleans');
      }
    }
    return finishFixed(BOOL, column.length, data, rejects.done());
  };
}
