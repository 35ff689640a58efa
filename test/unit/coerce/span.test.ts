// Intervals, times with an offset, strings of bits and enums: their text, and what is not read as such.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCheck } from '../../../src/coerce/check.ts';
import { findConversion } from '../../../src/coerce/rules.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import type { Check } from '../../../src/types/mapping.ts';
import type { Policies } from '../../../src/types/policy.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import { BIT, INTERVAL, MOOD, TIMETZ } from './random-types.ts';
import { ANY, collector, convert, convertColumn, TEXT } from './run.ts';

const there = (type: LogicalType, texts: readonly (string | null)[]) => convert(type, TEXT, texts).texts;
const refusedOf = (type: LogicalType, texts: readonly string[], policies: Policies = {}) =>
  convert(TEXT, type, texts, policies);
const every = (texts: readonly string[], code: string) => texts.map((_, row) => `${row} ${code}`);

function check(which: Check, type: LogicalType, texts: readonly (string | null)[], policies: Policies = {}) {
  const { sink, refused, used } = collector();
  const result = runCheck(which, columnOf(type, texts), sink, policies);
  return { texts: textsOf(result), refused, used };
}

const MOST = '9223372036854775807';
const LEAST = '-9223372036854775808';

/** Months, days, microseconds, and what PostgreSQL 18 prints with intervalstyle iso_8601. */
const INTERVALS: readonly (readonly [string, string])[] = [
  ['0 0 0', 'PT0S'],
  ['14 3 -14706500000', 'P1Y2M3DT-4H-5M-6.5S'],
  ['-14 -3 14706500000', 'P-1Y-2M-3DT4H5M6.5S'],
  ['0 0 1', 'PT0.000001S'],
  ['0 0 -1', 'PT-0.000001S'],
  ['0 0 -999999', 'PT-0.999999S'],
  ['0 0 60000000', 'PT1M'],
  ['0 0 -3600000000', 'PT-1H'],
  ['-1 0 0', 'P-1M'],
  ['12 0 0', 'P1Y'],
  ['0 -1 0', 'P-1D'],
  [`0 0 ${MOST}`, 'PT2562047788H54.775807S'],
  [`0 0 ${LEAST}`, 'PT-2562047788H-54.775808S'],
  ['2147483647 -2147483648 0', 'P178956970Y7M-2147483648D'],
  [`2147483647 2147483647 ${MOST}`, 'infinity'],
  [`-2147483648 -2147483648 ${LEAST}`, '-infinity'],
  [`2147483647 2147483647 9223372036854775806`, 'P178956970Y7M2147483647DT2562047788H54.775806S'],
];

test('intervals are written as PostgreSQL prints ISO 8601, and read back', () => {
  const [values, texts] = [INTERVALS.map(([value]) => value), INTERVALS.map(([, text]) => text)];
  const column = columnOf(INTERVAL, [...values, null]);
  const printed = convertColumn(column, TEXT);
  assert.deepEqual(printed.texts, [...texts, null]);
  assert.deepEqual(textsOf(column), [...texts, null]);
  const back = convertColumn(printed.column, INTERVAL);
  assert.deepEqual(back.refused, []);
  assert.deepEqual([...back.column.data], [...column.data]);
});

test('text that prints otherwise is no interval', () => {
  const wrong = [
    '',
    'P',
    'PT',
    'P1',
    'P0D',
    'P1DT',
    'P13M',
    'P1M1Y',
    'P1W',
    'PT1.5H',
    'PT0.50S',
    'PT1.0S',
    'PT60S',
    'PT-0S',
    'P01D',
    'PT1H-1M',
    '1 day',
    'P1Y2M3DT4H5M6.1234567S',
    'P2147483648D',
    'PT2562047788H54.775808S',
    'Infinity',
    '+infinity',
    'infinityx',
    '--infinity',
    'P1D ',
    'p1d',
    'P1DT1',
    `P${'9'.repeat(40)}D`,
    'PT1S1S',
    'P1D2D',
    'PT.5S',
    'PT5.S',
  ];
  assert.deepEqual(refusedOf(INTERVAL, wrong).refused, every(wrong, 'E_INVALID_DATE'));
  const nulled = refusedOf(INTERVAL, ['P1D', 'x'], { bad_dates: 'null' });
  assert.deepEqual([nulled.texts, nulled.used], [['P1D', null], { bad_dates: 1 }]);
});

test('infinite intervals are refused, or NULL where the user says so', () => {
  const values = INTERVALS.map(([value]) => value);
  const last = [`${values.length - 3} E_INTERVAL_INFINITY`, `${values.length - 2} E_INTERVAL_INFINITY`];
  assert.deepEqual(check({ kind: 'finite' }, INTERVAL, values).refused, last);
  const allowed = check({ kind: 'finite' }, INTERVAL, values, { infinity: 'null' });
  assert.deepEqual([allowed.refused, allowed.used], [[], { infinity: 2 }]);
  assert.deepEqual(check({ kind: 'finite' }, INTERVAL, ['1 0 0', null]).texts, ['P1M', null]);
});

