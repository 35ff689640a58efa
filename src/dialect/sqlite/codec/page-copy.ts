// Leaf pages of a SQLite table -> an image for a table of the same columns, without columns in between: the pages are taken
// over as they are, under a tree of their own. Pure; runs in crossing workers. The plain twin is page-decode.ts with
// page-encode.ts, and both leave the same rows.
//
//   page 1   header, and the schema's one row       page 2  the root
//   page 3…  the leaves as they came, then overflow pages made anew, then interior pages
//
// Every record is looked through: it must be sound, hold values of the classes that its columns carry, and be what the
// target would store of them (verbatim.ts). In any doubt there is no image, and the twin finds out what is wrong.
import type { Field } from '../../../batch/batch.ts';
import type { ImageColumn, ImagePayload, ImageTable, PagesPayload } from '../../../batch/chunk.ts';
import type { LogicalType } from '../../../types/logical-type.ts';
import {
  FIRST_FREE_PAGE,
  fitsFirstPage,
  type ImagePages,
  interiorLevels,
  ROOT_PAGE,
  writeFirstPage,
  writeInteriors,
  writeUint16,
  writeUint32,
} from './image-file.ts';
import {
  LEAF_HEADER_BYTES,
  localPayloadBytes,
  localPayloadMax,
  RowidReader,
  TABLE_LEAF,
  VarintReader,
} from './record.ts';
import { mayBeNumber } from './verbatim.ts';

// What a value is, and what of it its column takes, as bits.
const NULL = 1;
/** Integers of at most six bytes. */
const SHORT = 2;
const LONG = 4;
const REAL = 8;
const TEXT = 16;
const BLOB = 32;
/** Reals only with a fraction: SQLite would store others as integers. */
const FRACTION = 64;
/** Texts only that are no numbers: SQLite would store those as numbers. */
const NO_NUMBER = 128;

/** By serial type; 10 and 11 are none. */
const CLASSES = Uint8Array.of(NULL, SHORT, SHORT, SHORT, SHORT, SHORT, LONG, REAL, SHORT, SHORT, 0, 0);
const BYTES = Uint8Array.of(0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0);

/** The image; null where the chunk must be decoded. */
export function copyPages(
  payload: PagesPayload,
  rowCount: number,
  fields: readonly Field[],
  table: ImageTable,
): ImagePayload | null {
  const taken = takenClasses(payload, fields, table);
  if (taken === null || rowCount === 0) return null;
  const { pageBytes, usableBytes, pageNumbers } = payload;
  const leaves = pageNumbers.length;
  if (leaves * pageBytes > payload.bytes.byteLength) return null;
  if (!fitsFirstPage(table.name, table.sql, usableBytes)) return null;
  const overflowPages = countOverflowPages(payload);
  if (overflowPages < 0) return null;
  const levels = interiorLevels(leaves, usableBytes);
  const firstLeaf = leaves === 1 ? ROOT_PAGE : FIRST_FREE_PAGE;
  const firstOverflow = FIRST_FREE_PAGE + (leaves === 1 ? 0 : leaves);
  // The root is the last of the interior pages, or the leaf.
  const inner = levels.reduce((sum, level) => sum + level, 0);
  const pages = ROOT_PAGE - 1 + leaves + overflowPages + inner;
  const bytes = new Uint8Array(pages * pageBytes);
  bytes.set(payload.bytes.subarray(0, leaves * pageBytes), (firstLeaf - 1) * pageBytes);
  const image: ImagePages = { bytes, pageBytes, usableBytes };
  const copy = new PageCopy(payload, rowCount, taken, image, firstOverflow);
  const keys = new Float64Array(leaves);
  for (let page = 0; page < leaves; page++) {
    const key = copy.leaf(page, (firstLeaf - 1 + page) * pageBytes);
    if (key < 0) return null;
    keys[page] = key;
  }
  if (copy.row !== rowCount || copy.nextOverflow !== firstOverflow + overflowPages) return null;
  const leafPages = Uint32Array.from({ length: leaves }, (_, at) => firstLeaf + at);
  writeInteriors(image, levels, leafPages, keys, firstOverflow + overflowPages);
  writeFirstPage(image, table.name, table.sql);
  return { form: 'image', bytes, verbatim: true };
}

