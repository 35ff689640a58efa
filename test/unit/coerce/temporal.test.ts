// Kernels of dates, times and timestamps, against a model of Date and BigInt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CivilDate, daysFromCivil } from '../../../src/coerce/calendar.ts';
import { daysOfDigits, NO_DAYS } from '../../../src/coerce/date-digits.ts';
import { findConversion } from '../../../src/coerce/rules.ts';
import { TemporalParser } from '../../../src/coerce/temporal-text.ts';
import type { LogicalType, TemporalFormat } from '../../../src/types/logical-type.ts';
import { columnOf, daysOf, perSecond } from '../../corpus/columns.ts';
import { convert, convertColumn, DATE, int, TEXT, time, timestamp } from './run.ts';

const SEED = { seed: 20240229, numRuns: 400 };

const textOf = (format: TemporalFormat): LogicalType => ({ kind: 'text', format });
const ISO: TemporalFormat = { separator: 'T', fractionDigits: 3, zone: 'Z' };
const PLAIN: TemporalFormat = { separator: ' ', fractionDigits: 'shortest', zone: '' };

/** An int64 column of raw unit counts. */
function raw(type: LogicalType, values: readonly bigint[]) {
  return { ...columnOf(int(64), values.map(String)), type };
}

test('ten bytes at once are read as the parser of every form reads them, or left to it', () => {
  const parser = new TemporalParser();
  const agrees = (bytes: Uint8Array): boolean => {
    const days = daysOfDigits(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
    if (days === NO_DAYS) return false;
    assert.ok(parser.date(bytes, 0, 10) && parser.days === days, String(bytes));
    return true;
  };
  const two = (value: number) => String(value).padStart(2, '0');
  let dates = 0;
  for (const year of [0, 1, 4, 99, 100, 400, 1900, 1970, 1999, 2000, 2023, 2024, 2100, 9999]) {
    for (let month = 0; month <= 19; month++) {
      for (let day = 0; day <= 39; day++) {
        const bytes = Buffer.from(`${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`);
        const valid = parser.date(bytes, 0, 10);
        assert.equal(agrees(bytes), valid && year > 0, bytes.toString());
        if (valid) dates++;
      }
    }
  }
  assert.equal(dates, 14 * 365 + 5);
  const plain = Buffer.from('2024-02-28');
  for (let at = 0; at < 10; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = Buffer.from(plain);
      bytes[at] = byte;
      assert.equal(agrees(bytes), parser.date(bytes, 0, 10), `${byte} at ${at}`);
    }
  }
});

test('the calendar is Date’s, and far beyond it still turns round', () => {
  const civil = new CivilDate();
  fc.assert(
    fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (days) => {
      civil.fromDays(days);
      const date = new Date(days * 86_400_000);
      assert.deepEqual(
        [civil.year, civil.month, civil.day],
        [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()],
      );
    }),
    SEED,
  );
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (days) => {
      civil.fromDays(days);
      assert.equal(daysFromCivil(civil.year, civil.month, civil.day), days);
    }),
    SEED,
  );
});

test('dates through text come back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), (days) => {
      const column = { ...columnOf(int(32), [String(days)]), type: DATE };
      const there = convertColumn(column, TEXT);
      if (Math.abs(days) !== 2 ** 31 - 1) assert.equal(daysOf(there.texts[0] ?? ''), BigInt(days));
      assert.deepEqual([...convertColumn(there.column, DATE).column.data], [...column.data]);
    }),
    SEED,
  );
});

test('text that is no date is refused, or NULL with bad_dates=null', () => {
  const bad = [
    '2024-02-30',
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-1-01',
    '2024-01-01 ',
    '',
  ];
  bad.push(
    '24-01-01',
    '02024-01-01',
    '+2024-01-01',
    '-0000-01-01',
    '2024/01/01',
    '20240101',
    'Infinity',
    '--infinity',
  );
  bad.push('2024-01-01T00:00:00', '-infinit', '9999999999-01-01');
  assert.deepEqual(
    convert(TEXT, DATE, bad).refused,
    bad.map((_, row) => `${row} E_INVALID_DATE`),
  );
  const allowed = convert(TEXT, DATE, [...bad, '2024-02-29'], { bad_dates: 'null' });
  assert.deepEqual(allowed.used, { bad_dates: bad.length });
  assert.equal(allowed.texts.at(-1), '2024-02-29');
  assert.deepEqual(convert(TEXT, DATE, ['5881580-07-11', '5881580-07-10']).refused, ['0 E_DATE_RANGE']);
});

