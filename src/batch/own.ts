// Buffers from outside as a column's own: columns own whole ArrayBuffers, so that they can be transferred.
import { FerrowError } from '../errors/ferrow-error.ts';
import { getBit, newBitmap, setBit } from './bitmap.ts';

/** The first `byteLength` bytes as an array that owns its buffer; taken over if it does already. */
export function own(view: ArrayBufferView | undefined, byteLength: number): Uint8Array<ArrayBuffer> {
  if (view === undefined || view.byteLength < byteLength) {
    if (byteLength === 0) return new Uint8Array(0);
    throw new FerrowError('E_CORRUPT', 'a buffer is too short for its length');
  }
  const { buffer, byteOffset } = view;
  const isOwner = byteOffset === 0 && buffer instanceof ArrayBuffer && buffer.byteLength - byteLength < 64;
  if (isOwner) return new Uint8Array(buffer);
  const copy = new Uint8Array((byteLength + 7) & ~7);
  copy.set(new Uint8Array(buffer, byteOffset, byteLength));
  return copy;
}

/** `length` bits from bit `offset` on, as bits that own their buffer and begin at 0. */
export function ownBits(
  bits: Uint8Array | undefined,
  offset: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  if (offset === 0) return own(bits, (length + 7) >> 3);
  const shifted = newBitmap(length, false);
  for (let row = 0; row < length; row++) {
    if (bits !== undefined && getBit(bits, offset + row)) setBit(shifted, row);
  }
  return shifted;
}
