// Columns in wire types -> rows of binary COPY, without header and trailer. Crossing workers; pure. First the
// length of each row, then a hundred rows at a time, one column after the other into its place.
import type { Batch, Field } from '../../../batch/batch.ts';
import { isValid } from '../../../batch/bitmap.ts';
import { type ByteWindow, byteWindow, copyExactly, copyValue } from '../../../batch/byte-copy.ts';
import { releaseBuffers } from '../../../batch/chunk.ts';
import type { Column } from '../../../batch/column.ts';
import { checkColumn, collectBuffers } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { isNested, isVariableWidth, type LogicalType, typeName } from '../../../types/logical-type.ts';
import * as fixed from './encode-fixed.ts';
import { bitHeap, decimalHeap, labelHeap, numericHeap } from './encode-heaps.ts';
import { nestedHeap } from './encode-nested.ts';
import { FIELD_BYTES_MAX, type Heap, putNull, type Rows } from './encode-rows.ts';
import { cellError } from './faults.ts';
import * as temporal from './temporal.ts';

const CHUNK_BYTES_MAX = 0x7fffffff;

/**
 * Rows whose columns are written one after the other before the next rows are begun: so few that what is written stays in the
 * processor's nearest cache (measured: batches of 512 rows of 16 columns 300 ns a row, of 10,000 rows 380).
 */
const BLOCK_ROWS = 128;

/**
 * Encodes a batch whose columns have the target's wire types.
 * @throws FerrowError with the row counted from 0 in `place.row['#']`
 */
export function encodeCopy(batch: Batch): Uint8Array<ArrayBuffer> {
  const { rowCount, fields, columns } = batch;
  if (columns.length !== fields.length || columns.some((column) => column.length !== rowCount))
    throw new FerrowError('E_INTERNAL', 'a batch whose columns do not have its rows');
  const heaps = columns.map((column, at) => heapOf(column, fields[at]));
  let fixedBytes = 2 + 4 * columns.length;
  columns.forEach((column, at) => {
    if (!heaps[at]) fixedBytes += widthOnWire(column.type, fields[at]);
  });
  const next = new Int32Array(rowCount + 1).fill(fixedBytes);
  columns.forEach((column, at) => {
    addLengths(column, heaps[at], heaps[at] ? 0 : widthOnWire(column.type, fields[at]), next, fields[at]);
  });
  const rows = emptyRows(next, rowCount);
  const sources = columns.map((column, at) => sourceOf(column, heaps[at]));
  for (rows.from = 0; rows.from < rowCount; rows.from = rows.to) {
    rows.to = Math.min(rowCount, rows.from + BLOCK_ROWS);
    for (let row = rows.from; row < rows.to; row++) {
      rows.view.setUint16(next[row], columns.length);
      next[row] += 2;
    }
    for (let at = 0; at < columns.length; at++) {
      // Two more columns take eight bytes at least.
      rows.spill = at < columns.length - 2;
      encodeColumn(rows, columns[at], sources[at], fields[at]);
    }
  }
  releaseMade(heaps, columns);
  return rows.bytes as Uint8Array<ArrayBuffer>;
}

/** Gives back what was made only to be copied: 80 bytes a row of four decimals, which garbage collection would find late. */
function releaseMade(heaps: readonly (Heap | null)[], columns: readonly Column[]): void {
  const given: ArrayBuffer[] = [];
  for (const column of columns) collectBuffers(column, given);
  const kept = new Set(given);
  const used = heaps.flatMap((heap) => (heap ? [heap.data.buffer, heap.offsets.buffer] : []));
  releaseBuffers((used as ArrayBuffer[]).filter((buffer) => !kept.has(buffer)));
}

/** Room for rows of these lengths; nothing in it but what is written afterwards, which is all of it. */
function emptyRows(lengths: Int32Array, rowCount: number): Rows {
  const total = startsOf(lengths, rowCount);
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(total).buffer as ArrayBuffer);
  return { ...byteWindow(bytes), next: lengths, from: 0, to: rowCount, spill: false };
}

/** What a column's values are read from. Made once for all blocks of rows: views for each were 15 bytes of heap a row. */
interface Source {
  readonly heap: (Heap & { readonly window: ByteWindow }) | null;
  readonly words: Int32Array;
  readonly halves: Int16Array;
}

const NO_WORDS = new Int32Array(0);
const NO_HALVES = new Int16Array(0);

function sourceOf({ type, data }: Column, heap: Heap | null): Source {
  if (heap) return { heap: { ...heap, window: byteWindow(heap.data) }, words: NO_WORDS, halves: NO_HALVES };
  const { buffer, byteOffset, byteLength } = data;
  if (type.kind === 'bool' || type.kind === 'uuid') return { heap: null, words: NO_WORDS, halves: NO_HALVES };
  if (type.kind === 'int' && type.bits === 16)
    return { heap: null, words: NO_WORDS, halves: new Int16Array(buffer, byteOffset, byteLength >> 1) };
  return { heap: null, words: new Int32Array(buffer, byteOffset, byteLength >> 2), halves: NO_HALVES };
}

