// Columns of a chunk -> DuckDB's data chunks, 2,048 rows at a time. Engine thread.
//
// The driver copies bytes without asking: every length and offset is checked here, before a byte is copied.
import duckdb, { type DataChunk, type Vector } from '@duckdb/node-bindings';
import { isValid } from '../../batch/bitmap.ts';
import type { VectorColumn } from '../../batch/chunk.ts';
import { ANY_CHILD_TYPES } from '../../batch/column.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { childTypes, isNested, isVariableWidth, type LogicalType } from '../../types/logical-type.ts';
import { enumWidth, physicalWidth, VECTOR_ROWS } from './codec/layout.ts';
import { enumIndexes } from './codec/leaf-values.ts';
import { fillNested, fillValidity } from './nested-fill.ts';
import type { FillText } from './vector-text.ts';

export interface FillColumn {
  readonly name: string;
  readonly wire: LogicalType;
}

type Fail = (what: string) => FerrowError;

/**
 * Checks that a column holds `rowCount` values of its type, so that filling can't read past its buffers and DuckDB
 * not past its own.
 * @throws FerrowError E_CORRUPT
 */
export function checkVectorColumn(
  column: VectorColumn,
  type: LogicalType,
  rowCount: number,
  name: string,
): void {
  const { validity, data, offsets, children } = column;
  const fail = (what: string) =>
    new FerrowError('E_CORRUPT', `column ${name}: ${what}`, { dialect: 'duckdb', column: name });
  if (validity && validity.byteLength < (rowCount + 7) >> 3) throw fail('validity bitmap too short');
  const types = type.kind === 'any' ? ANY_CHILD_TYPES : childTypes(type);
  if (types.length > 0 && children?.length !== types.length) throw fail('children are missing');
  let childRows = rowCount;
  if (type.kind === 'any' || type.kind === 'union') {
    if (data.byteLength < rowCount) throw fail('union tags too short');
    for (let i = 0; i < rowCount; i++)
      if (data[i] >= types.length) throw fail(`union tag ${data[i]} at row ${i}`);
  } else if (type.kind === 'list' && type.size !== undefined) childRows = rowCount * type.size;
  else if (isVariableWidth(type) || type.kind === 'list' || type.kind === 'map') {
    if (!offsets || offsets.length < rowCount + 1) throw fail('offsets too short');
    let previous = 0;
    for (let i = 0; i <= rowCount; i++) {
      if (offsets[i] < previous) throw fail(`offset ${i} goes backwards`);
      previous = offsets[i];
    }
    if (types.length > 0) childRows = previous;
    else if (previous > data.byteLength) throw fail('offsets leave the heap');
    if (type.kind === 'bit') checkBits(column, rowCount, fail);
  } else if (data.byteLength < rowCount * physicalWidth(type)) throw fail('data too short');
  if (type.kind === 'enum') checkLabels(column, type.labels.length, rowCount, fail);
  children?.forEach((child, at) => {
    checkVectorColumn(child, types[at], childRows, name);
  });
}

/** DuckDB looks a label up without asking how many there are, and its process dies. */
function checkLabels({ data, validity }: VectorColumn, labels: number, rowCount: number, fail: Fail): void {
  const indexes = enumIndexes(data, rowCount, enumWidth(labels));
  for (let i = 0; i < rowCount; i++)
    if (indexes[i] >= labels && isValid(validity, i)) throw fail(`value ${i} is no label`);
}

/** DuckDB reads the first byte as a number of padding bits, whatever it says. */
function checkBits({ data, offsets, validity }: VectorColumn, rowCount: number, fail: Fail): void {
  for (let i = 0; i < rowCount; i++) {
    const start = offsets![i];
    if (isValid(validity, i) && (offsets![i + 1] - start < 2 || data[start] > 7))
      throw fail(`value ${i} is no string of bits`);
  }
}

/**
 * Fills rows of checked columns, from `from` on, into a data chunk that is empty.
 * @returns how many: a vector's rows at most, none behind the last
 */
export function fillRows(
  columns: readonly VectorColumn[],
  fields: readonly FillColumn[],
  from: number,
  rowCount: number,
  chunk: DataChunk,
  fillText: FillText,
): number {
  const rows = Math.min(VECTOR_ROWS, rowCount - from);
  duckdb.data_chunk_set_size(chunk, rows);
  columns.forEach((column, at) => {
    fillVector(duckdb.data_chunk_get_vector(chunk, at), column, fields[at].wire, from, rows, fillText);
  });
  return rows;
}

/** Values `from` to `from + rows` of a column into the first places of a vector. */
function fillVector(
  vector: Vector,
  column: VectorColumn,
  type: LogicalType,
  from: number,
  rows: number,
  fillText: FillText,
): void {
  if (rows === 0) return;
  const { validity, data } = column;
  if (validity) fillValidity(vector, validity, from, rows);
  if (type.kind === 'any' || isNested(type)) {
    fillNested(vector, column, type, from, rows, (...child) => fillVector(...child, fillText));
    return;
  }
  if (isVariableWidth(type)) {
    fillText(vector, column, from, rows);
    return;
  }
  const width = physicalWidth(type);
  duckdb.copy_data_to_vector(vector, 0, data.buffer, data.byteOffset + from * width, rows * width);
}
