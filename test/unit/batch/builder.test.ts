// Builders: heaps that grow, validity copied only when it changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isValid, newBitmap } from '../../../src/batch/bitmap.ts';
import { fixedBuffer, HeapBuilder, Nulls } from '../../../src/batch/builder.ts';
import { checkColumn } from '../../../src/batch/column.ts';
import { textsOf } from '../../corpus/columns.ts';

test('a heap grows as values need it, and is cut at the end', () => {
  const out = new HeapBuilder(300, 0);
  const value = new TextEncoder().encode('some text of twenty-five');
  const nulls = new Nulls(300);
  for (let row = 0; row < 300; row++) {
    if (row % 3 === 0) {
      nulls.set(row);
      out.close(row, out.end);
    } else out.copy(row, value, 0, row % 25);
  }
  const column = out.finish({ kind: 'text' }, 300, nulls);
  checkColumn(column, 'text');
  assert.equal(column.nullCount, 100);
  textsOf(column).forEach((text, row) => {
    assert.equal(text, row % 3 === 0 ? null : 'some text of twenty-five'.slice(0, row % 25));
  });
  assert.ok(column.data.byteLength <= (column.offsets?.[300] ?? 0) * 1.25 + 4096);
});

test('validity is shared until it changes', () => {
  const bits = newBitmap(10, true);
  bits[0] = 0b11111110;
  const nulls = new Nulls(10, bits, 1);
  assert.equal(nulls.validity, bits);
  nulls.set(9);
  assert.notEqual(nulls.validity, bits);
  assert.ok(isValid(bits, 9));
  assert.deepEqual(
    [0, 1, 9].map((row) => isValid(nulls.validity, row)),
    [false, true, false],
  );
  assert.equal(nulls.count, 2);
  assert.equal(new Nulls(10, bits, 0).validity, null);
});

test('fixed buffers are whole words', () => {
  assert.equal(fixedBuffer({ kind: 'int', bits: 16, signed: true }, 5).byteLength, 16);
  assert.equal(fixedBuffer({ kind: 'bool' }, 65).byteLength, 16);
  assert.equal(fixedBuffer({ kind: 'uuid' }, 3).byteLength, 48);
});
