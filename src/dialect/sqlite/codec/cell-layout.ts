// How many bytes each row takes as a cell of a SQLite table, and in which leaf it goes. Pure.
import type { Batch } from '../../../batch/batch.ts';
import { isValid } from '../../../batch/bitmap.ts';
import type { Column } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { type LogicalType, typeName } from '../../../types/logical-type.ts';
import { LEAF_HEADER_BYTES, localPayloadBytes, localPayloadMax, varintBytes } from './record.ts';

export interface CellLayout {
  readonly rowCount: number;
  /** Serial type of row r in column c: index c * rowCount + r. */
  readonly serials: Int32Array<ArrayBuffer>;
  /** Bytes of each record's header, and of the whole record. */
  readonly headerBytes: Int32Array<ArrayBuffer>;
  readonly payloadBytes: Int32Array<ArrayBuffer>;
  /** Where each row's cell begins in its leaf. */
  readonly cellAt: Int32Array<ArrayBuffer>;
  /** Per leaf: the first row that is no more in it, and the bytes of its cells. */
  readonly leafEnds: Int32Array;
  readonly leafBytes: Int32Array;
  /** Rows that overflow their leaf, ascending. */
  readonly overflowing: readonly number[];
  readonly overflowPages: number;
}

export function layoutCells(batch: Batch, pageBytes: number): CellLayout {
  const { rowCount, columns } = batch;
  const serials = new Int32Array(columns.length * rowCount);
  const headerBytes = new Int32Array(rowCount).fill(columns.length);
  const payloadBytes = new Int32Array(rowCount);
  columns.forEach((column, at) => {
    serialTypes(column, serials.subarray(at * rowCount, (at + 1) * rowCount), payloadBytes, headerBytes);
  });
  const cellAt = new Int32Array(rowCount);
  const leafEnds: number[] = [];
  const leafBytes: number[] = [];
  const overflowing: number[] = [];
  let overflowPages = 0;
  const localMax = localPayloadMax(pageBytes);
  let room = pageBytes - LEAF_HEADER_BYTES;
  let used = 0;
  for (let row = 0; row < rowCount; row++) {
    // The header's length counts itself.
    let header = headerBytes[row] + 1;
    if (header > 127) header += header + 1 > 16383 ? 2 : 1;
    headerBytes[row] = header;
    const payload = payloadBytes[row] + header;
    payloadBytes[row] = payload;
    let cell = varintBytes(payload) + varintBytes(row + 1) + payload;
    if (payload > localMax) {
      const local = localPayloadBytes(payload, pageBytes);
      cell += local - payload + 4;
      overflowing.push(row);
      overflowPages += Math.ceil((payload - local) / (pageBytes - 4));
    }
    // SQLite frees cells in pieces of four bytes and more.
    if (cell < 4) cell = 4;
    if (cell + 2 > room) {
      leafEnds.push(row);
      leafBytes.push(used);
      room = pageBytes - LEAF_HEADER_BYTES;
      used = 0;
    }
    room -= cell + 2;
    used += cell;
    cellAt[row] = pageBytes - used;
  }
  leafEnds.push(rowCount);
  leafBytes.push(used);
  return {
    rowCount,
    serials,
    headerBytes,
    payloadBytes,
    cellAt,
    leafEnds: Int32Array.from(leafEnds),
    leafBytes: Int32Array.from(leafBytes),
    overflowing,
    overflowPages,
  };
}

/** Serial types of a column; adds each value's bytes to its row, and what its type takes beyond one byte. */
function serialTypes(column: Column, serials: Int32Array, sizes: Int32Array, headers: Int32Array): void {
  const { type, validity, length } = column;
  switch (type.kind) {
    case 'bool':
      for (let row = 0; row < length; row++)
        if (isValid(validity, row)) serials[row] = 8 + ((column.data[row >> 3] >> (row & 7)) & 1);
      return;
    case 'int':
      if (type.bits === 64) int64Serials(column, serials, sizes);
      else if (type.bits === 128) throw noForm(type);
      else smallIntSerials(column, type, serials, sizes);
      return;
    case 'float':
      for (let row = 0; row < length; row++) {
        if (!isValid(validity, row)) continue;
        serials[row] = 7;
        sizes[row] += 8;
      }
      return;
    case 'text':
    case 'json':
    case 'numeric':
      heapSerials(column, 13, serials, sizes, headers);
      return;
    case 'binary':
      heapSerials(column, 12, serials, sizes, headers);
      return;
    case 'any':
      anySerials(column, serials, sizes, headers);
      return;
    default:
      throw noForm(type);
  }
}

function noForm(type: LogicalType): FerrowError {
  return new FerrowError('E_INTERNAL', `SQLite has no wire form for ${typeName(type)}`);
}

function heapSerials(
  { validity, length, offsets }: Column,
  base: number,
  serials: Int32Array,
  sizes: Int32Array,
  headers: Int32Array,
): void {
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) continue;
    const size = offsets![row + 1] - offsets![row];
    const serial = base + size * 2;
    serials[row] = serial;
    sizes[row] += size;
    if (serial >= 0x80) headers[row] += varintBytes(serial) - 1;
  }
}

function int64Serials({ validity, length, data }: Column, serials: Int32Array, sizes: Int32Array): void {
  const words = new Int32Array(data.buffer, data.byteOffset, length * 2);
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) continue;
    const low = words[row * 2];
    const high = words[row * 2 + 1];
    let serial = 6;
    if (high === low >> 31) serial = serialOf32(low);
    else if (high >= -0x8000 && high < 0x8000) serial = 5;
    serials[row] = serial;
    sizes[row] += SERIAL_BYTES[serial];
  }
}

const SERIAL_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

/** The shortest serial type of an integer of 32 bits. */
function serialOf32(value: number): number {
  if (value === 0) return 8;
  if (value === 1) return 9;
  if (value >= -0x80 && value < 0x80) return 1;
  if (value >= -0x8000 && value < 0x8000) return 2;
  return value >= -0x800000 && value < 0x800000 ? 3 : 4;
}

function smallIntSerials(
  column: Column,
  { bits, signed }: { readonly bits: number; readonly signed: boolean },
  serials: Int32Array,
  sizes: Int32Array,
): void {
  const { validity, length } = column;
  const values = smallInts(column, bits, signed);
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) continue;
    const value = values[row];
    const serial = value > 0x7fffffff ? 5 : serialOf32(value);
    serials[row] = serial;
    sizes[row] += SERIAL_BYTES[serial];
  }
}

export function smallInts({ data, length }: Column, bits: number, signed: boolean): ArrayLike<number> {
  const { buffer, byteOffset } = data;
  if (bits === 32)
    return signed ? new Int32Array(buffer, byteOffset, length) : new Uint32Array(buffer, byteOffset, length);
  if (bits === 16)
    return signed ? new Int16Array(buffer, byteOffset, length) : new Uint16Array(buffer, byteOffset, length);
  return signed ? new Int8Array(buffer, byteOffset, length) : data;
}

function anySerials(column: Column, serials: Int32Array, sizes: Int32Array, headers: Int32Array): void {
  const { validity, length, typeIds, offsets, children } = column;
  const found = children!.map((child) => {
    const of = { serials: new Int32Array(child.length), sizes: new Int32Array(child.length) };
    const extra = new Int32Array(child.length);
    serialTypes(child, of.serials, of.sizes, extra);
    return { ...of, extra };
  });
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) continue;
    const member = found[typeIds![row]];
    const at = offsets![row];
    serials[row] = member.serials[at];
    sizes[row] += member.sizes[at];
    headers[row] += member.extra[at];
  }
}
