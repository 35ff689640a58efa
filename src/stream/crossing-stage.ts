// The stage between reader and writer: sends chunks through the crossing pool, a bounded number at once, and
// gives them out in the order they came.
import type { Chunk } from '../batch/chunk.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Crossings } from '../threads/crossing-share.ts';
import type { Crossed, CrossingSpec, CrossingTask } from '../threads/messages.ts';

/** A chunk in the target's form, with what the crossing found. */
export interface CrossedChunk {
  readonly chunk: Chunk;
  /** Bytes that the byte gate holds for it: what it had when it was read. */
  readonly gateBytes: number;
  readonly crossed: Crossed | null;
}

export interface CrossingOptions {
  readonly pool: Crossings;
  readonly spec: CrossingSpec;
  /** Every step is identity: chunks that come in the target's form pass through. */
  readonly untouched: boolean;
  /** Nothing but the digest comes out: the chunks are not for writing. */
  readonly digestOnly?: boolean;
  readonly table: string;
  readonly signal: AbortSignal;
}

/** An async generator for `pipeline`. @throws FerrowError for the first value that the target can't hold */
export function crossingStage(options: CrossingOptions) {
  return async function* cross(chunks: AsyncIterable<Chunk>): AsyncGenerator<CrossedChunk> {
    const { pool, spec, signal, untouched } = options;
    const underWay: Promise<CrossedChunk>[] = [];
    // One more than there are workers: the next chunk is there when a worker falls free.
    const most = pool.workers + 1;
    const start = async (chunk: Chunk): Promise<CrossedChunk> => {
      const { skipRows, payload } = chunk;
      const rowCount = chunk.rowCount - (skipRows ?? 0);
      if (payload.form === 'reference') {
        const behind = { ...payload, skipRows: payload.skipRows + (skipRows ?? 0) };
        return { chunk: { ...chunk, rowCount, payload: behind }, gateBytes: chunk.byteLength, crossed: null };
      }
      const passes = untouched && payload.form === spec.form && !skipRows;
      if (passes && !spec.digest) return { chunk, gateBytes: chunk.byteLength, crossed: null };
      const gives = options.digestOnly ? 'digest' : spec.rawCells ? 'untouched' : 'encoded';
      const task: CrossingTask = { spec, rowCount, payload, gives, skipRows };
      const crossed = await pool.cross(task, signal).catch((error: unknown) => {
        throw ofTable(error, options.table);
      });
      return {
        chunk: { ...chunk, rowCount: rowCount - crossed.rejects.length, payload: crossed.payload },
        gateBytes: chunk.byteLength,
        crossed,
      };
    };
    const source = chunks[Symbol.asyncIterator]();
    try {
      let coming: Promise<IteratorResult<Chunk>> | null = quiet(source.next());
      while (coming !== null || underWay.length > 0) {
        // A crossed chunk goes on even if the next one never comes: the byte gate may hold that back until
        // this one has committed.
        const [head] = underWay;
        const waited = coming !== null && underWay.length < most ? [coming] : [];
        const first = await Promise.race(head ? [head, ...waited] : waited);
        if ('crossed' in first) {
          underWay.shift();
          yield accept(first, options);
        } else if (first.done) coming = null;
        else {
          underWay.push(quiet(start(first.value)));
          coming = quiet(source.next());
        }
      }
    } finally {
      // Not awaited: it waits for a chunk that may never come, and the pipeline destroys the reader anyway.
      quiet(Promise.resolve(source.return?.()));
    }
  };
}

/** It may fail while something else is awaited; whoever awaits it later gets the error. */
function quiet<T>(task: Promise<T>): Promise<T> {
  task.catch(() => {});
  return task;
}

/** A crossing knows columns, not tables. */
function ofTable(error: unknown, table: string): unknown {
  if (!(error instanceof FerrowError) || error.place.column === undefined) return error;
  const { code, message, place, value, hint, cause } = error;
  return new FerrowError(code, `table "${table}", ${message}`, { ...place, table, value, hint, cause });
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
