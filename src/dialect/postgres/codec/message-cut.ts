// The messages of a COPY to the client -> chunks of whole rows, by steps of a message: the server sends each row in one of its
// own ("always one per row", Message Flow in its documentation). Main thread; pure.
//
//   'd' | i32 length | row      the first one has the header before its row; the last one is the trailer
//   'c' | i32 4                 the end; what is behind it belongs to the driver, as do all other messages
//
// A step and one copy for each row take 55 ns where walking 16 field lengths alone takes 70. The copy joins rows to large messages for
// a server that takes them: passed on as they came, 2 million small ones cost that server 0.3 CPU seconds more.
import { type ByteWindow, byteWindow, copyValue } from '../../../batch/byte-copy.ts';
import { corrupt } from './faults.ts';
import { COPY_TRAILER, headerEnd, isRow, RowCutter } from './row-cut.ts';

/** Where a chunk ends. */
export interface ChunkLimits {
  readonly batchRows: number;
  readonly batchBytes: number;
}

export interface CutRows {
  readonly rowCount: number;
  /** Owns its buffer. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const ERROR_RESPONSE = 0x45;
const HEAD_BYTES = 5;

const FIRST_BYTES = 64 * 1024;

/** So many messages are looked through for being a row each; of the others only the number of fields is looked at. */
const CHECKED_MESSAGES = 100;

/** Takes what a connection receives while a COPY runs on it. */
export class MessageCutter {
  readonly ready: CutRows[] = [];
  /** CopyDone or an error came: what comes now is the driver's. */
  over = false;
  /** All rows so far. */
  rowCount = 0;
  readonly #columnCount: number;
  readonly #limits: ChunkLimits;
  readonly #pass: (bytes: Uint8Array) => void;
  readonly #head = new Uint8Array(HEAD_BYTES);
  #headFilled = 0;
  #code = 0;
  /** Bytes of the current message that are still to come. */
  #left = 0;
  #held: ByteWindow<ArrayBuffer> = ownWindow(FIRST_BYTES);
  #filled = 0;
  /** Where the current message begins in `held`. */
  #messageAt = 0;
  #messages = 0;
  /** In `held`. */
  #rows = 0;
  #trailed = false;
  /** Walks field lengths where messages are no rows: something between server and client has cut them anew. */
  #byFields: RowCutter | null = null;

  /** `pass` is given the messages that are not this COPY's, in pieces; they are only good during the call. */
  constructor(columnCount: number, limits: ChunkLimits, pass: (bytes: Uint8Array) => void) {
    this.#columnCount = columnCount;
    this.#limits = limits;
    this.#pass = pass;
  }

  /** True when the rows came to their proper end. */
  get whole(): boolean {
    return this.#byFields ? this.#byFields.ended : this.#trailed;
  }

