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

const varint = new VarintReader();
const rowid = new RowidReader();

export class PageCursor {
  readonly #read: PageRead;
  readonly #walk: LeafWalk;
  /** The page whose rows were not all given out yet. */
  #page: Uint8Array;
  #number: number | null;
  /** Cells of the page from `#cell` up to `#end` are the partition's. */
  #cell = 0;
  #end = 0;
  #last = false;
  #seq = 0;
  #chunkBytes = 0;

  constructor(read: PageRead) {
    this.#read = read;
    this.#walk = new LeafWalk(read.file, read.root, read.range.from);
    this.#page = new Uint8Array(read.file.pageBytes);
    this.#number = null;
    this.#nextPage();
  }

  /** The next chunk; null at the end. @throws FerrowError E_CORRUPT, E_READ */
  next(): Chunk | null {
    const { batchRows, batchBytes, file, defaults } = this.#read;
    const { pageBytes } = file;
    const pagesMax = Math.max(1, Math.floor(batchBytes / pageBytes));
    const taken = new Growing(Math.min(pagesMax, this.#pagesExpected()) * pageBytes);
    const numbers: number[] = [];
    const overflow: number[] = [];
    const records: { row: number; bytes: Uint8Array }[] = [];
    let overflowBytes = 0;
    let rowCount = 0;
    let firstCell = 0;
    let endCell = 0;
    while (this.#number !== null && rowCount < batchRows && taken.length + overflowBytes < batchBytes) {
      if (numbers.length === 0) firstCell = this.#cell;
      taken.add(this.#page);
      numbers.push(this.#number);
      const rowsMax = batchRows - rowCount;
      let cell = this.#cell;
      for (; cell < this.#end && cell - this.#cell < rowsMax; cell++) {
        const record = this.#overflowing(this.#number, cell);
        if (!record) continue;
        records.push({ row: rowCount + cell - this.#cell, bytes: record });
        overflowBytes += record.byteLength;
        if (taken.length + overflowBytes >= batchBytes) {
          cell++;
          break;
        }
      }
      rowCount += cell - this.#cell;
      endCell = cell;
      this.#cell = cell;
      if (cell < this.#end) break;
      this.#nextPage();
    }
    if (rowCount === 0) return null;
    const pagesBytes = taken.length;
    const bytes = taken.finish(overflowBytes + defaults.byteLength);
    let at = pagesBytes;
    for (const record of records) {
      bytes.set(record.bytes, at);
      overflow.push(record.row, at, record.bytes.byteLength);
      at += record.bytes.byteLength;
    }
    bytes.set(defaults, at);
    const payload: PagesPayload = {
      form: 'pages',
      bytes,
      pageBytes,
      usableBytes: file.usableBytes,
      pageNumbers: Uint32Array.from(numbers),
      firstCell,
      endCell,
      overflow: Int32Array.from(overflow),
      columns: this.#read.columns.map((column) => ({ ...column, missingAt: column.missingAt + at })),
    };
    this.#chunkBytes = bytes.byteLength;
    return { seq: this.#seq++, rowCount, byteLength: bytes.byteLength, payload };
  }

  /** Holds nothing but memory: the file's descriptor is the source's. */
  close(): void {}

  /** As many as the chunk before had, so that its bytes are allocated once. */
  #pagesExpected(): number {
    return this.#chunkBytes === 0 ? 16 : Math.ceil(this.#chunkBytes / this.#read.file.pageBytes) + 1;
  }

  /** Reads the next leaf that holds rows of the range. */
  #nextPage(): void {
    const { file, range } = this.#read;
    while (!this.#last) {
      const number = this.#walk.next();
      this.#number = number;
      if (number === null) return;
      file.read(number, this.#page, 0);
      const cells = (this.#page[3] << 8) | this.#page[4];
      if (this.#page[0] !== TABLE_LEAF) throw corruptPage(number, 'it is no table leaf any more');
      if (LEAF_HEADER_BYTES + cells * 2 > file.usableBytes)
        throw corruptPage(number, `${cells} cells don't fit`);
      // An empty leaf is only ever the root of an empty table.
      if (cells === 0) break;
      this.#cell = this.#rowidAt(number, 0) >= range.from ? 0 : this.#firstFrom(number, cells, range.from);
      this.#end = cells;
      if (this.#rowidAt(number, cells - 1) >= range.to) {
        this.#end = range.to === MAX_ROWID ? cells : this.#firstFrom(number, cells, range.to + 1n);
        this.#last = true;
      }
      if (this.#cell < this.#end) return;
    }
    this.#number = null;
  }

  #firstFrom(number: number, cells: number, from: bigint): number {
    let low = 0;
    let high = cells;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rowidAt(number, middle) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #rowidAt(number: number, cell: number): bigint {
    const at = this.#cellAt(number, cell);
    varint.read(this.#page, at, this.#read.file.usableBytes);
    rowid.read(this.#page, varint.next, this.#read.file.usableBytes);
    if (varint.value < 0 || rowid.next === 0) throw corruptPage(number, `cell ${cell} is broken`);
    return (BigInt(rowid.high) << 32n) | BigInt(rowid.low >>> 0);
  }

  #cellAt(number: number, cell: number): number {
    const pointer = LEAF_HEADER_BYTES + cell * 2;
    const at = (this.#page[pointer] << 8) | this.#page[pointer + 1];
    if (at < LEAF_HEADER_BYTES || at >= this.#read.file.usableBytes)
      throw corruptPage(number, `cell ${cell} lies outside`);
    return at;
  }

  /** The whole record of a cell that doesn't hold all of it; null for the many that do. */
  #overflowing(number: number, cell: number): Uint8Array | null {
    const { usableBytes } = this.#read.file;
    const page = this.#page;
    const at = this.#cellAt(number, cell);
    if (page[at] < 0x80) return null;
    varint.read(page, at, usableBytes);
    const length = varint.value;
    if (length < 0) throw corruptPage(number, `cell ${cell} has no length`);
    if (length <= localPayloadMax(usableBytes)) return null;
    rowid.read(page, varint.next, usableBytes);
    const local = localPayloadBytes(length, usableBytes);
    const start = rowid.next;
    if (start === 0 || start + local + 4 > usableBytes)
      throw corruptPage(number, `cell ${cell} leaves the page`);
    if (length > this.#read.file.bytes) throw corruptPage(number, `cell ${cell} is longer than the file`);
    const record = new Uint8Array(length);
    record.set(page.subarray(start, start + local));
    this.#followChain(pageNumberAt(page, start + local), record, local, number);
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

/** Pages in one buffer that grows. */
class Growing {
  length = 0;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor(expected: number) {
    this.#bytes = new Uint8Array(expected);
  }

  add(page: Uint8Array): void {
    this.#reserve(page.byteLength);
    this.#bytes.set(page, this.length);
    this.length += page.byteLength;
  }

  /** The bytes with room for `more` behind them. */
  finish(more: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.byteLength === this.length + more) return this.#bytes;
    const whole = this.#bytes.buffer.transfer(this.length + more);
    return new Uint8Array(whole);
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.byteLength) return;
    const grown = Math.max(this.length + more, this.#bytes.byteLength * 2);
    this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(grown));
  }
}
