// What the prescan finds, and what is made of it.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type Database from 'better-sqlite3';
import { affinityOf, parseDeclared } from '../../../../src/dialect/sqlite/affinity.ts';
import { sqlite } from '../../../../src/dialect/sqlite/index.ts';
import { type LogicalType, typeName } from '../../../../src/types/logical-type.ts';
import { isRefusal } from '../../../../src/types/mapping.ts';
import type { Policies } from '../../../../src/types/policy.ts';
import type { ColumnSchema } from '../../../../src/types/schema.ts';
import { database, source, tableOf } from './files.ts';

/** The plan for one column of a declared type that holds `values`. */
async function plan(context: TestContext, type: string, values: unknown[], policies: Policies = {}) {
  const fill = (db: Database.Database) => {
    const insert = db.prepare('INSERT INTO t (c) VALUES (?)');
    for (const value of values) insert.run(value);
  };
  const engine = await source(context, database(context, `CREATE TABLE t (c ${type})`, fill));
  const table = await tableOf(engine, 't');
  const [column] = table.columns;
  const probes = sqlite.types.probes(column, policies);
  const [evidence] = await engine.prescan({ table, where: null, columns: [{ name: 'c', probes }] });
  const read = sqlite.types.read(column, evidence ?? null, { sameEngine: false, policies });
  return { evidence, read };
}

async function logical(context: TestContext, type: string, values: unknown[], policies: Policies = {}) {
  const { read } = await plan(context, type, values, policies);
  return isRefusal(read) ? read.refused : typeName(read.logical);
}

test('affinity by substring, as SQLite has it', () => {
  const cases = {
    TEXT_HUGEINT: 'integer',
    POINT: 'integer',
    CITEXT: 'text',
    JSON: 'numeric',
    UUID: 'numeric',
  };
  for (const [type, affinity] of Object.entries(cases)) assert.equal(affinityOf(type), affinity);
  assert.equal(affinityOf('DECIMAL_TEXT(20,2)'), 'text');
  assert.equal(affinityOf(''), 'blob');
  assert.deepEqual(parseDeclared('character  varying ( 20 )'), {
    name: 'CHARACTER VARYING',
    parameters: [20],
  });
  assert.deepEqual(parseDeclared('decimal(10, 2) unsigned'), {
    name: 'DECIMAL UNSIGNED',
    parameters: [10, 2],
  });
});

test('integers, booleans and floats', async (context) => {
  const cases: [string, unknown[], string][] = [
    ['INTEGER', [1n, -5n], 'int64'],
    ['INT', [2n ** 62n], 'int64'],
    ['SMALLINT', [1n, 32767n], 'int16'],
    ['SMALLINT', [32768n], 'int64'],
    ['UTINYINT', [255n], 'uint8'],
    ['UTINYINT', [-1n], 'int64'],
    ['BOOLEAN', [0n, 1n, null], 'bool'],
    ['BOOLEAN', [0n, 2n], 'int64'],
    ['BOOLEAN', ['true'], 'text'],
    ['DOUBLE', [1.5, 2n], 'float64'],
    ['REAL4', [0.5, 1.25], 'float32'],
    ['REAL4', [0.1], 'float64'],
    ['INTEGER', [1n, 1.5], 'any'],
    ['NUMERIC', [1n, 1.5], 'float64'],
    ['NUMERIC', [2n ** 60n, 1.5], 'any'],
    ['NUMERIC', [7n], 'int64'],
  ];
  for (const [type, values, expected] of cases) {
    assert.equal(await logical(context, type, values), expected, `${type} ${values}`);
  }
});

test('decimals, by whether every value fits', async (context) => {
  const cases: [string, unknown[], string][] = [
    ['DECIMAL(10,2)', [1n, 1.25, -99999999.99], 'decimal(10,2)'],
    ['DECIMAL(10,2)', [1.255], 'float64'],
    ['DECIMAL(4,2)', [100n], 'int64'],
    ['NUMERIC(5,2)', [0.1 + 0.2], 'float64'],
    ['DECIMAL_TEXT(20,2)', ['123456789012345678.90', '-0.5'], 'decimal(20,2)'],
    ['DECIMAL_TEXT(20,2)', ['NaN', '1.00'], 'numeric'],
    ['DECIMAL_TEXT(39,0)', ['340282366920938463463374607431768211455'], 'numeric'],
    ['NUMERIC_TEXT', ['1.10', 'Infinity'], 'numeric'],
    ['NUMERIC_TEXT', ['1,10'], 'text'],
  ];
  for (const [type, values, expected] of cases) {
    assert.equal(await logical(context, type, values), expected, `${type} ${values}`);
  }
  assert.equal(await logical(context, 'DECIMAL(10,2)', [1.255], { decimal: 'round' }), 'decimal(10,2)');
});

