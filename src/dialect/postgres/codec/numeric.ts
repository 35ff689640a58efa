// PostgreSQL's binary numeric <-> decimal128 and decimal text. Pure, without BigInt; any thread.
//
//   u16 ndigits | i16 weight | u16 sign | u16 dscale | ndigits x u16 (base 10,000)
//
// value = sum of digit[i] * 10000^(weight - i); sign 0000 +, 4000 -, C000 NaN, D000 +Inf, F000 -Inf.
// The server cuts digits beyond dscale without a word, so whatever is encoded here has the dscale it needs.

/** What a decode or encode of one numeric came to. 0 is success. */
export const NUMERIC_OK = 0;
export const NUMERIC_CORRUPT = -1;
export const NUMERIC_NAN = -2;
export const NUMERIC_INFINITE = -3;
/** More digits, before or after the point, than the decimal holds. */
export const NUMERIC_TOO_WIDE = -4;

export const SIGN_NAN = 0xc000;
export const SIGN_INFINITY = 0xd000;
export const SIGN_MINUS_INFINITY = 0xf000;
const SIGN_MINUS = 0x4000;

const SAFE = 9007199254740992;
const WORD = 4294967296;
/** 10^0 … 10^22: all exact as doubles. */
export const POW10: readonly number[] = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** 10^0 … 10^38 as four little-endian 32-bit words each. */
const POW10_WORDS = new Uint32Array(39 * 4);
POW10_WORDS[0] = 1;
for (let power = 1; power <= 38; power++) {
  let carry = 0;
  for (let word = 0; word < 4; word++) {
    const product = POW10_WORDS[(power - 1) * 4 + word] * 10 + carry;
    POW10_WORDS[power * 4 + word] = product >>> 0;
    carry = Math.floor(product / WORD);
  }
}

/** Working room for 160-bit magnitudes; a worker is single-threaded, and nothing here awaits. */
const words = new Uint32Array(5);
const groups = new Int32Array(16);

/**
 * Decodes the numeric of `length` bytes at `at` into four 32-bit words at `out[outAt…]` (decimal128,
 * little-endian two's complement) at `scale`.
 * @returns NUMERIC_OK or one of the negative codes; the words are then zero
 */
export function decodeDecimal(
  view: DataView,
  at: number,
  length: number,
  precision: number,
  scale: number,
  out: Int32Array,
  outAt: number,
): number {
  if (length < 8) return NUMERIC_CORRUPT;
  const digitsAndWeight = view.getInt32(at);
  const digitCount = digitsAndWeight >>> 16;
  const sign = view.getUint16(at + 4);
  const behind = (((digitsAndWeight << 16) >> 16) - digitCount + 1) * 4 + scale;
  if (length !== 8 + 2 * digitCount) return NUMERIC_CORRUPT;
  if (digitCount > 3 || behind < -4 || behind > 22 || (sign & ~SIGN_MINUS) !== 0)
    return decodeLong(view, at, precision, scale, out, outAt);
  if (digitCount === 0) return NUMERIC_OK;
  // At most 10^12, by doubles: small enough to become a part of the caller's loop.
  let value = 0;
  for (let digitAt = at + 8; digitAt < at + length; digitAt += 2) {
    const digit = view.getUint16(digitAt);
    if (digit > 9999) return NUMERIC_CORRUPT;
    value = value * 10000 + digit;
  }
  if (behind >= 0) value *= POW10[behind];
  else {
    const quotient = Math.floor(value / POW10[-behind]);
    if (quotient * POW10[-behind] !== value) return NUMERIC_TOO_WIDE;
    value = quotient;
  }
  if (value >= SAFE) return decodeLong(view, at, precision, scale, out, outAt);
  if (precision < 16 && value >= POW10[precision]) return NUMERIC_TOO_WIDE;
  putSmall(value, sign === SIGN_MINUS && value !== 0, out, outAt);
  return NUMERIC_OK;
}

