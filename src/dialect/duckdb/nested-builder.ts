// Collects rows of DuckDB's nested vectors, children and all. Engine thread.
//
// Lists may share their elements, overlap or leave some out, and the entry of a NULL list is whatever was in memory:
// elements are gathered list by list, runs of lists that lie end to end as one. What lies below a NULL is made
// NULL here, so that nothing stale is followed.
import duckdb, { type Vector } from '@duckdb/node-bindings';
import { clearBit, isValid, newBitmap } from '../../batch/bitmap.ts';
import type { VectorColumn } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { ValidityBuilder } from './validity-builder.ts';
import type { VectorBuilder } from './vector-builder.ts';
import { joinBytes, vectorBytes } from './vector-bytes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const ENTRY_BYTES = 16;
/** Offsets of a chunk are int32. */
const ELEMENTS_MAX = 2 ** 31 - 1;
/** For children of which all rows have the same number of bytes. */
const NO_BYTES = new Float64Array(0);

/** STRUCT, and UNION, which is one with a tag in front of the members. */
export class StructBuilder implements VectorBuilder {
  readonly fixedBytes: number;
  readonly varies: boolean;
  readonly #children: readonly VectorBuilder[];
  readonly #isUnion: boolean;
  readonly #validity = new ValidityBuilder();
  #tags: Bytes = new Uint8Array(0);
  #pieces: Bytes[] = [];

  constructor(children: readonly VectorBuilder[], isUnion: boolean) {
    this.#children = children;
    this.#isUnion = isUnion;
    this.fixedBytes = children.reduce((sum, child) => sum + child.fixedBytes, isUnion ? 1 : 0);
    this.varies = children.some((child) => child.varies);
  }