test('times with an offset', () => {
  const texts = [
    '00:00:00+00:00',
    '24:00:00+15:59:59',
    '23:59:59.999999-15:59:59',
    '12:34:56.5+05:30',
    '12:00:00-00:01',
    '12:00:00+00:00:01',
    '12:00:00-00:00:01',
    null,
  ];
  assert.deepEqual(there(TIMETZ, texts), texts);
  assert.deepEqual(textsOf(columnOf(TIMETZ, texts)), texts);
  const back = convert(TEXT, TIMETZ, texts);
  assert.deepEqual(back.refused, []);
  assert.deepEqual([...back.column.data], [...columnOf(TIMETZ, texts).data]);
  const wrong = [
    '',
    '12:00:00',
    '12:00:00Z',
    '12:00:00+05',
    '12:00:00+0530',
    '12:00:00-00:00',
    '12:00:00+00:00:00',
    '12:00:00+16:00',
    '12:00:00+05:60',
    '24:00:01+00:00',
    '25:00:00+00:00',
    '12:00:00.50+00:00',
    '12:00:00.1234567+00:00',
    '12:00+00:00',
    '+00:00',
    '12:00:00+0a:00',
    '12:00:00 +00:00',
    '12:00:00+05:30:60',
    '12:00:00+05-30',
  ];
  assert.deepEqual(refusedOf(TIMETZ, wrong).refused, every(wrong, 'E_INVALID_DATE'));
});

test('what is no time of day with an offset is not printed', () => {
  const column = columnOf(TIMETZ, ['00:00:00+00:00', '00:00:00+00:00', '00:00:00+00:00']);
  const words = new Uint32Array(column.data.buffer);
  words[1] = 0xffffffff;
  words[2] = 0xffffff;
  assert.deepEqual(convertColumn(column, TEXT).refused, ['0 E_TIME_RANGE', '1 E_TIME_RANGE']);
});

test('strings of bits of every length', () => {
  const texts = Array.from({ length: 70 }, (_, length) => '0110100110010110'.repeat(5).slice(0, length));
  const printed = convert(BIT, TEXT, [...texts, null]);
  assert.deepEqual(printed.texts, [...texts, null]);
  const back = convertColumn(printed.column, BIT);
  assert.deepEqual(
    [...back.column.data.subarray(0, back.column.offsets?.[71])],
    [...columnOf(BIT, texts).data],
  );
  assert.deepEqual(
    refusedOf(BIT, ['01a', '2', ' 1', '1 ', '\0']).refused,
    every(['', '', '', '', ''], 'E_INVALID_BIT'),
  );
  assert.deepEqual(refusedOf({ kind: 'bit', length: 3 }, ['010', '0101', '']).refused, [
    '1 E_INVALID_BIT',
    '2 E_INVALID_BIT',
  ]);
});

test('lengths of bits, and the empty string of them', () => {
  assert.deepEqual(check({ kind: 'bitLength', bits: 3 }, BIT, ['010', '01', '0101', '', null]).refused, [
    '1 E_INVALID_BIT',
    '2 E_INVALID_BIT',
    '3 E_INVALID_BIT',
  ]);
  const empty = check({ kind: 'noEmptyBit' }, BIT, ['0', '', null]);
  assert.deepEqual([empty.refused, empty.texts], [['1 E_EMPTY_BIT'], ['0', null, null]]);
  const allowed = check({ kind: 'noEmptyBit' }, BIT, ['0', ''], { empty_bit: 'null' });
  assert.deepEqual([allowed.refused, allowed.used, allowed.texts], [[], { empty_bit: 1 }, ['0', null]]);
  const corrupt = columnOf(BIT, ['0', '1']);
  corrupt.data[0] = 9;
  assert.deepEqual(convertColumn(corrupt, TEXT).refused, ['0 E_INVALID_BIT']);
});

test('enums by their labels', () => {
  const labels = [...MOOD.labels, null];
  assert.deepEqual(there(MOOD, labels), labels);
  assert.deepEqual(convert(TEXT, MOOD, labels).texts, labels);
  assert.deepEqual(
    refusedOf(MOOD, ['Sad', 'sad ', 'it', "it's!", '日 ']).refused,
    every(['', '', '', '', ''], 'E_ENUM_LABEL'),
  );
  const other: LogicalType = { kind: 'enum', name: 'm2', labels: ['日', 'sad', 'more'] };
  const moved = convert(MOOD, other, labels);
  assert.deepEqual(moved.texts, ['sad', null, null, '日', null]);
  assert.deepEqual(moved.refused, ['1 E_ENUM_LABEL', '2 E_ENUM_LABEL']);
  const wider: LogicalType = { kind: 'enum', name: null, labels: ['x', ...MOOD.labels] };
  assert.equal(findConversion(MOOD, wider, {})?.class, 'widened');
  assert.deepEqual(convert(MOOD, wider, labels).texts, labels);
  assert.equal(findConversion(MOOD, { ...MOOD, name: 'other' }, {})?.class, 'exact');
  const many: LogicalType = {
    kind: 'enum',
    name: null,
    labels: Array.from({ length: 70000 }, (_, n) => `l${n}`),
  };
  assert.deepEqual(convert(TEXT, many, ['l0', 'l69999', 'l300']).texts, ['l0', 'l69999', 'l300']);
  assert.deepEqual(convert(TEXT, { kind: 'enum', name: null, labels: [] }, [null, 'a']).refused, [
    '1 E_ENUM_LABEL',
  ]);
});

test('through SQLite’s mixed columns', () => {
  for (const [type, text] of [
    [INTERVAL, '1 2 3'],
    [TIMETZ, '12:00:00+01:00'],
    [BIT, '0101'],
    [MOOD, 'sad'],
  ] as const) {
    const column = columnOf(type, [text, null]);
    const back = convertColumn(convertColumn(column, ANY).column, type);
    assert.deepEqual(textsOf(back.column), textsOf(column));
  }
});
