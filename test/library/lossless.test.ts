// Lossless or loud, as a program sees it: what the plan says of columns, policies by column and their counts, the
// way home, views, scripts that run. Judged by the engines' own SQL.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { DatabaseFactory, DatabaseMigrator, type Report } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, runSql, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

const migrator = (source: string, target: string) =>
  new DatabaseMigrator(DatabaseFactory.create(source), DatabaseFactory.create(target));

const well = (report: Report): Report => {
  assert.equal(report.error, null, JSON.stringify(report.error));
  return report;
};

suite('lossless or loud', () => {
  const folder = temporaryFolder({ after });
  const at = (name: string) => join(folder, name);
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  test('a plan shows refused columns among the others, with what the scan found', async () => {
    const source = at('mixed.db');
    await runStatements(`sqlite:${source}`, [
      'CREATE TABLE t (id INTEGER PRIMARY KEY, v, n NUMERIC)',
      "INSERT INTO t VALUES (1, 5, 1), (2, 'five', 2), (3, 6, 2.5)",
    ]);
    const target = await server.createDatabase();
    const plan = (allow: string[]) => migrator(source, target).migrateAllTables({ dryRun: true, allow });
    const refused = await plan([]);
    assert.deepEqual([refused.success, refused.error?.code], [false, 'E_MIXED_STORAGE']);
    const [table] = refused.tableResults;
    assert.deepEqual([table.sourceRows, table.plan?.mode], [3, null]);
    const columns = table.plan?.columns ?? [];
    assert.deepEqual(
      columns.map(({ source: name, verdict }) => [name, verdict]),
      [
        ['id', 'exact'],
        ['v', 'refused'],
        ['n', 'exact'],
      ],
    );
    assert.deepEqual(columns[1].evidence?.storage, { integer: 2, real: 0, text: 1, blob: 0 });
    assert.deepEqual(columns[1].refusedWith, ['E_MIXED_STORAGE']);
    assert.ok(columns[1].policies.includes('mixed=text'));
    const allowed = await plan(['mixed=text']);
    const lossy = allowed.tableResults[0].plan?.columns[1];
    assert.equal(lossy?.verdict, 'lossy');
    assert.match(`${lossy?.because}`, /--allow mixed=text/);
  });

  test('a policy holds for the column that it is given to, and each use is counted', async () => {
    const source = await server.createDatabase();
    await runSql(
      source,
      'CREATE TABLE f (id int PRIMARY KEY, a float8, b float8)',
      "INSERT INTO f VALUES (1, 'NaN', 1), (2, 'NaN', 2), (3, 0.5, 3)",
    );
    const columnOptions = { a: { allow: ['nan=null'] } };
    const options = { ifExists: 'replace' as const, tableOptions: { f: { columnOptions } } };
    const target = at('policies.db');
    const losses: string[] = [];
    const first = migrator(source, target);
    first.on('loss', ({ table, column, policy, count }) =>
      losses.push(`${table}.${column} ${policy} ${count}`),
    );
    const report = well(await first.migrateAllTables(options));
    assert.deepEqual(report.allowedLosses, [{ table: 'f', column: 'a', policy: 'nan=null', count: 2 }]);
    assert.deepEqual(losses, ['f.a nan=null 2']);
    assert.deepEqual(await queryText(`sqlite:${target}`, 'SELECT count(a), count(b) FROM f'), [['1', '3']]);
    await runSql(source, "UPDATE f SET b = 'NaN' WHERE id = 2");
    const { error } = await migrator(source, target).migrateAllTables(options);
    assert.deepEqual([error?.code, error?.column, error?.row], ['E_NAN_UNSUPPORTED', 'b', { id: '2' }]);
    assert.match(`${error?.hint}`, /--allow nan=null/);
  });

  test('types come home by way of another engine, unless the user wants none of it', async () => {
    const home = await server.createDatabase();
    await runSql(
      home,
      'CREATE TABLE t (id smallint PRIMARY KEY, n numeric(30,10), v varchar(20), c char(3), ts timestamp(3), j jsonb)',
      `INSERT INTO t VALUES (1, 12345678901234567890.0123456789, 'x', 'a', '2024-02-29 12:00:00.5', '{"a": 1}')`,
    );
    const away = at('away.db');
    const back = await server.createDatabase();
    const plain = await server.createDatabase();
    well(await migrator(home, away).migrateAllTables());
    well(await migrator(away, back).migrateAllTables());
    well(await migrator(away, plain).migrateAllTables({ restoreTypes: false }));
    const types =
      "SELECT string_agg(format_type(atttypid, atttypmod), ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0";
    const [[was]] = await queryText(home, types);
    assert.deepEqual(await queryText(back, types), [[was]]);
    assert.notDeepEqual(await queryText(plain, types), [[was]]);
    assert.deepEqual(
      await queryText(back, 'SELECT t::text FROM t'),
      await queryText(home, 'SELECT t::text FROM t'),
    );
    const compared = await migrator(home, back).compareSchemas('t');
    assert.deepEqual([compared.equal, compared.differences], [true, []]);
  });

  test('views: made after their tables, made again with them, and never put over another', async () => {
    const source = await server.createDatabase();
    await runSql(
      source,
      'CREATE TABLE t (id int PRIMARY KEY, name text)',
      "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
      'CREATE VIEW first AS SELECT id, name FROM t WHERE id > 1',
      'CREATE VIEW second AS SELECT count(*) AS rows FROM first',
      'CREATE MATERIALIZED VIEW kept AS SELECT max(id) AS most FROM t',
    );
    const target = await server.createDatabase();
    const made = well(await migrator(source, target).migrateAllTables());
    assert.deepEqual([...made.carriedViews].sort(), ['first', 'kept', 'second']);
    assert.deepEqual(await queryText(target, 'SELECT rows, most FROM second, kept'), [['1', '2']]);
    const compared = await migrator(source, target).compareSchemas('t');
    assert.ok(compared.equal, JSON.stringify(compared));

    const again = await migrator(source, target).migrateAllTables();
    assert.deepEqual(
      again.refusals.map(({ code }) => code),
      ['E_TABLE_EXISTS', 'E_TABLE_EXISTS', 'E_TABLE_EXISTS', 'E_TABLE_EXISTS'],
    );
    assert.equal(again.totalTables, 1, 'views are no tables of the report');
    await runSql(source, 'INSERT INTO t VALUES (3)', 'REFRESH MATERIALIZED VIEW kept');
    well(await migrator(source, target).migrateAllTables({ ifExists: 'replace' }));
    assert.deepEqual(await queryText(target, 'SELECT rows, most FROM second, kept'), [['2', '3']]);

    const file = at('views.db');
    const rows = well(await migrator(source, file).migrateAllTables({ materializedViews: 'table' }));
    assert.deepEqual(
      rows.tableResults.map(({ tableName, migratedRows }) => [tableName, migratedRows]),
      [
        ['t', 3],
        ['kept', 1],
      ],
    );
    assert.deepEqual(await queryText(`sqlite:${file}`, 'SELECT most FROM kept'), [['3']]);
  });

  test('a script runs as it is, whatever names and reasons hold', async () => {
    const source = at('odd.db');
    const name = 'a\nDROP TABLE b; --';
    const run = (file: string, text: string) => {
      const database = new SqliteDatabase(file);
      try {
        database.exec(text);
      } finally {
        database.close();
      }
    };
    run(
      source,
      `CREATE TABLE "${name}" (id INTEGER PRIMARY KEY, v TEXT);
      CREATE TABLE b (id INTEGER PRIMARY KEY);
      CREATE VIEW w AS SELECT id FROM b -- the end
      ;
      CREATE TRIGGER "x\nDROP TABLE b;" AFTER INSERT ON b BEGIN SELECT 1; END;`,
    );
    const target = at('odd-target.db');
    const script = await migrator(source, target).createMigrationScript({ outputFile: at('odd.sql') });
    assert.match(script.text, /^-- .*trigger "x DROP TABLE b;" is not carried/m);
    run(target, readFileSync(at('odd.sql'), 'utf8'));
    assert.deepEqual(
      await queryText(
        `sqlite:${target}`,
        "SELECT name FROM sqlite_schema WHERE type <> 'index' ORDER BY name",
      ),
      [[name], ['b'], ['w']],
    );
    const compared = await migrator(source, target).compareSchemas('b');
    assert.ok(compared.equal, JSON.stringify(compared));
  });
});
