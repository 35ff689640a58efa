// JS cells -> columns: with bound-values.ts the only place in the house where a JS value per cell is right.
// Engine thread. Cells come from better-sqlite3 with safeIntegers: bigint is INTEGER, number REAL, string TEXT,
// Buffer BLOB, null NULL; so the storage class of every cell is known and checked.
import { bitmapBytes, clearBit, setBit } from '../../batch/bitmap.ts';
import { type Column, fixedColumn } from '../../batch/column.ts';
import type { ErrorCode } from '../../errors/codes.ts';
import { fixedWidth, type LogicalType, typeName } from '../../types/logical-type.ts';
import { type Cell, cellText, type Page } from './codec/cell.ts';

/** A cell that the column can't hold; `row` counts within the page. */
export class BadCell extends Error {
  readonly row: number;
  readonly code: ErrorCode;
  readonly value: string;

  constructor(row: number, code: ErrorCode, message: string, cell: Cell) {
    super(message);
    this.row = row;
    this.code = code;
    this.value = cellText(cell);
  }
}

/** Collects one column of a chunk. */
export interface CellBuilder {
  /** Adds cell `cell` of every row. @throws BadCell */
  append(page: Page, cell: number): void;
  /** Bytes collected so far. */
  readonly byteLength: number;
  /** The column, with buffers cut to size. The builder is done. */
  finish(): Column;
}

/** Validity bits that grow; a set bit is a value. */
export class GrowingValidity {
  nullCount = 0;
  length = 0;
  #bits = new Uint8Array(bitmapBytes(1024)).fill(0xff);

