// Nested types read from JSON: the shapes between the leaves, and the kernel that reads a column. Strict: a field that
// is missing, unknown or there twice, a list of another length, anything behind the value is refused. Pure.
import { isValid } from '../batch/bitmap.ts';
import { offsetsOf } from '../batch/builder.ts';
import { type Column, nestedColumn } from '../batch/column.ts';
import type { LogicalType, NamedType } from '../types/logical-type.ts';
import { checkUtf8 } from './check-text.ts';
import { EnumLabels } from './enum-labels.ts';
import { JsonCursor } from './json-cursor.ts';
import { IntList, JsonLeaf, type JsonShape, NullRows, wanted } from './json-leaf.ts';
import { BROKEN, invalid, ListShape, MapShape, readOrNull } from './json-lists.ts';
import type { JsonRefusal } from './json-print-leaf.ts';
import type { Kernel, LossSink } from './kernel.ts';
import { fieldSink } from './nested-sink.ts';
import { Rejects } from './rejects.ts';

const [COMMA, COLON, OPEN, CLOSE] = Array.from(',:{}', (c) => c.charCodeAt(0));

/** Reads the name of a member and its colon. */
function readName(cursor: JsonCursor): JsonRefusal | null {
  if (!cursor.string()) return invalid('a member has no name in quotes');
  return cursor.take(COLON) ? null : invalid('a colon is missing');
}

class StructShape implements JsonShape {
  length = 0;
  readonly #type: Extract<LogicalType, { kind: 'struct' }>;
  readonly #fields: readonly JsonShape[];
  readonly #names: EnumLabels;
  readonly #nulls = new NullRows();

  constructor(type: Extract<LogicalType, { kind: 'struct' }>, fields: readonly JsonShape[]) {
    this.#type = type;
    this.#fields = fields;
    this.#names = new EnumLabels(type.fields.map(({ name }) => name));
  }

