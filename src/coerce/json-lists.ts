// Lists and maps read from JSON. Pure.
import { Buffer } from 'node:buffer';
import { type Column, nestedColumn } from '../batch/column.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { JsonCursor } from './json-cursor.ts';
import { IntList, type JsonLeaf, type JsonShape, NullRows, wanted } from './json-leaf.ts';
import type { JsonRefusal } from './json-print-leaf.ts';
import type { LossSink } from './kernel.ts';
import { elementSink } from './nested-sink.ts';

const [COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = Array.from(',:[]{}', (c) => c.charCodeAt(0));
const NULL = Uint8Array.from('null', (c) => c.charCodeAt(0));

export const invalid = (message: string): JsonRefusal => ({ code: 'E_INVALID_JSON', message });
export const BROKEN = invalid('a comma or closing bracket is missing');

/** Reads a value or null. */
export function readOrNull(shape: JsonShape, cursor: JsonCursor): JsonRefusal | null {
  const valueStart = cursor.at;
  if (!cursor.word(NULL)) return shape.read(cursor, valueStart);
  shape.addNull();
  return null;
}

export class ListShape implements JsonShape {
  length = 0;
  readonly #type: Extract<LogicalType, { kind: 'list' }>;
  readonly #element: JsonShape;
  readonly #ends = new IntList();
  readonly #nulls = new NullRows();

  constructor(type: Extract<LogicalType, { kind: 'list' }>, element: JsonShape) {
    this.#type = type;
    this.#element = element;
  }

  addNull(): void {
    this.#nulls.add(this.length);
    this.#close();
  }

  truncate(length: number): void {
    this.length = length;
    this.#ends.length = length;
    this.#nulls.truncate(length);
    this.#element.truncate(length === 0 ? 0 : this.#ends.at(length - 1));
  }

  read(cursor: JsonCursor): JsonRefusal | null {
    const { size } = this.#type;
    const first = this.#element.length;
    if (!cursor.take(OPEN_LIST)) return wanted('a list', this.#type);
    const start = cursor.at;
    if (!cursor.take(CLOSE_LIST)) {
      cursor.at = start;
      for (;;) {
        const refusal = readOrNull(this.#element, cursor);
        if (refusal !== null) return refusal;
        if (cursor.take(COMMA)) continue;
        if (cursor.take(CLOSE_LIST)) break;
        return BROKEN;
      }
    }
    const count = this.#element.length - first;
    if (size !== undefined && count !== size)
      return { code: 'E_ARRAY_SHAPE', message: `a list of ${count} stands where ${size} elements should` };
    this.#close();
    return null;
  }

  finish(sink: LossSink): Column {
    const { length } = this;
    const offsets = offsetsFrom(this.#ends, length);
    const element = this.#element.finish(elementSink(sink, offsets, length, 'element'));
    const nulls = this.#nulls.finish(length);
    return nestedColumn(this.#type, length, { children: [element], offsets }, nulls.validity, nulls.count);
  }

  #close(): void {
    this.#ends.push(this.#element.length);
    this.length++;
  }
}

function offsetsFrom(ends: IntList, length: number): Int32Array<ArrayBuffer> {
  const offsets = new Int32Array(length + 1);
  offsets.set(ends.copy(), 1);
  return offsets;
}

export class MapShape implements JsonShape {
  length = 0;
  readonly #type: Extract<LogicalType, { kind: 'map' }>;
  readonly #key: JsonShape;
  readonly #value: JsonShape;
  readonly #ends = new IntList();
  readonly #nulls = new NullRows();

  constructor(type: Extract<LogicalType, { kind: 'map' }>, key: JsonShape, value: JsonShape) {
    this.#type = type;
    this.#key = key;
    this.#value = value;
  }

  addNull(): void {
    this.#nulls.add(this.length);
    this.#close();
  }

  truncate(length: number): void {
    this.length = length;
    this.#ends.length = length;
    this.#nulls.truncate(length);
    const entries = length === 0 ? 0 : this.#ends.at(length - 1);
    this.#key.truncate(entries);
    this.#value.truncate(entries);
  }

  read(cursor: JsonCursor): JsonRefusal | null {
    const isObject = this.#type.key.kind === 'text';
    const close = isObject ? CLOSE : CLOSE_LIST;
    if (!cursor.take(isObject ? OPEN : OPEN_LIST))
      return wanted(isObject ? 'an object' : 'a list', this.#type);
    const seen = new Set<string>();
    if (!cursor.take(close)) {
      for (;;) {
        const refusal = isObject ? this.#member(cursor, seen) : this.#pair(cursor, seen);
        if (refusal !== null) return refusal;
        if (cursor.take(COMMA)) continue;
        if (cursor.take(close)) break;
        return BROKEN;
      }
    }
    this.#close();
    return null;
  }

  finish(sink: LossSink): Column {
    const { length } = this;
    const offsets = offsetsFrom(this.#ends, length);
    const children = [
      this.#key.finish(elementSink(sink, offsets, length, 'key')),
      this.#value.finish(elementSink(sink, offsets, length, 'value')),
    ];
    const nulls = this.#nulls.finish(length);
    return nestedColumn(this.#type, length, { children, offsets }, nulls.validity, nulls.count);
  }

  /** `"key": value` */
  #member(cursor: JsonCursor, seen: Set<string>): JsonRefusal | null {
    if (!cursor.string()) return invalid('a member has no name in quotes');
    if (isTwin(seen, latin(cursor.token, cursor.tokenStart, cursor.tokenEnd))) return TWIN_KEY;
    (this.#key as JsonLeaf).addKey(cursor);
    return cursor.take(COLON) ? readOrNull(this.#value, cursor) : invalid('a colon is missing');
  }

  /** `[key, value]` */
  #pair(cursor: JsonCursor, seen: Set<string>): JsonRefusal | null {
    if (!cursor.take(OPEN_LIST)) return wanted('a list of pairs', this.#type);
    const keyStart = cursor.at;
    if (cursor.word(NULL)) return invalid('a key is null');
    const refusal = this.#key.read(cursor, keyStart);
    if (refusal !== null) return refusal;
    if (isTwin(seen, latin(cursor.heap, keyStart, cursor.at).trim())) return TWIN_KEY;
    if (!cursor.take(COMMA)) return BROKEN;
    const second = readOrNull(this.#value, cursor);
    if (second !== null) return second;
    return cursor.take(CLOSE_LIST) ? null : BROKEN;
  }

  #close(): void {
    this.#ends.push(this.#key.length);
    this.length++;
  }
}

const TWIN_KEY = invalid('a key is there twice');

function isTwin(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return true;
  seen.add(key);
  return false;
}

function latin(heap: Uint8Array, start: number, end: number): string {
  return Buffer.from(heap.buffer, heap.byteOffset + start, end - start).toString('latin1');
}
