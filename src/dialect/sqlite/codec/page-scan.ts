// Leaf pages of a SQLite table -> where each row's values stand. Pure; runs in crossing workers. Every length and
// pointer is checked before use: a file may be damaged, or made to do harm.
import type { PagesPayload } from '../../../batch/chunk.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import {
  LEAF_HEADER_BYTES,
  localPayloadMax,
  RowidReader,
  serialBytes,
  TABLE_LEAF,
  VarintReader,
} from './record.ts';

/** Positions in the payload's bytes. Of wanted column c and row r: index c * rowCount + r. */
export interface ScannedRows {
  readonly rowCount: number;
  readonly serials: Int32Array<ArrayBuffer>;
  /** Where the value's bytes begin; their number follows from the serial type. */
  readonly starts: Int32Array<ArrayBuffer>;
  /** Rowids as pairs of words, low one first. */
  readonly rowids: Int32Array<ArrayBuffer>;
}

const varint = new VarintReader();
const rowid = new RowidReader();

/** @throws FerrowError E_CORRUPT naming the page */
export function scanPages(payload: PagesPayload, rowCount: number): ScannedRows {
  const { bytes, pageBytes, pageNumbers, columns } = payload;
  if (pageNumbers.length * pageBytes > bytes.byteLength) throw corrupt(payload, 0, 'the pages are cut off');
  const rows: ScannedRows = {
    rowCount,
    serials: new Int32Array(columns.length * rowCount),
    starts: new Int32Array(columns.length * rowCount),
    rowids: new Int32Array(rowCount * 2),
  };
  columns.forEach(({ missingSerial, missingAt }, column) => {
    const size = serialBytes(missingSerial);
    if (size < 0 || missingAt < 0 || missingAt + size > bytes.byteLength)
      throw corrupt(payload, 0, 'a default leaves the bytes');
    if (missingSerial === 0) return;
    rows.serials.fill(missingSerial, column * rowCount, (column + 1) * rowCount);
    rows.starts.fill(missingAt, column * rowCount, (column + 1) * rowCount);
  });
  const scan = new Scan(payload, rows);
  for (let page = 0; page < pageNumbers.length; page++) scan.page(page);
  if (scan.row !== rowCount) {
    throw corrupt(payload, pageNumbers.length - 1, `${scan.row} rows came instead of ${rowCount}`);
  }
  return rows;
}

class Scan {
  row = 0;
  readonly #payload: PagesPayload;
  readonly #rows: ScannedRows;
  /** Place in the record -> wanted column, or -1. */
  readonly #columnAt: Int32Array;
  readonly #localMax: number;
  #overflow = 0;

  constructor(payload: PagesPayload, rows: ScannedRows) {
    this.#payload = payload;
    this.#rows = rows;
    const places = payload.columns.map(({ place }) => place ?? -1);
    this.#columnAt = new Int32Array(Math.max(-1, ...places) + 1).fill(-1);
    places.forEach((place, column) => {
      if (place >= 0) this.#columnAt[place] = column;
    });
    this.#localMax = localPayloadMax(payload.usableBytes);
  }

  page(page: number): void {
    const { bytes, pageBytes, usableBytes, pageNumbers, firstCell, endCell } = this.#payload;
    const base = page * pageBytes;
    if (bytes[base] !== TABLE_LEAF) throw this.#corrupt(page, `type byte ${bytes[base]} is no table leaf`);
    const cells = (bytes[base + 3] << 8) | bytes[base + 4];
    const pointersEnd = LEAF_HEADER_BYTES + cells * 2;
    if (pointersEnd > usableBytes) throw this.#corrupt(page, `${cells} cells don't fit`);
    const from = page === 0 ? firstCell : 0;
    const to = page === pageNumbers.length - 1 ? Math.min(endCell, cells) : cells;
    const end = base + usableBytes;
    for (let cell = from; cell < to; cell++) {
      const pointer = base + LEAF_HEADER_BYTES + cell * 2;
      const offset = (bytes[pointer] << 8) | bytes[pointer + 1];
      if (offset < pointersEnd || offset >= usableBytes)
        throw this.#corrupt(page, `cell ${cell} lies outside`);
      this.#cell(page, cell, base + offset, end);
    }
  }

