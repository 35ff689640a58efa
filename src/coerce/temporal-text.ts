// Dates, times and timestamps printed to bytes and read from them, in the one format of their column.
// Grammar: YYYY-MM-DD (astronomical years: `-0043-03-15` is 44 BC; five digits and more from 10000 on),
// HH:MM:SS with an optional fraction, an optional fixed zone; `infinity`, `-infinity`.
import type { LogicalType, TemporalFormat } from '../types/logical-type.ts';
import {
  CivilDate,
  DATE_INFINITY,
  DAY_SECONDS,
  daysFromCivil,
  INFINITY_HIGH,
  INFINITY_LOW,
  Instant,
  isValidDate,
  NEGATIVE_INFINITY_HIGH,
  NEGATIVE_INFINITY_LOW,
  UNIT_DIGITS,
  UNITS_PER_SECOND,
} from './calendar.ts';
import { DOT, MINUS, matches, printPadded, printUint, ZERO } from './digits.ts';
import { isNearDay, printClock, printNearDay } from './near-days.ts';
import { POW10 } from './wide.ts';

export type TimestampUnit = 's' | 'ms' | 'us' | 'ns';

/** The longest text: sign, 10-digit year, `-MM-DD`, separator, time, 9 digits, zone of 9. */
export const TEMPORAL_TEXT_BYTES_MAX = 64;

const COLON = 58;
const INFINITY = Array.from('infinity', (c) => c.charCodeAt(0));

/** The format of text that stands for a date, time or timestamp; null where the zones contradict. */
export function formatFor(
  text: Extract<LogicalType, { kind: 'text' }>,
  type: LogicalType,
): TemporalFormat | null {
  const zoned = type.kind === 'timestamp' && type.zone;
  const format = text.format ?? { separator: ' ', fractionDigits: 'shortest', zone: zoned ? '+00:00' : '' };
  if (type.kind === 'date') return format;
  return (format.zone !== '') === zoned && zoneSeconds(format.zone) !== null ? format : null;
}

/** Seconds east of UTC of `Z`, `+HH`, `+HH:MM`, `+HHMM`, `+HH:MM:SS`, or ''; null if it is none of them. */
export function zoneSeconds(zone: string): number | null {
  if (zone === '' || zone === 'Z') return 0;
  const parts = /^([+-])(\d\d)(?::?([0-5]\d)(?::([0-5]\d))?)?$/.exec(zone);
  if (parts === null) return null;
  const [, sign, hours, minutes = '0', seconds = '0'] = parts;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -size : size;
}

const civil = new CivilDate();
const instant = new Instant();

/** Writes a day number. */
export function printDate(days: number, out: Uint8Array, at: number): number {
  if (days === DATE_INFINITY || days === -DATE_INFINITY) return printInfinity(days < 0, out, at);
  return printCivil(days, out, at);
}

function printInfinity(negative: boolean, out: Uint8Array, start: number): number {
  let at = start;
  if (negative) out[at++] = MINUS;
  for (const byte of INFINITY) out[at++] = byte;
  return at;
}

function printCivil(days: number, out: Uint8Array, start: number): number {
  if (isNearDay(days)) return printNearDay(days, out, start);
  civil.fromDays(days);
  let at = start;
  if (civil.year < 0) out[at++] = MINUS;
  const year = Math.abs(civil.year);
  at = year < 10000 ? printPadded(year, 4, out, at) : printUint(year, out, at);
  out[at++] = MINUS;
  at = printPadded(civil.month, 2, out, at);
  out[at++] = MINUS;
  return printPadded(civil.day, 2, out, at);
}

/** Gives -1 if the fraction doesn't fit the digits. */
function printFraction(
  rest: number,
  unitDigits: number,
  digits: number | 'shortest',
  out: Uint8Array,
  start: number,
): number {
  // Below 10^9: integer arithmetic.
  let value = rest | 0;
  let width = unitDigits;
  if (digits === 'shortest') {
    if (value === 0) return start;
    for (let tenth = (value / 10) | 0; tenth * 10 === value; tenth = (value / 10) | 0) {
      value = tenth;
      width--;
    }
  } else {
    for (; width > digits; width--) {
      if (value % 10 !== 0) return -1;
      value = (value / 10) | 0;
    }
    if (digits === 0) return start;
  }
  let at = start;
  out[at++] = DOT;
  if (width > 0) at = printPadded(value, width, out, at);
  if (digits !== 'shortest') for (; width < digits; width++) out[at++] = ZERO;
  return at;
}

/** Writes units since midnight; -1 if the fraction doesn't fit the format, -2 if it is no time of day. */
export function printTime(
  value: number,
  unit: 'us' | 'ns',
  digits: number | 'shortest',
  out: Uint8Array,
  at: number,
): number {
  const perSecond = UNITS_PER_SECOND[unit];
  if (value < 0 || value > DAY_SECONDS * perSecond) return -2;
  const seconds = Math.floor(value / perSecond);
  const rest = value - seconds * perSecond;
  return printFraction(rest, UNIT_DIGITS[unit], digits, out, printClock(seconds, out, at));
}

