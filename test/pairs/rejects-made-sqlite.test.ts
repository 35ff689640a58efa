// `--on-error skip` where the run makes a table of SQLite: rows that break its constraints are rejected, and the constraints stand.
// Judged by SQLite's own SQL.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DatabaseMigrator, TransferOptionsInput } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { emptyPlaces } from '../support/places.ts';
import { countsOf, linesOf, openMigrator } from '../support/rejects.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** What DuckDB lets in and SQLite does not: keys that a collation makes equal, and what NULL for NaN breaks. */
const LOOSE = [
  'CREATE TABLE keyed (code VARCHAR COLLATE NOCASE PRIMARY KEY, n INTEGER)',
  `INSERT INTO keyed VALUES ('b', 1), ('a', 2), ('B', 3), ('A', 4), ('c', 5)`,
  'CREATE TABLE counted (id INTEGER PRIMARY KEY, n DOUBLE NOT NULL)',
  `INSERT INTO counted VALUES (1, 1.5), (2, 'nan'), (3, 2.5), (4, 'nan')`,
  'CREATE TABLE checked (id INTEGER PRIMARY KEY, n DOUBLE, CHECK (n IS NOT NULL))',
  `INSERT INTO checked VALUES (1, 1.5), (2, 'nan'), (3, 2.5)`,
  'CREATE TABLE doubled (id INTEGER PRIMARY KEY, n DOUBLE)',
  'CREATE UNIQUE INDEX one_each ON doubled (coalesce(n, 0))',
  `INSERT INTO doubled VALUES (1, 'nan'), (2, 0), (3, 2.5)`,
  'CREATE TABLE "select" (rowid INTEGER UNIQUE, number DOUBLE NOT NULL, place INTEGER)',
  `INSERT INTO "select" VALUES (30, 1, 1), (20, 'nan', 2), (10, 3, 3)`,
];

