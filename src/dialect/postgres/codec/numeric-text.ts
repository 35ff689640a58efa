// PostgreSQL's binary numeric <-> decimal text such as `-12.50`, `NaN`, `Infinity`. Pure; any thread.
// The text keeps dscale, as the server's own output does. Layout: see numeric.ts.
import {
  NUMERIC_CORRUPT,
  NUMERIC_TOO_WIDE,
  SIGN_INFINITY,
  SIGN_MINUS_INFINITY,
  SIGN_NAN,
} from './numeric.ts';

const SIGN_MINUS = 0x4000;
const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;

/** The server's own limits for a numeric without typmod. */
export const NUMERIC_INTEGER_DIGITS_MAX = 131072;
export const NUMERIC_SCALE_MAX = 16383;

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const NAN = ascii('NaN');
const INFINITY = ascii('Infinity');
const MINUS_INFINITY = ascii('-Infinity');

/**
 * Bytes of the text form of the numeric at `at`, or NUMERIC_CORRUPT. Few bytes can mean 131,072 digits, so
 * the caller bounds what it allocates.
 */
export function numericTextBytes(view: DataView, at: number, length: number): number {
  if (length < 8) return NUMERIC_CORRUPT;
  const digitCount = view.getUint16(at);
  const weight = view.getInt16(at + 2);
  const sign = view.getUint16(at + 4);
  const scale = view.getUint16(at + 6);
  if (length !== 8 + 2 * digitCount) return NUMERIC_CORRUPT;
  if (sign === SIGN_NAN) return NAN.length;
  if (sign === SIGN_INFINITY) return INFINITY.length;
  if (sign === SIGN_MINUS_INFINITY) return MINUS_INFINITY.length;
  if ((sign !== 0 && sign !== SIGN_MINUS) || scale > NUMERIC_SCALE_MAX) return NUMERIC_CORRUPT;
  for (let i = 0; i < digitCount; i++) if (view.getUint16(at + 8 + 2 * i) > 9999) return NUMERIC_CORRUPT;
  if (digitCount > 0 && 4 * (digitCount - 1 - weight) - 3 > scale) return NUMERIC_CORRUPT;
  const first = digitCount > 0 && weight >= 0 ? view.getUint16(at + 8) : 0;
  const firstDigits = first < 10 ? 1 : first < 100 ? 2 : first < 1000 ? 3 : 4;
  const whole = weight < 0 || digitCount === 0 ? 1 : 4 * weight + firstDigits;
  const negative = sign === SIGN_MINUS && digitCount > 0 ? 1 : 0;
  return negative + whole + (scale > 0 ? 1 + scale : 0);
}

/** Writes the text of the numeric at `at`; gives the position behind it. `numericTextBytes` has passed it. */
export function writeNumericText(view: DataView, at: number, out: Uint8Array, to: number): number {
  const digitCount = view.getUint16(at);
  const weight = view.getInt16(at + 2);
  const sign = view.getUint16(at + 4);
  const scale = view.getUint16(at + 6);
  const special =
    sign === SIGN_NAN
      ? NAN
      : sign === SIGN_INFINITY
        ? INFINITY
        : sign === SIGN_MINUS_INFINITY
          ? MINUS_INFINITY
          : null;
  if (special) {
    out.set(special, to);
    return to + special.length;
  }
  if (sign === SIGN_MINUS && digitCount > 0) out[to++] = MINUS;
  if (weight < 0 || digitCount === 0) out[to++] = ZERO;
  else {
    for (let group = 0; group <= weight; group++) {
      const digit = group < digitCount ? view.getUint16(at + 8 + 2 * group) : 0;
      if (group > 0 || digit >= 1000) out[to++] = ZERO + ((digit / 1000) | 0);
      if (group > 0 || digit >= 100) out[to++] = ZERO + (((digit / 100) | 0) % 10);
      if (group > 0 || digit >= 10) out[to++] = ZERO + (((digit / 10) | 0) % 10);
      out[to++] = ZERO + (digit % 10);
    }
  }
  if (scale === 0) return to;
  out[to++] = POINT;
  // Fraction places 4n+1 … 4n+4 are the digit of power -(n + 1), which is digit weight + 1 + n.
  for (let place = 0, group = weight + 1; place < scale; place += 4, group++) {
    const digit = group >= 0 && group < digitCount ? view.getUint16(at + 8 + 2 * group) : 0;
    const take = Math.min(4, scale - place);
    out[to++] = ZERO + ((digit / 1000) | 0);
    if (take > 1) out[to++] = ZERO + (((digit / 100) | 0) % 10);
    if (take > 2) out[to++] = ZERO + (((digit / 10) | 0) % 10);
    if (take > 3) out[to++] = ZERO + (digit % 10);
  }
  return to;
}

