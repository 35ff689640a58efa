// Dates, times and timestamps in other units, and dates as midnights. Whether a timestamp has a zone is never
// changed: that would be a guess. Pure; no BigInt and no string per cell.
import { isValid } from '../batch/bitmap.ts';
import { finishFixed, fixedBuffer, float64View, int32View } from '../batch/builder.ts';
import { type LogicalType, typeName } from '../types/logical-type.ts';
import type { Policies } from '../types/policy.ts';
import {
  DATE_INFINITY,
  DAY_SECONDS,
  INFINITY_HIGH,
  INFINITY_LOW,
  Instant,
  isInfinite,
  NEGATIVE_INFINITY_HIGH,
  NEGATIVE_INFINITY_LOW,
  UNITS_PER_SECOND,
} from './calendar.ts';
import type { FloatType, IntType } from './integer.ts';
import type { Kernel } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { ScaledReader } from './scaled.ts';

export type DateType = Extract<LogicalType, { kind: 'date' }>;
export type TimeType = Extract<LogicalType, { kind: 'time' }>;
export type TimestampType = Extract<LogicalType, { kind: 'timestamp' }>;

/** Writes an instant's 64 bits as value `row`. */
export function storeInstant(words: Int32Array, row: number, instant: Instant): void {
  words[row * 2] = instant.low;
  words[row * 2 + 1] = instant.high;
}

/** Writes infinity (`sign` 1) or -infinity. */
export function storeInfinity(words: Int32Array, row: number, sign: number): void {
  words[row * 2] = sign > 0 ? INFINITY_LOW : NEGATIVE_INFINITY_LOW;
  words[row * 2 + 1] = sign > 0 ? INFINITY_HIGH : NEGATIVE_INFINITY_HIGH;
}

/**
 * 64-bit counts in another unit. Coarser units refuse what they would cut, unless ns=truncate, which rounds
 * down. `keepInfinities` is for timestamps.
 */
