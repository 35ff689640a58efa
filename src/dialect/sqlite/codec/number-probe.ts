// Measures decimals, stored as numbers or as text: digits before and behind the point, NaN, infinities. Pure;
// one call per value.
import type { ColumnEvidence } from '../../../types/evidence.ts';
import { decimalParts } from './unscaled.ts';

/** Decimal text as Ferrow writes it, and no other way to write the same. */
const DECIMAL_TEXT = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;

export class NumberProbe {
  #maxIntegerDigits = 0;
  #maxScale = 0;
  #maxSignificantDigits = 0;
  #nanCount = 0;
  #infinityCount = 0;
  /** Bounds below which a value can't raise a maximum. */
  #integerLimit = 0;
  #unitsLimit = 0;
  #factor = 1;
  /** Every real so far is a single-precision value. */
  single = true;
  /** Every text so far is decimal text. */
  allDecimalText = true;

  addNumber(value: number): void {
    if (!Number.isFinite(value)) {
      this.#infinityCount++;
      return;
    }
    if (this.single && Math.fround(value) !== value) this.single = false;
    const size = Math.abs(value);
    const units = Math.round(size * this.#factor);
    const known = size < this.#integerLimit && units < this.#unitsLimit && units / this.#factor === size;
    if (!known) this.#measure(String(size));
  }

  /** True if adding the real would change nothing; false for NaN and the infinities, which no limit is above. */
  knows(value: number): boolean {
    if (this.single && Math.fround(value) !== value) return false;
    const size = value < 0 ? -value : value;
    const scaled = size * this.#factor;
    // Rounding by a cast is several times faster than by Math.round.
    const units = scaled < 2147483647 ? (scaled + 0.5) | 0 : Math.round(scaled);
    return size < this.#integerLimit && this.#isShort(units) && units / this.#factor === size;
  }

  /** True if adding the integer would change nothing. */
  knowsInteger(value: number): boolean {
    const size = Math.abs(value);
    return size < this.#integerLimit && this.#isShort(size * this.#factor);
  }

  /** No more digits than were seen; zeros at the end are none. */
  #isShort(units: number): boolean {
    let digits = units;
    while (digits >= this.#unitsLimit && digits < 1e15 && digits % 10 === 0) digits /= 10;
    return digits < this.#unitsLimit;
  }

  addInteger(value: bigint): void {
    const size = Math.abs(Number(value));
    if (size >= this.#integerLimit || size * this.#factor >= this.#unitsLimit) {
      this.#measure(String(value < 0n ? -value : value));
    }
  }

  /** False if it is no decimal text. */
  addText(text: string): boolean {
    if (text === 'NaN') this.#nanCount++;
    else if (text === 'Infinity' || text === '-Infinity') this.#infinityCount++;
    else if (DECIMAL_TEXT.test(text)) this.#measure(text.startsWith('-') ? text.slice(1) : text);
    else {
      this.allDecimalText = false;
      return false;
    }
    return true;
  }

  #measure(text: string): void {
    const parts = decimalParts(text);
    if (parts === null) return;
    const digits = parts.digits === 0n ? '' : parts.digits.toString();
    const integerDigits = Math.max(0, digits.length - parts.scale);
    let significant = digits.length;
    if (parts.scale === 0) while (significant > 0 && digits[significant - 1] === '0') significant--;
    this.#maxIntegerDigits = Math.max(this.#maxIntegerDigits, integerDigits);
    this.#maxScale = Math.max(this.#maxScale, parts.scale);
    this.#maxSignificantDigits = Math.max(this.#maxSignificantDigits, significant);
    this.#factor = 10 ** Math.min(22, this.#maxScale);
    this.#integerLimit = 10 ** this.#maxIntegerDigits;
    this.#unitsLimit = Math.min(1e15, 10 ** this.#maxSignificantDigits);
  }

  finish(): NonNullable<ColumnEvidence['numeric']> {
    return {
      maxIntegerDigits: this.#maxIntegerDigits,
      maxScale: this.#maxScale,
      maxSignificantDigits: this.#maxSignificantDigits,
      nanCount: this.#nanCount,
      infinityCount: this.#infinityCount,
    };
  }
}
