// The digest of rows: the same for the same rows in any order and in any pieces, another for any other rows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Batch } from '../../../src/batch/batch.ts';
import type { Column } from '../../../src/batch/column.ts';
import { takeRows } from '../../../src/batch/take.ts';
import {
  type Digest,
  DigestSum,
  differingColumns,
  digestBatch,
  digestText,
  sameDigest,
} from '../../../src/digest/digest.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import { EDGE_COLUMNS } from '../../corpus/edge-values.ts';
import { columnOfPlain, PLAIN_COLUMNS } from '../../corpus/nested-columns.ts';

const PLAIN = { skipped: false, oneZero: false };

function batchOf(...columns: Column[]): Batch {
  const fields = columns.map(({ type }, at) => ({ name: `c${at}`, type }));
  return { fields, columns, rowCount: columns[0]?.length ?? 0 };
}

function digestOf(batch: Batch, options = PLAIN): Digest {
  return digestBatch(
    batch,
    batch.columns.map(() => options),
  );
}

/** The rows at the indexes, one behind the other, as a batch. */
function rowsOf(batch: Batch, rows: readonly number[]): Batch {
  return {
    ...batch,
    columns: batch.columns.map((column) => takeRows(column, Int32Array.from(rows))),
    rowCount: rows.length,
  };
}

function inPieces(batch: Batch, pieces: readonly (readonly number[])[]): Digest {
  const sum = new DigestSum(batch.columns.length);
  for (const rows of pieces) sum.add(digestOf(rowsOf(batch, rows)));
  return sum.total;
}

/** Every column that the corpus has: edge values of each scalar type, nested ones, NULLs among them. */
const COLUMNS: readonly { readonly name: string; readonly column: Column }[] = [
  ...EDGE_COLUMNS.map(({ name, type, values }) => ({
    name,
    column: columnOf(type, [...values.map((value) => value.text), null]),
  })),
  ...PLAIN_COLUMNS.map(({ name, type, values }) => ({ name, column: columnOfPlain(type, values) })),
];

describe('the digest of every type', () => {
  for (const { name, column } of COLUMNS) {
    test(name, () => {
      const batch = batchOf(column);
      const all = Array.from({ length: column.length }, (_, row) => row);
      const whole = digestOf(batch);
      assert.ok(sameDigest(inPieces(batch, [[...all].reverse()]), whole), 'order means nothing');
      assert.ok(sameDigest(inPieces(batch, [all.slice(0, 1), all.slice(1)]), whole), 'nor do pieces');
      assert.ok(sameDigest(inPieces(batch, all.map((row) => [row]).reverse()), whole), 'of whatever size');
      for (const row of all) {
        const without = all.filter((each) => each !== row);
        assert.ok(!sameDigest(digestOf(rowsOf(batch, without)), whole), `row ${row} is missed`);
        assert.ok(!sameDigest(digestOf(rowsOf(batch, [...all, row])), whole), `row ${row} twice is seen`);
      }
    });
  }

  test('each value of a type has a hash of its own, and so has NULL', () => {
    for (const { name, column } of COLUMNS) {
      const batch = batchOf(column);
      const hashes = Array.from({ length: column.length }, (_, row) => digestOf(rowsOf(batch, [row])));
      const texts = new Set(hashes.map(({ rows }) => digestText(rows)));
      assert.ok(texts.size >= new Set(textsOf(column)).size, `${name}: ${texts.size} of ${column.length}`);
    }
  });
});

