// Readable<Chunk> over one cursor of a source. Reads one chunk ahead at most, and only when the byte gate has room.
import { Readable } from 'node:stream';
import { type Chunk, releasePayload } from '../batch/chunk.ts';
import type { Partition, ReadRequest, TableReads } from '../dialect/dialect.ts';
import type { GateAccount } from './byte-gate.ts';

export interface ReaderOptions {
  readonly gate: GateAccount;
  readonly signal: AbortSignal;
  /** So many rows of the partition, in so many chunks, are committed: the stream goes on behind them. */
  readonly done?: { readonly rows: number; readonly chunks: number };
  /** Settles when the run may read on; it is paused while it does not. */
  proceed?(): Promise<void>;
  /** Called for each chunk that was read, with the seconds it took. */
  onRead?(chunk: Chunk, seconds: number): void;
}

/**
 * A stream of the partition's chunks. Whoever consumes a chunk gives its `byteLength` back to the gate.
 * Destroying the stream closes the cursor.
 */
export function readerStream(
  source: TableReads,
  request: ReadRequest,
  partition: Partition,
  options: ReaderOptions,
): Readable {
  const chunks = readChunks(source, request, partition, options);
  return Readable.from(chunks, { objectMode: true, highWaterMark: 1 });
}

async function* readChunks(
  source: TableReads,
  request: ReadRequest,
  partition: Partition,
  { gate, signal, onRead, proceed, done }: ReaderOptions,
): AsyncGenerator<Chunk> {
  let rowsToSkip = done?.rows ?? 0;
  let seq = done?.chunks ?? 0;
  const cursor = await source.openCursor(request, partition);
  try {
    for (;;) {
      await proceed?.();
      await gate.take(request.batchBytes, signal);
      const started = performance.now();
      let chunk: Chunk | null = null;
      try {
        chunk = await source.next(cursor);
      } finally {
        gate.adjust((chunk?.byteLength ?? 0) - request.batchBytes);
      }
      if (!chunk) return;
      if (rowsToSkip >= chunk.rowCount && rowsToSkip > 0) {
        rowsToSkip -= chunk.rowCount;
        gate.give(chunk.byteLength);
        releasePayload(chunk.payload);
        continue;
      }
      onRead?.(chunk, (performance.now() - started) / 1000);
      const skipRows = rowsToSkip;
      rowsToSkip = 0;
      if (done) yield { ...chunk, seq: seq++, ...(skipRows > 0 ? { skipRows } : {}) };
      else yield chunk;
    }
  } finally {
    await source.closeCursor(cursor);
  }
}
