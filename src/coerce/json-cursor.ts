// A place in JSON text, moved token by token over bytes. No JS values are made. Strict (RFC 8259). Pure.
import { JsonScan } from './json-scan.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const isSpace = (byte: number) => byte === 32 || byte === 10 || byte === 13 || byte === 9;
const isDigit = (byte: number) => byte >= 48 && byte <= 57;

/** What stands behind a backslash, and the byte that it means; 0 elsewhere. */
const UNESCAPED = new Uint8Array(128);
for (const [letter, byte] of [
  ['"', QUOTE],
  ['\\', BACKSLASH],
  ['/', 47],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
] as const)
  UNESCAPED[letter.charCodeAt(0)] = byte;

export class JsonCursor {
  heap: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** Bytes of the string or number read last, in `token[tokenStart .. tokenEnd]`. */
  token: Uint8Array = this.heap;
  tokenStart = 0;
  tokenEnd = 0;
  readonly #scan = new JsonScan(false);
  #scratch = new Uint8Array(256);

  reset(heap: Uint8Array, start: number, end: number): void {
    this.heap = heap;
    this.at = start;
    this.end = end;
  }

  space(): void {
    while (this.at < this.end && isSpace(this.heap[this.at])) this.at++;
  }

  /** Behind spaces stands `byte`: goes past it. */
  take(byte: number): boolean {
    this.space();
    if (this.at >= this.end || this.heap[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** The next byte behind spaces; -1 at the end. */
  peek(): number {
    this.space();
    return this.at < this.end ? this.heap[this.at] : -1;
  }

  /** Behind spaces stands this word: goes past it. */
  word(word: Uint8Array): boolean {
    this.space();
    if (this.at + word.length > this.end) return false;
    for (let j = 0; j < word.length; j++) if (this.heap[this.at + j] !== word[j]) return false;
    this.at += word.length;
    return true;
  }

  /** Reads a number, as it is written. */
  number(): boolean {
    const byte = this.peek();
    if (byte !== 45 && !isDigit(byte)) return false;
    const start = this.at;
    // The scan goes past the spaces behind it; a number has none inside.
    if (this.value() !== null) return false;
    let last = this.at;
    while (isSpace(this.heap[last - 1])) last--;
    this.#token(this.heap, start, last);
    return true;
  }

  /** Goes past any value; says what is wrong with it. */
  value(): string | null {
    const fault = this.#scan.value(this.heap, this.at, this.end);
    if (fault === null) this.at = this.#scan.end;
    return fault;
  }

  /** Reads a string; false where none stands, or one that UTF-8 can't hold. */
  string(): boolean {
    if (this.peek() !== QUOTE) return false;
    const { heap, end } = this;
    const start = this.at + 1;
    let at = start;
    while (at < end && heap[at] !== QUOTE && heap[at] !== BACKSLASH && heap[at] >= 32) at++;
    if (at < end && heap[at] === QUOTE) {
      this.#token(heap, start, at);
      this.at = at + 1;
      return true;
    }
    return this.#escaped(start);
  }

  /** A string with escapes, into a scratch heap: it never gets longer. */
  #escaped(start: number): boolean {
    const { heap, end } = this;
    let close = start;
    while (close < end && heap[close] !== QUOTE) close += heap[close] === BACKSLASH ? 2 : 1;
    if (close >= end) return false;
    if (this.#scratch.length < close - start) this.#scratch = new Uint8Array((close - start) * 2);
    const out = this.#scratch;
    let to = 0;
    for (let at = start; at < close; ) {
      const byte = heap[at++];
      if (byte < 32) return false;
      if (byte !== BACKSLASH) {
        out[to++] = byte;
        continue;
      }
      const letter = heap[at++];
      if (letter === 117) {
        const code = this.#codePoint(at, close);
        if (code < 0) return false;
        at += code > 0xffff ? 10 : 4;
        to = putUtf8(code, out, to);
      } else if (letter < 128 && UNESCAPED[letter] !== 0) out[to++] = UNESCAPED[letter];
      else return false;
    }
    this.#token(out, 0, to);
    this.at = close + 1;
    return true;
  }

  /** The character of `XXXX` or `XXXX\uXXXX`; -1 for half a pair. */
  #codePoint(at: number, end: number): number {
    const unit = hex4(this.heap, at, end);
    if (unit < 0xd800 || unit > 0xdfff) return unit;
    if (unit > 0xdbff || this.heap[at + 4] !== BACKSLASH || this.heap[at + 5] !== 117) return -1;
    const low = hex4(this.heap, at + 6, end);
    return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + (unit - 0xd800) * 1024 + low - 0xdc00 : -1;
  }

  #token(heap: Uint8Array, start: number, end: number): void {
    this.token = heap;
    this.tokenStart = start;
    this.tokenEnd = end;
  }
}

function hex4(heap: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return -1;
  let value = 0;
  for (let j = at; j < at + 4; j++) {
    const lower = heap[j] | 32;
    if (isDigit(heap[j])) value = value * 16 + heap[j] - 48;
    else if (lower >= 97 && lower <= 102) value = value * 16 + lower - 87;
    else return -1;
  }
  return value;
}

function putUtf8(code: number, out: Uint8Array, start: number): number {
  let at = start;
  if (code < 0x80) out[at++] = code;
  else {
    if (code < 0x800) out[at++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) out[at++] = 0xe0 | (code >> 12);
      else {
        out[at++] = 0xf0 | (code >> 18);
        out[at++] = 0x80 | ((code >> 12) & 63);
      }
      out[at++] = 0x80 | ((code >> 6) & 63);
    }
    out[at++] = 0x80 | (code & 63);
  }
  return at;
}