function encodeColumn(rows: Rows, column: Column, { heap, words, halves }: Source, field: Field): void {
  const type = column.type;
  if (heap) {
    encodeHeap(rows, column, heap, type.kind === 'json' && type.binary === true);
    return;
  }
  if (type.kind === 'bool') fixed.encodeBool(rows, column);
  else if (type.kind === 'uuid') fixed.encodeUuids(rows, column);
  else if (type.kind === 'date') fixed.encodeDates(rows, column, words, field);
  else if (type.kind === 'timetz') fixed.encodeTimetz(rows, column, words, field);
  else if (type.kind === 'interval') fixed.encodeIntervals(rows, column, words);
  else if (type.kind === 'time') fixed.encodeTimes(rows, column, words, field);
  else if (type.kind === 'timestamp')
    fixed.encodeTimestamps(rows, column, words, field, temporal.microsPerUnit(type.unit));
  else if (type.kind === 'int' && type.bits === 16) fixed.encode2(rows, column, halves);
  else if ((type.kind === 'int' || type.kind === 'float') && type.bits === 32)
    fixed.encode4(rows, column, words);
  else fixed.encode8(rows, column, words);
}

/** The fields of a child, each with its length before it, one behind the other. */
function fieldsOf(column: Column, field: Field): Heap {
  const { length } = column;
  const heap = heapOf(column, field);
  const width = heap ? 0 : widthOnWire(column.type, field);
  const offsets = new Int32Array(length + 1).fill(4 + width);
  addLengths(column, heap, width, offsets, field);
  const rows = emptyRows(offsets, length);
  encodeColumn({ ...rows, next: offsets.slice() }, column, sourceOf(column, heap), field);
  return { data: rows.bytes, offsets };
}

/** Turns lengths into where each begins; gives where the last ends. */
function startsOf(lengths: Int32Array, count: number): number {
  let total = 0;
  for (let row = 0; row <= count; row++) {
    const length = lengths[row];
    lengths[row] = total;
    if (row < count) total += length;
    if (total > CHUNK_BYTES_MAX)
      throw new FerrowError('E_VALUE_TOO_LARGE', 'a chunk of more than 2 GiB', {
        hint: 'lower --batch-size',
      });
  }
  return total;
}

/** Bytes of a value on the wire, for types of fixed width. */
function widthOnWire(type: LogicalType, field: Field): number {
  switch (type.kind) {
    case 'bool':
      return 1;
    case 'int':
      if (type.bits === 16 || type.bits === 32 || type.bits === 64) return type.bits / 8;
      break;
    case 'float':
      return type.bits / 8;
    case 'date':
      return 4;
    case 'time':
      if (type.unit === 'us') return 8;
      break;
    case 'timestamp':
      if (type.unit !== 'ns') return 8;
      break;
    case 'uuid':
    case 'interval':
      return 16;
    case 'timetz':
      return 12;
  }
  throw cellError('E_INTERNAL', field, 0, `PostgreSQL has no binary form for ${typeName(type)}`);
}

/** The column's bytes per value, or null for types of fixed width. Numerics are encoded here. */
function heapOf(column: Column, field: Field): Heap | null {
  checkColumn(column, field.name);
  if (column.type.kind === 'decimal') return decimalHeap(column, column.type.scale, field);
  if (column.type.kind === 'numeric') return numericHeap(column, field);
  if (column.type.kind === 'bit') return bitHeap(column, field);
  if (column.type.kind === 'enum') return labelHeap(column, column.type.labels, field);
  if (isNested(column.type)) return nestedHeap(column, field, fieldsOf);
  if (!isVariableWidth(column.type)) return null;
  return { data: column.data, offsets: column.offsets as Int32Array };
}

/** Turns `next` from the length of rows of NULL-free fixed width into the true lengths. */
function addLengths(column: Column, heap: Heap | null, width: number, next: Int32Array, field: Field): void {
  const { length, validity, type } = column;
  if (!heap) {
    if (validity === null) return;
    for (let row = 0; row < length; row++) if (!isValid(validity, row)) next[row] -= width;
    return;
  }
  const prefix = type.kind === 'json' && type.binary ? 1 : 0;
  const { offsets } = heap;
  for (let row = 0; row < length; row++) {
    if (validity !== null && !isValid(validity, row)) continue;
    const bytes = offsets[row + 1] - offsets[row] + prefix;
    if (bytes > FIELD_BYTES_MAX)
      throw cellError('E_VALUE_TOO_LARGE', field, row, `${bytes} bytes; PostgreSQL takes less than 1 GiB`);
    next[row] += bytes;
    if (next[row] < 0) throw cellError('E_VALUE_TOO_LARGE', field, row, 'the row is longer than 2 GiB');
  }
}

function encodeHeap(
  rows: Rows,
  { validity }: Column,
  { offsets, window: source }: NonNullable<Source['heap']>,
  versioned: boolean,
): void {
  const { view, bytes, next, from, to, spill } = rows;
  for (let row = from; row < to; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    const start = offsets[row];
    const length = offsets[row + 1] - start;
    let at = next[row];
    view.setInt32(at, versioned ? length + 1 : length);
    at += 4;
    if (versioned) bytes[at++] = 1;
    if (spill) copyValue(source, start, length, rows, at);
    else copyExactly(source, start, length, rows, at);
    next[row] = at + length;
  }
}
