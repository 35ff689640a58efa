// One column of scanned rows -> Arrow buffers, by loops over serial types. Pure; runs in crossing workers.
// What a loop can't take as it is (a value of another class, a number out of range) ends it with BadValue.
import { Nulls } from '../../../batch/builder.ts';
import { type Column, fixedColumn, variableColumn } from '../../../batch/column.ts';
import type { ErrorCode } from '../../../errors/codes.ts';
import type { LogicalType } from '../../../types/logical-type.ts';

/** A value that the column can't hold, at `row` of the chunk. */
export class BadValue extends Error {
  readonly row: number;
  readonly code: ErrorCode;

  constructor(row: number, code: ErrorCode, message: string) {
    super(message);
    this.row = row;
    this.code = code;
  }
}

/** The values of one column: `serials` and `starts` of its rows, in the chunk's bytes. */
export interface Values {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rowCount: number;
  readonly serials: Int32Array;
  readonly starts: Int32Array;
  readonly real: boolean;
}

const REAL = 7;
const HEAP_BYTES_MAX = 2 ** 31 - 1;

/** Values of these serial types and of 8 and 9 are integers of at most 48 bits, which a double holds. */
const INT48 = 5;
const INT64 = 6;

/** An integer of serial types 1 to 5, 8 and 9. */
function readSmall(bytes: Uint8Array, at: number, serial: number): number {
  switch (serial) {
    case 1:
      return (bytes[at] << 24) >> 24;
    case 2:
      return ((bytes[at] << 24) | (bytes[at + 1] << 16)) >> 16;
    case 3:
      return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8)) >> 8;
    case 4:
      return word(bytes, at);
    case INT48:
      return (((bytes[at] << 24) | (bytes[at + 1] << 16)) >> 16) * 4294967296 + (word(bytes, at + 2) >>> 0);
    default:
      return serial - 8;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** An integer as a double; nearest, where it has more than 53 bits. */
export function readNumber(bytes: Uint8Array, at: number, serial: number): number {
  return serial === INT64
    ? word(bytes, at) * 4294967296 + (word(bytes, at + 4) >>> 0)
    : readSmall(bytes, at, serial);
}

function readBigint(bytes: Uint8Array, at: number, serial: number): bigint {
  if (serial !== INT64) return BigInt(readSmall(bytes, at, serial));
  return (BigInt(word(bytes, at)) << 32n) | BigInt(word(bytes, at + 4) >>> 0);
}

export function isInteger(serial: number): boolean {
  return (serial >= 1 && serial <= 6) || serial === 8 || serial === 9;
}

/** Integers of 64 bits. */
export function int64Values({ bytes, rowCount, serials, starts, real }: Values, type: LogicalType): Column {
  const data = new Int32Array(rowCount * 2);
  const nulls = new Nulls(rowCount);
  const unsigned = type.kind === 'int' && !type.signed;
  for (let row = 0; row < rowCount; row++) {
    const serial = serials[row];
    if (isInteger(serial) && !real) {
      const at = starts[row];
      if (serial === INT64) {
        data[row * 2] = word(bytes, at + 4);
        data[row * 2 + 1] = word(bytes, at);
      } else if (serial === INT48) {
        data[row * 2] = word(bytes, at + 2);
        data[row * 2 + 1] = ((bytes[at] << 24) | (bytes[at + 1] << 16)) >> 16;
      } else {
        const value = readSmall(bytes, at, serial) | 0;
        data[row * 2] = value;
        data[row * 2 + 1] = value >> 31;
      }
      if (unsigned && data[row * 2 + 1] < 0) throw outOfRange(row);
    } else if (serial === 0) nulls.set(row);
    else throw wrongClass(row, serial, real);
  }
  return fixedColumn(type, rowCount, new Uint8Array(data.buffer), nulls.validity, nulls.count);
}

/** Integers of 8 to 32 bits; others are out of range. */
export function smallIntValues(
  { bytes, rowCount, serials, starts, real }: Values,
  type: LogicalType & { kind: 'int' },
): Column {
  const data = smallInts(type, rowCount);
  const nulls = new Nulls(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const serial = serials[row];
    if (isInteger(serial) && !real) {
      const value = readNumber(bytes, starts[row], serial);
      data[row] = value;
      if (data[row] !== value) throw outOfRange(row);
    } else if (serial === 0) nulls.set(row);
    else throw wrongClass(row, serial, real);
  }
  return fixedColumn(type, rowCount, new Uint8Array(data.buffer), nulls.validity, nulls.count);
}