/** Writes a timestamp; -1 if the fraction doesn't fit the format, -2 if it is too far away to print. */
export function printTimestamp(
  low: number,
  high: number,
  unit: TimestampUnit,
  format: TemporalFormat,
  out: Uint8Array,
  start: number,
  offsetSeconds = zoneSeconds(format.zone) ?? 0,
): number {
  if (high === INFINITY_HIGH && low === INFINITY_LOW) return printInfinity(false, out, start);
  if (high === NEGATIVE_INFINITY_HIGH && low === NEGATIVE_INFINITY_LOW)
    return printInfinity(true, out, start);
  if (!instant.split(low, high, UNITS_PER_SECOND[unit])) return -2;
  const local = instant.seconds + offsetSeconds;
  const days = Math.floor(local / DAY_SECONDS);
  let at = printCivil(days, out, start);
  out[at++] = format.separator === 'T' ? 84 : 32;
  at = printClock((local - days * DAY_SECONDS) | 0, out, at);
  at = printFraction(instant.rest, UNIT_DIGITS[unit], format.fractionDigits, out, at);
  if (at < 0) return -1;
  for (let j = 0; j < format.zone.length; j++) out[at++] = format.zone.charCodeAt(j);
  return at;
}

/** Reads dates and times of one format. The fields hold what the last call read. */
export class TemporalParser {
  /** Days since 1970. */
  days = 0;
  /** Seconds since midnight. */
  seconds = 0;
  /** Units below a second. */
  rest = 0;
  /** Digits finer than the unit were dropped. */
  finer = false;
  #at = 0;

  /** 1 for `infinity`, -1 for `-infinity`, 0 for neither. */
  infinity(heap: Uint8Array, start: number, end: number): -1 | 0 | 1 {
    const last = end - 8;
    if (last < start || heap[end - 1] !== 121) return 0;
    if (!matches(heap, last, end, INFINITY)) return 0;
    if (last === start) return 1;
    return last === start + 1 && heap[start] === MINUS ? -1 : 0;
  }

  /** All of `heap[start .. end]` is a date. */
  date(heap: Uint8Array, start: number, end: number): boolean {
    this.#at = start;
    return this.#date(heap, end) && this.#at === end;
  }

  /** All of it is a time of day; 24:00:00 included. */
  time(
    heap: Uint8Array,
    start: number,
    end: number,
    unitDigits: number,
    digits: number | 'shortest',
  ): boolean {
    this.#at = start;
    if (!this.#clock(heap, end, 24) || !this.#fraction(heap, end, unitDigits, digits)) return false;
    return (
      this.#at === end &&
      (this.seconds < DAY_SECONDS || (this.seconds === DAY_SECONDS && this.rest === 0 && !this.finer))
    );
  }

  /** All of it is a timestamp with the zone's bytes behind it. */
  timestamp(
    heap: Uint8Array,
    start: number,
    end: number,
    unitDigits: number,
    format: TemporalFormat,
  ): boolean {
    this.#at = start;
    const timeEnd = end - format.zone.length;
    if (timeEnd <= start || !this.#date(heap, timeEnd)) return false;
    if (heap[this.#at++] !== (format.separator === 'T' ? 84 : 32)) return false;
    if (!this.#clock(heap, timeEnd, 23) || !this.#fraction(heap, timeEnd, unitDigits, format.fractionDigits))
      return false;
    if (this.#at !== timeEnd) return false;
    for (let j = 0; j < format.zone.length; j++) {
      if (heap[timeEnd + j] !== format.zone.charCodeAt(j)) return false;
    }
    return true;
  }

  #date(heap: Uint8Array, end: number): boolean {
    let at = this.#at;
    const negative = heap[at] === MINUS;
    if (negative) at++;
    const first = at;
    let year = 0;
    while (at < end && heap[at] >= ZERO && heap[at] <= ZERO + 9) year = year * 10 + heap[at++] - ZERO;
    const digits = at - first;
    if (digits < 4 || digits > 9 || (digits > 4 && heap[first] === ZERO) || (negative && year === 0))
      return false;
    if (end - at < 6 || heap[at] !== MINUS || heap[at + 3] !== MINUS) return false;
    const month = twoDigits(heap, at + 1);
    const day = twoDigits(heap, at + 4);
    if (negative) year = -year;
    if (!isValidDate(year, month, day)) return false;
    this.days = daysFromCivil(year, month, day);
    this.#at = at + 6;
    return true;
  }

  #clock(heap: Uint8Array, end: number, hoursMax: number): boolean {
    const at = this.#at;
    if (end - at < 8 || heap[at + 2] !== COLON || heap[at + 5] !== COLON) return false;
    const hours = twoDigits(heap, at);
    const minutes = twoDigits(heap, at + 3);
    const seconds = twoDigits(heap, at + 6);
    if (hours < 0 || hours > hoursMax || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59)
      return false;
    this.seconds = (hours * 60 + minutes) * 60 + seconds;
    this.#at = at + 8;
    return true;
  }

  #fraction(heap: Uint8Array, end: number, unitDigits: number, digits: number | 'shortest'): boolean {
    let at = this.#at;
    this.rest = 0;
    this.finer = false;
    if (at === end) return digits === 'shortest' || digits === 0;
    if (heap[at++] !== DOT) return false;
    const first = at;
    let count = 0;
    for (; at < end; at++) {
      const digit = heap[at] - ZERO;
      if (digit < 0 || digit > 9) return false;
      if (count < unitDigits) {
        this.rest = this.rest * 10 + digit;
        count++;
      } else if (digit !== 0) this.finer = true;
    }
    this.rest *= POW10[unitDigits - count];
    this.#at = at;
    // The text must be what printing gives: as many digits as the format has, or no zero at the end.
    return digits === 'shortest' ? at > first && heap[at - 1] !== ZERO : at - first === digits && digits > 0;
  }
}

function twoDigits(heap: Uint8Array, at: number): number {
  const tens = heap[at] - ZERO;
  const ones = heap[at + 1] - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
