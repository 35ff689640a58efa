// Tables take their names: keys, foreign keys in every shape, replace, append, what rows violate, sequences.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { duckdb } from '../../../../src/dialect/duckdb/index.ts';
import type { TableSchema } from '../../../../src/types/schema.ts';
import { ask, copyFile, loadsFor, makeFile, newPath, openTarget, RUN, sameRows } from './files.ts';

const CONSTRAINTS =
  "SELECT table_name, constraint_type, constraint_column_names, referenced_table FROM duckdb_constraints() WHERE schema_name = 'main' AND constraint_type <> 'NOT NULL' ORDER BY ALL";

test('keys, uniques, checks, defaults, indexes, comments and foreign keys arrive', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE SEQUENCE ids START 5',
    "CREATE TABLE parent (a INTEGER, b VARCHAR, note VARCHAR DEFAULT 'it''s' , PRIMARY KEY (b, a), UNIQUE (note, a))",
    "CREATE TABLE child (id BIGINT PRIMARY KEY DEFAULT nextval('ids'), a INTEGER, b VARCHAR, n INTEGER NOT NULL CHECK (n > 0), twice INTEGER GENERATED ALWAYS AS (n * 2), boss BIGINT REFERENCES child (id), FOREIGN KEY (b, a) REFERENCES parent (b, a))",
    'CREATE TABLE plain (x INTEGER DEFAULT 3 PRIMARY KEY, y TIMESTAMP DEFAULT current_timestamp)',
    'CREATE UNIQUE INDEX plain_y ON plain (y, (x + 1))',
    "COMMENT ON TABLE child IS 'children'",
    "INSERT INTO parent VALUES (1, 'x', 'n'), (2, 'y', NULL)",
    "INSERT INTO child (a, b, n) VALUES (1, 'x', 1), (NULL, 'gone', 2)",
    'INSERT INTO child (id, n, boss) VALUES (100, 3, 5)',
    'INSERT INTO child (id, n, boss) VALUES (101, 3, 100)',
    "INSERT INTO plain VALUES (1, '2024-01-01')",
  ]);
  assert.deepEqual(await copyFile(from, to), []);
  for (const table of ['parent', 'child', 'plain']) assert.ok(await sameRows(from, to, table), table);
  assert.deepEqual(await ask(to, CONSTRAINTS), await ask(from, CONSTRAINTS));
  const comment = "SELECT comment FROM duckdb_tables() WHERE table_name = 'child'";
  assert.deepEqual(await ask(to, comment), [['children']]);
  const files = readdirSync(dirname(to));
  assert.deepEqual(files, ['to.duckdb'], 'no log and no spill is left');
  // The sequence goes on behind what arrived.
  await makeFile(to, ['INSERT INTO child (n) VALUES (9)']);
  assert.deepEqual(await ask(to, 'SELECT max(id) FROM child'), [['102']]);
  await assert.rejects(makeFile(to, ["INSERT INTO child (n, a, b) VALUES (9, 9, 'nobody')"]), /foreign key/);
});

const key = (columns: string[], table: string, referenced: string[]): TableSchema['foreignKeys'][number] => ({
  name: null,
  columns,
  references: { schema: 'main', name: table },
  referencedColumns: referenced,
  onDelete: 'no action',
  onUpdate: 'no action',
  match: 'simple',
  deferrable: false,
  initiallyDeferred: false,
});

test('a cycle of tables keeps all keys but one', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER)',
    'CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER)',
    'INSERT INTO a VALUES (1, 1)',
    'INSERT INTO b VALUES (1, 1)',
  ]);
  const lost = await copyFile(from, to, {
    change: (table) => ({
      ...table,
      foreignKeys: [key([table.name === 'a' ? 'b' : 'a'], table.name === 'a' ? 'b' : 'a', ['id'])],
    }),
  });
  assert.equal(lost.length, 1);
  assert.equal(lost[0].object, 'foreign key');
  assert.match(lost[0].reason, /cycle/);
  assert.deepEqual(
    await ask(to, "SELECT count(*) FROM duckdb_constraints() WHERE constraint_type = 'FOREIGN KEY'"),
    [['1']],
  );
  assert.ok((await sameRows(from, to, 'a')) && (await sameRows(from, to, 'b')));
});

