// The life of a target table: staging, finish, replace, append, and what is left when things go wrong.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { sqlite } from '../../../../src/dialect/sqlite/index.ts';
import type { TableSchema } from '../../../../src/types/schema.ts';
import {
  database,
  folder,
  loadFor,
  query,
  RUN,
  readAll,
  requestFor,
  source,
  tableOf,
  target,
  writeAll,
} from './files.ts';

async function chunksOf(context: TestContext, sql: string, name = 't') {
  const engine = await source(context, database(context, sql));
  const request = await requestFor(engine, await tableOf(engine, name));
  return { request, chunks: await readAll(engine, request), engine };
}

const names = (path: string) =>
  query(
    path,
    `SELECT name FROM sqlite_schema WHERE name NOT LIKE '%ferrow%' AND name NOT LIKE 'sqlite%' ORDER BY name`,
  ).flat();

test('a new table takes its name at the end, with keys, indexes and sequence', async (context) => {
  const { request, chunks } = await chunksOf(
    context,
    `CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, p INT REFERENCES t (id), u TEXT UNIQUE);
     CREATE INDEX "by p" ON t (p DESC);
     INSERT INTO t VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 99, 'c'); INSERT INTO t VALUES (50, 1, 'd');
     DELETE FROM t WHERE id = 50`,
  );
  const path = join(folder(context), 'new.db');
  const engine = await target(context, path);
  await engine.beginRun(RUN);
  const load = loadFor(request);
  await engine.prepare([load]);
  await writeAll(engine, load, chunks);
  assert.equal(await engine.countStaged(load), 3);
  assert.deepEqual((await engine.catalog([])).tables, []);
  assert.deepEqual(await engine.finishTable(load), []);
  const notCarried = await engine.finishRun([load]);
  assert.deepEqual(
    notCarried.map(({ object, name, instead, reason }) => [object, name, instead, reason]),
    [['foreign key', '(p)', 'with violations', '1 row finds no parent in "t"']],
  );
  await engine.endRun('run', 'done');
  await engine.close();
  assert.deepEqual(names(path), ['by p', 't']);
  assert.deepEqual(query(path, 'SELECT seq FROM sqlite_sequence'), [[50n]]);
  assert.deepEqual(query(path, 'SELECT state, ended_at IS NULL FROM _ferrow_runs'), [['done', 0n]]);
  assert.deepEqual(query(path, 'SELECT table_id, seq, "rows" FROM _ferrow_chunks'), [['t', 0n, 3n]]);
  assert.deepEqual(query(path, 'PRAGMA integrity_check'), [['ok']]);
  assert.deepEqual(readdirSync(dirname(path)), ['new.db']);
});

test('replace leaves views and the foreign keys of others as they are', async (context) => {
  const { request, chunks } = await chunksOf(
    context,
    "CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 'new')",
  );
  const path = database(
    context,
    `CREATE TABLE t (id INTEGER PRIMARY KEY, old TEXT); INSERT INTO t VALUES (1, 'old'), (2, 'old');
     CREATE INDEX i ON t (old); CREATE TRIGGER gone AFTER DELETE ON t BEGIN SELECT 1; END;
     CREATE TABLE child (a INT REFERENCES t (id)); INSERT INTO child VALUES (2);
     CREATE VIEW v AS SELECT * FROM t`,
  );
  const engine = await target(context, path);
  await engine.beginRun(RUN);
  const load = loadFor(request, { mode: 'replace' });
  await engine.prepare([load]);
  await writeAll(engine, load, chunks);
  const lost = await engine.finishTable(load);
  assert.deepEqual(
    lost.map(({ object, name }) => [object, name]),
    [['trigger', 'gone']],
  );
  await engine.endRun('run', 'done');
  await engine.close();
  assert.deepEqual(query(path, 'SELECT * FROM v'), [[1n, 'new']]);
  assert.deepEqual(query(path, "SELECT sql FROM sqlite_schema WHERE name = 'child'"), [
    ['CREATE TABLE child (a INT REFERENCES t (id))'],
  ]);
  assert.deepEqual(names(path), ['child', 't', 'v']);
});

