// The library's front door: every call of DatabaseMigrator and its companions, over small SQLite and DuckDB files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  DatabaseConfig,
  DatabaseFactory,
  DatabaseMigrator,
  type FerrowError,
  getOptimalBatchSize,
  MigrationProgressTracker,
  openReader,
  testConnection,
} from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 3000;

async function places(context: TestContext): Promise<{ from: string; to: string; folder: string }> {
  const folder = temporaryFolder(context);
  const from = `sqlite:${join(folder, 'from.db')}`;
  const values = Array.from({ length: ROWS }, (_unused, i) => `(${i + 1}, 'name ${i + 1}', ${i / 4})`);
  await runStatements(from, [
    'CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT NOT NULL, score REAL)',
    'CREATE TABLE album (id INTEGER PRIMARY KEY, artist INTEGER REFERENCES artist (id), released DATE, cover BLOB)',
    `INSERT INTO artist VALUES ${values.join(', ')}`,
    `INSERT INTO album VALUES (1, 2, '2001-02-03', x'00ff'), (2, NULL, NULL, NULL), (9007199254740993, 1, '1999-12-31', x'')`,
  ]);
  return { from, to: `duckdb:${join(folder, 'to.duckdb')}`, folder };
}

const open = (from: string, to: string, options = {}) =>
  new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to), options);

test('one table, then all; again under fail, append and replace', async (context) => {
  const { from, to } = await places(context);
  await using migrator = open(from, to);
  const one = await migrator.migrateTable('artist', { batchSize: 1000 });
  assert.deepEqual(
    [
      one.tableName,
      one.sourceRows,
      one.migratedRows,
      one.batchesProcessed,
      one.success,
      one.error,
      one.verified,
    ],
    ['artist', ROWS, ROWS, 3, true, null, 'count'],
  );
  const failing = await migrator.migrateTable('artist');
  assert.equal(failing.success, false);
  assert.equal(failing.error?.code, 'E_TABLE_EXISTS');
  assert.equal((await migrator.migrateTable('artist', { ifExists: 'append' })).error?.code, 'E_CONSTRAINT');
  assert.equal(await migrator.getTargetTableSize('artist'), ROWS);
  const all = await migrator.migrateAllTables({ ifExists: 'replace' });
  assert.deepEqual(
    [all.success, all.totalTables, all.successfulTables, all.totalMigratedRows],
    [true, 2, 2, ROWS + 3],
  );
  const some = await migrator.migrateTable('album', {
    ifExists: 'replace',
    where: 'id < 2',
    columns: ['id', 'cover'],
  });
  assert.deepEqual([some.sourceRows, some.migratedRows], [1, 1]);
  assert.deepEqual(await queryText(to, 'SELECT id, hex(cover) FROM album'), [['1', '00FF']]);
});

test('a dry run counts, plans and touches nothing', async (context) => {
  const { from, to } = await places(context);
  await using migrator = open(from, to);
  const report = await migrator.migrateAllTables({ dryRun: true, excludeTables: ['artist'] });
  assert.equal(report.success, true);
  const [album] = report.tableResults;
  assert.deepEqual([album.sourceRows, album.migratedRows, album.plan?.mode], [3, 0, 'create']);
  const released = album.plan?.columns.find((column) => column.source === 'released');
  assert.deepEqual([released?.canonicalType, released?.targetType], ['date', 'DATE']);
  assert.ok((album.plan?.ddl.length ?? 0) > 0);
  await assert.rejects(queryText(to, 'SELECT 1'), 'no file was made');
});

test('inspecting source and target', async (context) => {
  const { from, to } = await places(context);
  await using migrator = open(from, to);
  assert.deepEqual((await migrator.getSourceTables()).sort(), ['album', 'artist']);
  assert.equal(await migrator.getSourceTableSize('album'), 3);
  const size = await migrator.getTableSizeEstimate('artist');
  assert.ok(size.rowCount === ROWS && size.sizeMb > 0 && size.sizeMb < 10);
  const sample = await migrator.getSourceSample('album', 3);
  assert.equal(sample.length, 3);
  assert.equal(sample[2]['id'], 9007199254740993n);
  assert.deepEqual(sample[0]['cover'], new Uint8Array([0, 255]));
  await migrator.migrateAllTables();
  assert.deepEqual(await migrator.getTargetSample('album', 1), [
    { id: 1n, artist: 2n, released: '2001-02-03', cover: new Uint8Array([0, 255]) },
  ]);
  const structure = await migrator.getSourceTableStructure('album');
  assert.equal(structure.foreignKeys[0].references.name, 'artist');
  await assert.rejects(migrator.getSourceTableSize('albun'), (error: FerrowError) => {
    assert.equal(error.code, 'E_NO_SUCH_TABLE');
    assert.match(error.hint, /album/);
    return true;
  });
});

