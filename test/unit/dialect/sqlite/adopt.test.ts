// Tables of other engines in SQLite's words, made and tried by SQLite itself.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { postgresWords } from '../../../../src/dialect/postgres/sql-words.ts';
import { sqlite } from '../../../../src/dialect/sqlite/index.ts';
import { loadGrammar, understandExpression } from '../../../../src/sql/sql.ts';
import type { ColumnSchema, DefaultValue, TableSchema } from '../../../../src/types/schema.ts';
import { tableSchema } from '../../../support/schemas.ts';
import {
  database,
  folder,
  loadFor,
  query,
  RUN,
  readAll,
  requestOf,
  source,
  target,
  writeAll,
} from './files.ts';

function column(name: string, nativeType: string, more: Partial<ColumnSchema> = {}): ColumnSchema {
  const none = { default: null, identity: null, generated: null, collation: null, comment: null };
  return { name, nativeType, nullable: true, ...none, ...more };
}

function tableOf(columns: readonly ColumnSchema[], more: Partial<TableSchema> = {}): TableSchema {
  return tableSchema('t', columns, { schema: 'public', ...more });
}

function made(table: TableSchema) {
  const { table: adopted, notCarried } = sqlite.ddl.adopt(table, 'postgres');
  const db = new Database(':memory:');
  const statements = sqlite.ddl.script([adopted], { indexes: true, foreignKeys: true });
  for (const statement of statements) db.exec(statement);
  const listed = notCarried.map(({ object, name, instead }) => [object, name, instead]);
  return { adopted, db, listed, statements };
}

test('defaults give the value that the column would have', () => {
  const cases: [string, DefaultValue, unknown][] = [
    ['TEXT', { kind: 'text', value: 'it\'s \\ "x"\n', sql: '' }, 'it\'s \\ "x"\n'],
    ['TEXT', { kind: 'text', value: '1.10', sql: '' }, '1.10'],
    ['BOOLEAN', { kind: 'bool', value: true, sql: '' }, 1],
    ['BIGINT', { kind: 'number', value: '-9', sql: '' }, -9],
    ['DECIMAL_TEXT(20,2)', { kind: 'number', value: '1.5', sql: '' }, '1.5'],
    ['BLOB', { kind: 'blob', hex: '00ff', sql: '' }, Buffer.from([0, 255])],
    ['DATE', { kind: 'text', value: '2024-01-31', sql: '' }, '2024-01-31'],
    ['DATE', { kind: 'text', value: 'infinity', sql: '' }, 'infinity'],
    ['TIME', { kind: 'text', value: '12:00:00', sql: '' }, '12:00:00'],
    ['TIMESTAMP', { kind: 'text', value: '2024-01-31 12:00:00.5', sql: '' }, '2024-01-31 12:00:00.5'],
    ['TIMESTAMPTZ', { kind: 'text', value: '2024-01-31 12:00:00+00', sql: '' }, '2024-01-31 12:00:00+00:00'],
    ['INTERVAL', { kind: 'text', value: 'P1D', sql: '' }, 'P1D'],
    ['VARBIT_TEXT', { kind: 'text', value: '0101', sql: '' }, '0101'],
    ['TEXT', { kind: 'null', sql: '' }, null],
  ];
  for (const [type, value, expected] of cases) {
    const { db, listed } = made(tableOf([column('id', 'INTEGER'), column('c', type, { default: value })]));
    assert.deepEqual(listed, []);
    assert.deepEqual(db.prepare('INSERT INTO t (id) VALUES (1) RETURNING c').pluck().get(), expected, type);
  }
  for (const [type, value] of [
    ['TIMESTAMP', '2024-01-31 12:00:00.50'],
    ['TIMESTAMP', '2024-01-31T12:00:00'],
    ['TIMESTAMP', '2024-01-31 12:00:00+02'],
    ['DATE', 'tomorrow'],
    ['INTERVAL', '1 day'],
    ['TIMETZ', '12:00:00'],
    ['VARBIT_TEXT', 'x'],
    ['DOUBLE', 'NaN'],
    ['BOOLEAN', 't'],
    ['TEXT', 'a\0b'],
  ]) {
    const value_: DefaultValue = { kind: 'text', value, sql: `'${value}'` };
    const { listed } = made(tableOf([column('c', type, { default: value_ })]));
    assert.deepEqual(listed, [['default', `'${value}'`, undefined]], `${type} ${value}`);
  }
});

