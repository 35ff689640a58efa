// A cursor over one partition of a SQLite table that takes the file's own pages: no row is looked at here but for its
// length. Engine thread. The plain twin is row-source.ts.
import type { Chunk, PageColumn, PagesPayload } from '../../batch/chunk.ts';
import {
  LEAF_HEADER_BYTES,
  localPayloadBytes,
  localPayloadMax,
  RowidReader,
  TABLE_LEAF,
  VarintReader,
} from './codec/record.ts';
import { corruptPage, type PageFile } from './page-file.ts';
import { LeafWalk } from './page-tree.ts';
import type { RowRange } from './row-pages.ts';

export interface PageRead {
  readonly file: PageFile;
  readonly root: number;
  readonly range: RowRange;
  readonly columns: readonly PageColumn[];
  /** Values that old rows lack, one behind the other; `missingAt` of columns counts from here. */
  readonly defaults: Uint8Array;
  readonly batchRows: number;
  readonly batchBytes: number;
}

/** Pages that are read at once, where they stand one behind another. 64,000 pages of 4 KiB: 65 ms; by a call for each 120. */
const RUN_PAGES = 64;

const varint = new VarintReader();
const rowid = new RowidReader();

/** Records that overflow their page, whole, by their row in the chunk. */
interface Overflows {
  readonly rows: number[];
  readonly records: Uint8Array[];
  bytes: number;
}

export class PageCursor {
  readonly #read: PageRead;
  readonly #walk: LeafWalk;
  /** Pages of the chunk that is being made. Those from `#page` on still have rows to give. */
  #bytes: Uint8Array<ArrayBuffer>;
  #numbers: number[] = [];
  #page = 0;
  /** Cells of the page from `#cell` up to `#end` are the partition's, and not given out; -1 until the page is looked at. */
  #cell = 0;
  #end = -1;
  #first = true;
  #last = false;
  #seq = 0;
  #chunkBytes = 0;

  constructor(read: PageRead) {
    this.#read = read;
    this.#walk = new LeafWalk(read.file, read.root, read.range.from);
    this.#bytes = new Uint8Array(0);
  }

