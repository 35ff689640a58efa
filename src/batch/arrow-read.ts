// apache-arrow RecordBatch -> Batch: Ferrow's own, and Arrow from elsewhere. Buffers are copied only where they aren't
// a column's own. Every offset and number is looked at: Arrow from elsewhere may hold anything.
import * as arrow from 'apache-arrow';
import { FerrowError } from '../errors/ferrow-error.ts';
import { childTypes, fixedWidth, isVariableWidth, type LogicalType } from '../types/logical-type.ts';
import {
  checkedOffsets,
  corrupt,
  intervals,
  isClean,
  ownOffsets,
  type Validity,
  zeroNulls,
} from './arrow-buffers.ts';
import { logicalType } from './arrow-types.ts';
import type { Batch } from './batch.ts';
import { clearBit, isValid, newBitmap } from './bitmap.ts';
import { fixedBuffer, HeapBuilder, Nulls, offsetsOf } from './builder.ts';
import {
  ANY_CHILD_TYPES,
  type Column,
  checkColumn,
  fixedColumn,
  nestedColumn,
  variableColumn,
} from './column.ts';
import { own, ownBits } from './own.ts';
import { takeRows, withNulls } from './take.ts';

/**
 * A RecordBatch in canonical types. Buffers that fill an ArrayBuffer of their own are taken over, others
 * (slices, IPC bodies) copied.
 * @throws FerrowError E_UNSUPPORTED_TYPE naming the field; E_CORRUPT if buffers are too short
 */
export function fromRecordBatch(recordBatch: arrow.RecordBatch): Batch {
  const fields = recordBatch.schema.fields.map((field) => ({
    name: field.name ?? '',
    type: logicalType(field),
  }));
  const columns = fields.map(({ name, type }, index) => {
    const column = fromData(recordBatch.data.children[index], type, recordBatch.numRows);
    checkColumn(column, name);
    return column;
  });
  return { fields, columns, rowCount: recordBatch.numRows };
}

function fromData(data: arrow.Data, type: LogicalType, length: number): Column {
  if (type.kind === 'any') return anyFromData(data, length);
  if (type.kind === 'union') return unionFromData(data, type, length);
  const nullCount = data.nullCount;
  const validity = nullCount === 0 ? null : ownBits(data.nullBitmap, data.offset, length);
  if (arrow.DataType.isDictionary(data.type))
    return dictionaryFromData(data, type, length, validity, nullCount);
  if (isVariableWidth(type)) return heapFromData(data, type, length, validity, nullCount);
  switch (type.kind) {
    case 'list':
    case 'map':
      return listFromData(data, type, length, validity, nullCount);
    case 'struct':
      return structFromData(data, type, length, validity, nullCount);
    case 'bool': {
      const bits = ownBits(data.values as Uint8Array | undefined, data.offset, length);
      return fixedColumn(type, length, bits, validity, nullCount);
    }
    default: {
      const isForeign = type.kind === 'interval' && arrow.DataType.isInterval(data.type);
      const width = fixedWidth(type);
      const owned = isForeign ? intervals(data, length, validity) : own(data.values, length * width);
      return fixedColumn(type, length, zeroNulls(owned, width, length, validity), validity, nullCount);
    }
  }
}

function heapFromData(
  data: arrow.Data,
  type: LogicalType,
  length: number,
  validity: Validity,
  nullCount: number,
): Column {
  const heap = data.values as Uint8Array;
  const source = checkedOffsets(data, length, heap?.byteLength ?? 0, type);
  if (isClean(source, length, validity)) {
    return variableColumn(
      type,
      length,
      ownOffsets(source, length),
      own(heap, source[length]),
      validity,
      nullCount,
    );
  }
  const out = new HeapBuilder(length, source[length] - source[0]);
  for (let row = 0; row < length; row++) {
    if (isValid(validity, row)) out.copy(row, heap, source[row], source[row + 1]);
    else out.close(row, out.end);
  }
  return out.finish(type, length, new Nulls(length, validity, nullCount));
}

/** The labels' column (text, most often) by its indexes; an enum by the labels that it has. */
function dictionaryFromData(
  data: arrow.Data,
  type: LogicalType,
  length: number,
  validity: Validity,
  nullCount: number,
): Column {
  const valueType: LogicalType = type.kind === 'enum' ? { kind: 'text' } : type;
  const chunks = data.dictionary?.data ?? [];
  const labels = chunks.map((chunk) => fromData(chunk, valueType, chunk.length));
  if (labels.length > 1)
    throw new FerrowError('E_UNSUPPORTED_TYPE', 'an Arrow dictionary comes in several parts');
  const known = labels[0]?.length ?? 0;
  const indexes = data.values as ArrayLike<number | bigint>;
  if (indexes.length < length) throw corrupt('indexes are too short');
  const rows = new Int32Array(length).fill(-1);
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) continue;
    const index = Number(indexes[row]);
    if (index < 0 || index >= known) throw corrupt(`index ${index} is of no label`);
    rows[row] = index;
  }
  if (type.kind !== 'enum') return takeRows(labels[0], rows);
  const places = new Map(type.labels.map((label, at) => [label, at]));
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const moved = Array.from({ length: known }, (_, at) => {
    const [offsets, heap] = [offsetsOf(labels[0]), labels[0].data];
    return places.get(decoder.decode(heap.subarray(offsets[at], offsets[at + 1])));
  });
  const values = fixedBuffer(type, length);
  const target = new Uint32Array(values.buffer);
  for (let row = 0; row < length; row++) {
    if (rows[row] < 0) continue;
    const label = moved[rows[row]];
    if (label === undefined) throw corrupt('a label is none of the enum’s');
    target[row] = label;
  }
  return fixedColumn(type, length, values, validity, nullCount);
}