  addNull(): void {
    this.#nulls.add(this.length++);
    for (const field of this.#fields) field.addNull();
  }

  truncate(length: number): void {
    this.length = length;
    this.#nulls.truncate(length);
    for (const field of this.#fields) field.truncate(length);
  }

  read(cursor: JsonCursor): JsonRefusal | null {
    if (!cursor.take(OPEN)) return wanted('an object', this.#type);
    let left = this.#fields.length;
    if (!cursor.take(CLOSE)) {
      for (;;) {
        const refusal = this.#member(cursor);
        if (refusal !== null) return refusal;
        left--;
        if (cursor.take(COMMA)) continue;
        if (cursor.take(CLOSE)) break;
        return BROKEN;
      }
    }
    if (left > 0) {
      const missing = this.#fields.findIndex((field) => field.length === this.length);
      return invalid(`the field "${this.#type.fields[missing].name}" is missing`);
    }
    this.length++;
    return null;
  }

  finish(sink: LossSink): Column {
    const { length } = this;
    const children = finishNamed(this.#type.fields, this.#fields, sink);
    const nulls = this.#nulls.finish(length);
    return nestedColumn(this.#type, length, { children }, nulls.validity, nulls.count);
  }

  #member(cursor: JsonCursor): JsonRefusal | null {
    const refusal = readName(cursor);
    if (refusal !== null) return refusal;
    const at = this.#names.find(cursor.token, cursor.tokenStart, cursor.tokenEnd);
    if (at < 0) return invalid('a field is there that the type does not have');
    if (this.#fields[at].length > this.length)
      return invalid(`the field "${this.#type.fields[at].name}" is there twice`);
    return readOrNull(this.#fields[at], cursor);
  }
}

function finishNamed(types: readonly NamedType[], shapes: readonly JsonShape[], sink: LossSink): Column[] {
  return shapes.map((shape, at) => shape.finish(fieldSink(sink, types[at].name)));
}

class UnionShape implements JsonShape {
  length = 0;
  readonly #type: Extract<LogicalType, { kind: 'union' }>;
  readonly #members: readonly JsonShape[];
  readonly #names: EnumLabels;
  readonly #typeIds = new IntList();
  readonly #nulls = new NullRows();

  constructor(type: Extract<LogicalType, { kind: 'union' }>, members: readonly JsonShape[]) {
    this.#type = type;
    this.#members = members;
    this.#names = new EnumLabels(type.members.map(({ name }) => name));
  }

  addNull(): void {
    this.#nulls.add(this.length++);
    this.#typeIds.push(0);
    for (const member of this.#members) member.addNull();
  }

  truncate(length: number): void {
    this.length = length;
    this.#typeIds.length = length;
    this.#nulls.truncate(length);
    for (const member of this.#members) member.truncate(length);
  }

  /** `{"member": value}` */
  read(cursor: JsonCursor): JsonRefusal | null {
    if (!cursor.take(OPEN)) return wanted('an object', this.#type);
    const unnamed = readName(cursor);
    if (unnamed !== null) return unnamed;
    const chosen = this.#names.find(cursor.token, cursor.tokenStart, cursor.tokenEnd);
    if (chosen < 0) return invalid('a member is there that the type does not have');
    const refusal = readOrNull(this.#members[chosen], cursor);
    if (refusal !== null) return refusal;
    if (!cursor.take(CLOSE)) return invalid('a union has one member');
    this.#members.forEach((member, at) => {
      if (at !== chosen) member.addNull();
    });
    this.#typeIds.push(chosen);
    this.length++;
    return null;
  }

  finish(sink: LossSink): Column {
    const { length } = this;
    const children = finishNamed(this.#type.members, this.#members, sink);
    const typeIds = Uint8Array.from(this.#typeIds.copy());
    const nulls = this.#nulls.finish(length);
    return nestedColumn(this.#type, length, { children, typeIds }, nulls.validity, nulls.count);
  }
}

/** The kernel of a leaf: from the text that JSON has for it to its type. `isKey`: of a map, where nothing may change. */
export type LeafKernels = (type: LogicalType, isKey: boolean) => Kernel | null;

/** Makes the shapes of a type anew for each column. */
function compileShape(type: LogicalType, kernels: LeafKernels, isKey: boolean): () => JsonShape {
  const child = (of: LogicalType, key = isKey) => compileShape(of, kernels, key);
  switch (type.kind) {
    case 'list': {
      const element = child(type.element);
      return () => new ListShape(type, element());
    }
    case 'map': {
      const [key, value] = [child(type.key, true), child(type.value)];
      return () => new MapShape(type, key(), value());
    }
    case 'struct': {
      const fields = type.fields.map((field) => child(field.type));
      return () =>
        new StructShape(
          type,
          fields.map((make) => make()),
        );
    }
    case 'union': {
      const members = type.members.map((member) => child(member.type));
      return () =>
        new UnionShape(
          type,
          members.map((make) => make()),
        );
    }
    default: {
      const kernel = kernels(type, isKey);
      return () => new JsonLeaf(type, kernel);
    }
  }
}

/** JSON text as a nested type. What doesn't fit is E_INVALID_JSON, or what the leaf's conversion says. */
export function jsonToNested(to: LogicalType, kernels: LeafKernels): Kernel {
  const make = compileShape(to, kernels, false);
  return (column, sink) => {
    const text = checkUtf8(column, sink, {});
    const offsets = offsetsOf(text);
    const root = make();
    const rejects = new Rejects(text, sink);
    const cursor = new JsonCursor();
    for (let row = 0; row < text.length; row++) {
      if (!isValid(text.validity, row)) {
        root.addNull();
        continue;
      }
      cursor.reset(text.data, offsets[row], offsets[row + 1]);
      let refusal = root.read(cursor, cursor.at);
      if (refusal === null && cursor.peek() >= 0) refusal = invalid('something stands behind the value');
      if (refusal === null) continue;
      root.truncate(row);
      root.addNull();
      rejects.refuse(row, refusal.code, refusal.message);
    }
    rejects.done();
    return root.finish(sink);
  };
}
