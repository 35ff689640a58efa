// The rows of a chunk while they are decoded: where the next field of each stands. Crossing workers; pure.
import type { Field } from '../../../batch/batch.ts';
import { newBitmap } from '../../../batch/bitmap.ts';
import { typeName } from '../../../types/logical-type.ts';
import { cellError } from './faults.ts';

/** The chunk, and for each row the position of the next field that is to be read. */
export interface Rows {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly rowCount: number;
  readonly next: Int32Array;
}

/** What the first walk learnt of a column. */
export interface Extent {
  readonly nullCount: number;
  /** Bytes of all its values. */
  readonly byteLength: number;
}

export function badLength(field: Field, row: number, length: number) {
  return cellError('E_CORRUPT', field, row, `${length} bytes do not make a ${typeName(field.type)}`);
}

export function validityOf(rows: Rows, extent: Extent): Uint8Array<ArrayBuffer> | null {
  return extent.nullCount === 0 ? null : newBitmap(rows.rowCount, true);
}
