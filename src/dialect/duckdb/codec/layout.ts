// How DuckDB lays a canonical type out in a vector: bytes per value. Pure; crossing workers and engine thread.
//
// | type | in the vector | in the column |
// | --- | --- | --- |
// | bool | a byte each | bits, LSB first |
// | decimal(w, s) | int16, int32, int64 or int128 by w | int128 |
// | uuid | int128 little-endian, top bit flipped | 16 bytes in text order |
// | enum | uint8, uint16 or uint32 by the number of labels | uint32 |
// | bit | a byte with the number of padding bits, then the bits from the right, padding bits 1 | the same bytes |
// | any | UNION: a tag byte, one child per storage class with a value for every row | dense union |
// | list with a size | ARRAY: so many elements for every row, NULL rows too | offsets; NULL rows have no elements |
// | map | a list of STRUCT(key, value) | offsets, keys, values |
// | the rest | the same bytes | the same bytes |
import { fixedWidth, isNested, isVariableWidth, type LogicalType } from '../../../types/logical-type.ts';

/** Most rows of one vector. */
export const VECTOR_ROWS = 2048;

/** Bytes of one value in DuckDB's vector; 0 for text, blobs and nested types. */
export function physicalWidth(type: LogicalType): number {
  if (type.kind === 'bool') return 1;
  if (type.kind === 'decimal') return decimalWidth(type.precision);
  if (type.kind === 'enum') return enumWidth(type.labels.length);
  return isVariableWidth(type) || isNested(type) || type.kind === 'any' ? 0 : fixedWidth(type);
}

/** DuckDB stores an ENUM in the smallest unsigned integer that holds the number of its labels. */
export function enumWidth(labels: number): 1 | 2 | 4 {
  if (labels <= 0xff) return 1;
  return labels <= 0xffff ? 2 : 4;
}

/** The largest time of day with offset: its microseconds and its offset's field, see LogicalType. */
export const TIMETZ_MICROS_MAX = 86_400_000_000;
export const TIMETZ_OFFSET_MAX = 2 * 57_599;

/** DuckDB stores DECIMAL(w, s) in the smallest integer that holds w digits. */
export function decimalWidth(precision: number): 2 | 4 | 8 | 16 {
  if (precision <= 4) return 2;
  if (precision <= 9) return 4;
  return precision <= 18 ? 8 : 16;
}
