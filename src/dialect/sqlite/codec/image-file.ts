// The parts of an image that are not rows: the file's header with the schema's one row, and the interior pages of the
// table's tree. Pure. Facts: sqlite.org/fileformat2.html, sections 1.3 (header), 1.6 (b-tree pages), 2.1 (record format).
import { FerrowError } from '../../../errors/ferrow-error.ts';
import {
  INTERIOR_HEADER_BYTES,
  LEAF_HEADER_BYTES,
  localPayloadMax,
  TABLE_INTERIOR,
  TABLE_LEAF,
  varintBytes,
  writeVarint,
} from './record.ts';

/** The root of the table, be it leaf or interior: the page that the schema names. */
export const ROOT_PAGE = 2;
export const FIRST_FREE_PAGE = 3;
/** Page 1 begins with the file's header. */
const FILE_HEADER_BYTES = 100;

/** Pages of an image. */
export interface ImagePages {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pageBytes: number;
  /** `pageBytes` without what is reserved at the end of each page. */
  readonly usableBytes: number;
}

export function writePageHeader(
  bytes: Uint8Array,
  base: number,
  type: number,
  cells: number,
  contentAt: number,
): void {
  bytes[base] = type;
  writeUint16(bytes, base + 3, cells);
  writeUint16(bytes, base + 5, contentAt);
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** A cell of an interior page: four bytes of page number, a rowid of at most nine, two of pointer. */
const INTERIOR_CELL_BYTES_MAX = 15;

/** Interior pages per level, from above the leaves up to the root; [] for one leaf. */
export function interiorLevels(leaves: number, usableBytes: number): number[] {
  const childrenMax = Math.floor((usableBytes - INTERIOR_HEADER_BYTES) / INTERIOR_CELL_BYTES_MAX);
  const levels: number[] = [];
  for (let below = leaves; below > 1; ) {
    below = Math.ceil(below / childrenMax);
    levels.push(below);
  }
  return levels;
}

/** Writes the levels above the leaves, into the pages from `free` on and the root. `keys`: each leaf's largest rowid. */
export function writeInteriors(
  pages: ImagePages,
  levels: readonly number[],
  leafPages: Uint32Array,
  keys: Float64Array,
  free: number,
): void {
  let next = free;
  let children = leafPages;
  let below = keys;
  levels.forEach((count, level) => {
    const numbers = new Uint32Array(count);
    const top = new Float64Array(count);
    for (let page = 0; page < count; page++) {
      numbers[page] = level === levels.length - 1 ? ROOT_PAGE : next++;
      // Even shares: SQLite takes a page with but one child for damage.
      const from = Math.floor((page * children.length) / count);
      const to = Math.floor(((page + 1) * children.length) / count);
      top[page] = below[to - 1];
      writeInterior(pages, numbers[page], children.subarray(from, to), below.subarray(from, to));
    }
    children = numbers;
    below = top;
  });
}

function writeInterior(
  { bytes, pageBytes, usableBytes }: ImagePages,
  number: number,
  children: Uint32Array,
  keys: Float64Array,
): void {
  const base = (number - 1) * pageBytes;
  const cells = children.length - 1;
  let at = usableBytes;
  for (let cell = 0; cell < cells; cell++) {
    at -= 4 + varintBytes(keys[cell]);
    writeUint32(bytes, base + at, children[cell]);
    writeVarint(bytes, base + at + 4, keys[cell]);
    writeUint16(bytes, base + INTERIOR_HEADER_BYTES + cell * 2, at);
  }
  writePageHeader(bytes, base, TABLE_INTERIOR, cells, at);
  writeUint32(bytes, base + 8, children[cells]);
}

const encoder = new TextEncoder();

/** The schema's row: (type, name, tbl_name, rootpage, sql); null if it is longer than the page has room for. */
function schemaCell(table: string, create: string, usableBytes: number): Uint8Array | null {
  const [type, name, sql] = ['table', table, create].map((text) => encoder.encode(text));
  const parts = [type, name, name, Uint8Array.of(ROOT_PAGE), sql];
  const serials = [type, name, name, null, sql].map((text) => (text ? 13 + text.byteLength * 2 : 1));
  // The header's length is one byte: the names are short.
  const headerBytes = serials.reduce((sum, serial) => sum + varintBytes(serial), 1);
  const payload = headerBytes + parts.reduce((sum, part) => sum + part.byteLength, 0);
  const room = usableBytes - FILE_HEADER_BYTES - LEAF_HEADER_BYTES - 2;
  const cell = new Uint8Array(varintBytes(payload) + 1 + payload);
  if (payload > localPayloadMax(usableBytes) || cell.byteLength > room) return null;
  let at = writeVarint(cell, 0, payload);
  at = writeVarint(cell, at, 1);
  at = writeVarint(cell, at, headerBytes);
  for (const serial of serials) at = writeVarint(cell, at, serial);
  for (const part of parts) {
    cell.set(part, at);
    at += part.byteLength;
  }
  return cell;
}

export function fitsFirstPage(table: string, create: string, usableBytes: number): boolean {
  return schemaCell(table, create, usableBytes) !== null;
}

export function writeFirstPage(
  { bytes, pageBytes, usableBytes }: ImagePages,
  table: string,
  create: string,
): void {
  bytes.set(encoder.encode('SQLite format 3\0'));
  // 65536 is written as 1.
  writeUint16(bytes, 16, pageBytes === 65536 ? 1 : pageBytes);
  bytes[18] = bytes[19] = 1;
  bytes[20] = pageBytes - usableBytes;
  bytes.set([64, 32, 32], 21);
  writeUint32(bytes, 24, 1);
  writeUint32(bytes, 28, bytes.byteLength / pageBytes);
  writeUint32(bytes, 40, 1);
  writeUint32(bytes, 44, 4);
  writeUint32(bytes, 56, 1);
  writeUint32(bytes, 92, 1);
  // Any version that knows the format.
  writeUint32(bytes, 96, 3_050_000);
  const cell = schemaCell(table, create, usableBytes);
  if (cell === null) {
    throw new FerrowError('E_INTERNAL', `the definition of "${table}" is longer than an image's first page`);
  }
  const at = usableBytes - cell.byteLength;
  writePageHeader(bytes, FILE_HEADER_BYTES, TABLE_LEAF, 1, at);
  writeUint16(bytes, FILE_HEADER_BYTES + LEAF_HEADER_BYTES, at);
  bytes.set(cell, at);
}
