// Small builders for columns: validity that is copied only when it changes, a growable byte heap with
// offsets, fixed-width buffers, and typed views. Pure; any thread.
import { FerrowError } from '../errors/ferrow-error.ts';
import { fixedWidth, type LogicalType } from '../types/logical-type.ts';
import { bitmapBytes, clearBit, newBitmap } from './bitmap.ts';
import { type Column, fixedColumn, variableColumn } from './column.ts';

/** Arrow offsets are int32, so a heap never grows beyond this. */
const HEAP_BYTES_MAX = 2 ** 31 - 1;

/** NULLs of a column that is being made: starts from another column's, copied on the first change. */
export class Nulls {
  validity: Uint8Array<ArrayBuffer> | null;
  count: number;
  readonly #length: number;
  #owned = false;

  constructor(length: number, validity: Uint8Array<ArrayBuffer> | null = null, count = 0) {
    this.#length = length;
    this.validity = count === 0 ? null : validity;
    this.count = count;
  }

  static of(column: Column): Nulls {
    return new Nulls(column.length, column.validity, column.nullCount);
  }

  /** Makes value `at`, which must not be NULL yet, NULL. */
  set(at: number): void {
    if (!this.#owned) {
      const bits = newBitmap(this.#length, true);
      if (this.validity) bits.set(this.validity.subarray(0, bitmapBytes(this.#length)));
      this.validity = bits;
      this.#owned = true;
    }
    clearBit(this.validity as Uint8Array, at);
    this.count++;
  }
}

/** The same bytes, and zeros behind them, in a buffer of another length; the old one is given back at once. */
export function resized(bytes: Uint8Array<ArrayBuffer>, byteLength: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer.transfer(byteLength));
}

/**
 * A byte heap with offsets. Values are made in order: `reserve`, write from `end` on, `close`. NULL is an
 * empty value.
 */
export class HeapBuilder {
  heap: Uint8Array<ArrayBuffer>;
  /** Where the next value begins. */
  end = 0;
  readonly offsets: Int32Array<ArrayBuffer>;

  constructor(length: number, heapBytes: number) {
    this.heap = new Uint8Array(Math.max(16, Math.min(heapBytes, HEAP_BYTES_MAX)));
    this.offsets = new Int32Array(length + 1);
  }

  /** The heap, with room for `bytes` more after `end`. */
  reserve(bytes: number): Uint8Array<ArrayBuffer> {
    const needed = this.end + bytes;
    if (needed > this.heap.byteLength) {
      if (needed > HEAP_BYTES_MAX) {
        throw new FerrowError('E_VALUE_TOO_LARGE', 'a batch holds more than 2 GiB in one column', {
          hint: 'lower --batch-size',
        });
      }
      this.heap = resized(this.heap, Math.min(HEAP_BYTES_MAX, Math.max(needed, this.heap.byteLength * 2)));
    }
    return this.heap;
  }

  /** Value `at` ends at heap position `end`. */
  close(at: number, end: number): void {
    this.end = end;
    this.offsets[at + 1] = end;
  }

  /** Value `at` is `source[start .. end]`. */
  copy(at: number, source: Uint8Array, start: number, end: number): void {
    const heap = this.reserve(end - start);
    if (end - start < 24) for (let i = start, to = this.end; i < end; i++, to++) heap[to] = source[i];
    else heap.set(source.subarray(start, end), this.end);
    this.close(at, this.end + end - start);
  }

  /** The heap cut to its length, if much of it is unused. */
  finish(type: LogicalType, length: number, nulls: Nulls): Column {
    const slack = this.heap.byteLength - this.end;
    const heap = slack > 4096 + (this.end >> 2) ? resized(this.heap, this.end) : this.heap;
    return variableColumn(type, length, this.offsets, heap, nulls.validity, nulls.count);
  }
}

/** A zeroed buffer for `length` values of a fixed-width type (or bits), in whole 8-byte words. */
export function fixedBuffer(type: LogicalType, length: number): Uint8Array<ArrayBuffer> {
  const bytes = type.kind === 'bool' ? bitmapBytes(length) : length * fixedWidth(type);
  return new Uint8Array((bytes + 7) & ~7);
}

/** A column of fixed width (or bits) with the NULLs of `nulls`. */
export function finishFixed(
  type: LogicalType,
  length: number,
  data: Uint8Array<ArrayBuffer>,
  nulls: Nulls,
): Column {
  return fixedColumn(type, length, data, nulls.validity, nulls.count);
}

/** Offsets of a variable-width column. @throws FerrowError E_INTERNAL if it has none */
export function offsetsOf(column: Column): Int32Array<ArrayBuffer> {
  if (column.offsets === null) {
    throw new FerrowError('E_INTERNAL', `a ${column.type.kind} column came without offsets`);
  }
  return column.offsets;
}

// Views over a column's data. Columns own whole ArrayBuffers, so byteOffset is 0 and alignment holds.

export function int32View(data: Uint8Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  return new Int32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
}

export function float64View(data: Uint8Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  return new Float64Array(data.buffer, data.byteOffset, data.byteLength >> 3);
}

export function float32View(data: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return new Float32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
}

export function int64View(data: Uint8Array<ArrayBuffer>): BigInt64Array<ArrayBuffer> {
  return new BigInt64Array(data.buffer, data.byteOffset, data.byteLength >> 3);
}

type SmallIntArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** The values of an integer column of at most 32 bits. */
export function smallIntView(
  data: Uint8Array<ArrayBuffer>,
  bits: 8 | 16 | 32,
  signed: boolean,
): SmallIntArray {
  const { buffer, byteOffset, byteLength } = data;
  switch (bits) {
    case 8:
      return signed ? new Int8Array(buffer, byteOffset, byteLength) : data;
    case 16:
      return signed
        ? new Int16Array(buffer, byteOffset, byteLength >> 1)
        : new Uint16Array(buffer, byteOffset, byteLength >> 1);
    default:
      return signed
        ? new Int32Array(buffer, byteOffset, byteLength >> 2)
        : new Uint32Array(buffer, byteOffset, byteLength >> 2);
  }
}