test('schemas: compared before and after, and as a script that runs', async (context) => {
  const { from, to, folder } = await places(context);
  await using migrator = open(from, to);
  const before = await migrator.compareSchemas('artist');
  assert.deepEqual([before.sourceExists, before.targetExists, before.equal], [true, false, false]);
  assert.deepEqual(before.missingInTarget, ['id', 'name', 'score']);
  const outputFile = join(folder, 'schema.sql');
  const script = await migrator.createMigrationScript({ outputFile });
  assert.equal(readFileSync(outputFile, 'utf8'), script.text);
  await runStatements(to, script.statements);
  const after = await migrator.compareSchemas('artist');
  assert.deepEqual(
    [
      after.targetExists,
      after.missingInTarget,
      after.missingInSource,
      after.typeDifferences,
      after.differences,
    ],
    [true, [], [], [], []],
  );
  await runStatements(to, [
    'CREATE TABLE changed AS SELECT id, artist, released, 1 AS extra FROM album',
    'DROP TABLE album',
    'ALTER TABLE changed RENAME TO album',
  ]);
  const changed = await migrator.compareSchemas('album');
  assert.deepEqual(
    [changed.missingInTarget, changed.missingInSource, changed.equal],
    [['cover'], ['extra'], false],
  );
});

test('progress: events in order, and a report at any time', async (context) => {
  const { from, to } = await places(context);
  await using migrator = open(from, to, { batchSize: 500 });
  const tracker = new MigrationProgressTracker(migrator);
  const seen: string[] = [];
  for (const name of ['start', 'batch', 'table', 'end'] as const) migrator.on(name, () => seen.push(name));
  assert.equal(tracker.getProgressReport().elapsedTime, 0);
  await migrator.migrateAllTables();
  assert.equal(seen[0], 'start');
  assert.equal(seen.at(-1), 'end');
  assert.ok(seen.filter((name) => name === 'batch').length >= ROWS / 500 + 1);
  const report = tracker.getProgressReport();
  assert.deepEqual([report.completedTables, report.failedTables, report.totalRowsMigrated], [2, 0, ROWS + 3]);
  assert.ok(report.elapsedTime > 0 && report.averageRowsPerSecond > 0);
  assert.deepEqual(report.completionDetails.map((each) => each.tableName).sort(), ['album', 'artist']);
});

test('an abort ends a call in good order; what was committed is carried on', async (context) => {
  const { from, to } = await places(context);
  await using migrator = open(from, to, { batchSize: 10 });
  const controller = new AbortController();
  migrator.once('batch', () => controller.abort());
  const report = await migrator.migrateAllTables({ signal: controller.signal });
  assert.deepEqual([report.success, report.error?.code], [false, 'E_CANCELLED']);
  assert.ok(report.warnings.some(({ code }) => code === 'W_RESUMABLE'));
  assert.deepEqual(
    await queryText(to, "SELECT table_name FROM duckdb_tables() WHERE table_name = 'artist'"),
    [],
  );
  const { runs } = await migrator.getRuns();
  assert.deepEqual(
    runs.map(({ runId, state }) => [runId, state]),
    [[report.runId, 'interrupted']],
  );
  const resumed = await migrator.resumeRun(report.runId.slice(0, 6));
  assert.deepEqual([resumed.error, resumed.runId, resumed.totalMigratedRows], [null, report.runId, ROWS + 3]);
  const sums = 'SELECT count(*), sum(id), sum(score) FROM artist';
  assert.deepEqual(await queryText(to, sums), await queryText(from, sums));
  await assert.rejects(migrator.resumeRun(), { code: 'E_NO_SUCH_RUN' });
  const { cleaned } = await migrator.getRuns({ clean: 'all' });
  assert.deepEqual(cleaned, [report.runId]);
  const already = await migrator.migrateAllTables({ signal: AbortSignal.abort() });
  assert.equal(already.error?.code, 'E_CANCELLED');
});

