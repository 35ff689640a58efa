// The pure parts: URLs, types, defaults, DDL.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { columnDefinitions } from '../../../../src/dialect/duckdb/catalog-columns.ts';
import { parseDefault } from '../../../../src/dialect/duckdb/defaults.ts';
import { duckdb } from '../../../../src/dialect/duckdb/index.ts';
import { stripParentheses } from '../../../../src/dialect/duckdb/sql-text.ts';
import type { ForeignKeySchema } from '../../../../src/types/schema.ts';
import { columnSchema as column, tableSchema as table } from '../../../support/schemas.ts';

const toTable = (
  name: string,
  columns: string[],
  more: Partial<ForeignKeySchema> = {},
): ForeignKeySchema => ({
  name: 'fk',
  columns,
  references: { schema: 'main', name },
  referencedColumns: columns,
  onDelete: 'no action',
  onUpdate: 'no action',
  match: 'simple',
  deferrable: false,
  initiallyDeferred: false,
  ...more,
});

test('URLs and bare paths', () => {
  const path = (url: string) => duckdb.locate(url, {});
  assert.deepEqual(path('duckdb:a%20b.duckdb'), {
    engine: 'duckdb',
    path: resolve('a b.duckdb'),
    display: 'duckdb:a%20b.duckdb',
  });
  assert.equal((path('duckdb:///tmp/x.duckdb') as { path: string }).path, '/tmp/x.duckdb');
  assert.equal((path('/tmp/100%.ddb') as { path: string }).path, '/tmp/100%.ddb');
  for (const wrong of [
    'duckdb:',
    'duckdb://host/x',
    'duckdb::memory:',
    ':memory:',
    'duckdb:a?b=c',
    'duckdb:%zz',
    'duckdb:a%00',
  ])
    assert.throws(() => path(wrong), { code: 'E_URL' }, wrong);
});

test('types read, made and written agree', () => {
  const context = { sameEngine: false, policies: {} };
  for (const name of [
    'BOOLEAN',
    'TINYINT',
    'UHUGEINT',
    'DECIMAL(38,10)',
    'JSON',
    'TIME_NS',
    'TIMESTAMP_S',
    'UUID',
  ]) {
    const read = duckdb.types.read(column('c', name), null, context);
    assert.ok('wire' in read);
    const made = duckdb.types.create(read.logical, column('c', name), null, context);
    assert.ok('nativeType' in made && made.nativeType === name);
    assert.deepEqual(duckdb.types.write(column('c', name)), { wire: made.wire, checks: made.checks });
  }
  const read = duckdb.types.read(column('c', 'INET'), null, context);
  assert.ok('refused' in read && read.refused === 'E_UNSUPPORTED_TYPE' && read.reason.includes('INET'));
});

test('decimals without bounds become DECIMAL where the values fit', () => {
  const numeric = {
    maxIntegerDigits: 4,
    maxScale: 2,
    maxSignificantDigits: 6,
    nanCount: 0,
    infinityCount: 0,
  };
  const make = (found: Partial<typeof numeric> | null) => {
    const evidence = found && { rowCount: 9, nullCount: 0, numeric: { ...numeric, ...found } };
    const made = duckdb.types.create({ kind: 'numeric' }, column('n', 'numeric'), evidence, {
      sameEngine: false,
      policies: {},
    });
    return 'nativeType' in made ? made.nativeType : made.refused;
  };
  assert.equal(make({}), 'DECIMAL(18,2)');
  assert.equal(make({ maxIntegerDigits: 20 }), 'DECIMAL(38,2)');
  assert.equal(make({ maxIntegerDigits: 30, maxScale: 9 }), 'VARCHAR');
  assert.equal(make({ nanCount: 1 }), 'VARCHAR');
  assert.equal(make(null), 'VARCHAR');
});

test('defaults are understood as the catalog writes them', () => {
  const read = (sql: string, type: string) => {
    const { sql: _, ...rest } = parseDefault(sql, type);
    return rest;
  };
  assert.deepEqual(read("CAST('t' AS BOOLEAN)", 'BOOLEAN'), { kind: 'bool', value: true });
  assert.deepEqual(read("'f'", 'BOOLEAN'), { kind: 'bool', value: false });
  assert.deepEqual(read("'it''s'", 'VARCHAR'), { kind: 'text', value: "it's" });
  assert.deepEqual(read("CAST('x AS y' AS VARCHAR)", 'VARCHAR'), { kind: 'text', value: 'x AS y' });
  assert.deepEqual(read('CAST(5 AS DECIMAL(5, 2))', 'DECIMAL(5,2)'), { kind: 'number', value: '5' });
  assert.deepEqual(read("CAST('5' AS INTEGER)", 'INTEGER'), { kind: 'number', value: '5' });
  assert.deepEqual(read('-1.5e-300', 'DOUBLE'), { kind: 'number', value: '-1.5e-300' });
  assert.deepEqual(read('CAST(\'\\x00a\\xFF\' AS "BLOB")', 'BLOB'), { kind: 'blob', hex: '0061ff' });
  const now = { kind: 'now', what: 'timestamp' };
  assert.deepEqual(read('current_timestamp', 'TIMESTAMP'), { ...now, clock: 'session' });
  assert.deepEqual(read('CAST(now() AS TIMESTAMP)', 'TIMESTAMP'), { ...now, clock: 'session' });
  assert.deepEqual(read('current_date', 'DATE'), { kind: 'now', what: 'date', clock: 'session' });
  assert.deepEqual(read('now()', 'TIMESTAMP WITH TIME ZONE'), now);
  const utc = "main.timezone('UTC', current_timestamp)";
  assert.deepEqual(read(utc, 'TIMESTAMP'), now);
  assert.deepEqual(read(`CAST(${utc} AS "DATE")`, 'DATE'), { kind: 'now', what: 'date' });
  assert.deepEqual(read(`CAST(${utc} AS TIME)`, 'TIME'), { kind: 'now', what: 'time' });
  assert.deepEqual(read('gen_random_uuid()', 'UUID'), { kind: 'uuid' });
  assert.deepEqual(read('nextval(\'"S x"."s q"\')', 'INTEGER'), {
    kind: 'sequence',
    sequence: '"S x"."s q"',
  });
  assert.deepEqual(read("('x' || 'y')", 'VARCHAR'), { kind: 'expression' });
  assert.deepEqual(read('(1 + 2)', 'INTEGER'), { kind: 'expression' });
  assert.deepEqual(read('CAST(\'2020-01-01\' AS "DATE")', 'DATE'), { kind: 'text', value: '2020-01-01' });
});

