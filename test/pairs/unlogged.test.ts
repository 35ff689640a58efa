// --unlogged: tables that PostgreSQL makes without its log, only where the user asked for it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe('unlogged tables', () => {
  const folder = temporaryFolder({ after });
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  const migrator = (from: string, to: string) =>
    new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const persistence = (url: string) =>
    queryText(
      url,
      `SELECT relname, relpersistence FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') ORDER BY relname`,
    );

  test('are made on request, with keys and foreign keys, and a warning for each', async () => {
    const source = `sqlite:${join(folder, 'family.db')}`;
    await runStatements(source, [
      'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
      'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent)',
      'INSERT INTO parent VALUES (1)',
      'INSERT INTO child VALUES (1, 1)',
    ]);
    const [plain, asked] = [await server.createDatabase(), await server.createDatabase()];
    const usual = await migrator(source, plain).migrateAllTables();
    assert.equal(usual.success, true);
    assert.ok((await persistence(plain)).every(([, kind]) => kind === 'p'));
    assert.ok(!usual.warnings.some(({ code }) => code === 'W_UNLOGGED'));

    const report = await migrator(source, asked).migrateAllTables({ unlogged: true });
    assert.equal(report.success, true, JSON.stringify(report.error));
    assert.deepEqual(
      (await persistence(asked)).map(([name, kind]) => `${name} ${kind}`),
      ['child u', 'child_pkey u', 'parent u', 'parent_pkey u'],
    );
    assert.deepEqual(await queryText(asked, 'SELECT parent FROM child'), [['1']]);
    const warned = report.warnings.filter(({ code }) => code === 'W_UNLOGGED');
    assert.deepEqual(warned.map(({ table }) => table).sort(), ['child', 'parent']);

    await runStatements(plain, ['TRUNCATE parent, child']);
    const appended = await migrator(source, plain).migrateAllTables({ unlogged: true, ifExists: 'append' });
    assert.equal(appended.success, true, JSON.stringify(appended.error));
    assert.ok((await persistence(plain)).every(([, kind]) => kind === 'p'));
    const [said] = appended.warnings.filter(({ code }) => code === 'W_UNLOGGED');
    assert.match(said.message, /stands already/);
  });

  test('partitions too', async () => {
    const [from, to] = [await server.createDatabase(), await server.createDatabase()];
    await runStatements(from, [
      'CREATE TABLE event (day date NOT NULL) PARTITION BY RANGE (day)',
      `CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
      `INSERT INTO event VALUES ('2024-05-05')`,
    ]);
    const report = await migrator(from, to).migrateAllTables({ unlogged: true });
    assert.equal(report.success, true, JSON.stringify(report.error));
    assert.deepEqual(await persistence(to), [['event_2024', 'u']]);
    assert.deepEqual(await queryText(to, 'SELECT count(*) FROM event'), [['1']]);
  });

  test('are refused where the target knows no such thing', async () => {
    const source = `sqlite:${join(folder, 'one.db')}`;
    await runStatements(source, ['CREATE TABLE t (id INTEGER)']);
    const { error } = await migrator(source, `duckdb:${join(folder, 'no.duckdb')}`).migrateAllTables({
      unlogged: true,
    });
    assert.deepEqual([error?.code, /PostgreSQL/.test(error?.message ?? '')], ['E_USAGE', true]);
  });
});
