// Nested types: to JSON and back, among themselves, and what is refused inside them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Column, checkColumn } from '../../../src/batch/column.ts';
import { takeRows } from '../../../src/batch/take.ts';
import { findConversion } from '../../../src/coerce/rules.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import { columnOfPlain, PLAIN_COLUMNS, type Plain } from '../../corpus/nested-columns.ts';
import { anyTyped, leafTyped, nestedTyped, plainOf, rowsOf } from './random-types.ts';
import {
  ANY,
  BINARY,
  collector,
  convertColumn,
  DATE,
  decimal,
  float,
  int,
  JSON_TYPE,
  JSONB,
  NUMERIC,
  TEXT,
} from './run.ts';

const list = (element: LogicalType, size?: number): LogicalType =>
  size === undefined ? { kind: 'list', element } : { kind: 'list', element, size };
const struct = (fields: Record<string, LogicalType>): LogicalType => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
const union = (members: Record<string, LogicalType>): LogicalType => ({
  kind: 'union',
  members: Object.entries(members).map(([name, type]) => ({ name, type })),
});
const map = (key: LogicalType, value: LogicalType): LogicalType => ({ kind: 'map', key, value });
const runs = (numRuns: number) => ({ seed: 20261122, numRuns });

const toJson = (type: LogicalType, values: readonly Plain[], to = JSON_TYPE) =>
  convertColumn(columnOfPlain(type, values), to);
const fromJson = (type: LogicalType, texts: readonly (string | null)[], from = JSON_TYPE) => {
  const outcome = convertColumn(columnOf(from, texts), type);
  return { ...outcome, plain: plainOf(outcome.column) };
};

test('any nested type to JSON and back is what it was, and JSON is valid', () => {
  fc.assert(
    fc.property(rowsOf(nestedTyped), fc.constantFrom(JSON_TYPE, TEXT), ({ type, rows }, to) => {
      const column = columnOfPlain(type, rows);
      const there = convertColumn(column, to);
      assert.deepEqual(there.refused, []);
      for (const text of there.texts) if (text !== null) JSON.parse(text);
      assert.deepEqual(textsOf(column), there.texts);
      const back = convertColumn(there.column, type);
      assert.deepEqual(back.refused, []);
      assert.deepEqual(plainOf(back.column), plainOf(column));
    }),
    runs(400),
  );
});

test('any type to text and back is what it was', () => {
  fc.assert(
    fc.property(rowsOf(leafTyped), ({ type, rows }) => {
      if (type.kind === 'float' || type.kind === 'binary' || type.kind === 'json') return;
      const column = columnOfPlain(type, rows);
      const back = convertColumn(convertColumn(column, TEXT).column, type);
      assert.deepEqual(back.refused, []);
      assert.deepEqual(textsOf(back.column), textsOf(column));
    }),
    runs(300),
  );
});

test('rows taken in any order, and any type through SQLite’s mixed columns', () => {
  fc.assert(
    fc.property(rowsOf(anyTyped), fc.array(fc.integer({ min: -1, max: 11 })), ({ type, rows }, wanted) => {
      const column = columnOfPlain(type, rows);
      const picked = wanted.filter((row) => row < rows.length);
      const taken = takeRows(column, Int32Array.from(picked));
      checkColumn(taken, 'taken');
      const plain = plainOf(column);
      assert.deepEqual(
        plainOf(taken),
        picked.map((row) => (row < 0 ? null : plain[row])),
      );
      if (findConversion(type, ANY, {}) === null || /float|int|numeric|bool|binary/.test(type.kind)) return;
      const there = convertColumn(column, ANY);
      if (there.refused.length > 0) return;
      assert.deepEqual(plainOf(convertColumn(there.column, type).column), plain);
    }),
    runs(200),
  );
});

test('a nested type passes untouched where nothing changes, in the very same buffers', () => {
  for (const { type, values } of PLAIN_COLUMNS) {
    const conversion = findConversion(type, type, {});
    assert.equal(conversion?.class, 'exact');
    assert.equal(conversion?.make(), null);
    assert.deepEqual(plainOf(columnOfPlain(type, values)).length, values.length);
  }
});

