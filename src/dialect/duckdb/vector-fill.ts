// Columns of a chunk -> DuckDB's data chunks, 2,048 rows at a time. Engine thread.
//
// The driver copies bytes without asking: every length and offset is checked here, before a byte is copied.
// Text of at most 12 bytes is written as a finished reference, longer text by one call each.
import duckdb, { type DataChunk, type Vector } from '@duckdb/node-bindings';
import type { VectorColumn } from '../../batch/chunk.ts';
import { ANY_CHILD_TYPES } from '../../batch/column.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { isVariableWidth, type LogicalType } from '../../types/logical-type.ts';
import { physicalWidth, VECTOR_ROWS } from './codec/layout.ts';

const REFERENCE_BYTES = 16;
const INLINE_BYTES_MAX = 12;

export interface FillColumn {
  readonly name: string;
  readonly wire: LogicalType;
}

/**
 * Checks that a column holds `rowCount` values of its type, so that filling can't read past its buffers.
 * @throws FerrowError E_CORRUPT
 */
export function checkVectorColumn(
  column: VectorColumn,
  type: LogicalType,
  rowCount: number,
  name: string,
): void {
  const fail = (what: string) =>
    new FerrowError('E_CORRUPT', `column ${name}: ${what}`, { dialect: 'duckdb', column: name });
  if (column.validity && column.validity.byteLength < (rowCount + 7) >> 3)
    throw fail('validity bitmap too short');
  if (type.kind === 'any') {
    if (column.data.byteLength < rowCount) throw fail('union tags too short');
    if (column.children?.length !== ANY_CHILD_TYPES.length) throw fail('union incomplete');
    for (let i = 0; i < rowCount; i++)
      if (column.data[i] >= ANY_CHILD_TYPES.length) throw fail(`union tag ${column.data[i]} at row ${i}`);
    column.children.forEach((child, at) => {
      checkVectorColumn(child, ANY_CHILD_TYPES[at], rowCount, name);
    });
    return;
  }
  if (isVariableWidth(type)) {
    const { offsets, data } = column;
    if (!offsets || offsets.length < rowCount + 1) throw fail('offsets too short');
    let previous = 0;
    for (let i = 0; i <= rowCount; i++) {
      if (offsets[i] < previous) throw fail(`offset ${i} goes backwards`);
      previous = offsets[i];
    }
    if (previous > data.byteLength) throw fail('offsets leave the heap');
    return;
  }
  if (column.data.byteLength < rowCount * physicalWidth(type)) throw fail('data too short');
}

/** Fills rows of checked columns into data chunks, one after the other, and hands each to `take`. */
export function fillChunks(
  columns: readonly VectorColumn[],
  fields: readonly FillColumn[],
  rowCount: number,
  chunk: DataChunk,
  take: (chunk: DataChunk) => void,
): void {
  for (let from = 0; from < rowCount; from += VECTOR_ROWS) {
    const rows = Math.min(VECTOR_ROWS, rowCount - from);
    duckdb.data_chunk_reset(chunk);
    duckdb.data_chunk_set_size(chunk, rows);
    columns.forEach((column, at) => {
      fillVector(duckdb.data_chunk_get_vector(chunk, at), column, fields[at].wire, from, rows);
    });
    take(chunk);
  }
}

function fillVector(
  vector: Vector,
  column: VectorColumn,
  type: LogicalType,
  from: number,
  rows: number,
): void {
  const { validity, data } = column;
  if (validity) {
    duckdb.vector_ensure_validity_writable(vector);
    // `from` is a multiple of 2,048, so the bits begin with a byte.
    const at = validity.byteOffset + (from >> 3);
    duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, at, (rows + 7) >> 3);
  }
  if (type.kind === 'any') {
    fillUnion(vector, column, from, rows);
    return;
  }
  if (isVariableWidth(type)) {
    fillText(vector, column, from, rows);
    return;
  }
  const width = physicalWidth(type);
  duckdb.copy_data_to_vector(vector, 0, data.buffer, data.byteOffset + from * width, rows * width);
}

function fillUnion(vector: Vector, column: VectorColumn, from: number, rows: number): void {
  const { data, validity, children } = column;
  const tags = duckdb.struct_vector_get_child(vector, 0);
  if (validity) {
    duckdb.vector_ensure_validity_writable(tags);
    const at = validity.byteOffset + (from >> 3);
    duckdb.copy_data_to_vector_validity(tags, 0, validity.buffer, at, (rows + 7) >> 3);
  }
  duckdb.copy_data_to_vector(tags, 0, data.buffer, data.byteOffset + from, rows);
  children!.forEach((child, at) => {
    fillVector(duckdb.struct_vector_get_child(vector, at + 1), child, ANY_CHILD_TYPES[at], from, rows);
  });
}

const references = new Uint8Array(VECTOR_ROWS * REFERENCE_BYTES);
const referenceWords = new Uint32Array(references.buffer);

function fillText(vector: Vector, column: VectorColumn, from: number, rows: number): void {
  const { data } = column;
  const offsets = column.offsets!;
  // The bytes behind a short value must be zero: DuckDB compares all 16.
  references.fill(0, 0, rows * REFERENCE_BYTES);
  let longCount = 0;
  for (let i = 0; i < rows; i++) {
    const start = offsets[from + i];
    const length = offsets[from + i + 1] - start;
    if (length > INLINE_BYTES_MAX) {
      longCount++;
      continue;
    }
    referenceWords[i * 4] = length;
    const at = i * REFERENCE_BYTES + 4;
    for (let byte = 0; byte < length; byte++) references[at + byte] = data[start + byte];
  }
  duckdb.copy_data_to_vector(vector, 0, references.buffer, 0, rows * REFERENCE_BYTES);
  if (longCount === 0) return;
  for (let i = 0; i < rows; i++) {
    const start = offsets[from + i];
    const end = offsets[from + i + 1];
    if (end - start > INLINE_BYTES_MAX)
      duckdb.vector_assign_string_element_len(vector, i, data.subarray(start, end));
  }
}
