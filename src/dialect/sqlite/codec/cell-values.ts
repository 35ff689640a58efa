// The columns of a batch as the cells of a SQLite record see them: integers, reals, bytes. Pure.
import type { Batch } from '../../../batch/batch.ts';
import { isValid } from '../../../batch/bitmap.ts';
import { type ByteWindow, byteWindow } from '../../../batch/byte-copy.ts';
import type { ImageColumn, ImageTable } from '../../../batch/chunk.ts';
import type { Column } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { typeName } from '../../../types/logical-type.ts';

/** What becomes of whole numbers among reals: `keep` them reals, or store them as integers, the longest or not. */
export type WholeReals = 'keep' | 'all' | 'short';

export type CellValues = { readonly validity: Uint8Array | null; readonly length: number } & (
  | { readonly kind: 'int64'; readonly words: Int32Array }
  | { readonly kind: 'int'; readonly values: ArrayLike<number> }
  | { readonly kind: 'real'; readonly values: Float32Array | Float64Array; readonly whole: WholeReals }
  | { readonly kind: 'bool'; readonly bits: Uint8Array }
  /** `serial`: of an empty value. */
  | {
      readonly kind: 'heap';
      readonly heap: ByteWindow;
      readonly offsets: Int32Array;
      readonly serial: 12 | 13;
    }
  | {
      readonly kind: 'any';
      readonly typeIds: Uint8Array;
      readonly offsets: Int32Array;
      readonly members: readonly CellValues[];
    }
  /** NULL in each record: the rowid stands for it. */
  | { readonly kind: 'rowid' }
);

/** @throws FerrowError E_INTERNAL for a type that is no wire type of SQLite */
export function cellValues({ columns }: Batch, table: ImageTable | null): CellValues[] {
  return columns.map((column, at) => {
    if (at === table?.rowid) return { kind: 'rowid', validity: null, length: column.length };
    return valuesOf(column, table === null ? 'keep' : wholeReals(table.columns[at]));
  });
}

/** As SQLite has it: a REAL column stores whole numbers as integers of at most six bytes, and gives reals. */
function wholeReals({ affinity }: ImageColumn): WholeReals {
  if (affinity === 'real') return 'short';
  return affinity === 'integer' || affinity === 'numeric' ? 'all' : 'keep';
}

function valuesOf(column: Column, whole: WholeReals): CellValues {
  const { type, length, validity, data } = column;
  const { buffer, byteOffset } = data;
  switch (type.kind) {
    case 'bool':
      return { kind: 'bool', validity, length, bits: data };
    case 'int':
      if (type.bits === 64)
        return { kind: 'int64', validity, length, words: new Int32Array(buffer, byteOffset, length * 2) };
      if (type.bits === 128) break;
      return { kind: 'int', validity, length, values: smallInts(column, type.bits, type.signed) };
    case 'float': {
      const values =
        type.bits === 64
          ? new Float64Array(buffer, byteOffset, length)
          : new Float32Array(buffer, byteOffset, length);
      return { kind: 'real', validity, length, values, whole };
    }
    case 'text':
    case 'json':
    case 'numeric':
    case 'binary': {
      const serial = type.kind === 'binary' ? 12 : 13;
      return { kind: 'heap', validity, length, heap: byteWindow(data), offsets: column.offsets!, serial };
    }
    case 'any': {
      const members = column.children!.map((child) => valuesOf(child, whole));
      return {
        kind: 'any',
        validity,
        length,
        typeIds: column.typeIds!,
        offsets: column.offsets!,
        members,
      };
    }
  }
  throw new FerrowError('E_INTERNAL', `SQLite has no wire form for ${typeName(type)}`);
}

export function smallInts({ data, length }: Column, bits: number, signed: boolean): ArrayLike<number> {
  const { buffer, byteOffset } = data;
  if (bits === 32)
    return signed ? new Int32Array(buffer, byteOffset, length) : new Uint32Array(buffer, byteOffset, length);
  if (bits === 16)
    return signed ? new Int16Array(buffer, byteOffset, length) : new Uint16Array(buffer, byteOffset, length);
  return signed ? new Int8Array(buffer, byteOffset, length) : data;
}

/** Rowids of an integer column: ascending numbers from 0 to 2^53; null where it has others. */
export function rowidsOf(column: Column): Float64Array<ArrayBuffer> | null {
  const { type, length, validity, nullCount } = column;
  if (type.kind !== 'int' || type.bits === 128 || nullCount > 0) return null;
  const words =
    type.bits === 64 ? new Int32Array(column.data.buffer, column.data.byteOffset, length * 2) : null;
  const small = words === null ? smallInts(column, type.bits, type.signed) : null;
  const rowids = new Float64Array(length);
  let last = -1;
  for (let row = 0; row < length; row++) {
    const rowid = words === null ? small![row] : words[row * 2 + 1] * 4294967296 + (words[row * 2] >>> 0);
    if (!(rowid > last) || rowid > Number.MAX_SAFE_INTEGER || !isValid(validity, row)) return null;
    rowids[row] = rowid;
    last = rowid;
  }
  return rowids;
}
