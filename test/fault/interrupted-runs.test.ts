// Runs that end too early, each in a process of its own: killed, interrupted, cut off from the server. The target never
// shows a half-filled table under its own name, and its ledger and its rows agree.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { documentOf, startFerrow } from '../cli/run-bin.ts';
import { engineOfUrl, queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, runSql, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 1_500_000;

suite('runs that end too early', () => {
  const folder = temporaryFolder({ after });
  const sqlite = `sqlite:${join(folder, 'source.db')}`;
  let server: PostgresServer;
  let postgres: string;
  let count = 0;

  before(async () => {
    server = await startPostgres();
    postgres = await server.createDatabase();
    const table = 'CREATE TABLE big (id INTEGER PRIMARY KEY, label TEXT)';
    await runStatements(sqlite, [
      table,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
       INSERT INTO big SELECT i, 'label number ' || i FROM n`,
    ]);
    await runSql(
      postgres,
      table,
      `INSERT INTO big SELECT i, 'label number ' || i FROM generate_series(1, ${ROWS}) i`,
    );
  });
  after(() => server.stop());

  const targets: [string, () => Promise<string> | string][] = [
    ['SQLite', () => `sqlite:${join(folder, `target-${++count}.db`)}`],
    ['DuckDB', () => `duckdb:${join(folder, `target-${++count}.duckdb`)}`],
    ['PostgreSQL', () => server.createDatabase()],
  ];
  const begin = async (source: string, target: string, ...more: string[]) => {
    const run = startFerrow([
      'migrate',
      source,
      target,
      '--json',
      '--verbose',
      '--batch-size',
      '2000',
      ...more,
    ]);
    await run.saw(/-> .*1 table/);
    return run;
  };

  for (const [name, fresh] of targets) {
    test(`${name}: killed at any instant, ledger and staged rows agree`, async () => {
      for (const millis of [40, 350]) {
        const target = await fresh();
        const { child, ended } = await begin(sqlite, target);
        await setTimeout(millis + Math.random() * 150);
        child.kill('SIGKILL');
        await ended;
        const tables = await tablesOf(target);
        assert.ok(!tables.includes('big'), `${millis} ms: ${tables}`);
        const staged = tables.find((table) => /^_ferrow_[0-9a-f]{8}_\d+$/.test(table));
        if (staged === undefined) continue;
        const [[inLedger]] = await queryText(
          target,
          `SELECT coalesce(sum("rows"), 0) FROM ${ledgerOf(target)}`,
        );
        assert.deepEqual(await queryText(target, `SELECT count(*) FROM "${staged}"`), [[inLedger]]);
      }
    });

    test(`${name}: SIGINT leaves what was there, and nothing else but the ledger`, async () => {
      const target = await fresh();
      const first = await begin(sqlite, target);
      first.child.kill('SIGINT');
      assert.equal((await first.ended).status, 130);
      if (engineOfUrl(target) !== 'postgres')
        assert.ok(!existsSync(target.replace(/^\w+:/, '')), 'a file that the run made goes with it');

      await runStatements(target, [
        'CREATE TABLE big (id INTEGER, label TEXT)',
        'INSERT INTO big VALUES (-1, NULL)',
      ]);
      for (const mode of ['replace', 'append']) {
        const again = await begin(sqlite, target, '--if-exists', mode);
        again.child.kill('SIGINT');
        const end = await again.ended;
        assert.deepEqual([end.status, documentOf(end).error?.code], [130, 'E_CANCELLED']);
        assert.deepEqual(await queryText(target, 'SELECT id FROM big'), [['-1']]);
        assert.deepEqual(
          (await tablesOf(target)).filter((table) => /_ferrow_[0-9a-f]{8}/.test(table)),
          [],
        );
      }
    });

    test(`${name}: a second SIGINT ends at once, without a crash`, async () => {
      const { child, ended } = await begin(sqlite, await fresh());
      await setTimeout(150);
      child.kill('SIGINT');
      await setTimeout(3);
      child.kill('SIGINT');
      const { status, stderr } = await ended;
      // Node reports death by SIGINT, which a shell calls 130, as no status and a signal.
      assert.ok(status === 130 || child.signalCode === 'SIGINT', `${status} ${child.signalCode}\n${stderr}`);
      assert.doesNotMatch(stderr, /Napi|terminate called|^\s+at /m);
    });
  }

  test('DuckDB: killed while numbered tables take their keys and defaults, the file can be opened', async () => {
    const numbered = `sqlite:${join(folder, 'numbered.db')}`;
    const names = Array.from({ length: 12 }, (_, at) => `numbered_${at}`);
    await runStatements(
      numbered,
      names.flatMap((name) => [
        `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, label TEXT DEFAULT 'none')`,
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
         INSERT INTO ${name} SELECT i, 'label number ' || i FROM n`,
      ]),
    );
    for (let round = 0; round < 12; round++) {
      const target = `duckdb:${join(folder, `numbered-${round}.duckdb`)}`;
      const { child, ended, saw } = startFerrow(['migrate', numbered, target, '--json', '--verbose']);
      await saw(/building foreign keys/);
      await setTimeout(round * 14);
      child.kill('SIGKILL');
      await ended;
      for (const table of (await tablesOf(target)).filter((name) => names.includes(name)))
        assert.deepEqual(await queryText(target, `SELECT count(*), max(id) FROM ${table}`), [
          ['5000', '5000'],
        ]);
    }
  });

  test('a connection that the server ends: an error that says so, and the target as it was', async () => {
    const cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ferrow'";
    const file = join(folder, 'cut.duckdb');
    for (const [source, target] of [
      [postgres, `duckdb:${file}`],
      [sqlite, await server.createDatabase()],
    ]) {
      const { ended } = await begin(source, target);
      let cutCount = 0;
      while (cutCount === 0) cutCount = (await runSql(postgres, cut))[0].rows.length;
      const end = await ended;
      assert.deepEqual([end.status, documentOf(end).error?.code], [1, 'E_CONNECTION_LOST'], end.stderr);
    }
    assert.ok(!existsSync(file));
  });

  test('nothing is left behind beside the files', () => {
    const strays = readdirSync(folder).filter(
      (name) => name.startsWith('.') && !name.endsWith('.ferrow-spill'),
    );
    assert.deepEqual(strays, []);
  });
});

/** A killed SQLite leaves a journal that the next connection that may write rolls back. */
async function tablesOf(url: string): Promise<string[]> {
  const engine = engineOfUrl(url);
  if (engine !== 'postgres' && !existsSync(url.replace(/^\w+:/, ''))) return [];
  if (engine === 'sqlite') await runStatements(url, ['SELECT 1']);
  const sql = {
    sqlite: 'SELECT name FROM sqlite_schema',
    duckdb: 'SELECT table_name FROM duckdb_tables()',
    postgres: "SELECT tablename FROM pg_tables WHERE schemaname IN ('public', '_ferrow')",
  }[engine];
  return (await queryText(url, sql)).flat();
}

function ledgerOf(url: string): string {
  return engineOfUrl(url) === 'sqlite' ? '_ferrow_chunks' : '_ferrow.chunks';
}