const UNITS = ['s', 'ms', 'us', 'ns'] as const;

test('timestamps of every unit through text come back', () => {
  for (const unit of UNITS) {
    for (const zone of [false, true]) {
      const type = timestamp(unit, zone);
      // Seconds are kept as doubles.
      const most = unit === 's' ? 2n ** 53n - 1n : unit === 'ms' ? 9n * 10n ** 18n : 2n ** 63n - 2n;
      fc.assert(
        fc.property(fc.bigInt({ min: -most, max: most }), (value) => {
          const column = raw(type, [value]);
          const there = convertColumn(column, TEXT);
          assert.deepEqual([...convertColumn(there.column, type).column.data], [...column.data]);
          // Date's own range, to the millisecond.
          const millis = (value * 1000n) / perSecond(unit);
          if (millis * perSecond(unit) !== value * 1000n || millis > 250_000_000_000_000n || millis < 0n)
            return;
          const iso = new Date(Number(millis)).toISOString().replace('T', ' ');
          assert.equal(there.texts[0]?.slice(0, 10), iso.slice(0, 10));
        }),
        { ...SEED, numRuns: 200 },
      );
    }
  }
});

test('formats: separator, fixed digits, zones', () => {
  const texts = ['2024-02-29T12:34:56.789Z', '1969-12-31T23:59:59.999Z', 'infinity', null];
  const there = convert(textOf(ISO), timestamp('us', true), texts);
  assert.deepEqual(there.texts.slice(0, 2), [
    '2024-02-29 12:34:56.789+00:00',
    '1969-12-31 23:59:59.999+00:00',
  ]);
  assert.deepEqual(convertColumn(there.column, textOf(ISO)).texts, texts);
  const berlin = { ...PLAIN, zone: '+02:00' };
  const local = convert(textOf(berlin), timestamp('us', true), ['2024-07-01 00:30:00+02:00']);
  assert.deepEqual(local.texts, ['2024-06-30 22:30:00+00:00']);
  assert.deepEqual(convertColumn(local.column, textOf(berlin)).texts, ['2024-07-01 00:30:00+02:00']);
  const none = { ...PLAIN, fractionDigits: 0 };
  assert.deepEqual(
    convert(timestamp('us'), textOf(none), ['2024-01-01 00:00:00', '2024-01-01 00:00:00.5']).refused,
    ['1 E_TIMESTAMP_PRECISION'],
  );
  const nine = { ...PLAIN, fractionDigits: 9 };
  assert.deepEqual(convert(timestamp('us'), textOf(nine), ['2024-01-01 00:00:00.5']).texts, [
    '2024-01-01 00:00:00.500000000',
  ]);
});

test('text of another format than the column’s is refused', () => {
  const bad = [
    '2024-02-29 12:34:56.789Z',
    '2024-02-29T12:34:56Z',
    '2024-02-29T12:34:56.789',
    '2024-02-29T12:34:56.7890Z',
  ];
  bad.push(
    '2024-02-29T24:00:00.000Z',
    '2024-02-29T12:60:00.000Z',
    '2024-02-29T12:34:60.000Z',
    '2024-02-29',
    '',
    'Z',
  );
  bad.push(
    '2024-02-29T12:34:56.78xZ',
    '2024-02-30T12:34:56.789Z',
    '2024-02-29T12:34:56.789z',
    ' 2024-02-29T12:34:56.789Z',
  );
  assert.deepEqual(
    convert(textOf(ISO), timestamp('us', true), bad).refused,
    bad.map((_, row) => `${row} E_INVALID_DATE`),
  );
  const zeros = ['2024-02-29 12:34:56.50', '2024-02-29 12:34:56.0', '2024-02-29 12:34:56.'];
  assert.equal(convert(textOf(PLAIN), timestamp('us'), zeros).refused.length, 3);
});

