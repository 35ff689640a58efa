// Files as sources that others write, or were killed while they wrote: what is committed is read, all of one moment; the file
// stays as it was.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import SqliteDatabase from 'better-sqlite3';
import { documentOf, ferrow, startFerrow } from '../cli/run-bin.ts';
import { assertLedgerAgrees, assertNothingLeft } from '../support/fault-checks.ts';
import { migrateArgs, resumeArgs, runUntilFrozen, said } from '../support/fault-runs.ts';
import { asking, queryText, runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 20_000;

suite('files that others write', () => {
  const folder = temporaryFolder({ after });
  let files = 0;
  const fresh = (suffix: string) => join(folder, `${++files}.${suffix}`);
  const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

  for (const log of ['empty', 'filled'])
    test(`SQLite with a write-ahead log, ${log}, and a writer that goes on: killed and carried on`, async () => {
      const path = fresh('db');
      const writer = new SqliteDatabase(path);
      writer.pragma('journal_mode = WAL');
      const sides = ['debit', 'credit'];
      for (const side of sides)
        writer.exec(`CREATE TABLE ${side} (id INTEGER PRIMARY KEY, amount INTEGER, filling TEXT);
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
          INSERT INTO ${side} SELECT i, 1000, '${'.'.repeat(100)}' || i FROM n`);
      let moves = 0;
      const move = writer.transaction(() => {
        const id = ((++moves * 7919) % ROWS) + 1;
        writer.exec(`UPDATE debit SET amount = amount - 1 WHERE id = ${id};
          UPDATE credit SET amount = amount + 1 WHERE id = ${ROWS + 1 - id}`);
      });
      if (log === 'empty') writer.pragma('wal_checkpoint(TRUNCATE)');
      else move();
      const pair = {
        source: `sqlite:${path}`,
        target: `sqlite:${join(temporaryFolder({ after }), 'target.db')}`,
      };
      const frozen = await runUntilFrozen(migrateArgs(pair), 'group.written:freeze@3');
      for (let times = 0; times < 50; times++) move();
      frozen.child.kill('SIGKILL');
      await frozen.ended;
      await assertLedgerAgrees(pair.target, log);

      const { ended, saw } = startFerrow(resumeArgs(pair));
      await saw(/-> .*\d+ tables/);
      const writing = setInterval(move, 1);
      const resumed = await ended;
      clearInterval(writing);
      writer.close();
      assert.equal(resumed.status, 0, said(resumed));
      const sum = 'SELECT (SELECT sum(amount) FROM debit) + (SELECT sum(amount) FROM credit)';
      const isMixed = documentOf(resumed).warnings.some(({ code }) => code === 'W_TWO_SNAPSHOTS');
      if (!isMixed) assert.deepEqual(await queryText(pair.target, sum), [[String(2 * ROWS * 1000)]]);
      for (const side of sides)
        assert.deepEqual(await queryText(pair.target, `SELECT count(*) FROM ${side}`), [[String(ROWS)]]);
      await assertNothingLeft(pair.target, log);
    });

  test('SQLite with the write-ahead log of a killed writer is read as committed', async () => {
    const path = fresh('db');
    killedAfter(
      'better-sqlite3',
      `const db = new module.default(${JSON.stringify(path)});
      db.pragma('journal_mode = WAL'); db.pragma('wal_autocheckpoint = 0'); db.pragma('cache_size = 5');
      ${inSqlite('CREATE TABLE item (id INTEGER PRIMARY KEY, label TEXT)', fill('committed'))}
      ${inSqlite('BEGIN', "UPDATE item SET label = 'lost'")}`,
    );
    assert.ok(readFileSync(`${path}-wal`).length > 0);
    const before = hashOf(path);
    await assertCommitted(`sqlite:${path}`);
    assert.equal(hashOf(path), before, 'the source was written');
  });

  test('SQLite with the journal of a killed writer is refused, and read as committed once that is rolled back', async () => {
    const path = fresh('db');
    killedAfter(
      'better-sqlite3',
      `const db = new module.default(${JSON.stringify(path)});
      db.pragma('cache_size = 5');
      ${inSqlite('CREATE TABLE item (id INTEGER PRIMARY KEY, label TEXT)', fill('committed'))}
      ${inSqlite('BEGIN', "UPDATE item SET label = 'lost'")}`,
    );
    const before = hashOf(path);
    const refused = await ferrow(migrateArgs({ source: `sqlite:${path}`, target: fresh('db') }));
    assert.equal(documentOf(refused).error?.code, 'E_FILE_UNREADABLE', said(refused));
    assert.match(documentOf(refused).error?.hint ?? '', /open the database once/);
    assert.equal(hashOf(path), before, 'the source was written');
    await runStatements(`sqlite:${path}`, ['SELECT count(*) FROM item']);
    await assertCommitted(`sqlite:${path}`);
  });

  test('DuckDB with the log of a killed writer is read as committed', async () => {
    const path = fresh('duckdb');
    killedAfter(
      '@duckdb/node-api',
      inDuckdb(
        path,
        'CREATE TABLE item (id INTEGER, label VARCHAR)',
        fill('committed'),
        'BEGIN',
        fill('lost'),
      ),
    );
    assert.ok(readFileSync(`${path}.wal`).length > 0);
    const before = hashOf(path);
    await assertCommitted(`duckdb:${path}`);
    assert.equal(hashOf(path), before, 'the source was written');
  });

  test('DuckDB with a log that only a writer can replay is refused as a source, and looked at as a target', async () => {
    const path = fresh('duckdb');
    killedAfter(
      '@duckdb/node-api',
      inDuckdb(
        path,
        `CREATE TABLE item AS SELECT i AS id, 'committed ' || i AS label FROM range(1, ${ROWS + 1}) r(i)`,
        'ALTER TABLE item ADD PRIMARY KEY (id)',
      ),
    );
    const before = hashOf(path);
    const refused = await ferrow(migrateArgs({ source: `duckdb:${path}`, target: fresh('db') }));
    assert.equal(documentOf(refused).error?.code, 'E_FILE_UNREADABLE', said(refused));
    assert.match(documentOf(refused).error?.hint ?? '', /open the database once/);
    assert.equal(hashOf(path), before, 'the source was written');
    const copy = fresh('duckdb');
    for (const suffix of ['', '.wal']) copyFileSync(path + suffix, copy + suffix);
    const looked = await ferrow(['runs', `duckdb:${copy}`]);
    assert.equal(looked.status, 0, said(looked));
    await runStatements(`duckdb:${path}`, ['SELECT count(*) FROM item']);
    await assertCommitted(`duckdb:${path}`);
  });

  test('a DuckDB file that the parent process reads can be read beside it, and not be written', async () => {
    const path = fresh('duckdb');
    await runStatements(`duckdb:${path}`, [
      `CREATE TABLE item AS SELECT i AS id, 'committed ' || i AS label FROM range(1, ${ROWS + 1}) r(i)`,
    ]);
    // Open here while Ferrow runs, which gets the descriptor from this process.
    await asking(`duckdb:${path}`, async () => {
      await assertCommitted(`duckdb:${path}`);
      const refused = await ferrow(migrateArgs({ source: `duckdb:${path}`, target: `duckdb:${path}` }));
      assert.equal(refused.status, 2, said(refused));
      const source = `sqlite:${fresh('db')}`;
      await runStatements(source, ['CREATE TABLE other (id INTEGER)']);
      const locked = documentOf(await ferrow(migrateArgs({ source, target: `duckdb:${path}` }))).error;
      assert.equal(locked?.code, 'E_LOCKED');
      assert.doesNotMatch(locked?.message ?? '', /this process/);
    });
  });

  /** Moves it, and finds what was committed. */
  async function assertCommitted(source: string): Promise<void> {
    const target = `sqlite:${fresh('db')}`;
    const ended = await ferrow(migrateArgs({ source, target }));
    assert.equal(ended.status, 0, said(ended));
    const sql = "SELECT count(*), count(DISTINCT id), sum(label = 'committed ' || id) FROM item";
    assert.deepEqual(await queryText(target, sql), [[String(ROWS), String(ROWS), String(ROWS)]]);
  }
});

const fill = (word: string) =>
  `INSERT INTO item WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
   SELECT i, '${word} ' || i FROM n`;

const inSqlite = (...statements: string[]) =>
  statements.map((sql) => `db.exec(${JSON.stringify(sql)});`).join('\n');

const inDuckdb = (path: string, ...statements: string[]) =>
  `const instance = await module.DuckDBInstance.create(${JSON.stringify(path)});
  const connection = await instance.connect();
  await connection.run("SET checkpoint_threshold = '1GB'");
  ${statements.map((sql) => `await connection.run(${JSON.stringify(sql)});`).join('\n')}`;

/** Runs a script with a driver as `module`, in a process that kills itself at its end. */
function killedAfter(driver: string, script: string): void {
  const from = pathToFileURL(createRequire(import.meta.url).resolve(driver)).href;
  const source = `const module = await import(${JSON.stringify(from)}); ${script}; process.kill(process.pid, 'SIGKILL')`;
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
  });
  assert.equal(signal, 'SIGKILL', stderr);
}
