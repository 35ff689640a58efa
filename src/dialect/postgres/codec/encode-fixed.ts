// Columns of fixed width -> fields. Crossing workers; pure. What the server would take and change in silence (times beyond
// 24:00) is refused here.
import type { Field } from '../../../batch/batch.ts';
import { isValid } from '../../../batch/bitmap.ts';
import type { Column } from '../../../batch/column.ts';
import { putNull, type Rows } from './encode-rows.ts';
import { cellError } from './faults.ts';
import * as temporal from './temporal.ts';

export function encodeBool(rows: Rows, column: Column): void {
  const { view, next, from, to } = rows;
  const { validity, data } = column;
  for (let row = from; row < to; row++) {
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

export function encode2(rows: Rows, column: Column, data: Int16Array): void {
  const { view, next, from, to } = rows;
  const { validity } = column;
  for (let row = from; row < to; row++) {
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

export function encode4(rows: Rows, column: Column, data: Int32Array): void {
  const { view, next, from, to } = rows;
  const { validity } = column;
  for (let row = from; row < to; row++) {
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

export function encode8(rows: Rows, column: Column, data: Int32Array): void {
  const { view, next, from, to } = rows;
  const { validity } = column;
  for (let row = from; row < to; row++) {
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

export function encodeUuids(rows: Rows, column: Column): void {
  const { view, bytes, next, from, to } = rows;
  const { validity, data } = column;
  for (let row = from; row < to; row++) {
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

export function encodeDates(rows: Rows, column: Column, data: Int32Array, field: Field): void {
  const { view, next, from, to } = rows;
  const { validity } = column;
  for (let row = from; row < to; row++) {
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

export function encodeTimes(rows: Rows, column: Column, data: Int32Array, field: Field): void {
  const { view, next, from, to } = rows;
  const { validity } = column;
  for (let row = from; row < to; row++) {
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
export function encodeTimestamps(
  rows: Rows,
  column: Column,
  data: Int32Array,
  field: Field,
  factor: number,
): void {
  const { view, next, from, to } = rows;
  const { validity } = column;
  for (let row = from; row < to; row++) {
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

export function encodeTimetz(rows: Rows, column: Column, data: Int32Array, field: Field): void {
  const { view, next, from, to } = rows;
  const { validity } = column;
  for (let row = from; row < to; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    const low = data[2 * row];
    const high = data[2 * row + 1];
    const west = (low & 0xffffff) - temporal.ZONE_SECONDS_MAX;
    const microsHigh = high >>> 24;
    const microsLow = (high << 8) | (low >>> 24);
    if (!temporal.insideDay(microsHigh, microsLow) || west > temporal.ZONE_SECONDS_MAX)
      throw cellError(
        'E_TIME_RANGE',
        field,
        row,
        'a time outside 24 hours, or an offset of 16 hours or more',
      );
    const at = next[row];
    view.setInt32(at, 12);
    view.setInt32(at + 4, microsHigh);
    view.setInt32(at + 8, microsLow);
    view.setInt32(at + 12, west);
    next[row] = at + 16;
  }
}

export function encodeIntervals(rows: Rows, column: Column, data: Int32Array): void {
  const { view, next, from, to } = rows;
  const { validity } = column;
  for (let row = from; row < to; row++) {
    if (validity !== null && !isValid(validity, row)) {
      putNull(rows, row);
      continue;
    }
    const at = next[row];
    view.setInt32(at, 16);
    view.setInt32(at + 4, data[4 * row + 3]);
    view.setInt32(at + 8, data[4 * row + 2]);
    view.setInt32(at + 12, data[4 * row + 1]);
    view.setInt32(at + 16, data[4 * row]);
    next[row] = at + 20;
  }
}
