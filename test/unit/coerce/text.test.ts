// Text, bytes, UUIDs, JSON and the checks on them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newBitmap } from '../../../src/batch/bitmap.ts';
import type { Column } from '../../../src/batch/column.ts';
import { variableColumn } from '../../../src/batch/column.ts';
import { runCheck } from '../../../src/coerce/check.ts';
import { JsonScan } from '../../../src/coerce/json-scan.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import type { Check } from '../../../src/types/mapping.ts';
import type { Policies } from '../../../src/types/policy.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import {
  BINARY,
  collector,
  convert,
  convertColumn,
  DATE,
  float,
  int,
  JSON_TYPE,
  JSONB,
  NUMERIC,
  TEXT,
  timestamp,
  UUID,
} from './run.ts';

const SEED = { seed: 20240229, numRuns: 1000 };

/** A text column of raw bytes. */
function raw(...values: (readonly number[])[]): Column {
  const offsets = Int32Array.from([0, ...values.map((_, n) => values.slice(0, n + 1).flat().length)]);
  return variableColumn(
    TEXT,
    values.length,
    offsets,
    Uint8Array.from(values.flat()),
    newBitmap(values.length, true),
    0,
  );
}

function check(kind: Check, column: Column, policies: Policies = {}) {
  const { sink, refused, used } = collector();
  const result = runCheck(kind, column, sink, policies);
  return { texts: textsOf(result), refused, used, same: result === column };
}

const texts = (values: (string | null)[], type: LogicalType = TEXT) => columnOf(type, values);

test('uuids: only 36 lower-case characters', () => {
  const good = '550e8400-e29b-41d4-a716-446655440000';
  const bad = [
    good.toUpperCase(),
    good.replaceAll('-', ''),
    `{${good}}`,
    `${good} `,
    good.replace('0', 'g'),
    '',
  ];
  bad.push(good.replace('-', '0'), good.replace('e', 'E'));
  const got = convert(TEXT, UUID, [good, ...bad, null]);
  assert.deepEqual(
    got.refused,
    bad.map((_, n) => `${n + 1} E_INVALID_UUID`),
  );
  assert.equal(got.texts[0], good);
  fc.assert(
    fc.property(fc.uuid(), (value) => {
      const there = convert(TEXT, UUID, [value]);
      assert.deepEqual(convertColumn(there.column, TEXT).texts, [value]);
    }),
    { ...SEED, numRuns: 100 },
  );
});

test('utf8: a clean column comes back untouched, a value is judged alone', () => {
  assert.ok(check({ kind: 'utf8' }, texts(['äöü', '', null, '𝄞'])).same);
  // Each half is invalid, though together they are a character.
  const halves = raw([0xc3], [0xa4], [0x61]);
  assert.deepEqual(check({ kind: 'utf8' }, halves).refused, ['0 E_INVALID_UTF8', '1 E_INVALID_UTF8']);
  const bad = raw([0xff], [0x61], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80]);
  assert.deepEqual(check({ kind: 'utf8' }, bad).texts, [null, 'a', null, null, null]);
  const mended = check({ kind: 'utf8' }, raw([0x61, 0xff, 0x62], [0xef, 0xbb, 0xbf]), {
    invalid_utf8: 'replace',
  });
  assert.deepEqual(mended.texts, ['a\ufffdb', '\ufeff']);
  assert.deepEqual(mended.used, { invalid_utf8: 1 });
  assert.deepEqual(convertColumn({ ...bad, type: BINARY }, TEXT).refused.length, 4);
  assert.deepEqual(convert(TEXT, BINARY, ['ä', null]).texts, ['\\xc3a4', null]);
});

