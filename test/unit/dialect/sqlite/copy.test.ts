// SQLite to SQLite: every value and every class comes through untouched, whatever table it stands in.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { checkColumn } from '../../../../src/batch/column.ts';
import { copy, database, query, readAll, requestFor, requestOf, source, tableOf } from './files.ts';

const EDGES = `
  CREATE TABLE edge (id INTEGER PRIMARY KEY, i BIGINT, r REAL, t TEXT, b BLOB, x, n NUMERIC);
  INSERT INTO edge VALUES
    (-9223372036854775808, 9223372036854775807, 1e308, 'a', x'', 1, 5),
    (0, -9223372036854775808, -0.0, '', x'00ff', 1.0, 5.5),
    (1, 9007199254740993, 9e999, 'a' || char(0) || 'b', zeroblob(3), 'x', 'abc'),
    (2, -9007199254740993, -9e999, CAST(x'61ff62' AS TEXT), NULL, x'01', -9223372036854775808),
    (3, NULL, 5e-324, char(65533) || 'ü🚢', x'61', CAST(x'c328' AS TEXT), 1e300),
    (9223372036854775807, 0, NULL, NULL, NULL, NULL, NULL);
`;

const DUMP =
  'SELECT id, i, r, hex(t), typeof(t), hex(b), typeof(x), hex(x), typeof(n), n FROM edge ORDER BY id';

test('edge values of every class', async (context) => {
  const from = database(context, EDGES);
  const to = await copy(context, from);
  assert.deepEqual(query(to, DUMP), query(from, DUMP));
  const [{ sql }] = query(to, `SELECT json_object('sql', sql) FROM sqlite_schema WHERE name = 'edge'`).map(
    ([text]) => JSON.parse(String(text)),
  );
  assert.match(sql, /"id" INTEGER PRIMARY KEY/);
});

test('tables with odd keys, names and shadowed rowids', async (context) => {
  const from = database(
    context,
    `CREATE TABLE w (a TEXT, b INT, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
     INSERT INTO w VALUES ('x', 1, CAST(x'ff' AS TEXT)), ('x', 2, char(65533)), ('a', 1, 'plain');
     CREATE TABLE hidden (rowid TEXT, oid TEXT, _rowid_ TEXT); INSERT INTO hidden VALUES ('a', 'b', 'c'), ('d', 'e', NULL);
     CREATE TABLE one (rowid TEXT); INSERT INTO one VALUES ('z');
     CREATE TABLE d (a INTEGER PRIMARY KEY DESC, b); INSERT INTO d VALUES (NULL, 1), (NULL, 2), (5, 3);
     CREATE TABLE "we ""ird" ("se'lect" INT, "" TEXT); INSERT INTO "we ""ird" VALUES (1, 'x');
     CREATE TABLE g (a INT, twice AS (a * 2), more AS (a + 1) STORED); INSERT INTO g VALUES (21);
     CREATE TABLE st (a INT PRIMARY KEY, b ANY, c TEXT) STRICT; INSERT INTO st VALUES (1, 1, 'x'), (2, 2.0, NULL);`,
  );
  const to = await copy(context, from);
  for (const [sql] of [
    ['SELECT a, b, hex(c) FROM w ORDER BY a, b'],
    ['SELECT * FROM hidden ORDER BY "oid"'],
    ['SELECT * FROM one'],
    ['SELECT * FROM d ORDER BY b'],
    ['SELECT * FROM "we ""ird"'],
    ['SELECT * FROM g'],
    ['SELECT a, b, typeof(b), c FROM st ORDER BY a'],
  ]) {
    assert.deepEqual(query(to, sql), query(from, sql), sql);
  }
  const options = "SELECT name, wr, strict FROM pragma_table_list WHERE name IN ('w', 'st') ORDER BY name";
  assert.deepEqual(query(to, options), query(from, options));
});

test('a UTF-16 file', async (context) => {
  for (const encoding of ['UTF-16le', 'UTF-16be']) {
    const from = database(
      context,
      `PRAGMA encoding = '${encoding}'; CREATE TABLE t (a TEXT, b TEXT);
       INSERT INTO t VALUES ('ü🚢', 'x'), (char(65533), 'y' || char(0) || 'z'), ('', NULL)`,
    );
    const to = await copy(context, from);
    const sql = 'SELECT a, b, length(a) FROM t ORDER BY rowid';
    assert.deepEqual(query(to, sql), query(from, sql));
  }
});

test('wide rows are read one by one, and chunks end at their bytes', async (context) => {
  const path = database(context, 'CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB, c TEXT)', (db) => {
    const insert = db.prepare('INSERT INTO t VALUES (?, zeroblob(?), ?)');
    for (let id = 1; id <= 40; id++) insert.run(id, id % 10 === 0 ? 3_000_000 : 10, 'ü'.repeat(id * 1000));
    insert.run(100, 8_000_000, '\ufffd'.repeat(10));
  });
  const engine = await source(context, path);
  const request = await requestFor(engine, await tableOf(engine, 't'));
  const [evidence] = await engine.prescan({
    table: request.table,
    where: null,
    columns: [{ name: 'b', probes: ['storage'] }],
  });
  assert.deepEqual([evidence.storage?.blob, evidence.maxBlobBytes], [41, 8_000_000]);
  const chunks = await readAll(engine, request);
  assert.ok(chunks.length > 4);
  assert.equal(
    chunks.reduce((sum, { rowCount }) => sum + rowCount, 0),
    41,
  );
  for (const { payload } of chunks) {
    assert.ok(payload.form === 'columns');
    payload.columns.forEach((column, at) => {
      checkColumn(column, request.columns[at].name);
    });
  }
  await engine.close();
  const to = await copy(context, path);
  const sql = 'SELECT id, length(b), length(c), octet_length(c) FROM t ORDER BY id';
  assert.deepEqual(query(to, sql), query(path, sql));
});