function decodeLong(
  view: DataView,
  at: number,
  precision: number,
  scale: number,
  out: Int32Array,
  outAt: number,
): number {
  let digitCount = view.getUint16(at);
  let weight = view.getInt16(at + 2);
  const sign = view.getUint16(at + 4);
  if (sign !== 0 && sign !== SIGN_MINUS) return specialOf(sign);
  let digitAt = at + 8;
  if (digitCount <= 4) {
    let value = 0;
    for (let i = 0; i < digitCount; i++) {
      const digit = view.getUint16(digitAt + 2 * i);
      if (digit > 9999) return NUMERIC_CORRUPT;
      value = value * 10000 + digit;
    }
    if (value === 0) return NUMERIC_OK;
    const power = 4 * (weight - digitCount + 1) + scale;
    if (value < SAFE && power <= 15 && power > -16) {
      if (power > 0) value *= POW10[power];
      else if (power < 0) {
        const quotient = Math.floor(value / POW10[-power]);
        if (quotient * POW10[-power] !== value) return NUMERIC_TOO_WIDE;
        value = quotient;
      }
      if (value < SAFE) {
        if (precision < 16 && value >= POW10[precision]) return NUMERIC_TOO_WIDE;
        putSmall(value, sign === SIGN_MINUS, out, outAt);
        return NUMERIC_OK;
      }
    }
  }
  // The long way: leading and trailing zero groups off, then 128-bit arithmetic.
  while (digitCount > 0 && view.getUint16(digitAt) === 0) {
    digitAt += 2;
    digitCount--;
    weight--;
  }
  while (digitCount > 0 && view.getUint16(digitAt + 2 * (digitCount - 1)) === 0) digitCount--;
  if (digitCount === 0) return NUMERIC_OK;
  const first = view.getUint16(digitAt);
  const firstDigits = first < 10 ? 1 : first < 100 ? 2 : first < 1000 ? 3 : 4;
  if (4 * weight + firstDigits + scale > precision) return NUMERIC_TOO_WIDE;
  const power = 4 * (weight - digitCount + 1) + scale;
  if (power <= -4) return NUMERIC_TOO_WIDE;
  words.fill(0);
  for (let i = 0; i < digitCount; i++) {
    const digit = view.getUint16(digitAt + 2 * i);
    if (digit > 9999) return NUMERIC_CORRUPT;
    multiplyAdd(10000, digit);
  }
  for (let left = power; left > 0; left -= 4) multiplyAdd(POW10[Math.min(left, 4)], 0);
  if (power < 0 && divide(POW10[-power]) !== 0) return NUMERIC_TOO_WIDE;
  putWords(sign === SIGN_MINUS, out, outAt);
  return NUMERIC_OK;
}

function specialOf(sign: number): number {
  if (sign === SIGN_NAN) return NUMERIC_NAN;
  return sign === SIGN_INFINITY || sign === SIGN_MINUS_INFINITY ? NUMERIC_INFINITE : NUMERIC_CORRUPT;
}

/** words = words * factor + addend */
function multiplyAdd(factor: number, addend: number): void {
  let carry = addend;
  for (let i = 0; i < 5; i++) {
    const product = words[i] * factor + carry;
    words[i] = product >>> 0;
    carry = Math.floor(product / WORD);
  }
}

/** words = words / divisor; gives the remainder. `divisor` <= 10,000. */
function divide(divisor: number): number {
  let remainder = 0;
  for (let i = 4; i >= 0; i--) {
    const value = remainder * WORD + words[i];
    const quotient = Math.floor(value / divisor);
    words[i] = quotient;
    remainder = value - quotient * divisor;
  }
  return remainder;
}

function putSmall(value: number, negative: boolean, out: Int32Array, at: number): void {
  const low = value >>> 0;
  const high = (value / WORD) >>> 0;
  if (!negative) {
    out[at] = low;
    out[at + 1] = high;
    return;
  }
  out[at] = -low;
  out[at + 1] = low === 0 ? -high : ~high;
  const rest = low === 0 && high === 0 ? 0 : -1;
  out[at + 2] = rest;
  out[at + 3] = rest;
}

function putWords(negative: boolean, out: Int32Array, at: number): void {
  if (!negative) {
    for (let i = 0; i < 4; i++) out[at + i] = words[i];
    return;
  }
  let carry = 1;
  for (let i = 0; i < 4; i++) {
    const inverted = (~words[i] >>> 0) + carry;
    out[at + i] = inverted;
    carry = inverted >= WORD ? 1 : 0;
  }
}

/** The most bytes that `encodeDecimal` writes. */
export const DECIMAL_BYTES_MAX = 8 + 2 * 12;

/**
 * Encodes the decimal128 in the four words at `source[at…]` at `view[to…]`, without the length field; DECIMAL_BYTES_MAX bytes
 * must be free there. Most money and quantities have 32 bits and a group before and behind the point: for them it is small
 * enough to become a part of the caller's loop.
 * @returns the bytes written, or NUMERIC_TOO_WIDE when it has more than 38 digits
 */