function listFromData(
  data: arrow.Data,
  type: Extract<LogicalType, { kind: 'list' | 'map' }>,
  length: number,
  validity: Validity,
  nullCount: number,
): Column {
  const elements = type.kind === 'map' ? data.children[0].children : data.children;
  const room = data.children[0].length;
  const children = childTypes(type).map((child, at) => fromData(elements[at], child, room));
  const size = arrow.DataType.isFixedSizeList(data.type) ? data.type.listSize : null;
  if (size !== null && room < size * length) throw corrupt('a list of fixed size is too short');
  const source =
    size === null
      ? checkedOffsets(data, length, room, type)
      : Int32Array.from({ length: length + 1 }, (_, row) => row * size);
  const column = nestedColumn(
    type,
    length,
    { children, offsets: ownOffsets(source, length) },
    validity,
    nullCount,
  );
  if (isClean(source, length, validity) && source[length] === room) return column;
  return takeRows(
    column,
    Int32Array.from({ length }, (_, row) => row),
  );
}

function structFromData(
  data: arrow.Data,
  type: Extract<LogicalType, { kind: 'struct' }>,
  length: number,
  validity: Validity,
  nullCount: number,
): Column {
  const children = type.fields.map((field, at) => {
    const child = fromData(data.children[at], field.type, length);
    if (validity === null) return child;
    const nulls = Nulls.of(child);
    for (let row = 0; row < length; row++) {
      if (!isValid(validity, row) && isValid(child.validity, row)) nulls.set(row);
    }
    return withNulls(child, nulls);
  });
  return nestedColumn(type, length, { children }, validity, nullCount);
}

/** Sparse or dense. A member of Arrow's null type means that there is no value. */
function unionFromData(
  data: arrow.Data,
  type: Extract<LogicalType, { kind: 'union' }>,
  length: number,
): Column {
  const union = data.type as arrow.Union;
  const ids = data.typeIds as unknown as Int8Array;
  const positions = arrow.DataType.isDenseUnion(union) ? (data.valueOffsets as Int32Array) : null;
  if (ids.length < length || (positions !== null && positions.length < length))
    throw corrupt('a union is too short');
  // Numbers of the members that hold values, by the place of their child.
  let count = 0;
  const members = union.children.map((field) => (arrow.DataType.isNull(field.type) ? -1 : count++));
  const places = new Map(Array.from(union.typeIds, (id, at) => [id, at]));
  const rows = type.members.map(() => new Int32Array(length).fill(-1));
  const typeIds = new Uint8Array(length);
  const nulls = new Nulls(length);
  for (let row = 0; row < length; row++) {
    const place = places.get(ids[row]);
    if (place === undefined) throw corrupt(`a value is of member ${ids[row]}, which the union has not`);
    const at = positions === null ? row : positions[row];
    if (at < 0 || at >= data.children[place].length) throw corrupt('a union’s offsets leave its members');
    const member = members[place];
    if (member < 0) nulls.set(row);
    else {
      typeIds[row] = member;
      rows[member][row] = at;
    }
  }
  const children = type.members.map((member, at) => {
    const child = data.children[members.indexOf(at)];
    return takeRows(fromData(child, member.type, child.length), rows[at]);
  });
  return nestedColumn(type, length, { children, typeIds }, nulls.validity, nulls.count);
}

function anyFromData(data: arrow.Data, length: number): Column {
  const ids = data.typeIds as unknown as Int8Array;
  const typeIds = Uint8Array.from(ids.subarray(0, length));
  const offsets = Int32Array.from((data.valueOffsets as Int32Array).subarray(0, length));
  const children = ANY_CHILD_TYPES.map((type, id) =>
    fromData(data.children[id], type, data.children[id].length),
  );
  const validity = newBitmap(length, true);
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    const child = children[typeIds[row]];
    if (child !== undefined && isValid(child.validity, offsets[row])) continue;
    clearBit(validity, row);
    typeIds[row] = 0;
    offsets[row] = 0;
    nullCount++;
  }
  return {
    type: { kind: 'any' },
    length,
    nullCount,
    validity: nullCount === 0 ? null : validity,
    data: new Uint8Array(0),
    offsets,
    typeIds,
    children: children.map((child) => ({ ...child, validity: null, nullCount: 0 })),
  };
}
