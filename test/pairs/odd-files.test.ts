// What is too odd or too large for the matrix: SQLite files in UTF-16, a blob of 20 MB, an enum of 70,000 labels.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { DatabaseFactory, DatabaseMigrator } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());
const folder = temporaryFolder({ after });

async function carry(from: string, to: string): Promise<void> {
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const report = await migrator.migrateAllTables();
  assert.equal(report.error, null, JSON.stringify(report.error));
}

for (const encoding of ['UTF-16le', 'UTF-16be']) {
  test(`a file in ${encoding}`, async () => {
    const path = join(folder, `${encoding}.db`);
    const database = new SqliteDatabase(path);
    database.pragma(`encoding = '${encoding}'`);
    database.exec(`CREATE TABLE "täble" (id INTEGER PRIMARY KEY, "ä" TEXT DEFAULT 'ö', v TEXT);
      INSERT INTO "täble" VALUES (1, 'äöü€', 'plain'), (2, '\u{1d11e} four bytes', ''), (3, NULL, '日本語'), (4, x'00ff', 1.5)`);
    database.exec('CREATE TABLE texts (id INTEGER PRIMARY KEY, t TEXT)');
    database.exec(`INSERT INTO texts VALUES (1, 'ä€\u{1d11e}'), (2, ''), (3, '日本')`);
    database.close();
    const from = `sqlite:${path}`;
    const sql = 'SELECT id, t FROM texts ORDER BY id';
    const rows = await queryText(from, sql);
    assert.equal(rows[0][1], 'ä€\u{1d11e}');
    const duckdb = `duckdb:${join(folder, `${encoding}.duckdb`)}`;
    await carry(from, duckdb);
    assert.deepEqual(await queryText(duckdb, sql), rows);
    const mixed = 'SELECT id, "ä", v FROM "täble" ORDER BY id';
    const home = `sqlite:${join(folder, `${encoding}-home.db`)}`;
    await carry(duckdb, home);
    assert.deepEqual(await queryText(home, mixed), await queryText(from, mixed));
    const same = `sqlite:${join(folder, `${encoding}-same.db`)}`;
    await carry(from, same);
    const typed = 'SELECT id, typeof("ä"), quote("ä"), typeof(v), quote(v) FROM "täble" ORDER BY id';
    assert.deepEqual(await queryText(same, typed), await queryText(from, typed));
    assert.deepEqual(await queryText(home, typed), await queryText(from, typed));
    await runStatements(from, ['DROP TABLE "täble"']);
    const postgres = await server.createDatabase();
    await carry(from, postgres);
    assert.deepEqual(await queryText(postgres, sql), rows);
  });
}

test('a blob and a text of 20 MB', async () => {
  const from = `sqlite:${join(folder, 'huge.db')}`;
  await runStatements(from, [
    'CREATE TABLE huge (id INTEGER PRIMARY KEY, b BLOB, t TEXT)',
    `INSERT INTO huge VALUES (1, randomblob(20000000), NULL), (2, x'00', 'small'), (3, NULL, replace(hex(zeroblob(10000000)), '0', 'x'))`,
  ]);
  const [[, size, sum]] = await queryText(from, 'SELECT id, length(b), hex(b) FROM huge WHERE id = 1');
  const sides = {
    postgres: `SELECT length(b), upper(encode(b, 'hex')), (SELECT length(t) FROM huge WHERE id = 3) FROM huge WHERE id = 1`,
    duckdb:
      'SELECT octet_length(b), hex(b), (SELECT length(t) FROM huge WHERE id = 3) FROM huge WHERE id = 1',
  };
  for (const [url, sql] of [
    [await server.createDatabase(), sides.postgres],
    [`duckdb:${join(folder, 'huge.duckdb')}`, sides.duckdb],
  ]) {
    await carry(from, url);
    const [[bytes, hex, chars]] = await queryText(url, sql);
    assert.deepEqual([bytes, chars], [size, '20000000']);
    assert.ok(hex === sum, 'other bytes arrived');
    const home = `sqlite:${join(folder, `huge-from-${url.split(':')[0]}.db`)}`;
    await carry(url, home);
    const [[again]] = await queryText(home, 'SELECT hex(b) FROM huge WHERE id = 1');
    assert.ok(again === sum, 'other bytes came home');
  }
});

