// What servers and their other users do to a run: a crash in the middle, time limits, locks that are held, a writer at work.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { documentOf, ferrow, startFerrow } from '../cli/run-bin.ts';
import { assertLedgerAgrees, assertNothingLeft } from '../support/fault-checks.ts';
import { faultPlaces } from '../support/fault-places.ts';
import { migrateArgs, resumeArgs, runUntilFrozen, said } from '../support/fault-runs.ts';
import { contentOfAll, FAULT_TABLES, makeFaultSource } from '../support/fault-source.ts';
import { queryText, runStatements } from '../support/judge.ts';

suite('servers that fail, and their other users', () => {
  const places = faultPlaces({ before, after });

  for (const [from, to] of [
    ['sqlite', 'postgres'],
    ['postgres', 'duckdb'],
  ] as const) {
    test(`${from} to ${to}: the server crashes and starts again, retries get over it`, async () => {
      const pair = await places.pair(from, to, '--retries', '8');
      const frozen = await runUntilFrozen(migrateArgs(pair), 'group.written:freeze@3');
      await places.server.crash();
      frozen.thaw();
      await setTimeout(400);
      await places.server.restart();
      const ended = await frozen.ended;
      assert.equal(ended.status, 0, said(ended));
      assert.deepEqual(await contentOfAll(pair.target), places.expected);
      await assertNothingLeft(pair.target, 'crash');
    });
  }

  test('tables without a log are empty after a crash: resume notices', async () => {
    const target = await places.server.createDatabase();
    await makeFaultSource(target);
    const emptied = Object.keys(FAULT_TABLES).map((table) => `TRUNCATE ${table} CASCADE`);
    await runStatements(target, emptied);
    const more = ['--if-exists', 'append', '--retries', '0'];
    const pair = { source: places.source('duckdb'), target, more };
    const frozen = await runUntilFrozen(migrateArgs(pair), 'group.written:freeze@4');
    await places.server.crash();
    frozen.thaw();
    assert.notEqual((await frozen.ended).status, 0);
    await places.server.restart();
    const resumed = await ferrow(resumeArgs(pair));
    assert.equal(resumed.status, 0, said(resumed));
    assert.deepEqual(await contentOfAll(target), places.expected);
    await assertNothingLeft(target, 'without a log');
  });

  test('limits on statements that the database sets do not end a run', async () => {
    const pair = await places.pair('postgres', 'postgres');
    const name = (url: string) => `"${new URL(url).pathname.slice(1)}"`;
    const settings = ['statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'];
    const each = (url: string, value: string) =>
      settings.map((setting) => `ALTER DATABASE ${name(url)} SET ${setting} = ${value}`);
    await runStatements(pair.target, each(pair.target, "'20ms'"));
    await runStatements(pair.source, each(pair.source, "'20ms'"));
    const ended = await ferrow(migrateArgs(pair));
    const reset = new pg.Client({ connectionString: places.server.url.replace(/\?.*/, '') });
    await reset.connect();
    for (const url of [pair.source, pair.target]) await reset.query(each(url, 'DEFAULT').join('; '));
    await reset.end();
    assert.equal(ended.status, 0, said(ended));
    assert.deepEqual(await contentOfAll(pair.target), places.expected);
  });

  for (const mode of ['replace', 'append'])
    test(`${mode}: a lock on the live table is waited for; one that stays ends the run with a clear error`, async () => {
      const target = await places.server.createDatabase();
      await makeFaultSource(target);
      if (mode === 'append') await runStatements(target, ['TRUNCATE journal']);
      const other = ['--tables', 'journal', '--if-exists', mode];
      const pair = { source: places.source('sqlite'), target, more: [...other, '--retries', '0'] };
      const holder = await lock(target, 'journal', 'SHARE');
      const began = performance.now();
      const ended = await ferrow(migrateArgs(pair));
      const { error } = documentOf(ended);
      assert.deepEqual([ended.status !== 0, error?.code], [true, 'E_LOCKED'], said(ended));
      assert.match(error?.message ?? '', /another session holds a lock on .*journal/);
      assert.ok(performance.now() - began < 30_000);
      await assertLedgerAgrees(target, mode);
      const { ended: resumed } = startFerrow(resumeArgs(pair));
      await setTimeout(1500);
      await holder.end();
      assert.equal((await resumed).status, 0, said(await resumed));
      assert.equal((await contentOfAll(target))['journal'], places.expected['journal']);
      await assertNothingLeft(target, mode);
    });

  test('a lock on a table of the source ends the run before it begins, with a clear error', async () => {
    const pair = await places.pair('postgres', 'sqlite', '--retries', '0');
    const holder = await lock(pair.source, 'wide', 'ACCESS EXCLUSIVE');
    const ended = await ferrow(migrateArgs(pair));
    await holder.end();
    assert.equal(documentOf(ended).error?.code, 'E_LOCKED', said(ended));
  });

  test('a source that is written to while it is read is read as of one moment', async () => {
    const source = await places.server.createDatabase();
    await runStatements(source, [
      'CREATE TABLE debit (id int PRIMARY KEY, amount bigint NOT NULL, filling text)',
      'CREATE TABLE credit (id int PRIMARY KEY, amount bigint NOT NULL, filling text)',
      "INSERT INTO debit SELECT i, 1000, repeat('x', 200) FROM generate_series(1, 20000) i",
      "INSERT INTO credit SELECT i, 1000, repeat('x', 200) FROM generate_series(1, 20000) i",
    ]);
    let isOver = false;
    let moves = 0;
    const writer = async (seed: number) => {
      const client = new pg.Client({ connectionString: source.replace(/\?.*/, '') });
      await client.connect();
      for (; !isOver; moves++) {
        const [from, to] = [((moves * 7919 + seed) % 20000) + 1, ((moves * 104729 + seed) % 20000) + 1];
        await client.query(
          `BEGIN; UPDATE debit SET amount = amount - 1 WHERE id = ${from}; UPDATE credit SET amount = amount + 1 WHERE id = ${to}; COMMIT`,
        );
      }
      await client.end();
    };
    const writers = [writer(1), writer(2)];
    const pair = { source, target: await places.empty('duckdb') };
    const ended = await ferrow(migrateArgs(pair));
    isOver = true;
    await Promise.all(writers);
    assert.equal(ended.status, 0, said(ended));
    assert.ok(moves > 20, `${moves} transactions of the writers`);
    const sum = 'SELECT (SELECT sum(amount) FROM debit) + (SELECT sum(amount) FROM credit)';
    assert.deepEqual(await queryText(pair.target, sum), [['40000000']]);
  });
});

async function lock(url: string, table: string, mode: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url.replace(/\?.*/, '') });
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN ${mode} MODE`);
  return client;
}