  load(vector: Vector, rowCount: number, rowBytes: Float64Array, mask: Bytes | null = null): void {
    this.#validity.load(vector, rowCount, mask);
    const valid = this.#validity.loaded;
    if (this.#isUnion) {
      this.#tags = vectorBytes(duckdb.struct_vector_get_child(vector, 0), rowCount);
      if (valid) for (let i = 0; i < rowCount; i++) if (!isValid(valid, i)) this.#tags[i] = 0;
    }
    this.#children.forEach((child, at) => {
      const part = duckdb.struct_vector_get_child(vector, this.#isUnion ? at + 1 : at);
      child.load(
        part,
        rowCount,
        rowBytes,
        this.#isUnion ? this.#rowsOf(at, rowCount) : (valid?.slice() ?? null),
      );
    });
  }

  /** Rows whose value is of that member. */
  #rowsOf(member: number, rowCount: number): Bytes {
    const rows = newBitmap(rowCount, true);
    for (let i = 0; i < rowCount; i++)
      if (this.#tags[i] !== member || !this.#validity.isValid(i)) clearBit(rows, i);
    return rows;
  }

  take(from: number, to: number): void {
    this.#validity.take(from, to);
    if (this.#isUnion) this.#pieces.push(this.#tags.subarray(from, to));
    for (const child of this.#children) child.take(from, to);
  }

  finish(rowCount: number): VectorColumn {
    const children = this.#children.map((child) => child.finish(rowCount));
    const data = joinBytes(this.#pieces);
    this.#pieces = [];
    return { data, offsets: null, validity: this.#validity.finish(rowCount), children };
  }

  release(): void {
    this.#tags = new Uint8Array(0);
    this.#validity.release();
    for (const child of this.#children) child.release();
  }
}

/** LIST, and MAP, which is a list of STRUCT(key, value): its children are the keys and the values. */
export class ListBuilder implements VectorBuilder {
  readonly fixedBytes = 4;
  readonly varies = true;
  readonly #children: readonly VectorBuilder[];
  readonly #isMap: boolean;
  readonly #validity = new ValidityBuilder();
  /** Of each row: where its elements begin, and how many there are; none where NULL. */
  #starts = new Int32Array(0);
  #lengths = new Int32Array(0);
  #pieces: Int32Array[] = [];
  #elementCount = 0;

  constructor(children: readonly VectorBuilder[], isMap: boolean) {
    this.#children = children;
    this.#isMap = isMap;
  }

  load(vector: Vector, rowCount: number, rowBytes: Float64Array, mask: Bytes | null = null): void {
    this.#validity.load(vector, rowCount, mask);
    const size = duckdb.list_vector_get_size(vector);
    if (size > ELEMENTS_MAX) throw badLists('E_VALUE_TOO_LARGE', `${size} elements in a vector of lists`);
    this.#readEntries(vector, rowCount, size);
    const child = duckdb.list_vector_get_child(vector);
    const varies = this.#children.some((builder) => builder.varies);
    // One more than there are elements: they become running sums.
    const elementBytes = varies ? new Float64Array(size + 1) : NO_BYTES;
    this.#children.forEach((builder, at) => {
      builder.load(this.#isMap ? duckdb.struct_vector_get_child(child, at) : child, size, elementBytes, null);
    });
    const fixed = this.#children.reduce((sum, builder) => sum + builder.fixedBytes, 0);
    for (let i = 0; i < rowCount; i++) rowBytes[i] += this.#lengths[i] * fixed;
    if (!varies) return;
    const upTo = runningSums(elementBytes);
    for (let i = 0; i < rowCount; i++)
      rowBytes[i] += upTo[this.#starts[i] + this.#lengths[i]] - upTo[this.#starts[i]];
  }

  /** {uint64 offset, uint64 length} of each row. */
  #readEntries(vector: Vector, rowCount: number, size: number): void {
    const entries = vectorBytes(vector, rowCount * ENTRY_BYTES);
    const words = new Uint32Array(entries.buffer, 0, rowCount * 4);
    this.#starts = new Int32Array(rowCount);
    this.#lengths = new Int32Array(rowCount);
    for (let i = 0; i < rowCount; i++) {
      if (!this.#validity.isValid(i)) continue;
      const length = words[i * 4 + 2];
      const start = length === 0 ? 0 : words[i * 4];
      const isLong = length > 0 && (words[i * 4 + 1] !== 0 || words[i * 4 + 3] !== 0);
      if (isLong || start + length > size)
        throw badLists('E_CORRUPT', `a list from ${start} on, of ${length} elements, in ${size}`);
      this.#starts[i] = start;
      this.#lengths[i] = length;
    }
  }

  take(from: number, to: number): void {
    this.#validity.take(from, to);
    this.#pieces.push(this.#lengths.subarray(from, to));
    let start = 0;
    let end = 0;
    for (let i = from; i < to; i++) {
      const length = this.#lengths[i];
      if (length === 0) continue;
      if (this.#starts[i] !== end) {
        this.#takeElements(start, end);
        start = this.#starts[i];
        end = start;
      }
      end += length;
    }
    this.#takeElements(start, end);
  }

  #takeElements(from: number, to: number): void {
    if (to === from) return;
    this.#elementCount += to - from;
    for (const child of this.#children) child.take(from, to);
  }

  finish(rowCount: number): VectorColumn {
    const offsets = new Int32Array(rowCount + 1);
    let at = 0;
    for (const lengths of this.#pieces)
      for (let i = 0; i < lengths.length; i++, at++) offsets[at + 1] = offsets[at] + lengths[i];
    const children = this.#children.map((child) => child.finish(this.#elementCount));
    this.#pieces = [];
    this.#elementCount = 0;
    return { data: new Uint8Array(0), offsets, validity: this.#validity.finish(rowCount), children };
  }

  release(): void {
    this.#starts = new Int32Array(0);
    this.#lengths = new Int32Array(0);
    this.#validity.release();
    for (const child of this.#children) child.release();
  }
}

/** ARRAY: so many elements for every row, NULL rows too. */
export class ArrayBuilder implements VectorBuilder {
  readonly fixedBytes: number;
  readonly varies: boolean;
  readonly #child: VectorBuilder;
  readonly #size: number;
  readonly #validity = new ValidityBuilder();

  constructor(child: VectorBuilder, size: number) {
    this.#child = child;
    this.#size = size;
    this.fixedBytes = size * child.fixedBytes;
    this.varies = child.varies;
  }

  load(vector: Vector, rowCount: number, rowBytes: Float64Array, mask: Bytes | null = null): void {
    const size = this.#size;
    this.#validity.load(vector, rowCount, mask);
    const elementBytes = this.varies ? new Float64Array(rowCount * size) : NO_BYTES;
    const elements = this.#elementsOf(rowCount);
    this.#child.load(duckdb.array_vector_get_child(vector), rowCount * size, elementBytes, elements);
    for (let i = 0, at = 0; at < elementBytes.length; i++)
      for (const end = at + size; at < end; at++) rowBytes[i] += elementBytes[at];
  }

  /** Elements of rows that aren't NULL; null if none is. */
  #elementsOf(rowCount: number): Bytes | null {
    const valid = this.#validity.loaded;
    if (valid === null) return null;
    const size = this.#size;
    const bits = newBitmap(rowCount * size, true);
    for (let i = 0; i < rowCount; i++) {
      if (isValid(valid, i)) continue;
      for (let at = i * size; at < (i + 1) * size; at++) clearBit(bits, at);
    }
    return bits;
  }

  take(from: number, to: number): void {
    this.#validity.take(from, to);
    this.#child.take(from * this.#size, to * this.#size);
  }

  finish(rowCount: number): VectorColumn {
    const children = [this.#child.finish(rowCount * this.#size)];
    return { data: new Uint8Array(0), offsets: null, validity: this.#validity.finish(rowCount), children };
  }

  release(): void {
    this.#validity.release();
    this.#child.release();
  }
}

/** In place: at `i` the bytes of the first `i` elements. */
function runningSums(bytes: Float64Array): Float64Array {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) {
    const own = bytes[i];
    bytes[i] = sum;
    sum += own;
  }
  return bytes;
}

function badLists(code: 'E_CORRUPT' | 'E_VALUE_TOO_LARGE', what: string): FerrowError {
  return new FerrowError(code, `DuckDB gave ${what}`, { dialect: 'duckdb' });
}