test('rows longer than a page, over every pair', async () => {
  const from = `sqlite:${join(folder, 'long.db')}`;
  const lengths = [1, 4_000, 32_600, 32_700, 32_733, 32_760, 65_536, 300_000, 1_000_000];
  await runStatements(from, [
    'CREATE TABLE long (id INTEGER PRIMARY KEY, t TEXT, b BLOB)',
    ...lengths.map(
      (length, at) =>
        `INSERT INTO long VALUES (${at}, substr(replace(hex(zeroblob(${length})), '0', 'a'), 1, ${length}) || '${at}', zeroblob(${length}))`,
    ),
  ]);
  const sql = 'SELECT id, length(t), octet_length(b), md5(t) FROM long ORDER BY id';
  const postgres = await server.createDatabase();
  const duckdb = `duckdb:${join(folder, 'long.duckdb')}`;
  await carry(from, postgres);
  await carry(from, duckdb);
  const rows = await queryText(duckdb, sql);
  assert.deepEqual(await queryText(postgres, sql), rows);
  assert.deepEqual(
    rows.map(([, length]) => Number(length)),
    lengths.map((length) => length + 1),
  );
  const plain = 'SELECT id, t, hex(b) FROM long ORDER BY id';
  const expected = await queryText(from, plain);
  for (const [at, source] of [from, postgres, duckdb].entries()) {
    const to = `sqlite:${join(folder, `long-${at}.db`)}`;
    await carry(source, to);
    assert.deepEqual(await queryText(to, 'PRAGMA integrity_check'), [['ok']]);
    assert.ok(JSON.stringify(await queryText(to, plain)) === JSON.stringify(expected), `from ${source}`);
  }
});

test('an enum whose labels need four bytes each', async () => {
  const labels = Array.from({ length: 70_000 }, (_unused, at) => `'l${at}'`).join(', ');
  const from = `duckdb:${join(folder, 'labels.duckdb')}`;
  await runStatements(from, [
    `CREATE TABLE t (id INTEGER PRIMARY KEY, v ENUM(${labels}))`,
    `INSERT INTO t VALUES (1, 'l0'), (2, 'l65535'), (3, 'l65536'), (4, 'l69999'), (5, NULL)`,
  ]);
  const rows = await queryText(from, 'SELECT * FROM t ORDER BY id');
  const same = `duckdb:${join(folder, 'labels-same.duckdb')}`;
  const sqlite = `sqlite:${join(folder, 'labels.db')}`;
  const postgres = await server.createDatabase();
  const home = `duckdb:${join(folder, 'labels-home.duckdb')}`;
  for (const [source, target] of [
    [from, same],
    [from, sqlite],
    [from, postgres],
    [postgres, home],
  ]) {
    await carry(source, target);
    assert.deepEqual(await queryText(target, 'SELECT * FROM t ORDER BY id'), rows, target);
  }
  const type = `SELECT md5(data_type), column_name FROM duckdb_columns() WHERE table_name = 't' ORDER BY 2`;
  for (const to of [same, home]) assert.deepEqual(await queryText(to, type), await queryText(from, type));
});

test('a table that the target refuses to make fails alone', async () => {
  // Columns of VARIANT need a file of newer storage than DuckDB makes by itself.
  const from = `duckdb:${join(folder, 'variant.duckdb')}`;
  await runStatements(from, [
    'CREATE TABLE plain (id INTEGER PRIMARY KEY)',
    'INSERT INTO plain VALUES (1), (2)',
    'CREATE TABLE odd (id INTEGER PRIMARY KEY, v VARIANT)',
    'INSERT INTO odd VALUES (1, 5::VARIANT)',
  ]);
  const to = `duckdb:${join(folder, 'older-storage.duckdb')}`;
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const report = await migrator.migrateAllTables();
  assert.equal(report.success, false);
  const byName = new Map(report.tableResults.map((result) => [result.tableName, result]));
  assert.equal(byName.get('plain')?.success, true);
  assert.equal(byName.get('odd')?.error?.code, 'E_DDL');
  assert.match(String(byName.get('odd')?.error?.hint), /STORAGE_VERSION 'v1\.5\.0'/);
  const tables = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'";
  assert.deepEqual(await queryText(to, tables), [['plain']]);
});

test('a SQLite file whose pages do not agree with SQLite is read by SQLite, and the report says so', async () => {
  const path = join(folder, 'disordered.db');
  const database = new SqliteDatabase(path);
  database.exec(
    `CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('a'), ('b'), ('c'); CREATE TABLE well (v TEXT)`,
  );
  database.close();
  const bytes = readFileSync(path);
  // The first two cell pointers of the table's only leaf, page 2, change places.
  const pointers = 4096 + 8;
  const [first, second] = [bytes.readUInt16BE(pointers), bytes.readUInt16BE(pointers + 2)];
  bytes.writeUInt16BE(second, pointers);
  bytes.writeUInt16BE(first, pointers + 2);
  writeFileSync(path, bytes);
  const to = `sqlite:${join(folder, 'ordered.db')}`;
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(path), DatabaseFactory.create(to));
  const report = await migrator.migrateAllTables();
  const said = report.warnings.filter(({ code }) => code === 'W_PLAIN_WAY');
  assert.deepEqual(
    said.map(({ table }) => table),
    ['t'],
  );
  assert.match(said[0].message, /rowid/);
});
