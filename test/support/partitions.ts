// Digests of partitions, added up by hand: what docs/verify.md says of them.
import assert from 'node:assert/strict';
import type { PartitionDigest } from '../../src/index.ts';

/** The partitions hold all of the rows, and their digests are that of the table. */
export function assertAddsUp(
  partitions: readonly PartitionDigest[] | undefined,
  rows: number,
  digest: string | null | undefined,
  what: string,
): void {
  assert.ok(partitions, what);
  const half = (from: number) => {
    const sum = partitions.reduce(
      (all, each) => all + Number.parseInt(each.digest.slice(from, from + 8), 16),
      0,
    );
    return (sum % 2 ** 32).toString(16).padStart(8, '0');
  };
  assert.equal(`${half(0)}${half(8)}`, digest, what);
  assert.equal(
    partitions.reduce((all, each) => all + each.rows, 0),
    rows,
    what,
  );
  assert.equal(new Set(partitions.map(({ id }) => id)).size, partitions.length, what);
}
