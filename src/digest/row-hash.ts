// Hashes of whole rows and, beside them, of their keys alone. Pure; runs in crossing workers.
import type { Batch } from '../batch/batch.ts';
import { hashColumn } from './cell-hash.ts';
import { endA, endB, type Lanes, newLanes, ROW_SEED, stepA, stepB } from './mix.ts';

/** 64 bits as two numbers of 32. */
export type Sum = readonly [a: number, b: number];

/** What of each column counts. */
export interface DigestColumn {
  /** Left out on both sides: what the target keeps of it can't be compared. */
  readonly skipped: boolean;
  /** The target keeps no -0.0. */
  readonly oneZero: boolean;
}

export interface RowHashes {
  readonly rowCount: number;
  /** Lanes of a worker's own: they hold until the next batch. */
  readonly rows: Lanes;
  /** Of the key columns; the rows' own where there is no key. */
  readonly keys: Lanes;
  /** Of each column alone; [0, 0] for one that is left out. */
  readonly columns: readonly Sum[];
}

/** What the hash of a key begins with. */
const KEY_SEED = 0x3c6ef372;
/** Worked into a row that holds a value which its type does not: it equals no row that is whole. */
const NOT_WHOLE = 0x6d2b79f5;

/**
 * @param keyColumns indexes of the columns that tell rows apart; [] where only the whole row does
 * @param broken rows in which a value had no place in its type
 */
export function hashRows(
  batch: Batch,
  columns: readonly DigestColumn[],
  keyColumns: readonly number[],
  broken: readonly number[] = [],
): RowHashes {
  const { rowCount } = batch;
  const [rows, cells, keys] = scratchFor(rowCount);
  rows.a.fill(ROW_SEED, 0, rowCount);
  rows.b.fill(ROW_SEED, 0, rowCount);
  const hasKey = keyColumns.length > 0;
  if (hasKey) {
    keys.a.fill(KEY_SEED, 0, rowCount);
    keys.b.fill(KEY_SEED, 0, rowCount);
  }
  const sums = batch.columns.map((column, at): Sum => {
    if (columns[at].skipped) return [0, 0];
    hashColumn(column, cells, columns[at]);
    if (keyColumns.includes(at)) fold(cells, keys, rowCount);
    return fold(cells, rows, rowCount);
  });
  for (const row of broken) {
    rows.a[row] = stepA(rows.a[row], NOT_WHOLE);
    rows.b[row] = stepB(rows.b[row], NOT_WHOLE);
  }
  end(rows, rowCount);
  if (hasKey) end(keys, rowCount);
  return { rowCount, rows, keys: hasKey ? keys : rows, columns: sums };
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

function end({ a, b }: Lanes, rowCount: number): void {
  for (let row = 0; row < rowCount; row++) {
    a[row] = endA(a[row]);
    b[row] = endB(b[row]);
  }
}

/** Lanes of a worker's own, since batches of a table have much the same length. */
let scratch = [newLanes(0), newLanes(0), newLanes(0)] as const;

function scratchFor(rowCount: number): typeof scratch {
  if (scratch[0].a.length < rowCount) scratch = [newLanes(rowCount), newLanes(rowCount), newLanes(rowCount)];
  return scratch;
}
