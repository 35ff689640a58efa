// Writes the rows of a batch as cells of SQLite's leaf pages: headers row by row, values column by column. Pure.
import type { ByteWindow } from '../../../batch/byte-copy.ts';
import { byteWindow } from '../../../batch/byte-copy.ts';
import type { CellLayout } from './cell-layout.ts';
import type { CellValues } from './cell-values.ts';
import { writeUint32 } from './image-file.ts';
import type { PagePlaces } from './page-encode.ts';
import { localPayloadBytes, localPayloadMax, varintBytes, writeVarint } from './record.ts';

/** Overflow pages stand behind the root, in the order of the rows. */
const FIRST_OVERFLOW_PAGE = 3;

/** Before anything else is written to the pages: where rows overflow, the pages are written anew. */
export function writeCells(
  bytes: Uint8Array<ArrayBuffer>,
  columns: readonly CellValues[],
  layout: CellLayout,
  { leafPages }: PagePlaces,
  pageBytes: number,
): void {
  const { rowCount, rowids, payloadBytes, headerBytes, cellAt, leafEnds } = layout;
  const localMax = localPayloadMax(pageBytes);
  // Records that overflow are made whole behind the pages, and then cut.
  const spare = layout.overflowing.reduce((sum, row) => sum + payloadBytes[row], 0);
  const out = byteWindow(spare === 0 ? bytes : new Uint8Array(bytes.byteLength + spare));
  const recordAt = new Int32Array(layout.overflowing.length);
  // Where each row's next value goes.
  const valueAt = new Int32Array(rowCount);
  let spareAt = bytes.byteLength;
  let overflows = 0;
  let leaf = 0;
  for (let row = 0; row < rowCount; row++) {
    while (row >= leafEnds[leaf]) leaf++;
    const cell = (leafPages[leaf] - 1) * pageBytes + cellAt[row];
    let at = writeVarint(out.bytes, cell, payloadBytes[row]);
    at = writeVarint(out.bytes, at, rowids === null ? row + 1 : rowids[row]);
    if (payloadBytes[row] > localMax) {
      recordAt[overflows++] = spareAt;
      at = spareAt;
      spareAt += payloadBytes[row];
    }
    valueAt[row] = at + headerBytes[row];
    writeHeader(out.bytes, at, headerBytes[row], layout, row);
  }
  columns.forEach((column, at) => {
    writeValues(out, column, layout.serials.subarray(at * rowCount, (at + 1) * rowCount), valueAt);
  });
  if (spare === 0) return;
  bytes.set(out.bytes.subarray(0, bytes.byteLength));
  cutOverflow(bytes, out.bytes, layout, recordAt, leafPages, pageBytes);
}

/** A record's header: its length, and a serial type for each column. */
function writeHeader(
  out: Uint8Array,
  start: number,
  headerBytes: number,
  { serials, rowCount }: CellLayout,
  row: number,
): void {
  let at = writeVarint(out, start, headerBytes);
  for (let next = row; next < serials.length; next += rowCount) {
    const serial = serials[next];
    if (serial < 0x80) out[at++] = serial;
    else at = writeVarint(out, at, serial);
  }
}

/** Writes each value at `valueAt` and moves that on. */
function writeValues(out: ByteWindow, column: CellValues, serials: Int32Array, valueAt: Int32Array): void {
  switch (column.kind) {
    case 'int64':
      writeInt64s(out, column.words, serials, valueAt);
      return;
    case 'int': {
      const { values } = column;
      for (let row = 0; row < serials.length; row++)
        valueAt[row] = writeInteger(out, valueAt[row], values[row] | 0, 0, serials[row]);
      return;
    }
    case 'real':
      writeReals(out, column.values, serials, valueAt);
      return;
    case 'heap':
      writeHeap(out, column, serials, valueAt);
      return;
    case 'any':
      for (let row = 0; row < serials.length; row++)
        if (serials[row] !== 0) valueAt[row] = writeMember(out, valueAt[row], column, row, serials[row]);
  }
}

function writeInt64s(out: ByteWindow, words: Int32Array, serials: Int32Array, valueAt: Int32Array): void {
  for (let row = 0; row < serials.length; row++)
    valueAt[row] = writeInteger(out, valueAt[row], words[row * 2], words[row * 2 + 1], serials[row]);
}

