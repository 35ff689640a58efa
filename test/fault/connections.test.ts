// What networks do to a run: each fault happens once, at a known byte or COMMIT. Retries get over it; without them the run
// can be carried on. Never is a row there twice: `journal` has no key that would keep it out.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { documentOf, ferrow, startFerrow, watchPeak } from '../cli/run-bin.ts';
import { assertLedgerAgrees, assertNothingLeft } from '../support/fault-checks.ts';
import { faultPlaces } from '../support/fault-places.ts';
import { type Fault, type FaultProxy, startFaultProxy, through } from '../support/fault-proxy.ts';
import { migrateArgs, type Pair, runToTheEnd, said } from '../support/fault-runs.ts';
import { contentOfAll, FAULT_TABLES, series } from '../support/fault-source.ts';
import { queryText, runStatements } from '../support/judge.ts';

const KIB = 1024;

suite('faults of connections', () => {
  const places = faultPlaces({ before, after });
  let proxy: FaultProxy;

  before(async () => {
    proxy = await startFaultProxy(places.server.url);
  });
  after(() => proxy.close());

  /** The pair as Ferrow sees it, and the target as it is. */
  const proxied = async (side: 'source' | 'target', ...more: string[]) => {
    const pair =
      side === 'source'
        ? await places.pair('postgres', 'sqlite', ...more)
        : await places.pair('duckdb', 'postgres', ...more);
    return { seen: { ...pair, [side]: through(proxy, pair[side]) } as Pair, target: pair.target };
  };

  const faults: [string, 'source' | 'target', Fault][] = [
    [
      'the source is cut off after 100 KB',
      'source',
      { direction: 'down', afterBytes: 100 * KIB, action: 'end' },
    ],
    [
      'the source resets after 400 KB',
      'source',
      { direction: 'down', afterBytes: 400 * KIB, action: 'reset' },
    ],
    [
      'the source resets after 3 KB of questions',
      'source',
      { direction: 'up', afterBytes: 3 * KIB, action: 'reset' },
    ],
    ['the target is cut off after 60 KB', 'target', { direction: 'up', afterBytes: 60 * KIB, action: 'end' }],
    ['the target resets after 500 KB', 'target', { direction: 'up', afterBytes: 500 * KIB, action: 'reset' }],
    [
      'the target resets after 6 KB of answers',
      'target',
      { direction: 'down', afterBytes: 6 * KIB, action: 'reset' },
    ],
    ...[2, 4, 5, 6, 8, 9, 10, 11].map((atCommit): [string, 'target', Fault] => [
      `the answer to the ${atCommit}th COMMIT is lost`,
      'target',
      { direction: 'up', atCommit, action: 'reset' },
    ]),
  ];
  for (const [name, side, fault] of faults.filter(([, , { atCommit = 8 }]) => atCommit === 8)) {
    test(`${name}: a sync begins anew by itself`, async () => {
      const { seen, target } = await proxied(side);
      const tables = ['parents', 'children', 'wide'];
      const options = ['--tables', tables.join(), '--watermark', 'id', '--batch-size', '1000', '--json'];
      proxy.arm(fault);
      const ended = await ferrow(['sync', seen.source, seen.target, ...options]);
      assert.ok(proxy.happened, `the fault did not happen: ${said(ended)}`);
      assert.equal(ended.status, 0, said(ended));
      const { tableResults, retries } = documentOf(ended);
      for (const table of tables) {
        const result = tableResults.find(({ tableName }) => tableName === table);
        assert.equal(result?.migratedRows, FAULT_TABLES[table], said(ended));
      }
      assert.ok(retries.length > 0, said(ended));
      const whole = Object.fromEntries(tables.map((table) => [table, places.expected[table]]));
      assert.deepEqual(await contentOfAll(target, tables), whole);
      await assertNothingLeft(target, name);
    });
  }

  for (const [name, side, fault] of faults) {
    test(`${name}: retries get over it`, async () => {
      const { seen, target } = await proxied(side);
      proxy.arm(fault);
      const ended = await ferrow(migrateArgs(seen));
      assert.ok(proxy.happened, `the fault did not happen: ${said(ended)}`);
      assert.equal(ended.status, 0, said(ended));
      assert.deepEqual(await contentOfAll(target), places.expected);
      await assertNothingLeft(target, name);
    });

    test(`${name}: without retries the run is carried on`, async () => {
      const { seen, target } = await proxied(side, '--retries', '0');
      proxy.arm(fault);
      const ended = await ferrow(migrateArgs(seen));
      assert.ok(proxy.happened, `the fault did not happen: ${said(ended)}`);
      await assertLedgerAgrees(target, name);
      // A connection that breaks between two uses is made anew, and no harm is done.
      if (ended.status !== 0) await runToTheEnd(seen, name);
      assert.deepEqual(await contentOfAll(target), places.expected);
      await assertNothingLeft(target, name);
    });
  }

  for (const side of ['source', 'target'] as const) {
    test(`the ${side} is silent for a while, and goes on`, async () => {
      const { seen, target } = await proxied(side);
      proxy.arm({ direction: side === 'source' ? 'down' : 'up', afterBytes: 200 * KIB, action: 'stall' });
      const { ended } = startFerrow(migrateArgs(seen));
      while (!proxy.happened) await setTimeout(20);
      await setTimeout(1500);
      proxy.restore();
      assert.equal((await ended).status, 0, said(await ended));
      assert.deepEqual(await contentOfAll(target), places.expected);
    });
  }

  test('a slow target holds back the source: memory stays bounded, nothing is lost', async () => {
    const rows = 150_000;
    const source = await places.empty('duckdb');
    await runStatements(source, [
      `CREATE TABLE wide AS SELECT i AS id, repeat(md5(CAST(i AS VARCHAR)), 20) AS filling FROM ${series('duckdb', rows)}`,
    ]);
    const target = await places.server.createDatabase();
    // 100 MB at 20 MB a second.
    proxy.limit(20 * KIB * KIB);
    const run = startFerrow(['migrate', source, through(proxy, target), '--json', '--workers', '1']);
    const peak = watchPeak(run);
    const end = await run.ended;
    const peakMib = peak();
    proxy.limit(Number.POSITIVE_INFINITY);
    assert.equal(end.status, 0, said(end));
    assert.equal(documentOf(end).totalMigratedRows, rows);
    const sum = 'SELECT count(*), sum(length(filling)), count(DISTINCT filling) FROM wide';
    assert.deepEqual(await queryText(target, sum), [[String(rows), String(rows * 640), String(rows)]]);
    // What a run of any size takes, with DuckDB reading, is about 300 MB; the rows alone are 100.
    if (process.platform === 'linux') assert.ok(peakMib > 0 && peakMib < 450, `${peakMib} MiB`);
  });
});
