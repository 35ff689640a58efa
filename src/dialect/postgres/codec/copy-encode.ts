// Columns in wire types -> rows of binary COPY, without header and trailer. Crossing workers; pure. First the
// length of each row, then one column at a time into its place. What the server would take and change in
// silence (times beyond 24:00, digits beyond dscale) is refused here.
import type { Batch, Field } from '../../../batch/batch.ts';
import { isValid } from '../../../batch/bitmap.ts';
import type { Column } from '../../../batch/column.ts';
import { checkColumn } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { isVariableWidth, type LogicalType, typeName } from '../../../types/logical-type.ts';
import { cellError } from './faults.ts';
import { DECIMAL_BYTES_MAX, encodeDecimal } from './numeric.ts';
import { encodeNumericText, NUMERIC_SCALE_MAX, numericBytesMax } from './numeric-text.ts';
import * as temporal from './temporal.ts';

/** A field of the server holds less than 1 GiB. */
const FIELD_BYTES_MAX = 0x3fffffff;
const CHUNK_BYTES_MAX = 0x7fffffff;

/** The rows being made, and for each row the position of the next field that is to be written. */
interface Rows {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly next: Int32Array;
}

/** Values that are copied as bytes: text, or numerics already in binary. */
interface Heap {
  readonly data: Uint8Array;
  readonly offsets: Int32Array;
}

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
  let total = 0;
  for (let row = 0; row <= rowCount; row++) {
    const length = next[row];
    next[row] = total;
    if (row < rowCount) total += length;
    if (total > CHUNK_BYTES_MAX)
      throw new FerrowError('E_VALUE_TOO_LARGE', 'a chunk of more than 2 GiB', {
        hint: 'lower --batch-size',
      });
  }
  const bytes = new Uint8Array(total);
  const rows: Rows = { view: new DataView(bytes.buffer), bytes, next };
  for (let row = 0; row < rowCount; row++) {
    rows.view.setUint16(next[row], columns.length);
    next[row] += 2;
  }
  columns.forEach((column, at) => {
    encodeColumn(rows, column, heaps[at], fields[at], rowCount);
  });
  return bytes;
}

function encodeColumn(rows: Rows, column: Column, heap: Heap | null, field: Field, rowCount: number): void {
  const type = column.type;
  if (heap) {
    encodeHeap(rows, column, heap, type.kind === 'json' && type.binary === true, rowCount);
    return;
  }
  if (type.kind === 'bool') encodeBool(rows, column, rowCount);
  else if (type.kind === 'uuid') encodeUuids(rows, column, rowCount);
  else if (type.kind === 'date') encodeDates(rows, column, field, rowCount);
  else if (type.kind === 'time') encodeTimes(rows, column, field, rowCount);
  else if (type.kind === 'timestamp')
    encodeTimestamps(rows, column, field, rowCount, temporal.microsPerUnit(type.unit));
  else if (type.kind === 'int' && type.bits === 16) encode2(rows, column, rowCount);
  else if ((type.kind === 'int' || type.kind === 'float') && type.bits === 32)
    encode4(rows, column, rowCount);
  else encode8(rows, column, rowCount);
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
      return 16;
  }
  throw cellError('E_INTERNAL', field, 0, `PostgreSQL has no binary form for ${typeName(type)}`);
}

/** The column's bytes per value, or null for types of fixed width. Numerics are encoded here. */
function heapOf(column: Column, field: Field): Heap | null {
  checkColumn(column, field.name);
  if (column.type.kind === 'decimal') return decimalHeap(column, column.type.scale, field);
  if (column.type.kind === 'numeric') return numericHeap(column, field);
  if (!isVariableWidth(column.type)) return null;
  return { data: column.data, offsets: column.offsets as Int32Array };
}

function decimalHeap(column: Column, scale: number, field: Field): Heap {
  const { length, validity } = column;
  const source = new Int32Array(column.data.buffer, column.data.byteOffset, 4 * length);
  const offsets = new Int32Array(length + 1);
  let data = new Uint8Array(16 * length + DECIMAL_BYTES_MAX);
  let view = new DataView(data.buffer);
  let to = 0;
  for (let row = 0; row < length; row++) {
    if (validity === null || isValid(validity, row)) {
      if (to + DECIMAL_BYTES_MAX > data.length) {
        data = grown(data, to + DECIMAL_BYTES_MAX);
        view = new DataView(data.buffer);
      }
      const written = encodeDecimal(source, 4 * row, scale, view, to);
      if (written < 0) throw cellError('E_DECIMAL_SCALE', field, row, 'more than 38 digits');
      to += written;
    }
    offsets[row + 1] = to;
  }
  return { data, offsets };
}

function numericHeap(column: Column, field: Field): Heap {
  const { length, validity, data: text } = column;
  const from = column.offsets as Int32Array;
  const offsets = new Int32Array(length + 1);
  // Holds the most that all the values together can take.
  const data = new Uint8Array(numericBytesMax(text.length) + numericBytesMax(0) * length);
  const view = new DataView(data.buffer);
  let to = 0;
  for (let row = 0; row < length; row++) {
    if (validity === null || isValid(validity, row)) {
      const written = encodeNumericText(text, from[row], from[row + 1], view, to);
      if (written < 0) {
        const long = from[row + 1] - from[row] > NUMERIC_SCALE_MAX;
        if (long) throw cellError('E_VALUE_TOO_LARGE', field, row, 'more digits than a numeric holds');
        throw cellError('E_INVALID_NUMBER', field, row, 'not decimal text');
      }
      to += written;
    }
    offsets[row + 1] = to;
  }
  return { data, offsets };
}

