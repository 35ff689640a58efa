// What two attempts of a sync have done for a table adds up; of any other table the last result counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addedUp, unmovedResult } from '../../../src/transfer/table-run.ts';

const counts = { inserted: 0, updated: 0, skipped: 0, unchanged: 0, deleted: 0 };

test('a table that was made and then found unchanged has the rows of both', () => {
  const before = {
    ...unmovedResult('t', null),
    sourceRows: 10,
    migratedRows: 10,
    elapsedSeconds: 2,
    verified: 'count' as const,
    watermark: { column: 'id', from: null, to: '10' },
  };
  const now = {
    ...unmovedResult('t', null),
    sourceRows: 1,
    conflicts: { ...counts, unchanged: 1 },
    watermark: { column: 'id', from: '10', to: '11' },
  };
  const { conflicts, watermark, ...sum } = addedUp(before, now);
  assert.deepEqual(conflicts, { ...counts, inserted: 10, unchanged: 1 });
  assert.deepEqual(watermark, { column: 'id', from: null, to: '11' });
  assert.deepEqual([sum.sourceRows, sum.migratedRows, sum.rowsPerSecond, sum.verified], [11, 10, 5, 'count']);
  assert.equal(addedUp(undefined, now), now);
});
