// Carries out the checks that dialects declare. A check that finds nothing gives the column back untouched
// and costs one scan of its typed array.
import { clearBit, isValid, newBitmap } from '../batch/bitmap.ts';
import { finishFixed, int32View, offsetsOf } from '../batch/builder.ts';
import { ANY_CLASSES, type Column } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { fixedWidth, isVariableWidth, type LogicalType, typeName } from '../types/logical-type.ts';
import type { Check } from '../types/mapping.ts';
import type { Policies } from '../types/policy.ts';
import { mappedSink, rowsOf } from './any.ts';
import { DATE_INFINITY, isInfinite } from './calendar.ts';
import { checkMaxBytes, checkMaxChars, checkNoNul, checkUtf8 } from './check-text.ts';
import { SCAN, specialNumber } from './digits.ts';
import { floatView } from './float.ts';
import { checkJson } from './json.ts';
import type { LossSink } from './kernel.ts';
import { type NullPolicy, Rejects } from './rejects.ts';
import { withoutRejected } from './variable.ts';

/** Codes that a check may raise on a column of this type; none where it does not concern the type. */
export function checkCodes(check: Check, type: LogicalType): readonly ErrorCode[] {
  const { kind } = type;
  const hasHeap = isVariableWidth(type) || kind === 'any';
  switch (check.kind) {
    case 'utf8':
      return hasHeap ? ['E_INVALID_UTF8'] : [];
    case 'noNul':
      return hasHeap ? ['E_NUL_IN_TEXT'] : [];
    case 'maxChars':
      return hasHeap ? ['E_VALUE_TOO_LONG'] : [];
    case 'maxBytes':
      return hasHeap ? ['E_VALUE_TOO_LARGE'] : [];
    case 'noNan':
      if (kind === 'numeric') return ['E_NUMERIC_SPECIAL'];
      return kind === 'float' || kind === 'any' ? ['E_NAN_UNSUPPORTED'] : [];
    case 'finite':
      if (kind === 'date') return ['E_DATE_RANGE'];
      if (kind === 'timestamp') return ['E_TIMESTAMP_RANGE'];
      return kind === 'float' || kind === 'numeric' || kind === 'any' ? ['E_NUMERIC_SPECIAL'] : [];
    case 'range':
      return kind === 'int' || kind === 'date' || kind === 'time' || kind === 'timestamp' ? [check.code] : [];
    case 'json':
      return hasHeap ? ['E_INVALID_JSON'] : [];
    case 'negativeZero':
      return [];
  }
}

/** Runs one check. Values that fail become NULL and are reported, or treated as `policies` say. */
export function runCheck(check: Check, column: Column, sink: LossSink, policies: Policies): Column {
  if (column.nullCount === column.length) return column;
  const { kind } = column.type;
  if (kind === 'any') return checkAny(check, column, sink, policies);
  switch (check.kind) {
    case 'utf8':
      return isVariableWidth(column.type) ? checkUtf8(column, sink, policies) : column;
    case 'noNul':
      return isVariableWidth(column.type) ? checkNoNul(column, sink, policies) : column;
    case 'maxChars':
      return isVariableWidth(column.type) ? checkMaxChars(column, sink, check.chars) : column;
    case 'maxBytes':
      return isVariableWidth(column.type) ? checkMaxBytes(column, sink, check.bytes) : column;
    case 'noNan':
      return checkNoNan(column, sink, policies);
    case 'finite':
      return checkFinite(column, sink, policies);
    case 'range':
      return checkRange(column, sink, policies, check);
    case 'json':
      return isVariableWidth(column.type)
        ? checkJson(column, sink, column.type.kind === 'json' && column.type.binary === true)
        : column;
    case 'negativeZero':
      if (kind === 'float') countNegativeZeros(column, sink);
      return column;
  }
}

