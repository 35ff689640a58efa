// Runs that end too early, each in a process of its own: interrupted, cut off from the places.server. What is committed stays and is
// carried on; where nothing is, nothing is left.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { documentOf, ferrow, startFerrow } from '../cli/run-bin.ts';
import { ferrowHere } from '../cli/run-here.ts';
import {
  assertLedgerAgrees,
  assertNothingLeft,
  settle,
  stagingTablesOf,
  tablesOf,
} from '../support/fault-checks.ts';
import { ENGINES, faultPlaces } from '../support/fault-places.ts';
import {
  migrateArgs,
  type Pair,
  resumeArgs,
  runToTheEnd,
  runUntilFrozen,
  said,
} from '../support/fault-runs.ts';
import { contentOfAll, FAULT_TABLES, makeFaultSource } from '../support/fault-source.ts';
import { pathOfUrl, queryText, runStatements } from '../support/judge.ts';
import { runSql } from '../support/postgres.ts';

const CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ferrow'";

suite('runs that end too early', () => {
  const places = faultPlaces({ before, after });

  const warningsOf = (ended: Awaited<ReturnType<typeof ferrow>>) =>
    documentOf(ended).warnings.map(({ code }) => code);

  for (const engine of ENGINES) {
    for (const [signal, action] of [
      ['SIGINT', 'interrupt'],
      ['SIGTERM', 'terminate'],
    ]) {
      test(`${engine}: ${signal} keeps what is committed, and says how to carry on`, async () => {
        // Tables of DuckDB may wait for the end: then the first that are finished have committed nothing.
        for (const [step, nth] of [
          ['group.committed', 1],
          ['table.finished', 4],
        ] as const) {
          const pair = await places.pair('sqlite', engine);
          const ended = await ferrow(migrateArgs(pair), { FERROW_FAILPOINT: `${step}:${action}@${nth}` });
          const { error } = documentOf(ended);
          assert.deepEqual([ended.status, error?.code], [130, 'E_CANCELLED'], `${step}: ${said(ended)}`);
          assert.ok(warningsOf(ended).includes('W_RESUMABLE'), `${step}: ${said(ended)}`);
          await assertLedgerAgrees(pair.target, step);
          await finish(pair, step);
        }
      });
    }

    test(`${engine}: a run that is interrupted before it has committed anything leaves nothing`, async () => {
      const pair = await places.pair('sqlite', engine);
      const ended = await ferrow(migrateArgs(pair), { FERROW_FAILPOINT: 'prepare.made:interrupt' });
      assert.equal(ended.status, 130, said(ended));
      if (!warningsOf(ended).includes('W_RESUMABLE')) {
        assert.deepEqual(await stagingTablesOf(pair.target), []);
        if (engine !== 'postgres') assert.ok(!existsSync(pathOfUrl(pair.target)), 'its file goes with it');
      }
      await finish(pair, 'interrupted early');
    });

    test(`${engine}: interrupted while it replaces or appends, live tables stay until theirs is whole`, async () => {
      for (const mode of ['replace', 'append']) {
        const pair = await places.pair('duckdb', engine, '--if-exists', mode);
        await makeFaultSource(pair.target);
        if (mode === 'append') await emptied(pair.target);
        const before = await contentOfAll(pair.target);
        const ended = await ferrow(migrateArgs(pair), { FERROW_FAILPOINT: 'group.committed:interrupt@2' });
        assert.equal(ended.status, 130, said(ended));
        const ledger = await assertLedgerAgrees(pair.target, mode);
        const now = await contentOfAll(pair.target);
        for (const { name, state } of ledger?.tables ?? [])
          if (state !== 'finished') assert.equal(now[name], before[name], `${mode}: ${name}`);
        const resumed = await ferrowHere(resumeArgs(pair));
        assert.equal(resumed.status, 0, said(resumed));
        assert.deepEqual(await contentOfAll(pair.target), places.expected);
        await assertNothingLeft(pair.target, mode);
      }
    });

    test(`${engine}: a second SIGINT ends at once, without a crash`, async () => {
      const { child, ended, saw } = startFerrow(migrateArgs(await places.pair('duckdb', engine)));
      await saw(/-> .*tables/);
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
    const numbered = await places.empty('sqlite');
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
      const target = await places.empty('duckdb');
      const { child, ended, saw } = startFerrow(['migrate', numbered, target, '--json', '--verbose']);
      await saw(/building foreign keys/);
      await setTimeout(round * 14);
      child.kill('SIGKILL');
      await ended;
      await settle(target);
      for (const table of (await tablesOf(target)).filter((name) => names.includes(name)))
        assert.deepEqual(await queryText(target, `SELECT count(*), max(id) FROM ${table}`), [
          ['5000', '5000'],
        ]);
    }
  });

  for (const [from, to] of [
    ['postgres', 'duckdb'],
    ['sqlite', 'postgres'],
    ['postgres', 'postgres'],
  ] as const) {
    test(`${from} to ${to}: connections that the server ends are got over`, async () => {
      const pair = await places.pair(from, to);
      const frozen = await runUntilFrozen(migrateArgs(pair), 'group.written:freeze@2');
      await runSql(places.server.url, CUT);
      frozen.thaw();
      const ended = await frozen.ended;
      assert.equal(ended.status, 0, said(ended));
      assert.deepEqual(await contentOfAll(pair.target), places.expected);
      await assertNothingLeft(pair.target, 'got over');
    });

    test(`${from} to ${to}: connections that the server ends, without retries`, async () => {
      const pair = await places.pair(from, to, '--retries', '0');
      const frozen = await runUntilFrozen(migrateArgs(pair), 'group.written:freeze@4');
      await runSql(places.server.url, CUT);
      frozen.thaw();
      const ended = await frozen.ended;
      assert.equal(ended.status, 1, said(ended));
      assert.match(documentOf(ended).error?.code ?? '', /^E_(CONNECTION|SNAPSHOT)_LOST$/, said(ended));
      assert.ok(warningsOf(ended).includes('W_RESUMABLE'), said(ended));
      await assertLedgerAgrees(pair.target, 'cut');
      await finish(pair, 'cut');
    });
  }

  async function finish(pair: Pair, what: string): Promise<void> {
    await runToTheEnd(pair, what);
    assert.deepEqual(await contentOfAll(pair.target), places.expected, what);
    await assertNothingLeft(pair.target, what);
  }
});

/** Rows of the tables that are appended to would be there twice; children before their parents. */
async function emptied(url: string): Promise<void> {
  for (const table of Object.keys(FAULT_TABLES).reverse()) await runStatements(url, [`DELETE FROM ${table}`]);
}
