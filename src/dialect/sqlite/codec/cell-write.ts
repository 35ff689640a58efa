// Writes the rows of a batch as cells of SQLite's leaf pages, column by column. Pure.
import type { Batch } from '../../../batch/batch.ts';
import type { Column } from '../../../batch/column.ts';
import { type CellLayout, smallInts } from './cell-layout.ts';
import type { PagePlaces } from './page-encode.ts';
import { localPayloadBytes, localPayloadMax, varintBytes, writeVarint } from './record.ts';

/** Overflow pages stand behind the root, in the order of the rows. */
const FIRST_OVERFLOW_PAGE = 3;

/** Before anything else is written to the pages: where rows overflow, the pages are written anew. */
export function writeCells(
  bytes: Uint8Array<ArrayBuffer>,
  batch: Batch,
  layout: CellLayout,
  { leafPages }: PagePlaces,
  pageBytes: number,
): void {
  const { rowCount, payloadBytes, headerBytes, cellAt, leafEnds } = layout;
  const localMax = localPayloadMax(pageBytes);
  // Records that overflow are made whole behind the pages, and then cut.
  const spare = layout.overflowing.reduce((sum, row) => sum + payloadBytes[row], 0);
  const out = spare === 0 ? bytes : new Uint8Array(bytes.byteLength + spare);
  const typeAt = new Int32Array(rowCount);
  const valueAt = new Int32Array(rowCount);
  const recordAt = new Int32Array(layout.overflowing.length);
  let spareAt = bytes.byteLength;
  let overflows = 0;
  let leaf = 0;
  for (let row = 0; row < rowCount; row++) {
    while (row >= leafEnds[leaf]) leaf++;
    const cell = (leafPages[leaf] - 1) * pageBytes + cellAt[row];
    let at = writeVarint(out, cell, payloadBytes[row]);
    at = writeVarint(out, at, row + 1);
    if (payloadBytes[row] > localMax) {
      recordAt[overflows++] = spareAt;
      at = spareAt;
      spareAt += payloadBytes[row];
    }
    typeAt[row] = writeVarint(out, at, headerBytes[row]);
    valueAt[row] = at + headerBytes[row];
  }
  batch.columns.forEach((column, at) => {
    const serials = layout.serials.subarray(at * rowCount, (at + 1) * rowCount);
    writeSerials(out, serials, typeAt);
    writeValues(out, column, serials, valueAt, null);
  });
  if (spare === 0) return;
  bytes.set(out.subarray(0, bytes.byteLength));
  cutOverflow(bytes, out, layout, recordAt, leafPages, pageBytes);
}

function writeSerials(out: Uint8Array, serials: Int32Array, typeAt: Int32Array): void {
  for (let row = 0; row < serials.length; row++) {
    const serial = serials[row];
    if (serial < 0x80) out[typeAt[row]++] = serial;
    else if (serial < 0x4000) {
      out[typeAt[row]++] = (serial >> 7) | 0x80;
      out[typeAt[row]++] = serial & 0x7f;
    } else typeAt[row] = writeVarint(out, typeAt[row], serial);
  }
}

/** Longer values are copied by one call; a call costs as much as some fifty single bytes. */
const SHORT_BYTES = 48;

/** Writes each value at `valueAt` and moves that on. `rows`: which row each value of the column is of; null for all. */
function writeValues(
  out: Uint8Array<ArrayBuffer>,
  column: Column,
  serials: Int32Array,
  valueAt: Int32Array,
  rows: Int32Array | null,
): void {
  const { type, length, data } = column;
  switch (type.kind) {
    case 'int':
      if (type.bits === 64) writeInt64(out, column, serials, valueAt, rows);
      else writeSmallInts(out, column, smallInts(column, type.bits, type.signed), serials, valueAt, rows);
      return;
    case 'float': {
      const { buffer, byteOffset } = data;
      const values =
        type.bits === 64
          ? new Float64Array(buffer, byteOffset, length)
          : new Float32Array(buffer, byteOffset, length);
      const view = new DataView(out.buffer);
      for (let i = 0; i < length; i++) {
        const row = rows === null ? i : rows[i];
        if (serials[row] !== 7) continue;
        view.setFloat64(valueAt[row], values[i]);
        valueAt[row] += 8;
      }
      return;
    }
    case 'bool':
      return;
    case 'any':
      writeAny(out, column, serials, valueAt);
      return;
    default:
      writeHeap(out, column, serials, valueAt, rows);
  }
}

