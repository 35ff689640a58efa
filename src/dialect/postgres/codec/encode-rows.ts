// The rows of a chunk while they are made: where the next field of each goes. Crossing workers; pure.
import type { ByteWindow } from '../../../batch/byte-copy.ts';

/** A field of the server holds less than 1 GiB. */
export const FIELD_BYTES_MAX = 0x3fffffff;

/** The rows being made, and for each row the position of the next field that is to be written. */
export interface Rows extends ByteWindow {
  readonly next: Int32Array;
  /** A column is written for the rows from here … */
  from: number;
  /** … to here at a time. */
  to: number;
  /** A few bytes behind a value are still to be written. */
  spill: boolean;
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