test('the text of each type', () => {
  const type = struct({
    n: int(64),
    d: decimal(20, 2),
    m: NUMERIC,
    f: float(64),
    t: TEXT,
    b: BINARY,
    j: JSON_TYPE,
    day: DATE,
  });
  const rows: Plain[] = [
    ['-9223372036854775808', '1.10', '1', '1e+21', 'a"\\\n\u0001é', '\\x00ff', '{"a": 1}', 'infinity'],
    ['1', '0.00', 'NaN', 'NaN', '', '\\x', '1', '-0043-03-15'],
    [null, null, null, '-Infinity', '\0', null, null, null],
    null,
  ];
  assert.deepEqual(toJson(type, rows).texts, [
    '{"n":-9223372036854775808,"d":1.10,"m":1,"f":1e+21,"t":"a\\"\\\\\\n\\u0001é","b":"\\\\x00ff","j":{"a": 1},"day":"infinity"}',
    '{"n":1,"d":0.00,"m":"NaN","f":"NaN","t":"","b":"\\\\x","j":1,"day":"-0043-03-15"}',
    '{"n":null,"d":null,"m":null,"f":"-Infinity","t":"\\u0000","b":null,"j":null,"day":null}',
    null,
  ]);
  assert.deepEqual(
    toJson(map(TEXT, int(32)), [
      [
        ['a', '1'],
        ['b', null],
      ],
      [],
    ]).texts,
    ['{"a":1,"b":null}', '{}'],
  );
  assert.deepEqual(toJson(map(int(32), TEXT), [[['1', 'x']], []]).texts, ['[[1,"x"]]', '[]']);
  assert.deepEqual(toJson(union({ a: int(8), b: TEXT }), [['0', '1'], ['1', null], null]).texts, [
    '{"a":1}',
    '{"b":null}',
    null,
  ]);
});

test('what has no JSON form is refused, with the row of the whole', () => {
  const bad = columnOfPlain(list(TEXT), [['ok'], ['a', 'b'], ['c']]);
  const [heap] = (bad.children ?? []).map((child) => child.data);
  heap[1] = 0xff;
  heap[2] = 0xff;
  const got = convertColumn(bad, JSON_TYPE);
  assert.deepEqual(got.refused, ['0 E_INVALID_UTF8', '1 E_INVALID_UTF8']);
  assert.deepEqual(toJson(list(JSON_TYPE), [['1'], ['nul'], [' null ']]).refused, [
    '1 E_INVALID_JSON',
    '2 E_INVALID_JSON',
  ]);
  assert.deepEqual(toJson(list(NUMERIC), [['1'], ['1e5']]).refused, ['1 E_INVALID_NUMBER']);
  assert.deepEqual(toJson(list(TEXT), [['\0'], ['x']], JSONB).refused, ['0 E_INVALID_JSON']);
  assert.equal(
    findConversion(struct({ a: { kind: 'opaque', engine: 'postgres', nativeType: 'x' } }), TEXT, {}),
    null,
  );
});

test('a list is read from JSON of that very shape', () => {
  const type = list(int(32));
  const texts = ['[]', ' [ 1 , null,-2 ] ', '[1.0]', '[1e2]', null];
  assert.deepEqual(fromJson(type, texts).plain, [[], ['1', null, '-2'], ['1'], ['100'], null]);
  const wrong = [
    '[1',
    '[1,]',
    '[,1]',
    '1',
    'null',
    '[1]x',
    '["1"]',
    '[true]',
    '{}',
    '',
    '[1 2]',
    '[01]',
    '[[1]]',
  ];
  assert.deepEqual(
    fromJson(type, wrong, TEXT).refused,
    wrong.map((_, row) => `${row} E_INVALID_JSON`),
  );
  const numbers = ['[1.5]', '[2147483648]', '[1e500]', '[-0]', '[1]'];
  assert.deepEqual(fromJson(type, numbers).refused.sort(), [
    '0 E_DECIMAL_SCALE',
    '1 E_INT_RANGE',
    '2 E_INVALID_NUMBER',
    '3 E_INVALID_NUMBER',
  ]);
  assert.deepEqual(fromJson(list(int(32), 2), ['[1,2]', '[1]', 'null']).refused, [
    '1 E_ARRAY_SHAPE',
    '2 E_INVALID_JSON',
  ]);
});

