import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteGate, GateAccount } from '../../../src/stream/byte-gate.ts';

const never = new AbortController().signal;
const settled = async (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))]);

test('takes enter while they fit, and wait in order when they do not', async () => {
  const gate = new ByteGate(100);
  await gate.take(60, never);
  const second = gate.take(60, never);
  const third = gate.take(10, never);
  assert.equal(await settled(second), false);
  assert.equal(await settled(third), false, 'a small one does not overtake');
  gate.give(60);
  await Promise.all([second, third]);
  assert.equal(gate.usedBytes, 70);
  assert.ok(gate.waitedSeconds >= 0);
});

test('what is larger than the gate enters alone', async () => {
  const gate = new ByteGate(100);
  await gate.take(1000, never);
  const next = gate.take(1, never);
  assert.equal(await settled(next), false);
  gate.give(1000);
  await next;
  assert.equal(gate.usedBytes, 1);
});

test('an abort frees the waiter and lets the next one in', async () => {
  const gate = new ByteGate(100);
  await gate.take(90, never);
  const controller = new AbortController();
  const large = gate.take(90, controller.signal);
  const small = gate.take(10, never);
  assert.equal(await settled(small), false);
  controller.abort(new Error('stop'));
  await assert.rejects(large, /stop/);
  await small;
  assert.equal(gate.usedBytes, 100);
});

test('an account gives back what its pipeline still held', async () => {
  const gate = new ByteGate(100);
  const account = new GateAccount(gate);
  await account.take(50, never);
  account.adjust(20);
  account.give(30);
  assert.equal(gate.usedBytes, 40);
  account.close();
  account.close();
  assert.equal(gate.usedBytes, 0);
});
