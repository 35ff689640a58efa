// Columns whose values vary in width on the wire -> the bytes of their fields, one behind the other. Crossing workers; pure.
import type { Field } from '../../../batch/batch.ts';
import { isValid } from '../../../batch/bitmap.ts';
import type { Column } from '../../../batch/column.ts';
import type { Heap } from './encode-rows.ts';
import { cellError } from './faults.ts';
import { DECIMAL_BYTES_MAX, encodeDecimal } from './numeric.ts';
import { encodeNumericText, NUMERIC_SCALE_MAX, numericBytesMax } from './numeric-text.ts';

export function decimalHeap(column: Column, scale: number, field: Field): Heap {
  const { length, validity } = column;
  const source = new Int32Array(column.data.buffer, column.data.byteOffset, 4 * length);
  const offsets = new Int32Array(length + 1);
  let data = new Uint8Array(16 * length + DECIMAL_BYTES_MAX);
  let view = new DataView(data.buffer);
  let to = 0;
  for (let row = 0; row < length; row++) {
    if (validity === null || isValid(validity, row)) {
      if (to + DECIMAL_BYTES_MAX > data.length) {
        data = grown(data, to + DECIMAL_BYTES_MAX);
        view = new DataView(data.buffer);
      }
      const written = encodeDecimal(source, 4 * row, scale, view, to);
      if (written < 0) throw cellError('E_DECIMAL_SCALE', field, row, 'more than 38 digits');
      to += written;
    }
    offsets[row + 1] = to;
  }
  return { data, offsets };
}

export function numericHeap(column: Column, field: Field): Heap {
  const { length, validity, data: text } = column;
  const from = column.offsets as Int32Array;
  const offsets = new Int32Array(length + 1);
  // Holds the most that all the values together can take.
  const data = new Uint8Array(numericBytesMax(text.length) + numericBytesMax(0) * length);
  const view = new DataView(data.buffer);
  let to = 0;
  for (let row = 0; row < length; row++) {
    if (validity === null || isValid(validity, row)) {
      const written = encodeNumericText(text, from[row], from[row + 1], view, to);
      if (written < 0) {
        const long = from[row + 1] - from[row] > NUMERIC_SCALE_MAX;
        if (long) throw cellError('E_VALUE_TOO_LARGE', field, row, 'more digits than a numeric holds');
        throw cellError('E_INVALID_NUMBER', field, row, 'not decimal text');
      }
      to += written;
    }
    offsets[row + 1] = to;
  }
  return { data, offsets };
}

function grown(data: Uint8Array<ArrayBuffer>, atLeast: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(atLeast, data.length * 2));
  larger.set(data);
  return larger;
}

/** From the right with padding before them -> from the left with padding (of zeros) behind, and their count first. */
export function bitHeap(column: Column, field: Field): Heap {
  const { length, validity, data: source } = column;
  const from = column.offsets as Int32Array;
  const offsets = new Int32Array(length + 1);
  const data = new Uint8Array(source.length + 3 * length);
  const view = new DataView(data.buffer);
  let to = 0;
  for (let row = 0; row < length; row++) {
    if (validity === null || isValid(validity, row)) {
      const start = from[row];
      const byteCount = from[row + 1] - start - 1;
      const padding = byteCount < 0 ? 8 : source[start];
      if (padding > 7 || (byteCount === 0 && padding > 0))
        throw cellError('E_CORRUPT', field, row, 'not a string of bits');
      view.setInt32(to, 8 * byteCount - padding);
      to += 4;
      for (let i = 1; i <= byteCount; i++) {
        const behind = i < byteCount ? source[start + i + 1] : 0;
        data[to++] = ((source[start + i] << padding) | (behind >> (8 - padding))) & 0xff;
      }
    }
    offsets[row + 1] = to;
  }
  return { data, offsets };
}

/** Places in the list of labels -> the labels. */
export function labelHeap(column: Column, labels: readonly string[], field: Field): Heap {
  const { length, validity } = column;
  const indexes = new Uint32Array(column.data.buffer, column.data.byteOffset, length);
  const texts = labels.map((label) => new TextEncoder().encode(label));
  const offsets = new Int32Array(length + 1);
  let total = 0;
  for (let row = 0; row < length; row++) {
    if (validity === null || isValid(validity, row)) {
      if (indexes[row] >= texts.length) throw cellError('E_CORRUPT', field, row, `no label ${indexes[row]}`);
      total += texts[indexes[row]].length;
    }
    offsets[row + 1] = total;
  }
  const data = new Uint8Array(total);
  for (let row = 0; row < length; row++)
    if (offsets[row + 1] > offsets[row]) data.set(texts[indexes[row]], offsets[row]);
  return { data, offsets };
}
