// What the bench's numbers are made by: spreads, floors, summaries of rounds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floorOf } from '../../../bench/floor/floor.ts';
import { spreadOf } from '../../../bench/measure/statistics.ts';
import type { PairRun } from '../../../bench/report/result.ts';
import { fastestRival, summaryOf } from '../../../bench/report/summary.ts';
import { ferrowTimes, pairRun, rivalRound, TABLE } from './results.ts';

test('a spread is the least, the middle and the most', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { min: 1, median: 2, max: 3 });
  assert.deepEqual(spreadOf([4, 1]), { min: 1, median: 2.5, max: 4 });
  assert.throws(() => spreadOf([]), RangeError);
});

test('the floor is the largest of export, import and the CPU of both over the cores', () => {
  const part = (wallSeconds: number, cpuSeconds: number | null) => ({ wallSeconds, cpuSeconds });
  assert.deepEqual(floorOf(part(1.1, 1.1), part(0.5, 0.5), 2), { seconds: 1.1, because: 'export' });
  assert.deepEqual(floorOf(part(0.2, 0.2), part(1, 1), 2), { seconds: 1, because: 'import' });
  assert.deepEqual(floorOf(part(1.1, 2.2), part(1.8, 3.6), 2), {
    seconds: 2.9000000000000004,
    because: 'cpu',
  });
  assert.deepEqual(floorOf(part(1, null), part(0.5, null), 2), { seconds: 1, because: 'export' });
});

test('ratios are taken within a round, not between medians', () => {
  const pair: PairRun = pairRun([
    { floor: 1, ferrow: ferrowTimes(2), rivals: [] },
    { floor: 2, ferrow: ferrowTimes(3), rivals: [] },
    { floor: 4, ferrow: ferrowTimes(4), rivals: [] },
  ]);
  const summary = summaryOf(pair, TABLE, 2);
  assert.deepEqual(summary.timesFloor, { min: 1, median: 1.5, max: 2 });
  assert.deepEqual(summary.wallSeconds, { min: 2, median: 3, max: 4 });
  assert.equal(summary.rowsPerSecond, 1000 / 3);
});

test('a rival that moved fewer rows is compared by its time a row', () => {
  const round = {
    floor: 1,
    ferrow: ferrowTimes(1),
    rivals: [rivalRound('slow', { rows: 100, wallSeconds: 2 })],
  };
  const [rival] = summaryOf(pairRun([round]), TABLE, 2).rivals;
  assert.equal(rival.timesFerrow?.median, 20);
  assert.equal(rival.rowsPerSecond, 50);
});

test('the fastest rival is one whose answer is not wrong', () => {
  const rivals = [
    rivalRound('wrong', { wallSeconds: 0.1, verdict: 'wrong' }),
    rivalRound('loose', { wallSeconds: 0.5, verdict: 'type' }),
    rivalRound('right', { wallSeconds: 0.7 }),
    rivalRound('gone', { wallSeconds: 0.01, verdict: 'failed' }),
  ];
  const summary = summaryOf(pairRun([{ floor: 1, ferrow: ferrowTimes(1), rivals }]), TABLE, 2);
  assert.equal(fastestRival(summary)?.name, 'loose');
});

test('one wrong round makes a rival wrong, and one that failed has no rate', () => {
  const summary = summaryOf(
    pairRun([
      {
        floor: 1,
        ferrow: ferrowTimes(1),
        rivals: [rivalRound('a', {}), rivalRound('b', { verdict: 'overtime' })],
      },
      { floor: 1, ferrow: ferrowTimes(1), rivals: [rivalRound('a', { verdict: 'wrong' })] },
    ]),
    TABLE,
    2,
  );
  assert.deepEqual(
    summary.rivals.map(({ name, verdict, rowsPerSecond }) => [name, verdict, rowsPerSecond]),
    [
      ['a', 'wrong', 1000],
      ['b', 'overtime', null],
    ],
  );
});