test('statement text of the catalog is cut at the right commas', () => {
  assert.deepEqual(
    columnDefinitions(
      `CREATE TABLE "a(""b"("x,y" ENUM('a,', 'b)''('), z DECIMAL(5,2) DEFAULT((1 + 2)), w INTEGER[], CHECK((z > 0)));`,
    ),
    [`"x,y" ENUM('a,', 'b)''(')`, 'z DECIMAL(5,2) DEFAULT((1 + 2))', 'w INTEGER[]', 'CHECK((z > 0))'],
  );
  assert.equal(stripParentheses('((a) + (b))'), '(a) + (b)');
  assert.equal(stripParentheses("(')')"), "')'");
});

test('what DuckDB can not express is left out and listed', () => {
  const source = table(
    'orders',
    [
      column('id', 'BIGINT', { identity: { kind: 'autoincrement', next: '42' }, nullable: false }),
      column('name', 'VARCHAR', {
        collation: 'NOCASE',
        default: { kind: 'text', value: "it's", sql: "'it''s'" },
      }),
      column('at', 'TIMESTAMP', { default: { kind: 'now', what: 'timestamp', sql: 'CURRENT_TIMESTAMP' } }),
      column('odd', 'INTEGER', { default: { kind: 'expression', sql: 'random()' } }),
      column('flag', 'BOOLEAN', { default: { kind: 'number', value: '0', sql: '0' } }),
      column('raw', 'BLOB', { default: { kind: 'blob', hex: '00ff', sql: "X'00ff'" } }),
      column('sum', 'INTEGER', { generated: { expression: 'a + b', stored: true } }),
    ],
    {
      checks: [{ name: 'positive', expression: 'id > 0' }],
      foreignKeys: [toTable('customers', ['id'], { onDelete: 'cascade', onUpdate: 'restrict' })],
      indexes: [
        {
          name: 'plain',
          unique: true,
          parts: [{ column: 'name', expression: null, descending: true, collation: null }],
          where: null,
          method: 'btree',
          plain: true,
          definition: 'CREATE …',
        },
        {
          name: 'partial',
          unique: false,
          parts: [{ column: 'name', expression: null, descending: false, collation: null }],
          where: 'id > 1',
          method: 'btree',
          plain: true,
          definition: 'CREATE …',
        },
      ],
    },
  );
  const { table: fitted, notCarried } = duckdb.ddl.adopt(source, 'sqlite');
  assert.deepEqual(notCarried.map((item) => item.object).sort(), [
    'check',
    'collation',
    'default',
    'foreign key action',
    'generated column',
    'index',
    'index',
  ]);
  const [sequence, create, index] = duckdb.ddl.script([fitted], { indexes: true, foreignKeys: false });
  assert.equal(sequence, 'CREATE SEQUENCE "main"."orders_id_seq" START 42');
  assert.match(create, /"id" BIGINT DEFAULT \(nextval\('"main"."orders_id_seq"'\)\) NOT NULL/);
  assert.match(create, /"name" VARCHAR DEFAULT \('it''s'\)/);
  assert.match(create, /"flag" BOOLEAN DEFAULT \(false\)/);
  assert.match(create, /"raw" BLOB DEFAULT \('\\x00\\xff'::BLOB\)/);
  assert.equal(index, 'CREATE UNIQUE INDEX "plain" ON "main"."orders" ("name")');
});

test('a script makes parents first, and says which key of a cycle it leaves out', () => {
  const id = [column('id', 'INTEGER')];
  const primaryKey = { name: null, columns: ['id'] };
  const script = duckdb.ddl.script(
    [
      table('c', id, { primaryKey, foreignKeys: [toTable('b', ['id'])] }),
      table('b', id, { primaryKey, foreignKeys: [toTable('a', ['id'])] }),
      table('a', id, { primaryKey, foreignKeys: [toTable('c', ['id']), toTable('a', ['id'])] }),
    ],
    { indexes: true, foreignKeys: true },
  );
  const order = script.map((statement) => /CREATE TABLE "main"."(\w)"/.exec(statement)?.[1]);
  assert.deepEqual(order, ['a', 'b', 'c']);
  assert.match(script[0], /^-- left out.*REFERENCES c\n/);
  assert.match(script[0], /FOREIGN KEY \("id"\) REFERENCES "main"."a"/);
});

test('names with quotes are quoted, with NUL refused', () => {
  assert.equal(duckdb.ddl.quote('a"b'), '"a""b"');
  assert.throws(() => duckdb.ddl.quote('a\0b'), { code: 'E_IDENTIFIER_INVALID' });
});
