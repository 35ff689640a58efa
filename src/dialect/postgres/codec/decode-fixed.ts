// Fields of fixed width -> columns. Crossing workers; pure. Each loop knows its type.
import type { Field } from '../../../batch/batch.ts';
import { clearBit, newBitmap, setBit } from '../../../batch/bitmap.ts';
import { type Column, fixedColumn } from '../../../batch/column.ts';
import { typeName } from '../../../types/logical-type.ts';
import { badLength, type Extent, type Rows, validityOf } from './decode-rows.ts';
import { cellError } from './faults.ts';
import * as temporal from './temporal.ts';

export function decodeBool(rows: Rows, field: Field, extent: Extent): Column {
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

export function decode2(rows: Rows, field: Field, extent: Extent): Column {
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

export function decode4(rows: Rows, field: Field, extent: Extent): Column {
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

export function decode8(rows: Rows, field: Field, extent: Extent): Column {
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

export function decodeDates(rows: Rows, field: Field, extent: Extent): Column {
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

export function decodeTimes(rows: Rows, field: Field, extent: Extent): Column {
  const column = decode8(rows, field, extent);
  const data = new Int32Array(column.data.buffer);
  for (let row = 0; row < rows.rowCount; row++) {
    if (!temporal.insideDay(data[2 * row + 1], data[2 * row]))
      throw cellError('E_CORRUPT', field, row, 'a time outside 00:00:00 to 24:00:00');
  }
  return column;
}

/** `divisor` microseconds make a unit; the server has rounded `timestamp(0)` and `(3)` to whole units. */
export function decodeTimestamps(rows: Rows, field: Field, extent: Extent, divisor: number): Column {
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
            '--allow bad_dates=text makes the column text',
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

export function decodeUuids(rows: Rows, field: Field, extent: Extent): Column {
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

/** Microseconds and seconds west of UTC -> one word, as DuckDB has it. */
export function decodeTimetz(rows: Rows, field: Field, extent: Extent): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = new Int32Array(2 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === 12) {
      const high = view.getInt32(at + 4);
      const low = view.getInt32(at + 8);
      const west = view.getInt32(at + 12);
      if (!temporal.insideDay(high, low) || Math.abs(west) > temporal.ZONE_SECONDS_MAX)
        throw cellError('E_CORRUPT', field, row, 'no time with an offset');
      data[2 * row] = (low << 24) | (west + temporal.ZONE_SECONDS_MAX);
      data[2 * row + 1] = (high << 24) | (low >>> 8);
      next[row] = at + 16;
    } else if (length === -1 && validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    } else throw badLength(field, row, length);
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}

/** The server has microseconds, days, months; all at their largest or smallest are the infinities, here and there. */
export function decodeIntervals(rows: Rows, field: Field, extent: Extent): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = new Int32Array(4 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length === 16) {
      data[4 * row] = view.getInt32(at + 16);
      data[4 * row + 1] = view.getInt32(at + 12);
      data[4 * row + 2] = view.getInt32(at + 8);
      data[4 * row + 3] = view.getInt32(at + 4);
      next[row] = at + 20;
    } else if (length === -1 && validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    } else throw badLength(field, row, length);
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}