/** Rows of a fixed-width column that `bad` finds become NULL; the column itself if there are none. */
function rejectFixed(
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

function rejectNumeric(
  column: Column,
  sink: LossSink,
  policies: Policies,
  wanted: 'nan' | 'infinity',
  message: string,
): Column {
  const offsets = offsetsOf(column);
  const rejects = new Rejects(column, sink, policies);
  for (let row = 0; row < column.length; row++) {
    const start = offsets[row];
    const bytes = offsets[row + 1] - start;
    // NaN has 3 bytes, Infinity 8, -Infinity 9; a letter stands second in each.
    if ((bytes !== 3 && bytes !== 8 && bytes !== 9) || column.data[start + 1] < 65) continue;
    const special = specialNumber(column.data, start, start + bytes);
    if (special === SCAN.invalid || (special === SCAN.nan) !== (wanted === 'nan')) continue;
    rejects.refuse(row, 'E_NUMERIC_SPECIAL', message, wanted);
  }
  return withoutRejected(column, rejects);
}

function checkNoNan(column: Column, sink: LossSink, policies: Policies): Column {
  const message = 'the target can not hold NaN';
  if (column.type.kind === 'numeric') return rejectNumeric(column, sink, policies, 'nan', message);
  if (column.type.kind !== 'float') return column;
  const values = floatView(column);
  const isNan = (row: number) => Number.isNaN(values[row]);
  return rejectFixed(column, sink, policies, isNan, 'E_NAN_UNSUPPORTED', message, 'nan');
}

function checkFinite(column: Column, sink: LossSink, policies: Policies): Column {
  const message = 'the target can not hold an infinity';
  switch (column.type.kind) {
    case 'numeric':
      return rejectNumeric(column, sink, policies, 'infinity', message);
    case 'float': {
      const values = floatView(column);
      const bad = (row: number) => values[row] - values[row] !== 0 && !Number.isNaN(values[row]);
      return rejectFixed(column, sink, policies, bad, 'E_NUMERIC_SPECIAL', message, 'infinity');
    }
    case 'date': {
      const days = int32View(column.data);
      const bad = (row: number) => days[row] === DATE_INFINITY || days[row] === -DATE_INFINITY;
      return rejectFixed(column, sink, policies, bad, 'E_DATE_RANGE', message, 'infinity');
    }
    case 'timestamp': {
      const words = int32View(column.data);
      const bad = (row: number) => isInfinite(words[row * 2], words[row * 2 + 1]);
      return rejectFixed(column, sink, policies, bad, 'E_TIMESTAMP_RANGE', message, 'infinity');
    }
    default:
      return column;
  }
}

const DATE_CODES: readonly ErrorCode[] = ['E_DATE_RANGE', 'E_TIMESTAMP_RANGE', 'E_TIME_RANGE'];

type RangeCheck = Extract<Check, { kind: 'range' }>;

function checkRange(column: Column, sink: LossSink, policies: Policies, check: RangeCheck): Column {
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

function countNegativeZeros(column: Column, sink: LossSink): void {
  let count = 0;
  const values = floatView(column);
  // The sign bit alone: for doubles in the upper word, the lower one being zero.
  const words = int32View(column.data);
  if (column.data.byteLength >= column.length * 8 && values.BYTES_PER_ELEMENT === 8) {
    for (let row = 0; row < column.length; row++) {
      if (words[row * 2 + 1] === -0x80000000 && words[row * 2] === 0) count++;
    }
  } else for (let row = 0; row < column.length; row++) if (words[row] === -0x80000000) count++;
  if (count > 0) sink.used('negative_zero', count);
}

/** Runs a check on the children of an `any` column, with rows mapped back. */
function checkAny(check: Check, column: Column, sink: LossSink, policies: Policies): Column {
  const typeIds = column.typeIds as Uint8Array;
  const positions = offsetsOf(column);
  const children = column.children ?? [];
  const failed = new Map<number, Uint8Array>();
  const checked = children.map((child, classId) => {
    const concernsText =
      check.kind === 'utf8' || check.kind === 'noNul' || check.kind === 'maxChars' || check.kind === 'json';
    if (child.length === 0 || (concernsText && ANY_CLASSES[classId] !== 'text')) return child;
    const rows = rowsOf(column, classId);
    const result = runCheck(check, child, mappedSink(sink, rows), policies);
    if (result.validity !== null) failed.set(classId, result.validity);
    return result.validity === null ? result : { ...result, validity: null, nullCount: 0 };
  });
  if (failed.size === 0) return { ...column, children: checked };
  const validity = newBitmap(column.length, true);
  let nullCount = 0;
  for (let row = 0; row < column.length; row++) {
    const bits = failed.get(typeIds[row]) ?? null;
    if (isValid(column.validity, row) && isValid(bits, positions[row])) continue;
    clearBit(validity, row);
    nullCount++;
  }
  return { ...column, children: checked, validity, nullCount };
}
