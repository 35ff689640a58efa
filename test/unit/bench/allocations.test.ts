// The checks that no hot path makes a value per cell, put to the test themselves: they must be able to fail.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { sampleAllocations } from '../../../bench/micro/allocation-sample.ts';
import { CROSSING_BYTES_MAX, RUN_BYTES_PER_ROW_MAX } from '../../../bench/micro/budget.ts';
import { allocatedByThread, bytesPerRow } from '../../../bench/micro/gc-trace.ts';

const CELLS = 100_000;
const WARM_RUNS = 20;

function bytesPerCell(run: () => unknown): number {
  for (let i = 0; i < WARM_RUNS; i++) run();
  return sampleAllocations(run).bytes / CELLS;
}

test('a kernel over buffers stays below the bound', () => {
  const input = new Float64Array(CELLS).map((_, i) => i / 3);
  const output = new Float64Array(CELLS);
  const doubled = () => {
    for (let i = 0; i < CELLS; i++) output[i] = input[i] * 2;
  };
  assert.ok(bytesPerCell(doubled) < CROSSING_BYTES_MAX);
});

test('one value per cell is over the bound, however short it lives', () => {
  const bytes = new Uint8Array(CELLS + 8);
  let total = 0;
  const sliced = () => {
    for (let i = 0; i < CELLS; i++) total += bytes.subarray(i, i + 8).length;
  };
  assert.ok(bytesPerCell(sliced) > CROSSING_BYTES_MAX);
  assert.ok(total > 0);
});

/** A process whose worker makes so many small objects, one a row; nothing of them is kept. */
function traced(rows: number) {
  const loop = `let last; for (let i = 0; i < ${rows}; i++) last = [i]; globalThis.last = last;`;
  const script = `new (require('node:worker_threads').Worker)(${JSON.stringify(loop)}, { eval: true })`;
  const flags = ['--trace-gc-nvp', '--max-semi-space-size=2'];
  const run = spawnSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const bytes = allocatedByThread(run.stdout).reduce((sum, one) => sum + one, 0);
  return { rows, bytes };
}

test('one object a row, in a worker of a whole process, is over the bound for runs', () => {
  assert.ok(bytesPerRow(traced(1_000), traced(3_000_000)) > RUN_BYTES_PER_ROW_MAX);
});

test('a trace is summed by thread', () => {
  const trace = [
    '[12:0xa1:0]  38 ms: pause=0.8 gc=s allocated=1000 promoted=0',
    'a line of the program’s own',
    '[12:0xb2:0]  45 ms: pause=1.1 gc=s allocated=70 promoted=0',
    '[12:0xa1:0]  61 ms: pause=1.1 gc=ms allocated=500 promoted=9',
  ];
  assert.deepEqual(allocatedByThread(trace.join('\n')), [1500, 70]);
});

test('what starting allocates falls out of a rise', () => {
  assert.equal(bytesPerRow({ rows: 100, bytes: 5_000 }, { rows: 1_100, bytes: 25_000 }), 20);
  assert.equal(bytesPerRow({ rows: 100, bytes: 5_000 }, { rows: 1_100, bytes: 4_000 }), 0);
});
