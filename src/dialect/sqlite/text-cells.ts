// Text and blob cells -> columns with offsets, and values of mixed class -> unions. Part of cells.ts, apart for
// its size. Engine thread. Text keeps its exact bytes: a string that lost some shows it by holding U+FFFD, and
// then the bytes are fetched.
import { ANY_CHILD_TYPES, type Column, variableColumn } from '../../batch/column.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import {
  BadCell,
  BooleanBuilder,
  type CellBuilder,
  FloatBuilder,
  GrowingValidity,
  InstantBuilder,
  IntegerBuilder,
  wrongClass,
} from './cells.ts';
import type { Cell, Page, Row } from './codec/cell.ts';
import { DecimalBuilder } from './decimal-cells.ts';

const HEAP_BYTES_MAX = 2 ** 31 - 1;
/** Byte values of any length: text, json, numeric, binary. */
export class HeapBuilder implements CellBuilder {
  readonly #type: LogicalType;
  readonly #validity = new GrowingValidity();
  #heap = Buffer.allocUnsafeSlow(4096) as Buffer<ArrayBuffer>;
  #used = 0;
  #offsets = new Int32Array(1024);
  #length = 0;

  constructor(type: LogicalType) {
    this.#type = type;
  }

  get byteLength(): number {
    return this.#used + this.#length * 4;
  }

  append(page: Page, cell: number): void {
    if (this.#type.kind === 'binary') this.#appendBlobs(page, cell);
    else this.#appendTexts(page, cell);
  }

  #appendTexts(page: Page, cell: number): void {
    const { rows } = page;
    this.#reserveOffsets(rows.length);
    // One long string is written far faster than many short ones.
    let joined = '';
    const first = this.#length;
    for (let row = 0; row < rows.length; row++) {
      const value = rows[row][cell];
      if (typeof value === 'string') joined += value;
      else if (value === null) this.#validity.setNull(this.#length);
      else throw wrongClass(row, this.#type, value);
      this.#offsets[++this.#length] = this.#used + joined.length;
    }
    if (joined.includes('\ufffd')) {
      this.#length = first;
      this.#appendExact(page, cell);
      return;
    }
    const bytes = Buffer.byteLength(joined);
    this.#reserve(bytes);
    if (bytes === joined.length) this.#heap.write(joined, this.#used, 'latin1');
    else {
      this.#heap.write(joined, this.#used, 'utf8');
      this.#offsetsByBytes(rows, cell, first);
    }
    this.#used += bytes;
  }

  #offsetsByBytes(rows: readonly Row[], cell: number, first: number): void {
    let at = this.#used;
    for (let row = 0; row < rows.length; row++) {
      const value = rows[row][cell];
      if (typeof value === 'string') at += Buffer.byteLength(value);
      this.#offsets[first + row + 1] = at;
    }
  }

