// The rows of the conversion table for text, bytes, dates and times, UUIDs and JSON.
import type { ErrorCode } from '../errors/codes.ts';
import { binaryToText } from './binary.ts';
import { UNIT_DIGITS } from './calendar.ts';
import { toJson } from './json.ts';
import { fits, looked, type Rule, rule, same } from './rule.ts';
import { dateToTimestamp, timestampToDate, timestampToTimestamp, timeToTime } from './temporal.ts';
import {
  dateToText,
  textToDate,
  textToTime,
  textToTimestamp,
  timestampToText,
  timeToText,
} from './temporal-print.ts';
import { formatFor } from './temporal-text.ts';
import { textToUuid, uuidToText } from './uuid.ts';

const DATE_TEXT: readonly ErrorCode[] = ['E_INVALID_DATE', 'E_DATE_RANGE'];
const TIME_TEXT: readonly ErrorCode[] = ['E_INVALID_DATE', 'E_TIME_PRECISION'];
const STAMP_TEXT: readonly ErrorCode[] = ['E_INVALID_DATE', 'E_TIMESTAMP_PRECISION', 'E_TIMESTAMP_RANGE'];

export const TEXT_RULES: readonly Rule[] = [
  rule('text', 'binary', 'the same bytes', [], [], () => fits(same)),
  rule('binary', 'text', 'only UTF-8', ['E_INVALID_UTF8'], ['invalid_utf8'], (_, to, p) =>
    looked(() => binaryToText(to, p)),
  ),
  rule('text', 'date', 'only text that prints back the same', DATE_TEXT, ['bad_dates'], (_, to, p) =>
    looked(() => textToDate(to, p)),
  ),
  rule('date', 'text', '`2024-02-29`, `-0043-03-15` (44 BC), `infinity`', [], [], (_, to) =>
    fits(() => dateToText(to)),
  ),
  rule(
    'text',
    'time',
    'only text that prints back the same',
    TIME_TEXT,
    ['bad_dates', 'ns'],
    (from, to, p) => {
      const format = formatFor(from, to);
      return format && looked(() => textToTime(to, format, p));
    },
  ),
  rule(
    'time',
    'text',
    '`23:59:59.5` in the column’s format',
    ['E_TIME_PRECISION', 'E_TIME_RANGE'],
    [],
    (from, to) => {
      const format = formatFor(to, from);
      return format && looked(() => timeToText(from, to, format));
    },
  ),
  rule(
    'text',
    'timestamp',
    'only text that prints back the same',
    STAMP_TEXT,
    ['bad_dates', 'ns'],
    (from, to, p) => {
      const format = formatFor(from, to);
      return format && looked(() => textToTimestamp(to, format, p));
    },
  ),
  rule(
    'timestamp',
    'text',
    '`2024-02-29 12:00:00.5+00:00` in the column’s format',
    ['E_TIMESTAMP_PRECISION', 'E_TIMESTAMP_RANGE'],
    [],
    (from, to) => {
      const format = formatFor(to, from);
      if (format === null) return null;
      const digits = format.fractionDigits;
      const roomy = digits === 'shortest' || digits >= UNIT_DIGITS[from.unit];
      return { fits: roomy && from.unit !== 's', make: () => timestampToText(from, to, format) };
    },
  ),
  rule('uuid', 'text', '36 lower-case characters', [], [], (_, to) => fits(() => uuidToText(to))),
  rule('text', 'uuid', 'only 36 lower-case characters', ['E_INVALID_UUID'], [], (_, to) =>
    looked(() => textToUuid(to)),
  ),
  rule('json', 'text', 'the same bytes', [], [], () => fits(same)),
  rule('text', 'json', 'only valid JSON, verbatim', ['E_INVALID_UTF8', 'E_INVALID_JSON'], [], (_, to) =>
    looked(() => toJson(to)),
  ),
  rule(
    'json',
    'json',
    'to jsonb: no `\\u0000`, no half surrogate pairs',
    ['E_INVALID_JSON', 'E_INVALID_UTF8'],
    [],
    (from, to) => (to.binary && !from.binary ? looked(() => toJson(to)) : { ...fits(same), exact: true }),
  ),
];

export const TIME_RULES: readonly Rule[] = [
  rule(
    'date',
    'timestamp',
    'midnight; only without zone',
    ['E_TIMESTAMP_RANGE'],
    ['bad_dates'],
    (_, to, p) => (to.zone ? null : looked(() => dateToTimestamp(to, p))),
  ),
  rule(
    'timestamp',
    'date',
    'only midnights; only without zone',
    ['E_TIMESTAMP_PRECISION', 'E_DATE_RANGE'],
    ['bad_dates'],
    (from, to, p) => (from.zone ? null : looked(() => timestampToDate(from, to, p))),
  ),
  rule(
    'time',
    'time',
    'other units; finer digits are refused',
    ['E_TIME_PRECISION'],
    ['ns'],
    (from, to, p) => ({
      fits: from.unit === 'us',
      make: () => timeToTime(from, to, p),
    }),
  ),
  rule(
    'timestamp',
    'timestamp',
    'other units; with and without zone never become each other',
    ['E_TIMESTAMP_RANGE', 'E_TIMESTAMP_PRECISION'],
    ['ns', 'bad_dates'],
    (from, to, p) => (from.zone === to.zone ? looked(() => timestampToTimestamp(from, to, p)) : null),
  ),
];