  /** The next chunk; null at the end. @throws FerrowError E_CORRUPT, E_READ */
  next(): Chunk | null {
    const { batchRows, batchBytes, file, defaults } = this.#read;
    const { pageBytes } = file;
    const overflows: Overflows = { rows: [], records: [], bytes: 0 };
    let rowCount = 0;
    let firstCell = 0;
    let endCell = 0;
    while (rowCount < batchRows && this.#page * pageBytes + overflows.bytes < batchBytes) {
      if (!this.#openPage()) break;
      if (this.#page === 0) firstCell = this.#cell;
      const left = batchBytes - (this.#page + 1) * pageBytes;
      const given = this.#takeCells(batchRows - rowCount, left, rowCount, overflows);
      rowCount += given;
      endCell = this.#cell;
      if (this.#cell < this.#end) break;
      this.#page++;
      this.#end = -1;
    }
    if (rowCount === 0) return null;
    // A page that has rows left is this chunk's and the next one's.
    const pages = this.#end < 0 ? this.#page : this.#page + 1;
    const numbers = Uint32Array.from(this.#numbers.slice(0, pages));
    const bytes = this.#takeBytes(pages * pageBytes, overflows.bytes + defaults.byteLength);
    let at = pages * pageBytes;
    const overflow = overflows.records.flatMap((record, index) => {
      bytes.set(record, at);
      at += record.byteLength;
      return [overflows.rows[index], at - record.byteLength, record.byteLength];
    });
    bytes.set(defaults, at);
    const payload: PagesPayload = {
      form: 'pages',
      bytes,
      pageBytes,
      usableBytes: file.usableBytes,
      pageNumbers: numbers,
      firstCell,
      endCell,
      overflow: Int32Array.from(overflow),
      columns: this.#read.columns.map((column) => ({ ...column, missingAt: column.missingAt + at })),
    };
    return { seq: this.#seq++, rowCount, byteLength: bytes.byteLength, payload };
  }

  /** Holds nothing but memory: the file's descriptor is the source's. */
  close(): void {}

  /** Makes sure that the page `#page` is there and has rows to give; false at the end of the partition. */
  #openPage(): boolean {
    while (this.#end < 0 && !this.#last) {
      if (this.#page === this.#numbers.length && !this.#readRun()) return false;
      this.#look();
      if (this.#cell < this.#end) return true;
      // Without rows of the partition: it is read over.
      this.#numbers.splice(this.#page, 1);
      this.#bytes.copyWithin(
        this.#page * this.#read.file.pageBytes,
        (this.#page + 1) * this.#read.file.pageBytes,
      );
      this.#end = -1;
    }
    return this.#end >= 0;
  }

  /** Reads the next pages behind those that are there; false after the last. */
  #readRun(): boolean {
    const { file, batchBytes } = this.#read;
    const { pageBytes } = file;
    const room = Math.ceil(batchBytes / pageBytes) - this.#page;
    const numbers = this.#walk.run(Math.max(1, Math.min(RUN_PAGES, room)));
    if (numbers.length === 0) return false;
    const at = this.#numbers.length * pageBytes;
    const needed = at + numbers.length * pageBytes;
    if (needed > this.#bytes.byteLength) {
      // As many as the chunk before had, so that its bytes are allocated once.
      const expected = Math.min(this.#chunkBytes + pageBytes, Math.ceil(batchBytes / pageBytes) * pageBytes);
      const grown = Math.max(needed, expected, Math.min(this.#bytes.byteLength * 2, batchBytes));
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(grown));
    }
    file.read(numbers[0], this.#bytes, at, numbers.length);
    this.#numbers.push(...numbers);
    return true;
  }

  /** Finds the page's cells that are the partition's. */
  #look(): void {
    const { file, range } = this.#read;
    const base = this.#page * file.pageBytes;
    const number = this.#numbers[this.#page];
    const cells = (this.#bytes[base + 3] << 8) | this.#bytes[base + 4];
    if (this.#bytes[base] !== TABLE_LEAF) throw corruptPage(number, 'it is no table leaf any more');
    if (LEAF_HEADER_BYTES + cells * 2 > file.usableBytes)
      throw corruptPage(number, `${cells} cells don't fit`);
    this.#cell = 0;
    this.#end = cells;
    // An empty leaf is only ever the root of an empty table.
    if (cells === 0) this.#last = true;
    else {
      if (this.#first) this.#cell = this.#firstFrom(cells, range.from);
      this.#first = false;
      if (range.to < MAX_ROWID && this.#rowidAt(cells - 1) >= range.to) {
        this.#end = this.#firstFrom(cells, range.to + 1n);
        this.#last = true;
      }
    }
  }

  /** Gives out cells of the page as far as there is room; how many. */
  #takeCells(rowsMax: number, bytesMax: number, firstRow: number, overflows: Overflows): number {
    const from = this.#cell;
    const stop = Math.min(this.#end, from + rowsMax);
    while (this.#cell < stop) {
      const cell = this.#cell++;
      const record = this.#overflowing(cell);
      if (!record) continue;
      overflows.rows.push(firstRow + cell - from);
      overflows.records.push(record);
      overflows.bytes += record.byteLength;
      if (overflows.bytes >= bytesMax) break;
    }
    return this.#cell - from;
  }

  /** The first bytes as a buffer of their own, with room for `more` behind them. The pages that go on are kept. */
  #takeBytes(length: number, more: number): Uint8Array<ArrayBuffer> {
    const { pageBytes } = this.#read.file;
    const kept = this.#end < 0 ? length : length - pageBytes;
    const rest = this.#bytes.slice(kept, this.#numbers.length * pageBytes);
    const { buffer } = this.#bytes;
    this.#numbers.splice(0, kept / pageBytes);
    this.#bytes = rest;
    this.#page = 0;
    this.#chunkBytes = length;
    return new Uint8Array(buffer.byteLength === length + more ? buffer : buffer.transfer(length + more));
  }

  #firstFrom(cells: number, from: bigint): number {
    let low = 0;
    let high = cells;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rowidAt(middle) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #rowidAt(cell: number): bigint {
    const end = this.#page * this.#read.file.pageBytes + this.#read.file.usableBytes;
    varint.read(this.#bytes, this.#cellAt(cell), end);
    rowid.read(this.#bytes, varint.next, end);
    if (varint.value < 0 || rowid.next === 0)
      throw corruptPage(this.#numbers[this.#page], `cell ${cell} is broken`);
    return (BigInt(rowid.high) << 32n) | BigInt(rowid.low >>> 0);
  }

  #cellAt(cell: number): number {
    const { pageBytes, usableBytes } = this.#read.file;
    const base = this.#page * pageBytes;
    const pointer = base + LEAF_HEADER_BYTES + cell * 2;
    const at = (this.#bytes[pointer] << 8) | this.#bytes[pointer + 1];
    if (at < LEAF_HEADER_BYTES || at >= usableBytes)
      throw corruptPage(this.#numbers[this.#page], `cell ${cell} lies outside`);
    return base + at;
  }

  /** The whole record of a cell that doesn't hold all of it; null for the many that do. */
  #overflowing(cell: number): Uint8Array | null {
    const { pageBytes, usableBytes } = this.#read.file;
    const bytes = this.#bytes;
    const at = this.#cellAt(cell);
    if (bytes[at] < 0x80) return null;
    const number = this.#numbers[this.#page];
    const end = this.#page * pageBytes + usableBytes;
    varint.read(bytes, at, end);
    const length = varint.value;
    if (length < 0) throw corruptPage(number, `cell ${cell} has no length`);
    if (length <= localPayloadMax(usableBytes)) return null;
    rowid.read(bytes, varint.next, end);
    const local = localPayloadBytes(length, usableBytes);
    const start = rowid.next;
    if (start === 0 || start + local + 4 > end) throw corruptPage(number, `cell ${cell} leaves the page`);
    if (length > this.#read.file.bytes) throw corruptPage(number, `cell ${cell} is longer than the file`);
    const record = new Uint8Array(length);
    record.set(bytes.subarray(start, start + local));
    this.#followChain(pageNumberAt(bytes, start + local), record, local, number);
    return record;
  }

  #followChain(first: number, record: Uint8Array, from: number, leaf: number): void {
    const { file } = this.#read;
    const buffer = new Uint8Array(file.pageBytes);
    let next = first;
    // The length bounds the chain, so a circle ends.
    for (let at = from; at < record.byteLength; ) {
      if (next === 0) throw corruptPage(leaf, 'a chain of overflow pages ends too early');
      file.read(next, buffer, 0);
      const size = Math.min(file.usableBytes - 4, record.byteLength - at);
      record.set(buffer.subarray(4, 4 + size), at);
      at += size;
      next = pageNumberAt(buffer, 0);
    }
    if (next !== 0) throw corruptPage(leaf, 'a chain of overflow pages is too long');
  }
}

const MAX_ROWID = 2n ** 63n - 1n;

function pageNumberAt(bytes: Uint8Array, at: number): number {
  return bytes[at] * 0x1000000 + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
}