function smallInts({ bits, signed }: { bits: number; signed: boolean }, length: number) {
  if (bits === 32) return signed ? new Int32Array(length) : new Uint32Array(length);
  if (bits === 16) return signed ? new Int16Array(length) : new Uint16Array(length);
  return signed ? new Int8Array(length) : new Uint8Array(length);
}

/** 0 and 1 -> bits. */
export function boolValues({ bytes, rowCount, serials, starts, real }: Values): Column {
  const data = new Uint8Array(((rowCount + 63) >> 6) << 3);
  const nulls = new Nulls(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const serial = serials[row];
    if (serial === 9 && !real) data[row >> 3] |= 1 << (row & 7);
    else if (serial === 0) nulls.set(row);
    else if (isInteger(serial) && !real) {
      const value = readNumber(bytes, starts[row], serial);
      if (value !== 0 && value !== 1)
        throw new BadValue(row, 'E_BOOLEAN_DOMAIN', 'a value is neither 0 nor 1');
      if (value === 1) data[row >> 3] |= 1 << (row & 7);
    } else if (serial !== 8) throw wrongClass(row, serial, real);
  }
  return fixedColumn({ kind: 'bool' }, rowCount, data, nulls.validity, nulls.count);
}

/** Reals; integers if the float holds them exactly. */
export function floatValues(values: Values, type: LogicalType & { kind: 'float' }): Column {
  const { bytes, rowCount, serials, starts } = values;
  const data = type.bits === 64 ? new Float64Array(rowCount) : new Float32Array(rowCount);
  const nulls = new Nulls(rowCount);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let row = 0; row < rowCount; row++) {
    const serial = serials[row];
    if (serial === REAL) {
      const value = view.getFloat64(starts[row]);
      data[row] = value;
      if (data[row] !== value && !Number.isNaN(value)) throw tooManyDigits(row);
    } else if (isInteger(serial)) {
      const value = exactNumber(bytes, starts[row], serial, row);
      data[row] = value;
      if (data[row] !== value) throw tooManyDigits(row);
    } else if (serial === 0) nulls.set(row);
    else throw wrongClass(row, serial, false);
  }
  return fixedColumn(type, rowCount, new Uint8Array(data.buffer), nulls.validity, nulls.count);
}

/** An integer as a double that is exactly it. */
function exactNumber(bytes: Uint8Array, at: number, serial: number, row: number): number {
  const value = readNumber(bytes, at, serial);
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  const exact = readBigint(bytes, at, serial);
  if (BigInt(Number(exact)) !== exact) throw tooManyDigits(row);
  return Number(exact);
}

/**
 * Decimals of 16 bytes from integers and from reals by their shortest decimal form. Below 10^15 units no other decimal
 * of the scale, and none shorter, lies as near to the double, so multiplying and dividing back proves the digits;
 * `slow` gives the unscaled value of all others, or throws.
 */