function grown(data: Uint8Array<ArrayBuffer>, atLeast: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(atLeast, data.length * 2));
  larger.set(data);
  return larger;
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

function putNull(rows: Rows, row: number): void {
  rows.view.setInt32(rows.next[row], -1);
  rows.next[row] += 4;
}

function encodeHeap(rows: Rows, column: Column, heap: Heap, versioned: boolean, rowCount: number): void {
  const { view, bytes, next } = rows;
  const { validity } = column;
  const { data, offsets } = heap;
  const source = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    let from = offsets[row];
    const end = offsets[row + 1];
    let at = next[row];
    view.setInt32(at, end - from + (versioned ? 1 : 0));
    at += 4;
    if (versioned) bytes[at++] = 1;
    if (end - from <= 64) {
      // Words, then bytes: for short values faster than a call.
      for (; from + 4 <= end; from += 4, at += 4) view.setInt32(at, source.getInt32(from));
      for (; from < end; from++, at++) bytes[at] = data[from];
    } else {
      bytes.set(data.subarray(from, end), at);
      at += end - from;
    }
    next[row] = at;
  }
}

function encodeBool(rows: Rows, column: Column, rowCount: number): void {
  const { view, next } = rows;
  const { validity, data } = column;
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    const at = next[row];
    view.setInt32(at, 1);
    view.setUint8(at + 4, (data[row >> 3] >> (row & 7)) & 1);
    next[row] = at + 5;
  }
}

function encode2(rows: Rows, column: Column, rowCount: number): void {
  const { view, next } = rows;
  const { validity } = column;
  const data = new Int16Array(column.data.buffer, column.data.byteOffset, rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    const at = next[row];
    view.setInt32(at, 2);
    view.setInt16(at + 4, data[row]);
    next[row] = at + 6;
  }
}

function encode4(rows: Rows, column: Column, rowCount: number): void {
  const { view, next } = rows;
  const { validity } = column;
  const data = new Int32Array(column.data.buffer, column.data.byteOffset, rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    const at = next[row];
    view.setInt32(at, 4);
    view.setInt32(at + 4, data[row]);
    next[row] = at + 8;
  }
}

function encode8(rows: Rows, column: Column, rowCount: number): void {
  const { view, next } = rows;
  const { validity } = column;
  const data = new Int32Array(column.data.buffer, column.data.byteOffset, 2 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    const at = next[row];
    view.setInt32(at, 8);
    view.setInt32(at + 4, data[2 * row + 1]);
    view.setInt32(at + 8, data[2 * row]);
    next[row] = at + 12;
  }
}

function encodeUuids(rows: Rows, column: Column, rowCount: number): void {
  const { view, bytes, next } = rows;
  const { validity, data } = column;
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    const at = next[row];
    view.setInt32(at, 16);
    for (let i = 0; i < 16; i++) bytes[at + 4 + i] = data[16 * row + i];
    next[row] = at + 20;
  }
}

function encodeDates(rows: Rows, column: Column, field: Field, rowCount: number): void {
  const { view, next } = rows;
  const { validity } = column;
  const data = new Int32Array(column.data.buffer, column.data.byteOffset, rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    let days = data[row];
    if (days === -temporal.INT32_MAX) days = temporal.INT32_MIN;
    else if (days !== temporal.INT32_MAX) {
      days -= temporal.EPOCH_DAYS;
      if (days < temporal.PG_DATE_MIN || days > temporal.PG_DATE_MAX)
        throw cellError(
          'E_DATE_RANGE',
          field,
          row,
          'PostgreSQL has dates from 4714-11-24 BC to 5874897-12-31',
        );
    }
    const at = next[row];
    view.setInt32(at, 4);
    view.setInt32(at + 4, days);
    next[row] = at + 8;
  }
}

function encodeTimes(rows: Rows, column: Column, field: Field, rowCount: number): void {
  const { view, next } = rows;
  const { validity } = column;
  const data = new Int32Array(column.data.buffer, column.data.byteOffset, 2 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    const low = data[2 * row];
    const high = data[2 * row + 1];
    if (!temporal.insideDay(high, low))
      throw cellError('E_TIME_RANGE', field, row, 'a time outside 00:00:00 to 24:00:00');
    const at = next[row];
    view.setInt32(at, 8);
    view.setInt32(at + 4, high);
    view.setInt32(at + 8, low);
    next[row] = at + 12;
  }
}

/** `factor` microseconds make a unit. */
function encodeTimestamps(rows: Rows, column: Column, field: Field, rowCount: number, factor: number): void {
  const { view, next } = rows;
  const { validity } = column;
  const data = new Int32Array(column.data.buffer, column.data.byteOffset, 2 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    let low = data[2 * row];
    let high = data[2 * row + 1];
    if (high === temporal.INT32_MIN && low === 1) low = 0;
    else if (high !== temporal.INT32_MAX || low !== -1) {
      let carry = 0;
      if (factor !== 1) {
        const product = (low >>> 0) * factor;
        low = product | 0;
        carry = Math.floor(product / 4294967296);
      }
      const difference = (low >>> 0) - temporal.EPOCH_LOW;
      low = difference | 0;
      high = high * factor + carry - temporal.EPOCH_HIGH - (difference < 0 ? 1 : 0);
      // Coarse; the server itself refuses what is left. Finite values must never become an infinity.
      if (high < temporal.TIMESTAMP_HIGH_MIN || high > temporal.TIMESTAMP_HIGH_MAX)
        throw cellError('E_TIMESTAMP_RANGE', field, row, 'PostgreSQL has timestamps from 4714 BC to 294276');
    }
    const at = next[row];
    view.setInt32(at, 8);
    view.setInt32(at + 4, high);
    view.setInt32(at + 8, low);
    next[row] = at + 12;
  }
}
