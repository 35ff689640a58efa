// The table of conversions as a whole, and crossings compiled from it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '../../../src/batch/batch.ts';
import { compileCrossing, REFUSED_VALUES_MAX } from '../../../src/coerce/compile.ts';
import type { ColumnCrossing } from '../../../src/coerce/kernel.ts';
import { describeCrossing, findConversion, RULES } from '../../../src/coerce/rules.ts';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';
import { type LogicalType, typeName } from '../../../src/types/logical-type.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import { EDGE_COLUMNS } from '../../corpus/edge-values.ts';
import { ANY, BOOL, DATE, float, int, JSON_TYPE, JSONB, TEXT, timestamp } from './run.ts';

const crossing = (name: string, read: LogicalType, more: Partial<ColumnCrossing> = {}): ColumnCrossing => ({
  name,
  read,
  readChecks: [],
  logical: read,
  write: read,
  writeChecks: [],
  policies: {},
  ...more,
});

function batchOf(columns: readonly [string, LogicalType, readonly (string | null)[]][]): Batch {
  return {
    fields: columns.map(([name, type]) => ({ name, type })),
    columns: columns.map(([, type, texts]) => columnOf(type, texts)),
    rowCount: columns[0][2].length,
  };
}

test('every rule is found once, and its conversions announce no more than the row says', () => {
  const keys = RULES.map(({ from, to }) => `${from}>${to}`);
  assert.equal(new Set(keys).size, keys.length);
  const types: LogicalType[] = [...EDGE_COLUMNS.map(({ type }) => type), ANY];
  for (const from of types) {
    for (const to of types) {
      const conversion = findConversion(from, to, { sqlite_datetime: 'unix_s' });
      if (conversion === null) continue;
      const rule = RULES.find((entry) => entry.from === from.kind && entry.to === to.kind);
      const name = `${typeName(from)} -> ${typeName(to)}`;
      if (conversion.class !== 'checked') assert.deepEqual(conversion.codes, [], name);
      for (const code of conversion.codes) assert.ok(rule?.codes.includes(code), name);
    }
  }
});

test('any type but bytes of an engine becomes itself untouched', () => {
  for (const { type, name } of EDGE_COLUMNS) {
    const description = describeCrossing(crossing(name, type));
    assert.ok(description.possible && description.identity && description.class === 'exact');
  }
  const opaque = (nativeType: string): LogicalType => ({ kind: 'opaque', engine: 'postgres', nativeType });
  assert.ok(describeCrossing(crossing('o', opaque('tsvector'))).possible);
  assert.ok(!describeCrossing(crossing('o', opaque('tsvector'), { write: opaque('tsquery') })).possible);
});

test('what can not be is said with its types', () => {
  const refused = describeCrossing(crossing('c', BOOL, { write: DATE }));
  assert.deepEqual(refused, {
    possible: false,
    code: 'E_TYPE_MISMATCH',
    reason: 'bool can not become date exactly',
  });
  assert.throws(
    () => compileCrossing([crossing('c', BOOL, { write: DATE })], []),
    (error) => error instanceof FerrowError && error.code === 'E_TYPE_MISMATCH',
  );
});

test('text read as a date and written as text again is no identity', () => {
  const way = crossing('d', TEXT, { logical: DATE, write: TEXT });
  const description = describeCrossing(way);
  assert.ok(description.possible && !description.identity && description.class === 'checked');
  assert.ok(description.possible && description.codes.includes('E_INVALID_DATE'));
  const { batch, refused } = compileCrossing([way], [])(batchOf([['d', TEXT, ['2024-01-01', '2024-02-30']]]));
  assert.deepEqual(textsOf(batch.columns[0]), ['2024-01-01', null]);
  assert.equal(refused[0].code, 'E_INVALID_DATE');
});

test('json and jsonb share their text but not their wire', () => {
  const there = describeCrossing(crossing('j', JSON_TYPE, { write: JSONB }));
  assert.ok(there.possible && !there.identity && there.class === 'checked');
  const back = describeCrossing(crossing('j', JSONB, { write: JSON_TYPE }));
  assert.ok(back.possible && !back.identity && back.class === 'exact');
});