function changeUnit(
  from: TimeType | TimestampType,
  to: TimeType | TimestampType,
  policies: Policies,
  code: 'E_TIME_PRECISION' | 'E_TIMESTAMP_PRECISION',
): Kernel {
  const factor = UNITS_PER_SECOND[to.unit] / UNITS_PER_SECOND[from.unit];
  const divisors = factor < 1 ? (factor === 1e-9 ? [1e3, 1e6] : [Math.round(1 / factor)]) : [];
  const keepInfinities = from.kind === 'timestamp';
  const truncate = policies.ns === 'truncate';
  const name = typeName(to);
  return (column, sink) => {
    const source = int32View(column.data);
    const data = fixedBuffer(to, column.length);
    const target = int32View(data);
    const rejects = new Rejects(column, sink, policies);
    const instant = new Instant();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      instant.low = source[row * 2];
      instant.high = source[row * 2 + 1];
      let cut = 0;
      if (!keepInfinities || !isInfinite(instant.low, instant.high)) {
        for (const divisor of divisors) cut += instant.divide(divisor);
        if (factor > 1 && (!instant.multiplyAdd(factor, 0) || instant.isExtreme())) {
          rejects.refuse(row, 'E_TIMESTAMP_RANGE', `the value is outside the range of ${name}`, 'bad_dates');
          continue;
        }
      }
      if (cut !== 0) {
        if (!truncate) {
          rejects.refuse(row, code, `the value is finer than ${name}`);
          continue;
        }
        rejects.used('ns');
      }
      storeInstant(target, row, instant);
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** Timestamps in another unit; E_TIMESTAMP_RANGE, E_TIMESTAMP_PRECISION. */
export function timestampToTimestamp(from: TimestampType, to: TimestampType, policies: Policies): Kernel {
  return changeUnit(from, to, policies, 'E_TIMESTAMP_PRECISION');
}

/** Times in another unit; E_TIME_PRECISION. */
export function timeToTime(from: TimeType, to: TimeType, policies: Policies): Kernel {
  return changeUnit(from, to, policies, 'E_TIME_PRECISION');
}

/** Dates as timestamps without zone, at midnight. */
export function dateToTimestamp(to: TimestampType, policies: Policies): Kernel {
  const perSecond = UNITS_PER_SECOND[to.unit];
  const name = typeName(to);
  return (column, sink) => {
    const source = int32View(column.data);
    const data = fixedBuffer(to, column.length);
    const target = int32View(data);
    const rejects = new Rejects(column, sink, policies);
    const instant = new Instant();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const days = source[row];
      if (days === DATE_INFINITY || days === -DATE_INFINITY) storeInfinity(target, row, days);
      else if (instant.join(days * DAY_SECONDS, 0, perSecond)) storeInstant(target, row, instant);
      else rejects.refuse(row, 'E_TIMESTAMP_RANGE', `the date is outside the range of ${name}`, 'bad_dates');
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** Timestamps without zone at midnight as dates; other times of day are E_TIMESTAMP_PRECISION. */
export function timestampToDate(from: TimestampType, to: DateType, policies: Policies): Kernel {
  const perSecond = UNITS_PER_SECOND[from.unit];
  return (column, sink) => {
    const source = int32View(column.data);
    const data = fixedBuffer(to, column.length);
    const target = int32View(data);
    const rejects = new Rejects(column, sink, policies);
    const instant = new Instant();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const low = source[row * 2];
      const high = source[row * 2 + 1];
      if (isInfinite(low, high)) {
        target[row] = high > 0 ? DATE_INFINITY : -DATE_INFINITY;
        continue;
      }
      const near = instant.split(low, high, perSecond);
      const days = Math.floor(instant.seconds / DAY_SECONDS);
      if (!near || days >= DATE_INFINITY || days <= -DATE_INFINITY) {
        rejects.refuse(row, 'E_DATE_RANGE', 'the timestamp is outside the range of date', 'bad_dates');
      } else if (instant.rest !== 0 || instant.seconds !== days * DAY_SECONDS) {
        rejects.refuse(
          row,
          'E_TIMESTAMP_PRECISION',
          'the timestamp has a time of day, which date can not hold',
        );
      } else target[row] = days;
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** Milliseconds from the Julian epoch to 1970, as SQLite counts them. */
const JULIAN_UNIX_DAYS = 2440587.5;

/**
 * Numbers that the user said are instants (sqlite_datetime): seconds or milliseconds since 1970, or Julian
 * days to the millisecond, as SQLite itself reads them. Fractions are rounded to the unit. Each is counted.
 */
export function numberToTimestamp(
  from: IntType | FloatType,
  to: TimestampType,
  meaning: 'unix_s' | 'unix_ms' | 'julian',
  policies: Policies,
): Kernel {
  const perSecond = UNITS_PER_SECOND[to.unit];
  const name = typeName(to);
  return (column, sink) => {
    const reader = from.kind === 'int' ? new ScaledReader(column) : null;
    const floats = from.kind === 'float' && from.bits === 64 ? float64View(column.data) : null;
    const data = fixedBuffer(to, column.length);
    const target = int32View(data);
    const rejects = new Rejects(column, sink, policies);
    const instant = new Instant();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const value = reader?.number(row) ?? floats?.[row] ?? Number.NaN;
      let milliseconds = value;
      if (meaning === 'unix_s') milliseconds = value * 1000;
      else if (meaning === 'julian') milliseconds = Math.round((value - JULIAN_UNIX_DAYS) * 86400000);
      const seconds = Math.floor(milliseconds / 1000);
      const rest = Math.round(((milliseconds - seconds * 1000) * perSecond) / 1000);
      if (Math.abs(seconds) < 2 ** 52 && instant.join(seconds, rest, perSecond)) {
        storeInstant(target, row, instant);
        rejects.used('sqlite_datetime');
      } else {
        rejects.refuse(row, 'E_TIMESTAMP_RANGE', `the number is outside the range of ${name}`, 'bad_dates');
      }
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}
