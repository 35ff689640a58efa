// Intervals as bytes of ISO-8601 text, as PostgreSQL prints them (intervalstyle iso_8601), and back:
// `P1Y2M3DT-4H5M6.5S`, zero `PT0S`, `infinity`. Months, days and microseconds never mix. One form: text that would
// print otherwise is not read. Pure.
import { Instant } from './calendar.ts';
import { DOT, MINUS, matches, printPadded, printUint, ZERO } from './digits.ts';

/** `-P…` with every part at its longest. */
export const INTERVAL_TEXT_BYTES_MAX = 96;

const INFINITY = Array.from('infinity', (c) => c.charCodeAt(0));
const ZERO_INTERVAL = Array.from('PT0S', (c) => c.charCodeAt(0));
const [P, T, Y, M, D, H, S] = Array.from('PTYMDHS', (c) => c.charCodeAt(0));

/** 1 for infinity (every part at its most), -1 for -infinity (at its least), else 0. `words` are four per value. */
export function intervalInfinity(words: Int32Array, row: number): -1 | 0 | 1 {
  const at = row * 4;
  const months = words[at];
  if (words[at + 1] !== months || words[at + 3] !== months) return 0;
  if (months === 0x7fffffff) return words[at + 2] === -1 ? 1 : 0;
  return months === -0x80000000 && words[at + 2] === 0 ? -1 : 0;
}

/** Writes infinity (`sign` 1) or -infinity as value `row`. */
export function storeIntervalInfinity(words: Int32Array, row: number, sign: number): void {
  const most = sign > 0 ? 0x7fffffff : -0x80000000;
  words[row * 4] = most;
  words[row * 4 + 1] = most;
  words[row * 4 + 2] = sign > 0 ? -1 : 0;
  words[row * 4 + 3] = most;
}

const clock = new Instant();

/** Writes value `row`. */
export function printInterval(words: Int32Array, row: number, out: Uint8Array, start: number): number {
  const infinity = intervalInfinity(words, row);
  let at = start;
  if (infinity !== 0) {
    if (infinity < 0) out[at++] = MINUS;
    return put(INFINITY, out, at);
  }
  const months = words[row * 4];
  const days = words[row * 4 + 1];
  clock.split(words[row * 4 + 2], words[row * 4 + 3], 1e6);
  let { seconds, rest } = clock;
  // Rounded down; printed are parts of one sign.
  const negative = seconds < 0;
  if (negative && rest > 0) {
    seconds++;
    rest = 1e6 - rest;
  }
  const hours = Math.trunc(seconds / 3600);
  const minutes = Math.trunc((seconds - hours * 3600) / 60);
  const whole = Math.abs(seconds - hours * 3600 - minutes * 60);
  if (months === 0 && days === 0 && seconds === 0 && rest === 0) return put(ZERO_INTERVAL, out, at);
  out[at++] = P;
  at = part(Math.trunc(months / 12), Y, out, at);
  at = part(months % 12, M, out, at);
  at = part(days, D, out, at);
  if (seconds === 0 && rest === 0) return at;
  out[at++] = T;
  at = part(hours, H, out, at);
  at = part(minutes, M, out, at);
  if (whole === 0 && rest === 0) return at;
  if (negative) out[at++] = MINUS;
  at = printUint(whole, out, at);
  if (rest > 0) {
    let digits = 6;
    for (; rest % 10 === 0; digits--) rest /= 10;
    out[at++] = DOT;
    at = printPadded(rest, digits, out, at);
  }
  out[at++] = S;
  return at;
}

function put(text: readonly number[], out: Uint8Array, at: number): number {
  for (let j = 0; j < text.length; j++) out[at + j] = text[j];
  return at + text.length;
}

function part(value: number, letter: number, out: Uint8Array, start: number): number {
  if (value === 0) return start;
  let at = start;
  if (value < 0) out[at++] = MINUS;
  at = printUint(Math.abs(value), out, at);
  out[at++] = letter;
  return at;
}

/** Letters before and behind T, in the order in which they may stand, and what each counts. */
const DATE_PARTS = [
  [Y, 12],
  [M, 1],
  [D, 1],
] as const;
const TIME_PARTS = [
  [H, 3600],
  [M, 60],
  [S, 1],
] as const;

