// Every pair of engines, killed at seeded instants, what carries a run on too; and at each named step. What is there after a
// kill is what the ledger says; what is there in the end is what the source has.
// FERROW_KILLS=1000 kills each pair a thousand times, FERROW_SEED=7 elsewhere than usual. A failure names its seed and round:
// FERROW_SEED=1 FERROW_ROUND=3 FERROW_KILLS=1 is that round alone.
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, before, suite, test } from 'node:test';
import { FAILPOINTS } from '../../src/errors/failpoint.ts';
import { documentOf, ferrow, startFerrow } from '../cli/run-bin.ts';
import { type LedgerState, ledgerOf } from '../support/fault-checks.ts';
import { faultPlaces, PAIRS } from '../support/fault-places.ts';
import { migrateArgs, type Stop, said, stopAndCarryOn } from '../support/fault-runs.ts';
import { contentOfAll } from '../support/fault-source.ts';
import { queryText } from '../support/judge.ts';
import { seeded } from '../support/seeded.ts';

const KILLS = Number(process.env['FERROW_KILLS'] ?? 100);
const SEED = Number(process.env['FERROW_SEED'] ?? 1);
const FIRST_ROUND = Number(process.env['FERROW_ROUND'] ?? 0);
/** So often one run is killed at most; what it then comes to is compared once. */
const CHAIN = 12;
/** Share of a run that is left when all rows are there: keys, names, counts. */
const END_SHARE = 0.4;

suite('runs that are killed', { concurrency: availableParallelism() }, () => {
  const places = faultPlaces({ before, after });

  for (const [at, [from, to]] of PAIRS.entries()) {
    test(`${from} to ${to}: killed at ${KILLS} seeded instants`, async (context) => {
      const pair = await places.pair(from, to);
      const run = startFerrow(migrateArgs(pair));
      await run.saw(/-> .*\d+ tables/);
      const began = performance.now();
      const ended = await run.ended;
      let millis = performance.now() - began;
      assert.equal(ended.status, 0, said(ended));
      assert.deepEqual(await contentOfAll(pair.target), places.expected);
      const whole = await ledgerOf(pair.target);

      const met = new Set<string>();
      let [kills, outrun] = [0, 0];
      for (let round = FIRST_ROUND; kills < KILLS; round++) {
        const stops = instants(seeded(SEED * 1_000_000 + at * 1000 + round), millis, whole!.chunks.length);
        const what = `${from} to ${to}, seed ${SEED}, round ${round}`;
        const { states, hasOutrun } = await stopAndCarryOn(
          await places.pair(from, to),
          stops,
          places.expected,
          what,
        );
        kills += states.length;
        for (const state of states) met.add(howFar(state));
        if (hasOutrun) outrun++;
        assert.ok(outrun <= 5 + kills, `${what}: ${kills} were killed, ${outrun} came to their end before`);
        // The machine may be faster or slower now than when it was measured.
        millis *= hasOutrun ? 0.8 : 1.1;
      }
      context.diagnostic(
        `${kills} were killed in ${met.size} different states, ${outrun} came to their end before`,
      );
      assert.ok(met.size >= Math.min(3, KILLS / 4), `all were killed here: ${[...met].join('; ')}`);
    });
  }

  for (const [from, to] of PAIRS) {
    test(`${from} to ${to}: killed at each named step, one after the other`, async () => {
      const stops = FAILPOINTS.map((name) => ({
        // Of a group or table that is not the first; those behind it are left for the next step.
        failpoint: `${name}:kill@${/^(group|table)/.test(name) ? 2 : 1}`,
      }));
      const pair = await places.pair(from, to);
      const { states } = await stopAndCarryOn(
        pair,
        () => stops.shift(),
        places.expected,
        `${from} to ${to}, named steps`,
      );
      assert.equal(states.length, FAILPOINTS.length);
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

/** Anywhere in what is left to do, as the chunks say that the ledger lacks. */
function instants(random: () => number, millis: number, chunks: number) {
  let left = CHAIN;
  return (state: LedgerState | null): Stop | undefined => {
    if (left-- === 0) return undefined;
    const share = 1 - (1 - END_SHARE) * ((state?.chunks.length ?? 0) / chunks);
    return { afterMillis: random() * millis * share, signal: 'SIGKILL' };
  };
}

/** Each table's state and chunks. */
function howFar(ledger: LedgerState | null): string {
  if (ledger === null) return 'no ledger';
  const chunksOf = (id: string) => ledger.chunks.filter(({ table }) => table === id).length;
  const tables = ledger.tables.map(({ id, state }) => `${state[0]}${chunksOf(id)}`).sort();
  return `${Object.values(ledger.runs)} ${tables.join(' ')}`;
}