describe('a table of several columns', () => {
  const INT: LogicalType = { kind: 'int', bits: 32, signed: true };
  const TEXT: LogicalType = { kind: 'text' };
  const table = (numbers: (string | null)[], texts: (string | null)[]) =>
    batchOf(columnOf(INT, numbers), columnOf(TEXT, texts));
  const whole = digestOf(table(['1', '2', null], ['a', null, 'ccccc']));

  test('every change of a single cell is seen, and names its column', () => {
    const changed = [
      table(['1', '3', null], ['a', null, 'ccccc']),
      table(['1', '2', '0'], ['a', null, 'ccccc']),
      table([null, '2', null], ['a', null, 'ccccc']),
    ];
    for (const other of changed) assert.deepEqual(differingColumns(whole, digestOf(other)), [0]);
    for (const text of ['ccccd', 'cccc', 'ccccc ', 'cccccc', '', null, 'cccc\0'])
      assert.deepEqual(
        differingColumns(whole, digestOf(table(['1', '2', null], ['a', null, text]))),
        [1],
        JSON.stringify(text),
      );
  });

  test('values that changed places between rows are seen, though each column holds what it held', () => {
    const swapped = digestOf(table(['2', '1', null], ['a', null, 'ccccc']));
    assert.deepEqual(differingColumns(whole, swapped), []);
    assert.ok(!sameDigest(whole, swapped));
  });

  test('columns that changed places are seen', () => {
    const one = batchOf(columnOf(TEXT, ['a']), columnOf(TEXT, ['b']));
    const other = batchOf(columnOf(TEXT, ['b']), columnOf(TEXT, ['a']));
    assert.ok(!sameDigest(digestOf(one), digestOf(other)));
  });

  test('a column that is left out does not count', () => {
    const skipping = (batch: Batch) => digestBatch(batch, [PLAIN, { ...PLAIN, skipped: true }]);
    const one = skipping(table(['1'], ['a']));
    assert.ok(sameDigest(one, skipping(table(['1'], ['b']))));
    assert.ok(!sameDigest(one, skipping(table(['2'], ['a']))));
  });

  test('no rows, and rows without columns', () => {
    assert.equal(digestText(digestOf(table([], [])).rows), '0000000000000000');
    const bare = (rowCount: number) => digestBatch({ fields: [], columns: [], rowCount }, []);
    assert.ok(!sameDigest(bare(1), bare(2)));
    assert.ok(sameDigest(bare(2), bare(2)));
  });
});

describe('the value counts, not its layout', () => {
  const rowsOfType = (type: LogicalType, ...texts: (string | null)[]) =>
    digestText(digestOf(batchOf(columnOf(type, texts))).rows);

  test('integers of any width', () => {
    const widths = [8, 16, 32, 64] as const;
    for (const number of ['0', '-1', '-128', '127'])
      assert.equal(
        new Set(widths.map((bits) => rowsOfType({ kind: 'int', bits, signed: true }, number))).size,
        1,
        number,
      );
    assert.notEqual(
      rowsOfType({ kind: 'int', bits: 32, signed: false }, '4294967295'),
      rowsOfType({ kind: 'int', bits: 32, signed: true }, '-1'),
    );
  });

  test('labels by their text', () => {
    const mood = (...labels: string[]): LogicalType => ({ kind: 'enum', name: null, labels });
    assert.equal(rowsOfType(mood('sad', 'ok'), 'ok', 'sad'), rowsOfType(mood('ok', 'x', 'sad'), 'ok', 'sad'));
    assert.equal(rowsOfType(mood('sad', 'ok'), 'ok'), rowsOfType({ kind: 'text' }, 'ok'));
  });

  test('-0.0 is 0.0 only where the target keeps no other', () => {
    for (const bits of [32, 64] as const) {
      const one = batchOf(columnOf({ kind: 'float', bits }, ['-0', '1', '-1']));
      const other = batchOf(columnOf({ kind: 'float', bits }, ['0', '1', '-1']));
      assert.ok(!sameDigest(digestOf(one), digestOf(other)));
      const oneZero = { skipped: false, oneZero: true };
      assert.ok(sameDigest(digestOf(one, oneZero), digestOf(other, oneZero)));
      const minus = batchOf(columnOf({ kind: 'float', bits }, ['0', '1', '1']));
      assert.ok(!sameDigest(digestOf(one, oneZero), digestOf(minus, oneZero)));
    }
  });

  test('the entries of a map in any order, and no other entries', () => {
    const type: LogicalType = { kind: 'map', key: { kind: 'text' }, value: { kind: 'text' } };
    const mapOf = (...entries: [string, string | null][]) =>
      digestText(digestOf(batchOf(columnOfPlain(type, [entries]))).rows);
    assert.equal(mapOf(['a', '1'], ['b', null]), mapOf(['b', null], ['a', '1']));
    assert.notEqual(mapOf(['a', '1'], ['b', '2']), mapOf(['a', '2'], ['b', '1']));
    assert.notEqual(mapOf(['a', '1']), mapOf(['a', '1'], ['a', '1']));
  });
});
