// A few rows as plain objects, for people to look at. Never on the way of a transfer.
import type { Batch } from '../batch/batch.ts';
import { getBit, isValid } from '../batch/bitmap.ts';
import type { Column } from '../batch/column.ts';
import { cellText } from '../coerce/cell-text.ts';

/** A value as JavaScript has it where nothing is lost, else as text; bytes as a Uint8Array. */
export type SampleValue = null | boolean | number | bigint | string | Uint8Array;
export type SampleRow = Readonly<Record<string, SampleValue>>;

export function sampleRows(batch: Batch): SampleRow[] {
  return Array.from({ length: batch.rowCount }, (_unused, row) =>
    Object.fromEntries(batch.fields.map((field, at) => [field.name, sampleValue(batch.columns[at], row)])),
  );
}

/** Integers up to 32 bits and floats as numbers, 64-bit integers as bigint, decimals and dates as text. */
function sampleValue(column: Column, row: number): SampleValue {
  if (!isValid(column.validity, row)) return null;
  const { type, data, offsets } = column;
  switch (type.kind) {
    case 'bool':
      return getBit(data, row);
    case 'int': {
      const value = BigInt(cellText(column, row, true) as string);
      return type.bits <= 32 ? Number(value) : value;
    }
    case 'float': {
      const view = new DataView(data.buffer, data.byteOffset);
      return type.bits === 32 ? view.getFloat32(row * 4, true) : view.getFloat64(row * 8, true);
    }
    case 'binary':
    case 'opaque':
      return offsets ? data.slice(offsets[row], offsets[row + 1]) : null;
    case 'any': {
      const child = column.children?.[column.typeIds?.[row] ?? 0];
      return child && offsets ? sampleValue(child, offsets[row]) : null;
    }
    default:
      return cellText(column, row, true);
  }
}
