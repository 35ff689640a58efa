// DuckDB's vector bytes -> Arrow columns. Pure; runs in crossing workers. Works in the payload's own buffers,
// which the crossing owns. Every length and offset is checked: bent bytes end in E_CORRUPT.
import type { Batch, Field } from '../../../batch/batch.ts';
import { countSet, getBit, isValid } from '../../../batch/bitmap.ts';
import type { ChunkPayload, VectorColumn } from '../../../batch/chunk.ts';
import { ANY_CHILD_TYPES, type Column, fixedColumn, variableColumn } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { fixedWidth, isVariableWidth, type LogicalType } from '../../../types/logical-type.ts';
import { physicalWidth } from './layout.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** @throws FerrowError E_CORRUPT, E_MIXED_STORAGE */
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
  if (type.kind === 'any') return decodeUnion(vector, length, nullCount, name);
  if (isVariableWidth(type)) {
    const offsets = checkedOffsets(vector, length, name);
    if (validity && nullCount > 0) checkNullsEmpty(offsets, validity, length, name);
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

function checkedOffsets(vector: VectorColumn, length: number, name: string): Int32Array<ArrayBuffer> {
  const { offsets, data } = vector;
  if (!offsets || offsets.length < length + 1) throw corrupt(name, 'offsets too short');
  let previous = offsets[0];
  if (previous !== 0) throw corrupt(name, 'the first offset is not 0');
  for (let i = 1; i <= length; i++) {
    const offset = offsets[i];
    if (offset < previous) throw corrupt(name, `offset ${i} goes backwards`);
    previous = offset;
  }
  if (previous > data.byteLength) throw corrupt(name, 'offsets leave the heap');
  return offsets;
}

function checkNullsEmpty(offsets: Int32Array, validity: Bytes, length: number, name: string): void {
  for (let i = 0; i < length; i++) {
    if (!getBit(validity, i) && offsets[i + 1] !== offsets[i]) throw corrupt(name, `NULL ${i} has bytes`);
  }
}

/** Tags and one value per row and member -> dense union; the types of the members are ANY_CHILD_TYPES. */
function decodeUnion(vector: VectorColumn, length: number, nullCount: number, name: string): Column {
  const { data: tags, children, validity } = vector;
  if (children?.length !== ANY_CHILD_TYPES.length) throw corrupt(name, 'union incomplete');
  if (tags.byteLength < length) throw corrupt(name, 'union tags too short');
  const typeIds = new Uint8Array(length);
  const offsets = new Int32Array(length);
  const counts = ANY_CHILD_TYPES.map(() => 0);
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, i)) continue;
    const tag = tags[i];
    const child = children[tag];
    if (!child) throw corrupt(name, `union tag ${tag} at row ${i}`);
    if (child.validity && child.validity.byteLength <= i >> 3)
      throw corrupt(name, 'validity bitmap too short');
    if (!isValid(child.validity, i)) {
      throw new FerrowError(
        'E_MIXED_STORAGE',
        `column ${name} holds a UNION value whose member is NULL, which is not the same as NULL`,
        { column: name, hint: 'set such values to NULL in the source' },
      );
    }
    typeIds[i] = tag;
    offsets[i] = counts[tag]++;
  }
  const members = children.map((child, tag) =>
    gatherMember(child, tag, typeIds, validity, length, counts[tag], name),
  );
  return {
    type: { kind: 'any' },
    length,
    nullCount,
    validity: nullCount === 0 ? null : validity,
    data: new Uint8Array(0),
    offsets,
    typeIds,
    children: members,
  };
}

function gatherMember(
  child: VectorColumn,
  tag: number,
  typeIds: Bytes,
  validity: Bytes | null,
  length: number,
  count: number,
  name: string,
): Column {
  const type = ANY_CHILD_TYPES[tag];
  const width = physicalWidth(type);
  if (width > 0) {
    if (child.data.byteLength < length * width) throw corrupt(name, 'union member too short');
    const out = new Uint8Array(count * width);
    for (let i = 0, at = 0; i < length; i++) {
      if (typeIds[i] !== tag || !isValid(validity, i)) continue;
      out.set(child.data.subarray(i * width, (i + 1) * width), at);
      at += width;
    }
    return fixedColumn(type, count, out, null, 0);
  }
  const from = checkedOffsets(child, length, name);
  const offsets = new Int32Array(count + 1);
  let bytes = 0;
  for (let i = 0, at = 1; i < length; i++) {
    if (typeIds[i] !== tag || !isValid(validity, i)) continue;
    bytes += from[i + 1] - from[i];
    offsets[at++] = bytes;
  }
  const heap = new Uint8Array(bytes);
  for (let i = 0, at = 0; i < length; i++) {
    if (typeIds[i] !== tag || !isValid(validity, i)) continue;
    heap.set(child.data.subarray(from[i], from[i + 1]), offsets[at++]);
  }
  return variableColumn(type, count, offsets, heap, null, 0);
}

function corrupt(column: string, what: string): FerrowError {
  return new FerrowError('E_CORRUPT', `column ${column}: ${what}`, { dialect: 'duckdb', column });
}
