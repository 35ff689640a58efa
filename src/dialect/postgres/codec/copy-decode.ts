// Rows of binary COPY -> columns in canonical types. Crossing workers; pure. One column at a time over the whole
// chunk, so that each loop knows its type. Every length is checked before it is used: whatever the bytes, the
// result is a batch or a FerrowError.
import type { Batch, Field } from '../../../batch/batch.ts';
import { clearBit, newBitmap, setBit } from '../../../batch/bitmap.ts';
import { type Column, fixedColumn, variableColumn } from '../../../batch/column.ts';
import type { LogicalType } from '../../../types/logical-type.ts';
import { typeName } from '../../../types/logical-type.ts';
import { cellError, corrupt } from './faults.ts';
import { decodeDecimal, NUMERIC_CORRUPT, NUMERIC_INFINITE, NUMERIC_NAN, NUMERIC_OK } from './numeric.ts';
import { numericTextBytes, writeNumericText } from './numeric-text.ts';
import * as temporal from './temporal.ts';

/** Decimal text of one chunk may take so much; few bytes of numeric can mean 131,072 digits. */
const NUMERIC_TEXT_BYTES_MAX = 256 * 1024 * 1024;

/** The chunk, and for each row the position of the next field that is to be read. */
interface Rows {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly rowCount: number;
  readonly next: Int32Array;
}

/** What the first walk learnt of a column. */
interface Extent {
  readonly nullCount: number;
  /** Bytes of all its values. */
  readonly byteLength: number;
}

/**
 * Decodes `rowCount` rows without header and trailer. `fields` are the wire types, in the order of the rows.
 * @throws FerrowError E_CORRUPT, E_TIMESTAMP_RANGE, E_NUMERIC_SPECIAL, E_DECIMAL_SCALE
 */
export function decodeCopy(bytes: Uint8Array, rowCount: number, fields: readonly Field[]): Batch {
  const { rows, extents } = walk(bytes, rowCount, fields.length);
  return { fields, rowCount, columns: fields.map((field, at) => decodeColumn(rows, field, extents[at])) };
}

/** Checks every length once; after it, the loops below only check that a length suits its type. */
function walk(bytes: Uint8Array, rowCount: number, columnCount: number): { rows: Rows; extents: Extent[] } {
  if (!Number.isInteger(rowCount) || rowCount < 0 || rowCount * (2 + 4 * columnCount) > bytes.length)
    throw corrupt(`${bytes.length} bytes can not hold ${rowCount} rows of ${columnCount} fields`);
  if (bytes.length > temporal.INT32_MAX) throw corrupt('a chunk of more than 2 GiB');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const next = new Int32Array(rowCount);
  const nullCounts = new Int32Array(columnCount);
  const byteLengths = new Float64Array(columnCount);
  const end = bytes.length;
  let at = 0;
  for (let row = 0; row < rowCount; row++) {
    if (at + 2 > end) throw corrupt(`row ${row} is missing`);
    const count = view.getInt16(at);
    if (count !== columnCount) throw corrupt(`row ${row} has ${count} fields instead of ${columnCount}`);
    at += 2;
    next[row] = at;
    for (let column = 0; column < columnCount; column++) {
      if (at + 4 > end) throw corrupt(`row ${row} is cut off`);
      const length = view.getInt32(at);
      at += 4;
      if (length === -1) nullCounts[column]++;
      else {
        if (length < 0 || length > end - at) throw corrupt(`row ${row}: a field of ${length} bytes`);
        byteLengths[column] += length;
        at += length;
      }
    }
  }
  if (at !== end) throw corrupt(`${end - at} bytes too many`);
  const extents: Extent[] = [];
  for (let column = 0; column < columnCount; column++)
    extents.push({ nullCount: nullCounts[column], byteLength: byteLengths[column] });
  return { rows: { view, bytes, rowCount, next }, extents };
}

function decodeColumn(rows: Rows, field: Field, extent: Extent): Column {
  const type = field.type;
  switch (type.kind) {
    case 'bool':
      return decodeBool(rows, field, extent);
    case 'int':
      if (type.bits === 16) return decode2(rows, field, extent);
      if (type.bits === 32) return decode4(rows, field, extent);
      if (type.bits === 64) return decode8(rows, field, extent);
      break;
    case 'float':
      return type.bits === 32 ? decode4(rows, field, extent) : decode8(rows, field, extent);
    case 'decimal':
      return decodeDecimals(rows, field, extent, type);
    case 'numeric':
      return decodeNumericText(rows, field, extent);
    case 'text':
    case 'binary':
    case 'opaque':
      return decodeBytes(rows, field, extent, 0);
    case 'json':
      return decodeBytes(rows, field, extent, type.binary ? 1 : 0);
    case 'date':
      return decodeDates(rows, field, extent);
    case 'time':
      if (type.unit === 'us') return decodeTimes(rows, field, extent);
      break;
    case 'timestamp':
      if (type.unit !== 'ns') return decodeTimestamps(rows, field, extent, temporal.microsPerUnit(type.unit));
      break;
    case 'uuid':
      return decodeUuids(rows, field, extent);
  }
  throw notDecoded(field, type);
}

