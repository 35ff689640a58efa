// Batch -> apache-arrow RecordBatch; arrow-read.ts has the way back. The files arrow*.ts alone import apache-arrow. Going
// out copies nothing but what Arrow has otherwise: the columns are Arrow buffers already.
import * as arrow from 'apache-arrow';
import { FerrowError } from '../errors/ferrow-error.ts';
import { childTypes, fixedWidth, type LogicalType } from '../types/logical-type.ts';
import { arrowField, arrowType, entriesType, enumDictionary, NULL_CLASS } from './arrow-types.ts';
import type { Batch, Field } from './batch.ts';
import { isValid } from './bitmap.ts';
import { offsetsOf } from './builder.ts';
import { ANY_CHILD_TYPES, type Column } from './column.ts';
import { takeRows } from './take.ts';

export { fromRecordBatch } from './arrow-read.ts';

/** Wraps a batch. The RecordBatch shares the batch's buffers: neither may be transferred while both live. */
export function toRecordBatch(batch: Batch): arrow.RecordBatch {
  const schema = arrowSchema(batch.fields);
  const children = batch.columns.map((column, at) => toData(column, batch.fields[at].type));
  const struct = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(schema, new arrow.Data(struct, 0, batch.rowCount, 0, undefined, children));
}

/** The Arrow schema of fields, with the extension metadata that names their canonical types. */
export function arrowSchema(fields: readonly Field[]): arrow.Schema {
  return new arrow.Schema(fields.map(({ name, type }) => arrowField(name, type)));
}

/** `type` is the column's, or one of the same layout, as the schema has it. */
function toData(column: Column, type: LogicalType): arrow.Data {
  const { length, nullCount, data, offsets } = column;
  const validity = column.validity ?? undefined;
  switch (type.kind) {
    case 'any':
      return anyToData(column);
    case 'enum': {
      const { type: dictionary, labels } = enumDictionary(type);
      const indexes = new Int32Array(data.buffer, data.byteOffset, length);
      const buffers = [undefined, indexes, validity] as const;
      return new arrow.Data(dictionary, 0, length, nullCount, [...buffers], [], labels);
    }
    case 'list':
      if (type.size !== undefined) return fixedListToData(column, type, type.size);
      return new arrow.Data(
        arrowType(type),
        0,
        length,
        nullCount,
        [offsetsOf(column).subarray(0, length + 1), undefined, validity],
        childrenToData(column, type),
      );
    case 'map': {
      const entries = column.children?.[0].length ?? 0;
      const pairs = new arrow.Data(entriesType(type), 0, entries, 0, undefined, childrenToData(column, type));
      const shape = offsetsOf(column).subarray(0, length + 1);
      return new arrow.Data(arrowType(type), 0, length, nullCount, [shape, undefined, validity], [pairs]);
    }
    case 'struct': {
      const fields = childrenToData(column, type);
      return new arrow.Data(arrowType(type), 0, length, nullCount, [undefined, undefined, validity], fields);
    }
    case 'union':
      return unionToData(column, type);
    default:
  }
  const arrowed = arrowType(type);
  if (offsets !== null) {
    const heap = data.subarray(0, offsets[length]);
    return new arrow.Data(arrowed, 0, length, nullCount, [offsets.subarray(0, length + 1), heap, validity]);
  }
  const bytes = type.kind === 'bool' ? (length + 7) >> 3 : length * fixedWidth(type);
  const Values = arrowed.ArrayType as { BYTES_PER_ELEMENT: number } & (new (
    buffer: ArrayBuffer,
    byteOffset: number,
    length: number,
  ) => Uint8Array);
  const values = new Values(data.buffer, data.byteOffset, bytes / Values.BYTES_PER_ELEMENT);
  return new arrow.Data(arrowed, 0, length, nullCount, [undefined, values, validity]);
}

function childrenToData(column: Column, type: LogicalType): arrow.Data[] {
  const types = childTypes(type);
  return (column.children ?? []).map((child, at) => toData(child, types[at]));
}

/** Arrow has `size` elements for each row, NULL or not. */
function fixedListToData(column: Column, type: LogicalType, size: number): arrow.Data {
  const { length, nullCount } = column;
  const offsets = offsetsOf(column);
  const [child] = column.children ?? [];
  const rows = new Int32Array(length * size).fill(-1);
  let isPlain = offsets[0] === 0 && child.length === length * size;
  for (let row = 0; row < length; row++) {
    const count = offsets[row + 1] - offsets[row];
    if (!isValid(column.validity, row)) isPlain = isPlain && size === 0;
    else if (count !== size)
      throw new FerrowError('E_ARRAY_SHAPE', `a list of ${count} stands where ${size} elements should`);
    for (let j = 0; j < count; j++) rows[row * size + j] = offsets[row] + j;
  }
  const [element] = childTypes(type);
  const elements = toData(isPlain ? child : takeRows(child, rows), element);
  const buffers = [undefined, undefined, column.validity ?? undefined] as const;
  return new arrow.Data(arrowType(type), 0, length, nullCount, [...buffers], [elements]);
}

function unionToData(column: Column, type: Extract<LogicalType, { kind: 'union' }>): arrow.Data {
  const { length, validity } = column;
  let typeIds = column.typeIds as Uint8Array;
  if (column.nullCount > 0) {
    typeIds = typeIds.slice(0, length);
    for (let row = 0; row < length; row++) if (!isValid(validity, row)) typeIds[row] = type.members.length;
  }
  const ids = new Int8Array(typeIds.buffer, typeIds.byteOffset, length);
  const nulls = new arrow.Data(new arrow.Null(), 0, length, length);
  const members = [...childrenToData(column, type), nulls];
  return new arrow.Data(arrowType(type), 0, length, 0, [undefined, undefined, undefined, ids], members);
}

function anyToData(column: Column): arrow.Data {
  const { length, nullCount, validity } = column;
  let typeIds = column.typeIds as Uint8Array;
  let offsets = column.offsets as Int32Array;
  if (nullCount > 0) {
    typeIds = typeIds.slice(0, length);
    offsets = offsets.slice(0, length);
    for (let row = 0; row < length; row++) {
      if (isValid(validity, row)) continue;
      typeIds[row] = NULL_CLASS;
      offsets[row] = 0;
    }
  }
  const ids = new Int8Array(typeIds.buffer, typeIds.byteOffset, length);
  const nulls = new arrow.Data(new arrow.Null(), 0, 1, 1);
  const members = [...(column.children ?? []).map((child, at) => toData(child, ANY_CHILD_TYPES[at])), nulls];
  const union = arrowType(column.type);
  return new arrow.Data(
    union,
    0,
    length,
    0,
    [offsets.subarray(0, length), undefined, undefined, ids],
    members,
  );
}
