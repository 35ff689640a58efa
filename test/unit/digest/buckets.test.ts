// Buckets of rows by their keys, and rows matched by key and content: what differs is found, whatever the order.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Batch } from '../../../src/batch/batch.ts';
import {
  addBuckets,
  BUCKETS,
  bucketMask,
  bucketRounds,
  bucketsOf,
  differingBuckets,
  newBuckets,
} from '../../../src/digest/buckets.ts';
import { type KeptRows, keepRows, matchRows } from '../../../src/digest/kept-rows.ts';
import { hashRows, type RowHashes } from '../../../src/digest/row-hash.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';

const INT: LogicalType = { kind: 'int', bits: 32, signed: true };
const TEXT: LogicalType = { kind: 'text' };
const PLAIN = { skipped: false, oneZero: false };

type Row = readonly [id: string | null, value: string | null];

function batchOf(rows: readonly Row[]): Batch {
  const columns = [
    columnOf(
      INT,
      rows.map(([id]) => id),
    ),
    columnOf(
      TEXT,
      rows.map(([, value]) => value),
    ),
  ];
  const fields = columns.map(({ type }, at) => ({ name: `c${at}`, type }));
  return { fields, columns, rowCount: rows.length };
}

function hashed(batch: Batch, keyColumns: readonly number[], broken: readonly number[] = []): RowHashes {
  return hashRows(batch, [PLAIN, PLAIN], keyColumns, broken);
}

function kept(rows: readonly Row[], keyColumns: readonly number[]): KeptRows {
  const batch = batchOf(rows);
  const keys = keyColumns.map((at) => batch.columns[at]);
  return keepRows(batch, hashed(batch, keyColumns), null, keys);
}

/** `column` of a row among kept rows. */
function cell({ piece, row }: { piece: KeptRows; row: number }, column: number): string | null {
  return textsOf(piece.columns[column])[row];
}

const NUMBERED = (count: number): Row[] =>
  Array.from({ length: count }, (_, at) => [String(at), `value ${at}`]);

describe('buckets', () => {
  test('are the same for the same rows in any order and any pieces', () => {
    const rows = NUMBERED(10_000);
    const whole = bucketsOf(hashed(batchOf(rows), [0]));
    const pieces = newBuckets();
    const turned = [...rows].reverse();
    for (const from of [0, 3000, 9999])
      addBuckets(
        pieces,
        bucketsOf(
          hashed(batchOf(turned.slice(from, [3000, 9999, 10_000][[0, 3000, 9999].indexOf(from)])), [0]),
        ),
      );
    assert.deepEqual(differingBuckets(whole, pieces), []);
    assert.equal(
      whole.counts.reduce((sum, count) => sum + count, 0),
      10_000,
    );
  });

  test('of even use: ten thousand keys leave no bucket with many', () => {
    const { counts } = bucketsOf(hashed(batchOf(NUMBERED(40_960)), [0]));
    assert.ok(Math.max(...counts) < 40, `${Math.max(...counts)}`);
  });

  test('a changed row differs in the bucket of its key, and in no other', () => {
    const rows = NUMBERED(1000);
    const other = rows.map(([id, value]): Row => (id === '17' ? [id, 'other'] : [id, value]));
    const [one, two] = [bucketsOf(hashed(batchOf(rows), [0])), bucketsOf(hashed(batchOf(other), [0]))];
    const differing = differingBuckets(one, two);
    assert.equal(differing.length, 1);
    const lone = bucketsOf(hashed(batchOf([['17', 'x']]), [0]));
    assert.equal(lone.counts[differing[0]], 1);
  });

  test('values that changed places between two rows differ', () => {
    const one = bucketsOf(
      hashed(
        batchOf([
          ['1', 'a'],
          ['2', 'b'],
        ]),
        [0],
      ),
    );
    const two = bucketsOf(
      hashed(
        batchOf([
          ['1', 'b'],
          ['2', 'a'],
        ]),
        [0],
      ),
    );
    assert.equal(differingBuckets(one, two).length, 2);
  });

  test('a value that its type does not hold is kept as it was read, and rows of such values apart', () => {
    const batch = batchOf([
      ['1', null],
      ['1', null],
      ['2', null],
    ]);
    const broken = {
      rows: new Set([0, 1]),
      isKept: true,
      valuesOf: (row: number) => [{ column: 1, text: `read in row ${row}` }],
    };
    const { counts, rowCount, unheld } = keepRows(batch, hashed(batch, [], [0, 1]), null, [], broken);
    assert.equal(rowCount, 3);
    assert.deepEqual([...(counts ?? [])], [1, 1, 1]);
    assert.deepEqual(
      [...unheld],
      [0, 1].map((row) => [row, [{ column: 1, text: `read in row ${row}` }]]),
    );
    const left = keepRows(batch, hashed(batch, [], [0, 1]), null, [], { ...broken, isKept: false });
    assert.equal(left.rowCount, 1);
  });

  test('a row with a value that its type does not hold equals none, not even one with NULL there', () => {
    const batch = batchOf([['1', null]]);
    const whole = bucketsOf(hashed(batch, [0]));
    const broken = bucketsOf(hashed(batch, [0], [0]));
    assert.equal(differingBuckets(whole, broken).length, 1);
  });

  test('rounds hold as many buckets as fit, and one at least', () => {
    const counts = new Int32Array(BUCKETS);
    counts[1] = 10;
    counts[2] = 5;
    counts[3] = 100;
    counts[4] = 1;
    const sides = [{ counts, rowBytes: 10 }];
    assert.deepEqual(bucketRounds([1, 2, 3, 4], sides, 200), [[1, 2], [3], [4]]);
    assert.deepEqual(bucketRounds([], sides, 200), []);
    assert.equal(
      bucketMask([1, 4]).reduce((sum, each) => sum + each, 0),
      2,
    );
  });
});

