// One column of scanned rows -> Arrow buffers, by loops over serial types, one block of rows after the other. Pure; runs in
// crossing workers. What a loop can't take as it is (a value of another class, a number out of range) ends it with BadValue.
import { finishFixed, Nulls } from '../../../batch/builder.ts';
import type { ByteWindow } from '../../../batch/byte-copy.ts';
import type { Column } from '../../../batch/column.ts';
import type { ErrorCode } from '../../../errors/codes.ts';
import type { LogicalType } from '../../../types/logical-type.ts';
import {
  classOf,
  INT48,
  INT64,
  isInteger,
  isShortInteger,
  REAL,
  readBigint,
  readNumber,
  readShort,
  readSmall,
  word,
} from './value-bytes.ts';

/** A value that the column can't hold, at `row` of its block. */
export class BadValue extends Error {
  readonly row: number;
  readonly code: ErrorCode;

  constructor(row: number, code: ErrorCode, message: string) {
    super(message);
    this.row = row;
    this.code = code;
  }
}

/** Rows whose values are known by place; a PageScan is one. Those of a column stand from its base on. */
export interface Block extends ByteWindow {
  /** A read of four bytes may begin up to there. */
  readonly last4: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly serials: Int32Array;
  readonly starts: Int32Array;
  readonly rowids: Int32Array;
}

/** Collects one column of a chunk. */
export interface ColumnDecoder {
  /** Adds the block's values, which begin at `base`. @throws BadValue */
  add(block: Block, base: number): void;
  finish(): Column;
}

/** Integers of 64 bits. */
export class Int64Decoder implements ColumnDecoder {
  readonly #type: LogicalType & { kind: 'int' };
  readonly #real: boolean;
  readonly #data: Int32Array<ArrayBuffer>;
  readonly #nulls: Nulls;
  readonly #rowCount: number;

  constructor(type: LogicalType & { kind: 'int' }, rowCount: number, real: boolean) {
    this.#type = type;
    this.#real = real;
    this.#data = new Int32Array(rowCount * 2);
    this.#nulls = new Nulls(rowCount);
    this.#rowCount = rowCount;
  }

  add({ bytes, view, last4, firstRow, rowCount, serials, starts }: Block, base: number): void {
    const data = this.#data;
    const real = this.#real;
    const unsigned = !this.#type.signed;
    for (let row = 0, to = firstRow * 2; row < rowCount; row++, to += 2) {
      const serial = serials[base + row];
      const at = starts[base + row];
      if (isShortInteger(serial) && !real && at <= last4) {
        const value = readShort(view, at, serial);
        data[to] = value;
        data[to + 1] = value >> 31;
      } else if (isInteger(serial) && !real) {
        if (serial === INT64) {
          data[to] = word(bytes, at + 4);
          data[to + 1] = word(bytes, at);
        } else if (serial === INT48) {
          data[to] = word(bytes, at + 2);
          data[to + 1] = ((bytes[at] << 24) | (bytes[at + 1] << 16)) >> 16;
        } else {
          const value = readSmall(bytes, at, serial) | 0;
          data[to] = value;
          data[to + 1] = value >> 31;
        }
      } else if (serial === 0) this.#nulls.set(firstRow + row);
      else throw wrongClass(row, serial, real);
      if (unsigned && data[to + 1] < 0) throw outOfRange(row);
    }
  }

  finish(): Column {
    return finishFixed(this.#type, this.#rowCount, new Uint8Array(this.#data.buffer), this.#nulls);
  }
}

/** Integers of 8 to 32 bits; others are out of range. */
export class SmallIntDecoder implements ColumnDecoder {
  readonly #type: LogicalType & { kind: 'int' };
  readonly #real: boolean;
  readonly #data: ReturnType<typeof smallInts>;
  readonly #nulls: Nulls;
  readonly #rowCount: number;

  constructor(type: LogicalType & { kind: 'int' }, rowCount: number, real: boolean) {
    this.#type = type;
    this.#real = real;
    this.#data = smallInts(type, rowCount);
    this.#nulls = new Nulls(rowCount);
    this.#rowCount = rowCount;
  }

