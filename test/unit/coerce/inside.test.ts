// Checks inside nested types; SQLite's mixed columns as structs; empty text as NULL.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column } from '../../../src/batch/column.ts';
import { checkColumn } from '../../../src/batch/column.ts';
import { checkCodes, runCheck } from '../../../src/coerce/check.ts';
import { compileCrossing } from '../../../src/coerce/compile.ts';
import type { ColumnCrossing } from '../../../src/coerce/kernel.ts';
import { describeCrossing } from '../../../src/coerce/rules.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import type { Check } from '../../../src/types/mapping.ts';
import type { Policies } from '../../../src/types/policy.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import { columnOfPlain, type Plain } from '../../corpus/nested-columns.ts';
import { BIT, INTERVAL, plainOf } from './random-types.ts';
import {
  ANY,
  BINARY,
  collector,
  convertColumn,
  DATE,
  float,
  int,
  JSON_TYPE,
  JSONB,
  TEXT,
  timestamp,
} from './run.ts';

const list = (element: LogicalType): LogicalType => ({ kind: 'list', element });
const struct = (fields: Record<string, LogicalType>): LogicalType => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
const map = (key: LogicalType, value: LogicalType): LogicalType => ({ kind: 'map', key, value });

function check(which: Check, type: LogicalType, values: readonly Plain[], policies: Policies = {}) {
  const { sink, refused, used } = collector();
  const column = columnOfPlain(type, values);
  const result = runCheck(which, column, sink, policies);
  checkColumn(result, 'checked');
  for (const entry of refused)
    assert.ok((checkCodes(which, type) as readonly string[]).includes(entry.split(' ')[1]), entry);
  return { plain: plainOf(result), refused, used, same: result === column };
}

test('a check that finds nothing gives the column back', () => {
  const type = struct({ a: list(TEXT), b: map(TEXT, float(64)) });
  const rows: Plain[] = [[['x'], [['k', '1']]], null, [null, null]];
  for (const kind of ['utf8', 'noNul', 'noNan', 'finite', 'json', 'negativeZero', 'noEmptyBit'] as const) {
    assert.ok(check({ kind }, type, rows).same, kind);
  }
});

test('each kind of check finds its values, with the row of the whole', () => {
  assert.deepEqual(check({ kind: 'noNul' }, list(TEXT), [['a'], ['b', '\0'], ['\0']]).refused, [
    '1 E_NUL_IN_TEXT',
    '2 E_NUL_IN_TEXT',
  ]);
  const stripped = check({ kind: 'noNul' }, list(TEXT), [['a\0'], []], { nul: 'strip' });
  assert.deepEqual([stripped.plain, stripped.used], [[['a'], []], { nul: 1 }]);
  const nan = check(
    { kind: 'noNan' },
    struct({ f: float(64), t: TEXT }),
    [
      ['NaN', 'NaN'],
      ['1', null],
    ],
    { nan: 'null' },
  );
  assert.deepEqual(
    [nan.plain, nan.used],
    [
      [
        [null, 'NaN'],
        ['1', null],
      ],
      { nan: 1 },
    ],
  );
  assert.deepEqual(check({ kind: 'finite' }, list(DATE), [['infinity'], ['2024-01-01']]).refused, [
    '0 E_DATE_RANGE',
  ]);
  assert.deepEqual(check({ kind: 'noEmptyBit' }, list(BIT), [['1'], ['1', '']]).refused, ['1 E_EMPTY_BIT']);
  const most = '2147483647 2147483647 9223372036854775807';
  assert.deepEqual(check({ kind: 'finite' }, list(INTERVAL), [['0 0 0'], [most]]).refused, [
    '1 E_INTERVAL_INFINITY',
  ]);
  assert.deepEqual(check({ kind: 'json' }, list(JSON_TYPE), [['1'], ['{']]).refused, ['1 E_INVALID_JSON']);
  assert.deepEqual(check({ kind: 'json' }, list(TEXT), [['{']]).refused, []);
  assert.deepEqual(check({ kind: 'negativeZero' }, list(float(64)), [['-0', '0']]).used, {
    negative_zero: 1,
  });
  assert.deepEqual(
    check({ kind: 'maxBytes', bytes: 2 }, list(BINARY), [['\\x0000'], ['\\x000000']]).refused,
    ['1 E_VALUE_TOO_LARGE'],
  );
});

test('ranges concern values of their own kind', () => {
  const type = struct({ n: int(32), d: DATE, t: timestamp('us') });
  const range: Check = { kind: 'range', min: '0', max: '10', code: 'E_DATE_RANGE' };
  const rows: Plain[] = [
    ['-5', '1970-01-02', '1969-01-01 00:00:00'],
    ['1', '1969-12-31', null],
    ['1', 'infinity', null],
  ];
  assert.deepEqual(check(range, type, rows).refused, ['1 E_DATE_RANGE']);
  assert.deepEqual(checkCodes({ ...range, code: 'E_INT_RANGE' }, list(DATE)), []);
  const nulled = check(range, type, rows, { bad_dates: 'null' });
  assert.deepEqual([nulled.plain[1], nulled.used], [['1', null, null], { bad_dates: 1 }]);
});

