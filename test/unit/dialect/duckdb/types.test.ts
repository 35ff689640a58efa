// What DuckDB's types are to others, what DuckDB makes for canonical types, and what policies change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duckdb } from '../../../../src/dialect/duckdb/index.ts';
import { nativeOf, stagingType, wireOf } from '../../../../src/dialect/duckdb/types.ts';
import type { ColumnEvidence } from '../../../../src/types/evidence.ts';
import { type LogicalType, typeName } from '../../../../src/types/logical-type.ts';
import type { Policies } from '../../../../src/types/policy.ts';
import { columnSchema as column } from '../../../support/schemas.ts';
import { makeFile, newPath } from './files.ts';

const ELSEWHERE = { sameEngine: false, policies: {} };
const HOME = { sameEngine: true, policies: {} };

const create = (logical: LogicalType, policies: Policies = {}, evidence: ColumnEvidence | null = null) =>
  duckdb.types.create(logical, column('c', 'of the source'), evidence, { sameEngine: false, policies });

/** The type made, and why not another. */
function made(logical: LogicalType, policies: Policies = {}, evidence: ColumnEvidence | null = null): string {
  const type = create(logical, policies, evidence);
  return 'refused' in type ? type.refused : `${type.nativeType} ${type.verdict}`;
}

const read = (nativeType: string, context: { sameEngine: boolean; policies: Policies } = ELSEWHERE) =>
  duckdb.types.read(column('c', nativeType), null, context);

test('every type of DuckDB is read, or refused with a reason', () => {
  const types: Record<string, string> = {
    'TIME WITH TIME ZONE': 'timetz',
    INTERVAL: 'interval',
    BIT: 'bit',
    "ENUM('a', 'it''s')": "enum('a', 'it''s')",
    'INTEGER[]': 'int32[]',
    'VARCHAR[2][]': 'text[2][]',
    'STRUCT(a DATE, "b c" JSON[])': 'struct("a" date, "b c" json[])',
    'MAP(VARCHAR, DECIMAL(4,1))': 'map(text, decimal(4,1))',
    'UNION(num BIGINT, s VARCHAR)': 'union("num" int64, "s" text)',
    'UNION(i BIGINT, r DOUBLE, t VARCHAR, b BLOB)': 'any',
    GEOMETRY: 'binary',
    "GEOMETRY('OGC:CRS84')": 'binary',
    BIGNUM: 'numeric',
    'BIGNUM[]': 'numeric[]',
    '"NULL"': 'text',
    'STRUCT(g GEOMETRY, n "NULL")': 'struct("g" binary, "n" text)',
  };
  for (const [native, canonical] of Object.entries(types)) {
    const type = read(native);
    assert.ok('wire' in type, native);
    assert.equal(typeName(type.wire), canonical, native);
    const home = read(native, HOME);
    assert.ok('wire' in home && typeName(home.wire) === canonical, native);
  }
  assert.deepEqual('select' in read('STRUCT(a BIGNUM, b DATE)') && read('STRUCT(a BIGNUM, b DATE)'), {
    ...read('STRUCT(a BIGNUM, b DATE)'),
    select: { cast: 'STRUCT("a" VARCHAR, "b" DATE)' },
  });
  for (const native of [
    'INET',
    'INET[]',
    'STRUCT(a HLL)',
    'nonsense (',
    '',
    'DECIMAL(39,0)',
    'DECIMAL(4,5)',
  ]) {
    const type = read(native);
    assert.ok('refused' in type && type.refused === 'E_UNSUPPORTED_TYPE' && type.hint, native);
    assert.ok(!/yet/.test(type.reason), type.reason);
    assert.ok('refused' in duckdb.types.write(column('c', native)), native);
  }
});

test('a VARIANT is refused elsewhere, but for mixed=text', () => {
  const refused = read('VARIANT');
  assert.ok('refused' in refused && refused.policy === 'mixed' && refused.hint?.includes('mixed=text'));
  const text = read('VARIANT', { sameEngine: false, policies: { mixed: 'text' } });
  assert.ok('wire' in text && text.wire.kind === 'json');
  assert.deepEqual(text.select, { cast: 'JSON' });
  const inside = read('STRUCT(a VARIANT[], b BIGNUM)', { sameEngine: false, policies: { mixed: 'text' } });
  assert.ok('wire' in inside);
  assert.equal(typeName(inside.wire), 'struct("a" json[], "b" numeric)');
  assert.deepEqual(inside.select, { cast: 'STRUCT("a" JSON[], "b" VARCHAR)' });
  const home = read('VARIANT', HOME);
  assert.ok('wire' in home && home.select === 'native' && stagingType('VARIANT', home.wire) === 'VARIANT');
  assert.equal(stagingType('VARIANT', { kind: 'json' }), 'JSON');
});

