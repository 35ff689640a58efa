// Integers and decimals seen as one thing: unscaled whole numbers with a scale. Readers and writers of such
// columns, with a fast way for what a double holds exactly (|value| < 2^53) and Wide for the rest.

import { finishFixed, fixedBuffer, int32View, type Nulls, smallIntView } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { LogicalType } from '../types/logical-type.ts';
import { POW10, type Wide, wordsOf } from './wide.ts';

export type ScaledType = Extract<LogicalType, { kind: 'int' | 'decimal' }>;

/** Digits behind the point; 0 for integers. */
export function scaleOf(type: ScaledType): number {
  return type.kind === 'decimal' ? type.scale : 0;
}

function wordCount(type: ScaledType): number {
  return type.kind === 'decimal' || type.bits === 128 ? 4 : type.bits === 64 ? 2 : 1;
}

/** Reads the unscaled values of an integer or decimal column. */
export class ScaledReader {
  readonly #count: number;
  readonly #signed: boolean;
  readonly #small: ReturnType<typeof smallIntView> | null;
  readonly #words: Int32Array;

  constructor(column: Column) {
    const type = column.type as ScaledType;
    this.#count = wordCount(type);
    this.#signed = type.kind === 'decimal' || type.signed;
    this.#small =
      type.kind === 'int' && type.bits <= 32
        ? smallIntView(column.data, type.bits as 8 | 16 | 32, type.signed)
        : null;
    this.#words = int32View(column.data);
  }

  /** The value, or NaN if it is not within ±2^53. */
  number(row: number): number {
    if (this.#small !== null) return this.#small[row];
    const words = this.#words;
    const at = row * this.#count;
    const high = words[at + 1];
    if (high < -0x200000 || high >= 0x200000) return Number.NaN;
    if (this.#count === 4) {
      const sign = high >> 31;
      if (words[at + 2] !== sign || words[at + 3] !== sign) return Number.NaN;
    }
    if (high < 0 && !this.#signed) return Number.NaN;
    return high * 4294967296 + (words[at] >>> 0);
  }

  /** Any value; for columns of 64 bits and more. */
  wide(row: number, into: Wide): void {
    if (this.#small !== null) into.setNumber(this.#small[row]);
    else into.load(this.#words, row * this.#count, this.#count, this.#signed);
  }
}

/** Writes unscaled values into an integer or decimal column, checking the type's bounds. */
export class ScaledWriter {
  readonly #type: ScaledType;
  readonly #length: number;
  readonly #count: number;
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #small: ReturnType<typeof smallIntView> | null;
  readonly #words: Int32Array;
  readonly #min: number;
  readonly #max: number;
  readonly #minWords: Uint32Array;
  readonly #maxWords: Uint32Array;

  constructor(type: ScaledType, length: number) {
    this.#type = type;
    this.#length = length;
    this.#count = wordCount(type);
    this.#data = fixedBuffer(type, length);
    this.#small =
      type.kind === 'int' && type.bits <= 32
        ? smallIntView(this.#data, type.bits as 8 | 16 | 32, type.signed)
        : null;
    this.#words = int32View(this.#data);
    if (type.kind === 'decimal') {
      this.#max = type.precision < 16 ? POW10[type.precision] - 1 : Number.POSITIVE_INFINITY;
      this.#min = -this.#max;
      this.#maxWords = wordsOf(10n ** BigInt(type.precision) - 1n);
      this.#minWords = this.#maxWords;
    } else {
      const { min, max } = integerBounds(type.bits, type.signed);
      this.#min = type.bits > 53 && type.signed ? Number.NEGATIVE_INFINITY : Number(min);
      this.#max = type.bits > 53 ? Number.POSITIVE_INFINITY : Number(max);
      this.#minWords = wordsOf(-min);
      this.#maxWords = wordsOf(max);
    }
  }

  /** Writes a whole number within ±2^53; false if the type can't hold it. */
  number(row: number, value: number): boolean {
    if (value < this.#min || value > this.#max) return false;
    if (this.#small !== null) {
      this.#small[row] = value;
      return true;
    }
    const words = this.#words;
    const at = row * this.#count;
    const high = Math.floor(value / 4294967296);
    words[at] = value - high * 4294967296;
    words[at + 1] = high;
    if (this.#count === 4) {
      words[at + 2] = high >> 31;
      words[at + 3] = high >> 31;
    }
    return true;
  }

  /** Writes any value; false if the type can't hold it. */
  wide(row: number, value: Wide): boolean {
    if (value.isZero()) value.negative = false;
    if (value.exceeds(value.negative ? this.#minWords : this.#maxWords)) return false;
    if (this.#small !== null) {
      const magnitude = value.words[0];
      this.#small[row] = value.negative ? -magnitude : magnitude;
    } else value.store(this.#words, row * this.#count, this.#count);
    return true;
  }

  finish(nulls: Nulls): Column {
    return finishFixed(this.#type, this.#length, this.#data, nulls);
  }
}

/** Smallest and largest value of an integer type. */
export function integerBounds(bits: number, signed: boolean): { min: bigint; max: bigint } {
  const span = 1n << BigInt(signed ? bits - 1 : bits);
  return { min: signed ? -span : 0n, max: span - 1n };
}
