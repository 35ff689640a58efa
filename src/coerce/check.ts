// Carries out the checks that dialects declare. A check that finds nothing gives the column back untouched
// and costs one scan of its typed array.
import { clearBit, isValid, newBitmap } from '../batch/bitmap.ts';
import { int32View, offsetsOf } from '../batch/builder.ts';
import { ANY_CLASSES, type Column } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { isNested, isVariableWidth, type LogicalType } from '../types/logical-type.ts';
import type { Check } from '../types/mapping.ts';
import type { Policies } from '../types/policy.ts';
import { mappedSink, rowsOf } from './any.ts';
import { checkBitLength, checkNoEmptyBit } from './bit.ts';
import { DATE_INFINITY, isInfinite } from './calendar.ts';
import { checkInside, insideCodes } from './check-nested.ts';
import { checkRange, rejectFixed } from './check-range.ts';
import { checkMaxBytes, checkMaxChars, checkNoNul, checkUtf8 } from './check-text.ts';
import { SCAN, specialNumber } from './digits.ts';
import { floatView } from './float.ts';
import { intervalInfinity } from './interval-text.ts';
import { checkJson } from './json.ts';
import type { LossSink } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { withoutRejected } from './variable.ts';

/** Codes that a check may raise on a column of this type; none where it does not concern the type. */
export function checkCodes(check: Check, type: LogicalType): readonly ErrorCode[] {
  if (isNested(type)) return insideCodes(check, type, checkCodes);
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
      if (kind === 'interval') return ['E_INTERVAL_INFINITY'];
      return kind === 'float' || kind === 'numeric' || kind === 'any' ? ['E_NUMERIC_SPECIAL'] : [];
    case 'range':
      return kind === 'int' || kind === 'date' || kind === 'time' || kind === 'timestamp' ? [check.code] : [];
    case 'json':
      return hasHeap ? ['E_INVALID_JSON'] : [];
    case 'bitLength':
      return kind === 'bit' ? ['E_INVALID_BIT'] : [];
    case 'noEmptyBit':
      return kind === 'bit' ? ['E_EMPTY_BIT'] : [];
    case 'negativeZero':
    case 'child':
      return [];
  }
}

/** Runs one check. Values that fail become NULL and are reported, or treated as `policies` say. */
export function runCheck(check: Check, column: Column, sink: LossSink, policies: Policies): Column {
  if (column.nullCount === column.length) return column;
  const { kind } = column.type;
  if (kind === 'any') return checkAny(check, column, sink, policies);
  if (isNested(column.type)) return checkInside(check, column, sink, policies, runCheck);
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
    case 'bitLength':
      return kind === 'bit' ? checkBitLength(column, sink, check.bits) : column;
    case 'noEmptyBit':
      return kind === 'bit' ? checkNoEmptyBit(column, sink, policies) : column;
    case 'negativeZero':
      if (kind === 'float') countNegativeZeros(column, sink);
      return column;
    case 'child':
      return column;
  }
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
    case 'interval': {
      const words = int32View(column.data);
      const bad = (row: number) => intervalInfinity(words, row) !== 0;
      return rejectFixed(column, sink, policies, bad, 'E_INTERVAL_INFINITY', message, 'infinity');
    }
    default:
      return column;
  }
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
