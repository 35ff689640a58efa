// Which rows of two tables differ: the buckets whose digests differ are read again on both sides, as many at a time as fit
// into memory, and their rows matched. Values are read only of rows that are shown.
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
      if (this.#sameCell(at, source, target)) return [];
      return [{ kind: 'changed', key, column: crossing.name, ...shown(at, source, target) }];
    });
    // A value that its type does not hold, and that a policy makes NULL where the row is moved.
    return found.length > 0 ? found : [{ kind: 'changed', key, column: null, source: null, target: null }];
  }

  #sameCell(at: number, source: RowPlace, target: RowPlace): boolean {
    if (unheldText(source, at) !== null || unheldText(target, at) !== null) return false;
    const [one, other] = [newLanes(1), newLanes(1)];
    hashColumn(takeRows(source.piece.columns[at], Int32Array.of(source.row)), one, this.#sides.digest[at]);
    hashColumn(takeRows(target.piece.columns[at], Int32Array.of(target.row)), other, this.#sides.digest[at]);
    return one.a[0] === other.a[0] && one.b[0] === other.b[0];
  }

  #key(place: RowPlace): Cells {
    return Object.fromEntries(
      this.#sides.keyColumns.map((at) => [this.#sides.columns[at].crossing.name, textAt(place, at)]),
    );
  }

  #cells(place: RowPlace): Cells {
    return Object.fromEntries(
      this.#sides.columns.map(({ crossing }, at) => [crossing.name, textAt(place, at)]),
    );
  }
}

/** What was read where the type that is compared does not hold it; else null. */
function unheldText({ piece, row }: RowPlace, at: number): string | null {
  return piece.unheld.get(row)?.find(({ column }) => column === at)?.text ?? null;
}

function textAt(place: RowPlace, at: number): string | null {
  return unheldText(place, at) ?? cellText(place.piece.columns[at], place.row);
}

const CLASS_NAMES = ['integer', 'real', 'text', 'blob'];

/** Both values; where they read alike and are of different types or storage classes, with those. */
function shown(
  at: number,
  source: RowPlace,
  target: RowPlace,
): { source: string | null; target: string | null } {
  const [here, there] = [textAt(source, at), textAt(target, at)];
  if (here !== there || here === null) return { source: here, target: there };
  return { source: named(here, at, source), target: named(there, at, target) };
}

function named(text: string | null, at: number, place: RowPlace): string {
  const column = place.piece.columns[at];
  if (unheldText(place, at) !== null) return `${text} (of another type)`;
  return `${text} (${column.type.kind === 'any' ? CLASS_NAMES[column.typeIds?.[place.row] ?? 0] : column.type.kind})`;
}
