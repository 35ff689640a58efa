// Cursors over what a DuckDB target holds, each on a connection of its own beside those of the writers. Engine thread.
import duckdb from '@duckdb/node-bindings';
import type { Chunk } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { Partition, ReadRequest } from '../dialect.ts';
import { ChunkCursor } from './chunk-source.ts';
import type { Link, OpenFile } from './connect.ts';
import { fromDuckdb } from './errors.ts';
import type { FeedContext } from './vector-feed.ts';

interface OpenCursor {
  readonly cursor: ChunkCursor;
  readonly link: Link;
}

export class StagedReads {
  readonly #file: OpenFile;
  readonly #context: FeedContext = { cancelled: false };
  readonly #cursors = new Map<number, OpenCursor>();
  /** Connections to take and to give back. */
  readonly #idle: Link[];
  #cursorCount = 0;

  constructor(file: OpenFile, idle: Link[]) {
    this.#file = file;
    this.#idle = idle;
  }

  async open(request: ReadRequest, partition: Partition): Promise<number> {
    const link = this.#idle.pop() ?? (await this.#file.connect());
    const number = ++this.#cursorCount;
    this.#cursors.set(number, { cursor: new ChunkCursor(link, request, partition, this.#context), link });
    return number;
  }

  async next(number: number): Promise<Chunk | null> {
    const open = this.#cursors.get(number);
    if (!open) throw new FerrowError('E_INTERNAL', `cursor ${number} is not open`);
    try {
      return await open.cursor.next();
    } catch (error) {
      throw fromDuckdb(error, 'read');
    }
  }

  async close(number: number): Promise<void> {
    const open = this.#cursors.get(number);
    if (!open) return;
    this.#cursors.delete(number);
    await open.cursor.close();
    this.#idle.push(open.link);
  }

  interrupt(): void {
    this.#context.cancelled = true;
    for (const { link } of this.#cursors.values()) duckdb.interrupt(link.handle);
  }
}
