// Hashes of values that are bytes: text by its UTF-8, four bytes at a time. Pure; runs in crossing workers.
import { endA, endB, type Lanes, stepA, stepB } from './mix.ts';

/** Value i is data[offsets[i] .. offsets[i + 1]]; its length is hashed with it, so that padding means nothing. */
export function hashBytes(
  data: Uint8Array,
  offsets: Int32Array,
  length: number,
  seed: number,
  { a, b }: Lanes,
): void {
  // A view reads four bytes anywhere at the price of one.
  const words = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = offsets[0];
  for (let i = 0; i < length; i++) {
    const end = offsets[i + 1];
    let x = stepA(seed, end - at);
    let y = stepB(seed, end - at);
    for (; at + 4 <= end; at += 4) {
      const word = words.getInt32(at, true);
      x = stepA(x, word);
      y = stepB(y, word);
    }
    if (at < end) {
      let rest = 0;
      for (let shift = 0; at < end; shift += 8) rest |= data[at++] << shift;
      x = stepA(x, rest);
      y = stepB(y, rest);
    }
    a[i] = endA(x);
    b[i] = endB(y);
  }
}
