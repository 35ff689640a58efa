// Rows of some buckets, kept whole to be compared: taken out of a batch in the worker, matched by key and content on the
// main thread, which looks at hashes only. Pure.
import type { Batch } from '../batch/batch.ts';
import { type Column, columnBytes, nestedColumn } from '../batch/column.ts';
import { takeRows } from '../batch/take.ts';
import { bucketOf } from './buckets.ts';
import type { RowHashes } from './row-hash.ts';

/** Plain data: it crosses threads. */
export interface KeptRows {
  readonly rowCount: number;
  /** Four to a row: both lanes of its key, both of the whole. */
  readonly hashes: Int32Array<ArrayBuffer>;
  /** How often each came; null where each came once. Rows without a key are kept once, however often they come. */
  readonly counts: Int32Array<ArrayBuffer> | null;
  /** In the types that are compared. */
  readonly columns: readonly Column[];
  /** The key's columns as their own database has them. */
  readonly keys: readonly Column[];
  /** By row: values that the types compared don't hold, NULL in `columns` and equal to none. */
  readonly unheld: ReadonlyMap<number, readonly UnheldValue[]>;
  readonly bytes: number;
}

export interface UnheldValue {
  /** Index into the columns. */
  readonly column: number;
  /** As it was read, long ones cut. */
  readonly text: string;
}

/** Rows with such values. */
export interface UnheldRows {
  readonly rows: ReadonlySet<number>;
  /** Whether they are kept at all. */
  readonly isKept: boolean;
  valuesOf(row: number): readonly UnheldValue[];
}

/**
 * @param wanted a byte for each bucket; null for all rows
 * @param keys the key's columns as they were read
 */
export function keepRows(
  batch: Batch,
  hashes: RowHashes,
  wanted: Uint8Array | null,
  keys: readonly Column[],
  broken: UnheldRows | null = null,
): KeptRows {
  const rows = wantedRows(hashes, wanted).filter((row) => !broken?.rows.has(row) || broken.isKept);
  const counts = hashes.keys === hashes.rows ? countRows(hashes, rows, broken) : null;
  const kept = Int32Array.from(counts === null ? rows : counts.keys());
  const lanes = new Int32Array(kept.length * 4);
  kept.forEach((row, at) => {
    lanes[at * 4] = hashes.keys.a[row];
    lanes[at * 4 + 1] = hashes.keys.b[row];
    lanes[at * 4 + 2] = hashes.rows.a[row];
    lanes[at * 4 + 3] = hashes.rows.b[row];
  });
  const columns = batch.columns.map((column) => takeCompact(column, kept));
  const own = keys.map((column) => takeCompact(column, kept));
  const unheld = new Map<number, readonly UnheldValue[]>();
  if (broken && broken.rows.size > 0)
    kept.forEach((from, row) => {
      if (broken.rows.has(from)) unheld.set(row, broken.valuesOf(from));
    });
  return {
    rowCount: kept.length,
    hashes: lanes,
    counts: counts === null ? null : Int32Array.from(counts.values()),
    columns,
    keys: own,
    unheld,
    bytes: lanes.byteLength + [...columns, ...own].reduce((sum, column) => sum + columnBytes(column), 0),
  };
}

function wantedRows({ rowCount, keys }: RowHashes, wanted: Uint8Array | null): number[] {
  const rows: number[] = [];
  for (let row = 0; row < rowCount; row++)
    if (wanted === null || wanted[bucketOf(keys.a[row])] === 1) rows.push(row);
  return rows;
}