/** -1 where a length can't be one. */
function countOverflowPages({ overflow, usableBytes, bytes }: PagesPayload): number {
  let pages = 0;
  for (let at = 2; at < overflow.length; at += 3) {
    const length = overflow[at];
    if (length <= localPayloadMax(usableBytes) || length > bytes.byteLength) return -1;
    pages += Math.ceil((length - localPayloadBytes(length, usableBytes)) / (usableBytes - 4));
  }
  return pages;
}

/** For each place of the record, what it may hold; null if the records are not the target's. */
function takenClasses(
  { columns }: PagesPayload,
  fields: readonly Field[],
  table: ImageTable,
): Uint8Array | null {
  const { length } = columns;
  if (fields.length !== length || table.columns.length !== length) return null;
  const taken = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const { place, real } = columns[at];
    const into = table.columns[at];
    if (at === table.rowid) {
      if (place !== null) return null;
      taken[at] = NULL;
    } else if (place !== at || real !== (into.affinity === 'real')) return null;
    else taken[at] = carried(fields[at].type, real) & kept(into);
  }
  return taken;
}

/** What decodes to the wire type without a look at the value. */
function carried(type: LogicalType, real: boolean): number {
  const rest = NULL | FRACTION | NO_NUMBER;
  switch (type.kind) {
    case 'int':
      return real || type.bits !== 64 ? 0 : rest | SHORT | LONG;
    case 'float':
      return type.bits !== 64 ? 0 : rest | SHORT | REAL;
    case 'text':
      return rest | TEXT;
    case 'binary':
      return rest | BLOB;
    case 'any':
      return rest | SHORT | (real ? 0 : LONG) | REAL | TEXT | BLOB;
    default:
      return 0;
  }
}

/** What the target's column stores as it comes. */
function kept({ affinity, strict, nullable }: ImageColumn): number {
  const rest = nullable ? NULL : 0;
  const integers = SHORT | LONG;
  switch (affinity) {
    case 'blob':
      return rest | BLOB | (strict ? 0 : integers | REAL | TEXT);
    case 'text':
      return rest | TEXT | (strict ? 0 : BLOB);
    case 'real':
      // Whole reals stand as short integers, or as reals in a file of another writer, which means the same.
      return rest | SHORT | REAL | (strict ? 0 : TEXT | BLOB | NO_NUMBER);
    default:
      return rest | integers | (strict ? 0 : REAL | FRACTION | TEXT | BLOB | NO_NUMBER);
  }
}

const varint = new VarintReader();
const rowid = new RowidReader();

class PageCopy {
  row = 0;
  nextOverflow: number;
  readonly #payload: PagesPayload;
  readonly #rowCount: number;
  readonly #taken: Uint8Array;
  readonly #image: ImagePages;
  readonly #localMax: number;
  readonly #view: DataView;
  #key = -1;
  #overflow = 0;

  constructor(
    payload: PagesPayload,
    rowCount: number,
    taken: Uint8Array,
    image: ImagePages,
    firstOverflow: number,
  ) {
    const { buffer, byteOffset, byteLength } = payload.bytes;
    this.#payload = payload;
    this.#rowCount = rowCount;
    this.#taken = taken;
    this.#image = image;
    this.#localMax = localPayloadMax(payload.usableBytes);
    this.#view = new DataView(buffer, byteOffset, byteLength);
    this.nextOverflow = firstOverflow;
  }

  /** Looks through a leaf, whose copy begins at `to` of the image; gives its largest rowid, or -1 in doubt. */
  leaf(page: number, to: number): number {
    const { bytes, pageBytes, usableBytes, pageNumbers, firstCell, endCell } = this.#payload;
    const base = page * pageBytes;
    if (bytes[base] !== TABLE_LEAF) return -1;
    const cells = (bytes[base + 3] << 8) | bytes[base + 4];
    const pointersEnd = LEAF_HEADER_BYTES + cells * 2;
    if (pointersEnd > usableBytes) return -1;
    const from = page === 0 ? firstCell : 0;
    const end = page === pageNumbers.length - 1 ? Math.min(endCell, cells) : cells;
    if (from >= end) return -1;
    for (let cell = from; cell < end; cell++) {
      const pointer = base + LEAF_HEADER_BYTES + cell * 2;
      const offset = (bytes[pointer] << 8) | bytes[pointer + 1];
      if (offset < pointersEnd || offset >= usableBytes) return -1;
      if (!this.#cell(base + offset, base + usableBytes, to - base)) return -1;
    }
    if (end - from < cells) this.#narrow(to, from, end);
    return this.#key;
  }

  /** Leaves out the cells of other partitions. Their bytes stay, which no one but a writer of the page would mind. */
  #narrow(to: number, from: number, end: number): void {
    const { bytes } = this.#image;
    const pointers = to + LEAF_HEADER_BYTES;
    bytes.copyWithin(pointers, pointers + from * 2, pointers + end * 2);
    writeUint16(bytes, to + 3, end - from);
  }

