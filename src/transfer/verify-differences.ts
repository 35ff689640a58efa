// Which rows of two tables differ: the buckets whose digests differ are read again on both sides, as many at a time as fit
// into memory, and their rows matched. Values are read only of rows that are shown.
import type { Column } from '../batch/column.ts';
import { takeRows } from '../batch/take.ts';
import { cellText } from '../coerce/cell-text.ts';
import { bucketMask, bucketRounds, differingBuckets } from '../digest/buckets.ts';
import { hashColumn } from '../digest/cell-hash.ts';
import { type Matched, matchRows, type RowPlace } from '../digest/kept-rows.ts';
import { newLanes } from '../digest/mix.ts';
import { keepSide, type ScanEnd, type Scanning, type SideDigest } from './verify-scan.ts';
import type { Sides } from './verify-sides.ts';

/** Bytes of rows that are kept at a time, both sides together; a bucket that is larger goes alone. */
export const KEPT_BYTES_MAX = 64 * 1024 * 1024;

export type Cells = Readonly<Record<string, string | null>>;

/** One entry for a missing or extra row, one for each column of a changed row. */
export interface Difference {
  readonly kind: 'missing' | 'extra' | 'changed';
  /** Of the source's names; {} where the table has no key. */
  readonly key: Cells;
  /** Of a changed row; else null. */
  readonly column: string | null;
  /** Canonical text, long values cut; null for NULL, and on the side that has no such row. */
  readonly source: string | null;
  readonly target: string | null;
  /** The row itself, where it is missing or extra. */
  readonly row?: Cells;
  /** How often, where that is more than once. */
  readonly count?: number;
}

export interface DifferenceCounts {
  readonly missing: number;
  readonly extra: number;
  readonly changed: number;
  /** There are more: not all buckets that differ were looked into. */
  readonly atLeast: boolean;
}

export interface Ends {
  readonly source: ScanEnd;
  readonly target: ScanEnd;
}

/** Rows of the buckets that differ, round by round; the caller ends it when it has seen enough. */
export async function* differingRows(
  sides: Sides,
  ends: Ends,
  digests: { readonly source: SideDigest; readonly target: SideDigest },
  scanning: Scanning,
): AsyncGenerator<{ readonly matched: Matched; readonly isLast: boolean }> {
  const both = [digests.source, digests.target].map(({ buckets, rowBytes }) => ({
    counts: buckets.counts,
    // What a row takes as columns, with its hashes and its place in the map.
    rowBytes: rowBytes * 1.5 + 128,
  }));
  const differing = differingBuckets(digests.source.buckets, digests.target.buckets);
  const rounds = bucketRounds(differing, both, KEPT_BYTES_MAX);
  for (const [at, round] of rounds.entries()) {
    const mask = bucketMask(round);
    const [source, target] = await Promise.all([
      keepSide(sides.source, ends.source, sides, mask, scanning),
      keepSide(sides.target, ends.target, sides, mask, scanning),
    ]);
    const matched = matchRows(source, target, sides.keyColumns.length > 0);
    yield { matched, isLast: at === rounds.length - 1 };
  }
}

/** Counts what differs and describes up to `rowsMax` rows. */
export class DifferenceBook {
  readonly #sides: Sides;
  readonly #rowsMax: number;
  readonly #entries: Difference[] = [];
  #rows = 0;
  #counts = { missing: 0, extra: 0, changed: 0 };

  constructor(sides: Sides, rowsMax: number) {
    this.#sides = sides;
    this.#rowsMax = rowsMax;
  }

  add(matched: Matched): void {
    const sum = (rows: readonly { count: number }[]) => rows.reduce((all, { count }) => all + count, 0);
    this.#counts.missing += sum(matched.missing);
    this.#counts.extra += sum(matched.extra);
    this.#counts.changed += matched.changed.length;
    for (const pair of matched.changed) if (this.#hasRoom()) this.#entries.push(...this.#changed(pair));
    for (const kind of ['missing', 'extra'] as const) {
      for (const { count, ...place } of matched[kind]) {
        if (!this.#hasRoom()) return;
        const row = this.#cells(place);
        const key = this.#key(place);
        this.#entries.push({
          kind,
          key,
          column: null,
          source: null,
          target: null,
          row,
          ...(count > 1 ? { count } : {}),
        });
      }
    }
  }

  get isFull(): boolean {
    return this.#rows >= this.#rowsMax;
  }

  counts(atLeast: boolean): DifferenceCounts {
    return { ...this.#counts, atLeast };
  }

  /** By kind and key, so that two looks at one table read alike. */
  get entries(): readonly Difference[] {
    const order = ['changed', 'missing', 'extra'];
    const keyOf = ({ key, row }: Difference) => JSON.stringify([Object.values(key), row ?? null]);
    return [...this.#entries].sort(
      (a, b) =>
        order.indexOf(a.kind) - order.indexOf(b.kind) ||
        keyOf(a).localeCompare(keyOf(b), 'en', { numeric: true }) ||
        (keyOf(a) < keyOf(b) ? -1 : 1),
    );
  }

  #hasRoom(): boolean {
    if (this.isFull) return false;
    this.#rows++;
    return true;
  }

  #changed({ source, target }: { source: RowPlace; target: RowPlace }): Difference[] {
    const key = this.#key(source);
    const { columns } = this.#sides;
    const found = columns.flatMap(({ crossing }, at): Difference[] => {
      const [here, there] = [source.piece.columns[at], target.piece.columns[at]];
      if (this.#sameCell(at, here, source.row, there, target.row)) return [];
      return [{ kind: 'changed', key, column: crossing.name, ...shown(here, source.row, there, target.row) }];
    });
    // A value that its type does not hold stands as NULL, and may be NULL on the other side.
    return found.length > 0 ? found : [{ kind: 'changed', key, column: null, source: null, target: null }];
  }

  #sameCell(at: number, here: Column, row: number, there: Column, otherRow: number): boolean {
    const [one, other] = [newLanes(1), newLanes(1)];
    hashColumn(takeRows(here, Int32Array.of(row)), one, this.#sides.digest[at]);
    hashColumn(takeRows(there, Int32Array.of(otherRow)), other, this.#sides.digest[at]);
    return one.a[0] === other.a[0] && one.b[0] === other.b[0];
  }

  #key({ piece, row }: RowPlace): Cells {
    return Object.fromEntries(
      this.#sides.keyColumns.map((at) => [
        this.#sides.columns[at].crossing.name,
        cellText(piece.columns[at], row),
      ]),
    );
  }

  #cells({ piece, row }: RowPlace): Cells {
    return Object.fromEntries(
      this.#sides.columns.map(({ crossing }, at) => [crossing.name, cellText(piece.columns[at], row)]),
    );
  }
}

const CLASS_NAMES = ['integer', 'real', 'text', 'blob'];

/** Both values; where they read alike and are of different storage classes, with those. */
function shown(
  here: Column,
  row: number,
  there: Column,
  otherRow: number,
): { source: string | null; target: string | null } {
  const [source, target] = [cellText(here, row), cellText(there, otherRow)];
  if (source !== target || source === null) return { source, target };
  const named = (text: string | null, column: Column, at: number) =>
    `${text} (${column.type.kind === 'any' ? CLASS_NAMES[column.typeIds?.[at] ?? 0] : column.type.kind})`;
  return { source: named(source, here, row), target: named(target, there, otherRow) };
}