export function encodeDecimal(
  source: Int32Array,
  at: number,
  scale: number,
  view: DataView,
  to: number,
): number {
  const small = source[at];
  const sign = small >> 31;
  if (scale > 4 || source[at + 1] !== sign || source[at + 2] !== sign || source[at + 3] !== sign)
    return encodeLong(source, at, scale, view, to);
  // 2^31 itself stays negative and is refused below.
  const magnitude = (small ^ sign) - sign;
  const unit = POW10[scale] | 0;
  const whole = (magnitude / unit) | 0;
  const high = (whole / 10000) | 0;
  if (magnitude < 0 || high > 9999) return encodeLong(source, at, scale, view, to);
  const low = whole - high * 10000;
  const fraction = Math.imul(magnitude - Math.imul(whole, unit), POW10[4 - scale] | 0);
  const signAndScale = (sign & (SIGN_MINUS << 16)) | scale;
  if (high !== 0) {
    const digitCount = fraction !== 0 ? 3 : low !== 0 ? 2 : 1;
    putHead(view, to, digitCount, 1, signAndScale);
    view.setInt32(to + 8, (high << 16) | low);
    view.setInt16(to + 12, fraction);
    return 8 + 2 * digitCount;
  }
  if (low !== 0) {
    const digitCount = fraction !== 0 ? 2 : 1;
    putHead(view, to, digitCount, 0, signAndScale);
    view.setInt32(to + 8, (low << 16) | fraction);
    return 8 + 2 * digitCount;
  }
  if (fraction === 0) {
    putHead(view, to, 0, 0, scale);
    return 8;
  }
  putHead(view, to, 1, -1, signAndScale);
  view.setInt16(to + 8, fraction);
  return 10;
}

function putHead(view: DataView, to: number, digitCount: number, weight: number, signAndScale: number): void {
  view.setInt32(to, (digitCount << 16) | (weight & 0xffff));
  view.setInt32(to + 4, signAndScale);
}

function encodeLong(source: Int32Array, at: number, scale: number, view: DataView, to: number): number {
  const w0 = source[at];
  const w1 = source[at + 1];
  const w3 = source[at + 3];
  const negative = w3 < 0;
  let count: number;
  let fractionGroups: number;
  const rest = negative ? -1 : 0;
  let magnitude = SAFE;
  if (source[at + 2] === rest && w3 === rest && scale <= 12) {
    magnitude = negative ? (~w1 >>> 0) * WORD + ((~w0 >>> 0) + 1) : (w1 >>> 0) * WORD + (w0 >>> 0);
  }
  if (magnitude < SAFE) {
    let whole = magnitude;
    let fraction = 0;
    if (scale > 0) {
      const unit = POW10[scale];
      whole = Math.floor(magnitude / unit);
      fraction = magnitude - whole * unit;
      if (fraction < 0) {
        whole--;
        fraction += unit;
      }
    }
    fractionGroups = (scale + 3) >> 2;
    fraction *= POW10[fractionGroups * 4 - scale];
    const wholeHigh = Math.floor(whole / 1e8);
    const wholeLow = (whole - wholeHigh * 1e8) | 0;
    groups[0] = (wholeHigh / 10000) | 0;
    groups[1] = wholeHigh % 10000;
    groups[2] = (wholeLow / 10000) | 0;
    groups[3] = wholeLow % 10000;
    count = 4 + fractionGroups;
    for (let i = count - 1; i >= 4; i--) {
      const up = Math.floor(fraction / 10000);
      groups[i] = fraction - up * 10000;
      fraction = up;
    }
  } else {
    loadMagnitude(source, at, negative);
    for (let word = 3, decided = false; word >= 0 && !decided; word--) {
      const limit = POW10_WORDS[38 * 4 + word];
      if (words[word] > limit || (word === 0 && words[0] === limit)) return NUMERIC_TOO_WIDE;
      decided = words[word] < limit;
    }
    fractionGroups = (scale + 3) >> 2;
    multiplyAdd(POW10[fractionGroups * 4 - scale], 0);
    count = 12;
    for (let i = 11; i >= 0; i--) groups[i] = divide(10000);
  }
  let from = 0;
  while (from < count && groups[from] === 0) from++;
  let end = count;
  while (end > from && groups[end - 1] === 0) end--;
  const digitCount = end - from;
  view.setUint16(to, digitCount);
  view.setInt16(to + 2, digitCount === 0 ? 0 : count - from - 1 - fractionGroups);
  view.setUint16(to + 4, negative && digitCount > 0 ? SIGN_MINUS : 0);
  view.setUint16(to + 6, scale);
  for (let i = from, digitTo = to + 8; i < end; i++, digitTo += 2) view.setUint16(digitTo, groups[i]);
  return 8 + 2 * digitCount;
}

function loadMagnitude(source: Int32Array, at: number, negative: boolean): void {
  words[4] = 0;
  let carry = 1;
  for (let i = 0; i < 4; i++) {
    if (!negative) words[i] = source[at + i];
    else {
      const inverted = (~source[at + i] >>> 0) + carry;
      words[i] = inverted;
      carry = inverted >= WORD ? 1 : 0;
    }
  }
}
