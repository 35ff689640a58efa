// A SQLite file's pages, read beside SQLite: only while a read transaction of this process pins them. Engine thread.
//
// The descriptor is opened after SQLite's own and closed after SQLite has closed: closing any descriptor of the file
// earlier would drop the locks that SQLite holds for this process.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { FerrowError } from '../../errors/ferrow-error.ts';

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
/** The page that holds the lock bytes is never part of a tree. */
const LOCK_BYTE = 0x40000000;

export class PageFile {
  readonly pageBytes: number;
  readonly usableBytes: number;
  /** False where the pages are not what SQLite sees: text in UTF-16, a header that is not understood. */
  readonly usable: boolean;
  readonly #fd: number;
  readonly #pageCount: number;

  private constructor(fd: number, pageCount: number) {
    this.#fd = fd;
    this.#pageCount = pageCount;
    const header = Buffer.alloc(HEADER_BYTES);
    const complete = readSync(fd, header, 0, HEADER_BYTES, 0) === HEADER_BYTES;
    const size = header.readUInt16BE(16);
    this.pageBytes = size === 1 ? 65536 : size;
    this.usableBytes = this.pageBytes - header[20];
    this.usable = complete && this.#understood(header);
  }

  /**
   * Opens the file under a connection whose read transaction stands. Null where a log holds rows that are not in it.
   */
  static open(path: string, pageCount: number): PageFile | null {
    // Rows of a log that is not empty are not in the file. Empty now, it stays without effect: while the transaction
    // reads past it, nothing is copied from it into the file.
    if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return null;
    return new PageFile(openSync(path, 'r'), pageCount);
  }

  #understood(header: Buffer): boolean {
    const { pageBytes } = this;
    return (
      header.toString('latin1', 0, 16) === MAGIC &&
      pageBytes >= 512 &&
      (pageBytes & (pageBytes - 1)) === 0 &&
      this.usableBytes >= 480 &&
      // The fractions of a page that its format fixes, and UTF-8.
      header[21] === 64 &&
      header[22] === 32 &&
      header[23] === 32 &&
      header.readUInt32BE(56) === 1 &&
      fstatSync(this.#fd).size >= this.#pageCount * pageBytes
    );
  }

  /** Reads page `number` (from 1), and those behind it up to `count` of them, to `into[at]`. @throws FerrowError E_CORRUPT */
  read(number: number, into: Uint8Array, at: number, count = 1): void {
    const { pageBytes } = this;
    for (let page = number; page < number + count; page++)
      if (!this.#isPage(page)) throw corruptPage(page, 'the file has no such page');
    const offset = (number - 1) * pageBytes;
    const size = count * pageBytes;
    for (let done = 0; done < size; ) {
      const got = readSync(this.#fd, into, at + done, size - done, offset + done);
      if (got === 0) throw corruptPage(number + Math.floor(done / pageBytes), 'the file ends within it');
      done += got;
    }
  }

  #isPage(number: number): boolean {
    const offset = (number - 1) * this.pageBytes;
    const holdsLocks = offset <= LOCK_BYTE && LOCK_BYTE < offset + this.pageBytes;
    return number >= 1 && number <= this.#pageCount && !holdsLocks;
  }

  /** What a value can at most be long. */
  get bytes(): number {
    return this.#pageCount * this.pageBytes;
  }

  /** Only after SQLite's connection to the file is closed. */
  close(): void {
    closeSync(this.#fd);
  }
}

export function corruptPage(number: number, what: string): FerrowError {
  return new FerrowError('E_CORRUPT', `page ${number} of the SQLite file: ${what}`, {
    dialect: 'sqlite',
    hint: 'run PRAGMA integrity_check on the source, or --plain-io to have SQLite itself read it',
  });
}