export function decimalValues(
  values: Values,
  type: LogicalType & { kind: 'decimal' },
  slow: (row: number, value: number | bigint | string) => bigint,
): Column {
  const { bytes, rowCount, serials, starts } = values;
  const data = new Int32Array(rowCount * 4);
  const nulls = new Nulls(rowCount);
  const factor = 10 ** type.scale;
  const limit = Math.min(1e15, 10 ** type.precision);
  const smallLimit = Math.min(2147483646, limit);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let row = 0; row < rowCount; row++) {
    const serial = serials[row];
    if (serial === 0) {
      nulls.set(row);
      continue;
    }
    let value = Number.NaN;
    if (serial === REAL) value = view.getFloat64(starts[row]);
    else if (isInteger(serial)) value = readNumber(bytes, starts[row], serial);
    const scaled = value * factor;
    if (scaled < smallLimit && scaled > -smallLimit) {
      // Of 32 bits: rounding by a cast is several times faster than by Math.round.
      const units = (scaled < 0 ? scaled - 0.5 : scaled + 0.5) | 0;
      if (units / factor === value) {
        const at = row * 4;
        data[at] = units;
        if (units < 0) data[at + 1] = data[at + 2] = data[at + 3] = -1;
        continue;
      }
    }
    const units = Math.round(scaled);
    if (units < limit && units > -limit && units / factor === value) {
      const high = Math.floor(units / 4294967296);
      data[row * 4] = units - high * 4294967296;
      data[row * 4 + 1] = high;
      if (units < 0) data[row * 4 + 2] = data[row * 4 + 3] = -1;
      continue;
    }
    const unscaled = slow(row, decimalCell(values, row));
    for (let word = 0; word < 4; word++)
      data[row * 4 + word] = Number(BigInt.asIntN(32, unscaled >> BigInt(word * 32)));
  }
  return fixedColumn(type, rowCount, new Uint8Array(data.buffer), nulls.validity, nulls.count);
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A value as better-sqlite3 would give it, for the few that need more than arithmetic on doubles. */
function decimalCell({ bytes, serials, starts }: Values, row: number): number | bigint | string {
  const serial = serials[row];
  if (serial === REAL) return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(starts[row]);
  if (isInteger(serial)) return readBigint(bytes, starts[row], serial);
  if (serial < 13 || (serial & 1) === 0) throw wrongClass(row, serial, false);
  return decoder.decode(bytes.subarray(starts[row], starts[row] + ((serial - 13) >> 1)));
}

/** A value as better-sqlite3 would give it, but text as its bytes. */
export function cellValue(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  serial: number,
  real: boolean,
): Buffer | bigint | number | null {
  if (serial === 0) return null;
  if (serial === REAL) return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(at);
  if (serial < 12) return real ? readNumber(bytes, at, serial) : readBigint(bytes, at, serial);
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, (serial - 12) >> 1);
}

/** Longer values are copied by one call; a call costs as much as some fifty single bytes. */
const SHORT_BYTES = 48;

/** Text (odd serial types) or blobs (even) -> offsets and heap. */
export function heapValues(values: Values, type: LogicalType): Column {
  const { bytes, rowCount, serials, starts } = values;
  const both = type.kind === 'binary';
  const offsets = new Int32Array(rowCount + 1);
  const nulls = new Nulls(rowCount);
  let end = 0;
  for (let row = 0; row < rowCount; row++) {
    const serial = serials[row];
    if (serial >= 12) {
      // With invalid_utf8=blob text comes as bytes.
      if ((serial & 1) === 0 && !both) throw wrongClass(row, serial, false);
      end += (serial - 12) >> 1;
    } else if (serial === 0) nulls.set(row);
    else throw wrongClass(row, serial, values.real);
    offsets[row + 1] = end;
  }
  if (end > HEAP_BYTES_MAX)
    throw new BadValue(0, 'E_VALUE_TOO_LARGE', 'a batch of one column is larger than 2 GiB');
  const heap = new Uint8Array(end);
  for (let row = 0; row < rowCount; row++) {
    let to = offsets[row];
    const stop = offsets[row + 1];
    let from = starts[row];
    if (stop - to > SHORT_BYTES) heap.set(bytes.subarray(from, from + stop - to), to);
    else while (to < stop) heap[to++] = bytes[from++];
  }
  return variableColumn(type, rowCount, offsets, heap, nulls.validity, nulls.count);
}

/** Storage class of a value: an index of ANY_CLASSES, or -1 for NULL. */
export function classOf(serial: number, real: boolean): number {
  if (serial === 0) return -1;
  if (serial === REAL) return 1;
  if (serial < 12) return real ? 1 : 0;
  return (serial & 1) === 1 ? 2 : 3;
}

const CLASS_NAMES = ['an integer', 'a real number', 'a text', 'a blob'];

function wrongClass(row: number, serial: number, real: boolean): BadValue {
  return new BadValue(row, 'E_MIXED_STORAGE', `${CLASS_NAMES[classOf(serial, real)]} stands in the column`);
}

function outOfRange(row: number): BadValue {
  return new BadValue(row, 'E_INT_RANGE', 'an integer is out of range');
}

function tooManyDigits(row: number): BadValue {
  return new BadValue(row, 'E_DECIMAL_SCALE', 'a value has more digits than the float');
}