test('the column made for each canonical type', () => {
  const int: LogicalType = { kind: 'int', bits: 32, signed: true };
  const text: LogicalType = { kind: 'text' };
  const field = (name: string, type: LogicalType = int) => ({ name, type });
  const cases: [LogicalType, string][] = [
    [{ kind: 'timetz' }, 'TIME WITH TIME ZONE exact'],
    [{ kind: 'interval' }, 'INTERVAL exact'],
    [{ kind: 'bit' }, 'BIT exact'],
    [{ kind: 'bit', length: 8 }, 'BIT widened'],
    [{ kind: 'enum', name: 'mood', labels: ['sad', "it's", ''] }, "ENUM('sad', 'it''s', '') exact"],
    [{ kind: 'enum', name: 'none', labels: [] }, 'VARCHAR widened'],
    [{ kind: 'enum', name: 'nul', labels: ['a\0'] }, 'VARCHAR widened'],
    [{ kind: 'list', element: int }, 'INTEGER[] exact'],
    [{ kind: 'list', element: int, size: 3 }, 'INTEGER[3] exact'],
    [{ kind: 'list', element: int, size: 100_001 }, 'INTEGER[] widened'],
    [{ kind: 'list', element: { kind: 'numeric' } }, 'VARCHAR[] widened'],
    [
      { kind: 'list', element: { kind: 'any' } },
      'UNION("i" BIGINT, "r" DOUBLE, "t" VARCHAR, "b" BLOB)[] exact',
    ],
    [{ kind: 'list', element: { kind: 'text', maxChars: 5 } }, 'VARCHAR[] widened'],
    [{ kind: 'map', key: text, value: { kind: 'json' } }, 'MAP(VARCHAR, JSON) exact'],
    [
      { kind: 'struct', fields: [field('a b', { kind: 'date' }), field('select')] },
      'STRUCT("a b" DATE, "select" INTEGER) exact',
    ],
    [{ kind: 'struct', fields: [] }, 'JSON widened'],
    [{ kind: 'struct', fields: [field('a'), field('A')] }, 'JSON widened'],
    [{ kind: 'struct', fields: [field('')] }, 'JSON widened'],
    [{ kind: 'list', element: { kind: 'struct', fields: [field('a'), field('a')] } }, 'JSON widened'],
    [{ kind: 'union', members: [field('x'), field('y', text)] }, 'UNION("x" INTEGER, "y" VARCHAR) exact'],
    [{ kind: 'union', members: Array.from({ length: 256 }, (_, at) => field(`m${at}`)) }, 'JSON widened'],
    [
      { kind: 'list', element: { kind: 'timestamp', unit: 's', zone: true } },
      'TIMESTAMP WITH TIME ZONE[] widened',
    ],
    [{ kind: 'opaque', engine: 'postgres', nativeType: 'tsvector' }, 'E_UNSUPPORTED_TYPE'],
  ];
  for (const [logical, expected] of cases) assert.equal(made(logical), expected, typeName(logical));
  assert.equal(made({ kind: 'enum', name: 'mood', labels: ['x'] }, { enum: 'text' }), 'VARCHAR widened');
  const nested = create({ kind: 'struct', fields: [field('n', { kind: 'numeric' })] });
  assert.ok('asText' in nested && nested.asText);
});

test('what is made can be made, and read again as what it was', async (context) => {
  const types: LogicalType[] = [
    { kind: 'bit' },
    { kind: 'enum', name: null, labels: ['sad', "it's", '', 'a,b)'] },
    { kind: 'list', element: { kind: 'list', element: { kind: 'interval' }, size: 100_000 } },
    {
      kind: 'struct',
      fields: [
        { name: 'a "b', type: { kind: 'timetz' } },
        { name: 'é', type: { kind: 'any' } },
      ],
    },
    {
      kind: 'union',
      members: Array.from({ length: 255 }, (_, at) => ({ name: `m${at}`, type: { kind: 'uuid' } as const })),
    },
    { kind: 'map', key: { kind: 'date' }, value: { kind: 'json' } },
  ];
  const natives = types.map((type) => nativeOf(type) ?? assert.fail(typeName(type)));
  await makeFile(newPath(context), [
    `CREATE TABLE t (${natives.map((native, at) => `c${at} ${native}`).join(', ')})`,
  ]);
  natives.forEach((native, at) => {
    const wire = wireOf(native);
    assert.equal(wire && typeName(wire), typeName(types[at]));
  });
});

