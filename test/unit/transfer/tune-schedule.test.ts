// Successive halving over a clock and speeds that the tests make up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Setting, sameSetting } from '../../../src/transfer/tune-grid.ts';
import { halve, interleaved, rate, settingsMost, type Trial } from '../../../src/transfer/tune-schedule.ts';

const setting = (batchSize: number): Setting => ({ batchSize, workers: 1, connections: 1 });
const many = (count: number): Setting[] => Array.from({ length: count }, (_unused, at) => setting(at + 1));

interface World {
  readonly settings: readonly Setting[];
  readonly standard?: Setting;
  readonly budget: number;
  readonly rowsMost?: number;
  /** Rows a second of a setting, at a time. */
  speed(setting: Setting, now: number): number;
  /** Seconds between trials. */
  readonly between?: number;
}

async function course(world: World): Promise<{ trials: readonly Trial[]; seconds: number }> {
  let clock = 0;
  const trials = await halve({
    settings: world.settings,
    standard: world.standard ?? world.settings[0],
    rowsPerSecond: 1000,
    rowsMost: world.rowsMost ?? Number.POSITIVE_INFINITY,
    deadline: world.budget,
    now: () => clock,
    measure: async (each, rows) => {
      const seconds = rows / world.speed(each, clock);
      if (!Number.isFinite(seconds)) return null;
      clock += seconds + (world.between ?? 0);
      return { rows, seconds };
    },
  });
  return { trials, seconds: clock };
}

const lastOf = (trials: readonly Trial[]) => Math.max(...trials.map((trial) => trial.round));
const bestOf = (trials: readonly Trial[]) =>
  trials.filter((trial) => trial.round === lastOf(trials)).toSorted((a, b) => rate(b) - rate(a))[0].setting;

test('the fastest is found, whatever place it has in the grid, within the budget', async () => {
  const settings = many(23);
  for (const fastest of settings) {
    const speed = (each: Setting) => (sameSetting(each, fastest) ? 1300 : 900 + each.batchSize);
    const { trials, seconds } = await course({ settings, budget: 60, speed });
    assert.deepEqual(bestOf(trials), fastest);
    assert.ok(seconds <= 60 && seconds > 45, `${seconds} s`);
  }
});

test('settings halve and rows double; the standard one is never dropped; finalists are measured five times', async () => {
  const settings = many(16);
  const standard = settings[15];
  const speed = (each: Setting) => 1000 - each.batchSize;
  const { trials } = await course({ settings, standard, budget: 600, speed });
  const rounds = Array.from({ length: lastOf(trials) }, (_unused, at) =>
    trials.filter((trial) => trial.round === at + 1),
  );
  assert.equal(rounds[0].length, 16);
  assert.equal(rounds[1].length, 9);
  const [first, second] = rounds.map((round) => round[0].rows);
  // 16 settings, then 9: the same time for each round.
  assert.ok(Math.abs(second / first - 16 / 9) < 0.1, `${first} rows, then ${second}`);
  for (const round of rounds) {
    assert.ok(round.some((trial) => sameSetting(trial.setting, standard)));
    assert.equal(new Set(round.map((trial) => trial.rows)).size, 1, 'all of a round move the same rows');
  }
  const finals = rounds[rounds.length - 1].filter((trial) => sameSetting(trial.setting, standard));
  assert.equal(finals.length, 5);
});

test('a warm-up that was slow: later rounds make up for it', async () => {
  const { seconds } = await course({ settings: many(12), budget: 60, speed: () => 20_000 });
  assert.ok(seconds > 45 && seconds <= 60, `${seconds} s`);
});

test('never far over the budget, though everything turns slow on the way', async () => {
  const settings = many(12);
  const speed = (_each: Setting, now: number) => (now < 10 ? 1000 : 100);
  const { trials, seconds } = await course({ settings, budget: 30, speed, between: 0.05 });
  assert.ok(seconds < 40, `${seconds} s`);
  assert.ok(trials.length >= 12);
});

test('a clock that has run out before the start: still one trial, and an end', async () => {
  const settings = many(5);
  const { trials } = await course({ settings, standard: settings[3], budget: 0, speed: () => 1000 });
  assert.deepEqual(
    trials.map((trial) => trial.setting),
    [settings[3]],
  );
});

test('a setting that fails is out, and stops no other', async () => {
  const settings = many(12);
  const speed = (each: Setting) => (each.batchSize % 3 === 0 ? 0 : 1000 + each.batchSize);
  const { trials, seconds } = await course({ settings, budget: 60, speed });
  assert.deepEqual(bestOf(trials), settings[10]);
  assert.ok(trials.every((trial) => trial.setting.batchSize % 3 !== 0));
  assert.ok(lastOf(trials) > 1 && seconds <= 60);
});

test('no sample is larger than the table', async () => {
  const { trials, seconds } = await course({
    settings: many(9),
    budget: 60,
    rowsMost: 300,
    speed: () => 1000,
  });
  assert.equal(Math.max(...trials.map((trial) => trial.rows)), 300);
  assert.ok(seconds < 60);
});

test('interleaving keeps every value and puts neighbours apart', () => {
  for (const length of [1, 2, 3, 4, 7, 18, 36]) {
    const values = Array.from({ length }, (_unused, at) => at);
    const order = interleaved(values, false);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      values,
    );
    assert.deepEqual([...interleaved(values, true)].reverse(), [...order]);
    for (let at = 1; at < length && length > 6; at++) assert.notEqual(Math.abs(order[at] - order[at - 1]), 1);
  }
});

test('how many settings a budget carries grows with it', () => {
  const [small, usual, large] = [5, 60, 600].map(settingsMost);
  assert.ok(small >= 4 && small < usual && usual < large, `${small} ${usual} ${large}`);
  assert.ok(usual >= 24, 'a minute carries four batch sizes, two workers, three connections');
});