  /** `shift`: from a place in the payload to that in the image. */
  #cell(at: number, end: number, shift: number): boolean {
    const { bytes } = this.#payload;
    if (this.row >= this.#rowCount) return false;
    let length = bytes[at];
    let next = at + 1;
    if (length >= 0x80) {
      varint.read(bytes, at, end);
      length = varint.value;
      next = varint.next;
      if (length < 0) return false;
    }
    rowid.read(bytes, next, end);
    if (rowid.next === 0 || rowid.high < 0 || rowid.high >= 0x200000) return false;
    const key = rowid.high * 4294967296 + (rowid.low >>> 0);
    if (key <= this.#key) return false;
    this.#key = key;
    const start = rowid.next;
    this.row++;
    if (length > this.#localMax) return this.#long(start, end, length, shift);
    return start + length <= end && this.#record(start, start + length);
  }

  /** A record that overflows its page: the chunk has it whole. */
  #long(start: number, end: number, length: number, shift: number): boolean {
    const { bytes, overflow } = this.#payload;
    const index = this.#overflow * 3;
    const whole = overflow[index + 1];
    if (overflow[index] !== this.row - 1 || overflow[index + 2] !== length) return false;
    if (whole < 0 || whole + length > bytes.byteLength || !this.#record(whole, whole + length)) return false;
    this.#overflow++;
    const { usableBytes } = this.#payload;
    const local = localPayloadBytes(length, usableBytes);
    if (start + local + 4 > end) return false;
    const image = this.#image.bytes;
    image.set(bytes.subarray(whole, whole + local), start + shift);
    writeUint32(image, start + local + shift, this.nextOverflow);
    for (let from = whole + local; from < whole + length; ) {
      const size = Math.min(usableBytes - 4, whole + length - from);
      const page = (this.nextOverflow++ - 1) * this.#image.pageBytes;
      if (page + usableBytes > image.byteLength) return false;
      image.set(bytes.subarray(from, from + size), page + 4);
      from += size;
      writeUint32(image, page, from < whole + length ? this.nextOverflow : 0);
    }
    return true;
  }

  /** A record of as many values as there are columns, each of which its column takes. */
  #record(at: number, end: number): boolean {
    const { bytes } = this.#payload;
    const taken = this.#taken;
    let header = at < end ? bytes[at] : 0;
    let next = at + 1;
    if (header >= 0x80) {
      varint.read(bytes, at, end);
      header = varint.value;
      next = varint.next;
    }
    const headerEnd = at + header;
    if (headerEnd > end || headerEnd < next) return false;
    let start = headerEnd;
    for (let column = 0; column < taken.length; column++) {
      if (next >= headerEnd) return false;
      let serial = bytes[next++];
      if (serial >= 0x80) {
        varint.read(bytes, next - 1, headerEnd);
        serial = varint.value;
        next = varint.next;
        if (serial < 0) return false;
      }
      const takes = taken[column];
      const heap = serial >= 12;
      const own = heap ? ((serial & 1) === 1 ? TEXT : BLOB) : CLASSES[serial];
      const size = heap ? (serial - 12) >> 1 : BYTES[serial];
      if ((takes & own) === 0 || start + size > end) return false;
      if (own === REAL && !this.#isPlainReal(start, (takes & FRACTION) !== 0)) return false;
      if (own === TEXT && (takes & NO_NUMBER) !== 0 && mayBeNumber(bytes, start, start + size)) return false;
      start += size;
    }
    return next === headerEnd && start === end;
  }

  /** No NaN and no infinity, and no whole number where that matters. */
  #isPlainReal(at: number, fraction: boolean): boolean {
    const value = this.#view.getFloat64(at);
    return value - value === 0 && !(fraction && Math.trunc(value) === value);
  }
}
