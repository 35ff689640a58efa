// Integers to integers of other widths and signs, to and from floats. Pure; loops over typed arrays.
import { isValid } from '../batch/bitmap.ts';
import {
  finishFixed,
  fixedBuffer,
  float32View,
  float64View,
  int32View,
  Nulls,
  smallIntView,
} from '../batch/builder.ts';
import { type LogicalType, typeName } from '../types/logical-type.ts';
import type { Policies } from '../types/policy.ts';
import type { Kernel } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { integerBounds, ScaledReader, ScaledWriter } from './scaled.ts';
import { Wide } from './wide.ts';

export type IntType = Extract<LogicalType, { kind: 'int' }>;
export type FloatType = Extract<LogicalType, { kind: 'float' }>;

/** True if every value of `from` is one of `to`. */
export function intFits(from: IntType, to: IntType): boolean {
  if (from.signed === to.signed) return from.bits <= to.bits;
  return !from.signed && from.bits < to.bits;
}

/** Any integer type to any other; values outside are E_INT_RANGE. */
export function intToInt(from: IntType, to: IntType): Kernel {
  const message = `the integer is outside the range of ${typeName(to)}`;
  if (from.bits <= 32 && to.bits <= 32) return smallToSmall(from, to, message);
  if (from.bits <= 32 && to.bits === 64 && (to.signed || !from.signed)) return smallToLong(from, to);
  if (from.bits === 64 && to.bits === 64) return longToLong(to, message);
  return (column, sink) => {
    const reader = new ScaledReader(column);
    const writer = new ScaledWriter(to, column.length);
    const rejects = new Rejects(column, sink);
    const wide = new Wide();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const value = reader.number(row);
      let fits: boolean;
      if (!Number.isNaN(value)) fits = writer.number(row, value);
      else {
        reader.wide(row, wide);
        fits = writer.wide(row, wide);
      }
      if (!fits) rejects.refuse(row, 'E_INT_RANGE', message);
    }
    return writer.finish(rejects.done());
  };
}

function smallToSmall(from: IntType, to: IntType, message: string): Kernel {
  const bounds = integerBounds(to.bits, to.signed);
  const min = Number(bounds.min);
  const max = Number(bounds.max);
  return (column, sink) => {
    const source = smallIntView(column.data, from.bits as 8 | 16 | 32, from.signed);
    const data = fixedBuffer(to, column.length);
    const target = smallIntView(data, to.bits as 8 | 16 | 32, to.signed);
    const rejects = new Rejects(column, sink);
    for (let row = 0; row < column.length; row++) {
      const value = source[row];
      if (value >= min && value <= max) target[row] = value;
      else if (isValid(column.validity, row)) {
        rejects.refuse(row, 'E_INT_RANGE', message);
      }
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

function smallToLong(from: IntType, to: IntType): Kernel {
  return (column) => {
    const source = smallIntView(column.data, from.bits as 8 | 16 | 32, from.signed);
    const data = fixedBuffer(to, column.length);
    const words = int32View(data);
    for (let row = 0; row < column.length; row++) {
      const value = source[row];
      words[row * 2] = value;
      words[row * 2 + 1] = value < 0 ? -1 : 0;
    }
    return finishFixed(to, column.length, data, Nulls.of(column));
  };
}

/** int64 <-> uint64: the same bytes, as long as the top bit is clear. */
function longToLong(to: IntType, message: string): Kernel {
  return (column, sink) => {
    const words = int32View(column.data);
    let bits = 0;
    for (let row = 0; row < column.length; row++) bits |= words[row * 2 + 1];
    if (bits >= 0) return { ...column, type: to };
    const data = column.data.slice();
    const target = int32View(data);
    const rejects = new Rejects(column, sink);
    for (let row = 0; row < column.length; row++) {
      if (words[row * 2 + 1] >= 0 || !isValid(column.validity, row)) continue;
      target[row * 2] = 0;
      target[row * 2 + 1] = 0;
      rejects.refuse(row, 'E_INT_RANGE', message);
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** Integers a float holds exactly; others are E_INT_RANGE. */
export function intToFloat(to: FloatType): Kernel {
  const message = `${typeName(to)} can not hold the integer exactly`;
  return (column, sink) => {
    const reader = new ScaledReader(column);
    const data = fixedBuffer(to, column.length);
    const target = to.bits === 32 ? float32View(data) : float64View(data);
    const rejects = new Rejects(column, sink);
    const wide = new Wide();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      let value = reader.number(row);
      if (Number.isNaN(value)) {
        reader.wide(row, wide);
        value = exactNumber(wide);
      }
      // Storing NaN would look like a value; single precision must give the same number back.
      if (!Number.isNaN(value) && (to.bits === 64 || Math.fround(value) === value)) target[row] = value;
      else rejects.refuse(row, 'E_INT_RANGE', message);
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** The double equal to a wide value, or NaN. */
function exactNumber(wide: Wide): number {
  const { words } = wide;
  const value = wideBigInt(words);
  const number = Number(value);
  if (BigInt(number) !== value) return Number.NaN;
  return wide.negative ? -number : number;
}

function wideBigInt(words: Uint32Array): bigint {
  let value = 0n;
  for (let j = 3; j >= 0; j--) value = (value << 32n) | BigInt(words[j]);
  return value;
}

/** Whole floats to integers. NaN, infinities, fractions and values outside are refused. */
export function floatToInt(from: FloatType, to: IntType, policies: Policies): Kernel {
  const { min, max } = integerBounds(to.bits, to.signed);
  const name = typeName(to);
  return (column, sink) => {
    const source = from.bits === 32 ? float32View(column.data) : float64View(column.data);
    const writer = new ScaledWriter(to, column.length);
    const rejects = new Rejects(column, sink, policies);
    const wide = new Wide();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const value = source[row];
      if (Number.isNaN(value)) rejects.refuse(row, 'E_NAN_UNSUPPORTED', `${name} can not hold NaN`, 'nan');
      else if (!Number.isInteger(value))
        rejects.refuse(row, 'E_INT_RANGE', `${name} can not hold the number exactly`);
      else if (Math.abs(value) <= 2 ** 53) {
        if (value === 0 && Object.is(value, -0)) rejects.used('negative_zero');
        if (!writer.number(row, value))
          rejects.refuse(row, 'E_INT_RANGE', `the number is outside the range of ${name}`);
      } else {
        const whole = BigInt(value);
        if (whole < min || whole > max) {
          rejects.refuse(row, 'E_INT_RANGE', `the number is outside the range of ${name}`);
          continue;
        }
        setWide(wide, whole);
        writer.wide(row, wide);
      }
    }
    return writer.finish(rejects.done());
  };
}

function setWide(wide: Wide, value: bigint): void {
  const magnitude = value < 0n ? -value : value;
  for (let j = 0; j < 4; j++) wide.words[j] = Number((magnitude >> BigInt(32 * j)) & 0xffffffffn);
  wide.negative = value < 0n;
}
