// How DuckDB lays a canonical type out in a vector: bytes per value. Pure; crossing workers and engine thread.
//
// | type | in the vector | in the column |
// | --- | --- | --- |
// | bool | a byte each | bits, LSB first |
// | decimal(w, s) | int16, int32, int64 or int128 by w | int128 |
// | uuid | int128 little-endian, top bit flipped | 16 bytes in text order |
// | any | UNION: a tag byte, one child per storage class with a value for every row | dense union |
// | the rest | the same bytes | the same bytes |
import { fixedWidth, isVariableWidth, type LogicalType } from '../../../types/logical-type.ts';

/** Most rows of one vector. */
export const VECTOR_ROWS = 2048;

/** Bytes of one value in DuckDB's vector; 0 for text, blobs and unions. */
export function physicalWidth(type: LogicalType): number {
  if (type.kind === 'bool') return 1;
  if (type.kind === 'decimal') return decimalWidth(type.precision);
  return isVariableWidth(type) || type.kind === 'any' ? 0 : fixedWidth(type);
}

/** DuckDB stores DECIMAL(w, s) in the smallest integer that holds w digits. */
export function decimalWidth(precision: number): 2 | 4 | 8 | 16 {
  if (precision <= 4) return 2;
  if (precision <= 9) return 4;
  return precision <= 18 ? 8 : 16;
}
