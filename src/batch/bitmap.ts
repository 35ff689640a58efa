// Arrow validity and boolean bits: LSB first, bit i of byte i >> 3. Pure functions.

/** Bytes that hold `bitCount` bits, rounded up to 8 so that the bits can be read as 64-bit words. */
export function bitmapBytes(bitCount: number): number {
  return ((bitCount + 63) >> 6) << 3;
}

/** A new bitmap with every bit set to `value`. */
export function newBitmap(bitCount: number, value: boolean): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(bitmapBytes(bitCount));
  if (value) bits.fill(0xff);
  return bits;
}

export function getBit(bits: Uint8Array, at: number): boolean {
  return (bits[at >> 3] & (1 << (at & 7))) !== 0;
}

export function setBit(bits: Uint8Array, at: number): void {
  bits[at >> 3] |= 1 << (at & 7);
}

export function clearBit(bits: Uint8Array, at: number): void {
  bits[at >> 3] &= ~(1 << (at & 7));
}

/** True where there is no bitmap or the bit is set. */
export function isValid(validity: Uint8Array | null, at: number): boolean {
  return validity === null || (validity[at >> 3] & (1 << (at & 7))) !== 0;
}

/** How many of the first `bitCount` bits are set. */
export function countSet(bits: Uint8Array, bitCount: number): number {
  let count = 0;
  const whole = bitCount >> 3;
  for (let i = 0; i < whole; i++) count += POPCOUNT[bits[i]];
  const rest = bitCount & 7;
  if (rest > 0) count += POPCOUNT[bits[whole] & ((1 << rest) - 1)];
  return count;
}

const POPCOUNT = new Uint8Array(256);
for (let i = 1; i < 256; i++) POPCOUNT[i] = POPCOUNT[i >> 1] + (i & 1);

/**
 * Copies `bitCount` bits to `target` from bit `targetAt` on. Works byte by byte where `targetAt` is a
 * multiple of 8, as it is for vectors of 2,048 rows.
 */
export function copyBits(source: Uint8Array, bitCount: number, target: Uint8Array, targetAt: number): void {
  if ((targetAt & 7) === 0) {
    const whole = bitCount >> 3;
    target.set(source.subarray(0, whole), targetAt >> 3);
    for (let i = whole << 3; i < bitCount; i++) {
      if (getBit(source, i)) setBit(target, targetAt + i);
      else clearBit(target, targetAt + i);
    }
    return;
  }
  for (let i = 0; i < bitCount; i++) {
    if (getBit(source, i)) setBit(target, targetAt + i);
    else clearBit(target, targetAt + i);
  }
}
