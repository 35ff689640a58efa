// Opening files that can't be opened, and what the catalog tells of one that can.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { duckdb } from '../../../../src/dialect/duckdb/index.ts';
import { ask, makeFile, newPath, openTarget, RUN } from './files.ts';

const openSource = (path: string) => duckdb.openSource(duckdb.locate(path, {}), { connections: 1 });

test('each kind of wrong file has its own error', async (context) => {
  const good = newPath(context, 'good.duckdb');
  const folder = dirname(good);
  await makeFile(good, ['CREATE TABLE t AS SELECT 1 AS x']);
  await assert.rejects(openSource(join(folder, 'goof.duckdb')), (error: { code: string; hint: string }) => {
    assert.equal(error.code, 'E_FILE_MISSING');
    assert.match(error.hint, /good\.duckdb/);
    return true;
  });
  await assert.rejects(openTarget(join(folder, 'no', 'where.duckdb')), { code: 'E_FILE_MISSING' });
  mkdirSync(join(folder, 'folder.duckdb'));
  await assert.rejects(openSource(join(folder, 'folder.duckdb')), { code: 'E_NOT_A_FILE' });
  const files: [string, Uint8Array | string][] = [
    ['empty', ''],
    ['short', 'DU'],
    ['junk', 'no database at all '.repeat(2000)],
    ['sqlite', `SQLite format 3\0${'\0'.repeat(4000)}`],
    ['truncated', readFileSync(good).subarray(0, 9000)],
  ];
  for (const [name, content] of files) {
    const path = join(folder, `${name}.duckdb`);
    writeFileSync(path, content);
    await assert.rejects(openSource(path), { code: 'E_NOT_A_DATABASE' }, name);
    await assert.rejects(openTarget(path), { code: 'E_NOT_A_DATABASE' }, name);
    assert.deepEqual(readFileSync(path), Buffer.from(content as Uint8Array), `${name} is untouched`);
  }
  if (process.getuid?.() !== 0) {
    chmodSync(good, 0o000);
    await assert.rejects(openSource(good), { code: 'E_FILE_UNREADABLE' });
  }
});

test('a file is open once in a process, and not while another process writes it', async (context) => {
  const path = newPath(context);
  await makeFile(path, ['CREATE TABLE t AS SELECT 1 AS x']);
  const source = await openSource(path);
  await assert.rejects(openTarget(path), { code: 'E_LOCKED' });
  await assert.rejects(openSource(path), { code: 'E_LOCKED' });
  await source.close();
  const script = `
    const { DuckDBInstance } = require('@duckdb/node-api');
    DuckDBInstance.create(${JSON.stringify(path)}).then((i) => { global.i = i; console.log('open'); setTimeout(() => {}, 60000); });`;
  const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(other.stdout, 'data');
    await assert.rejects(openSource(path), (error: { code: string; hint: string }) => {
      assert.equal(error.code, 'E_LOCKED');
      assert.match(error.hint, new RegExp(String(other.pid)));
      return true;
    });
  } finally {
    other.kill();
    await once(other, 'exit');
  }
  await (await openSource(path)).close();
});

test('a target that is only looked at need not exist, and is not made', async (context) => {
  const path = newPath(context);
  const target = await duckdb.openTarget(duckdb.locate(path, {}), { connections: 1, readOnly: true });
  assert.deepEqual((await target.catalog(['*'])).tables, []);
  const info = await target.describe();
  assert.match(info.version, /^1\.5/);
  assert.ok((info.freeBytes ?? 0) > 0);
  await target.close();
  await assert.rejects(openSource(path), { code: 'E_FILE_MISSING' });
});

test('the ledger is made whole, with the row of its run, or not at all', async (context) => {
  const path = newPath(context);
  await makeFile(path, ['CREATE TABLE own (x INTEGER)']);
  const target = await openTarget(path);
  const made = async () =>
    Number((await ask(path, "SELECT count(*) FROM duckdb_tables() WHERE schema_name = '_ferrow'"))[0][0]);
  // What a kill in its midst leaves is what a failure at its end does.
  await assert.rejects(target.beginRun({ ...RUN, planHash: null as unknown as string }), {
    code: 'E_CONSTRAINT',
  });
  await target.close();
  assert.equal(await made(), 0);
  const again = await openTarget(path);
  await again.beginRun(RUN);
  assert.equal((await again.readRuns()).length, 1);
  await again.endRun(RUN.runId, 'failed', true);
  await again.close();
  assert.ok((await made()) > 3);
});