test('keys that rows violate are listed with counts, and the rows arrive', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE TABLE parent (id INTEGER, code VARCHAR)',
    'CREATE TABLE child (id INTEGER, parent INTEGER, u INTEGER, self INTEGER)',
    "INSERT INTO parent VALUES (1, 'a'), (2, 'b'), (3, 'b')",
    'INSERT INTO child VALUES (1, 1, 1, NULL), (2, 9, 1, 1), (3, 8, 2, 77), (NULL, NULL, NULL, NULL), (1, 1, 3, 1)',
  ]);
  const lost = await copyFile(from, to, {
    change: (table) =>
      table.name === 'parent'
        ? {
            ...table,
            primaryKey: { name: null, columns: ['id'] },
            uniques: [{ name: 'u', columns: ['code'] }],
          }
        : {
            ...table,
            primaryKey: { name: null, columns: ['id'] },
            uniques: [{ name: null, columns: ['u'] }],
            checks: [{ name: null, expression: 'id < 3' }],
            foreignKeys: [key(['parent'], 'parent', ['id']), key(['self'], 'child', ['id'])],
          },
  });
  const told = lost.map((item) => `${item.table} ${item.object}: ${item.reason}`);
  assert.ok(
    told.some((line) => /^child primary key: .*1 rows have NULL.*1 values occur/.test(line)),
    told.join('\n'),
  );
  assert.ok(told.some((line) => /^child unique constraint: .*1 values/.test(line)));
  assert.ok(told.some((line) => /^child check: 1 rows/.test(line)));
  assert.ok(told.some((line) => /^child foreign key: 2 rows .* parent/.test(line)));
  assert.ok(told.some((line) => /^parent unique constraint: .*1 values/.test(line)));
  assert.ok((await sameRows(from, to, 'parent')) && (await sameRows(from, to, 'child')));
  assert.deepEqual(await ask(to, CONSTRAINTS), [['parent', 'PRIMARY KEY', "['id']", null]]);
});

test('rows that refer to themselves cost the key, not the rows', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER)',
    'INSERT INTO t VALUES (1, 1), (2, 1), (3, 4), (4, 3)',
  ]);
  const lost = await copyFile(from, to, {
    change: (table) => ({ ...table, foreignKeys: [key(['up'], 't', ['id'])] }),
  });
  assert.equal(lost.length, 1);
  assert.match(lost[0].reason, /4 rows refer to themselves/);
  assert.ok(await sameRows(from, to, 't'));
});

test('a foreign key finds its parent key in whatever order, and needs its types', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE TABLE p (a INTEGER, b INTEGER, PRIMARY KEY (a, b))',
    'CREATE TABLE c (x INTEGER, y INTEGER, z BIGINT, w INTEGER)',
    'INSERT INTO p VALUES (1, 2)',
    'INSERT INTO c VALUES (2, 1, 5, NULL)',
  ]);
  const lost = await copyFile(from, to, {
    change: (table) =>
      table.name === 'p'
        ? table
        : {
            ...table,
            foreignKeys: [
              key(['x', 'y'], 'p', ['b', 'a']),
              key(['z', 'y'], 'p', ['a', 'b']),
              key(['w'], 'nowhere', ['id']),
            ],
          },
  });
  assert.deepEqual(
    lost.map((item) => item.reason),
    ['z is BIGINT and p.a is INTEGER; DuckDB wants one type', 'the target has no table nowhere'],
  );
  assert.deepEqual(
    await ask(
      to,
      "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'FOREIGN KEY'",
    ),
    [["['y', 'x']"]],
  );
});

test('replace swaps parents and children together; others that point there stop it beforehand', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE SEQUENCE s',
    "CREATE TABLE p (id INTEGER PRIMARY KEY DEFAULT nextval('s'), v VARCHAR)",
    'CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id))',
    "INSERT INTO p VALUES (1, 'new')",
    'INSERT INTO c VALUES (1, 1)',
    'CREATE INDEX c_p ON c (p)',
  ]);
  await copyFile(from, to);
  await copyFile(from, to, { mode: 'replace' });
  assert.ok((await sameRows(from, to, 'p')) && (await sameRows(from, to, 'c')));
  assert.deepEqual(await ask(to, 'SELECT sequence_name FROM duckdb_sequences()'), [['s']]);
  await makeFile(to, [
    'CREATE TABLE outside (p INTEGER REFERENCES p (id))',
    'INSERT INTO outside VALUES (1)',
  ]);
  await assert.rejects(copyFile(from, to, { mode: 'replace' }), { code: 'E_TABLE_IN_USE' });
  assert.ok((await sameRows(from, to, 'p')) && (await sameRows(from, to, 'c')));
  await assert.rejects(copyFile(from, to), { code: 'E_TABLE_EXISTS' });
});

test('append is all or none', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, ['CREATE TABLE t (id INTEGER, v VARCHAR)', "INSERT INTO t VALUES (2, 'b'), (3, 'c')"]);
  await makeFile(to, ['CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR)', "INSERT INTO t VALUES (1, 'a')"]);
  await copyFile(from, to, { mode: 'append' });
  assert.deepEqual(await ask(to, 'SELECT count(*) FROM t'), [['3']]);
  await assert.rejects(copyFile(from, to, { mode: 'append' }), { code: 'E_CONSTRAINT' });
  assert.deepEqual(await ask(to, 'SELECT count(*) FROM t'), [['3']]);
});

