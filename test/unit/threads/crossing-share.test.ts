import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CrossingPool } from '../../../src/threads/crossing-pool.ts';
import { CrossingShare } from '../../../src/threads/crossing-share.ts';
import type { CrossingTask } from '../../../src/threads/messages.ts';

const task = {} as CrossingTask;
const { signal } = new AbortController();

/** A pool that counts what is under way, and ends its tasks when told to. */
function slowPool() {
  const ends: { resolve: (value: never) => void; reject: (error: Error) => void }[] = [];
  const cross = () =>
    new Promise<never>((resolve, reject) => {
      ends.push({ resolve, reject });
    });
  return { pool: { cross, queued: 0, utilizationRatio: 0.5 } as unknown as CrossingPool, ends };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

test('no more tasks are under way than the share has workers, and each gets its turn', async () => {
  const { pool, ends } = slowPool();
  const share = new CrossingShare(pool, 2);
  const all = [1, 2, 3, 4].map(() => share.cross(task, signal));
  await turns();
  assert.deepEqual([ends.length, share.queued, share.workers], [2, 2, 2]);
  ends[0].resolve(0 as never);
  await turns();
  assert.deepEqual([ends.length, share.queued], [3, 1]);
  // A task that fails gives its turn back too.
  ends[1].reject(new Error('refused'));
  await assert.rejects(all[1], /refused/);
  await turns();
  assert.equal(ends.length, 4);
  for (const { resolve } of ends) resolve(0 as never);
  await Promise.all([all[0], all[2], all[3]]);
  const next = share.cross(task, signal);
  await turns();
  assert.deepEqual([ends.length, share.queued], [5, 0]);
  ends[4].resolve(0 as never);
  await next;
});
