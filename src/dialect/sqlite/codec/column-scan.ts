// What a prescan gathers of one column: storage classes, ranges, lengths, and what its declared type makes one
// ask for. Engine thread; works column by column over pages of rows.

import { isUtf8 } from 'node:buffer';
import type { ColumnEvidence, Probe } from '../../../types/evidence.ts';
import { type Cell, cellText, type Page, type Row } from './cell.ts';
import type { ColumnFindings, Finding, Known, KnownValues, StorageClass } from './column-findings.ts';
import { NumberProbe } from './number-probe.ts';
import { TemporalProbe } from './temporal-probe.ts';
import { isOfForm, type TextForm } from './text-forms.ts';

/** What `firstOffending` says of a real that a 4-byte float can't hold. */
export const NOT_SINGLE = 'a real that is no single-precision number';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const FORMS: readonly TextForm[] = ['timetz', 'interval', 'bit'];

/** Where in a row the facts of one column stand; -1 where they aren't asked for. */
export interface ScannedCells {
  readonly value: number;
  /** json_valid of a text. */
  readonly json: number;
  /** The bytes of a blob whose value is only its beginning. */
  readonly blobLength: number;
}

export class ColumnScan {
  readonly #cell: number;
  readonly #jsonCell: number;
  readonly #lengthCell: number;
  readonly #keyOf: (row: Row) => Record<string, string>;
  readonly #counts: Record<StorageClass, number> = { integer: 0, real: 0, text: 0, blob: 0 };
  readonly #firsts: Partial<Record<StorageClass, Finding>> = {};
  readonly #temporal: TemporalProbe | null;
  readonly #numbers: NumberProbe | null;
  readonly #wantsUuid: boolean;
  readonly #wantsSingle: boolean;
  readonly #form: TextForm | null;
  /** Empty texts are no values (empty_as_null). */
  readonly #emptyIsNull: boolean;
  #rowCount = 0;
  #nullCount = 0;
  #min: bigint | null = null;
  #max: bigint | null = null;
  #minNumber = Number.POSITIVE_INFINITY;
  #maxNumber = Number.NEGATIVE_INFINITY;
  #maxChars = 0;
  #maxBytes = 0;
  #nulCount = 0;
  #invalidCount = 0;
  #maxBlobBytes = 0;
  #emptyCount = 0;
  #allOfForm = true;
  #minFormChars = Number.POSITIVE_INFINITY;
  #maxFormChars = 0;
  #allUuid = true;
  /** What `known` said last, until a value is judged that may change it. */
  #known: Known | null = null;
  #allJson = true;
  #offending: Finding | undefined;

  constructor(cells: ScannedCells, probes: readonly Probe[], keyOf: (row: Row) => Record<string, string>) {
    this.#cell = cells.value;
    this.#jsonCell = cells.json;
    this.#lengthCell = cells.blobLength;
    this.#keyOf = keyOf;
    this.#temporal = probes.includes('temporal') ? new TemporalProbe(probes.includes('bad-dates')) : null;
    this.#numbers = probes.includes('numeric') || probes.includes('decimal-text') ? new NumberProbe() : null;
    this.#wantsUuid = probes.includes('uuid');
    this.#wantsSingle = probes.includes('single');
    this.#form = FORMS.find((form) => probes.includes(form)) ?? null;
    this.#emptyIsNull = probes.includes('empty-as-null');
  }

  /** What is known of values by class, so that others like them need no look (see column-look.ts). */
  known(): Known {
    this.#known ??= this.#whatIsKnown();
    return this.#known;
  }

