// Rows that the target takes out of the source's file by itself: the same as those that are read, wherever chunks end.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { Chunk, ReferencePayload } from '../../../../src/batch/chunk.ts';
import { ROW_GROUP_ROWS } from '../../../../src/dialect/duckdb/chunk-source.ts';
import { duckdb } from '../../../../src/dialect/duckdb/index.ts';
import { ask, copyFile, entryFor, loadsFor, makeFile, newPath, RUN, sameRows } from './files.ts';

const ROWS = 300_000;

const EVERYTHING = `CREATE TABLE everything AS SELECT i::BIGINT AS id, (i % 200)::UTINYINT AS tiny, i::HUGEINT * 170141183460469231731 AS huge,
  (i / 7)::DECIMAL(30, 9) AS exact, CASE WHEN i % 3 = 0 THEN NULL ELSE 'text ' || i END AS words, ('\\x00\\x' || 'FF')::BLOB AS bytes,
  (CASE i % 2 WHEN 0 THEN 'calm' ELSE 'rough' END)::ENUM('calm', 'rough') AS sea, [i, NULL, i + 1] AS list,
  {'a': i, 'b': [to_days((i % 9)::INT)]} AS struct, MAP {'k': i % 5} AS map, ('{"n": ' || i || '}')::JSON AS json,
  i::BIT AS bits, uuid() AS uuid, 'infinity'::TIMESTAMP AS ever, TIME '12:00:00' AS noon, (1 / (i + 1))::FLOAT AS small,
  i::BIGNUM AS big, array_value(i, i) AS pair FROM range(${ROWS}) t(i)`;

test('rows of every type, with rows deleted among them, in their order', async (t) => {
  const from = newPath(t, "it's from.duckdb");
  const to = newPath(t, 'to.duckdb');
  await makeFile(from, [
    EVERYTHING,
    'CREATE TABLE empty (id INTEGER)',
    'CREATE SCHEMA side',
    'CREATE TABLE side.plain AS SELECT range AS id FROM range(5)',
    // Each row group lacks some, the second all.
    `DELETE FROM everything WHERE id % 1000 = 7 OR id BETWEEN ${ROW_GROUP_ROWS} AND ${2 * ROW_GROUP_ROWS - 1}`,
  ]);
  const references = { count: 0 };
  await copyFile(from, to, { references, batchRows: 50_000 });
  assert.ok(references.count > 3, `${references.count} references`);
  assert.ok(await sameRows(from, to, 'everything'));
  const [[unordered]] = await ask(
    to,
    'SELECT count(*) FROM (SELECT id, lag(id) OVER (ORDER BY rowid) AS before FROM everything) WHERE before >= id',
  );
  assert.equal(unordered, '0');
  assert.deepEqual(await ask(to, 'SELECT count(*) FROM side.plain'), [['5']]);
});

test('long rows are read, wherever they lie', async (t) => {
  const [from, to] = [newPath(t, 'from.duckdb'), newPath(t, 'to.duckdb')];
  await makeFile(from, [
    "CREATE TABLE long AS SELECT i AS id, repeat('x', i * 6) AS words FROM range(9000) t(i)",
  ]);
  const references = { count: 0 };
  await copyFile(from, to, { references });
  assert.equal(references.count, 0);
  assert.ok(await sameRows(from, to, 'long'));
});

test('a chunk without its first rows, and one that is not what was counted', async (t) => {
  const [from, to] = [newPath(t, 'from.duckdb'), newPath(t, 'to.duckdb')];
  await makeFile(from, ['CREATE TABLE t AS SELECT i AS id FROM range(5000) t(i)']);
  const source = await duckdb.openSource(duckdb.locate(from, {}), { connections: 1 });
  t.after(() => source.close());
  const rowsFrom = duckdb.locate(from, {});
  const target = await duckdb.openTarget(duckdb.locate(to, {}), {
    connections: 1,
    readOnly: false,
    rowsFrom,
  });
  t.after(() => target.close());
  const { tables } = await source.catalog(['*']);
  const [load] = loadsFor(tables);
  await target.beginRun({ ...RUN, runId: load.runId });
  await target.prepare([load]);
  const columns = [{ ...load.columns[0], select: 'native' as const }];
  const request = { table: tables[0], columns, where: null, batchRows: 2000, batchBytes: 1 << 20 };
  const cursor = await source.openCursor(
    { ...request, references: true },
    (await source.partitions(request, 1))[0],
  );
  const next = async (): Promise<Chunk & { payload: ReferencePayload }> => {
    const chunk = await source.next(cursor);
    if (chunk?.payload.form !== 'reference') return assert.fail(chunk?.payload.form);
    return { ...chunk, payload: chunk.payload };
  };
  const writer = await target.openWriter(load);
  const first = await next();
  const behind = { ...first, rowCount: 500, payload: { ...first.payload, skipRows: 1500 } };
  await target.write(writer, behind, entryFor(load, 0, 500));
  const second = await next();
  await target.write(writer, second, entryFor(load, 1, second.rowCount));
  await target.commit(writer);
  assert.equal(await target.countStaged(load), 2500);
  const third = await next();
  await target.write(writer, { ...third, rowCount: 999 }, entryFor(load, 2, 999));
  await assert.rejects(target.commit(writer), { code: 'E_SOURCE_CHANGED' });
  await target.closeWriter(writer);
  assert.equal(await target.countStaged(load), 2500);
});

test('no file can be read but the one', async (t) => {
  const [from, to, other] = ['from', 'to', 'other'].map((name) => newPath(t, `${name}.duckdb`));
  await makeFile(other, ['CREATE TABLE t AS SELECT 1 AS id']);
  await makeFile(from, [
    `CREATE VIEW v AS SELECT * FROM read_blob('${other}')`,
    'CREATE TABLE t (id INTEGER)',
  ]);
  await makeFile(to, [`CREATE VIEW v AS SELECT * FROM read_blob('${other}')`]);
  const rowsFrom = duckdb.locate(from, {});
  const target = await duckdb.openTarget(duckdb.locate(to, {}), {
    connections: 1,
    readOnly: false,
    rowsFrom,
  });
  try {
    await assert.rejects(target.countRows({ schema: 'main', name: 'v' }, null), /disabled by configuration/);
  } finally {
    await target.close();
  }
});

test('no other process can write the source while both ends have it open', async (t) => {
  const [from, to] = [newPath(t, 'from.duckdb'), newPath(t, 'to.duckdb')];
  await makeFile(from, ['CREATE TABLE t (id INTEGER)']);
  const opening = `import { DuckDBInstance } from '@duckdb/node-api'; await DuckDBInstance.create(process.argv[1]);`;
  const write = () =>
    spawnSync(process.execPath, ['--input-type=module', '-e', opening, from], { encoding: 'utf8' });
  const rowsFrom = duckdb.locate(from, {});
  const source = await duckdb.openSource(rowsFrom, { connections: 1 });
  const target = await duckdb.openTarget(duckdb.locate(to, {}), {
    connections: 1,
    readOnly: false,
    rowsFrom,
  });
  assert.match(write().stderr, /Could not set lock/);
  await target.close();
  await source.close();
  assert.equal(write().status, 0);
});
