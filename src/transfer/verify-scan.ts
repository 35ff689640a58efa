// Reads one side of a comparison, every row once: chunks go from the cursors straight to the crossing workers, which hash
// them. Nothing is kept of a chunk but what the worker found.
import type { Dialect, ReadRequest, TableReads } from '../dialect/dialect.ts';
import { addBuckets, type Buckets, newBuckets } from '../digest/buckets.ts';
import type { Digest } from '../digest/digest.ts';
import type { KeptRows } from '../digest/kept-rows.ts';
import { type PartitionDigest, PartitionSums } from '../digest/partition-sums.ts';
import type { DigestColumn } from '../digest/row-hash.ts';
import { type ByteGate, GateAccount } from '../stream/byte-gate.ts';
import { readerStream } from '../stream/reader-stream.ts';
import type { Crossings } from '../threads/crossing-share.ts';
import type { RowsFound } from '../threads/messages.ts';
import type { Side } from './verify-sides.ts';

/** What scans work with; all of it the command's. */
export interface Scanning {
  readonly pool: Crossings;
  readonly gate: ByteGate;
  readonly connections: number;
  readonly signal: AbortSignal;
  /** Called for each chunk. */
  onRead?(rows: number, bytes: number, seconds: number): void;
}

/** Where a side is. */
export interface ScanEnd {
  readonly engine: TableReads;
  readonly dialect: Dialect;
}

export interface RowRules {
  readonly digest: readonly DigestColumn[];
  readonly keyColumns: readonly number[];
  /** Rows with a value that its type does not hold are not kept. */
  readonly wholeOnly?: boolean;
}

export interface SideDigest {
  readonly digest: Digest;
  readonly partitions: readonly PartitionDigest[];
  readonly buckets: Buckets;
  /** Bytes of a row as it was read, on average. */
  readonly rowBytes: number;
}

export async function digestSide(
  side: Side,
  end: ScanEnd,
  rules: RowRules,
  scanning: Scanning,
): Promise<SideDigest> {
  const sums = new PartitionSums(side.crossings.length);
  const buckets = newBuckets();
  let bytes = 0;
  await scan(side, end, rules, null, scanning, (found, chunkBytes, partition) => {
    if (!('digest' in found)) return;
    sums.add(partition, found.digest);
    addBuckets(buckets, found.buckets);
    bytes += chunkBytes;
  });
  const { total: digest, partitions } = sums;
  return { digest, partitions, buckets, rowBytes: digest.rowCount === 0 ? 0 : bytes / digest.rowCount };
}

/** Rows of the buckets that the mask has; of all, by a mask that is all ones. */
export async function keepSide(
  side: Side,
  end: ScanEnd,
  rules: RowRules,
  keep: Uint8Array,
  scanning: Scanning,
): Promise<KeptRows[]> {
  const pieces: KeptRows[] = [];
  await scan(side, end, rules, keep, scanning, (found) => {
    if ('kept' in found && found.kept.rowCount > 0) pieces.push(found.kept);
  });
  return pieces;
}

let scans = 0;

async function scan(
  { table, read, crossings, where, batchRows, batchBytes }: Side,
  { engine, dialect }: ScanEnd,
  { digest, keyColumns, wholeOnly = false }: RowRules,
  keep: Uint8Array | null,
  scanning: Scanning,
  onFound: (found: RowsFound, bytes: number, partition: string) => void,
): Promise<void> {
  const { pool, signal } = scanning;
  const request: ReadRequest = { table, columns: read, where, batchRows, batchBytes };
  const lanes = Math.max(1, Math.min(scanning.connections, dialect.quirks.readersMax));
  const partitions = await engine.partitions(request, lanes * 4);
  const rules = {
    id: `rows/${++scans}`,
    source: dialect.name,
    columns: crossings,
    digest,
    keyColumns,
    keep,
    wholeOnly,
  };
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const lane = async () => {
    for (let partition = partitions.shift(); partition; partition = partitions.shift()) {
      const gate = new GateAccount(scanning.gate);
      const underWay = new Set<Promise<void>>();
      try {
        const onRead = (chunk: { rowCount: number; byteLength: number }, seconds: number) =>
          scanning.onRead?.(chunk.rowCount, chunk.byteLength, seconds);
        const { id } = partition;
        for await (const chunk of readerStream(engine, request, partition, {
          gate,
          signal: either,
          onRead,
        })) {
          const { rowCount, payload, byteLength } = chunk;
          const task = pool.rows({ ...rules, rowCount, payload }, signal).then((found) => {
            onFound(found, byteLength, id);
            gate.give(byteLength);
            underWay.delete(task);
          });
          // A failure is heard below; it must not be called unhandled until then.
          task.catch(() => {});
          underWay.add(task);
          if (underWay.size > pool.workers) await Promise.race(underWay);
        }
        await Promise.all(underWay);
      } catch (error) {
        failed.abort(error);
        throw error;
      } finally {
        await Promise.allSettled(underWay);
        gate.close();
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  if (failed.signal.aborted) throw failed.signal.reason;
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
}
