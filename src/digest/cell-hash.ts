// Hashes of the values of one column, a column at a time over its buffers; no JS value per cell. Pure; runs in crossing
// workers.
//
// What is hashed is the value, not its layout: integers of 64 bits and less by their number, labels by their text, `any`
// by what each value is, maps whatever the order of their entries. Only slots that hold a value are looked at.
import { getBit } from '../batch/bitmap.ts';
import { int32View, offsetsOf, smallIntView } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { LogicalType } from '../types/logical-type.ts';
import { hashBytes } from './byte-hash.ts';
import { endA, endB, type Lanes, NULL_A, NULL_B, newLanes, stepA, stepB } from './mix.ts';
import { hashNested } from './nested-hash.ts';
import { seedOf } from './seeds.ts';
import { hashWords } from './word-hash.ts';

export interface HashOptions {
  /** -0.0 counts as 0.0: the target keeps no other. */
  readonly oneZero: boolean;
}

/** Fills the first `column.length` places of `out`. */
export function hashColumn(column: Column, out: Lanes, options: HashOptions): void {
  hashValues(column, out, options);
  const { validity, length, nullCount } = column;
  if (validity === null || nullCount === 0) return;
  for (let i = 0; i < length; i++) {
    if ((validity[i >> 3] & (1 << (i & 7))) !== 0) continue;
    out.a[i] = NULL_A;
    out.b[i] = NULL_B;
  }
}

/** The same into lanes of its own, for children. */
function childLanes(column: Column, options: HashOptions): Lanes {
  const lanes = newLanes(column.length);
  hashColumn(column, lanes, options);
  return lanes;
}

function hashValues(column: Column, out: Lanes, options: HashOptions): void {
  const { type, length, data } = column;
  const layout = layoutOf(type);
  if (layout !== null) {
    const { words, seed } = layout;
    const view = viewOf(data, words, length);
    const oneZero = options.oneZero && type.kind === 'float';
    hashWords(oneZero ? withOneZero(view, words) : view, words, length, seed, out);
    return;
  }
  switch (type.kind) {
    case 'bool':
      hashBits(data, length, out);
      break;
    case 'int':
      hashNarrow(data, type, length, out);
      break;
    case 'enum':
      hashLabels(viewOf(data, 1, length), type.labels, length, out);
      break;
    case 'text':
    case 'json':
    case 'numeric':
      hashBytes(data, offsetsOf(column), length, seedOf('text'), out);
      break;
    case 'binary':
    case 'opaque':
      hashBytes(data, offsetsOf(column), length, seedOf('binary'), out);
      break;
    case 'bit':
      hashBytes(data, offsetsOf(column), length, seedOf('bit'), out);
      break;
    default:
      hashNested(
        column,
        (column.children ?? []).map((child) => childLanes(child, options)),
        out,
      );
  }
}

const UNITS = { s: 1, ms: 2, us: 3, ns: 4 } as const;

/** Types whose values are so many words of 32 bits; null for others. */
function layoutOf(type: LogicalType): { readonly words: number; readonly seed: number } | null {
  switch (type.kind) {
    case 'int':
      if (type.bits < 64) return null;
      // The upper half of unsigned ones would else hash as negative numbers.
      return { words: type.bits / 32, seed: seedOf('int', type.bits === 64 && type.signed ? 0 : type.bits) };
    case 'float':
      return { words: type.bits / 32, seed: seedOf('float', type.bits) };
    case 'decimal':
      return { words: 4, seed: seedOf('decimal', type.scale) };
    case 'date':
      return { words: 1, seed: seedOf('date') };
    case 'time':
      return { words: 2, seed: seedOf('time', UNITS[type.unit]) };
    case 'timestamp':
      return { words: 2, seed: seedOf('timestamp', UNITS[type.unit] + (type.zone ? 8 : 0)) };
    case 'timetz':
      return { words: 2, seed: seedOf('timetz') };
    case 'uuid':
    case 'interval':
      return { words: 4, seed: seedOf(type.kind) };
    default:
      return null;
  }
}

function viewOf(data: Column['data'], words: number, length: number): Int32Array {
  return int32View(data).subarray(0, words * length);
}

/** Numbers of less than 64 bits hash as if they had 64. */
function hashNarrow(
  data: Column['data'],
  { bits, signed }: LogicalType & { kind: 'int' },
  length: number,
  { a, b }: Lanes,
): void {
  // One kind of array in the loop, so that V8 compiles it for that one.
  const numbers =
    bits === 32 ? viewOf(data, 1, length) : new Int32Array(smallIntView(data, bits as 8 | 16, signed));
  const seed = seedOf('int');
  for (let i = 0; i < length; i++) {
    const low = numbers[i];
    const high = signed ? low >> 31 : 0;
    a[i] = endA(stepA(stepA(seed, low), high));
    b[i] = endB(stepB(stepB(seed, low), high));
  }
}

function hashBits(data: Uint8Array, length: number, { a, b }: Lanes): void {
  const seed = seedOf('bool');
  for (let i = 0; i < length; i++) {
    const bit = getBit(data, i) ? 1 : 0;
    a[i] = endA(stepA(seed, bit));
    b[i] = endB(stepB(seed, bit));
  }
}

/** By their text: another list of the same labels gives the same. */
function hashLabels(indexes: Int32Array, labels: readonly string[], length: number, { a, b }: Lanes): void {
  const encoder = new TextEncoder();
  const bytes = labels.map((label) => encoder.encode(label));
  const offsets = new Int32Array(labels.length + 1);
  bytes.forEach((label, at) => {
    offsets[at + 1] = offsets[at] + label.length;
  });
  const heap = new Uint8Array(offsets[labels.length]);
  bytes.forEach((label, at) => {
    heap.set(label, offsets[at]);
  });
  const hashed = newLanes(labels.length);
  hashBytes(heap, offsets, labels.length, seedOf('text'), hashed);
  for (let i = 0; i < length; i++) {
    a[i] = hashed.a[indexes[i]];
    b[i] = hashed.b[indexes[i]];
  }
}

const NEGATIVE = 0x80000000 | 0;

/** A copy in which -0.0 is 0.0. */
function withOneZero(view: Int32Array, words: number): Int32Array {
  const copy = view.slice();
  for (let top = words - 1; top < copy.length; top += words) {
    if (copy[top] === NEGATIVE && (words === 1 || copy[top - 1] === 0)) copy[top] = 0;
  }
  return copy;
}
