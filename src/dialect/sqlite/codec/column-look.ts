// The prescan's quick look at one column of scanned rows. Values of which the judge (ColumnScan) has seen the like are told from
// their bytes and only counted; every other one is handed to it as SQLite would give it, so that both ways have one judge. Pure.
import { Buffer, isUtf8 } from 'node:buffer';
import type { Cell, Row } from './cell.ts';
import type { KnownValues } from './column-findings.ts';
import type { ColumnScan } from './column-scan.ts';
import type { Block } from './page-values.ts';
import { cellValue, isShortInteger, REAL, readNumber, readShort } from './value-bytes.ts';

/** Filled again for each block of each column, so that looking allocates nothing. */
const tally: { -readonly [Name in keyof KnownValues]: number } = {
  nulls: 0,
  integers: 0,
  reals: 0,
  texts: 0,
  empties: 0,
  blobs: 0,
  minInteger: 0.5,
  maxInteger: 0.5,
  maxAsciiBytes: 0,
  maxBlobBytes: 0,
};

/** Adds the block's values, which begin at `base`. Rows that the judge is given have the value as cell 0, the rowid as cell 1. */
export function lookAt(block: Block, base: number, real: boolean, judge: ColumnScan): void {
  const { bytes, view, last4, rowCount, serials, starts } = block;
  let known = judge.known();
  let { numbers, temporal } = known;
  let nulls = 0;
  let integers = 0;
  let reals = 0;
  let texts = 0;
  let empties = 0;
  let blobs = 0;
  let minInteger = Number.POSITIVE_INFINITY;
  let maxInteger = Number.NEGATIVE_INFINITY;
  let maxAsciiBytes = 0;
  let maxBlobBytes = 0;
  for (let row = 0; row < rowCount; row++) {
    const serial = serials[base + row];
    const at = starts[base + row];
    if (serial >= 13 && (serial & 1) === 1) {
      const length = (serial - 13) >> 1;
      if (length === 0 && known.empty) {
        texts++;
        empties++;
        continue;
      }
      if (known.text === 'temporal' && temporal?.knows(bytes, at, length)) {
        texts++;
        if (length > maxAsciiBytes) maxAsciiBytes = length;
        continue;
      }
      if (known.text === 'any' && length > 0) {
        if (isPlain(block, at, length)) {
          texts++;
          if (length > maxAsciiBytes) maxAsciiBytes = length;
          continue;
        }
        if (length <= known.maxChars && isHarmless(bytes.subarray(at, at + length))) {
          texts++;
          continue;
        }
      }
    } else if (serial === 0) {
      nulls++;
      continue;
    } else if (serial >= 12) {
      if (known.blob) {
        blobs++;
        if (serial - 12 > maxBlobBytes * 2) maxBlobBytes = (serial - 12) >> 1;
        continue;
      }
    } else if (serial === REAL || real) {
      if (known.real) {
        const value = serial === REAL ? view.getFloat64(at) : readNumber(bytes, at, serial);
        if (numbers === null || numbers.knows(value)) {
          reals++;
          continue;
        }
      }
    } else if (known.integer) {
      const value =
        isShortInteger(serial) && at <= last4 ? readShort(view, at, serial) : readNumber(bytes, at, serial);
      const exact = serial !== 6 || Number.isSafeInteger(value);
      if (exact && (numbers === null || numbers.knowsInteger(value))) {
        integers++;
        if (value < minInteger) minInteger = value;
        if (value > maxInteger) maxInteger = value;
        continue;
      }
    }
    hand(block, row, serial, cellValue(bytes, at, serial, real), judge);
    known = judge.known();
    ({ numbers, temporal } = known);
  }
  tally.nulls = nulls;
  tally.integers = integers;
  tally.reals = reals;
  tally.texts = texts;
  tally.empties = empties;
  tally.blobs = blobs;
  tally.minInteger = minInteger;
  tally.maxInteger = maxInteger;
  tally.maxAsciiBytes = maxAsciiBytes;
  tally.maxBlobBytes = maxBlobBytes;
  judge.addKnown(tally);
}

/** Adds the rows' own numbers, which nobody asks about but tests: SQLite lets nothing else in. */
export function lookAtRowids(block: Block, judge: ColumnScan): void {
  for (let row = 0; row < block.rowCount; row++) hand(block, row, 6, rowidOf(block, row), judge);
}

function rowidOf({ rowids }: Block, row: number): bigint {
  return (BigInt(rowids[row * 2 + 1]) << 32n) | BigInt(rowids[row * 2] >>> 0);
}

function hand(
  block: Block,
  row: number,
  serial: number,
  value: Buffer | bigint | number | null,
  judge: ColumnScan,
): void {
  const bytes = serial >= 13 && (serial & 1) === 1 && Buffer.isBuffer(value) ? value : null;
  const cell: Cell = bytes === null ? value : bytes.toString('utf8');
  const given: Row = [cell, rowidOf(block, row)];
  judge.add({ rows: [given], exactBytes: () => [bytes === null || isUtf8(bytes) ? null : bytes] });
}

/** ASCII without NUL, four bytes at a time: taking 1 from each sets the high bit of those that are 0, and of no other. */
function isPlain({ bytes, view }: Block, at: number, length: number): boolean {
  const end = at + length;
  if (length < 4) {
    for (let i = at; i < end; i++) if (bytes[i] === 0 || bytes[i] >= 0x80) return false;
    return true;
  }
  // The last four bytes overlap those before.
  const tail = view.getInt32(end - 4);
  let found = tail | (tail - 0x01010101);
  for (let i = at; i < end - 4; i += 4) {
    const word = view.getInt32(i);
    found |= word | (word - 0x01010101);
  }
  return (found & 0x80808080) === 0;
}

/** UTF-8 without NUL. */
function isHarmless(text: Uint8Array): boolean {
  return isUtf8(text) && !text.includes(0);
}
