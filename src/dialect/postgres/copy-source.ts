// COPY (SELECT …) TO STDOUT in binary -> chunks of whole rows. Main thread; walks field lengths and never looks at a
// cell. Nothing is read ahead but what the socket holds: the server waits while nobody asks for the next chunk.
import { once } from 'node:events';
import type pg from 'pg';
import { type CopyToStreamQuery, to as copyTo } from 'pg-copy-streams';
import type { Chunk } from '../../batch/chunk.ts';
import { corrupt } from './codec/faults.ts';
import { RowCutter } from './codec/row-cut.ts';

const FIRST_BYTES = 64 * 1024;

/** Where a chunk ends. */
export interface ChunkLimits {
  readonly batchRows: number;
  readonly batchBytes: number;
}

/** What reads one partition. */
export interface ChunkReader {
  /** The next chunk, or null at the end. */
  next(): Promise<Chunk | null>;
  /** True when the connection is fit for more work. */
  readonly sound: boolean;
}

export class CopyReader implements ChunkReader {
  readonly #stream: CopyToStreamQuery;
  readonly #cutter: RowCutter;
  readonly #limits: ChunkLimits;
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  #filled = 0;
  #seq = 0;
  #error: Error | null = null;
  #ended = false;
  /** Bytes of the last chunk: the next one will need about as many. */
  #lastBytes = FIRST_BYTES;

  constructor(client: pg.Client, select: string, columnCount: number, limits: ChunkLimits) {
    this.#cutter = new RowCutter(columnCount);
    this.#limits = limits;
    this.#stream = client.query(copyTo(`COPY (${select}) TO STDOUT (FORMAT binary)`));
    this.#stream.on('error', (error) => {
      this.#error ??= error;
    });
    this.#stream.on('end', () => {
      this.#ended = true;
    });
  }

  get sound(): boolean {
    return this.#ended && this.#error === null;
  }

  async next(): Promise<Chunk | null> {
    const { batchRows, batchBytes } = this.#limits;
    for (;;) {
      if (this.#error) throw this.#error;
      if (this.#cutter.walk(this.#held, this.#filled, batchRows, batchBytes)) {
        if (this.#cutter.rows > 0) return this.#take();
        // Behind the trailer comes only the end.
        if (this.#ended) return null;
      } else if (this.#ended) throw corrupt('the stream ended within the rows');
      const piece: Buffer | null = this.#stream.read();
      if (piece !== null) this.#append(piece);
      else if (!this.#ended && !this.#error) await this.#more();
    }
  }

  /** Waits for bytes, the end or an error. */
  async #more(): Promise<void> {
    const done = new AbortController();
    const { signal } = done;
    try {
      await Promise.race([once(this.#stream, 'readable', { signal }), once(this.#stream, 'end', { signal })]);
    } catch {
      // once() rejects with the stream's error, which the listener above has kept.
    } finally {
      done.abort();
    }
  }

  #append(piece: Uint8Array): void {
    const needed = this.#filled + piece.length;
    if (needed > this.#held.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#held.length));
      larger.set(this.#held.subarray(0, this.#filled));
      this.#held = larger;
    }
    this.#held.set(piece, this.#filled);
    this.#filled = needed;
  }

  #take(): Chunk {
    const { from, cut, rows } = this.#cutter;
    const tail = this.#held.subarray(cut, this.#filled);
    const next = new Uint8Array(
      Math.max(FIRST_BYTES, tail.length, Math.min(this.#lastBytes, 8 * 1024 * 1024)),
    );
    next.set(tail);
    const bytes = this.#held.slice(from, cut);
    this.#held = next;
    this.#filled = tail.length;
    this.#lastBytes = cut + FIRST_BYTES;
    this.#cutter.taken();
    return {
      seq: this.#seq++,
      rowCount: rows,
      byteLength: bytes.byteLength,
      payload: { form: 'copy', bytes },
    };
  }
}
