// A strict validator of JSON text (RFC 8259) over bytes: no strings, no values, no recursion. UTF-8 itself is
// checked elsewhere, over the whole heap. Also finds what PostgreSQL's jsonb can't take.

/** What is wrong, as a clause for a message; null if nothing is. */
export type JsonFault = string | null;

/** Deeper nesting than this is refused by the servers that parse it. */
const DEPTH_MAX = 6000;
/** Bounds of PostgreSQL's numeric, into which jsonb puts its numbers. */
const WHOLE_DIGITS_MAX = 131072;
const FRACTION_DIGITS_MAX = 16383;

// What a byte may do inside a string: 0 plain, 1 quote, 2 backslash, 3 forbidden.
const STRING_CLASS = new Uint8Array(256);
STRING_CLASS.fill(3, 0, 32);
STRING_CLASS[34] = 1;
STRING_CLASS[92] = 2;

const isSpace = (byte: number) => byte === 32 || byte === 10 || byte === 13 || byte === 9;
const isDigit = (byte: number) => byte >= 48 && byte <= 57;

export class JsonScan {
  readonly #jsonb: boolean;
  /** Open containers, a byte each: 1 object, 0 array. */
  readonly #stack = new Uint8Array(DEPTH_MAX);
  #at = 0;

  /** With `jsonb`, also refuses `\u0000`, lone surrogates and numbers beyond numeric. */
  constructor(jsonb: boolean) {
    this.#jsonb = jsonb;
  }

  /** Where the last value, with the space behind it, ended. */
  get end(): number {
    return this.#at;
  }

  /** Validates all of `heap[start .. end]`. */
  scan(heap: Uint8Array, start: number, end: number): JsonFault {
    const fault = this.value(heap, start, end);
    return fault === null && this.#at < end ? 'something stands behind the value' : fault;
  }

