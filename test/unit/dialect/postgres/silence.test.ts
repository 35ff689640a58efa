// What silence means, by what was seen of the other end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeSilence, type Look } from '../../../../src/dialect/postgres/silence.ts';

const waiting = (event: string, copiedBytes: string | null = null): Look => ({
  sees: 'waiting',
  event,
  copiedBytes,
});
const against: Look[] = [
  { sees: 'nobody' },
  { sees: 'no process' },
  waiting('ClientRead'),
  waiting('ClientWrite', '1000'),
];

test('a server that works, and one that can not be asked, are waited for', () => {
  for (const look of [{ sees: 'work' }, { sees: 'nothing' }] as const)
    for (const before of [null, look, ...against]) assert.equal(judgeSilence(before, look), 'alive');
});

test('it takes two looks that say the same', () => {
  for (const look of against) {
    assert.equal(judgeSilence(null, look), 'doubtful');
    assert.equal(judgeSilence(look, { ...look }), 'lost');
    for (const other of against.filter((each) => each !== look))
      assert.equal(judgeSilence(other, look), 'doubtful');
  }
});

test('a COPY that goes on over there is fed by a thin line', () => {
  assert.equal(judgeSilence(waiting('ClientRead', '1000'), waiting('ClientRead', '1001')), 'doubtful');
  assert.equal(judgeSilence(waiting('ClientRead', '1000'), waiting('ClientRead', '1000')), 'lost');
});
