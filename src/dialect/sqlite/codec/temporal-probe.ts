// Finds out whether texts are all dates, all times or all timestamps in one format that prints back to the same
// text. Grammar: YYYY-MM-DD (astronomical years, five digits and more from 10000 on), HH:MM:SS with a fraction,
// a fixed zone, `infinity`. Pure; one call per text.
import type { TemporalFormat } from '../../../types/logical-type.ts';

export interface TemporalFinding {
  readonly kind: 'date' | 'time' | 'timestamp' | null;
  readonly format: TemporalFormat | null;
  readonly maxFractionDigits: number;
  readonly badCount?: number;
}

type Kind = 'date' | 'time' | 'timestamp';

/** All that a probe knows; plain data. */
export interface TemporalFindings {
  readonly kind: Kind | null;
  readonly separator: ' ' | 'T';
  readonly zone: string;
  readonly fractionMin: number;
  readonly fractionMax: number;
  readonly shortest: boolean;
  readonly infinities: number;
  readonly broken: boolean;
  readonly badCount: number;
}

const [MINUS, DOT, ZERO, NINE, COLON] = [45, 46, 48, 57, 58];
/** `YYYY-MM-DD`, and with `HH:MM:SS` behind it. */
const DATE_BYTES = 10;
const DATE_TIME_BYTES = 19;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export class TemporalProbe {
  #kind: Kind | null = null;
  #separator: ' ' | 'T' = ' ';
  #zone = '';
  #fractionMin = Number.POSITIVE_INFINITY;
  #fractionMax = 0;
  /** No fraction so far ended in a zero. */
  #shortest = true;
  #infinities = 0;
  #broken = false;
  #badCount = 0;
  readonly #passBad: boolean;

  /** `passBad`: texts that are no dates at all are counted and passed over (bad_dates=null). */
  constructor(passBad = false) {
    this.#passBad = passBad;
  }

  /** False from the first text on that fits no format, or not that of those before; for texts passed over too. */
  add(text: string): boolean {
    if (this.#broken) return false;
    if (text === 'infinity' || text === '-infinity') this.#infinities++;
    else if (!this.#look(text)) {
      if (this.#passBad && !new TemporalProbe().add(text)) {
        this.#badCount++;
        return false;
      }
      this.#broken = true;
    }
    if (this.#infinities > 0 && this.#kind === 'time') this.#broken = true;
    return !this.#broken;
  }

  #look(text: string): boolean {
    const dateEnd = endOfDate(text);
    if (dateEnd > 0 && dateEnd === text.length) return this.#isKind('date');
    let kind: Kind = 'time';
    let at = 0;
    if (dateEnd > 0) {
      kind = 'timestamp';
      const separator = text[dateEnd];
      if (separator !== ' ' && separator !== 'T') return false;
      if (this.#kind !== null && separator !== this.#separator) return false;
      this.#separator = separator;
      at = dateEnd + 1;
    }
    const time = endOfTime(text, at);
    if (time < 0) return false;
    let end = time;
    if (text[end] === '.') {
      end++;
      while (isDigit(text, end)) end++;
    }
    const fraction = end > time ? end - time - 1 : 0;
    if ((end > time && fraction === 0) || fraction > 9) return false;
    const midnight = text.startsWith('24', at);
    if (midnight && (kind === 'timestamp' || !/^24:00:00(\.0+)?$/.test(text.slice(at, end)))) return false;
    const zone = text.slice(end);
    if (zone !== '' && (kind === 'time' || !isZone(zone))) return false;
    if (this.#kind !== null && zone !== this.#zone) return false;
    this.#zone = zone;
    this.#fractionMin = Math.min(this.#fractionMin, fraction);
    this.#fractionMax = Math.max(this.#fractionMax, fraction);
    if (fraction > 0 && text[end - 1] === '0') this.#shortest = false;
    return this.#isKind(kind) && (this.#shortest || this.#fractionMin === this.#fractionMax);
  }

  #isKind(kind: Kind): boolean {
    this.#kind ??= kind;
    return this.#kind === kind;
  }

  /** No text changes anything any more. */
  get isBroken(): boolean {
    return this.#broken;
  }

  /** True if adding the text, told from its bytes, would change nothing; false where that isn't sure. */
  knows(bytes: Uint8Array, at: number, length: number): boolean {
    if (this.#kind === 'date') return length === DATE_BYTES && isDate(bytes, at);
    if (this.#kind !== 'timestamp' || length < DATE_TIME_BYTES || !isDate(bytes, at)) return false;
    if (bytes[at + DATE_BYTES] !== this.#separator.charCodeAt(0) || !isTime(bytes, at + DATE_BYTES + 1))
      return false;
    const zone = this.#zone;
    const zoneAt = at + length - zone.length;
    for (let digit = 0; digit < zone.length; digit++)
      if (bytes[zoneAt + digit] !== zone.charCodeAt(digit)) return false;
    const dot = at + DATE_TIME_BYTES;
    const fraction = Math.max(0, zoneAt - dot - 1);
    if (zoneAt < dot || fraction < this.#fractionMin || fraction > this.#fractionMax) return false;
    if (zoneAt === dot) return true;
    if (bytes[dot] !== DOT || fraction === 0) return false;
    for (let digit = dot + 1; digit < zoneAt; digit++)
      if (bytes[digit] < ZERO || bytes[digit] > NINE) return false;
    return !this.#shortest || bytes[zoneAt - 1] !== ZERO;
  }

  findings(): TemporalFindings {
    return {
      kind: this.#kind,
      separator: this.#separator,
      zone: this.#zone,
      fractionMin: this.#fractionMin,
      fractionMax: this.#fractionMax,
      shortest: this.#shortest,
      infinities: this.#infinities,
      broken: this.#broken,
      badCount: this.#badCount,
    };
  }

  /**
   * As if the texts behind `next` had been added one by one after those so far. False, and nothing is added, where the two
   * do not fit together: then only a look at the texts can tell which was the first that didn't.
   */
  append(next: TemporalFindings): boolean {
    if (this.#broken) return true;
    const fresh = this.#kind === null;
    const infinities = this.#infinities + next.infinities;
    const shortest = this.#shortest && next.shortest;
    const fractionMin = Math.min(this.#fractionMin, next.fractionMin);
    const fractionMax = Math.max(this.#fractionMax, next.fractionMax);
    if (next.broken || (infinities > 0 && (next.kind ?? this.#kind) === 'time')) return false;
    if (next.kind !== null) {
      const alike =
        next.kind === this.#kind && next.separator === this.#separator && next.zone === this.#zone;
      if (!fresh && !(alike && (shortest || fractionMin === fractionMax))) return false;
      this.#kind = next.kind;
      this.#separator = next.separator;
      this.#zone = next.zone;
      this.#fractionMin = fractionMin;
      this.#fractionMax = fractionMax;
      this.#shortest = shortest;
    }
    this.#infinities = infinities;
    this.#badCount += next.badCount;
    return true;
  }

  finish(): TemporalFinding {
    if (this.#broken || this.#kind === null) return { kind: null, format: null, maxFractionDigits: 0 };
    const bad = this.#passBad ? { badCount: this.#badCount } : {};
    if (this.#kind === 'date') {
      const format = { separator: ' ' as const, fractionDigits: 0, zone: '' };
      return { kind: 'date', format, maxFractionDigits: 0, ...bad };
    }
    const fixed = this.#fractionMin === this.#fractionMax;
    return {
      kind: this.#kind,
      format: {
        separator: this.#separator,
        // Digits that differ were shortest in every value.
        fractionDigits: fixed ? this.#fractionMax : 'shortest',
        zone: this.#zone,
      },
      maxFractionDigits: this.#fractionMax,
      ...bad,
    };
  }
}

/** Where a valid calendar date at the start ends; 0 if there is none. */
function endOfDate(text: string): number {
  const first = text.charCodeAt(0) === MINUS ? 1 : 0;
  let at = first;
  let year = 0;
  for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) {
    year = year * 10 + code - ZERO;
    if (at - first > 6) return 0;
  }
  const digits = at - first;
  if (digits < 4 || digits > 6 || (digits > 4 && text.charCodeAt(first) === ZERO)) return 0;
  if (text.charCodeAt(at) !== MINUS || text.charCodeAt(at + 3) !== MINUS) return 0;
  if (first === 1 && year === 0) return 0;
  const month = two(text, at + 1);
  const day = two(text, at + 4);
  if (month < 1 || month > 12 || day < 1) return 0;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 && leap ? 29 : MONTH_DAYS[month - 1]) ? at + 6 : 0;
}

/** Where HH:MM:SS from `at` on ends; -1 if there is none. Hour 24 passes here. */
function endOfTime(text: string, at: number): number {
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return -1;
  const [hour, minute, second] = [two(text, at), two(text, at + 3), two(text, at + 6)];
  if (hour < 0 || minute < 0 || second < 0) return -1;
  return hour <= 24 && minute <= 59 && second <= 59 ? at + 8 : -1;
}

function isZone(zone: string): boolean {
  return zone === 'Z' || /^[+-](0\d|1[0-5]):[0-5]\d$/.test(zone);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** The number that two digits write; -1 if they are none. */
function two(text: string, at: number): number {
  const high = text.charCodeAt(at) - ZERO;
  const low = text.charCodeAt(at + 1) - ZERO;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1;
}

/** `YYYY-MM-DD` with a day that the month has in every year; a leap day is the judge's. */
function isDate(bytes: Uint8Array, at: number): boolean {
  const month = twoOf(bytes, at + 5);
  const day = twoOf(bytes, at + 8);
  return (
    twoOf(bytes, at) >= 0 &&
    twoOf(bytes, at + 2) >= 0 &&
    bytes[at + 4] === MINUS &&
    bytes[at + 7] === MINUS &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= MONTH_DAYS[month - 1]
  );
}

/** `HH:MM:SS`, not midnight by the name of 24. */
function isTime(bytes: Uint8Array, at: number): boolean {
  const hour = twoOf(bytes, at);
  const minute = twoOf(bytes, at + 3);
  const second = twoOf(bytes, at + 6);
  return (
    bytes[at + 2] === COLON &&
    bytes[at + 5] === COLON &&
    hour >= 0 &&
    hour <= 23 &&
    minute >= 0 &&
    minute <= 59 &&
    second >= 0 &&
    second <= 59
  );
}

/** The number that two digits write; -1 if they are none. */
function twoOf(bytes: Uint8Array, at: number): number {
  const high = bytes[at] - ZERO;
  const low = bytes[at + 1] - ZERO;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1;
}