test('finer text than the unit is refused, or cut with ns=truncate', () => {
  const texts = ['2024-02-29 12:34:56.123456789', '2024-02-29 12:34:56.123456'];
  assert.deepEqual(convert(TEXT, timestamp('us'), texts).refused, ['0 E_TIMESTAMP_PRECISION']);
  const cut = convert(TEXT, timestamp('us'), texts, { ns: 'truncate' });
  assert.deepEqual(cut.texts, ['2024-02-29 12:34:56.123456', '2024-02-29 12:34:56.123456']);
  assert.deepEqual(cut.used, { ns: 1 });
  assert.deepEqual(convert(TEXT, time('us'), ['12:00:00.1234567']).refused, ['0 E_TIME_PRECISION']);
});

test('units: exact, refused, or cut downwards; infinities stay', () => {
  for (const from of UNITS) {
    for (const to of UNITS) {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.bigInt({ min: -(2n ** 63n) + 2n, max: 2n ** 63n - 2n }),
            fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }),
          ),
          (value) => {
            const [a, b] = [perSecond(from), perSecond(to)];
            const product = value * b;
            const floor = product >= 0n || product % a === 0n ? product / a : product / a - 1n;
            const inRange = floor < 2n ** 63n - 1n && floor > -(2n ** 63n) + 1n;
            const column = raw(timestamp(from), [value]);
            const strict = convertColumn(column, timestamp(to));
            const bits = (outcome: typeof strict) => new BigInt64Array(outcome.column.data.buffer)[0];
            if (!inRange) assert.deepEqual(strict.refused, ['0 E_TIMESTAMP_RANGE']);
            else if (product % a !== 0n) assert.deepEqual(strict.refused, ['0 E_TIMESTAMP_PRECISION']);
            else assert.equal(bits(strict), floor);
            if (inRange) assert.equal(bits(convertColumn(column, timestamp(to), { ns: 'truncate' })), floor);
          },
        ),
        { ...SEED, numRuns: 100 },
      );
      const ends = convert(timestamp(from), timestamp(to), ['infinity', '-infinity']);
      assert.deepEqual(ends.texts, ['infinity', '-infinity']);
    }
  }
  assert.deepEqual(convert(time('us'), time('ns'), ['24:00:00', '00:00:00.000001']).texts, [
    '24:00:00',
    '00:00:00.000001',
  ]);
  assert.deepEqual(convert(time('ns'), time('us'), ['12:00:00.000000001', '12:00:00']).refused, [
    '0 E_TIME_PRECISION',
  ]);
});

test('times: 24:00:00 but nothing beyond', () => {
  const bad = ['24:00:01', '24:00:00.000001', '25:00:00', '12:60:00', '12:00', '12:00:00Z', '1:00:00', ''];
  assert.deepEqual(
    convert(TEXT, time('us'), bad).refused,
    bad.map((_, row) => `${row} E_INVALID_DATE`),
  );
  assert.deepEqual(convertColumn(raw(time('us'), [86_400_000_001n, -1n, 86_400_000_000n]), TEXT).refused, [
    '0 E_TIME_RANGE',
    '1 E_TIME_RANGE',
  ]);
});

test('dates are midnights, and only midnights are dates', () => {
  const dates = ['1970-01-01', '-0043-03-15', '9999-12-31', 'infinity', '-infinity', null];
  const there = convert(DATE, timestamp('us'), dates);
  assert.deepEqual(convertColumn(there.column, DATE).texts, dates);
  assert.deepEqual(
    convert(timestamp('us'), DATE, ['2024-01-01 00:00:00.000001', '1969-12-31 23:00:00']).refused,
    ['0 E_TIMESTAMP_PRECISION', '1 E_TIMESTAMP_PRECISION'],
  );
  assert.deepEqual(convert(DATE, timestamp('ns'), ['2262-04-12', '2262-04-11']).refused, [
    '0 E_TIMESTAMP_RANGE',
  ]);
});

test('a zone is never added or taken away', () => {
  for (const unit of UNITS) {
    assert.equal(findConversion(timestamp(unit, true), timestamp('us', false), {}), null);
    assert.equal(findConversion(timestamp(unit, false), timestamp('us', true), {}), null);
  }
  assert.equal(findConversion(DATE, timestamp('us', true), {}), null);
  assert.equal(findConversion(timestamp('us', true), DATE, {}), null);
  assert.equal(findConversion(textOf(ISO), timestamp('us', false), {}), null);
  assert.equal(findConversion(textOf(PLAIN), timestamp('us', true), {}), null);
  assert.equal(findConversion(textOf(ISO), textOf(PLAIN), {}), null);
});