  #appendExact(page: Page, cell: number): void {
    const exact = page.exactBytes(cell);
    for (let row = 0; row < page.rows.length; row++) {
      const bytes = exact[row];
      // NULLs were set by the caller already.
      if (bytes) this.addBytes(bytes, 0, bytes.length);
      else this.#offsets[++this.#length] = this.#used;
    }
  }

  #appendBlobs(page: Page, cell: number): void {
    const { rows } = page;
    let exact: readonly (Uint8Array | null)[] | undefined;
    for (let row = 0; row < rows.length; row++) {
      let value = rows[row][cell];
      if (typeof value === 'string') {
        // Text whose bytes are wanted as they are (invalid_utf8=blob).
        exact ??= page.exactBytes(cell);
        const bytes = exact[row];
        value = bytes ? Buffer.from(bytes) : null;
      }
      if (value === null) this.addNull();
      else if (typeof value === 'object') this.addBytes(value, 0, value.length);
      else throw wrongClass(row, this.#type, value);
    }
  }

  /** Adds `bytes[from .. to]`. */
  addBytes(bytes: Uint8Array, from: number, to: number): void {
    const size = to - from;
    this.#reserve(size);
    if (size < 48) {
      const heap = this.#heap;
      let at = this.#used;
      for (let i = from; i < to; i++) heap[at++] = bytes[i];
    } else this.#heap.set(bytes.subarray(from, to), this.#used);
    this.#used += size;
    if (this.#length + 1 >= this.#offsets.length) this.#reserveOffsets(1);
    this.#offsets[++this.#length] = this.#used;
  }

  addNull(): void {
    this.#validity.setNull(this.#length);
    this.#reserveOffsets(1);
    this.#offsets[++this.#length] = this.#used;
  }

  #reserve(more: number): void {
    const wanted = this.#used + more;
    if (wanted <= this.#heap.length) return;
    if (wanted > HEAP_BYTES_MAX) {
      throw new FerrowError('E_MEMORY', 'a batch of one column is larger than 2 GiB');
    }
    const size = Math.min(HEAP_BYTES_MAX, Math.max(wanted, this.#heap.length * 2));
    const grown = Buffer.allocUnsafeSlow(size) as Buffer<ArrayBuffer>;
    grown.set(this.#heap.subarray(0, this.#used));
    this.#heap = grown;
  }

  #reserveOffsets(more: number): void {
    const wanted = this.#length + more + 1;
    if (wanted <= this.#offsets.length) return;
    const grown = new Int32Array(Math.max(wanted, this.#offsets.length * 2));
    grown.set(this.#offsets);
    this.#offsets = grown;
  }

  finish(): Column {
    // A copy would double a large value; a little slack does no harm.
    const slack = this.#heap.length - this.#used;
    const data = new Uint8Array(
      slack * 8 <= this.#used ? this.#heap.buffer : this.#heap.buffer.slice(0, this.#used),
    );
    const offsets = this.#offsets.slice(0, this.#length + 1);
    const { nullCount } = this.#validity;
    const validity = this.#validity.finish(this.#length);
    return variableColumn(this.#type, this.#length, offsets, data, validity, nullCount);
  }
}

const CLASS_OF: Readonly<Record<string, number>> = { bigint: 0, number: 1, string: 2, object: 3 };

/** Values of any class -> a dense union. */
export class AnyBuilder implements CellBuilder {
  readonly #validity = new GrowingValidity();
  readonly #typeIds: number[] = [];
  readonly #offsets: number[] = [];
  readonly #children: readonly CellBuilder[] = ANY_CHILD_TYPES.map(builderFor);
  readonly #counts = [0, 0, 0, 0];

  get byteLength(): number {
    return this.#children.reduce((sum, child) => sum + child.byteLength, this.#offsets.length * 5);
  }

  append(page: Page, cell: number): void {
    const members: Row[][] = [[], [], [], []];
    const textRows: number[] = [];
    page.rows.forEach((row, at) => {
      const value: Cell = row[cell];
      if (value === null) {
        this.#validity.setNull(this.#offsets.length);
        this.#typeIds.push(0);
        this.#offsets.push(0);
        return;
      }
      const id = CLASS_OF[typeof value];
      if (id === 2) textRows.push(at);
      this.#typeIds.push(id);
      this.#offsets.push(this.#counts[id]++);
      members[id].push([value]);
    });
    this.#children.forEach((child, id) => {
      const exactBytes = () => {
        const all = page.exactBytes(cell);
        return textRows.map((at) => all[at]);
      };
      if (members[id].length > 0) child.append({ rows: members[id], exactBytes }, 0);
    });
  }

  finish(): Column {
    const length = this.#offsets.length;
    return {
      type: { kind: 'any' },
      length,
      nullCount: this.#validity.nullCount,
      validity: this.#validity.finish(length),
      data: new Uint8Array(0),
      offsets: Int32Array.from(this.#offsets),
      typeIds: Uint8Array.from(this.#typeIds),
      children: this.#children.map((child) => child.finish()),
    };
  }
}

/** The builder of a wire type that `types.ts` gives. */
export function builderFor(type: LogicalType): CellBuilder {
  switch (type.kind) {
    case 'int':
      if (type.bits !== 128) return new IntegerBuilder(type);
      break;
    case 'float':
      return new FloatBuilder(type);
    case 'timestamp':
      return new InstantBuilder(type);
    case 'bool':
      return new BooleanBuilder();
    case 'decimal':
      return new DecimalBuilder(type);
    case 'text':
    case 'json':
    case 'numeric':
    case 'binary':
      return new HeapBuilder(type);
    case 'any':
      return new AnyBuilder();
    default:
  }
  throw new BadCell(0, 'E_INTERNAL', `SQLite has no wire form for ${type.kind}`, null);
}
