// The catalog on DDL of every kind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCreateIndex, readCreateTable } from '../../../../src/dialect/sqlite/create-statements.ts';
import { parseDefault } from '../../../../src/dialect/sqlite/defaults.ts';
import { SqlSyntaxError } from '../../../../src/dialect/sqlite/tokens.ts';
import { database, source, tableOf } from './files.ts';

const ODD = `
  CREATE TABLE [par"ent] (a INT, b TEXT COLLATE nocase, CONSTRAINT "the key" PRIMARY KEY (b, a)) WITHOUT ROWID;
  CREATE TABLE "chi,ld" (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- the ) number
    "x" VARCHAR ( 20 ) NOT NULL DEFAULT 'it''s', /* , */
    y DEFAULT (1 + 2) CONSTRAINT "y is small" CHECK (y < 10 AND ')' <> '('),
    z DECIMAL(10,2) DEFAULT -1.50,
    self INT REFERENCES "CHI,LD" ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    pa INT, pb TEXT,
    twice INT GENERATED ALWAYS AS (id * 2) STORED,
    thrice AS (id * 3),
    CONSTRAINT up FOREIGN KEY (pb, pa) REFERENCES "PAR""ENT" ON DELETE CASCADE
    UNIQUE (x, y) ON CONFLICT IGNORE, CHECK (z > -5)
  );
  CREATE UNIQUE INDEX "in dex" ON "chi,ld" (lower(x) DESC, y COLLATE NOCASE, z) WHERE z IS NOT NULL;
  CREATE TABLE s (a INT PRIMARY KEY, b ANY) STRICT;
  CREATE TABLE d (a INTEGER PRIMARY KEY DESC);
  CREATE VIEW v AS SELECT * FROM s;
  CREATE VIEW broken AS SELECT no_column FROM nowhere;
  CREATE TRIGGER t AFTER INSERT ON s BEGIN SELECT 1; END;
  CREATE VIRTUAL TABLE words USING fts5(word);
  CREATE TABLE _ferrow_runs (a);
  CREATE TABLE "täble 🚢/1" ("ö" CHARACTER VARYING(5), "select" , [a]]b] INT);
`.replace(', [a]]b] INT', '');

/** Without what src/sql made of the texts. */
function asWritten<T>(schema: T): T {
  const left = ['meaning', 'unknown', 'whereMeaning'];
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (left.includes(key) ? undefined : value)),
  );
}

test('the catalog tells tables apart and lists what is not carried', async (context) => {
  const engine = await source(context, database(context, ODD));
  const { tables, views, others } = await engine.catalog([]);
  assert.deepEqual(
    tables.map(({ name }) => name),
    ['par"ent', 'chi,ld', 's', 'd', 'täble 🚢/1'],
  );
  const listed = others.map(({ kind, name }) => `${kind} ${name}`);
  for (const each of ['trigger t', 'virtual table words', 'virtual table words_data']) {
    assert.ok(listed.includes(each), each);
  }
  assert.deepEqual(
    views.map(({ name, columns, sql, reads }) => [name, columns, sql, reads.map((read) => read.name)]),
    [
      ['v', ['a', 'b'], 'SELECT * FROM s', ['s']],
      ['broken', [], 'SELECT no_column FROM nowhere', []],
    ],
  );
});

test('keys, defaults, checks, collations and generated columns', async (context) => {
  const engine = await source(context, database(context, ODD));
  const child = asWritten(await tableOf(engine, 'chi,ld'));
  const column = (name: string) => child.columns.find((each) => each.name === name);
  assert.deepEqual(column('id')?.identity, { kind: 'autoincrement' });
  assert.equal(column('id')?.nullable, false);
  assert.deepEqual(column('x')?.default, { kind: 'text', value: "it's", sql: "'it''s'" });
  assert.equal(column('y')?.nativeType, '');
  assert.deepEqual(column('y')?.default, { kind: 'expression', sql: '(1 + 2)' });
  assert.deepEqual(column('z')?.default, { kind: 'number', value: '-1.50', sql: '-1.50' });
  assert.deepEqual(column('twice')?.generated, { expression: 'id * 2', stored: true });
  assert.deepEqual(column('thrice')?.generated, { expression: 'id * 3', stored: false });
  assert.deepEqual(child.checks, [
    { name: 'y is small', expression: "y < 10 AND ')' <> '('" },
    { name: null, expression: 'z > -5' },
  ]);
  assert.deepEqual(child.uniques, [{ name: null, columns: ['x', 'y'] }]);
  assert.deepEqual(child.tableFacts?.['keys'], [
    {
      primary: false,
      columns: ['x', 'y'],
      collations: [null, null],
      descending: [false, false],
      conflict: 'IGNORE',
    },
  ]);
  const { others } = await engine.catalog([]);
  assert.ok(
    others.some(({ name, carriedToSame }) => name === 'ON CONFLICT IGNORE of UNIQUE (x, y)' && carriedToSame),
  );
  assert.deepEqual(child.foreignKeys, [
    {
      name: null,
      columns: ['self'],
      references: { schema: null, name: 'chi,ld' },
      referencedColumns: ['id'],
      onDelete: 'set null',
      onUpdate: 'cascade',
      match: 'simple',
      deferrable: true,
      initiallyDeferred: true,
    },
    {
      name: 'up',
      columns: ['pb', 'pa'],
      references: { schema: null, name: 'par"ent' },
      referencedColumns: ['b', 'a'],
      onDelete: 'cascade',
      onUpdate: 'no action',
      match: 'simple',
      deferrable: false,
      initiallyDeferred: false,
    },
  ]);
  const [index] = child.indexes;
  assert.equal(index.unique, true);
  assert.equal(index.where, 'z IS NOT NULL');
  assert.deepEqual(index.parts, [
    { column: null, expression: 'lower(x)', descending: true, collation: null },
    { column: 'y', expression: null, descending: false, collation: 'NOCASE' },
    { column: 'z', expression: null, descending: false, collation: null },
  ]);
  const parent = await tableOf(engine, 'par"ent');
  assert.deepEqual(parent.primaryKey, { name: 'the key', columns: ['b', 'a'] });
  assert.equal(parent.tableFacts?.['withoutRowid'], true);
  assert.equal(parent.columns[1].collation, 'NOCASE');
  assert.equal(parent.columns[0].nullable, false);
  const descending = await tableOf(engine, 'd');
  assert.equal(descending.columns[0].identity, null, 'DESC is no rowid');
  assert.equal((await tableOf(engine, 's')).tableFacts?.['strict'], true);
});