/** The most bytes that the binary form of `textBytes` of text takes. */
export function numericBytesMax(textBytes: number): number {
  return 8 + 2 * ((textBytes >> 2) + 2);
}

/**
 * Encodes the text at `text[from … end]` at `view[to…]`, without the length field.
 * @returns the bytes written, NUMERIC_CORRUPT if it is no decimal text, NUMERIC_TOO_WIDE beyond the server's limits
 */
export function encodeNumericText(
  text: Uint8Array,
  from: number,
  end: number,
  view: DataView,
  to: number,
): number {
  let at = from;
  const negative = at < end && text[at] === MINUS;
  if (negative || (at < end && text[at] === PLUS)) at++;
  const wholeFrom = at;
  while (at < end && isDigit(text[at])) at++;
  const wholeEnd = at;
  let fractionEnd = at;
  if (at < end && text[at] === POINT) {
    at++;
    while (at < end && isDigit(text[at])) at++;
    fractionEnd = at;
  }
  const fractionFrom = Math.min(wholeEnd + 1, fractionEnd);
  const scale = fractionEnd - fractionFrom;
  if (at !== end || wholeEnd - wholeFrom + scale === 0) return encodeSpecial(text, from, end, view, to);
  if (scale > NUMERIC_SCALE_MAX || wholeEnd - wholeFrom > NUMERIC_INTEGER_DIGITS_MAX) return NUMERIC_TOO_WIDE;
  const wholeGroups = (wholeEnd - wholeFrom + 3) >> 2;
  const fractionGroups = (scale + 3) >> 2;
  let digitCount = 0;
  let weight = 0;
  let kept = 0;
  for (let group = 0; group < wholeGroups + fractionGroups; group++) {
    let digit = 0;
    if (group < wholeGroups) {
      const groupEnd = wholeEnd - 4 * (wholeGroups - 1 - group);
      for (let i = Math.max(wholeFrom, groupEnd - 4); i < groupEnd; i++)
        digit = digit * 10 + (text[i] - ZERO);
    } else {
      const groupFrom = fractionFrom + 4 * (group - wholeGroups);
      for (let i = groupFrom; i < groupFrom + 4; i++)
        digit = digit * 10 + (i < fractionEnd ? text[i] - ZERO : 0);
    }
    if (digitCount === 0 && digit === 0) continue;
    if (digitCount === 0) weight = wholeGroups - 1 - group;
    view.setUint16(to + 8 + 2 * digitCount, digit);
    digitCount++;
    if (digit !== 0) kept = digitCount;
  }
  view.setUint16(to, kept);
  view.setInt16(to + 2, kept === 0 ? 0 : weight);
  view.setUint16(to + 4, negative && kept > 0 ? SIGN_MINUS : 0);
  view.setUint16(to + 6, scale);
  return 8 + 2 * kept;
}

function encodeSpecial(text: Uint8Array, from: number, end: number, view: DataView, to: number): number {
  const sign = equals(text, from, end, NAN)
    ? SIGN_NAN
    : equals(text, from, end, INFINITY)
      ? SIGN_INFINITY
      : equals(text, from, end, MINUS_INFINITY)
        ? SIGN_MINUS_INFINITY
        : 0;
  if (sign === 0) return NUMERIC_CORRUPT;
  view.setUint32(to, 0);
  view.setUint16(to + 4, sign);
  view.setUint16(to + 6, sign === SIGN_NAN ? 0 : 0x20);
  return 8;
}

function equals(text: Uint8Array, from: number, end: number, word: Uint8Array): boolean {
  if (end - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (text[from + i] !== word[i]) return false;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}