test('a check of one child leaves the others', () => {
  const type = struct({ a: TEXT, b: TEXT });
  const inner: Check = { kind: 'maxChars', chars: 1 };
  const rows: Plain[] = [
    ['long', 'x'],
    ['y', 'long'],
  ];
  assert.deepEqual(check({ kind: 'child', child: 1, check: inner }, type, rows).refused, [
    '1 E_VALUE_TOO_LONG',
  ]);
  assert.deepEqual(checkCodes({ kind: 'child', child: 0, check: { kind: 'noNan' } }, type), []);
  const deep: Check = { kind: 'child', child: 0, check: { kind: 'child', child: 0, check: inner } };
  assert.deepEqual(check(deep, list(list(TEXT)), [[['a'], ['bc']]]).refused, ['0 E_VALUE_TOO_LONG']);
});

test('keys of maps follow no policy', () => {
  const type = map(TEXT, TEXT);
  const got = check({ kind: 'noNul' }, type, [[['a\0', 'b\0']], [['a', 'b']]], { nul: 'strip' });
  assert.deepEqual([got.refused, got.used], [['0 E_NUL_IN_TEXT'], { nul: 1 }]);
});

const COMPOSITE = struct({ i: int(64), r: float(64), t: TEXT, b: BINARY });

test('mixed=composite: each value in the field of its class, and home again', () => {
  const rows: Plain[] = [
    ['7', null, null, null],
    null,
    [null, '0.5', null, null],
    [null, null, '', null],
    [null, null, null, '\\x00'],
    ['-9223372036854775808', null, null, null],
  ];
  const home = convertColumn(columnOfPlain(COMPOSITE, rows), ANY);
  assert.deepEqual(home.refused, []);
  assert.deepEqual(textsOf(home.column), ['7', null, '0.5', '', '\\x00', '-9223372036854775808']);
  const out = convertColumn(home.column, COMPOSITE, { mixed: 'composite' });
  assert.deepEqual([plainOf(out.column), out.used], [rows, { mixed: 5 }]);
  const bad = convertColumn(
    columnOfPlain(COMPOSITE, [
      ['1', '2', null, null],
      [null, null, null, null],
    ]),
    ANY,
  );
  assert.deepEqual(bad.refused, ['0 E_MIXED_STORAGE', '1 E_MIXED_STORAGE']);
  assert.ok(convertColumn(home.column, COMPOSITE).refused.includes('0 E_MIXED_STORAGE'));
});

const crossing = (read: LogicalType, more: Partial<ColumnCrossing> = {}): ColumnCrossing => ({
  name: 'c',
  read,
  readChecks: [],
  logical: read,
  write: read,
  writeChecks: [],
  policies: {},
  ...more,
});

function cross(way: ColumnCrossing, column: Column) {
  const batch = { fields: [{ name: 'c', type: way.read }], columns: [column], rowCount: column.length };
  const { batch: crossed, refused, uses } = compileCrossing([way], [0])(batch);
  checkColumn(crossed.columns[0], 'c');
  return { column: crossed.columns[0], refused, uses };
}

test('empty_as_null: before anything else, in text and mixed columns alone', () => {
  const policies: Policies = { empty_as_null: 'null' };
  const text = cross(
    crossing(TEXT, { policies, logical: DATE, write: DATE }),
    columnOf(TEXT, ['', '2024-01-01', null]),
  );
  assert.deepEqual(textsOf(text.column), [null, '2024-01-01', null]);
  assert.deepEqual([text.refused, text.uses], [[], [{ column: 'c', what: 'empty_as_null', count: 1 }]]);
  const mixed = convertColumn(columnOf(TEXT, ['', '2024-01-01', null, '']), ANY).column;
  const any = cross(crossing(ANY, { policies, logical: DATE, write: DATE }), mixed);
  assert.deepEqual(textsOf(any.column), [null, '2024-01-01', null, null]);
  assert.deepEqual([any.refused, any.uses[0].count], [[], 2]);
  const binary = cross(crossing(BINARY, { policies }), columnOf(BINARY, ['\\x']));
  assert.deepEqual(textsOf(binary.column), ['\\x']);
  const described = describeCrossing(crossing(TEXT, { policies }));
  assert.ok(described.possible && !described.identity && described.policies.includes('empty_as_null'));
  assert.ok(described.possible && described.class === 'checked');
  const untouched = columnOf(TEXT, ['a']);
  assert.equal(cross(crossing(TEXT, { policies }), untouched).column.data, untouched.data);
});

test('nested columns pass as they are, under the types that the target asked for', () => {
  const type = struct({ a: list(JSON_TYPE) });
  const described = describeCrossing(crossing(type));
  assert.ok(described.possible && described.identity && described.class === 'exact');
  const binary = describeCrossing(crossing(type, { write: struct({ a: list(JSONB) }) }));
  assert.ok(binary.possible && !binary.identity && binary.class === 'checked');
  const back = crossing(struct({ a: list(JSONB) }), { write: type });
  const described2 = describeCrossing(back);
  assert.ok(described2.possible && !described2.identity && described2.class === 'exact');
  const column = columnOfPlain(back.read, [[['1', '{}']]]);
  const crossed = cross(back, column).column;
  assert.deepEqual(crossed.children?.[0].children?.[0].type, JSON_TYPE);
  assert.equal(crossed.children?.[0].children?.[0].data, column.children?.[0].children?.[0].data);
});

test('a refused value names the row, its key and the place', () => {
  const way = crossing(list(int(64)), { write: list(int(8)) });
  const { refused } = cross(way, columnOfPlain(way.read, [['1'], ['2', '3000']]));
  assert.deepEqual(refused, [
    {
      row: 1,
      column: 'c',
      code: 'E_INT_RANGE',
      value: '3000',
      message: 'column "c": in element 2: the integer is outside the range of int8',
      key: { c: '[2,3000]' },
    },
  ]);
});
