// SQLite's record format, as byte arithmetic: varints, serial types, how much of a payload stands in its page. Pure.
// Facts: sqlite.org/fileformat2.html, sections 1.6 (b-tree pages), 2.1 (record format).

/** Type byte of a leaf page of a table b-tree. */
export const TABLE_LEAF = 0x0d;
/** Type byte of an interior page of a table b-tree. */
export const TABLE_INTERIOR = 0x05;
export const LEAF_HEADER_BYTES = 8;
export const INTERIOR_HEADER_BYTES = 12;

/** Longest payload of a table leaf cell that stands wholly in its page. */
export function localPayloadMax(usableBytes: number): number {
  return usableBytes - 35;
}

/** Bytes of a longer payload that stand in the leaf page; the rest is in overflow pages. */
export function localPayloadBytes(payloadBytes: number, usableBytes: number): number {
  const max = localPayloadMax(usableBytes);
  if (payloadBytes <= max) return payloadBytes;
  const min = Math.floor(((usableBytes - 12) * 32) / 255) - 23;
  const kept = min + ((payloadBytes - min) % (usableBytes - 4));
  return kept <= max ? kept : min;
}

/**
 * Reads varints whose value fits 32 bits (lengths, serial types of values below 1 GiB). `value` and `next` hold the
 * last one; `value` is -1 where the varint is longer, or leaves the bytes.
 */
export class VarintReader {
  value = 0;
  next = 0;

  read(bytes: Uint8Array, at: number, end: number): void {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      if (at + i >= end) break;
      const byte = bytes[at + i];
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) {
        this.next = at + i + 1;
        this.value = value <= 0x7fffffff ? value : -1;
        return;
      }
    }
    this.value = -1;
    this.next = at;
  }
}

/** Reads 64-bit varints (rowids) as two words. `next` is 0 where the varint leaves the bytes. */
export class RowidReader {
  low = 0;
  high = 0;
  next = 0;

  read(bytes: Uint8Array, at: number, end: number): void {
    // Seven bits a byte, carried from the low word into the high one.
    let low = 0;
    let high = 0;
    for (let i = 0; i < 8; i++) {
      if (at + i >= end) break;
      const byte = bytes[at + i];
      high = (high << 7) | (low >>> 25) | 0;
      low = (low << 7) | (byte & 0x7f) | 0;
      if (byte >= 0x80) continue;
      this.low = low;
      this.high = high;
      this.next = at + i + 1;
      return;
    }
    this.next = 0;
    if (at + 8 >= end) return;
    this.high = (high << 8) | (low >>> 24) | 0;
    this.low = (low << 8) | bytes[at + 8] | 0;
    this.next = at + 9;
  }
}

const FIXED_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

/** Bytes of a value of a serial type; -1 for the two that no file may hold. */
export function serialBytes(serial: number): number {
  if (serial >= 12) return (serial - 12) >> 1;
  return serial < 10 ? FIXED_BYTES[serial] : -1;
}

/** Bytes of a varint of at most 53 bits. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  if (value < 0x10000000) return 4;
  let bytes = 5;
  for (let end = 2 ** 35; value >= end; end *= 128) bytes++;
  return bytes;
}

/** Writes a varint of at most 53 bits; gives where the next byte goes. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  if (value < 0x4000) {
    bytes[at] = (value >> 7) | 0x80;
    bytes[at + 1] = value & 0x7f;
    return at + 2;
  }
  const end = at + varintBytes(value);
  let rest = value;
  for (let to = end - 1; to >= at; to--) {
    bytes[to] = to === end - 1 ? rest & 0x7f : (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 128);
  }
  return end;
}