test('the catalog tells everything, and nothing of Ferrow', async (context) => {
  const path = newPath(context);
  await makeFile(path, [
    'CREATE SCHEMA other',
    'CREATE SCHEMA _ferrow',
    'CREATE TABLE _ferrow.runs (x INTEGER)',
    'CREATE TABLE _ferrow_1_2 (x INTEGER)',
    'CREATE SEQUENCE ids START 7',
    'CREATE SEQUENCE loose',
    "CREATE TYPE mood AS ENUM ('a', 'b')",
    "CREATE TABLE p (a INTEGER DEFAULT nextval('ids'), b VARCHAR COLLATE nocase, PRIMARY KEY (b, a))",
    'CREATE TABLE c (x INTEGER NOT NULL, y VARCHAR UNIQUE, z INTEGER GENERATED ALWAYS AS (x + 1), CHECK (x > 0), FOREIGN KEY (y, x) REFERENCES p (b, a))',
    'CREATE TABLE other.c (m mood)',
    'CREATE UNIQUE INDEX "i 1" ON c (x, (lower(y)))',
    "COMMENT ON TABLE p IS 'parents'",
    "COMMENT ON COLUMN p.a IS 'it''s'",
    'CREATE VIEW v AS SELECT * FROM p',
    'CREATE MACRO twice(n) AS n * 2',
    "SELECT nextval('ids')",
  ]);
  const source = await openSource(path);
  try {
    const main = await source.catalog([]);
    assert.deepEqual(
      main.tables.map((table) => table.name),
      ['p', 'c'],
    );
    const [p, c] = main.tables;
    assert.deepEqual(p.primaryKey, { name: null, columns: ['b', 'a'] });
    assert.deepEqual(p.columns[0].identity, { kind: 'serial', next: '8' });
    assert.equal(p.columns[0].comment, "it's");
    assert.equal(p.columns[1].collation, 'nocase');
    assert.equal(p.comment, 'parents');
    assert.deepEqual(
      c.columns.map((column) => column.nullable),
      [false, true, true],
    );
    const { meaning, ...generated } = c.columns[2].generated ?? {};
    assert.deepEqual(generated, { expression: 'x + 1', stored: false });
    assert.equal(meaning?.node, 'arithmetic');
    assert.deepEqual(c.uniques, [{ name: null, columns: ['y'] }]);
    assert.deepEqual(
      c.checks.map(({ name, expression }) => ({ name, expression })),
      [{ name: null, expression: 'x > 0' }],
    );
    assert.equal(c.foreignKeys.length, 1);
    assert.deepEqual(c.foreignKeys[0].columns, ['y', 'x']);
    assert.deepEqual(c.foreignKeys[0].references, { schema: 'main', name: 'p' });
    const [index] = c.indexes;
    assert.equal(index.name, 'i 1');
    assert.ok(index.unique);
    assert.deepEqual(
      index.parts.map((part) => part.column ?? part.expression),
      ['x', 'lower(y)'],
    );
    assert.deepEqual(
      main.others.map((one) => `${one.kind} ${one.name}`),
      ['sequence loose', 'type mood', 'function twice'],
    );
    const [view] = main.views;
    assert.equal(`${view.name} (${view.columns.join(', ')}) reads ${view.reads[0].name}`, 'v (a, b) reads p');
    const all = await source.catalog(['*']);
    assert.deepEqual(all.tables.map((table) => `${table.schema}.${table.name}`).sort(), [
      'main.c',
      'main.p',
      'other.c',
    ]);
    assert.equal(
      all.tables.find((table) => table.schema === 'other')?.columns[0].nativeType,
      "ENUM('a', 'b')",
    );
    const sample = await source.sample(all.tables.find((table) => table.schema === 'other')!, 5);
    assert.equal(sample.columns.length, 1);
    assert.equal(sample.rowCount, 0);
  } finally {
    await source.close();
  }
});
