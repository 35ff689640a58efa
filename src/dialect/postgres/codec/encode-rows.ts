// The rows of a chunk while they are made: where the next field of each goes. Crossing workers; pure.

/** A field of the server holds less than 1 GiB. */
export const FIELD_BYTES_MAX = 0x3fffffff;

/** The rows being made, and for each row the position of the next field that is to be written. */
export interface Rows {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly next: Int32Array;
}

/** Values that are copied as bytes: text, or numerics already in binary. */
export interface Heap {
  readonly data: Uint8Array;
  readonly offsets: Int32Array;
}

export function putNull(rows: Rows, row: number): void {
  rows.view.setInt32(rows.next[row], -1);
  rows.next[row] += 4;
}