test('objects: fields in any order, none missing, unknown or twice', () => {
  const type = struct({ a: int(32), 'b"c': TEXT });
  assert.deepEqual(fromJson(type, ['{"b\\"c": "x", "a": 1}', '{"a":null,"\\u0062\\"c":null}']).plain, [
    ['1', 'x'],
    [null, null],
  ]);
  const wrong = [
    '{}',
    '{"a":1}',
    '{"a":1,"b\\"c":"x","d":1}',
    '{"a":1,"a":1,"b\\"c":"x"}',
    '[1,"x"]',
    '{a:1}',
    '{"a" 1}',
  ];
  const got = fromJson(type, wrong);
  assert.deepEqual(
    got.refused,
    wrong.map((_, row) => `${row} E_INVALID_JSON`),
  );
  assert.deepEqual(
    got.plain,
    wrong.map(() => null),
  );
  const keys = fromJson(map(TEXT, int(8)), ['{"a":1," a":2}', '{"a":1,"\\u0061":2}', '[["a",1]]']);
  assert.deepEqual(keys.refused, ['1 E_INVALID_JSON', '2 E_INVALID_JSON']);
  const pairs = fromJson(map(int(8), TEXT), [
    '[[1,"a"],[2,null]]',
    '[[1,"a"],[ 1,"b"]]',
    '[[null,"a"]]',
    '[[1]]',
  ]);
  assert.deepEqual(pairs.refused, ['1 E_INVALID_JSON', '2 E_INVALID_JSON', '3 E_INVALID_JSON']);
  const either = fromJson(union({ a: int(8), b: TEXT }), [
    '{"b":"x"}',
    '{"a":null}',
    '{"a":1,"b":"x"}',
    '{}',
    '{"c":1}',
  ]);
  assert.deepEqual(either.refused, ['2 E_INVALID_JSON', '3 E_INVALID_JSON', '4 E_INVALID_JSON']);
  assert.deepEqual(either.plain.slice(0, 2), [
    ['1', 'x'],
    ['0', null],
  ]);
});

test('strings of JSON: every escape, and none that UTF-8 can not hold', () => {
  const good = ['["\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud834\\udd1e\\u0000"]', '["日"]'];
  assert.deepEqual(fromJson(list(TEXT), good).plain, [['"\\/\b\f\n\r\té\u{1d11e}\0'], ['日']]);
  const bad = [
    '["\\ud834"]',
    '["\\udd1e"]',
    '["\\ud834\\u0041"]',
    '["\\x"]',
    '["\\u12"]',
    '["a\n"]',
    '["a',
    '["a\\"]',
    '["\\u12g4"]',
  ];
  assert.deepEqual(
    fromJson(list(TEXT), bad).refused,
    bad.map((_, row) => `${row} E_INVALID_JSON`),
  );
});

test('floats are taken only if they are exactly that', () => {
  const texts = [
    '[0.1]',
    '[1e+21]',
    '[-0]',
    '["NaN"]',
    '["-Infinity"]',
    '[5e-324]',
    '[1.7976931348623157e308]',
    '[0.10]',
  ];
  assert.deepEqual(fromJson(list(float(64)), texts).plain, [
    ['0.1'],
    ['1e+21'],
    ['-0'],
    ['NaN'],
    ['-Infinity'],
    ['5e-324'],
    ['1.7976931348623157e+308'],
    ['0.1'],
  ]);
  const inexact = ['[0.12345678901234567891]', '[1e400]', '[4e-324]', '[9007199254740993]', '[1e-400]'];
  assert.deepEqual(
    fromJson(list(float(64)), inexact).refused,
    inexact.map((_, row) => `${row} E_DECIMAL_SCALE`),
  );
  assert.deepEqual(fromJson(list(float(32)), ['[0.1]', '[16777217]', '["inf"]']).refused, [
    '2 E_INVALID_JSON',
    '1 E_DECIMAL_SCALE',
  ]);
});

