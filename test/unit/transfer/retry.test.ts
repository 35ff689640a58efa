// Which faults are tried again, how often, and what is said of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FerrowError } from '../../../src/errors/ferrow-error.ts';
import { parseOptions } from '../../../src/transfer/options.ts';
import { Pause } from '../../../src/transfer/pause.ts';
import { TransferEmitter } from '../../../src/transfer/request.ts';
import { withRetries } from '../../../src/transfer/retry.ts';

const lost = () => new FerrowError('E_CONNECTION_LOST', 'the connection broke');

function context(retries: number) {
  const events = new TransferEmitter();
  const told: { attempt: number; delaySeconds: number }[] = [];
  events.on('retry', ({ attempt, delaySeconds }) => told.push({ attempt, delaySeconds }));
  const controller = new AbortController();
  const options = parseOptions({ retries });
  return { request: { options, signal: controller.signal, events }, told, controller };
}

test('a fault that passes is got over; what came before is asked for first, and each wait is told', async () => {
  const { request, told } = context(3);
  const steps: string[] = [];
  const again = async () => void steps.push('again');
  const result = await withRetries(request, { table: 't', again }, async (attempt) => {
    steps.push(`attempt ${attempt}`);
    if (attempt < 3) throw lost();
    return 'done';
  });
  assert.equal(result, 'done');
  assert.deepEqual(steps, ['attempt 1', 'again', 'attempt 2', 'again', 'attempt 3']);
  assert.deepEqual(
    told.map(({ attempt }) => attempt),
    [1, 2],
  );
  assert.ok(
    told[0].delaySeconds >= 0.25 && told[1].delaySeconds >= 0.5,
    'each waits longer than the one before',
  );
});

test('the bound on attempts holds, and the last fault is what comes out', async () => {
  const { request, told } = context(1);
  let attempts = 0;
  const work = async () => {
    attempts++;
    throw new FerrowError('E_CONNECTION_LOST', `attempt ${attempts}`);
  };
  await assert.rejects(withRetries(request, { table: null }, work), { message: 'attempt 2' });
  assert.deepEqual([attempts, told.length], [2, 1]);
});

test('what would fail again is not tried again', async () => {
  for (const code of ['E_CONSTRAINT', 'E_NUL_IN_TEXT', 'E_DISK_FULL', 'E_CORRUPT', 'E_CANCELLED'] as const) {
    const { request, told } = context(5);
    const work = async () => {
      throw new FerrowError(code, 'no');
    };
    await assert.rejects(withRetries(request, { table: null }, work), { code });
    assert.equal(told.length, 0, code);
  }
});

test('an interrupt ends the waiting', async () => {
  const { request, controller } = context(10);
  const work = async () => {
    controller.abort(new FerrowError('E_CANCELLED', 'interrupted'));
    throw lost();
  };
  const started = performance.now();
  await assert.rejects(withRetries(request, { table: null }, work));
  assert.ok(performance.now() - started < 200);
});

test('a pause holds until it is let go, or its run is ended', async () => {
  const pause = new Pause();
  const { signal } = new AbortController();
  await pause.proceed(signal);
  pause.pause();
  let isOn = true;
  const held = pause.proceed(signal).then(() => {
    isOn = false;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isOn && pause.isPaused);
  pause.resume();
  await held;
  pause.pause();
  await assert.rejects(pause.proceed(AbortSignal.abort(lost())), { code: 'E_CONNECTION_LOST' });
});