/** The first row of each content, and how many there are of it. What the types don't hold is no content: such rows stand alone. */
function countRows(
  { rows: { a, b } }: RowHashes,
  rows: readonly number[],
  broken: UnheldRows | null,
): Map<number, number> {
  const firsts = new Map<string, number>();
  const counts = new Map<number, number>();
  for (const row of rows) {
    const content = broken?.rows.has(row) ? `row ${row}` : `${a[row]},${b[row]}`;
    const first = firsts.get(content) ?? row;
    firsts.set(content, first);
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return counts;
}

/** Without what the rows that are left out hold, mixed storage classes too. */
function takeCompact(column: Column, rows: Int32Array): Column {
  if (column.type.kind !== 'any') return takeRows(column, rows);
  const { offsets, typeIds, validity, children } = takeRows(column, rows);
  const own: number[][] = (children ?? []).map(() => []);
  const moved = new Int32Array(rows.length);
  let nullCount = 0;
  for (let row = 0; row < rows.length; row++) {
    if (validity !== null && (validity[row >> 3] & (1 << (row & 7))) === 0) {
      nullCount++;
      continue;
    }
    const list = own[typeIds?.[row] ?? 0];
    moved[row] = list.length;
    list.push(offsets?.[row] ?? 0);
  }
  const kept = (children ?? []).map((child, at) => takeRows(child, Int32Array.from(own[at])));
  const parts = { offsets: moved, typeIds: typeIds ?? new Uint8Array(rows.length), children: kept };
  return nestedColumn(column.type, rows.length, parts, validity, nullCount);
}

/** A row among pieces of kept rows. */
export interface RowPlace {
  readonly piece: KeptRows;
  readonly row: number;
}

export interface Matched {
  /** In the source only, and how often more than in the target. */
  readonly missing: readonly (RowPlace & { readonly count: number })[];
  readonly extra: readonly (RowPlace & { readonly count: number })[];
  /** Of one key, with other values. */
  readonly changed: readonly { readonly source: RowPlace; readonly target: RowPlace }[];
}

interface Group {
  readonly source: { place: RowPlace; count: number }[];
  readonly target: { place: RowPlace; count: number }[];
}

/** Rows by key: those of equal content cancel out, what is left is changed in pairs, missing or extra. */
export function matchRows(
  source: readonly KeptRows[],
  target: readonly KeptRows[],
  hasKey: boolean,
): Matched {
  const found = { missing: [], extra: [], changed: [] } as {
    -readonly [Kind in keyof Matched]: Matched[Kind][number][];
  };
  const [here, there] = [new SortedRows(source), new SortedRows(target)];
  while (!here.isAtEnd || !there.isAtEnd) {
    const order = here.isAtEnd ? 1 : there.isAtEnd ? -1 : compareKeys(here, there);
    const rowsOf = (side: SortedRows, isNext: boolean) => (isNext ? side.takeKey() : []);
    sort(found, { source: rowsOf(here, order <= 0), target: rowsOf(there, order >= 0) }, hasKey);
  }
  return found;
}

function sort(
  found: {
    missing: Matched['missing'][number][];
    extra: Matched['extra'][number][];
    changed: Matched['changed'][number][];
  },
  group: Group,
  hasKey: boolean,
): void {
  cancel(group);
  const here = group.source.filter(({ count }) => count > 0);
  const there = group.target.filter(({ count }) => count > 0);
  const pairs = hasKey ? Math.min(here.length, there.length) : 0;
  for (let at = 0; at < pairs; at++) found.changed.push({ source: here[at].place, target: there[at].place });
  for (const { place, count } of here.slice(pairs)) found.missing.push({ ...place, count });
  for (const { place, count } of there.slice(pairs)) found.extra.push({ ...place, count });
}

/** Rows of one side in the order of their keys' hashes: 20 bytes for each, and no object before it is taken. */
class SortedRows {
  readonly #pieces: readonly KeptRows[];
  /** Row numbers over all pieces. */
  readonly #starts: number[] = [];
  readonly #hashes: Int32Array;
  readonly #order: Uint32Array;
  #at = 0;

  constructor(pieces: readonly KeptRows[]) {
    this.#pieces = pieces;
    let rows = 0;
    for (const { rowCount } of pieces) {
      this.#starts.push(rows);
      rows += rowCount;
    }
    this.#hashes = new Int32Array(rows * 4);
    pieces.forEach(({ hashes }, at) => {
      this.#hashes.set(hashes, this.#starts[at] * 4);
    });
    const all = this.#hashes;
    this.#order = new Uint32Array(rows)
      .map((_, row) => row)
      .sort((x, y) => all[x * 4] - all[y * 4] || all[x * 4 + 1] - all[y * 4 + 1]);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#order.length;
  }

  /** A lane of the key that comes next. */
  key(lane: 0 | 1): number {
    return this.#hashes[this.#order[this.#at] * 4 + lane];
  }

  /** All rows of the next key. */
  takeKey(): Group['source'] {
    const [a, b] = [this.key(0), this.key(1)];
    const rows: Group['source'] = [];
    while (!this.isAtEnd && this.key(0) === a && this.key(1) === b)
      rows.push(this.#row(this.#order[this.#at++]));
    return rows;
  }

  #row(row: number): Group['source'][number] {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle] <= row) low = middle;
      else high = middle - 1;
    }
    const piece = this.#pieces[low];
    const own = row - this.#starts[low];
    return { place: { piece, row: own }, count: piece.counts?.[own] ?? 1 };
  }
}

function compareKeys(one: SortedRows, other: SortedRows): number {
  return one.key(0) - other.key(0) || one.key(1) - other.key(1);
}

/** Takes away what both sides have alike. */
function cancel({ source, target }: Group): void {
  const there = new Map<string, Group['target']>();
  for (const row of target) {
    const alike = there.get(contentOf(row.place));
    if (alike) alike.push(row);
    else there.set(contentOf(row.place), [row]);
  }
  for (const one of source) {
    const alike = there.get(contentOf(one.place)) ?? [];
    for (let other = alike.at(-1); other && one.count > 0; other = alike.at(-1)) {
      const both = Math.min(one.count, other.count);
      one.count -= both;
      other.count -= both;
      if (other.count === 0) alike.pop();
    }
  }
}

function contentOf({ piece: { hashes }, row }: RowPlace): string {
  return `${hashes[row * 4 + 2]},${hashes[row * 4 + 3]}`;
}