describe('rows that are kept', () => {
  test('are matched by key: changed, missing and extra', () => {
    const source = [
      kept(
        [
          ['1', 'a'],
          ['2', 'b'],
        ],
        [0],
      ),
      kept(
        [
          ['3', 'c'],
          ['4', null],
        ],
        [0],
      ),
    ];
    const target = [
      kept(
        [
          ['4', null],
          ['3', 'C'],
          ['5', 'e'],
          ['1', 'a'],
        ],
        [0],
      ),
    ];
    const { missing, extra, changed } = matchRows(source, target, true);
    assert.deepEqual(
      missing.map((place) => cell(place, 0)),
      ['2'],
    );
    assert.deepEqual(
      extra.map((place) => cell(place, 0)),
      ['5'],
    );
    assert.deepEqual(
      changed.map((pair) => [cell(pair.source, 1), cell(pair.target, 1)]),
      [['c', 'C']],
    );
  });

  test('without a key are a multiset', () => {
    const a: Row = ['1', 'a'];
    const source = [kept([a, a, a, ['2', null]], []), kept([a], [])];
    const target = [kept([a, ['2', null], ['2', null]], [])];
    const { missing, extra, changed } = matchRows(source, target, false);
    assert.deepEqual(
      [missing.reduce((sum, { count }) => sum + count, 0), extra.map(({ count }) => count), changed.length],
      [3, [1], 0],
    );
    assert.equal(source[0].rowCount, 2, 'rows that are alike are kept once');
  });

  test('only those of wanted buckets, with the key as it was read', () => {
    const batch = batchOf(NUMBERED(1000));
    const hashes = hashed(batch, [0]);
    const one = bucketsOf(hashed(batchOf([['17', 'x']]), [0])).counts.indexOf(1);
    const { columns, keys, rowCount } = keepRows(batch, hashed(batch, [0]), bucketMask([one]), [
      batch.columns[0],
    ]);
    assert.equal(hashes.rowCount, 1000);
    assert.ok(rowCount >= 1 && rowCount < 10);
    assert.ok(textsOf(columns[0]).includes('17'));
    assert.deepEqual(textsOf(keys[0]), textsOf(columns[0]));
  });

  test('a key that came twice on one side is one too many there', () => {
    const source = [kept([['1', 'a']], [0])];
    const target = [
      kept(
        [
          ['1', 'a'],
          ['1', 'a'],
          ['1', 'b'],
        ],
        [0],
      ),
    ];
    const { missing, extra, changed } = matchRows(source, target, true);
    assert.deepEqual([missing.length, extra.length, changed.length], [0, 2, 0]);
  });
});
