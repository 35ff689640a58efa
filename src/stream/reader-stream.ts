// Readable<Chunk> over one cursor of a source. Reads one chunk ahead at most, and only when the byte gate has room.
import { Readable } from 'node:stream';
import type { Chunk } from '../batch/chunk.ts';
import type { Partition, ReadRequest, TableReads } from '../dialect/dialect.ts';
import type { GateAccount } from './byte-gate.ts';

export interface ReaderOptions {
  readonly gate: GateAccount;
  readonly signal: AbortSignal;
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
  { gate, signal, onRead }: ReaderOptions,
): AsyncGenerator<Chunk> {
  const cursor = await source.openCursor(request, partition);
  try {
    for (;;) {
      await gate.take(request.batchBytes, signal);
      const started = performance.now();
      let chunk: Chunk | null = null;
      try {
        chunk = await source.next(cursor);
      } finally {
        gate.adjust((chunk?.byteLength ?? 0) - request.batchBytes);
      }
      if (!chunk) return;
      onRead?.(chunk, (performance.now() - started) / 1000);
      yield chunk;
    }
  } finally {
    await source.closeCursor(cursor);
  }
}
