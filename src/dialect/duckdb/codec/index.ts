// The DuckDB codec: vector bytes <-> Arrow columns. Pure; loaded by crossing workers without the driver.
import type { Codec } from '../../dialect.ts';
import { decodeVectors } from './vector-decode.ts';
import { encodeVectors } from './vector-encode.ts';

export const duckdbCodec: Codec = { decode: decodeVectors, encode: encodeVectors };
