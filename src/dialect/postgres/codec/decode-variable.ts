// Fields whose width varies -> columns: decimals, text, bytes, bits, labels. Crossing workers; pure.
import type { Field } from '../../../batch/batch.ts';
import { clearBit } from '../../../batch/bitmap.ts';
import { byteWindow, copyValue } from '../../../batch/byte-copy.ts';
import { type Column, fixedColumn, variableColumn } from '../../../batch/column.ts';
import { typeName } from '../../../types/logical-type.ts';
import { badLength, type Extent, type Rows, validityOf } from './decode-rows.ts';
import { cellError } from './faults.ts';
import { LabelIndex } from './labels.ts';
import { decodeDecimal, NUMERIC_CORRUPT, NUMERIC_INFINITE, NUMERIC_NAN, NUMERIC_OK } from './numeric.ts';
import { numericTextBytes, writeNumericText } from './numeric-text.ts';

/** Decimal text of one chunk may take so much; few bytes of numeric can mean 131,072 digits. */
const NUMERIC_TEXT_BYTES_MAX = 256 * 1024 * 1024;

export function decodeDecimals(
  rows: Rows,
  field: Field,
  extent: Extent,
  type: { readonly precision: number; readonly scale: number },
): Column {
  const { view, next, rowCount } = rows;
  const { precision, scale } = type;
  const validity = validityOf(rows, extent);
  const data = new Int32Array(4 * rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      const result = decodeDecimal(view, at + 4, length, precision, scale, data, 4 * row);
      if (result !== NUMERIC_OK) throw numericError(field, row, result);
      next[row] = at + 4 + length;
    } else if (validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    }
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}

function numericError(field: Field, row: number, result: number) {
  if (result === NUMERIC_CORRUPT) return cellError('E_CORRUPT', field, row, 'not a numeric');
  if (result === NUMERIC_NAN || result === NUMERIC_INFINITE) {
    const value = result === NUMERIC_NAN ? 'NaN' : 'Infinity';
    const hint =
      result === NUMERIC_NAN
        ? '--allow nan=null or nan=text: the column is then read so that NaN can be told apart'
        : 'make the column numeric without precision in the source, or leave it out with --columns';
    return cellError('E_NUMERIC_SPECIAL', field, row, `${value} does not fit ${typeName(field.type)}`, hint);
  }
  return cellError('E_DECIMAL_SCALE', field, row, `more digits than ${typeName(field.type)} holds`);
}

/** Text, bytes, and fields that are passed on as they are. `prefix` 1 takes jsonb's version byte off. */
export function decodeBytes(rows: Rows, field: Field, extent: Extent, prefix: 0 | 1): Column {
  const { view, bytes, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const offsets = new Int32Array(rowCount + 1);
  const valueCount = rowCount - extent.nullCount;
  const heap = new Uint8Array(Math.max(0, extent.byteLength - prefix * valueCount));
  const source = byteWindow(bytes);
  const target = byteWindow(heap);
  let to = 0;
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      if (prefix === 1 && (length < 1 || bytes[at + 4] !== 1))
        throw cellError('E_CORRUPT', field, row, 'jsonb of an unknown version');
      copyValue(source, at + 4 + prefix, length - prefix, target, to);
      to += length - prefix;
      next[row] = at + 4 + length;
    } else if (validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    }
    offsets[row + 1] = to;
  }
  return variableColumn(field.type, rowCount, offsets, heap, validity, extent.nullCount);
}

export function decodeNumericText(rows: Rows, field: Field, extent: Extent): Column {
  const { view, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const offsets = new Int32Array(rowCount + 1);
  let total = 0;
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      const textBytes = numericTextBytes(view, at + 4, length);
      if (textBytes < 0) throw numericError(field, row, NUMERIC_CORRUPT);
      total += textBytes;
      if (total > NUMERIC_TEXT_BYTES_MAX) {
        const hint = 'lower --batch-size';
        throw cellError('E_MEMORY', field, row, 'the digits of one chunk take more than 256 MiB', hint);
      }
    }
    offsets[row + 1] = total;
  }
  const heap = new Uint8Array(total);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      writeNumericText(view, at + 4, heap, offsets[row]);
      next[row] = at + 4 + length;
    } else if (validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    }
  }
  return variableColumn(field.type, rowCount, offsets, heap, validity, extent.nullCount);
}

/** Bits from the left with padding behind -> from the right with padding (of ones) before them, and its count first. */
export function decodeBits(rows: Rows, field: Field, extent: Extent): Column {
  const { view, bytes, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const offsets = new Int32Array(rowCount + 1);
  // The count of bits takes four bytes on the wire, the padding's one here.
  const heap = new Uint8Array(Math.max(0, extent.byteLength - 3 * (rowCount - extent.nullCount)));
  let to = 0;
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      const bits = length < 4 ? -1 : view.getInt32(at + 4);
      if (bits < 0 || length !== 4 + Math.ceil(bits / 8)) throw badLength(field, row, length);
      const padding = (8 - (bits & 7)) & 7;
      heap[to++] = padding;
      let carried = padding === 0 ? 0 : 0xff;
      for (let from = at + 8; from < at + 4 + length; from++) {
        heap[to++] = ((carried << (8 - padding)) | (bytes[from] >> padding)) & 0xff;
        carried = bytes[from];
      }
      next[row] = at + 4 + length;
    } else if (validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    }
    offsets[row + 1] = to;
  }
  return variableColumn(field.type, rowCount, offsets, heap, validity, extent.nullCount);
}

/** Labels as text -> their places in the list of labels. */
export function decodeLabels(rows: Rows, field: Field, extent: Extent, labels: readonly string[]): Column {
  const { view, bytes, next, rowCount } = rows;
  const validity = validityOf(rows, extent);
  const data = new Uint32Array(rowCount);
  const index = LabelIndex.of(labels);
  for (let row = 0; row < rowCount; row++) {
    const at = next[row];
    const length = view.getInt32(at);
    if (length >= 0) {
      const label = index.find(bytes, at + 4, at + 4 + length);
      if (label < 0) {
        const hint = 'the type was changed while its rows were read; run again';
        throw cellError('E_CORRUPT', field, row, `no label of ${typeName(field.type)}`, hint);
      }
      data[row] = label;
      next[row] = at + 4 + length;
    } else if (validity) {
      clearBit(validity, row);
      next[row] = at + 4;
    }
  }
  return fixedColumn(field.type, rowCount, new Uint8Array(data.buffer), validity, extent.nullCount);
}
