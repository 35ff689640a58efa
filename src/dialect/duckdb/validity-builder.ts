// The NULLs of one column of a chunk, collected from DuckDB's vectors piece by piece. Engine thread.
import duckdb, { type Vector } from '@duckdb/node-bindings';
import { bitmapBytes, clearBit, getBit, isValid, newBitmap } from '../../batch/bitmap.ts';
import { ownBytes } from './vector-bytes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Piece {
  readonly rows: number;
  readonly validity: Bytes | null;
  /** Where the piece's rows begin in `validity`. */
  readonly from: number;
}

export class ValidityBuilder {
  /** Bits of the loaded vector; null where all are valid. */
  loaded: Bytes | null = null;
  #pieces: Piece[] = [];

  /** Takes hold of a vector's bits. What is NULL in `mask` is NULL, whatever the vector says. */
  load(vector: Vector, rowCount: number, mask: Bytes | null): void {
    const bits = rowCount > 0 ? duckdb.vector_get_validity(vector, bitmapBytes(rowCount)) : null;
    this.loaded = bits ? ownBytes(bits) : null;
    if (mask === null) return;
    if (this.loaded === null) this.loaded = mask;
    else for (let i = 0; i < this.loaded.length; i++) this.loaded[i] &= mask[i];
  }

  isValid(row: number): boolean {
    return isValid(this.loaded, row);
  }

  take(from: number, to: number): void {
    this.#pieces.push({ rows: to - from, validity: this.loaded, from });
  }

  /** The bits of all rows taken, and starts anew; null where all are valid. */
  finish(rowCount: number): Bytes | null {
    const pieces = this.#pieces;
    this.#pieces = [];
    if (pieces.every((piece) => piece.validity === null)) return null;
    const out = newBitmap(rowCount, true);
    let at = 0;
    for (const { rows, validity, from } of pieces) {
      if (validity) {
        // Whole vectors of 2,048 rows lie on byte boundaries; only cut or short ones go bit by bit.
        if ((at & 7) === 0 && (from & 7) === 0 && (rows & 7) === 0)
          out.set(validity.subarray(from >> 3, (from + rows) >> 3), at >> 3);
        else for (let i = 0; i < rows; i++) if (!getBit(validity, from + i)) clearBit(out, at + i);
      }
      at += rows;
    }
    return out;
  }

  release(): void {
    this.loaded = null;
  }
}
