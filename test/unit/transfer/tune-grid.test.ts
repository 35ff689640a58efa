import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  axesFor,
  gridOf,
  type Measured,
  recommended,
  roundish,
  type Setting,
  spread,
  thinned,
} from '../../../src/transfer/tune-grid.ts';

const standard: Setting = { batchSize: 10_000, workers: 1, connections: 2 };
const input = { standard, rowsPerBatchMost: 15_000, cores: 2, lanesMost: 8, crosses: true };

test('axes go around the standard setting, and hold it', () => {
  assert.deepEqual(axesFor(input), {
    batchSize: [1300, 2500, 5000, 10_000, 15_000],
    workers: [1, 2],
    connections: [1, 2, 4],
  });
});

test('what makes no difference is not varied', () => {
  const axes = axesFor({ ...input, lanesMost: 1, crosses: false, standard: { ...standard, connections: 1 } });
  assert.deepEqual([axes.workers, axes.connections], [[1], [1]]);
});

test('no batch is larger than its bytes allow, nor smaller than a row', () => {
  const full = { ...standard, batchSize: 380 };
  assert.deepEqual(
    axesFor({ ...input, standard: full, rowsPerBatchMost: 383 }).batchSize,
    [48, 95, 190, 380],
  );
  const row = { ...standard, batchSize: 1 };
  assert.deepEqual(axesFor({ ...input, standard: row, rowsPerBatchMost: 1 }).batchSize, [1]);
  assert.deepEqual([1, 9, 99, 101, 16_131, 262_144].map(roundish), [1, 9, 99, 100, 16_000, 260_000]);
});

test('a grid is every combination, and thins out to what fits, around the standard setting', () => {
  const axes = axesFor({
    ...input,
    cores: 64,
    standard: { ...standard, workers: 63 },
    rowsPerBatchMost: 1e6,
  });
  assert.equal(gridOf(axes).length, axes.batchSize.length * axes.workers.length * axes.connections.length);
  for (const most of [1, 4, 12, 36, 1000]) {
    const left = thinned(axes, { ...standard, workers: 63 }, most);
    assert.ok(gridOf(left).length <= most, `${most}`);
    assert.ok(left.batchSize.includes(10_000) && left.workers.includes(63) && left.connections.includes(2));
    if (most >= 12)
      assert.ok(left.batchSize.length > 1 && left.workers.length > 1 && left.connections.length > 1);
  }
  assert.deepEqual(thinned(axes, standard, 1000), axes);
});

const measured = (batchSize: number, workers: number, connections: number, median: number): Measured => ({
  setting: { batchSize, workers, connections },
  rowsPerSecond: { min: median - 10, median, max: median + 10 },
});

test('recommended is the fastest, unless a simpler one is within noise', () => {
  const slow = measured(10_000, 1, 2, 700);
  const best = measured(20_000, 2, 4, 1000);
  assert.equal(recommended([slow, best], standard), best);
  // 5 % are noise: fewer connections, then fewer workers, then the nearer batch.
  const fewer = measured(20_000, 2, 1, 960);
  assert.equal(recommended([slow, best, fewer], standard), fewer);
  const lazier = measured(40_000, 1, 1, 955);
  assert.equal(recommended([slow, best, fewer, lazier], standard), lazier);
  const nearer = measured(20_000, 1, 1, 951);
  assert.equal(recommended([slow, best, fewer, lazier, nearer], standard), nearer);
  assert.equal(recommended([slow, best, measured(1000, 1, 1, 949)], standard), best);
  // The defaults ask for nothing.
  const defaults = measured(10_000, 1, 2, 950);
  assert.equal(recommended([best, nearer, defaults], standard), defaults);
});

test('the spread of runs', () => {
  assert.deepEqual(spread([3]), { min: 3, median: 3, max: 3 });
  assert.deepEqual(spread([9, 1, 2]), { min: 1, median: 2, max: 9 });
  assert.deepEqual(spread([4, 1, 2, 9]), { min: 1, median: 3, max: 9 });
});
