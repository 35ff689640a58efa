// The tables of near days against the calendar: every day there is in them, and those on both sides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysFromCivil, Instant } from '../../../src/coerce/calendar.ts';
import {
  isNearDay,
  NEAR_DAY_BYTES,
  printClock,
  printNearDay,
  writeNearDay,
} from '../../../src/coerce/near-days.ts';

const text = (bytes: Uint8Array, end: number) => String.fromCharCode(...bytes.subarray(0, end));

test('each near day is written as the calendar has it', () => {
  const out = new Uint8Array(16);
  const view = new DataView(out.buffer);
  const first = daysFromCivil(1901, 1, 1);
  const last = daysFromCivil(2099, 12, 31);
  for (let days = first; days <= last; days++) {
    const expected = new Date(days * 86_400_000).toISOString().slice(0, 10);
    assert.ok(isNearDay(days));
    writeNearDay(days, view, 0);
    assert.equal(text(out, NEAR_DAY_BYTES), expected);
    out.fill(0);
    assert.equal(text(out, printNearDay(days, out, 0)), expected);
  }
  assert.ok(!isNearDay(first - 1) && !isNearDay(last + 1));
});

test('each second of a day is written', () => {
  const out = new Uint8Array(16);
  for (let second = 0; second < 86_400; second += 7) {
    const expected = new Date(second * 1000).toISOString().slice(11, 19);
    assert.equal(text(out, printClock(second, out, 0)), expected);
  }
});

test('instants are split at the very second, near 2^53 units too', () => {
  const instant = new Instant();
  for (const perSecond of [1, 1e3, 1e6, 1e9])
    for (const base of [0n, 1n, 9_007_199_254n, 8_589_934_592n, 9_223_372_036n, 253_402_300_799n])
      for (const sign of [1n, -1n])
        for (const near of [-1n, 0n, 1n]) {
          const units = sign * base * BigInt(perSecond) + near;
          if (units > 2n ** 63n - 2n || units < 2n - 2n ** 63n) continue;
          const low = Number(BigInt.asIntN(32, units));
          const high = Number(units >> 32n);
          if (!instant.split(low, high, perSecond)) continue;
          assert.equal(BigInt(instant.seconds) * BigInt(perSecond) + BigInt(instant.rest), units);
          assert.ok(instant.rest >= 0 && instant.rest < perSecond, `${units} of ${perSecond}`);
        }
});
