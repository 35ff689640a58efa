// Digests of the partitions of a table, from those of their chunks; the table's is their sum. Pure.
import { type Digest, DigestSum, digestText } from './digest.ts';

/** A piece of the source's table. */
export interface PartitionDigest {
  /** As in the ledger. */
  readonly id: string;
  readonly rows: number;
  /** 16 hexadecimal digits: two numbers of eight, each added up modulo 2^32 over the partitions. */
  readonly digest: string;
}

export class PartitionSums {
  readonly #columnCount: number;
  readonly #sums = new Map<string, DigestSum>();

  constructor(columnCount: number) {
    this.#columnCount = columnCount;
  }

  add(partition: string, digest: Digest): void {
    const sum = this.#sums.get(partition) ?? new DigestSum(this.#columnCount);
    this.#sums.set(partition, sum);
    sum.add(digest);
  }

  /** A partition's whole digest, whatever was known of it. */
  set(partition: string, digest: Digest): void {
    this.#sums.delete(partition);
    this.add(partition, digest);
  }

  /** Of the table. */
  get total(): Digest {
    const all = new DigestSum(this.#columnCount);
    for (const { total } of this.#sums.values()) all.add(total);
    return all.total;
  }

  /** Those that hold rows. */
  get partitions(): PartitionDigest[] {
    return [...this.#sums]
      .map(([id, { total }]) => ({ id, rows: total.rowCount, digest: digestText(total.rows) }))
      .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  }
}
