// The digest of leaf pages: rows are hashed where they stand, some at a time, and no chunk's columns are made of them. Pure; runs in
// crossing workers. Gives what `digestBatch` gives of the decoded chunk.
import type { Field } from '../../../batch/batch.ts';
import type { PageColumn, PagesPayload } from '../../../batch/chunk.ts';
import { hashColumn } from '../../../digest/cell-hash.ts';
import type { Digest, DigestColumn, Sum } from '../../../digest/digest.ts';
import {
  endA,
  endB,
  type Lanes,
  NULL_A,
  NULL_B,
  newLanes,
  ROW_SEED,
  stepA,
  stepB,
} from '../../../digest/mix.ts';
import { seedOf } from '../../../digest/seeds.ts';
import type { LogicalType } from '../../../types/logical-type.ts';
import { decoderFor } from './page-decode.ts';
import { BLOCK_ROWS, PageScan } from './page-scan.ts';
import { BadValue, type Block, wrongClass } from './page-values.ts';
import { INT48, INT64, isShortInteger, REAL, readNumber, readShort, readSmall, word } from './value-bytes.ts';

/** Null where a value is not of its column: decoding says which. @throws FerrowError E_CORRUPT */
export function digestPages(
  payload: PagesPayload,
  rowCount: number,
  fields: readonly Field[],
  columns: readonly DigestColumn[],
): Digest | null {
  if (payload.columns.length !== fields.length) return null;
  const scan = new PageScan(payload, rowCount);
  const takers = fields.map(({ type }, at) => takerOf(type, payload.columns[at], columns[at]));
  const bases = payload.columns.map(({ place }) => scan.base(place ?? 0));
  const sums = fields.map(() => new Int32Array(2));
  const rows = newLanes(BLOCK_ROWS);
  const total = new Int32Array(2);
  try {
    while (scan.next()) {
      const count = scan.rowCount;
      rows.a.fill(ROW_SEED, 0, count);
      rows.b.fill(ROW_SEED, 0, count);
      for (let at = 0; at < takers.length; at++) takers[at]?.(scan, bases[at], rows, sums[at]);
      for (let row = 0; row < count; row++) {
        total[0] += endA(rows.a[row]);
        total[1] += endB(rows.b[row]);
      }
    }
  } catch (error) {
    if (error instanceof BadValue) return null;
    throw error;
  }
  const sumOf = ([a, b]: Int32Array): Sum => [a, b];
  return { rowCount, rows: sumOf(total), columns: sums.map(sumOf) };
}

/** Works the cells of one column of a block into its rows, and adds them up. */
type Taker = (block: Block, base: number, rows: Lanes, sum: Int32Array) => void;

function takerOf(type: LogicalType, column: PageColumn, options: DigestColumn): Taker | null {
  if (options.skipped) return null;
  const classes = column.place === null ? null : classesOf(type, column.real, options.oneZero);
  if (classes !== null) return (block, base, rows, sum) => takeCells(block, base, classes, rows, sum);
  const cells = newLanes(BLOCK_ROWS);
  return (block, base, rows, sum) => {
    const { rowCount } = block;
    const decoder = decoderFor(type, rowCount, column);
    decoder.add(alone(block), base);
    hashColumn(decoder.finish(), cells, options);
    foldCells(cells, rows, rowCount, sum);
  };
}

/** As if its rows were the only ones. */
function alone({ bytes, view, wordsEnd, last4, rowCount, serials, starts, rowids }: Block): Block {
  return { bytes, view, wordsEnd, last4, rowCount, serials, starts, rowids, firstRow: 0 };
}

// What of the storage classes a column takes, as bits.
const INTEGER = 1;
const FLOAT = 2;
const TEXT = 4;
const BLOB = 8;

/** Values that a column takes as they stand in the file. */
interface Classes {
  readonly takes: number;
  /** The first word of the hash of an integer, a real, a text, a blob. */
  readonly seeds: Int32Array;
  /** Integers are reals that were kept as such. */
  readonly realOnly: boolean;
  readonly oneZero: boolean;
}