test('checks reach inside, each child its own', () => {
  const type = create({
    kind: 'struct',
    fields: [
      { name: 'd', type: { kind: 'date' } },
      { name: 'l', type: { kind: 'list', element: { kind: 'timestamp', unit: 's', zone: false } } },
      { name: 'i', type: { kind: 'interval' } },
      { name: 'f', type: { kind: 'float', bits: 64 } },
    ],
  });
  assert.ok('checks' in type);
  assert.deepEqual(type.checks, [
    {
      kind: 'child',
      child: 0,
      check: { kind: 'range', min: '-2147483646', max: '2147483646', code: 'E_DATE_RANGE' },
    },
    {
      kind: 'child',
      child: 1,
      check: {
        kind: 'child',
        child: 0,
        check: { kind: 'range', min: '-9223372022400', max: '9223372036854', code: 'E_TIMESTAMP_RANGE' },
      },
    },
    { kind: 'child', child: 2, check: { kind: 'finite' } },
  ]);
});

test('bad_dates=text: dates that DuckDB has no room for become text', () => {
  const evidence = (min: string, max: string) => ({ rowCount: 2, nullCount: 0, temporalRange: { min, max } });
  const timestamp: LogicalType = { kind: 'timestamp', unit: 'us', zone: false };
  const far = evidence('0', '9223372036854775807');
  assert.equal(made(timestamp, { bad_dates: 'text' }, far), 'VARCHAR widened');
  assert.equal(made(timestamp, {}, far), 'TIMESTAMP exact');
  assert.equal(made(timestamp, { bad_dates: 'text' }, evidence('-1', '1')), 'TIMESTAMP exact');
  assert.equal(made(timestamp, { bad_dates: 'text' }), 'TIMESTAMP exact');
  const asks = (native: string, policies: Policies) => duckdb.types.probes(column('c', native), policies);
  assert.deepEqual(asks('TIMESTAMP_S', { bad_dates: 'text' }), ['temporal-range']);
  assert.deepEqual(asks('DATE', { bad_dates: 'text' }), ['temporal-range']);
  assert.deepEqual(asks('DATE', {}), []);
  assert.deepEqual(asks('VARCHAR', { bad_dates: 'text' }), []);
});

test('the prescan finds the first and last finite day and instant, in the unit of the type', async (context) => {
  const path = newPath(context);
  const types = [
    'DATE',
    'TIMESTAMP',
    'TIMESTAMP_S',
    'TIMESTAMP_MS',
    'TIMESTAMP_NS',
    'TIMESTAMP WITH TIME ZONE',
  ];
  await makeFile(path, [
    `CREATE TABLE t (${types.map((type, at) => `c${at} ${type}`).join(', ')}, empty DATE)`,
    `INSERT INTO t VALUES (${types.map(() => "'infinity'").join(', ')}, NULL), (${types.map(() => "'-infinity'").join(', ')}, 'infinity')`,
    `INSERT INTO t VALUES ('5877642-06-25 (BC)', '290309-12-22 (BC) 00:00:00', '1969-12-31 23:59:59', '1969-12-31 23:59:59.999', '1969-12-31 23:59:59.999999999', '1970-01-01 00:00:00+00', NULL)`,
    `INSERT INTO t VALUES ('5881580-07-10', '294247-01-10 04:00:54.775806', '2024-01-01', '2024-01-01', '2024-01-01', '2024-01-01 00:00:00+00', NULL)`,
  ]);
  const source = await duckdb.openSource(duckdb.locate(path, {}), { connections: 1 });
  try {
    const { tables } = await source.catalog([]);
    const columns = tables[0].columns.map((one) => ({
      name: one.name,
      probes: duckdb.types.probes(one, { bad_dates: 'text' }),
    }));
    const found = await source.prescan({ table: tables[0], where: null, columns });
    assert.deepEqual(
      found.map((one) => one.temporalRange),
      [
        { min: '-2147483646', max: '2147483646' },
        { min: '-9223372022400000000', max: '9223372036854775806' },
        { min: '-1', max: '1704067200' },
        { min: '-1', max: '1704067200000' },
        { min: '-1', max: '1704067200000000000' },
        { min: '0', max: '1704067200000000' },
        undefined,
      ],
    );
  } finally {
    await source.close();
  }
});