test('checks, kernels and checks run in order; refusals carry key, value and column', () => {
  const columns = [
    crossing('id', int(64)),
    crossing('ü', TEXT, {
      readChecks: [{ kind: 'utf8' }],
      logical: timestamp('us'),
      write: timestamp('us'),
      writeChecks: [{ kind: 'range', min: '0', max: '9999999999999999', code: 'E_TIMESTAMP_RANGE' }],
    }),
    crossing('n', int(32), { write: int(16) }),
  ];
  const cross = compileCrossing(columns, [0, 2]);
  const texts = ['1970-01-01 00:00:00', '1969-12-31 00:00:00', 'nonsense', null];
  const result = cross(
    batchOf([
      ['a', int(64), ['1', '2', '9007199254740993', '4']],
      ['b', TEXT, texts],
      ['c', int(32), ['1', '70000', null, '4']],
    ]),
  );
  assert.deepEqual(
    result.batch.fields,
    columns.map(({ name, write }) => ({ name, type: write })),
  );
  assert.deepEqual(result.batch.columns.map(textsOf), [
    ['1', '2', '9007199254740993', '4'],
    ['1970-01-01 00:00:00', null, null, null],
    ['1', null, null, '4'],
  ]);
  assert.equal(result.refusedCount, 3);
  assert.deepEqual(result.refused, [
    {
      row: 2,
      column: 'ü',
      code: 'E_INVALID_DATE',
      value: 'nonsense',
      message: 'column "ü": the text is not a timestamp of the column’s format',
      key: { id: '9007199254740993', n: 'NULL' },
    },
    {
      row: 1,
      column: 'ü',
      code: 'E_TIMESTAMP_RANGE',
      value: '1969-12-31 00:00:00',
      message: 'column "ü": the value is outside the range that the target holds for timestamp[us]',
      key: { id: '2', n: '70000' },
    },
    {
      row: 1,
      column: 'n',
      code: 'E_INT_RANGE',
      value: '70000',
      message: 'column "n": the integer is outside the range of int16',
      key: { id: '2', n: '70000' },
    },
  ]);
});

test('without key columns the row number stands; many refusals are counted, few listed', () => {
  const texts = Array.from({ length: 1000 }, (_, n) => String(n));
  const cross = compileCrossing([crossing('n', int(32), { write: BOOL })], []);
  const { refused, refusedCount } = cross(batchOf([['n', int(32), texts]]));
  assert.equal(refusedCount, 998);
  assert.equal(refused.length, REFUSED_VALUES_MAX);
  assert.deepEqual(refused[0].key, { '#row': '3' });
});

test('uses are counted per column', () => {
  const policies = { nan: 'null', nul: 'strip' } as const;
  const cross = compileCrossing(
    [
      crossing('f', float(64), { writeChecks: [{ kind: 'noNan' }, { kind: 'negativeZero' }], policies }),
      crossing('t', TEXT, { writeChecks: [{ kind: 'noNul' }], policies }),
    ],
    [],
  );
  const { uses, refusedCount } = cross(
    batchOf([
      ['f', float(64), ['NaN', '-0', 'NaN']],
      ['t', TEXT, ['\0', 'a', 'b']],
    ]),
  );
  assert.equal(refusedCount, 0);
  assert.deepEqual(uses, [
    { column: 'f', what: 'nan', count: 2 },
    { column: 'f', what: 'negative_zero', count: 1 },
    { column: 't', what: 'nul', count: 1 },
  ]);
});

test('a batch that is not as planned is a fault, not a wrong value', () => {
  const cross = compileCrossing([crossing('n', int(32))], []);
  assert.throws(() => cross(batchOf([['n', int(64), ['1']]])), /int64 came where int32 was planned/);
  assert.throws(() => cross({ fields: [], columns: [], rowCount: 0 }), /0 columns came for 1/);
});

test('an identity passes the very same buffers', () => {
  const batch = batchOf([['t', TEXT, ['a', 'b']]]);
  const cross = compileCrossing(
    [crossing('t', TEXT, { readChecks: [{ kind: 'utf8' }], writeChecks: [{ kind: 'noNul' }] })],
    [],
  );
  assert.equal(cross(batch).batch.columns[0].data, batch.columns[0].data);
});