  add({ bytes, firstRow, rowCount, serials, starts }: Block, base: number): void {
    const data = this.#data;
    for (let row = 0; row < rowCount; row++) {
      const serial = serials[base + row];
      if (isInteger(serial) && !this.#real) {
        const value = readNumber(bytes, starts[base + row], serial);
        data[firstRow + row] = value;
        if (data[firstRow + row] !== value) throw outOfRange(row);
      } else if (serial === 0) this.#nulls.set(firstRow + row);
      else throw wrongClass(row, serial, this.#real);
    }
  }

  finish(): Column {
    return finishFixed(this.#type, this.#rowCount, new Uint8Array(this.#data.buffer), this.#nulls);
  }
}

function smallInts({ bits, signed }: { bits: number; signed: boolean }, length: number) {
  if (bits === 32) return signed ? new Int32Array(length) : new Uint32Array(length);
  if (bits === 16) return signed ? new Int16Array(length) : new Uint16Array(length);
  return signed ? new Int8Array(length) : new Uint8Array(length);
}

/** Integers of up to 64 bits from the rows' own numbers, which stand as pairs of words, low one first. */
export class RowidDecoder implements ColumnDecoder {
  readonly #type: LogicalType & { kind: 'int' };
  readonly #data: ReturnType<typeof smallInts> | null;
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #rowCount: number;

  constructor(type: LogicalType & { kind: 'int' }, rowCount: number) {
    this.#type = type;
    this.#data = type.bits < 64 ? smallInts(type, rowCount) : null;
    this.#words = new Int32Array(this.#data === null ? rowCount * 2 : 0);
    this.#rowCount = rowCount;
  }

  add({ firstRow, rowCount, rowids }: Block): void {
    const data = this.#data;
    if (data === null) {
      this.#words.set(rowids.subarray(0, rowCount * 2), firstRow * 2);
      return;
    }
    for (let row = 0; row < rowCount; row++) {
      const value = rowids[row * 2 + 1] * 4294967296 + (rowids[row * 2] >>> 0);
      data[firstRow + row] = value;
      if (data[firstRow + row] !== value) throw outOfRange(row);
    }
  }

  finish(): Column {
    const { buffer } = this.#data ?? this.#words;
    return finishFixed(this.#type, this.#rowCount, new Uint8Array(buffer), new Nulls(this.#rowCount));
  }
}

/** 0 and 1 -> bits. */
export class BoolDecoder implements ColumnDecoder {
  readonly #real: boolean;
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #nulls: Nulls;
  readonly #rowCount: number;

  constructor(rowCount: number, real: boolean) {
    this.#real = real;
    this.#data = new Uint8Array(((rowCount + 63) >> 6) << 3);
    this.#nulls = new Nulls(rowCount);
    this.#rowCount = rowCount;
  }

  add({ bytes, firstRow, rowCount, serials, starts }: Block, base: number): void {
    const data = this.#data;
    const real = this.#real;
    for (let row = 0, to = firstRow; row < rowCount; row++, to++) {
      const serial = serials[base + row];
      if (serial === 9 && !real) data[to >> 3] |= 1 << (to & 7);
      else if (serial === 0) this.#nulls.set(to);
      else if (isInteger(serial) && !real) {
        const value = readNumber(bytes, starts[base + row], serial);
        if (value !== 0 && value !== 1)
          throw new BadValue(row, 'E_BOOLEAN_DOMAIN', 'a value is neither 0 nor 1');
        if (value === 1) data[to >> 3] |= 1 << (to & 7);
      } else if (serial !== 8) throw wrongClass(row, serial, real);
    }
  }

  finish(): Column {
    return finishFixed({ kind: 'bool' }, this.#rowCount, this.#data, this.#nulls);
  }
}

/** Reals; integers if the float holds them exactly. */
export class FloatDecoder implements ColumnDecoder {
  readonly #type: LogicalType & { kind: 'float' };
  readonly #data: Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  readonly #nulls: Nulls;
  readonly #rowCount: number;

  constructor(type: LogicalType & { kind: 'float' }, rowCount: number) {
    this.#type = type;
    this.#data = type.bits === 64 ? new Float64Array(rowCount) : new Float32Array(rowCount);
    this.#nulls = new Nulls(rowCount);
    this.#rowCount = rowCount;
  }

  add({ bytes, view, firstRow, rowCount, serials, starts }: Block, base: number): void {
    const data = this.#data;
    for (let row = 0, to = firstRow; row < rowCount; row++, to++) {
      const serial = serials[base + row];
      if (serial === REAL) {
        const value = view.getFloat64(starts[base + row]);
        data[to] = value;
        if (data[to] !== value && !Number.isNaN(value)) throw tooManyDigits(row);
      } else if (isInteger(serial)) {
        const value = exactNumber(bytes, starts[base + row], serial, row);
        data[to] = value;
        if (data[to] !== value) throw tooManyDigits(row);
      } else if (serial === 0) this.#nulls.set(to);
      else throw wrongClass(row, serial, false);
    }
  }

  finish(): Column {
    return finishFixed(this.#type, this.#rowCount, new Uint8Array(this.#data.buffer), this.#nulls);
  }
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
export class DecimalDecoder implements ColumnDecoder {
  readonly #type: LogicalType & { kind: 'decimal' };
  /** Kept: a power costs as much as hundreds of values. */
  readonly #factor: number;
  readonly #limit: number;
  readonly #slow: (row: number, value: number | bigint | string) => bigint;
  readonly #data: Int32Array<ArrayBuffer>;
  readonly #nulls: Nulls;
  readonly #rowCount: number;

  constructor(
    type: LogicalType & { kind: 'decimal' },
    rowCount: number,
    slow: (row: number, value: number | bigint | string) => bigint,
  ) {
    this.#type = type;
    this.#factor = 10 ** type.scale;
    this.#limit = Math.min(1e15, 10 ** type.precision);
    this.#slow = slow;
    this.#data = new Int32Array(rowCount * 4);
    this.#nulls = new Nulls(rowCount);
    this.#rowCount = rowCount;
  }

  add(block: Block, base: number): void {
    const { bytes, view, last4, firstRow, rowCount, serials, starts } = block;
    const data = this.#data;
    const factor = this.#factor;
    const limit = this.#limit;
    const smallLimit = Math.min(2147483646, limit);
    for (let row = 0, to = firstRow * 4; row < rowCount; row++, to += 4) {
      const serial = serials[base + row];
      const at = starts[base + row];
      let value = Number.NaN;
      if (serial === REAL) value = view.getFloat64(at);
      else if (isShortInteger(serial) && at <= last4) value = readShort(view, at, serial);
      else if (isInteger(serial)) value = readNumber(bytes, at, serial);
      else if (serial === 0) {
        this.#nulls.set(firstRow + row);
        continue;
      }
      const scaled = value * factor;
      if (scaled < smallLimit && scaled > -smallLimit) {
        // Of 32 bits: rounding by a cast is several times faster than by Math.round.
        const units = (scaled < 0 ? scaled - 0.5 : scaled + 0.5) | 0;
        if (units / factor === value) {
          data[to] = units;
          if (units < 0) data[to + 1] = data[to + 2] = data[to + 3] = -1;
          continue;
        }
      }
      const units = Math.round(scaled);
      if (units < limit && units > -limit && units / factor === value) {
        const high = Math.floor(units / 4294967296);
        data[to] = units - high * 4294967296;
        data[to + 1] = high;
        if (units < 0) data[to + 2] = data[to + 3] = -1;
        continue;
      }
      const unscaled = this.#slow(row, decimalCell(block, base, row));
      for (let word = 0; word < 4; word++)
        data[to + word] = Number(BigInt.asIntN(32, unscaled >> BigInt(word * 32)));
    }
  }

  finish(): Column {
    return finishFixed(this.#type, this.#rowCount, new Uint8Array(this.#data.buffer), this.#nulls);
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A value as better-sqlite3 would give it, for the few that need more than arithmetic on doubles. */
function decimalCell(
  { bytes, view, serials, starts }: Block,
  base: number,
  row: number,
): number | bigint | string {
  const serial = serials[base + row];
  const at = starts[base + row];
  if (serial === REAL) return view.getFloat64(at);
  if (isInteger(serial)) return readBigint(bytes, at, serial);
  if (serial < 13 || (serial & 1) === 0) throw wrongClass(row, serial, false);
  return decoder.decode(bytes.subarray(at, at + ((serial - 13) >> 1)));
}

const CLASS_NAMES = ['an integer', 'a real number', 'a text', 'a blob'];

export function wrongClass(row: number, serial: number, real: boolean): BadValue {
  return new BadValue(row, 'E_MIXED_STORAGE', `${CLASS_NAMES[classOf(serial, real)]} stands in the column`);
}

function outOfRange(row: number): BadValue {
  return new BadValue(row, 'E_INT_RANGE', 'an integer is out of range');
}

function tooManyDigits(row: number): BadValue {
  return new BadValue(row, 'E_DECIMAL_SCALE', 'a value has more digits than the float');
}