test('append is all or none, and names the column that refuses', async (context) => {
  const { request, chunks } = await chunksOf(
    context,
    "CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 'x'), (5, 'y')",
  );
  const path = database(
    context,
    "CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT, c DEFAULT 7); INSERT INTO t VALUES (5, 'there', 0)",
  );
  const engine = await target(context, path);
  await engine.beginRun(RUN);
  const load = loadFor(request, { mode: 'append', table: await tableOf(engine, 't') });
  await engine.prepare([load]);
  await writeAll(engine, load, chunks);
  await assert.rejects(engine.finishTable(load), { code: 'E_CONSTRAINT', message: /primary key \(id\)/ });
  assert.equal(await engine.countRows(load.table, null), 1);
  assert.equal(await engine.countRows(load.table, 'id = 5'), 1);
  await engine.abandon([load]);
  const other = loadFor({ ...request, columns: [request.columns[1]] }, { mode: 'append', table: load.table });
  await engine.prepare([other]);
  await writeAll(
    engine,
    other,
    chunks.map((chunk) =>
      chunk.payload.form === 'columns'
        ? { ...chunk, payload: { ...chunk.payload, columns: [chunk.payload.columns[1]] } }
        : chunk,
    ),
  );
  await engine.finishTable(other);
  await engine.close();
  assert.deepEqual(query(path, 'SELECT b, c FROM t ORDER BY id'), [
    ['there', 0n],
    ['x', 7n],
    ['y', 7n],
  ]);
});

test('a chunk that breaks a constraint leaves nothing and names its row', async (context) => {
  const { request, chunks } = await chunksOf(
    context,
    `CREATE TABLE t (k TEXT, v INT); INSERT INTO t VALUES ('a', 1), ('b', 2), ('a', 3)`,
  );
  const path = join(folder(context), 'new.db');
  const engine = await target(context, path);
  await engine.beginRun(RUN);
  const table: TableSchema = { ...request.table, primaryKey: { name: null, columns: ['k'] } };
  const load = loadFor(request, { table });
  await engine.prepare([load]);
  await assert.rejects(writeAll(engine, load, chunks), {
    code: 'E_CONSTRAINT',
    message: 'table "t": a row breaks a primary key (k)',
    place: { dialect: 'sqlite', table: 't', column: 'k', row: { k: 'a' } },
  });
  assert.equal(await engine.countStaged(load), 0);
  await engine.abandon([load]);
  await engine.endRun('run', 'failed');
  await engine.close();
  assert.equal(existsSync(path), false, 'a file that this run made goes again');
});

test('a unique index that rows break is listed; names that are taken give way', async (context) => {
  const { request, chunks } = await chunksOf(
    context,
    `CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (1)`,
  );
  const path = database(context, 'CREATE TABLE other (a); CREATE INDEX "I" ON other (a)');
  const engine = await target(context, path);
  await engine.beginRun(RUN);
  const part = { column: 'a', expression: null, descending: false, collation: null };
  const index = { parts: [part], where: null, method: 'btree', plain: true, definition: '' };
  const table: TableSchema = {
    ...request.table,
    indexes: [
      { ...index, name: 'i', unique: false },
      { ...index, name: 'once', unique: true },
    ],
  };
  const load = loadFor(request, { table });
  await engine.prepare([load]);
  await writeAll(engine, load, chunks);
  const notCarried = await engine.finishTable(load);
  assert.deepEqual(
    notCarried.map(({ object, name, instead }) => [object, name, instead]),
    [
      ['index', 'i', 'as t_i'],
      ['index', 'once', undefined],
    ],
  );
  await engine.close();
  assert.deepEqual(names(path), ['I', 'other', 't', 't_i']);
});