test('a running transfer is paused and goes on', async (context) => {
  const { from, to } = await places(context);
  await using migrator = open(from, to, { batchSize: 100 });
  let chunks = 0;
  const paused = new Promise<void>((resolve) => {
    migrator.on('read', () => {
      if (++chunks !== 3) return;
      migrator.pause();
      resolve();
    });
  });
  const run = migrator.migrateAllTables();
  await paused;
  await setTimeout(200);
  // One chunk may have been asked for already.
  assert.ok(migrator.isPaused && chunks <= 4, `${chunks} chunks`);
  migrator.resume();
  assert.equal((await run).totalMigratedRows, ROWS + 3);
  migrator.pause();
  const held = migrator.migrateAllTables({ ifExists: 'replace' });
  await setTimeout(200);
  await migrator.close();
  assert.equal((await held).error?.code, 'E_CANCELLED', 'a paused run can be ended');
});

test('Arrow batches of a table, straight from the source', async (context) => {
  const { from } = await places(context);
  let rows = 0;
  let scores = 0;
  for await (const batch of await openReader(DatabaseFactory.create(from), 'artist', { batchSize: 700 })) {
    rows += batch.numRows;
    const values = batch.getChild('score')?.data[0].values as Float64Array;
    for (let at = 0; at < batch.numRows; at++) scores += values[at];
  }
  assert.equal(rows, ROWS);
  assert.equal(scores, ((ROWS - 1) * ROWS) / 2 / 4);
  await assert.rejects(openReader(DatabaseFactory.create(from), 'nobody'), { code: 'E_NO_SUCH_TABLE' });
});

test('connections are tested without a throw; options are checked with one', async (context) => {
  const { from, folder } = await places(context);
  for (const database of [from, DatabaseFactory.create(from)]) {
    const good = await testConnection(database);
    assert.ok(good.success && good.version);
  }
  assert.equal((await testConnection('mysql://here/db')).error?.code, 'E_URL');
  for (const wrong of [undefined, null, 42, {}, { type: 'mysql', file: 'x' }]) {
    const { success, error } = await testConnection(wrong as never);
    assert.deepEqual([success, error?.code], [false, 'E_URL']);
    assert.match(`${error?.message}; ${error?.hint}`, /names no database; give a URL, a path, or settings/);
    assert.throws(() => new DatabaseMigrator(from, wrong as never), { code: 'E_URL' });
  }
  const bad = await testConnection(DatabaseFactory.create(join(folder, 'none.db')));
  assert.deepEqual([bad.success, bad.error?.code], [false, 'E_FILE_MISSING']);
  const usage = { code: 'E_USAGE' };
  assert.throws(() => open(from, from, { batchSize: 0 }), usage);
  assert.throws(() => open(from, from, { allow: ['nan=zero'] }), usage);
  assert.throws(() => open(from, from, { schemaOnly: true, dataOnly: true }), usage);
  assert.throws(() => DatabaseFactory.create('mysql://here/db'), { code: 'E_URL' });
  assert.throws(() => DatabaseFactory.create('$' + '{NOT_SET_ANYWHERE}.db', {}), { code: 'E_URL' });
  const same = await open(from, from).migrateAllTables();
  assert.equal(same.error?.code, 'E_SAME_DATABASE');
});

test('databases are named by URL, path or settings, and show no secret', async () => {
  const settings = DatabaseConfig.getDefaultConfig('sqlite', 'source.db');
  assert.deepEqual(settings, { type: 'sqlite', file: 'source.db' });
  const location = await DatabaseFactory.create({
    type: 'postgres',
    host: 'db',
    user: 'me',
    password: 'p@ss/w:rd',
    database: 'app',
  }).locate();
  assert.ok(location.engine === 'postgres' && location.password === 'p@ss/w:rd' && location.host === 'db');
  assert.ok(!location.display.includes('p@ss') && !location.display.includes('p%40ss'));
  assert.ok(!JSON.stringify(DatabaseFactory.create('postgres://me:canary@db/app')).includes('canary'));
});

test('a batch size for a pair of engines and a width of row', () => {
  const narrow = getOptimalBatchSize('sqlite', 'postgres', { rowCount: 1e6, rowBytes: 16 });
  const wide = getOptimalBatchSize('sqlite', 'postgres', { rowCount: 1e6, rowBytes: 100_000 });
  assert.ok(narrow > wide && wide >= 1);
});

test('options about rejected rows are of no use where none may be left out', async (context) => {
  const { from, to } = await places(context);
  for (const idle of [{ rejects: 'r.jsonl' }, { maxRejects: '0' }, { quarantine: true }]) {
    await using migrator = open(from, to, idle);
    await assert.rejects(migrator.migrateAllTables(), { code: 'E_USAGE', message: /--on-error skip/ });
    assert.equal((await migrator.migrateAllTables({ onError: 'skip', dryRun: true })).error, null);
  }
});
