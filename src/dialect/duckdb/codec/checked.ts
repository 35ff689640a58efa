// Checks of vectors that every part of the codec needs: bent bytes end in E_CORRUPT. Pure.
import { getBit } from '../../../batch/bitmap.ts';
import type { VectorColumn } from '../../../batch/chunk.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';

/** Offsets that begin with 0, never go back and never leave `room`. @throws FerrowError E_CORRUPT */
export function checkedOffsets(
  { offsets }: VectorColumn,
  length: number,
  room: number,
  name: string,
): Int32Array<ArrayBuffer> {
  if (!offsets || offsets.length < length + 1) throw corrupt(name, 'offsets too short');
  let previous = offsets[0];
  if (previous !== 0) throw corrupt(name, 'the first offset is not 0');
  for (let i = 1; i <= length; i++) {
    const offset = offsets[i];
    if (offset < previous) throw corrupt(name, `offset ${i} goes backwards`);
    previous = offset;
  }
  if (previous > room) throw corrupt(name, 'offsets leave the heap');
  return offsets;
}

/** @throws FerrowError E_CORRUPT where a NULL has bytes or elements */
export function checkNullsEmpty(
  offsets: Int32Array,
  validity: Uint8Array,
  length: number,
  name: string,
): void {
  for (let i = 0; i < length; i++) {
    if (!getBit(validity, i) && offsets[i + 1] !== offsets[i]) throw corrupt(name, `NULL ${i} has bytes`);
  }
}

/** How the codec tells of bytes that make no sense. */
export function corrupt(column: string, what: string): FerrowError {
  return new FerrowError('E_CORRUPT', `column ${column}: ${what}`, { dialect: 'duckdb', column });
}
