// The digest of COPY rows as they are: of the bytes of each cell, without a column being made of them. Crossing workers;
// pure. Gives what `digestBatch` gives of the same cells decoded as `binary`.
import type { Digest, DigestColumn, Sum } from '../../../digest/digest.ts';
import { endA, endB, NULL_A, NULL_B, ROW_SEED, stepA, stepB } from '../../../digest/mix.ts';
import { seedOf } from '../../../digest/seeds.ts';
import { corrupt } from './faults.ts';

/** Of `rowCount` rows without header and trailer. @throws FerrowError E_CORRUPT */
export function digestCopy(bytes: Uint8Array, rowCount: number, columns: readonly DigestColumn[]): Digest {
  const columnCount = columns.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const counts = Uint8Array.from(columns, ({ skipped }) => (skipped ? 0 : 1));
  const sums = new Int32Array(columnCount * 2);
  const seed = seedOf('binary');
  const end = bytes.length;
  let at = 0;
  let rowsA = 0;
  let rowsB = 0;
  for (let row = 0; row < rowCount; row++) {
    if (at + 2 > end) throw corrupt(`row ${row} is missing`);
    if (view.getInt16(at) !== columnCount) throw corrupt(`row ${row} has another number of fields`);
    at += 2;
    let rowA = ROW_SEED;
    let rowB = ROW_SEED;
    for (let column = 0; column < columnCount; column++) {
      if (at + 4 > end) throw corrupt(`row ${row} is cut off`);
      const length = view.getInt32(at);
      at += 4;
      let a = NULL_A;
      let b = NULL_B;
      if (length !== -1) {
        if (length < 0 || length > end - at) throw corrupt(`row ${row}: a field of ${length} bytes`);
        const cellEnd = at + length;
        a = stepA(seed, length);
        b = stepB(seed, length);
        for (; at + 4 <= cellEnd; at += 4) {
          const word = view.getInt32(at, true);
          a = stepA(a, word);
          b = stepB(b, word);
        }
        if (at < cellEnd) {
          let rest = 0;
          for (let shift = 0; at < cellEnd; shift += 8) rest |= bytes[at++] << shift;
          a = stepA(a, rest);
          b = stepB(b, rest);
        }
        a = endA(a);
        b = endB(b);
      }
      if (counts[column] === 0) continue;
      sums[column * 2] += a;
      sums[column * 2 + 1] += b;
      rowA = stepA(rowA, a);
      rowB = stepB(rowB, b);
    }
    rowsA = (rowsA + endA(rowA)) | 0;
    rowsB = (rowsB + endB(rowB)) | 0;
  }
  if (at !== end) throw corrupt(`${end - at} bytes too many`);
  const ofColumns = columns.map((_, column): Sum => [sums[column * 2], sums[column * 2 + 1]]);
  return { rowCount, rows: [rowsA, rowsB], columns: ofColumns };
}
