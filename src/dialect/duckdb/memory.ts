// How much memory DuckDB may take for its own buffers, and when it needs more. Engine thread.
//
// DuckDB works in vectors of 2,048 rows. To write one to disk it holds all of it: rows of 16 KiB need 32 MiB, rows
// of 1 MiB need 2 GiB, whatever Ferrow does. So the limit is low, and is raised by what such rows need.

import { VECTOR_ROWS } from './codec/layout.ts';
import type { Link } from './connect.ts';
import { run } from './query.ts';

/** 600 rows of 1 MiB went through with 700 MB and not with 640. */
const VECTOR_FACTOR = 1.3;

/** Vectors below this are in the limit anyway. */
const VECTOR_BYTES_FREE = 24 * 1024 * 1024;

/**
 * Rows that are not yet in the file lie in blocks of 256 KiB for each column: those of the table, and those of
 * two writers. Where they don't fit, DuckDB spoils the table in memory and every later checkpoint fails: 200
 * columns went through with 200 MB and not with 144.
 */
const COLUMN_BYTES = 3 * 256 * 1024;
const COLUMNS_FREE = 32;

/** Of an index entry while it is built and written (6 M random integers went through with 512 MB, not with 160). */
const KEY_BYTES = 64;
const KEY_BYTES_FREE = 32 * 1024 * 1024;

/**
 * DuckDB's allocator keeps what it freed: 1 GB of text of 1 to 10 KB left 780 MiB resident under a limit of 96 MB,
 * and 280 to 500 when it was made to give back.
 */
const GIVE_BACK_BYTES = 16 * 1024 * 1024;

export class MemoryLimit {
  #bytes: number;
  /** Read or written since freed memory was given back. */
  #passedBytes = 0;
  readonly #base: number;
  /** Rows written so far, by table. */
  readonly #rows = new Map<string, number>();

  /** `base`: the limit that the file was opened with. */
  constructor(base: number) {
    this.#base = base;
    this.#bytes = base;
  }

  /** Called before rows are written: raises the limit if a vector of such rows needs it. */
  async makeRoom(link: Link, table: string, rowCount: number, bytes: number): Promise<void> {
    if (rowCount === 0) return;
    const rows = (this.#rows.get(table) ?? 0) + rowCount;
    this.#rows.set(table, rows);
    const vector = (bytes / rowCount) * Math.min(VECTOR_ROWS, rows);
    if (vector > VECTOR_BYTES_FREE) await this.#raise(link, this.#base + vector * VECTOR_FACTOR);
  }

  /** Called after rows were read or written: has DuckDB give freed memory back now and then. */
  async giveBack(link: Link, bytes: number): Promise<void> {
    this.#passedBytes += bytes;
    if (this.#passedBytes < GIVE_BACK_BYTES) return;
    this.#passedBytes = 0;
    // Setting the limit, even to what it is, is the one statement that flushes the allocator.
    await run(link, `SET memory_limit = '${this.#bytes} bytes'`);
  }

  /** Called when a writer is opened: raises the limit for tables of many columns. */
  async makeRoomForColumns(link: Link, columns: number): Promise<void> {
    if (columns > COLUMNS_FREE) await this.#raise(link, this.#base + (columns - COLUMNS_FREE) * COLUMN_BYTES);
  }

  /**
   * Before keys and indexes are built: DuckDB holds each in memory from then until it is checkpointed.
   * `entries` is rows times indexes.
   */
  async makeRoomForKeys(link: Link, entries: number): Promise<void> {
    const wanted = this.#base + entries * KEY_BYTES;
    if (entries * KEY_BYTES > KEY_BYTES_FREE)
      await this.#raise(link, Math.min(wanted, process.availableMemory() / 2));
  }

  /**
   * After DuckDB found too little all the same: half of what the machine has free.
   * @returns whether that is more than before
   */
  async raiseForKeys(link: Link): Promise<boolean> {
    return this.#raise(link, process.availableMemory() / 2);
  }

  /**
   * For a single row that doesn't fit.
   * @returns whether there is more than before
   */
  async double(link: Link): Promise<boolean> {
    return this.#raise(link, Math.min(this.#bytes * 2, process.availableMemory() / 2));
  }

  /** After keys were built and checkpointed; fails where DuckDB still holds more. */
  async lower(link: Link, bytes: number): Promise<void> {
    if (this.#bytes <= bytes) return;
    await run(link, `SET memory_limit = '${bytes} bytes'`);
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async #raise(link: Link, bytes: number): Promise<boolean> {
    const wanted = Math.floor(bytes);
    if (wanted <= this.#bytes) return false;
    // A little more than needed now, so that a growing table doesn't ask for every chunk.
    this.#bytes = Math.min(
      Math.floor(wanted * 1.1),
      Math.max(wanted, Math.floor(process.availableMemory() / 2)),
    );
    await run(link, `SET memory_limit = '${this.#bytes} bytes'`);
    return true;
  }
}
