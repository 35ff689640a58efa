// Finds whole rows in a stream of binary COPY bytes by walking field lengths only. Main thread; pure. Serves where the
// server's messages do not say where rows end (message-cut.ts).
//
//   PGCOPY\n\xff\r\n\0 | i32 flags | i32 extension length | extension
//   rows: i16 field count | fields: i32 length (-1 NULL) | bytes
//   trailer: i16 -1
import { corrupt } from './faults.ts';

const SIGNATURE = [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00];
export const HEADER_BYTES = 19;

/** Header of a COPY stream to the server: no flags, no extension. */
export const COPY_HEADER = new Uint8Array([...SIGNATURE, 0, 0, 0, 0, 0, 0, 0, 0]);
export const COPY_TRAILER = new Uint8Array([0xff, 0xff]);

/**
 * Walks bytes as they come. The caller owns one growing buffer, calls `walk` when more of it is filled, takes
 * `rows` whole rows up to `cut`, and tells by `taken` that what is left was moved to the front.
 */
export class RowCutter {
  readonly #columnCount: number;
  #inHeader: boolean;
  /** Position of the next length or field count that has not been read. */
  #at = 0;
  /** Fields of the current row still to come; -1 between rows. */
  #fieldsLeft = -1;
  /** Whole rows before `cut`. */
  rows = 0;
  /** End of the last whole row. */
  cut = 0;
  /** Start of the rows: behind the header in the first chunk, else 0. */
  from = 0;
  /** The trailer was seen. */
  ended = false;

  constructor(columnCount: number, inHeader = true) {
    this.#columnCount = columnCount;
    this.#inHeader = inHeader;
  }

  /**
   * Reads on in `bytes[0 … filled]`. True when the chunk is full (so many rows, or so many bytes) or the
   * stream has ended; false when more bytes are needed.
   * @throws FerrowError E_CORRUPT
   */
  walk(bytes: Uint8Array, filled: number, rowsMax: number, bytesMax: number): boolean {
    if (this.#inHeader && !this.#header(bytes, filled)) return false;
    if (this.ended) {
      if (filled > this.#at) throw corrupt('bytes behind the trailer');
      return true;
    }
    let at = this.#at;
    let left = this.#fieldsLeft;
    const columnCount = this.#columnCount;
    let full = this.rows >= rowsMax || (this.rows > 0 && this.cut - this.from >= bytesMax);
    while (!full) {
      if (left < 0) {
        if (at + 2 > filled) break;
        const count = (bytes[at] << 8) | bytes[at + 1];
        at += 2;
        if (count === 0xffff) {
          this.ended = true;
          if (filled > at) throw corrupt('bytes behind the trailer');
          full = true;
          break;
        }
        if (count !== columnCount)
          throw corrupt(`a row of ${count} fields where ${columnCount} are expected`);
        left = columnCount;
      }
      while (left > 0) {
        if (at + 4 > filled) break;
        const length = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
        if (length < -1) throw corrupt(`a field of ${length} bytes`);
        // May lie beyond what has arrived: then the walk goes on from there.
        at += 4 + Math.max(length, 0);
        left--;
      }
      if (left > 0 || at > filled) break;
      left = -1;
      this.rows++;
      this.cut = at;
      full = this.rows >= rowsMax || at - this.from >= bytesMax;
    }
    this.#at = at;
    this.#fieldsLeft = left;
    return full;
  }

  /** The whole rows were taken, and the bytes behind `cut` now begin at 0. */
  taken(): void {
    this.#at -= this.cut;
    this.from = 0;
    this.cut = 0;
    this.rows = 0;
  }

  #header(bytes: Uint8Array, filled: number): boolean {
    const end = headerEnd(bytes, filled);
    if (end < 0) return false;
    this.#inHeader = false;
    this.#at = end;
    this.from = end;
    this.cut = end;
    return true;
  }
}

/** Where the rows begin, or -1 if the header is not whole yet. @throws FerrowError E_CORRUPT */
export function headerEnd(bytes: Uint8Array, filled: number): number {
  if (filled < HEADER_BYTES) return -1;
  for (let i = 0; i < SIGNATURE.length; i++) {
    if (bytes[i] !== SIGNATURE[i]) throw corrupt('the stream does not begin with the COPY signature');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, filled);
  if (view.getUint32(11) !== 0) throw corrupt('unknown flags in the header');
  const extension = view.getUint32(15);
  if (extension > 65536) throw corrupt('the header extension is too long');
  return filled < HEADER_BYTES + extension ? -1 : HEADER_BYTES + extension;
}

/** True when `bytes[from … to]` are one whole row. */
export function isRow(bytes: Uint8Array, from: number, to: number, columnCount: number): boolean {
  let at = from + 2;
  if (at > to || ((bytes[from] << 8) | bytes[from + 1]) !== columnCount) return false;
  for (let column = 0; column < columnCount && at + 4 <= to; column++) {
    const length = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    at += 4 + Math.max(length, 0);
    if (length < -1 || at > to) return false;
    if (column === columnCount - 1) return at === to;
  }
  return columnCount === 0 && at === to;
}

/** Where the first `count` rows end. @throws FerrowError E_CORRUPT */
export function endOfRows(bytes: Uint8Array, count: number): number {
  let at = 0;
  for (let row = 0; row < count; row++) {
    let fields = at + 2 <= bytes.length ? (bytes[at] << 8) | bytes[at + 1] : -1;
    at += 2;
    for (; fields > 0 && at + 4 <= bytes.length; fields--) {
      const length = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      if (length < -1) throw corrupt(`a field of ${length} bytes`);
      at += 4 + Math.max(length, 0);
    }
    if (fields !== 0 || at > bytes.length) throw corrupt('fewer rows than there should be');
  }
  return at;
}
