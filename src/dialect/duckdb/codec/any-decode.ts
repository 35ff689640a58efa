// The UNION that holds SQLite's mixed storage classes -> a dense union. Pure.
import { isValid } from '../../../batch/bitmap.ts';
import type { VectorColumn } from '../../../batch/chunk.ts';
import { ANY_CHILD_TYPES, type Column, fixedColumn, variableColumn } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { checkedOffsets, corrupt } from './checked.ts';
import { physicalWidth } from './layout.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Tags and one value per row and member -> dense union; the types of the members are ANY_CHILD_TYPES. */
export function decodeAny(vector: VectorColumn, length: number, nullCount: number, name: string): Column {
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
  const from = checkedOffsets(child, length, child.data.byteLength, name);
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
