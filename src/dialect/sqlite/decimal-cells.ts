// Cells -> decimals of 16 bytes. Part of cells.ts, apart for its size. Engine thread.
import type { LogicalType } from '../../types/logical-type.ts';
import { BadCell, FixedBuilder, wrongClass } from './cells.ts';
import type { Cell } from './codec/cell.ts';
import { decimalParts } from './codec/unscaled.ts';

/** Decimals of 16 bytes from integers, from reals by their shortest decimal form, and from decimal text. */
export class DecimalBuilder extends FixedBuilder {
  readonly #precision: number;
  readonly #scale: number;
  readonly #factor: number;
  readonly #limit: bigint;

  constructor(type: LogicalType & { kind: 'decimal' }) {
    super(type);
    this.#precision = type.precision;
    this.#scale = type.scale;
    this.#factor = 10 ** type.scale;
    this.#limit = 10n ** BigInt(type.precision);
  }

  protected attach(): void {}

  protected store(value: Cell, row: number): void {
    if (typeof value === 'number' && this.#storeFast(value)) return;
    if (typeof value === 'bigint' && Number.isSafeInteger(Number(value)) && this.#storeFast(Number(value))) {
      return;
    }
    const unscaled = this.#unscaled(value, row);
    if (unscaled >= this.#limit || unscaled <= -this.#limit) {
      const type = `decimal(${this.#precision},${this.#scale})`;
      throw new BadCell(row, 'E_DECIMAL_SCALE', `a value has more digits than ${type}`, value);
    }
    this.#put(unscaled);
  }

  /**
   * Below 10^15 units no other decimal of the scale, and none shorter, lies as near to the double, so
   * multiplying and dividing back proves that these are the digits.
   */
  #storeFast(value: number): boolean {
    if (this.#scale > 22) return false;
    const units = Math.round(value * this.#factor);
    if (units >= 1e15 || units <= -1e15 || units / this.#factor !== value) return false;
    if (this.#precision < 15 && Math.abs(units) >= 10 ** this.#precision) return false;
    const at = this.length * 16;
    const high = Math.floor(units / 4294967296);
    const sign = units < 0 ? -1 : 0;
    this.view.setInt32(at, units - high * 4294967296, true);
    this.view.setInt32(at + 4, high, true);
    this.view.setInt32(at + 8, sign, true);
    this.view.setInt32(at + 12, sign, true);
    return true;
  }

  #unscaled(value: Cell, row: number): bigint {
    if (typeof value === 'bigint') return value * 10n ** BigInt(this.#scale);
    if (typeof value !== 'number' && typeof value !== 'string') throw wrongClass(row, this.type, value);
    const parts = decimalParts(typeof value === 'number' ? String(value) : value);
    if (parts === null) throw new BadCell(row, 'E_INVALID_NUMBER', 'a value is no decimal number', value);
    const shift = this.#scale - parts.scale;
    if (shift < 0) {
      const type = `decimal(${this.#precision},${this.#scale})`;
      throw new BadCell(row, 'E_DECIMAL_SCALE', `a value has more fraction digits than ${type}`, value);
    }
    return parts.digits * 10n ** BigInt(shift);
  }

  #put(unscaled: bigint): void {
    const at = this.length * 16;
    this.view.setBigInt64(at, BigInt.asIntN(64, unscaled), true);
    this.view.setBigInt64(at + 8, unscaled >> 64n, true);
  }
}