function notDecoded(field: Field, type: LogicalType) {
  return cellError('E_INTERNAL', field, 0, `PostgreSQL has no binary form that decodes to ${typeName(type)}`);
}

function badLength(field: Field, row: number, length: number) {
  return cellError('E_CORRUPT', field, row, `${length} bytes do not make a ${typeName(field.type)}`);
}

function validityOf(rows: Rows, extent: Extent): Uint8Array<ArrayBuffer> | null {
  return extent.nullCount === 0 ? null : newBitmap(rows.rowCount, true);
}

function decodeBool(rows: Rows, field: Field, extent: Extent): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = newBitmap(rowCount, false);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === 1) {
      if (view.getUint8(at + 4) !== 0) setBit(data, row);
      next[row] = at + 5;
    } else if (length === -1 && validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    } else throw badLength(field, row, length);
  }
  return fixedColumn(field.type, rowCount, data, validity, extent.nullCount);
}

function decode2(rows: Rows, field: Field, extent: Extent): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = new Int16Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === 2) {
      data[row] = view.getInt16(at + 4);
      next[row] = at + 6;
    } else if (length === -1 && validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    } else throw badLength(field, row, length);
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}

function decode4(rows: Rows, field: Field, extent: Extent): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === 4) {
      data[row] = view.getInt32(at + 4);
      next[row] = at + 8;
    } else if (length === -1 && validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    } else throw badLength(field, row, length);
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}

function decode8(rows: Rows, field: Field, extent: Extent): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = new Int32Array(2 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === 8) {
      data[2 * row] = view.getInt32(at + 8);
      data[2 * row + 1] = view.getInt32(at + 4);
      next[row] = at + 12;
    } else if (length === -1 && validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    } else throw badLength(field, row, length);
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}

function decodeDates(rows: Rows, field: Field, extent: Extent): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === 4) {
      const days = view.getInt32(at + 4);
      if (days >= temporal.PG_DATE_MIN && days <= temporal.PG_DATE_MAX)
        data[row] = days + temporal.EPOCH_DAYS;
      else if (days === temporal.INT32_MAX) data[row] = temporal.INT32_MAX;
      else if (days === temporal.INT32_MIN) data[row] = -temporal.INT32_MAX;
      else throw cellError('E_CORRUPT', field, row, `day ${days} is no date of PostgreSQL`);
      next[row] = at + 8;
    } else if (length === -1 && validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    } else throw badLength(field, row, length);
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}

function decodeTimes(rows: Rows, field: Field, extent: Extent): Column {
  const column = decode8(rows, field, extent);
  const data = new Int32Array(column.data.buffer);
  for (let row = 0; row < rows.rowCount; row++) {
    if (!temporal.insideDay(data[2 * row + 1], data[2 * row]))
      throw cellError('E_CORRUPT', field, row, 'a time outside 00:00:00 to 24:00:00');
  }
  return column;
}

/** `divisor` microseconds make a unit; the server has rounded `timestamp(0)` and `(3)` to whole units. */
function decodeTimestamps(rows: Rows, field: Field, extent: Extent, divisor: number): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = new Int32Array(2 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === 8) {
      let high = view.getInt32(at + 4);
      let low = view.getInt32(at + 8);
      // +infinity keeps its bits; -infinity is one more than PostgreSQL's.
      if (high === temporal.INT32_MIN && low === 0) low = 1;
      else if (high !== temporal.INT32_MAX || low !== -1) {
        if (high < temporal.TIMESTAMP_HIGH_MIN || high > temporal.TIMESTAMP_HIGH_MAX)
          throw cellError('E_CORRUPT', field, row, 'no timestamp of PostgreSQL');
        const sum = (low >>> 0) + temporal.EPOCH_LOW;
        high += temporal.EPOCH_HIGH + (sum >= 4294967296 ? 1 : 0);
        low = sum | 0;
        if (high > temporal.INT32_MAX || (high === temporal.INT32_MAX && low === -1)) {
          throw cellError(
            'E_TIMESTAMP_RANGE',
            field,
            row,
            'the timestamp lies after 294247-01-10 04:00:54.775806, the last that 64 bits hold from 1970 on',
          );
        }
        if (divisor !== 1) {
          const rest = ((high % divisor) + divisor) % divisor;
          const carried = rest * 4294967296 + (low >>> 0);
          const quotient = Math.floor(carried / divisor);
          if (quotient * divisor !== carried)
            throw cellError('E_TIMESTAMP_PRECISION', field, row, `finer than ${typeName(field.type)}`);
          high = (high - rest) / divisor;
          low = quotient | 0;
        }
      }
      data[2 * row] = low;
      data[2 * row + 1] = high;
      next[row] = at + 12;
    } else if (length === -1 && validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    } else throw badLength(field, row, length);
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}

