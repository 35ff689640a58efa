// Two processes and one target: at once, one after the other, one that was left for dead and comes back. And a source that is
// not what it was when the run is carried on.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { documentOf, ferrow } from '../cli/run-bin.ts';
import { assertLedgerAgrees, assertNothingLeft, ledgerOf, stagingTablesOf } from '../support/fault-checks.ts';
import { ENGINES, faultPlaces } from '../support/fault-places.ts';
import { migrateArgs, resumeArgs, runUntilFrozen, said } from '../support/fault-runs.ts';
import { contentOfAll, FAULT_TABLES, makeFaultSource } from '../support/fault-source.ts';
import { runStatements } from '../support/judge.ts';
import { runSql } from '../support/postgres.ts';

const CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ferrow'";
const KILLED = { FERROW_FAILPOINT: 'group.committed:kill@4' };

suite('two runs on one target, and sources that change between', () => {
  const places = faultPlaces({ before, after });

  for (const engine of ENGINES) {
    test(`${engine}: the same tables at once: the second is refused, the first is not harmed`, async () => {
      const pair = await places.pair('sqlite', engine, '--retries', '0');
      const frozen = await runUntilFrozen(migrateArgs(pair), 'group.written:freeze@4');
      const second = await ferrow(migrateArgs(pair));
      const code = documentOf(second).error?.code ?? '';
      assert.ok(['E_RUN_UNDER_WAY', 'E_LOCKED'].includes(code), said(second));
      frozen.thaw();
      assert.equal((await frozen.ended).status, 0, said(await frozen.ended));
      assert.deepEqual(await contentOfAll(pair.target), places.expected);
      await assertNothingLeft(pair.target, 'the first of two');
    });

    test(`${engine}: a new run on a half-done one says what the choices are; runs --clean forgets it`, async () => {
      const pair = await places.pair('duckdb', engine);
      await ferrow(migrateArgs(pair), KILLED);
      const again = await ferrow([...migrateArgs(pair), '--if-exists', 'replace']);
      const { error } = documentOf(again);
      assert.equal(error?.code, 'E_RUN_UNFINISHED', said(again));
      assert.match(error?.hint ?? '', /ferrow resume .*ferrow runs .*--clean/);
      const listed = await ferrow(['runs', pair.target]);
      assert.match(listed.stdout, /killed/);
      const cleaned = await ferrow(['runs', pair.target, '--clean', 'all', '--json']);
      assert.equal(cleaned.status, 0, said(cleaned));
      assert.deepEqual(await stagingTablesOf(pair.target), []);
      const anew = await ferrow([...migrateArgs(pair), '--if-exists', 'replace']);
      assert.equal(anew.status, 0, said(anew));
      assert.deepEqual(await contentOfAll(pair.target), places.expected);
    });
  }

  test('other tables at once: both succeed', async () => {
    const target = await places.server.createDatabase();
    const halves = ['journal,wide', 'parents,children,few,hollow'];
    const runs = await Promise.all(
      halves.map((tables) =>
        ferrow(migrateArgs({ source: places.source('sqlite'), target, more: ['--tables', tables] })),
      ),
    );
    for (const run of runs) assert.equal(run.status, 0, said(run));
    assert.deepEqual(await contentOfAll(target), places.expected);
    await assertNothingLeft(target, 'both');
  });

  test('a process that was left for dead commits nothing more, and leaves the run of its successor alone', async () => {
    const pair = await places.pair('sqlite', 'postgres');
    const zombie = await runUntilFrozen(migrateArgs(pair), 'group.written:freeze@3');
    const refused = await ferrow(resumeArgs(pair));
    assert.equal(documentOf(refused).error?.code, 'E_RUN_UNDER_WAY', said(refused));
    await runSql(places.server.url, CUT);
    const resumed = await ferrow(resumeArgs(pair));
    assert.equal(resumed.status, 0, said(resumed));
    const before = await ledgerOf(pair.target);
    zombie.thaw();
    const ended = await zombie.ended;
    assert.notEqual(ended.status, 0, said(ended));
    assert.deepEqual(await contentOfAll(pair.target), places.expected);
    assert.deepEqual(await ledgerOf(pair.target), before);
    await assertNothingLeft(pair.target, 'zombie');
  });

  // A DuckDB file that a process has open, frozen or not, no other can open.
  for (const engine of ['sqlite', 'postgres'] as const)
    test(`${engine}: a process that was left for dead before its swap swaps nothing`, async () => {
      const pair = await places.pair('duckdb', engine, '--strategy', 'blue-green');
      const zombie = await runUntilFrozen(migrateArgs(pair), 'table.finished:freeze@6');
      if (engine === 'postgres') await runSql(places.server.url, CUT);
      // As if it were of another machine, of which nobody knows whether it is still at it.
      else await runStatements(pair.target, [`UPDATE _ferrow_runs SET owner = '["elsewhere",1,null]'`]);
      const resumed = await ferrow(resumeArgs(pair));
      assert.equal(resumed.status, 0, said(resumed));
      await runStatements(pair.target, ["UPDATE few SET label = 'since'"]);
      const [before, ledger] = [await contentOfAll(pair.target), await ledgerOf(pair.target)];
      zombie.thaw();
      const ended = await zombie.ended;
      assert.equal(documentOf(ended).error?.code, 'E_RUN_UNDER_WAY', said(ended));
      assert.deepEqual(await contentOfAll(pair.target), before);
      assert.deepEqual(await ledgerOf(pair.target), ledger);
      await assertNothingLeft(pair.target, 'zombie');
    });

  for (const from of ENGINES)
    test(`${from}: a source that has changed since is read anew; what stands is named as of another moment`, async () => {
      const source = await places.empty(from);
      await makeFaultSource(source);
      const pair = { source, target: await places.empty('sqlite') };
      await ferrow(migrateArgs(pair), { FERROW_FAILPOINT: 'table.finished:kill@3' });
      const ledger = await assertLedgerAgrees(pair.target, 'killed');
      const finished =
        ledger?.tables.filter(({ state }) => state === 'finished').map(({ name }) => name) ?? [];
      assert.ok(finished.length >= 2 && finished.length < 6, `${finished}`);
      const then = await contentOfAll(source);
      await runStatements(
        source,
        Object.keys(FAULT_TABLES).flatMap((table) =>
          table === 'journal' ? ["INSERT INTO journal VALUES (-1, 'later')"] : [],
        ),
      );
      await runStatements(source, ["UPDATE wide SET filling = 'changed' WHERE id = 17"]);
      const now = await contentOfAll(source);
      const resumed = await ferrow(resumeArgs(pair));
      assert.equal(resumed.status, 0, said(resumed));
      const content = await contentOfAll(pair.target);
      for (const [table, held] of Object.entries(content))
        assert.equal(held, finished.includes(table) ? then[table] : now[table], table);
      const warns = documentOf(resumed).warnings.some(({ code }) => code === 'W_TWO_SNAPSHOTS');
      // PostgreSQL tells table by table; a file has changed or not.
      const isMixed = finished.some((table) => from !== 'postgres' || then[table] !== now[table]);
      assert.equal(warns, isMixed, said(resumed));
      await assertNothingLeft(pair.target, 'changed');
    });

  test('a source whose definition has changed is refused', async () => {
    const source = await places.empty('duckdb');
    await makeFaultSource(source);
    const pair = { source, target: await places.empty('sqlite') };
    await ferrow(migrateArgs(pair), { FERROW_FAILPOINT: 'group.committed:kill@2' });
    await runStatements(source, ['ALTER TABLE journal ADD COLUMN extra INTEGER']);
    const resumed = await ferrow(resumeArgs(pair));
    assert.equal(documentOf(resumed).error?.code, 'E_NOT_RESUMABLE', said(resumed));
  });
});
