// Lists, arrays, maps, structs and unions of DuckDB's vectors -> columns with children. Pure; the children are
// decoded by the caller's function. What lies under a NULL is NULL, whatever the vector says.
import { clearBit, isValid, newBitmap } from '../../../batch/bitmap.ts';
import type { VectorColumn } from '../../../batch/chunk.ts';
import { type Column, nestedColumn } from '../../../batch/column.ts';
import { takeRows } from '../../../batch/take.ts';
import { childTypes, type LogicalType } from '../../../types/logical-type.ts';
import { checkedOffsets, checkNullsEmpty, corrupt } from './checked.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Decode = (vector: VectorColumn, length: number, type: LogicalType, name: string) => Column;

/** Elements of all lists of a chunk; offsets are int32. */
const ELEMENTS_MAX = 2 ** 31 - 1;

/** @throws FerrowError E_CORRUPT */
export function decodeNested(
  vector: VectorColumn,
  length: number,
  nullCount: number,
  type: LogicalType,
  name: string,
  decode: Decode,
): Column {
  const types = childTypes(type);
  const { children } = vector;
  if (children?.length !== types.length) throw corrupt(name, 'children are missing');
  const validity = nullCount > 0 ? vector.validity : null;
  if (type.kind === 'list' && type.size !== undefined)
    return decodeArray(children[0], length, validity, nullCount, type, type.size, name, decode);
  if (type.kind === 'list' || type.kind === 'map') {
    const offsets = checkedOffsets(vector, length, ELEMENTS_MAX, name);
    if (validity) checkNullsEmpty(offsets, validity, length, name);
    const columns = children.map((child, at) => decode(child, offsets[length], types[at], name));
    if (type.kind === 'map' && columns[0].nullCount > 0) throw corrupt(name, 'a map has a NULL as key');
    return nestedColumn(type, length, { offsets, children: columns }, validity, nullCount);
  }
  if (type.kind === 'struct') {
    const columns = children.map((child, at) =>
      decode(masked(child, validity, length, name), length, types[at], name),
    );
    return nestedColumn(type, length, { children: columns }, validity, nullCount);
  }
  const typeIds = checkedTags(vector, validity, length, types.length, name);
  const columns = children.map((child, tag) => {
    const members = newBitmap(length, true);
    for (let i = 0; i < length; i++) if (typeIds[i] !== tag || !isValid(validity, i)) clearBit(members, i);
    return decode(masked(child, members, length, name), length, types[tag], name);
  });
  return nestedColumn(type, length, { typeIds, children: columns }, validity, nullCount);
}

/** So many elements for every row -> those of the rows that aren't NULL. */
function decodeArray(
  child: VectorColumn,
  length: number,
  validity: Bytes | null,
  nullCount: number,
  type: Extract<LogicalType, { kind: 'list' }>,
  size: number,
  name: string,
  decode: Decode,
): Column {
  if (length * size > ELEMENTS_MAX) throw corrupt(name, `${length} arrays of ${size} elements`);
  const all = decode(child, length * size, type.element, name);
  const offsets = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) offsets[i + 1] = offsets[i] + (isValid(validity, i) ? size : 0);
  let elements = all;
  if (nullCount > 0) {
    const rows = new Int32Array(offsets[length]);
    for (let i = 0; i < length; i++)
      for (let at = offsets[i]; at < offsets[i + 1]; at++) rows[at] = i * size + at - offsets[i];
    elements = takeRows(all, rows);
  }
  return nestedColumn(type, length, { offsets, children: [elements] }, validity, nullCount);
}

/** Tags of every row, 0 where NULL. */
function checkedTags(
  { data }: VectorColumn,
  validity: Bytes | null,
  length: number,
  members: number,
  name: string,
): Bytes {
  if (data.byteLength < length) throw corrupt(name, 'union tags too short');
  const typeIds = data.slice(0, length);
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, i)) typeIds[i] = 0;
    else if (typeIds[i] >= members) throw corrupt(name, `union tag ${typeIds[i]} at row ${i}`);
  }
  return typeIds;
}

/** The vector with NULLs where `mask` has none of its rows. */
function masked(vector: VectorColumn, mask: Bytes | null, length: number, name: string): VectorColumn {
  if (mask === null) return vector;
  const { validity } = vector;
  const bytes = (length + 7) >> 3;
  if (validity && validity.byteLength < bytes) throw corrupt(name, 'validity bitmap too short');
  const both = mask.slice();
  if (validity) for (let i = 0; i < bytes; i++) both[i] &= validity[i];
  return { ...vector, validity: both };
}
