// Dates, times and timestamps to and from text columns of one format. Pure; bytes to bytes.
import { isValid } from '../batch/bitmap.ts';
import { finishFixed, fixedBuffer, int32View, offsetsOf } from '../batch/builder.ts';
import { type Column, variableColumn } from '../batch/column.ts';
import { type LogicalType, type TemporalFormat, typeName } from '../types/logical-type.ts';
import type { Policies } from '../types/policy.ts';
import { DATE_INFINITY, DAY_SECONDS, Instant, UNIT_DIGITS, UNITS_PER_SECOND } from './calendar.ts';
import { daysOfDigits, NO_DAYS } from './date-digits.ts';
import type { Kernel } from './kernel.ts';
import { isNearDay, NEAR_DAY_BYTES, writeNearDay } from './near-days.ts';
import { type Print, printColumn } from './printed.ts';
import { Rejects } from './rejects.ts';
import { type DateType, storeInfinity, storeInstant, type TimestampType, type TimeType } from './temporal.ts';
import {
  printDate,
  printTime,
  printTimestamp,
  TEMPORAL_TEXT_BYTES_MAX,
  TemporalParser,
  zoneSeconds,
} from './temporal-text.ts';

/** `2024-02-29`, `-0043-03-15`, `infinity`. */
export function dateToText(to: LogicalType): Kernel {
  return (column, sink) => {
    const near = nearDates(column, to);
    if (near !== null) return near;
    const days = int32View(column.data);
    const print: Print = (row, heap, at) => printDate(days[row], heap, at);
    return printColumn(column, to, 10, TEMPORAL_TEXT_BYTES_MAX, new Rejects(column, sink), print, () => {});
  };
}

/** A column of days that are all near; null where one is not. */
function nearDates(column: Column, to: LogicalType): Column | null {
  const { length, validity, nullCount } = column;
  const days = int32View(column.data);
  const offsets = new Int32Array(length + 1);
  const heap = new Uint8Array(Math.max(16, (length - nullCount) * NEAR_DAY_BYTES));
  const view = new DataView(heap.buffer);
  let end = 0;
  for (let row = 0; row < length; row++) {
    if (isValid(validity, row)) {
      if (!isNearDay(days[row])) return null;
      writeNearDay(days[row], view, end);
      end += NEAR_DAY_BYTES;
    }
    offsets[row + 1] = end;
  }
  return variableColumn(to, length, offsets, heap, validity, nullCount);
}

/** `23:59:59.5` in the format's digits; more digits than it has are E_TIME_PRECISION. */
export function timeToText(from: TimeType, to: LogicalType, format: TemporalFormat): Kernel {
  return (column, sink) => {
    const words = int32View(column.data);
    const rejects = new Rejects(column, sink);
    // Times of day are far below 2^53; anything else is refused by the range in printTime.
    const print: Print = (row, heap, at) => {
      const value = words[row * 2 + 1] * 4294967296 + (words[row * 2] >>> 0);
      return printTime(value, from.unit, format.fractionDigits, heap, at);
    };
    return printColumn(column, to, 15, TEMPORAL_TEXT_BYTES_MAX, rejects, print, (row, why) => {
      if (why === -1)
        rejects.refuse(row, 'E_TIME_PRECISION', 'the time is finer than the format of the text');
      else rejects.refuse(row, 'E_TIME_RANGE', 'the value is not a time of day');
    });
  };
}

/** `2024-02-29 12:00:00.123+00:00` in the format; more digits than it has are E_TIMESTAMP_PRECISION. */
export function timestampToText(from: TimestampType, to: LogicalType, format: TemporalFormat): Kernel {
  const offsetSeconds = zoneSeconds(format.zone) ?? 0;
  const bytes = 26 + format.zone.length;
  return (column, sink) => {
    const words = int32View(column.data);
    const rejects = new Rejects(column, sink);
    const print: Print = (row, heap, at) =>
      printTimestamp(words[row * 2], words[row * 2 + 1], from.unit, format, heap, at, offsetSeconds);
    return printColumn(column, to, bytes, TEMPORAL_TEXT_BYTES_MAX, rejects, print, (row, why) => {
      if (why === -1)
        rejects.refuse(row, 'E_TIMESTAMP_PRECISION', 'the timestamp is finer than the format of the text');
      else rejects.refuse(row, 'E_TIMESTAMP_RANGE', 'the timestamp is too far away to be written');
    });
  };
}