test('noNul: refused, left out, replaced or escaped', () => {
  const column = texts(['a\0b', 'clean', '\0\0', null]);
  assert.ok(check({ kind: 'noNul' }, texts(['clean', null])).same);
  assert.deepEqual(check({ kind: 'noNul' }, column).refused, ['0 E_NUL_IN_TEXT', '2 E_NUL_IN_TEXT']);
  assert.deepEqual(check({ kind: 'noNul' }, column).texts, [null, 'clean', null, null]);
  assert.deepEqual(check({ kind: 'noNul' }, column, { nul: 'strip' }).texts, ['ab', 'clean', '', null]);
  assert.deepEqual(check({ kind: 'noNul' }, column, { nul: 'replace' }).texts, [
    'a\ufffdb',
    'clean',
    '\ufffd\ufffd',
    null,
  ]);
  const escaped = check({ kind: 'noNul' }, column, { nul: 'escape' });
  assert.deepEqual(escaped.texts, ['a\\0b', 'clean', '\\0\\0', null]);
  assert.deepEqual(escaped.used, { nul: 2 });
});

test('lengths count code points, or bytes', () => {
  const column = texts(['äöü', 'abcd', '𝄞𝄞𝄞', null, '']);
  assert.deepEqual(check({ kind: 'maxChars', chars: 3 }, column).refused, ['1 E_VALUE_TOO_LONG']);
  assert.ok(check({ kind: 'maxChars', chars: 4 }, column).same);
  assert.deepEqual(check({ kind: 'maxBytes', bytes: 4 }, column).refused, [
    '0 E_VALUE_TOO_LARGE',
    '2 E_VALUE_TOO_LARGE',
  ]);
});

test('NaN, infinities and negative zero', () => {
  const floats = texts(['NaN', '1', 'Infinity', '-0', '-Infinity', null, '0'], float(64));
  assert.deepEqual(check({ kind: 'noNan' }, floats).refused, ['0 E_NAN_UNSUPPORTED']);
  assert.deepEqual(check({ kind: 'noNan' }, floats, { nan: 'null' }).used, { nan: 1 });
  assert.deepEqual(check({ kind: 'finite' }, floats).texts, ['NaN', '1', null, '-0', null, null, '0']);
  for (const bits of [32, 64] as const) {
    const zeros = texts(['-0', '0', '-1', '-0', null], float(bits));
    const counted = check({ kind: 'negativeZero' }, zeros);
    assert.ok(counted.same);
    assert.deepEqual(counted.used, { negative_zero: 2 });
  }
  const numeric = texts(['NaN', 'Infinity', '123', '-Infinity', '12345678', null], NUMERIC);
  assert.deepEqual(check({ kind: 'noNan' }, numeric).refused, ['0 E_NUMERIC_SPECIAL']);
  assert.deepEqual(check({ kind: 'finite' }, numeric).refused, [
    '1 E_NUMERIC_SPECIAL',
    '3 E_NUMERIC_SPECIAL',
  ]);
  const dates = texts(['infinity', '2024-01-01', '-infinity'], DATE);
  assert.deepEqual(check({ kind: 'finite' }, dates, { infinity: 'null' }).texts, [null, '2024-01-01', null]);
  const stamps = texts(['infinity', '2024-01-01 00:00:00'], timestamp('us'));
  assert.deepEqual(check({ kind: 'finite' }, stamps).refused, ['0 E_TIMESTAMP_RANGE']);
});

test('ranges of every width, infinities exempt', () => {
  const bounds = (
    min: string,
    max: string,
    code: 'E_INT_RANGE' | 'E_DATE_RANGE' | 'E_TIMESTAMP_RANGE',
  ): Check => ({
    kind: 'range',
    min,
    max,
    code,
  });
  for (const type of [int(8), int(16), int(32), int(64), int(128)]) {
    const got = check(bounds('-5', '7', 'E_INT_RANGE'), texts(['-6', '-5', '0', '7', '8', null], type));
    assert.deepEqual(got.texts, [null, '-5', '0', '7', null, null]);
  }
  const unsigned = check(
    bounds('1', '9223372036854775808', 'E_INT_RANGE'),
    texts(['0', '9223372036854775808', '9223372036854775809', '18446744073709551615'], int(64, false)),
  );
  assert.deepEqual(unsigned.texts, [null, '9223372036854775808', null, null]);
  assert.ok(
    check(
      bounds('-9223372036854775808', '9223372036854775807', 'E_INT_RANGE'),
      texts(['-9223372036854775808', '9223372036854775807'], int(64)),
    ).same,
  );
  const dates = texts(['-4713-11-23', '-4713-11-24', 'infinity', '-infinity'], DATE);
  assert.deepEqual(check(bounds('-2440588', '2145031948', 'E_DATE_RANGE'), dates).refused, [
    '0 E_DATE_RANGE',
  ]);
  const stamps = texts(
    ['1970-01-01 00:00:00', '1969-12-31 23:59:59', 'infinity', '-infinity'],
    timestamp('us'),
  );
  const got = check(bounds('0', '10', 'E_TIMESTAMP_RANGE'), stamps, { bad_dates: 'null' });
  assert.deepEqual(got.texts, ['1970-01-01 00:00:00', null, 'infinity', '-infinity']);
  assert.deepEqual(got.used, { bad_dates: 1 });
});