  #whatIsKnown(): Known {
    const texts = this.#temporal?.isBroken !== false && !this.#asksForm && !this.#asksDecimal;
    const { integer, real, text, blob } = this.#firsts;
    return {
      integer: integer !== undefined,
      real: real !== undefined,
      blob: blob !== undefined,
      text: text === undefined ? 'none' : texts ? 'any' : this.#temporal ? 'temporal' : 'none',
      empty: this.#emptyIsNull || (text !== undefined && texts),
      numbers: this.#numbers,
      temporal: this.#temporal,
      maxChars: this.#maxChars,
    };
  }

  get #asksForm(): boolean {
    return (this.#wantsUuid && this.#allUuid) || (this.#form !== null && this.#allOfForm);
  }

  get #asksDecimal(): boolean {
    return this.#numbers?.allDecimalText === true;
  }

  /** Adds values that were known, and NULLs. */
  addKnown(found: KnownValues): void {
    const { nulls, integers, reals, texts, empties, blobs } = found;
    this.#rowCount += nulls + integers + reals + texts + blobs;
    this.#nullCount += nulls;
    this.#counts.integer += integers;
    this.#counts.real += reals;
    this.#counts.text += texts;
    this.#counts.blob += blobs;
    this.#emptyCount += empties;
    if (integers > 0) {
      this.#range(BigInt(found.minInteger));
      this.#range(BigInt(found.maxInteger));
    }
    if (found.maxAsciiBytes > this.#maxChars) this.#known = null;
    this.#maxChars = Math.max(this.#maxChars, found.maxAsciiBytes);
    this.#maxBytes = Math.max(this.#maxBytes, found.maxAsciiBytes);
    this.#maxBlobBytes = Math.max(this.#maxBlobBytes, found.maxBlobBytes);
  }

  findings(): ColumnFindings {
    return {
      rowCount: this.#rowCount,
      nullCount: this.#nullCount,
      counts: this.#counts,
      firsts: this.#firsts,
      min: this.#min,
      max: this.#max,
      maxChars: this.#maxChars,
      maxBytes: this.#maxBytes,
      nulCount: this.#nulCount,
      invalidCount: this.#invalidCount,
      maxBlobBytes: this.#maxBlobBytes,
      emptyCount: this.#emptyCount,
      allOfForm: this.#allOfForm,
      minFormChars: this.#minFormChars,
      maxFormChars: this.#maxFormChars,
      allUuid: this.#allUuid,
      offending: this.#offending ?? null,
      temporal: this.#temporal?.findings() ?? null,
      numbers: this.#numbers?.findings() ?? null,
    };
  }

  /**
   * As if the rows behind `next`, which another scan with the same probes has seen, had been added after those so far.
   * False where that can't be told from findings alone. Not for scans that were asked about JSON.
   */
  append(next: ColumnFindings): boolean {
    this.#known = null;
    if (this.#temporal && next.temporal && !this.#temporal.append(next.temporal)) return false;
    if (next.numbers) this.#numbers?.append(next.numbers);
    this.#rowCount += next.rowCount;
    this.#nullCount += next.nullCount;
    for (const kind of ['integer', 'real', 'text', 'blob'] as const) {
      this.#counts[kind] += next.counts[kind];
      this.#firsts[kind] ??= next.firsts[kind];
    }
    if (next.min !== null) this.#range(next.min);
    if (next.max !== null) this.#range(next.max);
    this.#maxChars = Math.max(this.#maxChars, next.maxChars);
    this.#maxBytes = Math.max(this.#maxBytes, next.maxBytes);
    this.#nulCount += next.nulCount;
    this.#invalidCount += next.invalidCount;
    this.#maxBlobBytes = Math.max(this.#maxBlobBytes, next.maxBlobBytes);
    this.#emptyCount += next.emptyCount;
    // After the first text that isn't of the form, none was measured.
    if (this.#allOfForm) {
      this.#minFormChars = Math.min(this.#minFormChars, next.minFormChars);
      this.#maxFormChars = Math.max(this.#maxFormChars, next.maxFormChars);
    }
    this.#allOfForm &&= next.allOfForm;
    this.#allUuid &&= next.allUuid;
    this.#offending ??= next.offending ?? undefined;
    return true;
  }

  add(page: Page): void {
    this.#known = null;
    const { rows } = page;
    const cell = this.#cell;
    let joined = '';
    let texts = 0;
    let longest = 0;
    this.#rowCount += rows.length;
    for (let at = 0; at < rows.length; at++) {
      const value = rows[at][cell];
      if (value === null) this.#nullCount++;
      else if (typeof value === 'string') {
        texts++;
        if (value.length === 0) this.#emptyCount++;
        else {
          joined += value;
          if (value.length > longest) longest = value.length;
        }
        if (!this.#firsts.text && (value.length > 0 || !this.#emptyIsNull)) {
          this.#first('text', rows[at], value);
        }
      } else if (typeof value === 'bigint') {
        if (this.#counts.integer++ === 0) this.#first('integer', rows[at], value);
        this.#range(value);
      } else if (typeof value === 'number') {
        if (this.#counts.real++ === 0) this.#first('real', rows[at], value);
      } else {
        if (this.#counts.blob++ === 0) this.#first('blob', rows[at], value);
        const length = this.#lengthCell < 0 ? value.length : Number(rows[at][this.#lengthCell]);
        if (length > this.#maxBlobBytes) this.#maxBlobBytes = length;
      }
    }
    this.#counts.text += texts;
    if (texts > 0) this.#texts(page, joined, longest);
    const asked = this.#temporal || this.#numbers || this.#wantsUuid || this.#form || this.#jsonCell >= 0;
    if (asked) this.#meanings(rows);
  }

  #first(kind: StorageClass, row: Row, value: Cell): void {
    this.#firsts[kind] = { what: kind, row: this.#keyOf(row), value: cellText(value).slice(0, 200) };
  }

  #range(value: bigint): void {
    const number = Number(value);
    if (number <= this.#minNumber && (this.#min === null || value < this.#min)) {
      this.#min = value;
      this.#minNumber = number;
    }
    if (number >= this.#maxNumber && (this.#max === null || value > this.#max)) {
      this.#max = value;
      this.#maxNumber = number;
    }
  }

  /** Whole pages at once, since almost all are harmless; text by text only where something was found. */
  #texts(page: Page, joined: string, longest: number): void {
    const ascii = Buffer.byteLength(joined) === joined.length;
    if (ascii) {
      this.#maxChars = Math.max(this.#maxChars, longest);
      this.#maxBytes = Math.max(this.#maxBytes, longest);
    }
    const hasNul = joined.includes('\0');
    if (!ascii || hasNul) {
      for (const row of page.rows) {
        const value = row[this.#cell];
        if (typeof value !== 'string') continue;
        if (hasNul && value.includes('\0')) this.#nulCount++;
        if (ascii) continue;
        if (value.length > this.#maxChars) this.#maxChars = Math.max(this.#maxChars, codePoints(value));
        if (value.length * 3 > this.#maxBytes) {
          this.#maxBytes = Math.max(this.#maxBytes, Buffer.byteLength(value));
        }
      }
    }
    if (!ascii && joined.includes('\ufffd')) {
      page.exactBytes(this.#cell).forEach((bytes, at) => {
        if (bytes === null || isUtf8(bytes)) return;
        this.#invalidCount++;
        this.#offend('text that is not valid UTF-8', page.rows[at], `x'${hex(bytes)}'`);
      });
    }
  }

  #meanings(rows: readonly Row[]): void {
    for (const row of rows) {
      const value = row[this.#cell];
      if (typeof value === 'string') {
        if (value === '' && this.#emptyIsNull) continue;
        if (this.#temporal?.add(value) === false) this.#offend('text of no date format', row, value);
        if (this.#numbers?.allDecimalText && !this.#numbers.addText(value)) {
          this.#offend('text that is no decimal number', row, value);
        }
        if (this.#wantsUuid && this.#allUuid && !UUID.test(value)) {
          this.#allUuid = false;
          this.#offend('text that is no lower-case UUID', row, value);
        }
        if (this.#jsonCell >= 0 && row[this.#jsonCell] !== 1n && this.#allJson) {
          this.#allJson = false;
          this.#offend('text that is no JSON', row, value);
        }
        if (this.#form && this.#allOfForm) this.#ofForm(this.#form, row, value);
      } else if (this.#numbers) {
        const wasSingle = this.#numbers.single;
        if (typeof value === 'number') this.#numbers.addNumber(value);
        else if (typeof value === 'bigint') this.#numbers.addInteger(value);
        if (this.#wantsSingle && wasSingle && !this.#numbers.single)
          this.#offend(NOT_SINGLE, row, String(value));
      }
    }
  }

  #ofForm(form: TextForm, row: Row, value: string): void {
    this.#minFormChars = Math.min(this.#minFormChars, value.length);
    this.#maxFormChars = Math.max(this.#maxFormChars, value.length);
    if (isOfForm(form, value)) return;
    this.#allOfForm = false;
    this.#offend(`text that is no ${form}`, row, value);
  }

  #offend(what: string, row: Row, value: string): void {
    this.#offending ??= { what, row: this.#keyOf(row), value: value.slice(0, 200) };
  }

  finish(): ColumnEvidence {
    const { integer, real, text, blob } = this.#counts;
    const offending = this.#minority() ?? this.#offending;
    const meantTexts = text - (this.#emptyIsNull ? this.#emptyCount : 0);
    const onlyTexts = meantTexts > 0 && text === this.#values;
    return {
      rowCount: this.#rowCount,
      nullCount: this.#nullCount,
      storage: { integer, real, text, blob },
      ...(this.#min === null || this.#max === null
        ? {}
        : { integers: { min: this.#min.toString(), max: this.#max.toString() } }),
      ...(this.#numbers ? { numeric: this.#numbers.finish() } : {}),
      ...(text > 0
        ? {
            text: {
              maxChars: this.#maxChars,
              maxBytes: this.#maxBytes,
              nulCount: this.#nulCount,
              invalidUtf8Count: this.#invalidCount,
              emptyCount: this.#emptyCount,
            },
          }
        : {}),
      ...(blob > 0 ? { maxBlobBytes: this.#maxBlobBytes } : {}),
      ...(this.#temporal ? { temporal: this.#temporal.finish() } : {}),
      ...(this.#wantsUuid ? { allUuid: this.#allUuid && onlyTexts } : {}),
      ...(this.#jsonCell >= 0 ? { allJson: this.#allJson && onlyTexts } : {}),
      ...(this.#numbers ? { allDecimalText: this.#numbers.allDecimalText && onlyTexts } : {}),
      ...(this.#form
        ? {
            textForm: {
              all: this.#allOfForm && onlyTexts,
              minChars: onlyTexts ? this.#minFormChars : 0,
              maxChars: this.#maxFormChars,
            },
          }
        : {}),
      ...(offending ? { firstOffending: offending } : {}),
    };
  }

  get #values(): number {
    return this.#rowCount - this.#nullCount;
  }

  /** The first value of the rarest class, where there are several. */
  #minority(): Finding | undefined {
    const present = (Object.keys(this.#counts) as StorageClass[])
      .filter((kind) => this.#firsts[kind])
      .sort((a, b) => this.#counts[a] - this.#counts[b]);
    return present.length < 2 ? undefined : this.#firsts[present[0]];
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    // The second half of a pair was counted with the first.
    if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00 || at === 0) count++;
  }
  return count;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 60)).toString('hex');
}