function writeReals(
  out: ByteWindow,
  values: Float32Array | Float64Array,
  serials: Int32Array,
  valueAt: Int32Array,
): void {
  for (let row = 0; row < serials.length; row++)
    valueAt[row] = writeReal(out, valueAt[row], values[row], serials[row]);
}

function writeMember(
  out: ByteWindow,
  at: number,
  { typeIds, offsets, members }: CellValues & { kind: 'any' },
  row: number,
  serial: number,
): number {
  const member = members[typeIds[row]];
  const index = offsets[row];
  switch (member.kind) {
    case 'int64':
      return writeInteger(out, at, member.words[index * 2], member.words[index * 2 + 1], serial);
    case 'real':
      return writeReal(out, at, member.values[index], serial);
    case 'heap': {
      const { heap, offsets: ends } = member;
      const start = ends[index];
      const length = ends[index + 1] - start;
      if (length > SHORT_BYTES_MAX) out.bytes.set(heap.bytes.subarray(start, start + length), at);
      else for (let i = 0; i < length; i++) out.bytes[at + i] = heap.bytes[start + i];
      return at + length;
    }
    default:
      return at;
  }
}

/** An integer of serial types 1 to 6; nothing for the others. `high` is looked at for those of 48 and 64 bits. */
function writeInteger(
  { bytes, view }: ByteWindow,
  at: number,
  low: number,
  high: number,
  serial: number,
): number {
  switch (serial) {
    case 1:
      bytes[at] = low;
      return at + 1;
    case 2:
      view.setInt16(at, low);
      return at + 2;
    case 3:
      bytes[at] = low >> 16;
      view.setInt16(at + 1, low);
      return at + 3;
    case 4:
      view.setInt32(at, low);
      return at + 4;
    case 5:
      view.setInt16(at, high);
      view.setInt32(at + 2, low);
      return at + 6;
    case 6:
      view.setInt32(at, high);
      view.setInt32(at + 4, low);
      return at + 8;
    default:
      return at;
  }
}

/** A real, or the integer that the layout made of a whole one. */
function writeReal(out: ByteWindow, at: number, value: number, serial: number): number {
  if (serial === 7) {
    out.view.setFloat64(at, value);
    return at + 8;
  }
  if (serial < 5 || serial > 6) return writeInteger(out, at, value | 0, 0, serial);
  const high = Math.floor(value / 4294967296);
  return writeInteger(out, at, (value - high * 4294967296) | 0, high, serial);
}

/** Longer values are copied by one call; a call costs as much as some hundred single bytes. */
const SHORT_BYTES_MAX = 128;

/**
 * Eight bytes at a time, the last eight over the ones before: not a byte beyond the value may be written, since the cell
 * behind this one stands already. V8 makes plain moves of what only goes from one view to another, as long as it
 * sees both in one loop.
 */
function writeHeap(
  { bytes, view }: ByteWindow,
  { heap, offsets }: CellValues & { kind: 'heap' },
  serials: Int32Array,
  valueAt: Int32Array,
): void {
  const { bytes: source, view: words } = heap;
  let start = offsets[0];
  for (let row = 0; row < serials.length; row++) {
    const end = offsets[row + 1];
    const length = serials[row] === 0 ? 0 : end - start;
    const to = valueAt[row];
    valueAt[row] = to + length;
    if (length < 8) for (let i = 0; i < length; i++) bytes[to + i] = source[start + i];
    else if (length > SHORT_BYTES_MAX) bytes.set(source.subarray(start, end), to);
    else {
      const last = length - 8;
      for (let i = 0; i < last; i += 8) view.setBigUint64(to + i, words.getBigUint64(start + i, true), true);
      view.setBigUint64(to + last, words.getBigUint64(start + last, true), true);
    }
    start = end;
  }
}

/** Cuts the whole records into what stands in the leaf and a chain of overflow pages. */
function cutOverflow(
  bytes: Uint8Array,
  out: Uint8Array,
  { overflowing, rowids, payloadBytes, cellAt, leafEnds }: CellLayout,
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
    const at = cell + varintBytes(payload) + varintBytes(rowids === null ? row + 1 : rowids[row]);
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
