// A 128-bit magnitude with a sign, for decimals and integers beyond 2^53, without BigInt. One instance is
// reused for a whole column. Every step works on halves of words so that products stay below 2^53.

/** Powers of ten that a double holds exactly. */
export const POW10: readonly number[] = Array.from({ length: 23 }, (_, n) => Number(`1e${n}`));

/** A non-negative integer below 2^128 as four little-endian words. */
export function wordsOf(value: bigint): Uint32Array {
  return Uint32Array.from([0n, 32n, 64n, 96n], (shift) => Number((value >> shift) & 0xffffffffn));
}

export class Wide {
  /** The magnitude, least significant word first. */
  readonly words = new Uint32Array(4);
  negative = false;

  /** |value| must be an integer of at most 2^53. */
  setNumber(value: number): void {
    this.negative = value < 0;
    const magnitude = Math.abs(value);
    this.words[0] = magnitude;
    this.words[1] = Math.floor(magnitude / 4294967296);
    this.words[2] = 0;
    this.words[3] = 0;
  }

  /** Takes `count` words of a (two's complement) integer at `source[at]`. */
  load(source: Int32Array, at: number, count: number, signed: boolean): void {
    const { words } = this;
    const negative = signed && source[at + count - 1] < 0;
    const fill = negative ? -1 : 0;
    for (let j = 0; j < 4; j++) words[j] = j < count ? source[at + j] : fill;
    this.negative = negative;
    if (negative) this.#negate();
  }

  /** Writes `count` words in two's complement. The value must fit. */
  store(target: Int32Array, at: number, count: number): void {
    if (this.negative) this.#negate();
    for (let j = 0; j < count; j++) target[at + j] = this.words[j];
    if (this.negative) this.#negate();
  }

  #negate(): void {
    const { words } = this;
    let carry = 1;
    for (let j = 0; j < 4; j++) {
      const sum = (~words[j] >>> 0) + carry;
      words[j] = sum;
      carry = sum > 0xffffffff ? 1 : 0;
    }
  }

  /** magnitude = magnitude * factor + addend; both at most 10^9. False if that leaves 128 bits. */
  multiplyAdd(factor: number, addend: number): boolean {
    const { words } = this;
    let carry = addend;
    for (let j = 0; j < 4; j++) {
      const word = words[j];
      const low = (word & 0xffff) * factor + carry;
      const high = (word >>> 16) * factor + Math.floor(low / 65536);
      words[j] = ((high & 0xffff) << 16) | (low & 0xffff);
      carry = Math.floor(high / 65536);
    }
    return carry === 0;
  }

  /** magnitude = magnitude / divisor (at most 10^9); gives the remainder. */
  divide(divisor: number): number {
    const { words } = this;
    let rest = 0;
    for (let j = 3; j >= 0; j--) {
      const word = words[j];
      const high = rest * 65536 + (word >>> 16);
      const highQuotient = Math.floor(high / divisor);
      const low = (high - highQuotient * divisor) * 65536 + (word & 0xffff);
      const lowQuotient = Math.floor(low / divisor);
      rest = low - lowQuotient * divisor;
      words[j] = highQuotient * 65536 + lowQuotient;
    }
    return rest;
  }

  /** Times 10^digits. False on overflow. */
  scaleUp(digits: number): boolean {
    for (let left = digits; left > 0; left -= 9) {
      if (!this.multiplyAdd(POW10[Math.min(9, left)], 0)) return false;
    }
    return true;
  }

  /**
   * Divides by 10^digits, rounding half away from zero.
   * @returns true if digits other than zero were dropped
   */
  scaleDown(digits: number): boolean {
    if (digits === 0) return false;
    let sticky = false;
    for (let left = digits - 1; left > 0; left -= 9) {
      if (this.divide(POW10[Math.min(9, left)]) !== 0) sticky = true;
    }
    const last = this.divide(10);
    if (last >= 5) this.multiplyAdd(1, 1);
    return sticky || last !== 0;
  }

  isZero(): boolean {
    const { words } = this;
    return (words[0] | words[1] | words[2] | words[3]) === 0;
  }

  /** magnitude > limit */
  exceeds(limit: Uint32Array): boolean {
    const { words } = this;
    for (let j = 3; j > 0; j--) if (words[j] !== limit[j]) return words[j] > limit[j];
    return words[0] > limit[0];
  }
}
