// Connections that swallow everything without a word, in the midst of rows and at a COMMIT: the run notices, and gets over it. And
// what only looks like it: servers that take their time, lines that are thin.
import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { documentOf, type Ended, ferrow, startFerrow } from '../cli/run-bin.ts';
import { assertNothingLeft } from '../support/fault-checks.ts';
import { faultPlaces } from '../support/fault-places.ts';
import { type Fault, type FaultProxy, startFaultProxy, through } from '../support/fault-proxy.ts';
import { migrateArgs, type Pair, said } from '../support/fault-runs.ts';
import { contentOfAll, FAULT_TABLES } from '../support/fault-source.ts';
import { asking, runStatements } from '../support/judge.ts';

const KIB = 1024;
const SOON = ['--silence', '1'];

suite('silence', () => {
  const places = faultPlaces({ before, after });
  let proxy: FaultProxy;

  before(async () => {
    proxy = await startFaultProxy(places.server.url);
  });
  afterEach(() => {
    proxy.limit(Number.POSITIVE_INFINITY);
    proxy.restore();
  });
  after(() => proxy.close());

  const proxied = (pair: Pair, side: 'source' | 'target'): Pair => ({
    ...pair,
    [side]: through(proxy, pair[side]),
  });
  const retriesOf = (ended: Ended) => documentOf(ended).retries.map(({ code }) => code);

  const faults: [string, 'source' | 'target', Fault][] = [
    ['rows of the source', 'source', { direction: 'down', afterBytes: 400 * KIB, action: 'stall' }],
    ['questions to the source', 'source', { direction: 'up', afterBytes: 3 * KIB, action: 'stall' }],
    ['rows to the target', 'target', { direction: 'up', afterBytes: 300 * KIB, action: 'stall' }],
    ['answers of the target', 'target', { direction: 'down', afterBytes: 3 * KIB, action: 'stall' }],
    [
      'its answers when the run is entered',
      'target',
      { direction: 'down', afterBytes: 5 * KIB, action: 'stall' },
    ],
    ...[2, 5, 9].map((atCommit): [string, 'target', Fault] => [
      `the answer to the ${atCommit}th COMMIT`,
      'target',
      { direction: 'up', atCommit, action: 'stall' },
    ]),
  ];
  for (const [name, side, fault] of faults) {
    test(`${name} vanish without a word: retries get over it`, async () => {
      const pair =
        side === 'source'
          ? await places.pair('postgres', 'sqlite', ...SOON)
          : await places.pair('duckdb', 'postgres', ...SOON);
      proxy.arm(fault);
      const ended = await ferrow(migrateArgs(proxied(pair, side)));
      assert.ok(proxy.happened, `the fault did not happen: ${said(ended)}`);
      assert.equal(ended.status, 0, said(ended));
      assert.match(ended.stderr, /nothing came over a connection/);
      assert.deepEqual(await contentOfAll(pair.target), places.expected);
      await assertNothingLeft(pair.target, name);
    });
  }

  test('a source that takes long for each row is waited for', async () => {
    const pair = await places.pair('postgres', 'sqlite', ...SOON);
    // Counted, looked into and read: three seconds each.
    const where = ['--tables', 'few', '--where', "pg_sleep(1)::text = ''"];
    proxy.arm({ direction: 'up', afterBytes: Number.POSITIVE_INFINITY, action: 'stall' });
    const ended = await ferrow([...migrateArgs(proxied(pair, 'source')), ...where]);
    assert.equal(ended.status, 0, said(ended));
    assert.deepEqual(retriesOf(ended), []);
    assert.equal(documentOf(ended).totalMigratedRows, FAULT_TABLES['few'], said(ended));
  });

  test('a lock that somebody holds in the target is waited for', async () => {
    const pair = await places.pair('sqlite', 'postgres', ...SOON, '--if-exists', 'append', '--tables', 'few');
    await runStatements(pair.target, ['CREATE TABLE few (id INTEGER PRIMARY KEY, label TEXT)']);
    const { child, ended } = startFerrow(migrateArgs(proxied(pair, 'target')));
    await asking(pair.target, async (ask) => {
      await ask('BEGIN');
      await ask('LOCK TABLE few');
      await Promise.race([setTimeout(3500), ended]);
      assert.equal(child.exitCode, null, 'it did not wait');
      await ask('COMMIT');
    });
    assert.equal((await ended).status, 0, said(await ended));
    assert.deepEqual(retriesOf(await ended), []);
  });

  test('a thin line to the target is no silence, and neither are the rows that wait for it in the source', async () => {
    const source = await places.empty('postgres');
    await runStatements(source, [
      'CREATE TABLE wide AS SELECT i AS id, repeat(md5(i::text), 20) AS filling FROM generate_series(1, 15000) AS n (i)',
    ]);
    const target = await places.empty('postgres');
    // 10 MB; what is in one message takes less than a glance.
    proxy.limit(700 * KIB);
    const args = ['migrate', source, through(proxy, target), '--json', '--silence', '3'];
    const ended = await ferrow([...args, '--batch-size', '1000']);
    assert.equal(ended.status, 0, said(ended));
    assert.deepEqual(retriesOf(ended), []);
    assert.equal(documentOf(ended).totalMigratedRows, 15_000);
  });
});
