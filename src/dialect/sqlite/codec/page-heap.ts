// Texts and blobs of scanned rows -> offsets and one heap. Pure; runs in crossing workers.
import { Nulls, resized } from '../../../batch/builder.ts';
import { type ByteWindow, byteWindow, copyValue } from '../../../batch/byte-copy.ts';
import { type Column, variableColumn } from '../../../batch/column.ts';
import type { LogicalType } from '../../../types/logical-type.ts';
import { BadValue, type Block, type ColumnDecoder, wrongClass } from './page-values.ts';

const HEAP_BYTES_MAX = 2 ** 31 - 1;
/** Behind the last value, so that it too is copied eight bytes at a time. */
const MARGIN_BYTES = 8;

/** Text (odd serial types); with invalid_utf8=blob text comes as bytes, beside blobs (even). */
export class HeapDecoder implements ColumnDecoder {
  readonly #type: LogicalType;
  readonly #rowCount: number;
  readonly #real: boolean;
  readonly #offsets: Int32Array<ArrayBuffer>;
  readonly #nulls: Nulls;
  #heap = new Uint8Array(0);
  #window: ByteWindow = byteWindow(this.#heap);

  constructor(type: LogicalType, rowCount: number, real: boolean) {
    this.#type = type;
    this.#rowCount = rowCount;
    this.#real = real;
    this.#offsets = new Int32Array(rowCount + 1);
    this.#nulls = new Nulls(rowCount);
  }

  add(block: Block, base: number): void {
    const { firstRow, rowCount, serials, starts } = block;
    const offsets = this.#offsets;
    const blobs = this.#type.kind === 'binary';
    let end = offsets[firstRow];
    for (let row = 0; row < rowCount; row++) {
      const serial = serials[base + row];
      if (serial >= 12) {
        if ((serial & 1) === 0 && !blobs) throw wrongClass(row, serial, false);
        end += (serial - 12) >> 1;
      } else if (serial === 0) this.#nulls.set(firstRow + row);
      else throw wrongClass(row, serial, this.#real);
      offsets[firstRow + row + 1] = end;
    }
    if (end > HEAP_BYTES_MAX)
      throw new BadValue(0, 'E_VALUE_TOO_LARGE', 'a batch of one column is larger than 2 GiB');
    this.#reserve(end + MARGIN_BYTES, firstRow + rowCount, block.bytes.byteLength);
    const window = this.#window;
    for (let row = 0; row < rowCount; row++) {
      const at = offsets[firstRow + row];
      copyValue(block, starts[base + row], offsets[firstRow + row + 1] - at, window, at);
    }
  }

  /**
   * Room for `bytes` in all, after so many rows; where it grows, for the rows to come as well, but no more than the chunk
   * has.
   */
  #reserve(bytes: number, rows: number, bytesMax: number): void {
    if (bytes <= this.#heap.byteLength) return;
    const expected = Math.ceil((bytes / rows) * this.#rowCount * 1.05) + MARGIN_BYTES;
    this.#heap = resized(this.#heap, Math.max(bytes, Math.min(expected, bytesMax)));
    this.#window = byteWindow(this.#heap);
  }

  finish(): Column {
    const end = this.#offsets[this.#rowCount];
    const slack = this.#heap.byteLength - end;
    const heap = slack > 4096 + (end >> 2) ? resized(this.#heap, end) : this.#heap;
    return variableColumn(
      this.#type,
      this.#rowCount,
      this.#offsets,
      heap,
      this.#nulls.validity,
      this.#nulls.count,
    );
  }
}