  /** Validates the value that `heap[start ..]` begins with. */
  value(heap: Uint8Array, start: number, end: number): JsonFault {
    const stack = this.#stack;
    let depth = 0;
    this.#at = start;
    for (;;) {
      // A value begins here.
      this.#skipSpace(heap, end);
      if (this.#at >= end) return 'it ends where a value should stand';
      const byte = heap[this.#at];
      if (byte === 123 || byte === 91) {
        const isObject = byte === 123;
        this.#at++;
        this.#skipSpace(heap, end);
        if (this.#at < end && heap[this.#at] === (isObject ? 125 : 93)) this.#at++;
        else {
          if (depth === DEPTH_MAX) return 'it is nested too deeply';
          stack[depth++] = isObject ? 1 : 0;
          const fault = isObject ? this.#key(heap, end) : null;
          if (fault !== null) return fault;
          continue;
        }
      } else {
        const fault = this.#scalar(heap, end, byte);
        if (fault !== null) return fault;
      }
      // A value ended here: close what it ends, up to the next value.
      for (;;) {
        this.#skipSpace(heap, end);
        if (depth === 0) return null;
        if (this.#at >= end) return 'it ends inside an array or object';
        const next = heap[this.#at++];
        const isObject = stack[depth - 1] === 1;
        if (next === 44) {
          const fault = isObject ? this.#key(heap, end) : null;
          if (fault !== null) return fault;
          break;
        }
        if (next !== (isObject ? 125 : 93)) return 'a comma or closing bracket is missing';
        depth--;
      }
    }
  }

  #skipSpace(heap: Uint8Array, end: number): void {
    while (this.#at < end && isSpace(heap[this.#at])) this.#at++;
  }

  /** `"name" :` */
  #key(heap: Uint8Array, end: number): JsonFault {
    this.#skipSpace(heap, end);
    if (this.#at >= end || heap[this.#at] !== 34) return 'a member has no name in quotes';
    const fault = this.#string(heap, end);
    if (fault !== null) return fault;
    this.#skipSpace(heap, end);
    if (this.#at >= end || heap[this.#at] !== 58) return 'a colon is missing';
    this.#at++;
    return null;
  }

  #scalar(heap: Uint8Array, end: number, byte: number): JsonFault {
    if (byte === 34) return this.#string(heap, end);
    if (byte === 116) return this.#word(heap, end, TRUE);
    if (byte === 102) return this.#word(heap, end, FALSE);
    if (byte === 110) return this.#word(heap, end, NULL);
    return this.#number(heap, end);
  }

  #word(heap: Uint8Array, end: number, word: Uint8Array): JsonFault {
    if (this.#at + word.length > end) return 'a word is cut';
    for (let j = 0; j < word.length; j++) if (heap[this.#at + j] !== word[j]) return 'a word is unknown';
    this.#at += word.length;
    return null;
  }

  #number(heap: Uint8Array, end: number): JsonFault {
    let at = this.#at;
    if (heap[at] === 45) at++;
    const first = at;
    while (at < end && isDigit(heap[at])) at++;
    const whole = at - first;
    if (whole === 0) return 'a value is none';
    if (whole > 1 && heap[first] === 48) return 'a number begins with zero';
    let fraction = 0;
    if (at < end && heap[at] === 46) {
      const dot = at++;
      while (at < end && isDigit(heap[at])) at++;
      fraction = at - dot - 1;
      if (fraction === 0) return 'a number ends with its point';
    }
    let exponent = 0;
    if (at < end && (heap[at] === 101 || heap[at] === 69)) {
      at++;
      const sign = at < end && heap[at] === 45 ? -1 : 1;
      if (at < end && (heap[at] === 43 || heap[at] === 45)) at++;
      const digits = at;
      for (; at < end && isDigit(heap[at]); at++) exponent = Math.min(1e6, exponent * 10 + heap[at] - 48);
      if (at === digits) return 'an exponent has no digits';
      exponent *= sign;
    }
    this.#at = at;
    if (this.#jsonb && (whole + exponent > WHOLE_DIGITS_MAX || fraction - exponent > FRACTION_DIGITS_MAX)) {
      return 'a number is outside the range of jsonb';
    }
    return null;
  }

  #string(heap: Uint8Array, end: number): JsonFault {
    let at = this.#at + 1;
    let pending = false; // a high surrogate waits for its low one
    for (;;) {
      const plain = at;
      while (at < end && STRING_CLASS[heap[at]] === 0) at++;
      if (pending && (at > plain || at >= end || heap[at] !== 92)) return LONE_SURROGATE;
      if (at >= end) return 'a string has no end';
      const kind = STRING_CLASS[heap[at]];
      if (kind === 3) return 'a string holds a control character';
      at++;
      if (kind === 1) break;
      const escaped = at < end ? heap[at++] : 0;
      if (escaped !== 117) {
        if (pending) return LONE_SURROGATE;
        if (!SIMPLE_ESCAPES.includes(escaped)) return 'an escape is unknown';
        continue;
      }
      const unit = at + 4 <= end ? hex4(heap, at) : -1;
      if (unit < 0) return 'an escape is cut';
      at += 4;
      if (!this.#jsonb) continue;
      if (unit === 0) return 'jsonb can not hold \\u0000';
      const isLow = unit >= 0xdc00 && unit <= 0xdfff;
      if (isLow !== pending) return LONE_SURROGATE;
      pending = unit >= 0xd800 && unit <= 0xdbff;
    }
    this.#at = at;
    return null;
  }
}

const LONE_SURROGATE = 'jsonb can not hold half a surrogate pair';
const SIMPLE_ESCAPES = Array.from('"\\/bfnrt', (c) => c.charCodeAt(0));
const TRUE = Uint8Array.from('true', (c) => c.charCodeAt(0));
const FALSE = Uint8Array.from('false', (c) => c.charCodeAt(0));
const NULL = Uint8Array.from('null', (c) => c.charCodeAt(0));

function hex4(heap: Uint8Array, at: number): number {
  let value = 0;
  for (let j = 0; j < 4; j++) {
    const byte = heap[at + j];
    const lower = byte | 32;
    if (isDigit(byte)) value = value * 16 + byte - 48;
    else if (lower >= 97 && lower <= 102) value = value * 16 + lower - 87;
    else return -1;
  }
  return value;
}
