// A column in which some values can't be held: the others are decoded, those are told of. Crossing workers; pure. The column is
// decoded whole first; row by row only when that fails.
import type { Field } from '../../../batch/batch.ts';
import type { Column } from '../../../batch/column.ts';
import { takeRows } from '../../../batch/take.ts';
import { codeFacts } from '../../../errors/codes.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import type { BadCell } from '../../dialect.ts';
import type { DecodeColumn } from './decode-nested.ts';
import type { Extent, Rows } from './decode-rows.ts';

/** Bad values are NULL in the column. Leaves `rows.next` behind the column's fields. @throws FerrowError E_CORRUPT */
export function decodeWithoutBad(
  rows: Rows,
  field: Field,
  extent: Extent,
  decode: DecodeColumn,
  onBad: (cell: Omit<BadCell, 'column'>) => void,
): Column {
  const starts = rows.next.slice();
  try {
    return decode(rows, field, extent);
  } catch (error) {
    if (badCell(error) === null) throw error;
  }
  const good: number[] = [];
  let byteLength = 0;
  let nullCount = 0;
  for (let row = 0; row < rows.rowCount; row++) {
    const length = rows.view.getInt32(starts[row]);
    const own: Extent = { nullCount: length === -1 ? 1 : 0, byteLength: Math.max(0, length) };
    rows.next[row] = starts[row] + 4 + own.byteLength;
    try {
      decode({ ...rows, rowCount: 1, next: starts.slice(row, row + 1) }, field, own);
      good.push(row);
      byteLength += own.byteLength;
      nullCount += own.nullCount;
    } catch (error) {
      const bad = badCell(error);
      if (bad === null) throw error;
      const prefix = `column "${field.name}", row 0 of the chunk: `;
      const message = bad.message.startsWith(prefix) ? bad.message.slice(prefix.length) : bad.message;
      onBad({ row, code: bad.code, message });
    }
  }
  const next = Int32Array.from(good, (row) => starts[row]);
  const column = decode({ ...rows, rowCount: good.length, next }, field, { nullCount, byteLength });
  const places = new Int32Array(rows.rowCount).fill(-1);
  good.forEach((row, at) => {
    places[row] = at;
  });
  return takeRows(column, places);
}

function badCell(error: unknown): FerrowError | null {
  return error instanceof FerrowError && codeFacts(error.code).kind === 'value' ? error : null;
}