test('dates and times, only in one exact format', async (context) => {
  const cases: [string, unknown[], string][] = [
    ['DATE', ['2024-02-29', '-0043-03-15', '12345-01-01', 'infinity'], 'date'],
    ['DATE', ['2024-02-30'], 'text'],
    ['DATE', ['2024-02-29', '29.02.2024'], 'text'],
    ['DATETIME', ['2009-01-01 00:00:00'], 'timestamp[us]'],
    ['DATETIME', ['2009-01-01'], 'date'],
    ['TIMESTAMP', ['2009-01-01 00:00:00.5', '2009-01-01 00:00:00'], 'timestamp[us]'],
    ['TIMESTAMP', ['2009-01-01 00:00:00.50', '2009-01-01 00:00:00'], 'text'],
    ['TIMESTAMP', ['2009-01-01T00:00:00.123456789'], 'timestamp[ns]'],
    ['TIMESTAMP_S', ['2009-01-01 00:00:00'], 'timestamp[s]'],
    ['TIMESTAMPTZ', ['2009-01-01 00:00:00+00:00'], 'timestamp[us, UTC]'],
    ['TIMESTAMPTZ', ['2009-01-01 00:00:00+00:00', '2009-01-01 00:00:00+01:00'], 'text'],
    ['TIMESTAMP', ['2009-01-01 24:00:00'], 'text'],
    ['TIME', ['24:00:00', '23:59:59.5'], 'time[us]'],
    ['TIME', ['25:00:00'], 'text'],
    ['TEXT', ['2024-02-29'], 'text'],
    ['DATE', [20240229n], 'int64'],
    ['DATE', [2459000.5], 'float64'],
  ];
  for (const [type, values, expected] of cases) {
    assert.equal(await logical(context, type, values), expected, `${type} ${values}`);
  }
  assert.equal(await logical(context, 'DATETIME', [1n], { sqlite_datetime: 'unix_s' }), 'timestamp[s]');
  assert.equal(
    await logical(context, 'DATETIME', [2459000.5], { sqlite_datetime: 'julian' }),
    'timestamp[us]',
  );
});

test('texts, blobs, mixed columns and columns without values', async (context) => {
  const invalid = Buffer.from([0x61, 0xff]);
  const uuid = '123e4567-e89b-12d3-a456-426614174000';
  const cases: [string, unknown[], string][] = [
    ['VARCHAR(3)', ['abc'], 'text(3)'],
    ['VARCHAR(3)', ['abcd'], 'text'],
    ['VARCHAR(2)', ['🚢🚢'], 'text(2)'],
    ['UUID', [uuid], 'uuid'],
    ['UUID', [uuid.toUpperCase()], 'text'],
    ['JSON', ['{"a": 1}'], 'json'],
    ['JSON', ['{a: 1}'], 'text'],
    ['', [1n], 'int64'],
    ['', [invalid], 'binary'],
    ['BLOB', ['text'], 'text'],
    ['INTEGER', [1n, 2n, 'three'], 'any'],
    ['INTEGER', [], 'int64'],
    ['DATE', [null], 'date'],
    ['DECIMAL(10,2)', [], 'decimal(10,2)'],
    ['', [null], 'text'],
    ['BLOB', [], 'binary'],
  ];
  for (const [type, values, expected] of cases) {
    assert.equal(await logical(context, type, values), expected, `${type} ${values}`);
  }
  const { read, evidence } = await plan(context, 'INTEGER', [1n, 2n, 'three']);
  assert.equal(!isRefusal(read) && read.because, '2 integers, 1 text');
  assert.deepEqual(evidence.firstOffending, { what: 'text', row: { rowid: '3' }, value: 'three' });
  assert.equal(await logical(context, 'INTEGER', [1n, 'x'], { mixed: 'text' }), 'text');
  assert.equal(await logical(context, 'INTEGER', [1n, Buffer.from('x')], { mixed: 'text' }), 'any');
});

test('text that is no UTF-8 is counted, and refused unless allowed', async (context) => {
  const path = database(
    context,
    `CREATE TABLE t (c TEXT); INSERT INTO t VALUES ('ok'), (CAST(x'61FF' AS TEXT)), ('\ufffd')`,
  );
  const engine = await source(context, path);
  const table = await tableOf(engine, 't');
  const [evidence] = await engine.prescan({
    table,
    where: null,
    columns: [{ name: 'c', probes: ['storage'] }],
  });
  assert.equal(evidence.text?.invalidUtf8Count, 1);
  assert.equal(evidence.firstOffending?.value, "x'61ff'");
  const read = (policies: Policies, sameEngine = false) =>
    sqlite.types.read(table.columns[0], evidence, { sameEngine, policies });
  const refused = read({});
  assert.ok(isRefusal(refused) && refused.refused === 'E_INVALID_UTF8' && refused.policy === 'invalid_utf8');
  const blob = read({ invalid_utf8: 'blob' });
  assert.ok(!isRefusal(blob) && blob.wire.kind === 'binary');
  const same = read({}, true);
  assert.ok(!isRefusal(same) && same.wire.kind === 'text');
});

test('SQLite columns for canonical types', () => {
  const column: ColumnSchema = {
    name: 'c',
    nativeType: 'x',
    nullable: true,
    default: null,
    identity: null,
    generated: null,
    collation: null,
    comment: null,
  };
  const cases: [LogicalType, string, string][] = [
    [{ kind: 'bool' }, 'BOOLEAN', 'bool'],
    [{ kind: 'int', bits: 16, signed: true }, 'SMALLINT', 'int16'],
    [{ kind: 'int', bits: 64, signed: false }, 'DECIMAL_TEXT(20,0)', 'numeric'],
    [{ kind: 'float', bits: 32 }, 'REAL4', 'float32'],
    [{ kind: 'decimal', precision: 15, scale: 2 }, 'DECIMAL(15,2)', 'float64'],
    [{ kind: 'decimal', precision: 16, scale: 2 }, 'DECIMAL_TEXT(16,2)', 'numeric'],
    [{ kind: 'text', maxChars: 5, fixed: true }, 'CHAR(5)', 'text'],
    [{ kind: 'timestamp', unit: 'us', zone: true }, 'TIMESTAMPTZ', 'text'],
    [{ kind: 'uuid' }, 'UUID', 'text'],
    [{ kind: 'json' }, 'JSON_TEXT', 'json'],
    [{ kind: 'any' }, '', 'any'],
  ];
  for (const [type, nativeType, wire] of cases) {
    const created = sqlite.types.create(type, column, null, { sameEngine: false, policies: {} });
    assert.ok(!isRefusal(created));
    assert.deepEqual([created.nativeType, typeName(created.wire)], [nativeType, wire]);
  }
});
