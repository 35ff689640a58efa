// A dense union -> the UNION that holds SQLite's mixed storage classes. Pure.
import { clearBit, getBit, isValid, newBitmap, setBit } from '../../../batch/bitmap.ts';
import type { VectorColumn } from '../../../batch/chunk.ts';
import { ANY_CHILD_TYPES, type Column } from '../../../batch/column.ts';
import { physicalWidth } from './layout.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Dense union -> a tag byte and, in each member, a slot for every row, NULL where another member is meant. */
export function encodeAny(column: Column, validity: Bytes | null): VectorColumn {
  const { length } = column;
  const typeIds = column.typeIds!;
  const offsets = column.offsets!;
  const tags = typeIds.slice(0, length);
  const children = column.children!.map((child, tag) => {
    const valid = newBitmap(length, false);
    for (let i = 0; i < length; i++) {
      if (typeIds[i] === tag && isValid(validity, i)) setBit(valid, i);
    }
    return spreadMember(child, tag, offsets, valid, length);
  });
  if (validity) for (let i = 0; i < length; i++) if (!getBit(validity, i)) tags[i] = 0;
  return { data: tags, offsets: null, validity, children };
}

function spreadMember(
  child: Column,
  tag: number,
  from: Int32Array,
  valid: Bytes,
  length: number,
): VectorColumn {
  const width = physicalWidth(ANY_CHILD_TYPES[tag]);
  if (width > 0) {
    const data = new Uint8Array(length * width);
    for (let i = 0; i < length; i++) {
      if (!getBit(valid, i)) continue;
      if (isValid(child.validity, from[i]))
        data.set(child.data.subarray(from[i] * width, (from[i] + 1) * width), i * width);
      else clearBit(valid, i);
    }
    return { data, offsets: null, validity: valid, children: null };
  }
  const childOffsets = child.offsets!;
  const offsets = new Int32Array(length + 1);
  let bytes = 0;
  for (let i = 0; i < length; i++) {
    if (getBit(valid, i)) bytes += childOffsets[from[i] + 1] - childOffsets[from[i]];
    offsets[i + 1] = bytes;
  }
  const data = new Uint8Array(bytes);
  for (let i = 0; i < length; i++) {
    if (getBit(valid, i))
      data.set(child.data.subarray(childOffsets[from[i]], childOffsets[from[i] + 1]), offsets[i]);
  }
  return { data, offsets, validity: valid, children: null };
}