test('a file that Ferrow made is gone again if no table was finished', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, ['CREATE TABLE t (id INTEGER)']);
  const source = await duckdb.openSource(duckdb.locate(from, {}), { connections: 1 });
  const { tables } = await source.catalog([]);
  await source.close();
  const target = await openTarget(to);
  const loads = loadsFor(tables);
  await target.beginRun(RUN);
  await target.prepare(loads);
  await target.abandon(loads);
  await target.endRun(RUN.runId, 'failed');
  await target.close();
  assert.ok(!existsSync(to) && !existsSync(`${to}.wal`));
});

test('sequences and indexes that are someone else’s keep their names', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE SEQUENCE s START 10',
    "CREATE TABLE t (id INTEGER DEFAULT nextval('s'), v INTEGER)",
    'CREATE INDEX i ON t (v)',
  ]);
  await makeFile(to, [
    'CREATE SEQUENCE s START 3',
    "CREATE TABLE mine (id INTEGER DEFAULT nextval('s'), v INTEGER)",
    'CREATE INDEX i ON mine (v)',
  ]);
  const [renamed, ...others] = await copyFile(from, to);
  assert.deepEqual([renamed.name, renamed.instead, others], ['i', 'as t_i', []]);
  await makeFile(to, ['INSERT INTO t (v) VALUES (1)', 'INSERT INTO mine (v) VALUES (1)']);
  assert.deepEqual(await ask(to, 'SELECT (SELECT id FROM t), (SELECT id FROM mine)'), [['10', '3']]);
  assert.deepEqual(await ask(to, 'SELECT index_name FROM duckdb_indexes() ORDER BY 1'), [['i'], ['t_i']]);
});

test('appended tables may refer to each other and to themselves; their sequences step behind the rows', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  const tables = [
    'CREATE SEQUENCE ids START 50',
    "CREATE TABLE staff (id BIGINT PRIMARY KEY DEFAULT nextval('ids'), boss BIGINT REFERENCES staff (id))",
    'CREATE TABLE client (id INTEGER PRIMARY KEY, helper BIGINT REFERENCES staff (id))',
    'CREATE TABLE bill (id INTEGER PRIMARY KEY, client INTEGER REFERENCES client (id))',
  ];
  await makeFile(from, [
    ...tables,
    'INSERT INTO staff VALUES (3, NULL)',
    'INSERT INTO staff VALUES (1, 3)',
    'INSERT INTO staff VALUES (900, 1)',
    'INSERT INTO client VALUES (1, 900), (2, NULL)',
    'INSERT INTO bill VALUES (1, 2)',
  ]);
  await makeFile(to, [...tables, 'INSERT INTO staff VALUES (40, NULL)']);
  assert.deepEqual(await copyFile(from, to, { mode: 'append' }), []);
  assert.deepEqual(await ask(to, 'SELECT count(*) FROM staff'), [['4']]);
  for (const table of ['client', 'bill']) assert.ok(await sameRows(from, to, table), table);
  await makeFile(to, ['INSERT INTO staff (boss) VALUES (40)']);
  assert.deepEqual(await ask(to, 'SELECT max(id) FROM staff'), [['901']]);
  // None of the tables that hang together gets rows when one of them can't take its own.
  await assert.rejects(copyFile(from, to, { mode: 'append' }), (error: Error) => {
    assert.match(error.message, /^rows can't be appended to "staff": DuckDB: /);
    return true;
  });
  assert.deepEqual(await ask(to, 'SELECT count(*) FROM client'), [['2']]);
});

test('a quotation mark in the name of a numbered table', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE TABLE "a ""b""" (id INTEGER PRIMARY KEY, "n""" INTEGER DEFAULT 7)',
    'INSERT INTO "a ""b""" VALUES (4, 1)',
  ]);
  const numbered = (table: TableSchema): TableSchema => {
    const columns = table.columns.map((column) =>
      column.name === 'id' ? { ...column, identity: { kind: 'autoincrement' as const } } : column,
    );
    return duckdb.ddl.adopt({ ...table, columns }, 'sqlite').table;
  };
  assert.deepEqual(await copyFile(from, to, { change: numbered }), []);
  await makeFile(to, ['INSERT INTO "a ""b""" DEFAULT VALUES']);
  assert.deepEqual(await ask(to, 'SELECT * FROM "a ""b""" ORDER BY 1'), [
    ['4', '1'],
    ['5', '7'],
  ]);
});