/** Reads intervals; the fields hold what the last call read. */
export class IntervalParser {
  readonly words = new Int32Array(4);
  readonly #printed = new Uint8Array(INTERVAL_TEXT_BYTES_MAX);
  readonly #instant = new Instant();
  #at = 0;
  #value = 0;
  #micros = 0;

  /** All of `heap[start .. end]` is an interval in the form that printing gives. */
  parse(heap: Uint8Array, start: number, end: number): boolean {
    const negative = heap[start] === MINUS;
    if (matches(heap, negative ? start + 1 : start, end, INFINITY)) {
      storeIntervalInfinity(this.words, 0, negative ? -1 : 1);
      return true;
    }
    if (end - start >= INTERVAL_TEXT_BYTES_MAX || !this.#parts(heap, start, end)) return false;
    // Whatever was read loosely (-0, 13 months, mixed signs) prints otherwise.
    if (printInterval(this.words, 0, this.#printed, 0) !== end - start) return false;
    for (let j = start; j < end; j++) if (heap[j] !== this.#printed[j - start]) return false;
    return true;
  }

  #parts(heap: Uint8Array, start: number, end: number): boolean {
    this.#at = start + 1;
    if (heap[start] !== P) return false;
    const date = [0, 0, 0];
    const time = [0, 0, 0];
    this.#micros = 0;
    if (!this.#take(heap, end, DATE_PARTS, date)) return false;
    if (this.#at < end) {
      if (heap[this.#at++] !== T || !this.#take(heap, end, TIME_PARTS, time)) return false;
    }
    const months = date[0] + date[1];
    if (this.#at !== end || months !== (months | 0) || date[2] !== (date[2] | 0)) return false;
    const seconds = time[0] + time[1] + time[2];
    if (Math.abs(seconds) > Number.MAX_SAFE_INTEGER) return false;
    const instant = this.#instant;
    // Microseconds count from the second below.
    const below = this.#micros < 0 ? seconds - 1 : seconds;
    instant.high = Math.floor(below / 4294967296);
    instant.low = (below - instant.high * 4294967296) | 0;
    if (!instant.multiplyAdd(1e6, this.#micros < 0 ? 1e6 + this.#micros : this.#micros)) return false;
    this.words.set([months, date[2], instant.low, instant.high]);
    return true;
  }

  /** Numbers with the letters of `parts`, each at most once and in their order. */
  #take(
    heap: Uint8Array,
    end: number,
    parts: readonly (readonly [letter: number, factor: number])[],
    into: number[],
  ): boolean {
    let next = 0;
    while (this.#at < end && heap[this.#at] !== T) {
      if (!this.#number(heap, end)) return false;
      const letter = heap[this.#at++];
      while (next < parts.length && parts[next][0] !== letter) next++;
      if (next === parts.length) return false;
      into[next] = this.#value * parts[next][1];
      next++;
    }
    return true;
  }

  /** A number with its sign; a fraction, which only seconds have, becomes microseconds. */
  #number(heap: Uint8Array, end: number): boolean {
    const negative = heap[this.#at] === MINUS;
    if (negative) this.#at++;
    const first = this.#at;
    this.#value = 0;
    while (this.#at < end && isDigit(heap[this.#at]))
      this.#value = this.#value * 10 + heap[this.#at++] - ZERO;
    if (this.#at === first || this.#at - first > 15) return false;
    if (negative) this.#value = -this.#value;
    if (heap[this.#at] !== DOT) return this.#at < end;
    let digits = 0;
    let micros = 0;
    for (this.#at++; this.#at < end && isDigit(heap[this.#at]); digits++) {
      micros = micros * 10 + heap[this.#at++] - ZERO;
    }
    if (digits === 0 || digits > 6 || this.#at >= end || heap[this.#at] !== S) return false;
    micros *= 10 ** (6 - digits);
    this.#micros = negative ? -micros : micros;
    return true;
  }
}

const isDigit = (byte: number) => byte >= ZERO && byte <= ZERO + 9;
