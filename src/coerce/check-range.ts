// Checks of ranges, and how values of fixed width are taken out. Pure; as little arithmetic as the width allows.
import { isValid } from '../batch/bitmap.ts';
import { finishFixed, int32View } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { fixedWidth, typeName } from '../types/logical-type.ts';
import type { Check } from '../types/mapping.ts';
import type { Policies } from '../types/policy.ts';
import { DATE_INFINITY, isInfinite } from './calendar.ts';
import type { LossSink } from './kernel.ts';
import { type NullPolicy, Rejects } from './rejects.ts';

/** Rows of a fixed-width column that `bad` finds become NULL; the column itself if there are none. */
export function rejectFixed(
  column: Column,
  sink: LossSink,
  policies: Policies,
  bad: (row: number) => boolean,
  code: ErrorCode,
  message: string,
  policy?: NullPolicy,
): Column {
  const rejects = new Rejects(column, sink, policies);
  const rows: number[] = [];
  for (let row = 0; row < column.length; row++) {
    if (!bad(row) || !isValid(column.validity, row)) continue;
    rejects.refuse(row, code, message, policy);
    rows.push(row);
  }
  const nulls = rejects.done();
  if (rows.length === 0) return column;
  const data = column.data.slice();
  const width = fixedWidth(column.type);
  for (const row of rows) data.fill(0, row * width, (row + 1) * width);
  return finishFixed(column.type, column.length, data, nulls);
}

const DATE_CODES: readonly ErrorCode[] = ['E_DATE_RANGE', 'E_TIMESTAMP_RANGE', 'E_TIME_RANGE'];

export type RangeCheck = Extract<Check, { kind: 'range' }>;

/** Values outside the bounds are refused with the check's code; infinities pass. */
export function checkRange(column: Column, sink: LossSink, policies: Policies, check: RangeCheck): Column {
  const outside = outsideRange(column, BigInt(check.min), BigInt(check.max));
  if (outside === null) return column;
  const message = `the value is outside the range that the target holds for ${typeName(column.type)}`;
  const policy = DATE_CODES.includes(check.code) ? 'bad_dates' : undefined;
  return rejectFixed(column, sink, policies, outside, check.code, message, policy);
}

/** True if all upper words lie strictly between the bounds': then the values do, whatever stands below. */
function upperWordsBetween(words: Int32Array, length: number, min: number, max: number): boolean {
  let low = 0x7fffffff;
  let high = -0x80000000;
  for (let row = 0; row < length; row++) {
    const word = words[row * 2 + 1];
    if (word < low) low = word;
    if (word > high) high = word;
  }
  return low > min && high < max;
}

/** A test of one row, by as little arithmetic as the width allows; null if there is nothing to test. */
function outsideRange(column: Column, min: bigint, max: bigint): ((row: number) => boolean) | null {
  const { type, data } = column;
  if (type.kind === 'date') {
    const days = int32View(data);
    const [low, high] = [Number(min), Number(max)];
    return (row) =>
      (days[row] < low || days[row] > high) && days[row] !== DATE_INFINITY && days[row] !== -DATE_INFINITY;
  }
  const isInstant = type.kind === 'timestamp' || type.kind === 'time';
  if (!isInstant && type.kind !== 'int') return null;
  const bits = isInstant ? 64 : type.kind === 'int' ? type.bits : 0;
  const signed = isInstant || (type.kind === 'int' && type.signed);
  if (bits < 64) {
    const values = smallValues(column, bits, signed);
    const [low, high] = [Number(min), Number(max)];
    return (row) => values[row] < low || values[row] > high;
  }
  const words = int32View(data);
  const count = bits / 32;
  const minWords = toWords(min, count);
  const maxWords = toWords(max, count);
  const infinities = type.kind === 'timestamp';
  if (count === 2 && signed && upperWordsBetween(words, column.length, minWords[1], maxWords[1])) return null;
  return (row) => {
    const at = row * count;
    const bad =
      compareWords(words, at, minWords, signed) < 0 || compareWords(words, at, maxWords, signed) > 0;
    return bad && !(infinities && isInfinite(words[at], words[at + 1]));
  };
}

function smallValues(column: Column, bits: number, signed: boolean): ArrayLike<number> {
  const { buffer } = column.data;
  if (bits === 8) return signed ? new Int8Array(buffer) : new Uint8Array(buffer);
  if (bits === 16)
    return signed ? new Int16Array(buffer, 0, column.length) : new Uint16Array(buffer, 0, column.length);
  return signed ? new Int32Array(buffer, 0, column.length) : new Uint32Array(buffer, 0, column.length);
}

function toWords(value: bigint, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, j) => Number(BigInt.asIntN(32, value >> BigInt(32 * j))));
}

/** Compares an integer of several words with a bound of as many. */
function compareWords(words: Int32Array, at: number, bound: Int32Array, signed: boolean): number {
  const top = bound.length - 1;
  const a = signed ? words[at + top] : words[at + top] >>> 0;
  const b = signed ? bound[top] : bound[top] >>> 0;
  if (a !== b) return a - b;
  for (let j = top - 1; j >= 0; j--) {
    const difference = (words[at + j] >>> 0) - (bound[j] >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
