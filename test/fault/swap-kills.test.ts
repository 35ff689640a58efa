// Killed around the swap of a blue-green run: the target has the old tables or the new ones, whole, and the run can be carried
// on. Killed in the middle of a transactional run: the target is as it was.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { documentOf, startFerrow } from '../cli/run-bin.ts';
import { ferrowHere } from '../cli/run-here.ts';
import { engineOfUrl, queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 150_000;

suite('killed around a swap', () => {
  const folder = temporaryFolder({ after });
  const source = `sqlite:${join(folder, 'source.db')}`;
  let server: PostgresServer;
  let count = 0;

  before(async () => {
    server = await startPostgres();
    const rows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})`;
    await runStatements(source, [
      'CREATE TABLE parent (id INTEGER PRIMARY KEY, label TEXT)',
      'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id), label TEXT)',
      'CREATE INDEX child_label ON child (label)',
      `INSERT INTO parent ${rows} SELECT i, 'new ' || i FROM n`,
      `INSERT INTO child ${rows} SELECT i, i, 'new ' || i FROM n`,
    ]);
  });
  after(() => server.stop());

  const targets: [string, () => Promise<string> | string][] = [
    ['SQLite', () => `sqlite:${join(folder, `target-${++count}.db`)}`],
    ['DuckDB', () => `duckdb:${join(folder, `target-${++count}.duckdb`)}`],
    ['PostgreSQL', () => server.createDatabase()],
  ];
  const LIVE = [
    'CREATE TABLE parent (id INTEGER PRIMARY KEY, label TEXT)',
    'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id), label TEXT)',
    'CREATE INDEX child_label ON child (label)',
    "INSERT INTO parent VALUES (1, 'old 1'), (2, 'old 2')",
    "INSERT INTO child VALUES (1, 1, 'old 1'), (2, 2, 'old 2')",
  ];
  const standing = async (url: string) => {
    const [[rows, oldest]] = await queryText(
      url,
      'SELECT count(*), min(parent.label) FROM parent JOIN child ON parent = parent.id AND child.label = parent.label',
    );
    return `${rows} ${oldest.slice(0, 3)}`;
  };
  const stagingOf = async (url: string) => {
    const sql = {
      sqlite: 'SELECT name FROM sqlite_schema',
      duckdb: 'SELECT table_name FROM duckdb_tables()',
      postgres: 'SELECT relname FROM pg_class UNION ALL SELECT nspname FROM pg_namespace',
    }[engineOfUrl(url)];
    return (await queryText(url, sql))
      .map(([name]) => String(name))
      .filter((name) => /^_ferrow_[0-9a-f]{8}/.test(name));
  };

  /**
   * A server may still be at the statement that it was given; a SQLite file has a journal that the next connection which
   * may write rolls back.
   */
  const settled = async (url: string) => {
    if (engineOfUrl(url) === 'postgres') await setTimeout(300);
    if (engineOfUrl(url) === 'sqlite') await runStatements(url, ['SELECT count(*) FROM sqlite_schema']);
  };

  for (const [name, fresh] of targets) {
    test(`${name}: old or new, whole; then carried on and rolled back`, async () => {
      for (const millis of [0, 15, 60, 200]) {
        const target = await fresh();
        await runStatements(target, LIVE);
        const run = startFerrow(['migrate', source, target, '--strategy', 'blue-green', '--verbose']);
        await run.saw(/swapping tables/);
        await setTimeout(millis * (0.5 + Math.random()));
        run.child.kill('SIGKILL');
        await run.ended;
        await settled(target);
        const found = await standing(target);
        assert.ok(['2 old', `${ROWS} new`].includes(found), `${millis} ms: ${found}`);

        const resumed = await ferrowHere(['resume', target, '--json']);
        const isDone = documentOf(resumed).error?.code === 'E_NO_SUCH_RUN';
        assert.ok(resumed.status === 0 || isDone, `${resumed.stdout}${resumed.stderr}`);
        assert.equal(await standing(target), `${ROWS} new`);
        assert.deepEqual(await stagingOf(target), []);
        const back = await ferrowHere(['rollback', target]);
        assert.equal(back.status, 0, back.stderr);
        assert.match(back.stdout, /child +as before the run +kept as child_ferrow_old/);
        assert.equal(await standing(target), '2 old');
        const again = await ferrowHere(['rollback', target, '--json']);
        assert.deepEqual([again.status, documentOf(again).error?.code], [2, 'E_NOTHING_TO_ROLL_BACK']);
      }
    });

    test(`${name}: a transactional run leaves the target as it was`, async () => {
      for (const millis of [50, 250, 600]) {
        const target = await fresh();
        await runStatements(target, LIVE);
        const run = startFerrow([
          'migrate',
          source,
          target,
          '--strategy',
          'transactional',
          '--if-exists',
          'replace',
          '--verbose',
          '--batch-size',
          '5000',
        ]);
        await run.saw(/-> .*2 tables/);
        await setTimeout(millis * (0.5 + Math.random()));
        run.child.kill('SIGKILL');
        await run.ended;
        await settled(target);
        // Each table is a transaction of its own.
        for (const table of ['parent', 'child']) {
          const [[rows]] = await queryText(target, `SELECT count(*) FROM ${table}`);
          assert.ok(['2', String(ROWS)].includes(rows), `${table} after ${millis} ms: ${rows}`);
        }
        if (engineOfUrl(target) !== 'duckdb') assert.deepEqual(await stagingOf(target), []);
      }
    });
  }
});
