// Times with their offset from UTC as bytes of text and back: `12:34:56.5+05:30`, seconds of the offset only
// where it has some. One form: text that would print otherwise is not read. Pure.
import { MINUS, printPadded, ZERO } from './digits.ts';
import { printTime, TemporalParser } from './temporal-text.ts';

/** What DuckDB adds to the seconds west of UTC, so that they are never negative: 15:59:59. */
export const TIMETZ_OFFSET_MAX = 57599;

const PLUS = 43;
const COLON = 58;

/** Writes a value; -1 if its time or offset can't be. */
export function printTimeTz(low: number, high: number, out: Uint8Array, start: number): number {
  const micros = (high >>> 0) * 256 + (low >>> 24);
  const east = TIMETZ_OFFSET_MAX - (low & 0xffffff);
  let at = printTime(micros, 'us', 'shortest', out, start);
  if (at < 0 || east < -TIMETZ_OFFSET_MAX) return -1;
  out[at++] = east < 0 ? MINUS : PLUS;
  const size = Math.abs(east);
  const minutes = (size / 60) | 0;
  at = printPadded((minutes / 60) | 0, 2, out, at);
  out[at++] = COLON;
  at = printPadded(minutes % 60, 2, out, at);
  if (size % 60 === 0) return at;
  out[at++] = COLON;
  return printPadded(size % 60, 2, out, at);
}

/** Reads values; the fields hold what the last call read. */
export class TimeTzParser {
  low = 0;
  high = 0;
  readonly #time = new TemporalParser();

  /** All of `heap[start .. end]` is a time with an offset. */
  parse(heap: Uint8Array, start: number, end: number): boolean {
    const signAt = this.#signAt(heap, start, end);
    if (signAt < 0) return false;
    const east = offsetSeconds(heap, signAt, end);
    const time = this.#time;
    if (east === null || !time.time(heap, start, signAt, 6, 'shortest') || time.finer) return false;
    const micros = time.seconds * 1e6 + time.rest;
    this.high = Math.floor(micros / 256);
    this.low = ((micros % 256) << 24) | (TIMETZ_OFFSET_MAX - east);
    return true;
  }

  #signAt(heap: Uint8Array, start: number, end: number): number {
    for (let at = end - 6; at >= start && at >= end - 9; at -= 3) {
      if (heap[at] === PLUS || heap[at] === MINUS) return at;
    }
    return -1;
  }
}

/** Seconds east of UTC of `+HH:MM` or `+HH:MM:SS`; null if it isn't what would be printed. */
function offsetSeconds(heap: Uint8Array, start: number, end: number): number | null {
  let size = 0;
  for (let at = start + 1, unit = 3600; at < end; at += 3, unit /= 60) {
    const value = (heap[at] - ZERO) * 10 + heap[at + 1] - ZERO;
    const areDigits = isDigit(heap[at]) && isDigit(heap[at + 1]);
    if (!areDigits || (at > start + 1 && (heap[at - 1] !== COLON || value > 59))) return null;
    size += value * unit;
  }
  const hasSeconds = end - start === 9;
  if (size > TIMETZ_OFFSET_MAX || hasSeconds !== (size % 60 !== 0)) return null;
  if (heap[start] === PLUS) return size;
  return size === 0 ? null : -size;
}

const isDigit = (byte: number) => byte >= ZERO && byte <= ZERO + 9;
