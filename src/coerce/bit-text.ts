// Strings of bits as `0101` and back. Stored: a byte with the number of padding bits, then the bits from the right,
// padding bits 1; `[0]` is the empty string. Pure.
import { ZERO } from './digits.ts';

/** How many bits `data[start .. end]` holds; -1 if that is no bit string. */
export function bitCount(data: Uint8Array, start: number, end: number): number {
  const padding = data[start];
  if (end - start === 1) return padding === 0 ? 0 : -1;
  return end - start < 1 || padding > 7 ? -1 : (end - start - 1) * 8 - padding;
}

/** Writes the bits of `data[start .. end]`, `count` of them; gives the position behind them. */
export function printBits(
  data: Uint8Array,
  start: number,
  count: number,
  out: Uint8Array,
  outStart: number,
): number {
  const first = start * 8 + 8 + data[start];
  for (let j = 0; j < count; j++) {
    const bit = first + j;
    out[outStart + j] = ZERO + ((data[bit >> 3] >> (7 - (bit & 7))) & 1);
  }
  return outStart + count;
}

/** Bytes that `count` bits take. */
export const bitBytes = (count: number) => 1 + ((count + 7) >> 3);

/** Reads `heap[start .. end]` into `out[to ..]`; false if there are other characters than 0 and 1. */
export function parseBits(
  heap: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  to: number,
): boolean {
  const count = end - start;
  const padding = (8 - (count & 7)) & 7;
  out[to] = padding;
  for (let j = 1; j < bitBytes(count); j++) out[to + j] = 0;
  if (padding > 0) out[to + 1] = (0xff << (8 - padding)) & 0xff;
  for (let j = 0; j < count; j++) {
    const digit = heap[start + j] - ZERO;
    if (digit !== 0 && digit !== 1) return false;
    const bit = padding + j;
    if (digit === 1) out[to + 1 + (bit >> 3)] |= 0x80 >> (bit & 7);
  }
  return true;
}