describe('rows that break a constraint of a table that the run makes in SQLite', () => {
  const place = emptyPlaces({ before, after });
  const folder = temporaryFolder({ after });
  let files = 0;

  for (const strategy of ['direct', 'transactional', 'blue-green'] as const) {
    test(`duckdb to sqlite, ${strategy}: they are rejected with the reason, and the constraints stand`, async () => {
      const from = await place('duckdb');
      await runStatements(from, LOOSE);
      const to = await place('sqlite');
      const rejects = join(folder, `rejects-${++files}.jsonl`);
      const report = await open(from, to, { strategy, verify: 'full', rejects }).migrateAllTables();
      assert.deepEqual([report.success, report.error], [true, null]);
      assert.deepEqual(countsOf(report), {
        keyed: [5, 3, 2],
        counted: [4, 2, 2],
        checked: [3, 2, 1],
        doubled: [3, 2, 1],
        select: [3, 2, 1],
      });
      const ids = async (sql: string) => (await queryText(to, sql)).flat();
      // By the source's key, byte by byte.
      assert.deepEqual(await ids('SELECT code FROM keyed ORDER BY 1'), ['A', 'B', 'c']);
      assert.deepEqual(await ids('SELECT id FROM counted ORDER BY 1'), ['1', '3']);
      assert.deepEqual(await ids('SELECT id FROM checked ORDER BY 1'), ['1', '3']);
      assert.deepEqual(await ids('SELECT id FROM doubled ORDER BY 1'), ['1', '3']);
      assert.deepEqual(await ids('SELECT place FROM "select" ORDER BY 1'), ['1', '3']);
      for (const bad of [
        `INSERT INTO keyed VALUES ('C', 1)`,
        'INSERT INTO counted VALUES (9, NULL)',
        'INSERT INTO checked VALUES (9, NULL)',
        'INSERT INTO doubled VALUES (9, 2.5)',
        'INSERT INTO "select" VALUES (10, 1, 1)',
      ])
        await assert.rejects(runStatements(to, [bad]), /constraint/i, bad);
      const said = linesOf(rejects).map(({ table, key, column, reason }) => [
        table,
        key && Object.values(key)[0],
        column,
        reason,
      ]);
      assert.deepEqual(said.sort(), [
        ['checked', '2', null, 'a row breaks a CHECK constraint (n)'],
        ['counted', '2', 'n', 'a row breaks a NOT NULL constraint (n)'],
        ['counted', '4', 'n', 'a row breaks a NOT NULL constraint (n)'],
        ['doubled', '2', null, `a row breaks a unique constraint (index 'one_each')`],
        ['keyed', 'a', 'code', 'a row breaks a primary key (code)'],
        ['keyed', 'b', 'code', 'a row breaks a primary key (code)'],
        ['select', '20', 'number', 'a row breaks a NOT NULL constraint (number)'],
      ]);
      const left = await ids(`SELECT name FROM sqlite_schema WHERE name GLOB '_ferrow_[0-9a-f]*_[0-9]*'`);
      assert.deepEqual(left, [], 'nothing is left of what the rows waited in');
    });
  }

  test('mended in the source they are tried again, and arrive', async () => {
    const from = await place('duckdb');
    await runStatements(from, LOOSE);
    const to = await place('sqlite');
    const migrator = open(from, to, { tables: ['counted'] });
    const report = await migrator.migrateAllTables();
    assert.equal(report.tableResults[0]?.rejectedRows, 2);
    await runStatements(from, ['UPDATE counted SET n = 20 WHERE id = 2']);
    const again = await migrator.retryRejects(null, {});
    assert.deepEqual([again.totalMigratedRows, again.tableResults[0]?.rejectedRows], [1, 1]);
    assert.deepEqual(await queryText(to, 'SELECT id, n FROM counted ORDER BY 1'), [
      ['1', '1.5'],
      ['2', '20.0'],
      ['3', '2.5'],
    ]);
  });

  test('a check that fails on a value is one that the row breaks', async () => {
    const from = await place('sqlite');
    await runStatements(from, [
      'PRAGMA ignore_check_constraints = ON',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, j TEXT CHECK (json_extract(j, '$.a') > 0))`,
      `INSERT INTO t VALUES (1, '{"a":1}'), (2, '{"a":0}'), (3, 'no json')`,
    ]);
    const to = await place('sqlite');
    const report = await open(from, to, {}).migrateAllTables();
    assert.deepEqual([report.error, countsOf(report)], [null, { t: [3, 1, 2] }]);
    const kept = await place('sqlite');
    const all = await open(from, kept, { onError: 'fail', rejects: undefined }).migrateAllTables();
    assert.deepEqual([all.error, countsOf(all)], [null, { t: [3, 3, 0] }], 'without it all rows arrive');
  });

  test('a table with too many rejects is not made, whatever held it, and the others are', async () => {
    const from = await place('duckdb');
    await runStatements(from, LOOSE);
    for (const strategy of ['direct', 'transactional'] as const) {
      const to = await place('sqlite');
      const rejects = join(folder, `rejects-${++files}.jsonl`);
      const options = { strategy, maxRejects: '1', tables: ['checked', 'counted', 'doubled'], rejects };
      const report = await open(from, to, options).migrateAllTables();
      const failed = report.tableResults.filter(({ error }) => error !== null);
      assert.deepEqual(
        failed.map(({ tableName, error }) => [tableName, error?.code]),
        [['counted', 'E_TOO_MANY_REJECTS']],
      );
      const made = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_ferrow%' ESCAPE '\\' ORDER BY 1`;
      assert.deepEqual((await queryText(to, made)).flat(), ['checked', 'doubled'], strategy);
      assert.equal(linesOf(rejects).length, 4);
    }
  });

  test('of two rows of one key in an append the first stays, and the other is rejected', async () => {
    const from = await place('duckdb');
    await runStatements(from, [
      'CREATE TABLE t (number VARCHAR, place INTEGER)',
      `INSERT INTO t VALUES ('a', 2), ('a', 1), ('b', 3), (NULL, 4)`,
    ]);
    for (const onConflict of ['skip', 'update'] as const) {
      const to = await place('sqlite');
      await runStatements(to, ['CREATE TABLE t (number TEXT PRIMARY KEY, place INTEGER)']);
      const report = await open(from, to, { ifExists: 'append', onConflict }).migrateAllTables();
      assert.deepEqual([report.error, countsOf(report)], [null, { t: [4, 2, 2] }], onConflict);
      assert.deepEqual(await queryText(to, 'SELECT number, place FROM t ORDER BY 1'), [
        ['a', '1'],
        ['b', '3'],
      ]);
    }
  });

  function open(from: string, to: string, options: TransferOptionsInput): DatabaseMigrator {
    const rejects = join(folder, `rejects-${++files}.jsonl`);
    return openMigrator(from, to, {
      rejects,
      onError: 'skip',
      allow: ['nan=null'],
      ...options,
    });
  }
});
