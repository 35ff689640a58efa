// Shapes and policies that the fixture databases don't have: very many columns, and nanoseconds kept as text.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('200 columns go into DuckDB under its low limit of memory', async (context) => {
  const folder = temporaryFolder(context);
  const [from, to] = [`duckdb:${join(folder, 'from.duckdb')}`, `duckdb:${join(folder, 'to.duckdb')}`];
  const columns = Array.from({ length: 200 }, (_unused, at) => `hash(i + ${at}) % 1000000007 AS c${at}`);
  await runStatements(from, [`CREATE TABLE wide AS SELECT ${columns.join(', ')} FROM range(100000) r(i)`]);
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const report = await migrator.migrateAllTables();
  assert.deepEqual([report.error, report.totalMigratedRows], [null, 100_000]);
  const sums = 'SELECT count(*), sum(c0), sum(c77), sum(c199), min(c120), max(c121) FROM wide';
  assert.deepEqual(await queryText(to, sums), await queryText(from, sums));
});

test('nanoseconds: refused by PostgreSQL with their row, and with ns=text kept whole', async (context) => {
  const from = `duckdb:${join(temporaryFolder(context), 'ns.duckdb')}`;
  await runStatements(from, [
    'CREATE TABLE t (id INTEGER PRIMARY KEY, moment TIMESTAMP_NS, d DATE)',
    `INSERT INTO t VALUES (1, '2024-02-29 12:34:56.789', '2024-01-01'), (2, '2024-02-29 12:34:56.789012345', NULL)`,
  ]);
  const server = await startPostgres();
  context.after(() => server.stop());
  const to = await server.createDatabase();
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const refused = await migrator.migrateTable('t');
  assert.deepEqual([refused.error?.code, refused.error?.row], ['E_TIMESTAMP_PRECISION', { id: '2' }]);
  const report = await migrator.migrateAllTables({ allow: ['ns=text'] });
  assert.equal(report.error, null);
  assert.deepEqual(
    report.warnings.map(({ code, column }) => [code, column]),
    [['W_KEPT_AS_TEXT', 'moment']],
  );
  assert.deepEqual(
    await queryText(to, 'SELECT id, moment, pg_typeof(moment), pg_typeof(d) FROM t ORDER BY id'),
    [
      ['1', '2024-02-29 12:34:56.789', 'text', 'date'],
      ['2', '2024-02-29 12:34:56.789012345', 'text', 'date'],
    ],
  );
});