test('leaves are refused with their own code, the place and the row of the whole', () => {
  const type = struct({ days: list(DATE) });
  const { sink, refused } = collector();
  const messages: string[] = [];
  const kernel = findConversion(JSON_TYPE, type, {})?.make();
  const noisy = {
    ...sink,
    refuse: (row: number, code: never, value: string, message: string) => {
      messages.push(message);
      sink.refuse(row, code, value, message);
    },
  };
  const column = columnOf(JSON_TYPE, [
    '{"days":[]}',
    null,
    '{"days":["2024-01-01","2024-02-30"]}',
    '{"days":null}',
  ]);
  const result = kernel?.(column, noisy) as Column;
  checkColumn(result, 'days');
  assert.deepEqual(refused, ['2 E_INVALID_DATE']);
  assert.match(messages[0], /^in field "days": in element 2: the text is not a date/);
  const nulled = convertColumn(column, type, { bad_dates: 'null' });
  assert.deepEqual(nulled.refused, []);
  assert.deepEqual(nulled.used, { bad_dates: 1 });
  assert.deepEqual(plainOf(nulled.column)[2], [['2024-01-01', null]]);
  // A key would be NULL, or two of them one: it is refused whatever the policy.
  const keys = convertColumn(columnOf(JSON_TYPE, ['[["2024-02-30",1]]']), map(DATE, int(8)), {
    bad_dates: 'null',
  });
  assert.deepEqual(keys.refused, ['0 E_INVALID_DATE']);
});

test('nested to nested goes by what is inside', () => {
  const wide = convertColumn(columnOfPlain(list(int(16)), [['1', null], [], null]), list(int(64)));
  assert.deepEqual(plainOf(wide.column), [['1', null], [], null]);
  assert.deepEqual(findConversion(list(int(16)), list(int(64)), {})?.class, 'widened');
  const narrow = convertColumn(
    columnOfPlain(list(int(64)), [['1'], ['70000', '2'], ['3', '99999']]),
    list(int(16)),
  );
  assert.deepEqual(narrow.refused, ['1 E_INT_RANGE', '2 E_INT_RANGE']);
  assert.deepEqual(plainOf(narrow.column), [['1'], [null, '2'], ['3', null]]);
  const sized = convertColumn(columnOfPlain(list(int(16)), [['1', '2'], ['1'], null, []]), list(int(16), 2));
  assert.deepEqual(sized.refused, ['1 E_ARRAY_SHAPE', '3 E_ARRAY_SHAPE']);
  assert.deepEqual(plainOf(sized.column), [['1', '2'], null, null, null]);
  assert.equal(findConversion(list(int(16), 2), list(int(16)), {})?.class, 'widened');
  assert.equal(findConversion(list(int(16), 2), list(int(16), 3), {}), null);
  assert.equal(findConversion(struct({ a: TEXT }), struct({ b: TEXT }), {}), null);
  assert.equal(findConversion(struct({ a: TEXT }), struct({ a: TEXT, b: TEXT }), {}), null);
  assert.equal(findConversion(list(TEXT), list(DATE), {})?.class, 'checked');
  assert.deepEqual(findConversion(list(TEXT), list(DATE), {})?.policies, ['bad_dates']);
  const retyped = convertColumn(columnOfPlain(map(TEXT, JSONB), [[['a', '1']]]), map(TEXT, JSON_TYPE));
  assert.deepEqual(retyped.column.children?.[1].type, JSON_TYPE);
});

test('a fault in one struct or union leaves the others whole', () => {
  const from = struct({ a: int(32), u: union({ x: int(32), y: TEXT }) });
  const to = struct({ a: int(8), u: union({ x: int(8), y: TEXT }) });
  const rows: Plain[] = [['1', ['0', '2']], null, ['1', ['0', '300']], ['300', ['1', 'z']], [null, null]];
  const got = convertColumn(columnOfPlain(from, rows), to);
  assert.deepEqual(got.refused, ['3 E_INT_RANGE', '2 E_INT_RANGE']);
  assert.deepEqual(plainOf(got.column), [
    ['1', ['0', '2']],
    null,
    ['1', ['0', null]],
    [null, ['1', 'z']],
    [null, null],
  ]);
});
