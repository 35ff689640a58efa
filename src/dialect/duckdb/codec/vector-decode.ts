// DuckDB's vector bytes -> Arrow columns. Pure; runs in crossing workers. Works in the payload's own buffers,
// which the crossing owns. Every length and offset is checked: bent bytes end in E_CORRUPT.
import type { Batch, Field } from '../../../batch/batch.ts';
import { countSet } from '../../../batch/bitmap.ts';
import type { ChunkPayload, VectorColumn } from '../../../batch/chunk.ts';
import { type Column, fixedColumn, variableColumn } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { fixedWidth, isNested, isVariableWidth, type LogicalType } from '../../../types/logical-type.ts';
import { decodeAny } from './any-decode.ts';
import { checkedOffsets, checkNullsEmpty, corrupt } from './checked.ts';
import { physicalWidth } from './layout.ts';
import { checkTimetz, mendBits, widenEnum } from './leaf-values.ts';
import { decodeNested } from './nested-decode.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** @throws FerrowError E_CORRUPT, E_MIXED_STORAGE, E_TIME_RANGE, E_EMPTY_BIT */
export function decodeVectors(payload: ChunkPayload, rowCount: number, fields: readonly Field[]): Batch {
  if (payload.form !== 'vectors')
    throw new FerrowError('E_INTERNAL', `DuckDB codec got a chunk of form ${payload.form}`);
  if (payload.columns.length !== fields.length) {
    throw new FerrowError(
      'E_CORRUPT',
      `a chunk of DuckDB vectors has ${payload.columns.length} columns, not ${fields.length}`,
    );
  }
  if (!Number.isSafeInteger(rowCount) || rowCount < 0)
    throw new FerrowError('E_CORRUPT', `a chunk of ${rowCount} rows`);
  const columns = payload.columns.map((column, at) =>
    decodeColumn(column, rowCount, fields[at].type, fields[at].name),
  );
  return { fields, columns, rowCount };
}

function decodeColumn(vector: VectorColumn, length: number, type: LogicalType, name: string): Column {
  const { validity } = vector;
  const data = vector.data.byteOffset === 0 ? vector.data : vector.data.slice();
  if (validity && validity.byteLength < (length + 7) >> 3) throw corrupt(name, 'validity bitmap too short');
  const nullCount = validity ? length - countSet(validity, length) : 0;
  if (type.kind === 'any') return decodeAny(vector, length, nullCount, name);
  if (isNested(type)) return decodeNested(vector, length, nullCount, type, name, decodeColumn);
  if (isVariableWidth(type)) {
    const offsets = checkedOffsets(vector, length, data.byteLength, name);
    if (validity && nullCount > 0) checkNullsEmpty(offsets, validity, length, name);
    if (type.kind === 'bit') mendBits(data, offsets, nullCount > 0 ? validity : null, length, name);
    return variableColumn(type, length, offsets, data, validity, nullCount);
  }
  const width = physicalWidth(type);
  if (data.byteLength < length * width) throw corrupt(name, 'data too short');
  if (validity && nullCount > 0) zeroNulls(data, width, validity, length);
  if (type.kind === 'bool') return fixedColumn(type, length, packBits(data, length), validity, nullCount);
  if (type.kind === 'decimal')
    return fixedColumn(type, length, widenDecimals(data, length, width), validity, nullCount);
  if (type.kind === 'uuid') {
    uuidsToText(data, length);
    if (validity && nullCount > 0) zeroNulls(data, width, validity, length);
  }
  if (type.kind === 'enum')
    return fixedColumn(type, length, widenEnum(data, length, type.labels.length, name), validity, nullCount);
  if (type.kind === 'timetz') checkTimetz(data, length, name);
  const exact = data.byteLength === length * fixedWidth(type) ? data : data.slice(0, length * width);
  return fixedColumn(type, length, exact, validity, nullCount);
}

/** Slots of NULLs hold whatever was in memory; columns promise zeros there. */
function zeroNulls(data: Bytes, width: number, validity: Bytes, length: number): void {
  for (let base = 0; base < length; base += 8) {
    const bits = validity[base >> 3];
    if (bits === 0xff) continue;
    const end = Math.min(length, base + 8);
    for (let i = base; i < end; i++) {
      if ((bits & (1 << (i & 7))) === 0) data.fill(0, i * width, (i + 1) * width);
    }
  }
}

function packBits(data: Bytes, length: number): Bytes {
  const bits = new Uint8Array(((length + 63) >> 6) << 3);
  for (let i = 0; i < length; i++) if (data[i] !== 0) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}

/** int16, int32 or int64 to 16 bytes, sign extended. */
function widenDecimals(data: Bytes, length: number, width: number): Bytes {
  if (width === 16) return data.byteLength === length * 16 ? data : data.slice(0, length * 16);
  const out = new Uint8Array(length * 16);
  const words = new Int32Array(out.buffer);
  if (width === 2) {
    const values = new Int16Array(data.buffer, 0, length);
    for (let i = 0, at = 0; i < length; i++, at += 4) fillWords(words, at, values[i], values[i] >> 31);
    return out;
  }
  const values = new Int32Array(data.buffer, 0, (length * width) >> 2);
  if (width === 4) {
    for (let i = 0, at = 0; i < length; i++, at += 4) fillWords(words, at, values[i], values[i] >> 31);
    return out;
  }
  for (let i = 0, at = 0; i < length; i++, at += 4) {
    const high = values[2 * i + 1];
    fillWords(words, at, values[2 * i], high);
    words[at + 2] = high >> 31;
    words[at + 3] = high >> 31;
  }
  return out;
}

function fillWords(words: Int32Array, at: number, low: number, high: number): void {
  words[at] = low;
  words[at + 1] = high;
  words[at + 2] = high;
  words[at + 3] = high;
}

/** In place: 16 bytes reversed, then the top bit flipped. Its own inverse but for the order of the two. */
function uuidsToText(data: Bytes, length: number): void {
  for (let at = 0; at < length * 16; at += 16) {
    data[at + 15] ^= 0x80;
    reverse16(data, at);
  }
}

export function reverse16(data: Uint8Array, at: number): void {
  for (let low = at, high = at + 15; low < high; low++, high--) {
    const byte = data[low];
    data[low] = data[high];
    data[high] = byte;
  }
}
