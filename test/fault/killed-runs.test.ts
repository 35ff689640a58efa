// Every pair of engines, killed at seeded instants, some again while they are carried on; and at each named step. What is
// there after a kill is what the ledger says; what is there in the end is what the source has.
// FERROW_KILLS=100 kills each pair a hundred times, FERROW_SEED=7 elsewhere than usual.
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, before, suite, test } from 'node:test';
import { FAILPOINTS } from '../../src/errors/failpoint.ts';
import { documentOf, ferrow, startFerrow } from '../cli/run-bin.ts';
import { faultPlaces, PAIRS } from '../support/fault-places.ts';
import { migrateArgs, type Stop, said, stopAndCarryOn } from '../support/fault-runs.ts';
import { contentOfAll } from '../support/fault-source.ts';
import { queryText } from '../support/judge.ts';
import { seeded } from '../support/seeded.ts';

const KILLS = Number(process.env['FERROW_KILLS'] ?? 20);
/** So often one run is killed at most; what it then comes to is compared once. */
const CHAIN = 12;
const SEED = Number(process.env['FERROW_SEED'] ?? 1);
suite('runs that are killed', { concurrency: availableParallelism() }, () => {
  const places = faultPlaces({ before, after });

  for (const [at, [from, to]] of PAIRS.entries()) {
    test(`${from} to ${to}: killed at ${KILLS} seeded instants`, async () => {
      const pair = await places.pair(from, to);
      const run = startFerrow(migrateArgs(pair));
      await run.saw(/-> .*\d+ tables/);
      const began = performance.now();
      const ended = await run.ended;
      const millis = performance.now() - began;
      assert.equal(ended.status, 0, said(ended));
      assert.deepEqual(await contentOfAll(pair.target), places.expected);

      for (let left = KILLS, round = 0; left > 0; round++) {
        const stops = instants(seeded(SEED * 1_000_000 + at * 1000 + round), millis, Math.min(left, CHAIN));
        const what = `${from} to ${to}, seed ${SEED}, round ${round}`;
        left -= await stopAndCarryOn(await places.pair(from, to), stops, places.expected, what);
      }
    });
  }

  for (const [from, to] of PAIRS) {
    test(`${from} to ${to}: killed at each named step, one after the other`, async () => {
      const stops = FAILPOINTS.map((name) => ({
        // Of a group or table that is not the first; those behind it are left for the next step.
        failpoint: `${name}:kill@${/^(group|table)/.test(name) ? 2 : 1}`,
      }));
      const pair = await places.pair(from, to);
      await stopAndCarryOn(pair, stops, places.expected, `${from} to ${to}, named steps`);
      // Made once, however often the end of the run was come to.
      const keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'";
      if (to === 'postgres') assert.deepEqual(await queryText(pair.target, keys), [['1']]);
    });
  }

  test('a failpoint that there is none of is refused', async () => {
    const ended = await ferrow(migrateArgs(await places.pair('sqlite', 'sqlite')), {
      FERROW_FAILPOINT: 'nowhere:kill',
    });
    assert.equal(documentOf(ended).error?.code, 'E_USAGE', said(ended));
  });
});

/** Of the run that begins any, of one that carries on, which has less to do, in the first half. */
function* instants(random: () => number, millis: number, count: number): Generator<Stop> {
  for (let kill = 0; kill < count; kill++)
    yield { afterMillis: random() * millis * (kill === 0 ? 1 : 0.5), signal: 'SIGKILL' };
}
