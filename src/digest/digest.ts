// A digest of rows that does not depend on their order: the sum, modulo 2^32 in each of two lanes, of a hash of every row,
// and the same for each column alone, so that a difference names its column. Sums of pieces add up to that of the
// whole. Pure; any thread may add, workers compute.
//
// Two different sets of rows have one digest with odds of 2^-64. A row that came twice is a difference (with XOR it would
// not be), and so are values that changed places between rows: a row's hash is no sum of its cells'.
import type { Batch } from '../batch/batch.ts';
import { type DigestColumn, hashRows, type RowHashes, type Sum } from './row-hash.ts';

export type { DigestColumn, Sum } from './row-hash.ts';

/** Plain data: it crosses threads. */
export interface Digest {
  readonly rowCount: number;
  readonly rows: Sum;
  /** In the order of the batch's columns; a column that is left out has [0, 0]. */
  readonly columns: readonly Sum[];
}

/** Of a batch in the target's wire types. */
export function digestBatch(batch: Batch, columns: readonly DigestColumn[]): Digest {
  return digestOf(hashRows(batch, columns, []));
}

export function digestOf({ rowCount, rows, columns }: RowHashes): Digest {
  let a = 0;
  let b = 0;
  for (let row = 0; row < rowCount; row++) {
    a = (a + rows.a[row]) | 0;
    b = (b + rows.b[row]) | 0;
  }
  return { rowCount, rows: [a, b], columns };
}

/** Gathers the digests of pieces. */
export class DigestSum {
  #rowCount = 0;
  readonly #lanes: Int32Array;

  constructor(columnCount: number) {
    this.#lanes = new Int32Array(2 + 2 * columnCount);
  }

  add({ rowCount, rows, columns }: Digest): void {
    this.#rowCount += rowCount;
    [rows, ...columns].forEach(([a, b], at) => {
      this.#lanes[at * 2] += a;
      this.#lanes[at * 2 + 1] += b;
    });
  }

  get total(): Digest {
    const sums = Array.from({ length: this.#lanes.length / 2 }, (_, at): Sum => {
      return [this.#lanes[at * 2], this.#lanes[at * 2 + 1]];
    });
    return { rowCount: this.#rowCount, rows: sums[0], columns: sums.slice(1) };
  }
}

/** 16 hexadecimal digits. */
export function digestText([a, b]: Sum): string {
  return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

export function sameSum(one: Sum, other: Sum): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

/** Indexes of the columns whose sums differ. */
export function differingColumns(one: Digest, other: Digest): number[] {
  return one.columns.flatMap((sum, at) => (sameSum(sum, other.columns[at]) ? [] : [at]));
}

export function sameDigest(one: Digest, other: Digest): boolean {
  return (
    one.rowCount === other.rowCount &&
    sameSum(one.rows, other.rows) &&
    differingColumns(one, other).length === 0
  );
}
