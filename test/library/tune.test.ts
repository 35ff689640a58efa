// `tune` between real engines: what it recommends is one of what it tried, and nothing of it stays behind, whether it
// ends well, fails or is interrupted. Judged by the engines' own SQL.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import {
  DatabaseFactory,
  DatabaseMigrator,
  type FerrowError,
  type TransferOptionsInput,
} from '../../src/index.ts';
import { engineOfUrl, queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 600_000;

suite('tune', () => {
  const folder = temporaryFolder({ after });
  const source = `sqlite:${join(folder, 'source.db')}`;
  let server: PostgresServer;
  let count = 0;

  before(async () => {
    server = await startPostgres();
    await runStatements(source, [
      'CREATE TABLE big (id INTEGER PRIMARY KEY, label TEXT, amount REAL)',
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
       INSERT INTO big SELECT i, 'label number ' || i, i / 7.0 FROM n`,
      'CREATE TABLE tiny (id INTEGER)',
      'INSERT INTO tiny VALUES (1), (2)',
      'CREATE TABLE empty (id INTEGER)',
      'CREATE VIEW seen AS SELECT id FROM tiny',
    ]);
  });
  after(() => server.stop());

  const open = (from: string, to: string, options: TransferOptionsInput = {}) =>
    new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to), options);

  const targets: [string, () => Promise<string> | string][] = [
    ['SQLite', () => `sqlite:${join(folder, `target-${++count}.db`)}`],
    ['DuckDB', () => `duckdb:${join(folder, `target-${++count}.duckdb`)}`],
    ['PostgreSQL', () => server.createDatabase()],
  ];

  /** Everything that has a name in a database, and the files in the folder. */
  async function traces(target: string): Promise<string[]> {
    const files = readdirSync(folder).filter((file) => !/-(wal|shm)$|\.wal$/.test(file));
    if (engineOfUrl(target) !== 'postgres') return files.sort();
    const names = await queryText(
      target,
      `SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       UNION ALL SELECT nspname FROM pg_namespace
       UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typtype = 'e' ORDER BY 1`,
    );
    return [...files.sort(), ...names.flat()];
  }

  for (const [name, fresh] of targets) {
    test(`${name}: a recommendation, and no trace of it`, async () => {
      const target = await fresh();
      const before = await traces(target);
      await using migrator = open(source, target);
      const rounds: number[] = [];
      migrator.on('trial', ({ table, round, rows, seconds }) => {
        assert.ok(table === 'big' && rows > 0 && seconds > 0);
        rounds.push(round);
      });
      const report = await migrator.tune({ budgetSeconds: 3 });
      assert.equal(report.tableName, 'big');
      assert.equal(report.tableRows, ROWS);
      assert.ok(report.measured && report.seconds < 8, JSON.stringify(report));
      assert.equal(
        rounds.length,
        report.settings.reduce((sum, { runs, round }) => sum + runs + round - 1, 0),
      );
      const key = ({ batchSize, workers, connections }: (typeof report)['recommended']) =>
        `${batchSize}/${workers}/${connections}`;
      const tried = report.settings.map(key);
      assert.equal(new Set(tried).size, tried.length);
      assert.ok(tried.includes(key(report.recommended)) && tried.includes(key(report.standard)));
      for (const { rowsPerSecond, finalist, runs } of report.settings) {
        assert.ok(rowsPerSecond.min <= rowsPerSecond.median && rowsPerSecond.median <= rowsPerSecond.max);
        assert.ok(finalist || runs === 1);
      }
      assert.equal(report.idle.includes('connections'), name === 'SQLite');
      assert.deepEqual(await traces(target), before);
    });

    test(`${name}: a target with tables and a ledger is as before, in success, failure and interruption`, async () => {
      const target = await fresh();
      await using migrator = open(source, target, { tables: ['tiny', 'big'] });
      await migrator.migrateAllTables();
      const ledger = engineOfUrl(target) === 'sqlite' ? '_ferrow_chunks' : '_ferrow.chunks';
      const state = async () => [
        await queryText(target, `SELECT count(*), max(run_id) FROM ${ledger}`),
        await queryText(target, 'SELECT count(*), sum(id) FROM big'),
        await traces(target),
      ];
      const before = await state();

      await migrator.tune({ table: 'big', budgetSeconds: 2 });
      assert.deepEqual(await state(), before);

      const fails = () => {
        throw new RangeError('a listener that fails');
      };
      migrator.once('trial', fails);
      await assert.rejects(migrator.tune({ table: 'big', budgetSeconds: 5 }), RangeError);
      assert.deepEqual(await state(), before);

      for (const trialsBefore of [0, 3]) {
        const controller = new AbortController();
        let trials = 0;
        const interrupt = () => {
          if (++trials > trialsBefore) setTimeout(() => controller.abort(), 5);
        };
        migrator.on('trial', interrupt);
        const { signal } = controller;
        await assert.rejects(migrator.tune({ table: 'big', budgetSeconds: 20, signal }));
        migrator.off('trial', interrupt);
        assert.ok(trials >= trialsBefore);
        assert.deepEqual(await state(), before);
      }
    });
  }

  test('from every engine, and between equal ones, where workers have nothing to do', async () => {
    const duckdb = `duckdb:${join(folder, 'source.duckdb')}`;
    const postgres = await server.createDatabase();
    for (const url of [duckdb, postgres]) {
      await open(source, url, { tables: ['big'] }).migrateAllTables();
      const target = await server.createDatabase();
      await using migrator = open(url, target);
      const report = await migrator.tune({ budgetSeconds: 2 });
      assert.ok(report.measured);
      assert.equal(report.idle.includes('workers'), url === postgres);
      assert.deepEqual(
        (await traces(target)).filter((name) => name.includes('ferrow')),
        [],
      );
    }
  });

  test('columns whose types a server would have to make are left out, and named', async () => {
    const from = await server.createDatabase();
    const to = await server.createDatabase();
    await runStatements(from, [
      "CREATE TYPE mood AS ENUM ('sad', 'glad')",
      'CREATE TABLE day (id serial PRIMARY KEY, felt mood DEFAULT $$glad$$, note text NOT NULL)',
      "INSERT INTO day (note) SELECT 'day ' || i FROM generate_series(1, 600000) i",
      'CREATE TABLE only_moods (felt mood)',
      "INSERT INTO only_moods VALUES ('sad')",
    ]);
    const before = await traces(to);
    await using migrator = open(from, to);
    const report = await migrator.tune({ table: 'day', budgetSeconds: 2 });
    assert.ok(report.measured);
    assert.deepEqual(
      // A machine that does other things too may be noisy.
      report.warnings.filter(({ code }) => code !== 'W_NOISY').map(({ code, column }) => [code, column]),
      [['W_NOT_SAMPLED', 'felt']],
    );
    await assert.rejects(
      migrator.tune({ table: 'only_moods' }),
      (error: FerrowError) => error.code === 'E_USAGE',
    );
    assert.deepEqual(await traces(to), before);
  });

  test('too little to measure: it says so, and recommends the defaults', async () => {
    const target = `duckdb:${join(folder, 'never.duckdb')}`;
    await using migrator = open(source, target);
    for (const [table, because] of [
      ['tiny', /less time than can be measured/],
      ['empty', /is empty/],
    ] as const) {
      const report = await migrator.tune({ table });
      assert.equal(report.measured, false);
      assert.deepEqual(report.recommended, report.standard);
      assert.match(report.because, because);
      assert.deepEqual(report.settings, []);
    }
    assert.ok(!existsSync(join(folder, 'never.duckdb')));
  });

  test('what can not be tuned is refused, and nothing is left', async () => {
    const target = `sqlite:${join(folder, 'refused.db')}`;
    const before = await traces(target);
    const cases: [string, string, string | undefined, string][] = [
      [source, target, 'bgi', 'E_NO_SUCH_TABLE'],
      [source, target, 'seen', 'E_USAGE'],
      [source, target, '*', 'E_USAGE'],
      [`sqlite:${join(folder, 'missing.db')}`, target, undefined, 'E_FILE_MISSING'],
      [source, source, 'big', 'E_SAME_DATABASE'],
    ];
    for (const [from, to, table, code] of cases) {
      await using migrator = open(from, to);
      const tuning = migrator.tune(table === undefined ? {} : { table });
      await assert.rejects(tuning, (error: FerrowError) => {
        assert.equal(error.code, code, `${from} ${table}: ${error.message}`);
        return true;
      });
    }
    assert.deepEqual(await traces(target), before);
  });
});
