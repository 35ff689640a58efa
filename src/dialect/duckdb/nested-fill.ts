// Children of checked columns -> the children of DuckDB's nested vectors, and NULLs from any bit on. Engine thread.
// The caller has checked offsets, tags and lengths (checkVectorColumn).
import duckdb, { type Vector } from '@duckdb/node-bindings';
import { getBit, newBitmap, setBit } from '../../batch/bitmap.ts';
import type { VectorColumn } from '../../batch/chunk.ts';
import { ANY_CHILD_TYPES } from '../../batch/column.ts';
import { childTypes, type LogicalType } from '../../types/logical-type.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Fill = (vector: Vector, column: VectorColumn, type: LogicalType, from: number, rows: number) => void;

const WORDS_PER_ENTRY = 4;

/** Bits `from` to `from + rows` become the first of the vector's. */
export function fillValidity(vector: Vector, validity: Bytes, from: number, rows: number): void {
  duckdb.vector_ensure_validity_writable(vector);
  const bytes = (rows + 7) >> 3;
  if ((from & 7) === 0) {
    const at = validity.byteOffset + (from >> 3);
    duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, at, bytes);
    return;
  }
  const shifted = newBitmap(rows, false);
  for (let i = 0; i < rows; i++) if (getBit(validity, from + i)) setBit(shifted, i);
  duckdb.copy_data_to_vector_validity(vector, 0, shifted.buffer, 0, bytes);
}

/** Fills all of a nested vector but its own NULLs. */
export function fillNested(
  vector: Vector,
  column: VectorColumn,
  type: LogicalType,
  from: number,
  rows: number,
  fill: Fill,
): void {
  const children = column.children!;
  const types = type.kind === 'any' ? ANY_CHILD_TYPES : childTypes(type);
  if (type.kind === 'list' && type.size !== undefined) {
    const { size } = type;
    fill(duckdb.array_vector_get_child(vector), children[0], type.element, from * size, rows * size);
    return;
  }
  if (type.kind === 'list' || type.kind === 'map') {
    const first = column.offsets![from];
    const count = fillEntries(vector, column.offsets!, from, rows);
    // Only now: making room moves the child's memory.
    const child = duckdb.list_vector_get_child(vector);
    children.forEach((part, at) => {
      const place = type.kind === 'map' ? duckdb.struct_vector_get_child(child, at) : child;
      fill(place, part, types[at], first, count);
    });
    return;
  }
  const isUnion = type.kind !== 'struct';
  if (isUnion) fillTags(duckdb.struct_vector_get_child(vector, 0), column, from, rows);
  children.forEach((part, at) => {
    fill(duckdb.struct_vector_get_child(vector, isUnion ? at + 1 : at), part, types[at], from, rows);
  });
}

/** {uint64 offset, uint64 length} of each row; makes room for the elements and gives their number. */
function fillEntries(vector: Vector, offsets: Int32Array, from: number, rows: number): number {
  const first = offsets[from];
  const count = offsets[from + rows] - first;
  const words = new Uint32Array(rows * WORDS_PER_ENTRY);
  for (let i = 0; i < rows; i++) {
    words[i * WORDS_PER_ENTRY] = offsets[from + i] - first;
    words[i * WORDS_PER_ENTRY + 2] = offsets[from + i + 1] - offsets[from + i];
  }
  duckdb.copy_data_to_vector(vector, 0, words.buffer, 0, words.byteLength);
  duckdb.list_vector_reserve(vector, count);
  duckdb.list_vector_set_size(vector, count);
  return count;
}

/** A union that is NULL has a tag that is NULL. */
function fillTags(tags: Vector, { data, validity }: VectorColumn, from: number, rows: number): void {
  if (validity) fillValidity(tags, validity, from, rows);
  duckdb.copy_data_to_vector(tags, 0, data.buffer, data.byteOffset + from, rows);
}