  /**
   * Takes what is this COPY's. The bytes are the caller's again afterwards.
   * @returns how many it took: all, but for those behind the end
   * @throws FerrowError E_CORRUPT
   */
  take(piece: Uint8Array): number {
    const from = byteWindow(piece);
    const end = piece.length;
    let at = 0;
    while (at < end && !this.over) {
      if (this.#left === 0 && this.#headFilled === 0 && this.#isSure) {
        at = this.#wholeRows(from, at);
        if (at === end) break;
      }
      if (this.#left === 0) {
        if (this.#headFilled > 0 || end - at < HEAD_BYTES) {
          this.#head[this.#headFilled++] = piece[at++];
          if (this.#headFilled < HEAD_BYTES) continue;
          this.#headFilled = 0;
          this.#begin(byteWindow(this.#head), 0);
        } else {
          this.#begin(from, at);
          at += HEAD_BYTES;
        }
      }
      const length = Math.min(this.#left, end - at);
      if (this.#code === COPY_DATA) this.#append(from, at, length);
      else if (length > 0) this.#pass(piece.subarray(at, at + length));
      at += length;
      this.#left -= length;
      if (this.#left === 0) this.#end();
    }
    if (this.#byFields) this.#walkFields(this.#byFields);
    return at;
  }

  /** Messages are known to be rows. */
  get #isSure(): boolean {
    return this.#messages > CHECKED_MESSAGES && this.#byFields === null && !this.#trailed;
  }

  /** The same as the steps below, for rows that lie whole in the piece and fit into what is held: all but one in a hundred. */
  #wholeRows(from: ByteWindow, start: number): number {
    const { bytes, view } = from;
    const { batchRows, batchBytes } = this.#limits;
    const columnCount = this.#columnCount;
    const lastHead = bytes.length - HEAD_BYTES - 2;
    let at = start;
    while (at <= lastHead) {
      const held = this.#held;
      const room = held.bytes.length;
      let filled = this.#filled;
      let rows = this.#rows;
      while (at <= lastHead && rows < batchRows && filled < batchBytes) {
        const size = view.getInt32(at + 1) - 4;
        const next = at + HEAD_BYTES + size;
        if (bytes[at] !== COPY_DATA || size < 2 || next > bytes.length || filled + size > room) break;
        if (view.getUint16(at + HEAD_BYTES) !== columnCount) break;
        copyValue(from, at + HEAD_BYTES, size, held, filled);
        filled += size;
        rows++;
        at = next;
      }
      this.#filled = filled;
      this.#rows = rows;
      if (rows < batchRows && filled < batchBytes) break;
      this.#cut();
    }
    return at;
  }

  #begin({ bytes, view }: ByteWindow, at: number): void {
    this.#code = bytes[at];
    this.#left = view.getInt32(at + 1) - 4;
    if (this.#left < 0) throw corrupt(`a message of ${this.#left} bytes`);
    this.#messageAt = this.#filled;
    if (this.#code !== COPY_DATA) this.#pass(bytes.subarray(at, at + HEAD_BYTES));
  }

  #append(from: ByteWindow, at: number, length: number): void {
    const needed = this.#filled + length;
    if (needed > this.#held.bytes.length) this.#grow(needed);
    copyValue(from, at, length, this.#held, this.#filled);
    this.#filled = needed;
  }

  #end(): void {
    if (this.#code === COPY_DATA) {
      if (!this.#byFields) this.#endRow();
    } else if (this.#code === COPY_DONE || this.#code === ERROR_RESPONSE) this.over = true;
  }

  #endRow(): void {
    const { bytes } = this.#held;
    if (this.#messages++ === 0) {
      const rowsAt = headerEnd(bytes, this.#filled);
      if (rowsAt < 0) {
        this.#byFields = new RowCutter(this.#columnCount);
        return;
      }
      bytes.copyWithin(0, rowsAt, this.#filled);
      this.#filled -= rowsAt;
      if (this.#filled === 0) return;
    }
    const start = this.#messageAt;
    const size = this.#filled - start;
    if (this.#trailed) throw corrupt('bytes behind the trailer');
    if (size === COPY_TRAILER.length && bytes[start] === COPY_TRAILER[0]) {
      this.#trailed = true;
      this.#filled = start;
      if (this.#rows > 0) this.#cut();
    } else if (this.#messages <= CHECKED_MESSAGES && !isRow(bytes, start, this.#filled, this.#columnCount)) {
      this.#goByFields(start);
    } else if (size < 2 || ((bytes[start] << 8) | bytes[start + 1]) !== this.#columnCount) {
      throw corrupt(`a message that is no row of ${this.#columnCount} fields`);
    } else {
      this.#rows++;
      if (this.#rows >= this.#limits.batchRows || this.#filled >= this.#limits.batchBytes) this.#cut();
    }
  }

  /** The rows that are held become a chunk. */
  #cut(): void {
    this.#give(this.#rows, 0, this.#filled);
    this.#rows = 0;
    this.#filled = 0;
  }

  #give(rowCount: number, from: number, to: number): void {
    const { bytes } = this.#held;
    this.rowCount += rowCount;
    // A little room behind the rows costs less than a copy of them.
    if (from > 0 || bytes.length - to > to / 8) {
      this.ready.push({ rowCount, bytes: bytes.slice(from, to) });
      return;
    }
    this.ready.push({ rowCount, bytes: bytes.subarray(0, to) });
    // The next chunk will need about as many bytes.
    this.#held = ownWindow(to + (to >> 4));
  }

  #goByFields(start: number): void {
    const message = this.#held.bytes.slice(start, this.#filled);
    this.#filled = start;
    if (this.#rows > 0) this.#cut();
    this.#byFields = new RowCutter(this.#columnCount, false);
    this.#filled = 0;
    this.#append(byteWindow(message), 0, message.length);
  }

  #walkFields(cutter: RowCutter): void {
    const { batchRows, batchBytes } = this.#limits;
    while (cutter.walk(this.#held.bytes, this.#filled, batchRows, batchBytes) && cutter.rows > 0) {
      const tail = this.#held.bytes.slice(cutter.cut, this.#filled);
      this.#give(cutter.rows, cutter.from, cutter.cut);
      cutter.taken();
      this.#filled = 0;
      this.#append(byteWindow(tail), 0, tail.length);
    }
  }

  #grow(needed: number): void {
    const larger = ownWindow(Math.max(needed, 2 * this.#held.bytes.length));
    larger.bytes.set(this.#held.bytes.subarray(0, this.#filled));
    this.#held = larger;
  }
}

function ownWindow(byteLength: number): ByteWindow<ArrayBuffer> {
  return byteWindow(new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer as ArrayBuffer));
}