const GOOD_JSON = [
  '{}',
  '[]',
  '0',
  '-0',
  '-0.5e-10',
  '1E+3',
  '"\\u00e4\\n"',
  ' [1 , {"a" : null}]\r\n',
  '[[],{}]',
  '"\u007f"',
];
const BAD_JSON = [
  '',
  ' ',
  '{',
  '[1,]',
  '{"a":1,}',
  '{a:1}',
  "{'a':1}",
  '01',
  '1.',
  '.5',
  '+1',
  '1e',
  'nul',
  'nulll',
  'NaN',
  '"',
  '"\\x"',
  '"\\u12"',
  '"\t"',
  '[1 2]',
  '{"a" 1}',
  '{"a":}',
  '[}',
  '1 2',
  '\ufeff1',
  '"a\u0000"',
  '//',
  'True',
  '-',
];

test('JSON is what JSON.parse takes', () => {
  assert.deepEqual(convert(TEXT, JSON_TYPE, GOOD_JSON).refused, []);
  const got = convert(TEXT, JSON_TYPE, BAD_JSON);
  assert.deepEqual(
    got.refused,
    BAD_JSON.map((_, n) => `${n} E_INVALID_JSON`),
  );
  const scan = new JsonScan(false);
  const agree = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    assert.equal(scan.scan(bytes, 0, bytes.length) === null, parses, text);
  };
  fc.assert(fc.property(fc.json(), agree), SEED);
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '1',
    '-',
    '0',
    '.',
    'e',
    'E',
    '+',
    'true',
    'null',
    ' ',
    '\\',
    '\\u0041',
    '\n',
    'ä',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...pieces), { maxLength: 9 }).map((some) => some.join('')),
      agree,
    ),
    {
      ...SEED,
      numRuns: 5000,
    },
  );
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom(...pieces, ''), (text, at, piece) => {
      const place = at % (text.length + 1);
      agree(text.slice(0, place) + piece + text.slice(place + 1));
    }),
    SEED,
  );
});

test('jsonb takes no NUL, no half surrogate pair, no number beyond numeric', () => {
  const bad = [
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00"',
    '"\\ud800x"',
    '"\\ud800\\n"',
    '"\\ud800\\ud800"',
    '1e131072',
    '1e-16384',
  ];
  assert.deepEqual(
    convert(JSON_TYPE, JSONB, bad).refused,
    bad.map((_, n) => `${n} E_INVALID_JSON`),
  );
  assert.deepEqual(
    convert(JSON_TYPE, JSONB, ['"\\ud834\\udd1e"', '"\\\\u0000"', '1e131071', '{"a":1}']).refused,
    [],
  );
  assert.deepEqual(convert(TEXT, JSON_TYPE, bad).refused, []);
  assert.deepEqual(check({ kind: 'json' }, texts(['{}', '{'])).refused, ['1 E_INVALID_JSON']);
});

test('deep JSON neither overflows nor passes', () => {
  const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  assert.deepEqual(convert(TEXT, JSON_TYPE, [deep(5000), deep(100_000)]).refused, ['1 E_INVALID_JSON']);
});