  #cell(page: number, cell: number, at: number, end: number): void {
    const { bytes } = this.#payload;
    const { rowids, rowCount } = this.#rows;
    if (this.row >= rowCount) throw this.#corrupt(page, 'more rows than were counted');
    let length = bytes[at];
    let next = at + 1;
    if (length >= 0x80) {
      varint.read(bytes, at, end);
      length = varint.value;
      next = varint.next;
      if (length < 0) throw this.#corrupt(page, `cell ${cell} has no length`);
    }
    rowid.read(bytes, next, end);
    if (rowid.next === 0) throw this.#corrupt(page, `cell ${cell} has no rowid`);
    const { low, high } = rowid;
    const before = this.row * 2 - 2;
    if (
      this.row > 0 &&
      (rowids[before + 1] > high || (rowids[before + 1] === high && rowids[before] >>> 0 >= low >>> 0))
    )
      throw this.#corrupt(page, `the rowid of cell ${cell} does not follow the one before`);
    rowids[before + 2] = low;
    rowids[before + 3] = high;
    let start = rowid.next;
    if (length > this.#localMax) {
      const { overflow } = this.#payload;
      if (overflow[this.#overflow * 3] !== this.row)
        throw this.#corrupt(page, `cell ${cell} has no overflow`);
      start = overflow[this.#overflow * 3 + 1];
      if (overflow[this.#overflow * 3 + 2] !== length || start < 0 || start + length > bytes.byteLength)
        throw this.#corrupt(page, `the overflow of cell ${cell} is cut off`);
      this.#overflow++;
    } else if (start + length > end) throw this.#corrupt(page, `cell ${cell} leaves the page`);
    this.#record(page, cell, start, start + length);
    this.row++;
  }

  #record(page: number, cell: number, at: number, end: number): void {
    const { bytes } = this.#payload;
    const { serials, starts, rowCount } = this.#rows;
    const columnAt = this.#columnAt;
    const row = this.row;
    let header = at < end ? bytes[at] : 0x80;
    let next = at + 1;
    if (header >= 0x80) {
      varint.read(bytes, at, end);
      header = varint.value;
      next = varint.next;
    }
    const headerEnd = at + header;
    if (header < 1 || headerEnd > end || headerEnd < next)
      throw this.#corrupt(page, `cell ${cell} has no header`);
    let start = headerEnd;
    for (let place = 0; next < headerEnd && place < columnAt.length; place++) {
      let serial = bytes[next];
      if (serial < 0x80) next++;
      else {
        varint.read(bytes, next, headerEnd);
        serial = varint.value;
        next = varint.next;
        if (serial < 0) throw this.#corrupt(page, `cell ${cell} has a broken type`);
      }
      const size = serial >= 12 ? (serial - 12) >> 1 : serialBytes(serial);
      if (size < 0 || start + size > end)
        throw this.#corrupt(page, `value ${place} of cell ${cell} leaves its record`);
      const column = columnAt[place];
      if (column >= 0) {
        serials[column * rowCount + row] = serial;
        starts[column * rowCount + row] = start;
      }
      start += size;
    }
  }

  #corrupt(page: number, what: string): FerrowError {
    return corrupt(this.#payload, page, what);
  }
}

function corrupt(payload: PagesPayload, page: number, what: string): FerrowError {
  return new FerrowError(
    'E_CORRUPT',
    `page ${payload.pageNumbers[page] ?? '?'} of the SQLite file: ${what}`,
    {
      dialect: 'sqlite',
      hint: 'run PRAGMA integrity_check on the source, or --plain-io to have SQLite itself read it',
    },
  );
}