test('a number that AUTOINCREMENT gave out is known', async (context) => {
  const sql =
    'CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO a VALUES (41); DELETE FROM a';
  const engine = await source(context, database(context, sql));
  const { columns } = await tableOf(engine, 'a');
  assert.deepEqual(columns[0].identity, { kind: 'autoincrement', next: '42' });
});

test('CREATE TABLE that can not be followed is said so, not guessed', () => {
  for (const sql of [
    'CREATE TABLE t (a INT WEIRD(',
    "CREATE TABLE t (a 'x",
    'CREATE TABLE t (a INT CHECK 5)',
    '',
  ]) {
    assert.throws(() => readCreateTable(sql), SqlSyntaxError, sql);
  }
  const read = readCreateTable(
    'CREATE TEMP TABLE IF NOT EXISTS a.b (c, d INT NULL, e NOT NULL ON CONFLICT FAIL)',
  );
  assert.deepEqual(
    read.columns.map(({ name }) => name),
    ['c', 'd', 'e'],
  );
  assert.equal(read.columns[2].notNullConflict, 'FAIL');
  assert.deepEqual(readCreateIndex('CREATE INDEX i ON t(a, (b + c) desc, "d" COLLATE x ASC)'), {
    parts: ['a', '(b + c)', '"d"'],
    where: null,
  });
});

test('defaults are understood as far as they can be', () => {
  const cases: [string, unknown][] = [
    ['NULL', { kind: 'null', sql: 'NULL' }],
    ['TRUE', { kind: 'bool', value: true, sql: 'TRUE' }],
    ['+5', { kind: 'number', value: '5', sql: '+5' }],
    ['- 0x10', { kind: 'number', value: '-16', sql: '- 0x10' }],
    ['1e3', { kind: 'number', value: '1e3', sql: '1e3' }],
    ["x'AB'", { kind: 'blob', hex: 'ab', sql: "x'AB'" }],
    ['"text"', { kind: 'text', value: 'text', sql: '"text"' }],
    ["('a')", { kind: 'text', value: 'a', sql: "('a')" }],
    ['current_timestamp', { kind: 'now', what: 'timestamp', sql: 'current_timestamp' }],
    ["datetime('now')", { kind: 'now', what: 'timestamp', sql: "(datetime('now'))" }],
    [
      "datetime('now','localtime')",
      { kind: 'now', what: 'timestamp', clock: 'session', sql: "(datetime('now','localtime'))" },
    ],
    ["DATE('now')", { kind: 'now', what: 'date', sql: "(DATE('now'))" }],
    [
      "strftime('%Y-%m-%d %H:%M:%S+00:00','now')",
      { kind: 'now', what: 'timestamp', sql: "(strftime('%Y-%m-%d %H:%M:%S+00:00','now'))" },
    ],
    [
      "strftime('%H:%M:%S+00:00', 'now')",
      { kind: 'now', what: 'time', sql: "(strftime('%H:%M:%S+00:00', 'now'))" },
    ],
    ["strftime('%Y-%M-%d', 'now')", { kind: 'expression', sql: "(strftime('%Y-%M-%d', 'now'))" }],
    ["datetime('now', '+1 day')", { kind: 'expression', sql: "(datetime('now', '+1 day'))" }],
    ["-'a'", { kind: 'expression', sql: "(-'a')" }],
  ];
  for (const [sql, expected] of cases) assert.deepEqual(parseDefault(sql), expected, sql);
});
