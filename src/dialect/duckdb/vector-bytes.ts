// Bytes of DuckDB's vectors in buffers of their own, as a chunk must have them. Engine thread.
import duckdb, { type Vector } from '@duckdb/node-bindings';

type Bytes = Uint8Array<ArrayBuffer>;

/** The first bytes of a vector, as a buffer of its own. */
export function vectorBytes(vector: Vector, bytes: number): Bytes {
  return bytes === 0 ? new Uint8Array(0) : ownBytes(duckdb.vector_get_data(vector, bytes));
}

/** The pieces end to end, in a buffer of their own. */
export function joinBytes(pieces: readonly Bytes[]): Bytes {
  if (pieces.length === 1) return ownBytes(pieces[0]);
  let bytes = 0;
  for (const piece of pieces) bytes += piece.byteLength;
  const out = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.byteLength;
  }
  return out;
}

/** The driver's copy may stand in a larger buffer; a chunk's buffers must be whole. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  if (whole && bytes.buffer instanceof ArrayBuffer) return new Uint8Array(bytes.buffer);
  return new Uint8Array(bytes);
}