function writeHeap(
  out: Uint8Array,
  { length, data, offsets }: Column,
  serials: Int32Array,
  valueAt: Int32Array,
  rows: Int32Array | null,
): void {
  for (let i = 0; i < length; i++) {
    const row = rows === null ? i : rows[i];
    if (serials[row] < 12) continue;
    let from = offsets![i];
    const end = offsets![i + 1];
    let to = valueAt[row];
    valueAt[row] = to + end - from;
    if (end - from > SHORT_BYTES) out.set(data.subarray(from, end), to);
    else while (from < end) out[to++] = data[from++];
  }
}

function writeInt64(
  out: Uint8Array,
  { data, length }: Column,
  serials: Int32Array,
  valueAt: Int32Array,
  rows: Int32Array | null,
): void {
  const words = new Int32Array(data.buffer, data.byteOffset, length * 2);
  for (let i = 0; i < length; i++) {
    const row = rows === null ? i : rows[i];
    const serial = serials[row];
    if (serial === 0 || serial >= 8) continue;
    const low = words[i * 2];
    let at = valueAt[row];
    if (serial >= 5) {
      const high = words[i * 2 + 1];
      if (serial === 6) {
        out[at++] = high >> 24;
        out[at++] = high >> 16;
      }
      out[at++] = high >> 8;
      out[at++] = high;
    }
    valueAt[row] = writeWord(out, at, low, serial);
  }
}

/** The low bytes of an integer of serial type 1 to 6: as many as the type has, four at most. */
function writeWord(out: Uint8Array, start: number, value: number, serial: number): number {
  let at = start;
  if (serial >= 4) out[at++] = value >> 24;
  if (serial >= 3) out[at++] = value >> 16;
  if (serial >= 2) out[at++] = value >> 8;
  out[at++] = value;
  return at;
}

function writeSmallInts(
  out: Uint8Array,
  { length }: Column,
  values: ArrayLike<number>,
  serials: Int32Array,
  valueAt: Int32Array,
  rows: Int32Array | null,
): void {
  for (let i = 0; i < length; i++) {
    const row = rows === null ? i : rows[i];
    const serial = serials[row];
    if (serial === 0 || serial >= 8) continue;
    let at = valueAt[row];
    if (serial === 5) {
      out[at++] = 0;
      out[at++] = 0;
    }
    valueAt[row] = writeWord(out, at, values[i] | 0, serial);
  }
}

/** Member by member: a member's values stand in the order of their rows. */
function writeAny(
  out: Uint8Array<ArrayBuffer>,
  column: Column,
  serials: Int32Array,
  valueAt: Int32Array,
): void {
  const { length, typeIds, offsets, children } = column;
  children!.forEach((child, member) => {
    const rows = new Int32Array(child.length);
    for (let row = 0; row < length; row++)
      if (typeIds![row] === member && serials[row] !== 0) rows[offsets![row]] = row;
    writeValues(out, child, serials, valueAt, rows);
  });
}

/** Cuts the whole records into what stands in the leaf and a chain of overflow pages. */
function cutOverflow(
  bytes: Uint8Array,
  out: Uint8Array,
  { overflowing, payloadBytes, cellAt, leafEnds }: CellLayout,
  recordAt: Int32Array,
  leafPages: Uint32Array,
  pageBytes: number,
): void {
  let page = FIRST_OVERFLOW_PAGE;
  let leaf = 0;
  overflowing.forEach((row, index) => {
    while (row >= leafEnds[leaf]) leaf++;
    const payload = payloadBytes[row];
    const local = localPayloadBytes(payload, pageBytes);
    const cell = (leafPages[leaf] - 1) * pageBytes + cellAt[row];
    const at = cell + varintBytes(payload) + varintBytes(row + 1);
    let from = recordAt[index];
    const end = from + payload;
    bytes.set(out.subarray(from, from + local), at);
    writeUint32(bytes, at + local, page);
    from += local;
    while (from < end) {
      const size = Math.min(pageBytes - 4, end - from);
      const base = (page - 1) * pageBytes;
      bytes.set(out.subarray(from, from + size), base + 4);
      from += size;
      page++;
      writeUint32(bytes, base, from < end ? page : 0);
    }
  });
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
