// Whether a table would store each value of a batch as it is, so that records may enter it without SQLite's looking
// at their values. Pure. Facts: sqlite.org/datatype3.html, sections 3 (affinity); stricttables.html.
//
// "As it is" is after the encoder has done what can be done beforehand: whole reals become integers (WholeReals).
import type { Batch } from '../../../batch/batch.ts';
import { isValid } from '../../../batch/bitmap.ts';
import type { ImageColumn, ImageTable } from '../../../batch/chunk.ts';
import type { Column } from '../../../batch/column.ts';

/** True if affinity, NOT NULL and STRICT have nothing to do. The rowid's values are rowidsOf's to judge. */
export function keepsValues({ columns }: Batch, table: ImageTable): boolean {
  return (
    columns.length === table.columns.length &&
    columns.every((column, at) => at === table.rowid || keeps(column, table.columns[at]))
  );
}

function keeps(column: Column, into: ImageColumn): boolean {
  const { type, nullCount, length } = column;
  if (nullCount > 0 && !into.nullable) return false;
  if (nullCount === length) return true;
  const { affinity, strict } = into;
  switch (type.kind) {
    case 'bool':
    case 'int':
      return affinity === 'integer' || (!strict && (affinity === 'numeric' || affinity === 'blob'));
    case 'float':
      if (affinity === 'text' || (strict && affinity !== 'real')) return false;
      return !holdsNan(column);
    case 'text':
    case 'json':
    case 'numeric':
      if (affinity === 'text') return true;
      return !strict && (affinity === 'blob' || !looksNumeric(column));
    case 'binary':
      return !strict || affinity === 'blob';
    case 'any':
      return column.children!.every((child) => child.length === 0 || keeps(child, into));
    default:
      return false;
  }
}

/** SQLite stores NaN as NULL. */
function holdsNan({ type, data, length }: Column): boolean {
  const { buffer, byteOffset } = data;
  const single = type.kind === 'float' && type.bits === 32;
  const values = single
    ? new Float32Array(buffer, byteOffset, length)
    : new Float64Array(buffer, byteOffset, length);
  for (let row = 0; row < length; row++) if (Number.isNaN(values[row])) return true;
  return false;
}

const [PLUS, MINUS, POINT, UPPER_E, LOWER_E, NUL] = [43, 45, 46, 69, 101, 0];

/** True if a value may be a number to SQLite. */
function looksNumeric({ validity, data, offsets, length }: Column): boolean {
  for (let row = 0; row < length; row++) {
    if (isValid(validity, row) && mayBeNumber(data, offsets![row], offsets![row + 1])) return true;
  }
  return false;
}

/**
 * True unless a byte settles that the text is no number to SQLite: one that stands in no number, or a sign behind a digit.
 * That is looked for first where dates have it: 4 ns instead of 20.
 */
export function mayBeNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (end > start + 4 && bytes[start + 4] === MINUS && isDigit(bytes[start + 3])) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (isDigit(byte)) continue;
    if (NUMBER_BYTES[byte] === 0) return false;
    if (at > start && (byte === PLUS || byte === MINUS) && isDigit(bytes[at - 1])) return false;
  }
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

/** NUL is among them: where SQLite stops at it is not worth knowing. */
const NUMBER_BYTES = new Uint8Array(256);
for (const byte of [9, 10, 11, 12, 13, 32, PLUS, MINUS, POINT, UPPER_E, LOWER_E, NUL]) NUMBER_BYTES[byte] = 1;
