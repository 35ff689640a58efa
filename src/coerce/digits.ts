// Decimal digits as bytes: printing integers and scanning decimal text. Pure; no strings are made.
import { Wide } from './wide.ts';

export const ZERO = 48;
export const NINE = 57;
export const MINUS = 45;
export const DOT = 46;

/** Writes an integer of 0 .. 2^53 at `out[at]`; gives the position behind it. */
export function printUint(value: number, out: Uint8Array, at: number): number {
  if (value < 1e9) return printPadded(value, digitCount(value), out, at);
  let high = Math.floor(value / 1e9);
  let low = value - high * 1e9;
  if (low < 0) {
    // The quotient was rounded up to the next integer.
    high--;
    low += 1e9;
  }
  return printPadded(low, 9, out, printPadded(high, digitCount(high), out, at));
}

/** Writes an integer below 10^9 in exactly `digits` digits. */
export function printPadded(value: number, digits: number, out: Uint8Array, at: number): number {
  let left = value | 0;
  for (let to = at + digits - 1; to >= at; to--) {
    const quotient = (left / 10) | 0;
    out[to] = ZERO + left - quotient * 10;
    left = quotient;
  }
  return at + digits;
}

function digitCount(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10000) return 4;
  if (value < 100000) return 5;
  if (value < 1000000) return 6;
  if (value < 10000000) return 7;
  return value < 100000000 ? 8 : 9;
}

const groups = new Float64Array(5);
const spare = new Wide();

/** Writes a wide magnitude (without its sign); `wide` is left as it was. */
export function printWide(wide: Wide, out: Uint8Array, at: number): number {
  spare.words.set(wide.words);
  let count = 0;
  do groups[count++] = spare.divide(1e9);
  while (!spare.isZero());
  let end = printUint(groups[--count], out, at);
  while (count > 0) end = printPadded(groups[--count], 9, out, end);
  return end;
}

/** The longest text of a 128-bit integer or decimal: sign, 39 digits, dot, leading zero. */
export const DECIMAL_TEXT_BYTES_MAX = 42;

const digits = new Uint8Array(48);

/** Writes magnitude / 10^scale with its sign: `-12.50`. Zero has no sign. */
export function printScaled(
  magnitude: number | Wide,
  negative: boolean,
  scale: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start;
  if (negative) out[at++] = MINUS;
  if (scale === 0) {
    return typeof magnitude === 'number' ? printUint(magnitude, out, at) : printWide(magnitude, out, at);
  }
  const count =
    typeof magnitude === 'number' ? printUint(magnitude, digits, 0) : printWide(magnitude, digits, 0);
  const whole = count - scale;
  if (whole <= 0) {
    out[at++] = ZERO;
    out[at++] = DOT;
    for (let j = whole; j < 0; j++) out[at++] = ZERO;
    for (let j = 0; j < count; j++) out[at++] = digits[j];
    return at;
  }
  for (let j = 0; j < whole; j++) out[at++] = digits[j];
  out[at++] = DOT;
  for (let j = whole; j < count; j++) out[at++] = digits[j];
  return at;
}

export const SCAN = { invalid: 0, finite: 1, nan: 2, infinity: 3, negativeInfinity: 4 } as const;
export type ScanResult = (typeof SCAN)[keyof typeof SCAN];

/** Decimal text as Ferrow writes it: `-12.50`, no exponent, no needless zero before, no `-0`. */
export class DecimalScan {
  negative = false;
  /** First digit. */
  first = 0;
  /** Position of the dot, or the end. */
  dot = 0;
  end = 0;

  /** Digits before the dot; 0 for `0.5`. */
  wholeDigits(heap: Uint8Array): number {
    return heap[this.first] === ZERO ? 0 : this.dot - this.first;
  }

  /** Digits behind the dot. */
  fractionDigits(): number {
    return this.dot === this.end ? 0 : this.end - this.dot - 1;
  }

  /** Digits from the first to the last that isn't zero. */
  significantDigits(heap: Uint8Array): number {
    let first = this.first;
    let last = this.end - 1;
    while (first <= last && (heap[first] === ZERO || heap[first] === DOT)) first++;
    while (last > first && (heap[last] === ZERO || heap[last] === DOT)) last--;
    if (first > last) return 0;
    return last - first + 1 - (this.dot > first && this.dot < last ? 1 : 0);
  }

  scan(heap: Uint8Array, start: number, end: number): ScanResult {
    let at = start;
    this.negative = at < end && heap[at] === MINUS;
    if (this.negative) at++;
    this.first = at;
    this.end = end;
    let nonZero = 0;
    while (at < end && heap[at] >= ZERO && heap[at] <= NINE) nonZero |= heap[at++] - ZERO;
    const whole = at - this.first;
    if (whole === 0) return specialNumber(heap, start, end);
    if (whole > 1 && heap[this.first] === ZERO) return SCAN.invalid;
    this.dot = at;
    if (at < end) {
      if (heap[at] !== DOT || at + 1 === end) return SCAN.invalid;
      for (at++; at < end; at++) {
        const digit = heap[at] - ZERO;
        if (digit < 0 || digit > 9) return SCAN.invalid;
        nonZero |= digit;
      }
    }
    return this.negative && nonZero === 0 ? SCAN.invalid : SCAN.finite;
  }
}

const NAN_TEXT = [78, 97, 78];
const INFINITY_TEXT = [73, 110, 102, 105, 110, 105, 116, 121];

/** `NaN`, `Infinity`, `-Infinity`, or invalid. */
export function specialNumber(heap: Uint8Array, start: number, end: number): ScanResult {
  if (matches(heap, start, end, NAN_TEXT)) return SCAN.nan;
  if (matches(heap, start, end, INFINITY_TEXT)) return SCAN.infinity;
  if (start < end && heap[start] === MINUS && matches(heap, start + 1, end, INFINITY_TEXT))
    return SCAN.negativeInfinity;
  return SCAN.invalid;
}

export function matches(heap: Uint8Array, start: number, end: number, text: readonly number[]): boolean {
  if (end - start !== text.length) return false;
  for (let j = 0; j < text.length; j++) if (heap[start + j] !== text[j]) return false;
  return true;
}
