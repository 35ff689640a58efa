// The values of DuckDB's rarer types that have a form of their own: enums, times with an offset, strings of bits.
// Checked as they are read and again before they are written, since DuckDB takes anything. Pure.
import { isValid } from '../../../batch/bitmap.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { corrupt } from './checked.ts';
import { enumWidth, TIMETZ_MICROS_MAX, TIMETZ_OFFSET_MAX } from './layout.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Indexes of 1, 2 or 4 bytes to 4. @throws FerrowError E_CORRUPT on an index past the labels */
export function widenEnum(data: Bytes, length: number, labels: number, name: string): Bytes {
  const out = new Uint32Array(length);
  const indexes = enumIndexes(data, length, enumWidth(labels));
  for (let i = 0; i < length; i++) out[i] = indexes[i];
  checkLabels(out, length, labels, name);
  return new Uint8Array(out.buffer);
}

/** Indexes of 4 bytes to 1, 2 or 4. An index past the labels would kill DuckDB's process. @throws FerrowError E_CORRUPT */
export function narrowEnum(data: Bytes, length: number, labels: number, name: string): Bytes {
  const indexes = enumIndexes(data, length, 4);
  checkLabels(indexes, length, labels, name);
  const width = enumWidth(labels);
  const out = new Uint8Array(length * width);
  const narrow = enumIndexes(out, length, width);
  for (let i = 0; i < length; i++) narrow[i] = indexes[i];
  return out;
}

export function enumIndexes(
  data: Bytes,
  length: number,
  width: number,
): Uint8Array | Uint16Array | Uint32Array {
  const { buffer, byteOffset } = data;
  if (width === 1) return new Uint8Array(buffer, byteOffset, length);
  return width === 2
    ? new Uint16Array(buffer, byteOffset, length)
    : new Uint32Array(buffer, byteOffset, length);
}

function checkLabels(indexes: ArrayLike<number>, length: number, labels: number, name: string): void {
  for (let i = 0; i < length; i++)
    if (indexes[i] >= labels && indexes[i] > 0)
      throw corrupt(name, `value ${i} has the label ${indexes[i]} of ${labels}`);
}

/** Times of day up to 24:00, offsets up to 15:59:59. NULL slots are zero, which is in range. @throws FerrowError */
export function checkTimetz(data: Bytes, length: number, name: string): void {
  const words = new Uint32Array(data.buffer, data.byteOffset, length * 2);
  for (let i = 0; i < length; i++) {
    const low = words[i * 2];
    const micros = words[i * 2 + 1] * 256 + (low >>> 24);
    if (micros <= TIMETZ_MICROS_MAX && (low & 0xffffff) <= TIMETZ_OFFSET_MAX) continue;
    throw new FerrowError('E_TIME_RANGE', `column ${name}: a time of day with an offset is out of range`, {
      dialect: 'duckdb',
      column: name,
      value: `${micros} microseconds, offset field ${low & 0xffffff}`,
    });
  }
}

/**
 * The strings of bits with padding bits 1, without which DuckDB finds equal ones unequal. In place.
 * @throws FerrowError E_CORRUPT on what is no string of bits, E_EMPTY_BIT on an empty one
 */
export function mendBits(
  data: Bytes,
  offsets: Int32Array,
  validity: Uint8Array | null,
  length: number,
  name: string,
): void {
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, i)) continue;
    const start = offsets[i];
    const bytes = offsets[i + 1] - start;
    const padding = data[start];
    if (bytes === 1 && padding === 0) {
      throw new FerrowError('E_EMPTY_BIT', `column ${name}: DuckDB has no empty string of bits`, {
        dialect: 'duckdb',
        column: name,
      });
    }
    if (bytes < 2 || padding > 7) throw corrupt(name, `value ${i} is no string of bits`);
    data[start + 1] |= (0xff << (8 - padding)) & 0xff;
  }
}
