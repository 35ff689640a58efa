import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteWindow, copyExactly, copyValue } from '../../../src/batch/byte-copy.ts';

test('values of every length arrive at every distance from the ends of both buffers', () => {
  const source = Uint8Array.from({ length: 400 }, (_, at) => (at * 37 + 11) & 0xff);
  for (let length = 0; length <= 270; length++) {
    for (const start of [0, 1, source.length - length - 9, source.length - length]) {
      for (const slack of [0, 1, 7, 8, 9, 30]) {
        const target = new Uint8Array(5 + length + slack).fill(0xee);
        copyValue(byteWindow(source), start, length, byteWindow(target), 5);
        assert.deepEqual(target.subarray(5, 5 + length), source.subarray(start, start + length));
        assert.deepEqual(target.subarray(0, 5), new Uint8Array(5).fill(0xee));
        const exact = new Uint8Array(5 + length + slack).fill(0xee);
        copyExactly(byteWindow(source), start, length, byteWindow(exact), 5);
        assert.deepEqual(exact.subarray(5, 5 + length), source.subarray(start, start + length));
        assert.ok([...exact.subarray(0, 5), ...exact.subarray(5 + length)].every((byte) => byte === 0xee));
      }
    }
  }
});

test('bit patterns that are no numbers are copied as they are', () => {
  const source = new Uint8Array(24).fill(0xff);
  source[3] = 0x7f;
  const target = new Uint8Array(24);
  copyValue(byteWindow(source), 0, 12, byteWindow(target), 0);
  assert.deepEqual(target.subarray(0, 12), source.subarray(0, 12));
});

test('windows of a part of a buffer count from the part', () => {
  const whole = Uint8Array.from({ length: 64 }, (_, at) => at);
  const target = new Uint8Array(64);
  copyValue(byteWindow(whole.subarray(10, 40)), 2, 9, byteWindow(target.subarray(20)), 1);
  assert.deepEqual(target.subarray(21, 30), whole.subarray(12, 21));
});
