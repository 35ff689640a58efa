// The built executable at work: SQLite to DuckDB, judged by DuckDB itself.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { queryText, runStatements } from '../support/judge.ts';
import { assertAddsUp } from '../support/partitions.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { documentOf, ferrow, startFerrow } from './run-bin.ts';

suite('SQLite to DuckDB', () => {
  const folder = temporaryFolder({ after });
  const source = join(folder, 'music.db');
  let count = 0;
  const freshTarget = () => join(folder, `target-${count++}.duckdb`);

  before(async () => {
    await runStatements(`sqlite:${source}`, [
      'CREATE TABLE "Artist" ("ArtistId" INTEGER PRIMARY KEY, "Name" TEXT NOT NULL)',
      'CREATE TABLE "Album" ("AlbumId" INTEGER PRIMARY KEY, "Title" TEXT, "ArtistId" INTEGER REFERENCES "Artist")',
      'CREATE TABLE empty (x INTEGER)',
      `INSERT INTO "Artist" VALUES (1, 'AC/DC'), (2, 'Björk')`,
      `INSERT INTO "Album" VALUES (1, 'Jailbreak', 1), (2, 'Post', 2), (3, NULL, 2)`,
    ]);
  });

  test('every row arrives; the report for people', async () => {
    const target = freshTarget();
    const { status, stdout, stderr } = await ferrow(['migrate', source, target]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Album\s+3\s.*count\s+ok/);
    assert.match(stdout, /done: 3 tables, 5 rows/);
    assert.match(stderr, /✓ Album: 3 rows/);
    assert.deepEqual(await queryText(`duckdb:${target}`, 'SELECT "Title" FROM "Album" ORDER BY "AlbumId"'), [
      ['Jailbreak'],
      ['Post'],
      ['\\N'],
    ]);
  });

  test('--json, --quiet, environment and file', async () => {
    const target = freshTarget();
    const ended = await ferrow(['migrate', '--json', '--quiet'], {
      FERROW_SOURCE_URL: source,
      FERROW_TARGET_URL: target,
      FERROW_TABLES: 'A*',
      FERROW_RENAME: 'Album=records',
    });
    const document = documentOf(ended);
    assert.deepEqual([ended.status, ended.stderr], [0, '']);
    assert.deepEqual([document.success, document.error, document.totalMigratedRows], [true, null, 5]);
    assert.deepEqual(document.tableResults.map((table) => table.tableName).sort(), ['Album', 'Artist']);
    assert.deepEqual(await queryText(`duckdb:${target}`, 'SELECT count(*) FROM records'), [['3']]);
  });

  test('--verify full: digests of both sides in the report', async () => {
    const ended = await ferrow(['migrate', source, freshTarget(), '--verify', 'full', '--json']);
    const { success, tableResults } = documentOf(ended);
    assert.deepEqual([ended.status, success], [0, true], ended.stderr);
    assert.equal(tableResults.length, 3);
    for (const table of tableResults) {
      assert.equal(table.verified, 'full');
      assert.match(String(table.sourceHash), /^[0-9a-f]{16}$/);
      assert.equal(table.targetHash, table.sourceHash);
      assertAddsUp(table.sourcePartitions, table.sourceRows, table.sourceHash, table.tableName);
    }
    const wrong = await ferrow(['migrate', source, freshTarget(), '--verify', 'half']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /--verify can not be "half": none, count, sample, full are allowed/);
  });

  test('a table that exists: refused, and the target as it was', async () => {
    const target = freshTarget();
    await runStatements(`duckdb:${target}`, [
      'CREATE TABLE "Album" (mine INTEGER)',
      'INSERT INTO "Album" VALUES (7)',
    ]);
    const ended = await ferrow(['migrate', source, target, '--json']);
    const document = documentOf(ended);
    assert.deepEqual([ended.status, document.success, document.error?.code], [1, false, 'E_TABLE_EXISTS']);
    assert.match(ended.stderr, /hint: .*--if-exists/);
    assert.deepEqual(await queryText(`duckdb:${target}`, 'SELECT * FROM "Album"'), [['7']]);
    const tables = await queryText(
      `duckdb:${target}`,
      "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'",
    );
    assert.deepEqual(tables, [['Album']]);
  });

  test('a table that does not exist: 2, with the nearest names', async () => {
    const target = freshTarget();
    const ended = await ferrow(['migrate', source, target, '--tables', 'Albun', '--json']);
    const document = documentOf(ended);
    assert.deepEqual([ended.status, document.error?.code], [2, 'E_NO_SUCH_TABLE']);
    assert.match(`${document.error?.message} ${document.error?.hint}`, /Albun.*Album/);
  });

  test('plan writes nothing', async () => {
    const target = freshTarget();
    const ended = await ferrow(['plan', source, target, '--json']);
    const document = documentOf(ended);
    assert.equal(ended.status, 0, ended.stderr);
    assert.deepEqual([document.command, document.totalMigratedRows, document.totalTables], ['plan', 0, 3]);
    const album = document.tableResults.find((table) => table.tableName === 'Album');
    assert.equal(album?.sourceRows, 3);
    assert.match(album?.plan?.ddl.join('\n') ?? '', /CREATE TABLE/);
    assert.ok(!existsSync(target));
    const text = await ferrow(['plan', source, target, '--verbose']);
    assert.match(text.stdout, /Title\s+TEXT\s/);
    assert.match(text.stdout, /CREATE TABLE/);
    assert.match(text.stdout, /nothing was written/);
  });

  test('schema compare, schema script and doctor', async () => {
    const target = freshTarget();
    const before = await ferrow(['schema', 'compare', source, target]);
    assert.equal(before.status, 3, before.stderr);
    assert.match(before.stdout, /Album\n {2}not in the target/);
    const file = join(folder, 'out.sql');
    const script = await ferrow(['schema', 'script', source, target, '--output', file]);
    assert.deepEqual([script.status, script.stdout], [0, ''], script.stderr);
    await runStatements(`duckdb:${target}`, [readFileSync(file, 'utf8')]);
    const after = await ferrow(['schema', 'compare', source, target, '--json']);
    assert.equal(after.status, 0, after.stdout);
    const doctor = await ferrow(['doctor', source, freshTarget()]);
    assert.equal(doctor.status, 0, `${doctor.stdout}${doctor.stderr}`);
    assert.match(doctor.stdout, /Album\s+3\s/);
    assert.match(doctor.stdout, /ready$/m);
  });

  test('metrics are served while a run goes on, and SIGINT ends it with 130', async () => {
    const big = join(folder, 'big.db');
    await runStatements(`sqlite:${big}`, [
      'CREATE TABLE numbers (id INTEGER PRIMARY KEY, label TEXT)',
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000)
       INSERT INTO numbers SELECT i, 'label number ' || i FROM n`,
    ]);
    const target = freshTarget();
    const args = [
      'migrate',
      big,
      target,
      '--metrics-port',
      '0',
      '--json',
      '--batch-size',
      '500',
      '--verbose',
    ];
    const { child, ended, saw } = startFerrow(args);
    const [, url] = await saw(/metrics: (http:\S+)metrics/);
    await saw(/-> .*1 table/);
    const metrics = await (await fetch(`${url}metrics`)).text();
    assert.match(metrics, /^ferrow_run_info\{run_id="[^"]+",source="[^"]+",target="[^"]+"\} 1$/m);
    const status = (await (await fetch(`${url}status`)).json()) as { state: string; tables: unknown[] };
    assert.deepEqual([status.state, status.tables.length], ['running', 1]);
    child.kill('SIGINT');
    const end = await ended;
    assert.equal(end.status, 130, end.stderr);
    const document = documentOf(end);
    assert.deepEqual([document.success, document.error?.code], [false, 'E_CANCELLED']);
    // A target file that the run made may go with it; what stays holds no table of ours.
    const sql = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'";
    const tables = existsSync(target) ? await queryText(`duckdb:${target}`, sql) : [];
    assert.deepEqual(tables, [], 'a half-loaded table does not stand under its own name');
    assert.ok(
      !readdirSync(folder).some((name) => name.startsWith('big.db-')),
      'the source is left as it was',
    );
  });
});
