// Buffers of Arrow from elsewhere, looked at and brought into the form that columns have. Pure.
import * as arrow from 'apache-arrow';
import { FerrowError } from '../errors/ferrow-error.ts';
import { type LogicalType, typeName } from '../types/logical-type.ts';
import { isValid } from './bitmap.ts';
import { fixedBuffer } from './builder.ts';
import { own } from './own.ts';

export type Validity = Uint8Array<ArrayBuffer> | null;

export const corrupt = (what: string) => new FerrowError('E_CORRUPT', `Arrow: ${what}`);

/** NULL slots are zero in a column; Arrow leaves them open. */
export function zeroNulls(
  data: Uint8Array<ArrayBuffer>,
  width: number,
  length: number,
  validity: Validity,
): Uint8Array<ArrayBuffer> {
  if (validity === null) return data;
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) data.fill(0, row * width, (row + 1) * width);
  }
  return data;
}

/** Arrow's own intervals: months; days and milliseconds; or months, days and nanoseconds. */
export function intervals(data: arrow.Data, length: number, validity: Validity): Uint8Array<ArrayBuffer> {
  const { unit } = data.type as arrow.Interval;
  const out = fixedBuffer({ kind: 'interval' }, length);
  const view = new DataView(out.buffer);
  const values = data.values as Int32Array;
  const count = unit === arrow.IntervalUnit.YEAR_MONTH ? 1 : unit === arrow.IntervalUnit.DAY_TIME ? 2 : 4;
  if (values.length < length * count) throw corrupt('intervals are too short');
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) continue;
    const at = row * count;
    if (count === 2) {
      view.setInt32(row * 16 + 4, values[at], true);
      view.setBigInt64(row * 16 + 8, BigInt(values[at + 1]) * 1000n, true);
      continue;
    }
    view.setInt32(row * 16, values[at], true);
    if (count === 1) continue;
    view.setInt32(row * 16 + 4, values[at + 1], true);
    const nanos = (BigInt(values[at + 3]) << 32n) | BigInt(values[at + 2] >>> 0);
    if (nanos % 1000n !== 0n) {
      throw new FerrowError('E_TIME_PRECISION', 'an Arrow interval is finer than microseconds');
    }
    view.setBigInt64(row * 16 + 8, nanos / 1000n, true);
  }
  return out;
}

/** Offsets of `length` values into `room` elements or bytes, as int32. */
export function checkedOffsets(
  data: arrow.Data,
  length: number,
  room: number,
  type: LogicalType,
): Int32Array {
  const raw = data.valueOffsets as unknown as Int32Array | BigInt64Array;
  const isLarge = raw instanceof BigInt64Array;
  if (isLarge && length > 0 && raw[length] > 2147483647n) {
    throw new FerrowError('E_VALUE_TOO_LARGE', 'an Arrow batch holds more than 2 GiB in one column');
  }
  const offsets = isLarge ? Int32Array.from(raw.subarray(0, length + 1), Number) : raw;
  if (offsets.length < length + 1 || offsets[0] < 0 || room < offsets[length]) {
    throw new FerrowError('E_CORRUPT', `Arrow offsets of ${typeName(type)} leave the data`);
  }
  for (let row = 0; row < length; row++) {
    if (offsets[row + 1] < offsets[row]) throw new FerrowError('E_CORRUPT', 'Arrow offsets go backwards');
  }
  return offsets;
}

/** True if offsets begin at 0 and NULLs have nothing. */
export function isClean(offsets: Int32Array, length: number, validity: Validity): boolean {
  if (offsets[0] !== 0) return false;
  for (let row = 0; row < length; row++) {
    if (offsets[row + 1] > offsets[row] && !isValid(validity, row)) return false;
  }
  return true;
}

export const ownOffsets = (offsets: Int32Array, length: number) =>
  new Int32Array(own(offsets, (length + 1) * 4).buffer, 0, length + 1);
