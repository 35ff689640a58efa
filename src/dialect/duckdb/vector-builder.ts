// Collects rows of DuckDB's vectors for one column of a chunk, until the chunk is full. Engine thread.
// Everything is copied out: a vector's memory is DuckDB's, and ends with its data chunk.
import duckdb, { type Vector } from '@duckdb/node-bindings';
import { bitmapBytes, clearBit, getBit, newBitmap } from '../../batch/bitmap.ts';
import type { VectorColumn } from '../../batch/chunk.ts';
import { ANY_CHILD_TYPES } from '../../batch/column.ts';
import { isVariableWidth, type LogicalType } from '../../types/logical-type.ts';
import { physicalWidth } from './codec/layout.ts';
import { gatherStrings, ownBytes, REFERENCE_BYTES, stringLengths } from './string-gather.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Piece {
  readonly rows: number;
  /** Fixed width: the values; else the heap. */
  readonly data: Bytes;
  readonly lengths: Int32Array | null;
  readonly validity: Bytes | null;
  /** Where the piece's rows begin in `validity`. */
  readonly validityAt: number;
}

export class VectorBuilder {
  readonly #width: number;
  readonly #isText: boolean;
  readonly #members: readonly VectorBuilder[] | null;
  #pieces: Piece[] = [];
  /** The vector whose rows are being taken: values or references, and validity. */
  #data: Bytes = new Uint8Array(0);
  #validity: Bytes | null = null;

  constructor(type: LogicalType) {
    this.#isText = isVariableWidth(type);
    this.#width = type.kind === 'any' ? 1 : physicalWidth(type);
    this.#members = type.kind === 'any' ? ANY_CHILD_TYPES.map((member) => new VectorBuilder(member)) : null;
  }

  /** Bytes per row that don't depend on the values. */
  get fixedBytes(): number {
    const members = this.#members?.reduce((sum, member) => sum + member.fixedBytes, 0) ?? 0;
    return (this.#isText ? 4 : this.#width) + members;
  }

  /** Takes hold of a vector of `rowCount` rows; adds each row's text bytes to `rowBytes`. */
  load(vector: Vector, rowCount: number, rowBytes: Float64Array): void {
    const validity = duckdb.vector_get_validity(vector, bitmapBytes(rowCount));
    this.#validity = validity ? ownBytes(validity) : null;
    if (this.#members) {
      // A UNION is a struct: the tags, then one vector for each member.
      this.#data = ownBytes(duckdb.vector_get_data(duckdb.struct_vector_get_child(vector, 0), rowCount));
      this.#members.forEach((member, at) => {
        member.load(duckdb.struct_vector_get_child(vector, at + 1), rowCount, rowBytes);
      });
      return;
    }
    const width = this.#isText ? REFERENCE_BYTES : this.#width;
    this.#data = ownBytes(duckdb.vector_get_data(vector, rowCount * width));
    if (!this.#isText) return;
    const lengths = stringLengths(this.#data, this.#validity, rowCount);
    for (let i = 0; i < rowCount; i++) rowBytes[i] += lengths[i];
  }

  /** Takes rows `from` to `to` (exclusive) of the loaded vector into the chunk. */
  take(from: number, to: number): void {
    const rows = to - from;
    const validity = this.#validity;
    if (this.#isText) {
      const { lengths, heap } = gatherStrings(this.#data, validity, from, to);
      this.#pieces.push({ rows, data: heap, lengths, validity, validityAt: from });
      return;
    }
    const data = this.#data.subarray(from * this.#width, to * this.#width);
    this.#pieces.push({ rows, data, lengths: null, validity, validityAt: from });
    for (const member of this.#members ?? []) member.take(from, to);
  }

  /** The column of all rows taken, and starts anew. */
  finish(rowCount: number): VectorColumn {
    const pieces = this.#pieces;
    this.#pieces = [];
    const children = this.#members?.map((member) => member.finish(rowCount)) ?? null;
    const validity = joinValidity(pieces, rowCount);
    const data = joinData(pieces);
    if (!this.#isText) return { data, offsets: null, validity, children };
    const offsets = new Int32Array(rowCount + 1);
    let at = 0;
    let end = 0;
    for (const { lengths } of pieces) {
      for (let i = 0; i < lengths!.length; i++) {
        end += lengths![i];
        offsets[++at] = end;
      }
    }
    return { data, offsets, validity, children };
  }

  /** Lets go of the loaded vector. */
  release(): void {
    this.#data = new Uint8Array(0);
    this.#validity = null;
    for (const member of this.#members ?? []) member.release();
  }
}

function joinData(pieces: readonly Piece[]): Bytes {
  if (pieces.length === 1) return ownBytes(pieces[0].data);
  let bytes = 0;
  for (const piece of pieces) bytes += piece.data.byteLength;
  const out = new Uint8Array(bytes);
  let at = 0;
  for (const { data } of pieces) {
    out.set(data, at);
    at += data.byteLength;
  }
  return out;
}

function joinValidity(pieces: readonly Piece[], rowCount: number): Bytes | null {
  if (pieces.every((piece) => piece.validity === null)) return null;
  const out = newBitmap(rowCount, true);
  let at = 0;
  for (const { rows, validity, validityAt } of pieces) {
    if (validity) {
      // Whole vectors of 2,048 rows lie on byte boundaries; only cut or short ones go bit by bit.
      if ((at & 7) === 0 && (validityAt & 7) === 0 && (rows & 7) === 0)
        out.set(validity.subarray(validityAt >> 3, (validityAt + rows) >> 3), at >> 3);
      else for (let i = 0; i < rows; i++) if (!getBit(validity, validityAt + i)) clearBit(out, at + i);
    }
    at += rows;
  }
  return out;
}