test('texts that an existing column would make numbers are refused', async (context) => {
  const { request, chunks } = await chunksOf(
    context,
    `CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('1.10')`,
  );
  const path = database(context, 'CREATE TABLE t (a JSON)');
  const engine = await target(context, path);
  await engine.beginRun(RUN);
  const load = loadFor(request, { mode: 'append', table: await tableOf(engine, 't') });
  await engine.prepare([load]);
  await assert.rejects(writeAll(engine, load, chunks), { code: 'E_TYPE_MISMATCH' });
});

test('read-only, a missing file is an empty database and is not made', async (context) => {
  const path = join(folder(context), 'none.db');
  const engine = await sqlite.openTarget(sqlite.locate(path, {}), { connections: 1, readOnly: true });
  assert.deepEqual((await engine.catalog([])).tables, []);
  assert.ok(((await engine.describe()).freeBytes ?? 0) > 0);
  await engine.close();
  assert.equal(existsSync(path), false);
});

test('tables of other engines are fitted into what SQLite can say', () => {
  const column = {
    nullable: false,
    default: null,
    identity: null,
    generated: null,
    collation: null,
    comment: null,
  };
  const table: TableSchema = {
    schema: 'public',
    name: 'o',
    columns: [
      { ...column, name: 'id', nativeType: 'BIGINT', identity: { kind: 'always', next: '9' } },
      {
        ...column,
        name: 'at',
        nativeType: 'TIMESTAMPTZ',
        default: { kind: 'now', what: 'timestamp', sql: 'now()' },
      },
      {
        ...column,
        name: 'x',
        nativeType: 'TEXT',
        collation: 'de_DE',
        default: { kind: 'expression', sql: 'f()' },
      },
    ],
    primaryKey: { name: 'o_pkey', columns: ['id'] },
    uniques: [],
    foreignKeys: [],
    checks: [{ name: 'c', expression: 'x ~ 1' }],
    indexes: [
      {
        name: 'g',
        unique: false,
        parts: [],
        where: null,
        method: 'gin',
        plain: true,
        definition: 'CREATE INDEX g',
      },
    ],
    comment: 'hello',
    estimatedRows: null,
    sizeBytes: null,
  };
  const { table: adopted, notCarried } = sqlite.ddl.adopt(table, 'postgres');
  assert.deepEqual(notCarried.map(({ object }) => object).sort(), [
    'check',
    'collation',
    'comment',
    'default',
    'index',
  ]);
  const [sql] = sqlite.ddl.script([adopted], { indexes: true, foreignKeys: true });
  assert.equal(
    sql,
    [
      'CREATE TABLE "o" (',
      '  "id" INTEGER CONSTRAINT "o_pkey" PRIMARY KEY AUTOINCREMENT NOT NULL,',
      `  "at" TIMESTAMPTZ NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%S+00:00', 'now')),`,
      '  "x" TEXT NOT NULL',
      ')',
    ].join('\n'),
  );
  assert.throws(() => sqlite.ddl.quote('a\0b'), { code: 'E_IDENTIFIER_INVALID' });
  assert.equal(sqlite.ddl.quote('a"b'), '"a""b"');
});

test('the checks of a live table judge appended rows', async (context) => {
  const { request, chunks } = await chunksOf(
    context,
    'CREATE TABLE t (a INT); INSERT INTO t VALUES (5), (-1)',
  );
  const path = database(context, 'CREATE TABLE t (a INT, CONSTRAINT "above 0" CHECK (a > 0))');
  const engine = await target(context, path);
  await engine.beginRun(RUN);
  const load = loadFor(request, { mode: 'append', table: await tableOf(engine, 't') });
  await engine.prepare([load]);
  await writeAll(engine, load, chunks);
  await assert.rejects(engine.finishTable(load), { code: 'E_CONSTRAINT', message: /CHECK constraint/ });
  await engine.close();
  assert.deepEqual(query(path, 'SELECT count(*) FROM t'), [[0n]]);
});