  setNull(at: number): void {
    if (at >= this.#bits.length * 8) {
      const grown = new Uint8Array(bitmapBytes(Math.max(at + 1, this.#bits.length * 16))).fill(0xff);
      grown.set(this.#bits);
      this.#bits = grown;
    }
    clearBit(this.#bits, at);
    this.nullCount++;
  }

  /** Null where there is no NULL. */
  finish(length: number): Uint8Array<ArrayBuffer> | null {
    if (this.nullCount === 0) return null;
    const bytes = bitmapBytes(length);
    const bits = new Uint8Array(bytes).fill(0xff);
    bits.set(this.#bits.subarray(0, Math.min(bytes, this.#bits.length)));
    return bits;
  }
}

/** Fixed-width values: grows, and leaves each kind of value to its subclass. */
export abstract class FixedBuilder implements CellBuilder {
  protected readonly type: LogicalType;
  protected length = 0;
  protected view: DataView<ArrayBuffer> = new DataView(new ArrayBuffer(0));
  readonly #validity = new GrowingValidity();
  readonly #width: number;

  constructor(type: LogicalType) {
    this.type = type;
    this.#width = fixedWidth(type);
  }

  get byteLength(): number {
    return this.length * this.#width;
  }

  append(page: Page, cell: number): void {
    const { rows } = page;
    this.#reserve(this.length + rows.length);
    for (let row = 0; row < rows.length; row++) {
      const value = rows[row][cell];
      if (value === null) this.#validity.setNull(this.length);
      else this.store(value, row);
      this.length++;
    }
  }

  /** Puts the value at `this.length`. */
  protected abstract store(value: Cell, row: number): void;
  /** Makes typed views over a new buffer. */
  protected abstract attach(buffer: ArrayBuffer): void;

  #reserve(count: number): void {
    const wanted = count * this.#width;
    if (wanted <= this.view.byteLength) return;
    const grown = new Uint8Array(Math.max(wanted, this.view.byteLength * 2, 1024 * this.#width));
    grown.set(new Uint8Array(this.view.buffer));
    this.view = new DataView(grown.buffer);
    this.attach(grown.buffer);
  }

  finish(): Column {
    const data = new Uint8Array(this.view.buffer.slice(0, this.byteLength));
    const { nullCount } = this.#validity;
    return fixedColumn(this.type, this.length, data, this.#validity.finish(this.length), nullCount);
  }
}

export class IntegerBuilder extends FixedBuilder {
  readonly #bits: number;
  readonly #signed: boolean;
  #values:
    | BigInt64Array
    | BigUint64Array
    | Int32Array
    | Int16Array
    | Int8Array
    | Uint32Array
    | Uint16Array
    | Uint8Array = new BigInt64Array(0);

  constructor(type: LogicalType & { kind: 'int' }) {
    super(type);
    this.#bits = type.bits;
    this.#signed = type.signed;
  }

  protected attach(buffer: ArrayBuffer): void {
    if (this.#bits === 64)
      this.#values = this.#signed ? new BigInt64Array(buffer) : new BigUint64Array(buffer);
    else if (this.#bits === 32)
      this.#values = this.#signed ? new Int32Array(buffer) : new Uint32Array(buffer);
    else if (this.#bits === 16)
      this.#values = this.#signed ? new Int16Array(buffer) : new Uint16Array(buffer);
    else this.#values = this.#signed ? new Int8Array(buffer) : new Uint8Array(buffer);
  }

  protected store(value: Cell, row: number): void {
    if (typeof value !== 'bigint') throw wrongClass(row, this.type, value);
    if (this.#bits === 64) {
      if (!this.#signed && value < 0n) throw outOfRange(row, this.type, value);
      (this.#values as BigInt64Array)[this.length] = value;
      return;
    }
    const number = Number(value);
    (this.#values as Int32Array)[this.length] = number;
    if ((this.#values as Int32Array)[this.length] !== number) throw outOfRange(row, this.type, value);
  }
}

/** Integers that count seconds or milliseconds; Julian days (unit us), exact to the millisecond as in SQLite. */
export class InstantBuilder extends FixedBuilder {
  readonly #julian: boolean;
  #values = new BigInt64Array(0);

  constructor(type: LogicalType & { kind: 'timestamp' }) {
    super(type);
    this.#julian = type.unit === 'us';
  }

  protected attach(buffer: ArrayBuffer): void {
    this.#values = new BigInt64Array(buffer);
  }

  protected store(value: Cell, row: number): void {
    if (this.#julian && (typeof value === 'number' || typeof value === 'bigint')) {
      const millis = Math.round((Number(value) - UNIX_EPOCH_JULIAN) * 86_400_000);
      if (!Number.isSafeInteger(millis)) {
        throw new BadCell(row, 'E_TIMESTAMP_RANGE', 'a Julian day is too far away', value);
      }
      this.#values[this.length] = BigInt(millis) * 1000n;
    } else if (typeof value === 'bigint') this.#values[this.length] = value;
    else throw wrongClass(row, this.type, value);
  }
}

const UNIX_EPOCH_JULIAN = 2440587.5;

export class FloatBuilder extends FixedBuilder {
  #values: Float64Array | Float32Array = new Float64Array(0);

  protected attach(buffer: ArrayBuffer): void {
    this.#values = fixedWidth(this.type) === 8 ? new Float64Array(buffer) : new Float32Array(buffer);
  }

  protected store(value: Cell, row: number): void {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number') throw wrongClass(row, this.type, value);
    this.#values[this.length] = number;
    const exact = typeof value !== 'bigint' || BigInt(number) === value;
    if (!exact || (this.#values[this.length] !== number && !Number.isNaN(number))) {
      throw new BadCell(row, 'E_DECIMAL_SCALE', `a value has more digits than ${typeName(this.type)}`, value);
    }
  }
}

/** 0 and 1 -> bits. */
export class BooleanBuilder implements CellBuilder {
  readonly #validity = new GrowingValidity();
  #bits: Uint8Array<ArrayBuffer> = new Uint8Array(128);
  #length = 0;

  get byteLength(): number {
    return this.#length >> 3;
  }

  append(page: Page, cell: number): void {
    const { rows } = page;
    const bytes = bitmapBytes(this.#length + rows.length);
    if (bytes > this.#bits.length) {
      const grown = new Uint8Array(Math.max(bytes, this.#bits.length * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    for (let row = 0; row < rows.length; row++) {
      const value = rows[row][cell];
      if (value === 1n) setBit(this.#bits, this.#length);
      else if (value === null) this.#validity.setNull(this.#length);
      else if (value !== 0n) throw new BadCell(row, 'E_BOOLEAN_DOMAIN', 'a value is neither 0 nor 1', value);
      this.#length++;
    }
  }

  finish(): Column {
    const bits = this.#bits.slice(0, bitmapBytes(this.#length));
    const { nullCount } = this.#validity;
    return fixedColumn({ kind: 'bool' }, this.#length, bits, this.#validity.finish(this.#length), nullCount);
  }
}

const CLASS_NAMES: Readonly<Record<string, string>> = {
  bigint: 'an integer',
  number: 'a real number',
  string: 'a text',
  object: 'a blob',
};

/** A cell whose storage class is not the column's. */
export function wrongClass(row: number, type: LogicalType, cell: Cell): BadCell {
  const found = CLASS_NAMES[typeof cell];
  return new BadCell(row, 'E_MIXED_STORAGE', `${found} stands in a column of ${typeName(type)}`, cell);
}

function outOfRange(row: number, type: LogicalType, cell: Cell): BadCell {
  return new BadCell(row, 'E_INT_RANGE', `an integer is out of range of ${typeName(type)}`, cell);
}
