// JSON that something happened to: the reader never takes what JSON.parse would not, and never reads past its value.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Column } from '../../../src/batch/column.ts';
import { checkColumn, variableColumn } from '../../../src/batch/column.ts';
import { findConversion } from '../../../src/coerce/rules.ts';
import { textsOf } from '../../corpus/columns.ts';
import { columnOfPlain } from '../../corpus/nested-columns.ts';
import { nestedTyped, plainOf, rowsOf } from './random-types.ts';
import { collector, convertColumn, JSON_TYPE } from './run.ts';

function jsonColumn(values: readonly Uint8Array[]): Column {
  const offsets = new Int32Array(values.length + 1);
  values.forEach((value, row) => {
    offsets[row + 1] = offsets[row] + value.length;
  });
  return variableColumn(JSON_TYPE, values.length, offsets, new Uint8Array(Buffer.concat(values)), null, 0);
}

const isJson = (bytes: Uint8Array) => {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
};

const INTERESTING = [...'{}[]",:\\u0019-+.eEnulltrefas \n\x00\x80\xff'].map(
  (char) => char.charCodeAt(0) & 255,
);
const edit = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('set', 'insert', 'remove', 'cut'),
  byte: fc.constantFrom(...INTERESTING),
});

function edited(
  bytes: Uint8Array,
  { at, kind, byte }: { at: number; kind: string; byte: number },
): Uint8Array {
  const where = at % (bytes.length + 1);
  if (kind === 'cut') return bytes.slice(0, where);
  const tail = bytes.slice(kind === 'insert' ? where : where + 1);
  return Uint8Array.from([...bytes.slice(0, where), ...(kind === 'remove' ? [] : [byte]), ...tail]);
}

test('JSON with bytes changed is refused or is JSON still', () => {
  fc.assert(
    fc.property(
      rowsOf(nestedTyped),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      ({ type, rows }, edits) => {
        const texts = textsOf(convertColumn(columnOfPlain(type, rows), JSON_TYPE).column);
        const originals = texts.flatMap((text) => (text === null ? [] : [Buffer.from(text)]));
        const values = originals.flatMap((bytes) => [
          edits.reduce(edited, bytes as Uint8Array),
          bytes as Uint8Array,
        ]);
        const { sink, refused } = collector();
        const read = findConversion(JSON_TYPE, type, {})?.make()?.(jsonColumn(values), sink) as Column;
        checkColumn(read, 'read');
        assert.equal(read.length, values.length);
        const bad = new Set(refused.map((entry) => Number(entry.split(' ')[0])));
        values.forEach((bytes, row) => {
          if (!bad.has(row)) assert.ok(isJson(bytes), Buffer.from(bytes).toString('latin1'));
          // Its neighbour, which is whole, is read as ever.
          if (row % 2 === 1) assert.ok(!bad.has(row));
        });
        const whole = plainOf(read).filter((_, row) => row % 2 === 1);
        assert.deepEqual(
          whole,
          plainOf(columnOfPlain(type, rows)).filter((value) => value !== null),
        );
      },
    ),
    { seed: 20261122, numRuns: 500 },
  );
});

test('numbers, words and strings that end where the heap goes on', () => {
  const list = { kind: 'list', element: { kind: 'int', bits: 32, signed: true } } as const;
  const pieces = ['[1', '2]', '[nul', 'l]', '[1,2]', '["', '"]'].map((text) => Buffer.from(text));
  const { sink, refused } = collector();
  const read = findConversion(JSON_TYPE, list, {})?.make()?.(jsonColumn(pieces), sink) as Column;
  assert.deepEqual(
    refused.map((entry) => entry.split(' ')[0]),
    ['0', '1', '2', '3', '5', '6'],
  );
  assert.deepEqual(plainOf(read)[4], ['1', '2']);
});
