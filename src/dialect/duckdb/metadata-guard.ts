// DuckDB's metadata blocks as the last checkpoint left them, kept beside the file while Ferrow writes it. Engine thread.
//
// A checkpoint writes new metadata into free places of the blocks that hold the old, and so writes these blocks anew where they
// stand. A process that is killed within such a write leaves a block that is half old and half new, and a file that nobody can
// open ("Corrupt database file"): 1 of 1,235 kills of DuckDB 1.5.5 alone, in a loop of checkpoints. As long as the file's headers
// are the old ones, what they lead to is what these blocks were.
//
// The file's layout: three headers of 4096 bytes, of which the second and the third are written in turn; then blocks of equal size.
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';

const HEADER_BYTES = 4096;
/** Both headers that checkpoints write. */
const HEADS_BYTES = 2 * HEADER_BYTES;
const BLOCKS_AT = 3 * HEADER_BYTES;
const HASH_BYTES = 32;
/** Of a block in the guard's file: its number, its size. */
const PLACE_BYTES = 16;

const guardPath = (path: string) => `${path}.ferrow-metadata`;

export class MetadataGuard {
  readonly #path: string;
  /** Open as long as DuckDB has the file: closing any descriptor of a file lets go of the process's lock on it. */
  readonly #file: number;
  /** Of its own, since a transaction that failed answers nothing. */
  readonly #connection: DuckDBConnection;
  /** What the guard's file is of; null where there is none. */
  #heads: Buffer | null = null;

  constructor(path: string, connection: DuckDBConnection) {
    this.#path = path;
    this.#connection = connection;
    this.#file = openSync(path, 'r');
    // Whoever was killed left a file that can be opened.
    removeGuard(path);
  }

  /** Called before what may checkpoint; costs a read of 8 KiB where there was no checkpoint since. */
  async save(): Promise<void> {
    const heads = this.#read(HEADER_BYTES, HEADS_BYTES);
    if (this.#heads?.equals(heads)) return;
    const found = await this.#connection.runAndReadAll(
      'SELECT m.block_id AS id, s.block_size AS size FROM pragma_metadata_info() m, pragma_database_size() s WHERE s.database_name = current_database()',
    );
    const parts = [heads];
    for (const [id, size] of found.getRows().map((row) => row.map(Number))) {
      const place = Buffer.alloc(PLACE_BYTES);
      place.writeDoubleLE(id, 0);
      place.writeDoubleLE(size, 8);
      // A block that the file doesn't reach yet is no checkpoint's.
      const block = this.#read(BLOCKS_AT + id * size, size);
      if (block.length === size) parts.push(place, block);
    }
    try {
      writeFileSync(guardPath(this.#path), Buffer.concat([hashOf(parts), ...parts]), { mode: 0o600 });
      this.#heads = heads;
    } catch {
      // On a full disk the run goes on without.
      removeGuard(this.#path);
    }
  }

  /** Called before DuckDB closes the file. */
  disconnect(): void {
    this.#connection.closeSync();
  }

  /** Called when it has. */
  close(): void {
    closeSync(this.#file);
    removeGuard(this.#path);
  }

  #read(at: number, bytes: number): Buffer {
    const into = Buffer.alloc(bytes);
    return into.subarray(0, readSync(this.#file, into, 0, bytes, at));
  }
}

/** A block where it stands in the file. */
interface Block {
  readonly at: number;
  readonly bytes: Buffer;
}

interface Kept {
  readonly heads: Buffer;
  readonly blocks: readonly Block[];
}

/**
 * Puts the kept blocks back, if the file's headers are still those they belong to. To be called when DuckDB, which had the lock, found
 * the file damaged.
 * @returns whether it did; not where the file can't be written
 */
export function restoreMetadata(path: string): boolean {
  const kept = readGuard(guardPath(path));
  if (!kept) return false;
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch {
    return false;
  }
  try {
    const heads = Buffer.alloc(HEADS_BYTES);
    readSync(file, heads, 0, HEADS_BYTES, HEADER_BYTES);
    const { size } = fstatSync(file);
    if (!heads.equals(kept.heads) || kept.blocks.some(({ at, bytes }) => at + bytes.length > size))
      return false;
    for (const { at, bytes } of kept.blocks) writeSync(file, bytes, 0, bytes.length, at);
    fsyncSync(file);
    return true;
  } finally {
    closeSync(file);
  }
}

/** Null where nothing was kept, or not wholly: then no checkpoint had begun. */
function readGuard(path: string): Kept | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return null;
  }
  const kept = bytes.subarray(HASH_BYTES);
  if (kept.length < HEADS_BYTES || !bytes.subarray(0, HASH_BYTES).equals(hashOf([kept]))) return null;
  const blocks: Block[] = [];
  for (let place = HEADS_BYTES; place < kept.length; ) {
    if (place + PLACE_BYTES > kept.length) return null;
    const [id, size] = [kept.readDoubleLE(place), kept.readDoubleLE(place + 8)];
    const from = place + PLACE_BYTES;
    const at = BLOCKS_AT + id * size;
    if (!(size > 0 && from + size <= kept.length && id >= 0 && Number.isSafeInteger(at))) return null;
    blocks.push({ at, bytes: kept.subarray(from, from + size) });
    place = from + size;
  }
  return { heads: kept.subarray(0, HEADS_BYTES), blocks };
}

function hashOf(parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function removeGuard(path: string): void {
  try {
    rmSync(guardPath(path), { force: true });
  } catch {
    // Something else of that name; it is nobody's guard.
  }
}