function decodeUuids(rows: Rows, field: Field, extent: Extent): Column {
  const { view, bytes, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = new Uint8Array(16 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === 16) {
      for (let i = 0; i < 16; i++) data[16 * row + i] = bytes[at + 4 + i];
      next[row] = at + 20;
    } else if (length === -1 && validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    } else throw badLength(field, row, length);
  }
  return fixedColumn(field.type, rowCount, data, validity, extent.nullCount);
}

function decodeDecimals(
  rows: Rows,
  field: Field,
  extent: Extent,
  type: { readonly precision: number; readonly scale: number },
): Column {
  const { view, next, rowCount } = rows;
  const { precision, scale } = type;
  const validity = validityOf(rows, extent);
  const data = new Int32Array(4 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      const result = decodeDecimal(view, at + 4, length, precision, scale, data, 4 * row);
      if (result !== NUMERIC_OK) throw numericError(field, row, result);
      next[row] = at + 4 + length;
    } else if (validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    }
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}

function numericError(field: Field, row: number, result: number) {
  if (result === NUMERIC_CORRUPT) return cellError('E_CORRUPT', field, row, 'not a numeric');
  if (result === NUMERIC_NAN || result === NUMERIC_INFINITE) {
    const value = result === NUMERIC_NAN ? 'NaN' : 'Infinity';
    const hint =
      result === NUMERIC_NAN
        ? '--allow nan=null or nan=text: the column is then read so that NaN can be told apart'
        : 'make the column numeric without precision in the source, or leave it out with --columns';
    return cellError('E_NUMERIC_SPECIAL', field, row, `${value} does not fit ${typeName(field.type)}`, hint);
  }
  return cellError('E_DECIMAL_SCALE', field, row, `more digits than ${typeName(field.type)} holds`);
}

/** Text, bytes, and fields that are passed on as they are. `prefix` 1 takes jsonb's version byte off. */
function decodeBytes(rows: Rows, field: Field, extent: Extent, prefix: 0 | 1): Column {
  const { view, bytes, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const offsets = new Int32Array(rowCount + 1);
  const valueCount = rowCount - extent.nullCount;
  const heap = new Uint8Array(Math.max(0, extent.byteLength - prefix * valueCount));
  let to = 0;
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      if (prefix === 1 && (length < 1 || bytes[at + 4] !== 1))
        throw cellError('E_CORRUPT', field, row, 'jsonb of an unknown version');
      const from = at + 4 + prefix;
      const end = at + 4 + length;
      // A byte loop beats a call for short values.
      if (length <= 48) for (let i = from; i < end; i++) heap[to++] = bytes[i];
      else {
        heap.set(bytes.subarray(from, end), to);
        to += end - from;
      }
      next[row] = end;
    } else if (validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    }
    offsets[row + 1] = to;
  }
  return variableColumn(field.type, rowCount, offsets, heap, validity, extent.nullCount);
}

function decodeNumericText(rows: Rows, field: Field, extent: Extent): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const offsets = new Int32Array(rowCount + 1);
  let total = 0;
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      const textBytes = numericTextBytes(view, at + 4, length);
      if (textBytes < 0) throw numericError(field, row, NUMERIC_CORRUPT);
      total += textBytes;
      if (total > NUMERIC_TEXT_BYTES_MAX) {
        const hint = 'lower --batch-size';
        throw cellError('E_MEMORY', field, row, 'the digits of one chunk take more than 256 MiB', hint);
      }
    }
    offsets[row + 1] = total;
  }
  const heap = new Uint8Array(total);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      writeNumericText(view, at + 4, heap, offsets[row]);
      next[row] = at + 4 + length;
    } else if (validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    }
  }
  return variableColumn(field.type, rowCount, offsets, heap, validity, extent.nullCount);
}
