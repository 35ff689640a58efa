// Leaves of nested types read from JSON: each gathers the text of its values, which the conversion of its type then
// turns into the column, all at once. Pure.
import { HeapBuilder, Nulls } from '../batch/builder.ts';
import { type Column, variableColumn } from '../batch/column.ts';
import type { LogicalType } from '../types/logical-type.ts';
import { matches } from './digits.ts';
import type { JsonCursor } from './json-cursor.ts';
import { withoutExponent } from './json-number.ts';
import type { JsonRefusal } from './json-print-leaf.ts';
import type { Kernel, LossSink } from './kernel.ts';

/** A list of integers that grows. */
export class IntList {
  length = 0;
  #items = new Int32Array(64);

  push(value: number): void {
    if (this.length === this.#items.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.length++] = value;
  }

  /** Forgets all from the first that is `least` or more; the list must be ascending. */
  dropFrom(least: number): void {
    while (this.length > 0 && this.#items[this.length - 1] >= least) this.length--;
  }

  at(index: number): number {
    return this.#items[index];
  }

  copy(): Int32Array<ArrayBuffer> {
    return this.#items.slice(0, this.length);
  }
}

/** The NULLs of a column that grows. */
export class NullRows {
  readonly #rows = new IntList();

  add(row: number): void {
    this.#rows.push(row);
  }

  truncate(length: number): void {
    this.#rows.dropFrom(length);
  }

  finish(length: number): Nulls {
    const nulls = new Nulls(length);
    for (const row of this.#rows.copy()) nulls.set(row);
    return nulls;
  }
}

/** A part of the type tree while values are read into it. */
export interface JsonShape {
  readonly length: number;
  /** Reads the value at the cursor, which isn't null. After a refusal, truncate. */
  read(cursor: JsonCursor, valueStart: number): JsonRefusal | null;
  addNull(): void;
  /** Forgets values from `length` on, and what was read of one that isn't complete. */
  truncate(length: number): void;
  finish(sink: LossSink): Column;
}

/** What must stand in JSON for a leaf. */
export type LeafToken = 'string' | 'number' | 'boolean' | 'hex' | 'json';

/** The token of a leaf's type, and of `float` and `numeric` besides it the strings for what JSON has no number for. */
export function leafToken(type: LogicalType): LeafToken {
  switch (type.kind) {
    case 'bool':
      return 'boolean';
    case 'int':
    case 'decimal':
    case 'float':
    case 'numeric':
      return 'number';
    case 'json':
      return 'json';
    case 'binary':
      return 'hex';
    default:
      return 'string';
  }
}

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const TRUE = ascii('true');
const FALSE = ascii('false');
const SPECIALS = ['NaN', 'Infinity', '-Infinity'].map((text) => [...ascii(text)]);

export class JsonLeaf implements JsonShape {
  length = 0;
  readonly #type: LogicalType;
  readonly #token: LeafToken;
  /** From text (or bytes, or json) to the type; null where it is that already. */
  readonly #kernel: Kernel | null;
  readonly #ends = new IntList();
  readonly #heap = new HeapBuilder(0, 256);
  readonly #nulls = new NullRows();

  constructor(type: LogicalType, kernel: Kernel | null) {
    this.#type = type;
    this.#token = leafToken(type);
    this.#kernel = kernel;
  }

  addNull(): void {
    this.#nulls.add(this.length);
    this.#close();
  }

  truncate(length: number): void {
    if (this.length <= length) return;
    this.#heap.end = length === 0 ? 0 : this.#ends.at(length - 1);
    this.#ends.length = length;
    this.#nulls.truncate(length);
    this.length = length;
  }

  read(cursor: JsonCursor, valueStart: number): JsonRefusal | null {
    switch (this.#token) {
      case 'string':
        if (!cursor.string()) return wanted('a string', this.#type);
        this.#add(cursor.token, cursor.tokenStart, cursor.tokenEnd);
        return null;
      case 'boolean':
        if (cursor.word(TRUE)) this.#add(TRUE, 0, 4);
        else if (cursor.word(FALSE)) this.#add(FALSE, 0, 5);
        else return wanted('true or false', this.#type);
        return null;
      case 'number':
        return this.#number(cursor);
      case 'hex':
        return this.#hex(cursor);
      case 'json': {
        // With the spaces around it: JSON inside stays as it is.
        cursor.at = valueStart;
        const fault = cursor.value();
        if (fault !== null)
          return { code: 'E_INVALID_JSON', message: `the text is not valid JSON: ${fault}` };
        this.#add(cursor.heap, valueStart, cursor.at);
        return null;
      }
    }
  }

  /** Adds bytes that were read already: a key. */
  addKey(cursor: JsonCursor): void {
    this.#add(cursor.token, cursor.tokenStart, cursor.tokenEnd);
  }

  finish(sink: LossSink): Column {
    const offsets = new Int32Array(this.length + 1);
    offsets.set(this.#ends.copy(), 1);
    const { validity, count } = this.#nulls.finish(this.length);
    const heap = this.#heap.heap.slice(0, this.#heap.end);
    const isItself = this.#kernel === null || this.#token === 'hex';
    const type: LogicalType = isItself ? this.#type : { kind: 'text' };
    const column = variableColumn(type, this.length, offsets, heap, validity, count);
    return this.#kernel === null ? column : this.#kernel(column, sink);
  }

  #add(bytes: Uint8Array, start: number, end: number): void {
    const heap = this.#heap.reserve(end - start);
    heap.set(bytes.subarray(start, end), this.#heap.end);
    this.#heap.end += end - start;
    this.#close();
  }

  #close(): void {
    this.#ends.push(this.#heap.end);
    this.length++;
  }

  #number(cursor: JsonCursor): JsonRefusal | null {
    const { kind } = this.#type;
    if (cursor.number()) {
      const { token, tokenStart, tokenEnd } = cursor;
      const isPlain = kind === 'float' || !hasExponent(token, tokenStart, tokenEnd);
      const plain = isPlain
        ? null
        : withoutExponent(String.fromCharCode(...token.subarray(tokenStart, tokenEnd)));
      if (isPlain) this.#add(token, tokenStart, tokenEnd);
      else if (plain !== null) this.#add(ascii(plain), 0, plain.length);
      else return { code: 'E_INVALID_NUMBER', message: 'a number inside has too large an exponent' };
      return null;
    }
    if ((kind === 'float' || kind === 'numeric') && cursor.string()) {
      const { token, tokenStart, tokenEnd } = cursor;
      if (SPECIALS.some((text) => matches(token, tokenStart, tokenEnd, text))) {
        this.#add(token, tokenStart, tokenEnd);
        return null;
      }
    }
    return wanted('a number', this.#type);
  }

  /** `"\\x00ff"`: lower-case digits in pairs. */
  #hex(cursor: JsonCursor): JsonRefusal | null {
    if (!cursor.string()) return wanted('a string of hex digits', this.#type);
    const { token, tokenStart, tokenEnd } = cursor;
    const digits = tokenEnd - tokenStart - 2;
    const begins = token[tokenStart] === 92 && token[tokenStart + 1] === 120;
    if (digits < 0 || digits % 2 === 1 || !begins) return wanted('\\x and hex digits', this.#type);
    const heap = this.#heap.reserve(digits / 2);
    let to = this.#heap.end;
    for (let at = tokenStart + 2; at < tokenEnd; at += 2) {
      const value = nibble(token[at]) * 16 + nibble(token[at + 1]);
      if (Number.isNaN(value)) return wanted('\\x and hex digits', this.#type);
      heap[to++] = value;
    }
    this.#heap.end = to;
    this.#close();
    return null;
  }
}

export function wanted(what: string, type: LogicalType): JsonRefusal {
  return { code: 'E_INVALID_JSON', message: `${what} should stand for a value of ${type.kind}` };
}

function hasExponent(text: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((text[at] | 32) === 101) return true;
  return false;
}

function nibble(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  return byte >= 97 && byte <= 102 ? byte - 87 : Number.NaN;
}
