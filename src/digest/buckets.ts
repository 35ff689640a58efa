// Rows by the hash of their key, in 4096 buckets with a digest each: two tables differ in the buckets in which they differ,
// and only those need to be read again. Engines order text each in its own way, so ranges of keys would not do. Pure;
// workers fill them, any thread may add and compare.
import type { RowHashes } from './row-hash.ts';

export const BUCKETS = 4096;

/** The upper twelve bits of the key's first lane. */
export function bucketOf(keyA: number): number {
  return keyA >>> 20;
}

/** Plain data: it crosses threads. */
export interface Buckets {
  readonly counts: Int32Array<ArrayBuffer>;
  readonly a: Int32Array<ArrayBuffer>;
  readonly b: Int32Array<ArrayBuffer>;
}

export function newBuckets(): Buckets {
  return { counts: new Int32Array(BUCKETS), a: new Int32Array(BUCKETS), b: new Int32Array(BUCKETS) };
}

export function bucketsOf({ rowCount, rows, keys }: RowHashes): Buckets {
  const { counts, a, b } = newBuckets();
  for (let row = 0; row < rowCount; row++) {
    const at = bucketOf(keys.a[row]);
    counts[at]++;
    a[at] = (a[at] + rows.a[row]) | 0;
    b[at] = (b[at] + rows.b[row]) | 0;
  }
  return { counts, a, b };
}

export function addBuckets(sum: Buckets, piece: Buckets): void {
  for (let at = 0; at < BUCKETS; at++) {
    sum.counts[at] += piece.counts[at];
    sum.a[at] = (sum.a[at] + piece.a[at]) | 0;
    sum.b[at] = (sum.b[at] + piece.b[at]) | 0;
  }
}

export function differingBuckets(one: Buckets, other: Buckets): number[] {
  const found: number[] = [];
  for (let at = 0; at < BUCKETS; at++) {
    if (one.counts[at] !== other.counts[at] || one.a[at] !== other.a[at] || one.b[at] !== other.b[at])
      found.push(at);
  }
  return found;
}

/** As many buckets at a time as hold at most `bytesMax`, but one at least, by what a row of each side takes. */
export function bucketRounds(
  buckets: readonly number[],
  sides: readonly { readonly counts: Int32Array; readonly rowBytes: number }[],
  bytesMax: number,
): number[][] {
  const rounds: number[][] = [];
  let round: number[] = [];
  let bytes = 0;
  for (const bucket of buckets) {
    const own = sides.reduce((sum, { counts, rowBytes }) => sum + counts[bucket] * rowBytes, 0);
    if (round.length > 0 && bytes + own > bytesMax) {
      rounds.push(round);
      round = [];
      bytes = 0;
    }
    round.push(bucket);
    bytes += own;
  }
  if (round.length > 0) rounds.push(round);
  return rounds;
}

/** One byte for each bucket: 1 for those that are wanted. */
export function bucketMask(buckets: readonly number[]): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(BUCKETS);
  for (const bucket of buckets) mask[bucket] = 1;
  return mask;
}
