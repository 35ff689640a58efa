// Measures decimals, stored as numbers or as text: digits before and behind the point, NaN, infinities. Pure;
// one call per value.
import type { ColumnEvidence } from '../../../types/evidence.ts';
import { decimalParts } from './unscaled.ts';

/** Decimal text as Ferrow writes it, and no other way to write the same. */
const DECIMAL_TEXT = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;

/** What was measured; of numbers and of texts apart, since texts count no more once one of them is no decimal. */
interface Digits {
  maxIntegerDigits: number;
  maxScale: number;
  maxSignificantDigits: number;
  nanCount: number;
  infinityCount: number;
}

/** All that a probe knows; plain data. */
export interface NumberFindings {
  readonly numbers: Readonly<Digits>;
  readonly texts: Readonly<Digits>;
  readonly single: boolean;
  readonly allDecimalText: boolean;
}

const nothing = (): Digits => ({
  maxIntegerDigits: 0,
  maxScale: 0,
  maxSignificantDigits: 0,
  nanCount: 0,
  infinityCount: 0,
});

function both(a: Readonly<Digits>, b: Readonly<Digits>): Digits {
  return {
    maxIntegerDigits: Math.max(a.maxIntegerDigits, b.maxIntegerDigits),
    maxScale: Math.max(a.maxScale, b.maxScale),
    maxSignificantDigits: Math.max(a.maxSignificantDigits, b.maxSignificantDigits),
    nanCount: a.nanCount + b.nanCount,
    infinityCount: a.infinityCount + b.infinityCount,
  };
}

export class NumberProbe {
  #numbers = nothing();
  #texts = nothing();
  /** Bounds below which a number can't raise a maximum. */
  #integerLimit = 0;
  #unitsLimit = 0;
  #factor = 1;
  /** Every real so far is a single-precision value. */
  single = true;
  /** Every text so far is decimal text. */
  allDecimalText = true;

  addNumber(value: number): void {
    if (!Number.isFinite(value)) {
      this.#numbers.infinityCount++;
      return;
    }
    if (this.single && Math.fround(value) !== value) this.single = false;
    const size = Math.abs(value);
    const units = Math.round(size * this.#factor);
    const known = size < this.#integerLimit && units < this.#unitsLimit && units / this.#factor === size;
    if (!known) this.#measureNumber(String(size));
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
      this.#measureNumber(String(value < 0n ? -value : value));
    }
  }

  /** False if it is no decimal text. */
  addText(text: string): boolean {
    if (text === 'NaN') this.#texts.nanCount++;
    else if (text === 'Infinity' || text === '-Infinity') this.#texts.infinityCount++;
    else if (DECIMAL_TEXT.test(text)) measure(text.startsWith('-') ? text.slice(1) : text, this.#texts);
    else {
      this.allDecimalText = false;
      return false;
    }
    return true;
  }

  #measureNumber(text: string): void {
    measure(text, this.#numbers);
    this.#setLimits();
  }

  #setLimits(): void {
    const { maxIntegerDigits, maxScale, maxSignificantDigits } = this.#numbers;
    this.#factor = 10 ** Math.min(22, maxScale);
    this.#integerLimit = 10 ** maxIntegerDigits;
    this.#unitsLimit = Math.min(1e15, 10 ** maxSignificantDigits);
  }

  findings(): NumberFindings {
    const { single, allDecimalText } = this;
    return { numbers: this.#numbers, texts: this.#texts, single, allDecimalText };
  }

  /** As if the values behind `next` had been added one by one after those so far. */
  append(next: NumberFindings): void {
    this.#numbers = both(this.#numbers, next.numbers);
    this.#setLimits();
    if (this.allDecimalText) this.#texts = both(this.#texts, next.texts);
    this.allDecimalText &&= next.allDecimalText;
    this.single &&= next.single;
  }

  finish(): NonNullable<ColumnEvidence['numeric']> {
    return both(this.#numbers, this.#texts);
  }
}

function measure(text: string, into: Digits): void {
  const parts = decimalParts(text);
  if (parts === null) return;
  const digits = parts.digits === 0n ? '' : parts.digits.toString();
  const integerDigits = Math.max(0, digits.length - parts.scale);
  let significant = digits.length;
  if (parts.scale === 0) while (significant > 0 && digits[significant - 1] === '0') significant--;
  into.maxIntegerDigits = Math.max(into.maxIntegerDigits, integerDigits);
  into.maxScale = Math.max(into.maxScale, parts.scale);
  into.maxSignificantDigits = Math.max(into.maxSignificantDigits, significant);
}
