// A digest of rows that does not depend on their order: the sum, modulo 2^32 in each of two lanes, of a hash of every row,
// and the same for each column alone, so that a difference names its column. Sums of pieces add up to that of the
// whole. Pure; any thread may add, workers compute.
//
// Two different sets of rows have one digest with odds of 2^-64. A row that came twice is a difference (with XOR it would
// not be), and so are values that changed places between rows: a row's hash is no sum of its cells'.
import type { Batch } from '../batch/batch.ts';
import { hashColumn } from './cell-hash.ts';
import { endA, endB, type Lanes, newLanes, ROW_SEED, stepA, stepB } from './mix.ts';

/** 64 bits as two numbers of 32. */
export type Sum = readonly [a: number, b: number];

/** Plain data: it crosses threads. */
export interface Digest {
  readonly rowCount: number;
  readonly rows: Sum;
  /** In the order of the batch's columns; a column that is left out has [0, 0]. */
  readonly columns: readonly Sum[];
}

/** What of each column counts. */
export interface DigestColumn {
  /** Left out on both sides: what the target keeps of it can't be compared. */
  readonly skipped: boolean;
  /** The target keeps no -0.0. */
  readonly oneZero: boolean;
}

/** Of a batch in the target's wire types. */
export function digestBatch(batch: Batch, columns: readonly DigestColumn[]): Digest {
  const { rowCount } = batch;
  const [rows, cells] = scratchFor(rowCount);
  rows.a.fill(ROW_SEED, 0, rowCount);
  rows.b.fill(ROW_SEED, 0, rowCount);
  const sums = batch.columns.map((column, at): Sum => {
    if (columns[at].skipped) return [0, 0];
    hashColumn(column, cells, columns[at]);
    return fold(cells, rows, rowCount);
  });
  let a = 0;
  let b = 0;
  for (let row = 0; row < rowCount; row++) {
    a = (a + endA(rows.a[row])) | 0;
    b = (b + endB(rows.b[row])) | 0;
  }
  return { rowCount, rows: [a, b], columns: sums };
}

/** Works the column's cells into the rows, and adds them up. */
function fold(cells: Lanes, rows: Lanes, rowCount: number): Sum {
  let a = 0;
  let b = 0;
  for (let row = 0; row < rowCount; row++) {
    const x = cells.a[row];
    const y = cells.b[row];
    a = (a + x) | 0;
    b = (b + y) | 0;
    rows.a[row] = stepA(rows.a[row], x);
    rows.b[row] = stepB(rows.b[row], y);
  }
  return [a, b];
}

/** Lanes of a worker's own, since batches of a table have much the same length. */
let scratch: [rows: Lanes, cells: Lanes] = [newLanes(0), newLanes(0)];

function scratchFor(rowCount: number): [rows: Lanes, cells: Lanes] {
  if (scratch[0].a.length < rowCount) scratch = [newLanes(rowCount), newLanes(rowCount)];
  return scratch;
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
