// UUIDs as 36 characters of lower-case text and back, byte by byte.

const HEX = new Uint8Array(16);
for (let i = 0; i < 16; i++) HEX[i] = '0123456789abcdef'.charCodeAt(i);

/** Value of a lower-case hex digit, or 255. */
const NIBBLE = new Uint8Array(256).fill(255);
for (let i = 0; i < 16; i++) NIBBLE[HEX[i]] = i;

const DASH = 45;
export const UUID_TEXT_BYTES = 36;

/** Writes the UUID of `data[from .. from + 16]`; gives the position behind it. */
export function printUuid(data: Uint8Array, from: number, out: Uint8Array, start: number): number {
  let at = start;
  for (let j = 0; j < 16; j++) {
    if (j === 4 || j === 6 || j === 8 || j === 10) out[at++] = DASH;
    const byte = data[from + j];
    out[at++] = HEX[byte >> 4];
    out[at++] = HEX[byte & 15];
  }
  return at;
}

/** Reads 36 characters at `heap[start]` into `out[to .. to + 16]`; false if they aren't a lower-case UUID. */
export function parseUuid(heap: Uint8Array, start: number, out: Uint8Array, to: number): boolean {
  let at = start;
  for (let j = 0; j < 16; j++) {
    if ((j === 4 || j === 6 || j === 8 || j === 10) && heap[at++] !== DASH) return false;
    const high = NIBBLE[heap[at++]];
    const low = NIBBLE[heap[at++]];
    if ((high | low) > 15) return false;
    out[to + j] = (high << 4) | low;
  }
  return true;
}
