// Days and 64-bit instants as plain numbers: the proleptic Gregorian calendar with astronomical years
// (0 is 1 BC), and the split of an int64 count of units into seconds and a rest, without BigInt.

export const DAY_SECONDS = 86400;
/** date: infinity is 2^31-1, -infinity its negative. */
export const DATE_INFINITY = 2147483647;
/** timestamp: infinity is 2^63-1: high word and low word. */
export const INFINITY_HIGH = 0x7fffffff;
export const INFINITY_LOW = -1;
/** -infinity is -(2^63-1). */
export const NEGATIVE_INFINITY_HIGH = -0x80000000;
export const NEGATIVE_INFINITY_LOW = 1;

export const UNITS_PER_SECOND = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 } as const;
export const UNIT_DIGITS = { s: 0, ms: 3, us: 6, ns: 9 } as const;

/** Year, month and day of a day number; reused between calls. */
export class CivilDate {
  year = 0;
  month = 0;
  day = 0;

  /** Days since 1970-01-01; any integer of up to 2^50. */
  fromDays(days: number): void {
    // Years begin in March, so that the leap day is the last; eras are 400 years of 146,097 days.
    const shifted = days + 719468;
    const era = Math.floor(shifted / 146097);
    const dayOfEra = shifted - era * 146097;
    const yearOfEra =
      ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36524) | 0) - ((dayOfEra / 146096) | 0)) / 365) | 0;
    const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
    const marchMonth = ((5 * dayOfYear + 2) / 153) | 0;
    this.day = dayOfYear - (((153 * marchMonth + 2) / 5) | 0) + 1;
    this.month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
    this.year = yearOfEra + era * 400 + (this.month <= 2 ? 1 : 0);
  }
}

/** Days since 1970-01-01 of a valid date. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  const dayOfEra = yearOfEra * 365 + (yearOfEra >> 2) - ((yearOfEra / 100) | 0) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function isValidDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 && leap ? 29 : MONTH_DAYS[month - 1]);
}

/** An int64 count of units and its parts; reused between calls. */
export class Instant {
  /** Whole seconds, rounded down. */
  seconds = 0;
  /** Units left over, 0 .. unitsPerSecond - 1. */
  rest = 0;
  high = 0;
  low = 0;

  /** high:low -> seconds and rest. False if the seconds are beyond 2^53. */
  split(low: number, high: number, unitsPerSecond: number): boolean {
    this.high = high;
    this.low = low | 0;
    // Within 2^53 a double has all of it: two divisions less than by words.
    if (unitsPerSecond !== 1e9 && high >= -0x200000 && high < 0x200000) {
      const units = high * 4294967296 + (low >>> 0);
      const seconds = Math.floor(units / unitsPerSecond);
      const rest = units - seconds * unitsPerSecond;
      // The quotient may have been rounded up to the next second.
      this.seconds = rest < 0 ? seconds - 1 : seconds;
      this.rest = rest < 0 ? rest + unitsPerSecond : rest;
      return true;
    }
    if (unitsPerSecond === 1e9) {
      const nanos = this.divide(1e3);
      const micros = this.divide(1e6);
      this.rest = micros * 1e3 + nanos;
    } else this.rest = unitsPerSecond === 1 ? 0 : this.divide(unitsPerSecond);
    this.seconds = this.high * 4294967296 + (this.low >>> 0);
    return this.high >= -0x200000 && this.high < 0x200000;
  }

  /** high:low = floor(high:low / divisor), divisor <= 10^6; gives the remainder, never negative. */
  divide(divisor: number): number {
    const highQuotient = Math.floor(this.high / divisor);
    const low = (this.high - highQuotient * divisor) * 4294967296 + (this.low >>> 0);
    const lowQuotient = Math.floor(low / divisor);
    this.high = highQuotient;
    this.low = lowQuotient | 0;
    return low - lowQuotient * divisor;
  }

  /** seconds and rest -> high:low. False if that leaves int64 or would mean an infinity. */
  join(seconds: number, rest: number, unitsPerSecond: number): boolean {
    if (Math.abs(seconds) > Number.MAX_SAFE_INTEGER) return false;
    this.high = Math.floor(seconds / 4294967296);
    this.low = (seconds - this.high * 4294967296) | 0;
    return this.multiplyAdd(unitsPerSecond, rest) && !this.isExtreme();
  }

  /** high:low = high:low * factor + addend; both at most 10^9, addend not negative. False on overflow. */
  multiplyAdd(factor: number, addend: number): boolean {
    const lowProduct = (this.low & 0xffff) * factor + addend;
    const midProduct = (this.low >>> 16) * factor + Math.floor(lowProduct / 65536);
    const high = this.high * factor + Math.floor(midProduct / 65536);
    this.low = ((midProduct & 0xffff) << 16) | (lowProduct & 0xffff);
    this.high = high | 0;
    return high >= -0x80000000 && high <= 0x7fffffff;
  }

  /** The values at both ends of int64, which mean infinities, or nothing. */
  isExtreme(): boolean {
    return isInfinite(this.low, this.high) || (this.high === -0x80000000 && this.low === 0);
  }
}

export function isInfinite(low: number, high: number): boolean {
  return (
    (high === INFINITY_HIGH && low === INFINITY_LOW) ||
    (high === NEGATIVE_INFINITY_HIGH && low === NEGATIVE_INFINITY_LOW)
  );
}
