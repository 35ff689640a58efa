// A value whole, or nearly, for those who must look at it later: the rejects of a run, and the keys they are found by. Made only
// for rows that are refused.
import { isUtf8 } from 'node:buffer';
import { isValid } from '../batch/bitmap.ts';
import { offsetsOf } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { Reject } from '../types/reject.ts';
import { cellText } from './cell-text.ts';

/** The most of a value that is kept. */
export const RAW_VALUE_BYTES_MAX = 64 * 1024;

export type RawValue = Pick<Reject, 'value' | 'encoding' | 'valueBytes'>;

export const NO_VALUE: RawValue = { value: null, encoding: 'none', valueBytes: 0 };

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Value `row` of a column, cut to RAW_VALUE_BYTES_MAX. */
export function rawValue(column: Column, row: number): RawValue {
  if (!isValid(column.validity, row)) return NO_VALUE;
  switch (column.type.kind) {
    case 'any':
      return rawValue(column.children![column.typeIds![row]], offsetsOf(column)[row]);
    case 'text':
    case 'json':
    case 'numeric':
      return rawText(bytesOf(column, row));
    case 'binary':
    case 'opaque':
      return rawBytes(bytesOf(column, row));
    default: {
      const text = Buffer.from(cellText(column, row, true) ?? '');
      return rawText(text);
    }
  }
}

/**
 * Value `row` of a key column, by which its row can be found again; null for NULL, and for what no text says exactly: then
 * no row is found by it.
 */
export function keyText(column: Column, row: number): string | null {
  if (!isValid(column.validity, row)) return null;
  const isText = column.type.kind === 'text' || column.type.kind === 'json';
  if (isText && !isUtf8(bytesOf(column, row))) return null;
  return cellText(column, row, true);
}

function bytesOf({ data, ...column }: Column, row: number): Uint8Array {
  const offsets = offsetsOf({ data, ...column });
  return data.subarray(offsets[row], offsets[row + 1]);
}

function rawText(bytes: Uint8Array): RawValue {
  const end = cutEnd(bytes);
  const shown = bytes.subarray(0, end);
  if (!isUtf8(shown) || shown.includes(0)) return rawBytes(bytes);
  return { value: decoder.decode(shown), encoding: 'text', valueBytes: bytes.byteLength };
}

/** Not within a character, if it is one. */
function cutEnd(bytes: Uint8Array): number {
  if (bytes.byteLength <= RAW_VALUE_BYTES_MAX) return bytes.byteLength;
  let end = RAW_VALUE_BYTES_MAX;
  while (end > RAW_VALUE_BYTES_MAX - 4 && (bytes[end] & 0xc0) === 0x80) end--;
  return end;
}

function rawBytes(bytes: Uint8Array): RawValue {
  const shown = bytes.subarray(0, RAW_VALUE_BYTES_MAX);
  const hex = Buffer.from(shown.buffer, shown.byteOffset, shown.byteLength).toString('hex');
  return { value: `\\x${hex}`, encoding: 'hex', valueBytes: bytes.byteLength };
}