test('a random UUID and the time of now, and their way back', async (context) => {
  const path = database(context, '');
  const { statements } = made(
    tableOf([
      column('id', 'INTEGER'),
      column('u', 'UUID', { default: { kind: 'uuid', sql: 'gen_random_uuid()' } }),
      column('z', 'TIMESTAMPTZ', { default: { kind: 'now', what: 'timestamp', sql: 'now()' } }),
    ]),
  );
  const db = new Database(path);
  for (const statement of statements) db.exec(statement);
  const insert = db.prepare<[number], { u: string; z: string }>(
    'INSERT INTO t (id) VALUES (?) RETURNING u, z',
  );
  const rows = Array.from({ length: 500 }, (_, at) => insert.get(at) ?? assert.fail());
  for (const { u, z } of rows) {
    assert.match(u, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(z, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00$/);
  }
  assert.equal(new Set(rows.map(({ u }) => u)).size, 500);
  db.close();
  const engine = await source(context, path);
  const [{ columns }] = (await engine.catalog([])).tables;
  assert.deepEqual(
    columns.map((each) => each.default?.kind),
    [undefined, 'uuid', 'now'],
  );
});

test('identities count on, and say where SQLite counts otherwise', () => {
  const identity = (more: object): Partial<ColumnSchema> => ({
    nullable: false,
    identity: { kind: 'by-default', ...more },
  });
  const key = { primaryKey: { name: 't_pkey', columns: ['id'] } };
  const plain = made(tableOf([column('id', 'SMALLINT', identity({ next: '1000' }))], key));
  assert.deepEqual(plain.listed, []);
  assert.match(plain.statements[0], /"id" INTEGER CONSTRAINT "t_pkey" PRIMARY KEY AUTOINCREMENT NOT NULL/);
  const odd = made(tableOf([column('id', 'BIGINT', identity({ options: { increment: '5' } }))], key));
  assert.deepEqual(odd.listed, [['identity', 'id', 'counting by 1']]);
  const capped = made(tableOf([column('id', 'BIGINT', identity({ options: { max: '99' } }))], key));
  assert.deepEqual(capped.listed, [['identity', 'id', 'without a maximum']]);
  const noKey = made(tableOf([column('id', 'BIGINT', identity({}))]));
  assert.deepEqual(noKey.listed, [['identity', 'id', undefined]]);
  const sequence: DefaultValue = { kind: 'sequence', sequence: 's', next: '7', sql: "nextval('s')" };
  const counting = made(tableOf([column('id', 'BIGINT', { default: sequence })], key));
  assert.deepEqual(counting.adopted.columns[0].identity, { kind: 'autoincrement', next: '7' });
  assert.deepEqual(made(tableOf([column('n', 'BIGINT', { default: sequence })])).listed, [
    ['default', "nextval('s')", undefined],
  ]);
  const home = identity({ next: '5' });
  const rowid = { ...home, typeFacts: { rowidAlias: true, strict: false } };
  const back = made(tableOf([column('id', 'INTEGER', rowid)], key));
  assert.deepEqual(back.adopted.columns[0].identity, { kind: 'rowid' }, 'it was no AUTOINCREMENT');
});

test('the next insert goes on where the sequence was', async (context) => {
  const from = await source(
    context,
    database(context, 'CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (3), (5)'),
  );
  const [table] = (await from.catalog([])).tables;
  const request = requestOf(table, { id: { kind: 'int', bits: 64, signed: true } });
  for (const [next, expected] of [
    ['100', 100n],
    ['2', 6n],
    [undefined, 6n],
  ] as const) {
    const path = join(folder(context), 'next.db');
    const engine = await target(context, path);
    await engine.beginRun(RUN);
    const identity = { kind: 'serial' as const, ...(next === undefined ? {} : { next }) };
    const there = tableOf([column('id', 'BIGINT', { nullable: false, identity })], {
      primaryKey: { name: null, columns: ['id'] },
    });
    const load = loadFor(request, { table: sqlite.ddl.adopt(there, 'postgres').table });
    await engine.prepare([load]);
    await writeAll(engine, load, await readAll(from, request));
    await engine.finishTable(load);
    await engine.finishRun([load]);
    await engine.close();
    const db = new Database(path);
    db.exec('INSERT INTO t DEFAULT VALUES');
    db.close();
    assert.deepEqual(query(path, 'SELECT max(id) FROM t'), [[expected]]);
  }
});

test('what SQLite can not say is listed, the data still stands in plain tables', () => {
  const comment = 'a comment';
  const part = { column: 'a', expression: null, descending: false, collation: null };
  const index = {
    unique: false,
    parts: [part],
    where: null,
    method: 'btree',
    plain: true,
    definition: 'CREATE …',
  };
  const { listed, db } = made(
    tableOf(
      [
        column('a', 'TEXT', { comment, collation: 'pg_catalog."C"' }),
        column('b', 'BIGINT', { comment, generated: { expression: 'a::int', stored: true } }),
        column('c', 'BIGINT', { nullable: false }),
      ],
      {
        comment,
        uniques: [
          { name: 'u', columns: ['a', 'b'], nullsNotDistinct: true, comment },
          { name: 'v', columns: ['c'], nullsNotDistinct: true, deferrable: true },
        ],
        foreignKeys: [
          {
            name: 'f',
            columns: ['a', 'c'],
            references: { schema: 'public', name: 't' },
            referencedColumns: ['a', 'b'],
            onDelete: 'cascade',
            onUpdate: 'no action',
            match: 'full',
            deferrable: true,
            initiallyDeferred: true,
          },
        ],
        checks: [{ name: 'k', expression: "a ~ '^x'", unknown: 'the operator ~' }],
        indexes: [
          { ...index, name: 'gin', method: 'gin' },
          { ...index, name: 'ops', plain: false },
          { ...index, name: 'nulls', parts: [{ ...part, nulls: 'first', descending: true }] },
          { ...index, name: 'where', where: 'a ~ 1', whereMeaning: { unknown: 'the operator ~' } },
        ],
      },
    ),
  );
  assert.deepEqual(listed.map((each) => each.join(' ').trim()).sort(), [
    ...['check k', 'collation pg_catalog."C"', 'comment 4 comments'],
    ...['foreign key action f as MATCH SIMPLE', 'generated column b', 'index gin'],
    ...['index nulls without NULLS FIRST or LAST', 'index ops', 'index where'],
    ...['unique constraint u without NULLS NOT DISTINCT', 'unique constraint v not deferrable'],
  ]);
  assert.deepEqual(db.prepare(`SELECT name FROM pragma_index_list('t') WHERE origin = 'c'`).pluck().all(), [
    'nulls',
  ]);
  assert.deepEqual(
    db.prepare(`SELECT DISTINCT on_delete, "match" FROM pragma_foreign_key_list('t')`).raw().all(),
    [['CASCADE', 'NONE']],
  );
});

test('SQL of others that means the same is said in SQLite’s words', async () => {
  await loadGrammar();
  const source = [
    column('id', 'integer', { nullable: false }),
    column('name', 'text', { collation: 'pg_catalog."C"' }),
    column('price', 'numeric(10,2)'),
    column('on', 'boolean'),
    column('day', 'date'),
  ];
  const meant = (sql: string, as: 'condition' | 'value') =>
    understandExpression(sql, postgresWords, source, as);
  const check = (name: string, expression: string) => ({
    name,
    expression,
    ...meant(expression, 'condition'),
  });
  const types = ['INTEGER', 'TEXT', 'DECIMAL(10,2)', 'BOOLEAN', 'DATE'];
  const generated = { expression: 'id * 2', stored: true, ...meant('id * 2', 'value') };
  const table = tableOf(
    [
      ...source.map((each, at) => ({ ...each, nativeType: types[at], collation: null })),
      column('twice', 'INTEGER', { generated }),
      column('n', 'INTEGER', { default: { kind: 'expression', sql: '(1 + 2)', ...meant('1 + 2', 'value') } }),
    ],
    {
      checks: [
        check('in', "name IN ('a', 'it''s', '%')"),
        check('both', 'id > 0 AND (price IS NULL OR price < 100.5)'),
        check('true', '"on" IS NOT FALSE'),
        check('since', "day >= '2024-01-01'::date"),
        check('regex', "name ~ '^a'"),
      ],
      indexes: [
        {
          name: 'i',
          unique: true,
          method: 'btree',
          plain: true,
          definition: '',
          parts: [
            {
              column: null,
              expression: 'id + 1',
              descending: true,
              collation: null,
              ...meant('id + 1', 'value'),
            },
          ],
          where: 'price IS NOT NULL',
          whereMeaning: meant('price IS NOT NULL', 'condition'),
        },
      ],
    },
  );
  const { db, listed } = made(table);
  assert.deepEqual(
    listed.map(([object, name]) => [object, name]),
    [['check', 'regex']],
  );
  const insert = db.prepare(
    'INSERT INTO t (id, name, price, "on", day) VALUES (?, ?, ?, ?, ?) RETURNING twice, n',
  );
  assert.deepEqual(insert.raw().get(4, "it's", 5, 1, '2024-01-01'), [8, 3]);
  for (const [name, ...row] of [
    ['in', 1, 'A', 5, 1, '2024-02-01'],
    ['both', 0, 'a', 5, 1, '2024-02-01'],
    ['both', 1, 'a', 100.5, 1, '2024-02-01'],
    ['true', 1, 'a', null, 0, '2024-02-01'],
    ['since', 1, 'a', 5, null, '2023-12-31'],
  ]) {
    assert.throws(() => insert.get(...row), new RegExp(`CHECK constraint failed: ${name}`), String(name));
  }
  assert.throws(() => insert.get(4, 'a', 6, 1, null), /UNIQUE constraint failed: index 'i'/);
  assert.deepEqual(insert.raw().get(4, null, null, null, null), [8, 3], 'the index is partial');
});

test('a table that comes home is STRICT or WITHOUT ROWID again', () => {
  const strict = { strict: true, rowidAlias: false, notNull: true };
  const facts = { ...strict, withoutRowid: true };
  const key = { primaryKey: { name: null, columns: ['a'] } };
  const { db } = made(
    tableOf([column('a', 'INTEGER', { typeFacts: facts }), column('b', 'ANY', { typeFacts: facts })], key),
  );
  assert.deepEqual(db.prepare(`SELECT wr, strict FROM pragma_table_list WHERE name = 't'`).raw().all(), [
    [1, 1],
  ]);
  const mixed = made(tableOf([column('a', 'TEXT'), column('b', 'ANY', { typeFacts: strict })]));
  mixed.db.exec("INSERT INTO t VALUES ('a', '1.10')");
  assert.equal(mixed.db.prepare('SELECT typeof(b) || b FROM t').pluck().get(), 'text1.10');
});

async function load(context: TestContext, table: TableSchema) {
  const from = await source(
    context,
    database(context, 'CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (-3), (NULL)'),
  );
  const [there] = (await from.catalog([])).tables;
  const request = requestOf(there, { a: { kind: 'int', bits: 64, signed: true } });
  const path = join(folder(context), 'checks.db');
  const engine = await target(context, path);
  await engine.beginRun(RUN);
  const one = loadFor(request, { table });
  await engine.prepare([one]);
  await writeAll(engine, one, await readAll(from, request));
  const notCarried = await engine.finishTable(one);
  await engine.endRun('run', 'done');
  await engine.close();
  return { path, notCarried };
}

test('checks that SQLite refuses are left out, those that rows break stay, and both are listed', async (context) => {
  const { path, notCarried } = await load(
    context,
    tableOf([column('a', 'INTEGER')], {
      checks: [
        { name: 'fine', expression: 'a < 10 -- so' },
        { name: 'no function', expression: 'nowhere(a)' },
        { name: 'broken', expression: 'a > 0' },
        { name: null, expression: 'a IN (SELECT 1)' },
      ],
    }),
  );
  assert.deepEqual(
    notCarried.map(({ object, name, instead, reason }) => [object, name, instead, reason.slice(0, 40)]),
    [
      ['check', 'no function', undefined, 'SQLite refuses it here: no such function'.slice(0, 40)],
      ['check', 'a IN (SELECT 1)', undefined, 'SQLite refuses it here: subqueries prohi'],
      ['check', 'broken', 'with violations', '1 row breaks it'],
    ],
  );
  const db = new Database(path);
  assert.throws(() => db.exec('INSERT INTO t VALUES (0)'), /CHECK constraint failed: broken/);
  assert.throws(() => db.exec('INSERT INTO t VALUES (10)'), /CHECK constraint failed: fine/);
  db.close();
  assert.deepEqual(query(path, 'SELECT count(*) FROM t'), [[4n]]);
});
