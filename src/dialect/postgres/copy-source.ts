// COPY (SELECT …) TO STDOUT in binary -> chunks of whole rows. Main thread; never looks at a cell. At most a chunk and what
// one read of the socket brings is held: the server waits while nobody asks for the next chunk.
import type pg from 'pg';
import type { Chunk } from '../../batch/chunk.ts';
import type { ChunkLimits } from './codec/message-cut.ts';
import { CopyOut } from './copy-out.ts';
import { awaited } from './silence-watch.ts';

/** What reads one partition. */
export interface ChunkReader {
  /** The next chunk, or null at the end. */
  next(): Promise<Chunk | null>;
  /** True when the connection is fit for more work. */
  readonly sound: boolean;
}

export class CopyReader implements ChunkReader {
  readonly #client: pg.Client;
  readonly #copy: CopyOut;
  #seq = 0;

  constructor(client: pg.Client, select: string, columnCount: number, limits: ChunkLimits) {
    this.#client = client;
    this.#copy = new CopyOut(`COPY (${select}) TO STDOUT (FORMAT binary)`, columnCount, limits);
    client.query(this.#copy);
  }

  get sound(): boolean {
    return this.#copy.whole;
  }

  async next(): Promise<Chunk | null> {
    const rows = await awaited(this.#client, this.#copy.next());
    if (!rows) return null;
    const { rowCount, bytes } = rows;
    return {
      seq: this.#seq++,
      rowCount,
      byteLength: bytes.byteLength,
      payload: { form: 'copy', bytes },
    };
  }
}
