// How many bytes each row takes as a cell of a SQLite table, and in which leaf it goes. Pure.
import { isValid } from '../../../batch/bitmap.ts';
import type { CellValues } from './cell-values.ts';
import { LEAF_HEADER_BYTES, localPayloadBytes, localPayloadMax, varintBytes } from './record.ts';

export interface CellLayout {
  readonly rowCount: number;
  /** Null: 1, 2, 3 … */
  readonly rowids: Float64Array | null;
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

export function layoutCells(
  columns: readonly CellValues[],
  rowCount: number,
  rowids: Float64Array | null,
  pageBytes: number,
): CellLayout {
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
    let cell = varintBytes(payload) + varintBytes(rowids === null ? row + 1 : rowids[row]) + payload;
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
    rowids,
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
function serialTypes(column: CellValues, serials: Int32Array, sizes: Int32Array, headers: Int32Array): void {
  const { validity, length } = column;
  switch (column.kind) {
    case 'rowid':
      return;
    case 'bool':
      for (let row = 0; row < length; row++)
        if (isValid(validity, row)) serials[row] = 8 + ((column.bits[row >> 3] >> (row & 7)) & 1);
      return;
    case 'int64':
      int64Serials(column.words, validity, serials, sizes);
      return;
    case 'int':
      for (let row = 0; row < length; row++) {
        if (!isValid(validity, row)) continue;
        const value = column.values[row];
        const serial = value > 0x7fffffff ? 5 : serialOf32(value);
        serials[row] = serial;
        sizes[row] += SERIAL_BYTES[serial];
      }
      return;
    case 'real':
      if (column.whole !== 'keep') compactSerials(column, serials, sizes);
      else
        for (let row = 0; row < length; row++) {
          if (!isValid(validity, row)) continue;
          serials[row] = 7;
          sizes[row] += 8;
        }
      return;
    case 'heap':
      heapSerials(column, serials, sizes, headers);
      return;
    case 'any':
      anySerials(column, serials, sizes, headers);
  }
}

function heapSerials(
  { validity, length, offsets, serial: base }: CellValues & { kind: 'heap' },
  serials: Int32Array,
  sizes: Int32Array,
  headers: Int32Array,
): void {
  let start = offsets[0];
  for (let row = 0; row < length; row++) {
    const end = offsets[row + 1];
    if (isValid(validity, row)) {
      const size = end - start;
      const serial = base + size * 2;
      serials[row] = serial;
      sizes[row] += size;
      if (serial >= 0x80) headers[row] += varintBytes(serial) - 1;
    }
    start = end;
  }
}

function int64Serials(
  words: Int32Array,
  validity: Uint8Array | null,
  serials: Int32Array,
  sizes: Int32Array,
): void {
  for (let row = 0; row < serials.length; row++) {
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

/** Whole numbers as integers: 32 bits by a cast, which is what nearly all of them are told by. */
function compactSerials(
  { validity, length, values, whole }: CellValues & { kind: 'real' },
  serials: Int32Array,
  sizes: Int32Array,
): void {
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) continue;
    const value = values[row];
    const cast = value | 0;
    let serial = 7;
    if (cast === value) serial = serialOf32(cast);
    else if (Math.trunc(value) === value) {
      if (value >= -INT48_END && value < INT48_END) serial = 5;
      else if (whole === 'all' && Math.abs(value) < INT64_END) serial = 6;
    }
    serials[row] = serial;
    sizes[row] += SERIAL_BYTES[serial];
  }
}

const INT48_END = 2 ** 47;
const INT64_END = 2 ** 63;
const SERIAL_BYTES = Int32Array.of(0, 1, 2, 3, 4, 6, 8, 8, 0, 0);

/** The shortest serial type of an integer of 32 bits. */
function serialOf32(value: number): number {
  if (value === 0) return 8;
  if (value === 1) return 9;
  if (value >= -0x80 && value < 0x80) return 1;
  if (value >= -0x8000 && value < 0x8000) return 2;
  return value >= -0x800000 && value < 0x800000 ? 3 : 4;
}

function anySerials(
  { validity, length, typeIds, offsets, members }: CellValues & { kind: 'any' },
  serials: Int32Array,
  sizes: Int32Array,
  headers: Int32Array,
): void {
  const found = members.map((member) => {
    const of = { serials: new Int32Array(member.length), sizes: new Int32Array(member.length) };
    const extra = new Int32Array(member.length);
    serialTypes(member, of.serials, of.sizes, extra);
    return { ...of, extra };
  });
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) continue;
    const member = found[typeIds[row]];
    const at = offsets[row];
    serials[row] = member.serials[at];
    sizes[row] += member.sizes[at];
    headers[row] += member.extra[at];
  }
}
