// Single values of a record by their serial type: integers big-endian in 1, 2, 3, 4, 6 or 8 bytes, reals, storage classes. Pure.
// Facts: sqlite.org/fileformat2.html, section 2.1.

/** Serial type of a real. */
export const REAL = 7;

/** Values of these serial types and of 8 and 9 are integers of at most 48 bits, which a double holds. */
export const INT48 = 5;
export const INT64 = 6;
/** Bits to drop from four bytes in order to have an integer of serial type 1 to 4. */
const SHIFTS = Int32Array.of(0, 24, 16, 8, 0);

/** An integer of serial types 1 to 5, 8 and 9. */
export function readSmall(bytes: Uint8Array, at: number, serial: number): number {
  switch (serial) {
    case 1:
      return (bytes[at] << 24) >> 24;
    case 2:
      return ((bytes[at] << 24) | (bytes[at + 1] << 16)) >> 16;
    case 3:
      return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8)) >> 8;
    case 4:
      return word(bytes, at);
    case INT48:
      return (((bytes[at] << 24) | (bytes[at + 1] << 16)) >> 16) * 4294967296 + (word(bytes, at + 2) >>> 0);
    default:
      return serial - 8;
  }
}

export function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** An integer as a double; nearest, where it has more than 53 bits. */
export function readNumber(bytes: Uint8Array, at: number, serial: number): number {
  return serial === INT64
    ? word(bytes, at) * 4294967296 + (word(bytes, at + 4) >>> 0)
    : readSmall(bytes, at, serial);
}

export function readBigint(bytes: Uint8Array, at: number, serial: number): bigint {
  if (serial !== INT64) return BigInt(readSmall(bytes, at, serial));
  return (BigInt(word(bytes, at)) << 32n) | BigInt(word(bytes, at + 4) >>> 0);
}

export function isInteger(serial: number): boolean {
  return (serial >= 1 && serial <= 6) || serial === 8 || serial === 9;
}

/** True for integers of one to four bytes, which most are: they are read at once. */
export function isShortInteger(serial: number): boolean {
  return serial >= 1 && serial <= 4;
}

/** An integer of one to four bytes that stands at most at `last4`. */
export function readShort(view: DataView, at: number, serial: number): number {
  return view.getInt32(at) >> SHIFTS[serial];
}

/** A value as better-sqlite3 would give it, but text as its bytes. */
export function cellValue(
  bytes: Uint8Array,
  at: number,
  serial: number,
  real: boolean,
): Buffer | bigint | number | null {
  if (serial === 0) return null;
  if (serial === REAL) return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(at);
  if (serial < 12) return real ? readNumber(bytes, at, serial) : readBigint(bytes, at, serial);
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, (serial - 12) >> 1);
}

/** Storage class of a value: an index of ANY_CLASSES, or -1 for NULL. */
export function classOf(serial: number, real: boolean): number {
  if (serial === 0) return -1;
  if (serial === REAL) return 1;
  if (serial < 12) return real ? 1 : 0;
  return (serial & 1) === 1 ? 2 : 3;
}