/** Null for types whose values are another thing than what stands in the file. */
function classesOf(type: LogicalType, realOnly: boolean, oneZero: boolean): Classes | null {
  const seeds = Int32Array.of(seedOf('int'), seedOf('float', 64), seedOf('text'), seedOf('binary'));
  const of = (takes: number) => ({ takes, seeds, realOnly, oneZero });
  switch (type.kind) {
    case 'int':
      return type.bits === 64 && type.signed ? of(INTEGER) : null;
    case 'text':
    case 'json':
    case 'numeric':
      return of(TEXT);
    case 'binary':
      // A text that is no UTF-8 comes as bytes.
      seeds[2] = seedOf('binary');
      return of(TEXT | BLOB);
    case 'any':
      return of(INTEGER | FLOAT | TEXT | BLOB);
    default:
      return null;
  }
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

function takeCells(block: Block, base: number, classes: Classes, rows: Lanes, sum: Int32Array): void {
  const { bytes, view, last4, rowCount, serials, starts } = block;
  const { takes, realOnly, oneZero } = classes;
  const [integer, real, text, blob] = classes.seeds;
  const { a: rowsA, b: rowsB } = rows;
  let sumA = 0;
  let sumB = 0;
  for (let row = 0; row < rowCount; row++) {
    const serial = serials[base + row];
    let at = starts[base + row];
    let a = NULL_A;
    let b = NULL_B;
    if (serial >= 12) {
      const isText = (serial & 1) === 1;
      if ((takes & (isText ? TEXT : BLOB)) === 0) throw wrongClass(row, serial, realOnly);
      const length = (serial - 12) >> 1;
      const seed = isText ? text : blob;
      const end = at + length;
      a = stepA(seed, length);
      b = stepB(seed, length);
      for (; at + 4 <= end; at += 4) {
        const next = view.getInt32(at, true);
        a = stepA(a, next);
        b = stepB(b, next);
      }
      if (at < end) {
        let rest = 0;
        for (let shift = 0; at < end; shift += 8) rest |= bytes[at++] << shift;
        a = stepA(a, rest);
        b = stepB(b, rest);
      }
      a = endA(a);
      b = endB(b);
    } else if (serial !== 0) {
      const isReal = serial === REAL || realOnly;
      if ((takes & (isReal ? FLOAT : INTEGER)) === 0) throw wrongClass(row, serial, realOnly);
      const seed = isReal ? real : integer;
      let low = 0;
      let high = 0;
      if (isReal) {
        double[0] = serial === REAL ? view.getFloat64(at) : readNumber(bytes, at, serial);
        if (oneZero) double[0] += 0;
        low = halves[0];
        high = halves[1];
      } else if (isShortInteger(serial) && at <= last4) {
        low = readShort(view, at, serial);
        high = low >> 31;
      } else if (serial === INT64) {
        low = word(bytes, at + 4);
        high = word(bytes, at);
      } else if (serial === INT48) {
        low = word(bytes, at + 2);
        high = ((bytes[at] << 24) | (bytes[at + 1] << 16)) >> 16;
      } else {
        low = readSmall(bytes, at, serial) | 0;
        high = low >> 31;
      }
      a = endA(stepA(stepA(seed, low), high));
      b = endB(stepB(stepB(seed, low), high));
    }
    sumA = (sumA + a) | 0;
    sumB = (sumB + b) | 0;
    rowsA[row] = stepA(rowsA[row], a);
    rowsB[row] = stepB(rowsB[row], b);
  }
  sum[0] += sumA;
  sum[1] += sumB;
}

/** Works cells that were hashed apart into their rows. */
function foldCells({ a, b }: Lanes, rows: Lanes, rowCount: number, sum: Int32Array): void {
  const { a: rowsA, b: rowsB } = rows;
  let sumA = 0;
  let sumB = 0;
  for (let row = 0; row < rowCount; row++) {
    sumA = (sumA + a[row]) | 0;
    sumB = (sumB + b[row]) | 0;
    rowsA[row] = stepA(rowsA[row], a[row]);
    rowsB[row] = stepB(rowsB[row], b[row]);
  }
  sum[0] += sumA;
  sum[1] += sumB;
}