/** Text in the one form that printing gives; everything else is E_INVALID_DATE. */
export function textToDate(to: DateType, policies: Policies): Kernel {
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const data = fixedBuffer(to, column.length);
    const target = int32View(data);
    const rejects = new Rejects(column, sink, policies);
    const parser = new TemporalParser();
    const heap = new DataView(column.data.buffer, column.data.byteOffset, column.data.byteLength);
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const start = offsets[row];
      const end = offsets[row + 1];
      const days = end - start === 10 ? daysOfDigits(heap, start) : NO_DAYS;
      if (days !== NO_DAYS) {
        target[row] = days;
        continue;
      }
      const infinity = parser.infinity(column.data, start, end);
      if (infinity !== 0) target[row] = infinity * DATE_INFINITY;
      else if (!parser.date(column.data, start, end)) {
        rejects.refuse(row, 'E_INVALID_DATE', 'the text is not a date of the form YYYY-MM-DD', 'bad_dates');
      } else if (Math.abs(parser.days) >= DATE_INFINITY) {
        rejects.refuse(row, 'E_DATE_RANGE', 'the date is outside the range of date', 'bad_dates');
      } else target[row] = parser.days;
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** Text in the one form that the format prints; else E_INVALID_DATE, or E_TIME_PRECISION (ns=truncate). */
export function textToTime(to: TimeType, format: TemporalFormat, policies: Policies): Kernel {
  const truncate = policies.ns === 'truncate';
  const name = typeName(to);
  const unitDigits = UNIT_DIGITS[to.unit];
  const perSecond = UNITS_PER_SECOND[to.unit];
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const data = fixedBuffer(to, column.length);
    const target = int32View(data);
    const rejects = new Rejects(column, sink, policies);
    const parser = new TemporalParser();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      if (!parser.time(column.data, offsets[row], offsets[row + 1], unitDigits, format.fractionDigits)) {
        rejects.refuse(row, 'E_INVALID_DATE', 'the text is not a time of the column’s format', 'bad_dates');
      } else if (parser.finer && !truncate) {
        rejects.refuse(row, 'E_TIME_PRECISION', `the time is finer than ${name}`);
      } else {
        if (parser.finer) rejects.used('ns');
        const value = parser.seconds * perSecond + parser.rest;
        const high = Math.floor(value / 4294967296);
        target[row * 2] = value - high * 4294967296;
        target[row * 2 + 1] = high;
      }
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** Text in the one form that the format prints; else E_INVALID_DATE, E_TIMESTAMP_PRECISION or _RANGE. */
export function textToTimestamp(to: TimestampType, format: TemporalFormat, policies: Policies): Kernel {
  const truncate = policies.ns === 'truncate';
  const name = typeName(to);
  const unitDigits = UNIT_DIGITS[to.unit];
  const perSecond = UNITS_PER_SECOND[to.unit];
  const offsetSeconds = zoneSeconds(format.zone) ?? 0;
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const data = fixedBuffer(to, column.length);
    const target = int32View(data);
    const rejects = new Rejects(column, sink, policies);
    const parser = new TemporalParser();
    const instant = new Instant();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const start = offsets[row];
      const end = offsets[row + 1];
      const infinity = parser.infinity(column.data, start, end);
      if (infinity !== 0) storeInfinity(target, row, infinity);
      else if (!parser.timestamp(column.data, start, end, unitDigits, format)) {
        rejects.refuse(
          row,
          'E_INVALID_DATE',
          'the text is not a timestamp of the column’s format',
          'bad_dates',
        );
      } else if (parser.finer && !truncate) {
        rejects.refuse(row, 'E_TIMESTAMP_PRECISION', `the timestamp is finer than ${name}`);
      } else if (
        !instant.join(parser.days * DAY_SECONDS + parser.seconds - offsetSeconds, parser.rest, perSecond)
      ) {
        rejects.refuse(
          row,
          'E_TIMESTAMP_RANGE',
          `the timestamp is outside the range of ${name}`,
          'bad_dates',
        );
      } else {
        if (parser.finer) rejects.used('ns');
        storeInstant(target, row, instant);
      }
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}
