// The stage between reader and writer: sends chunks through the crossing pool, a bounded number at once, and
// gives them out in the order they came.
import type { Chunk } from '../batch/chunk.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { CrossingPool } from '../threads/crossing-pool.ts';
import type { Crossed, CrossingSpec } from '../threads/messages.ts';

/** A chunk in the target's form, with what the crossing found. */
export interface CrossedChunk {
  readonly chunk: Chunk;
  /** Bytes that the byte gate holds for it: what it had when it was read. */
  readonly gateBytes: number;
  readonly crossed: Crossed | null;
}

export interface CrossingOptions {
  readonly pool: CrossingPool;
  /** Null where every step is identity: chunks pass through untouched. */
  readonly spec: CrossingSpec | null;
  readonly table: string;
  readonly signal: AbortSignal;
}

/** An async generator for `pipeline`. @throws FerrowError for the first value that the target can't hold */
export function crossingStage(options: CrossingOptions) {
  return async function* cross(chunks: AsyncIterable<Chunk>): AsyncGenerator<CrossedChunk> {
    const { pool, spec, signal } = options;
    if (!spec) {
      for await (const chunk of chunks) yield { chunk, gateBytes: chunk.byteLength, crossed: null };
      return;
    }
    const underWay: Promise<CrossedChunk>[] = [];
    // One more than there are workers: the next chunk is there when a worker falls free.
    const most = pool.workers + 1;
    const start = async (chunk: Chunk): Promise<CrossedChunk> => {
      const crossed = await pool.cross({ spec, rowCount: chunk.rowCount, payload: chunk.payload }, signal);
      return { chunk: { ...chunk, payload: crossed.payload }, gateBytes: chunk.byteLength, crossed };
    };
    for await (const chunk of chunks) {
      const task = start(chunk);
      // It may fail while an earlier one is still awaited; the await below reports it.
      task.catch(() => {});
      underWay.push(task);
      if (underWay.length >= most) yield accept(await (underWay.shift() as Promise<CrossedChunk>), options);
    }
    for (const task of underWay) yield accept(await task, options);
  };
}

function accept(crossed: CrossedChunk, { table }: CrossingOptions): CrossedChunk {
  const first = crossed.crossed?.refused[0];
  if (!first) return crossed;
  const count = crossed.crossed?.refusedCount ?? 1;
  const more = count > 1 ? ` (and ${count - 1} more in this batch)` : '';
  throw new FerrowError(first.code, `table "${table}", ${first.message}${more}`, {
    table,
    column: first.column,
    row: first.key,
    value: first.value,
    seq: crossed.chunk.seq,
  });
}