test('partitions hold each row once, whatever the rowids', async (context) => {
  const path = database(
    context,
    `CREATE TABLE t (id INTEGER PRIMARY KEY);
     INSERT INTO t VALUES (-9223372036854775808), (-5), (0), (123456789), (9223372036854775807)`,
  );
  const engine = await source(context, path);
  const request = await requestFor(engine, await tableOf(engine, 't'));
  assert.equal((await engine.partitions(request, 4)).length, 4);
  const chunks = await readAll(engine, request, 4);
  const ids = chunks.flatMap(({ payload, rowCount }) =>
    payload.form === 'columns' ? [...new BigInt64Array(payload.columns[0].data.buffer, 0, rowCount)] : [],
  );
  assert.deepEqual(ids, [-(2n ** 63n), -5n, 0n, 123456789n, 2n ** 63n - 1n]);
  const where = { ...request, where: 'id > 0 -- a comment' };
  assert.equal(
    (await readAll(engine, where)).reduce((sum, { rowCount }) => sum + rowCount, 0),
    2,
  );
  assert.equal(await engine.countRows(request.table, where.where), 2);
});

test('a value of the wrong class is refused with its place', async (context) => {
  const path = database(
    context,
    `CREATE TABLE t (id INTEGER PRIMARY KEY, c); INSERT INTO t VALUES (7, 'seven')`,
  );
  const engine = await source(context, path);
  const request = requestOf(await tableOf(engine, 't'), { c: { kind: 'int', bits: 64, signed: true } });
  await assert.rejects(readAll(engine, request), {
    code: 'E_MIXED_STORAGE',
    value: 'seven',
    place: { dialect: 'sqlite', table: 't', column: 'c', row: { id: '7' } },
  });
});

test('decimals and Julian days from numbers', async (context) => {
  const path = database(
    context,
    `CREATE TABLE t (d DECIMAL(18,2), j DATE);
     INSERT INTO t VALUES (1.1, 2440587.5), (-0.01, 2440588), (123456789012345, 2459000.25), (NULL, NULL), (5, 0)`,
  );
  const engine = await source(context, path);
  const request = requestOf(await tableOf(engine, 't'), {
    d: { kind: 'decimal', precision: 18, scale: 2 },
    j: { kind: 'timestamp', unit: 'us', zone: false },
  });
  const [{ payload }] = await readAll(engine, request);
  assert.ok(payload.form === 'columns');
  const [d, j] = payload.columns;
  const low = [...new BigInt64Array(d.data.buffer)].filter((_, at) => at % 2 === 0);
  assert.deepEqual(low, [110n, -1n, 12345678901234500n, 0n, 500n]);
  assert.equal(d.nullCount, 1);
  assert.deepEqual([...new BigInt64Array(j.data.buffer)].slice(0, 3), [
    0n,
    43_200_000_000n,
    1590861600000000n,
  ]);
});

test('the source is never written, in WAL mode neither', async (context) => {
  for (const mode of ['delete', 'wal']) {
    const path = database(context, `PRAGMA journal_mode = ${mode}; ${EDGES}`);
    const before = createHash('sha256').update(readFileSync(path)).digest('hex');
    await copy(context, path);
    assert.equal(createHash('sha256').update(readFileSync(path)).digest('hex'), before);
    assert.deepEqual(readdirSync(dirname(path)), ['source.db']);
  }
});

test('the snapshot does not move under a run, and cursors take turns', async (context) => {
  const path = database(
    context,
    'PRAGMA journal_mode = wal; CREATE TABLE t (a INT); INSERT INTO t SELECT value FROM generate_series(1, 5)'.replace(
      'generate_series(1, 5)',
      '(WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < 5) SELECT * FROM s)',
    ),
  );
  const engine = await source(context, path);
  const request = { ...(await requestFor(engine, await tableOf(engine, 't'))), batchRows: 2 };
  const [partition] = await engine.partitions(request, 1);
  const first = await engine.openCursor(request, partition);
  const second = await engine.openCursor(request, partition);
  assert.equal((await engine.next(first))?.rowCount, 2);
  const writer = new Database(path);
  writer.exec('INSERT INTO t VALUES (6)');
  writer.close();
  assert.equal((await engine.next(second))?.rowCount, 2);
  assert.deepEqual([(await engine.next(first))?.rowCount, (await engine.next(first))?.rowCount], [2, 1]);
  assert.equal(await engine.next(first), null);
  assert.equal(await engine.countRows(request.table, null), 5);
  const batch = await engine.sample(request.table, 3);
  assert.deepEqual([batch.rowCount, batch.fields[0].type.kind], [3, 'int']);
  await engine.close();
  assert.ok(existsSync(path));
});
