// Arrow buffers of one field. Layouts per type stand at LogicalType. Pure data: any thread may hold it.
import { FerrowError } from '../errors/ferrow-error.ts';
import {
  childTypes,
  fixedWidth,
  isNested,
  isVariableWidth,
  type LogicalType,
} from '../types/logical-type.ts';

/** Storage classes of an `any` column, in the order of its children; the type id of a value is the index. */
export const ANY_CLASSES = ['integer', 'real', 'text', 'blob'] as const;

/** The types of an `any` column's children. */
export const ANY_CHILD_TYPES: readonly LogicalType[] = [
  { kind: 'int', bits: 64, signed: true },
  { kind: 'float', bits: 64 },
  { kind: 'text' },
  { kind: 'binary' },
];

/**
 * One column of a batch. Every typed array owns its whole ArrayBuffer (byteOffset 0), so that it can be
 * transferred to another thread.
 *
 * - `validity`: bit i (LSB first) is 1 where the value is not NULL; null means no NULLs. Bits past `length` are
 *   unspecified. NULL slots of fixed-width data are zero; NULL slots of variable width are empty.
 * - `data`: the values, or the byte heap if there are offsets.
 * - `offsets`: length + 1 entries; value i is data[offsets[i] .. offsets[i + 1]]. For `any`: index of value i
 *   in its child.
 * - `children`: of list and map: the elements (keys and values) of all rows one behind the other, value i having those
 *   from offsets[i] to offsets[i + 1]; NULL slots have none. Of struct and union: one column for each field or member,
 *   as long as this one; NULL where this one is NULL, and in a union where the value is of another member.
 *   Of `any`: dense, NULLs nowhere. `data` of all these is empty.
 * - `typeIds`: typeIds[i] is the member (union) or indexes ANY_CLASSES (`any`); 0 in NULL slots.
 */
export interface Column {
  readonly type: LogicalType;
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array<ArrayBuffer> | null;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly offsets: Int32Array<ArrayBuffer> | null;
  readonly typeIds: Uint8Array<ArrayBuffer> | null;
  readonly children: readonly Column[] | null;
}

/** A column of fixed-width or bit values. */
export function fixedColumn(
  type: LogicalType,
  length: number,
  data: Uint8Array<ArrayBuffer>,
  validity: Uint8Array<ArrayBuffer> | null,
  nullCount: number,
): Column {
  return {
    type,
    length,
    nullCount,
    validity: nullCount === 0 ? null : validity,
    data,
    offsets: null,
    typeIds: null,
    children: null,
  };
}

/** A column of variable-width values. */
export function variableColumn(
  type: LogicalType,
  length: number,
  offsets: Int32Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
  validity: Uint8Array<ArrayBuffer> | null,
  nullCount: number,
): Column {
  return {
    type,
    length,
    nullCount,
    validity: nullCount === 0 ? null : validity,
    data,
    offsets,
    typeIds: null,
    children: null,
  };
}

/** A column of lists, maps (`offsets`), structs or unions (`typeIds`). */
export function nestedColumn(
  type: LogicalType,
  length: number,
  parts: {
    readonly children: readonly Column[];
    readonly offsets?: Int32Array<ArrayBuffer>;
    readonly typeIds?: Uint8Array<ArrayBuffer>;
  },
  validity: Uint8Array<ArrayBuffer> | null,
  nullCount: number,
): Column {
  return {
    type,
    length,
    nullCount,
    validity: nullCount === 0 ? null : validity,
    data: new Uint8Array(0),
    offsets: parts.offsets ?? null,
    typeIds: parts.typeIds ?? null,
    children: parts.children,
  };
}

/** The same buffers under another type of the same layout; children take the types that it gives them. */
export function withType(column: Column, type: LogicalType): Column {
  if (column.type === type) return column;
  if (column.children === null || !isNested(type)) return { ...column, type };
  const types = childTypes(type);
  return { ...column, type, children: column.children.map((child, at) => withType(child, types[at])) };
}

/** Bytes that the column's buffers take. */
export function columnBytes(column: Column): number {
  let bytes = column.data.byteLength + (column.validity?.byteLength ?? 0);
  bytes += (column.offsets?.byteLength ?? 0) + (column.typeIds?.byteLength ?? 0);
  for (const child of column.children ?? []) bytes += columnBytes(child);
  return bytes;
}

/** Adds every ArrayBuffer of the column to `into`, for a transfer list. */
export function collectBuffers(column: Column, into: ArrayBuffer[]): void {
  into.push(column.data.buffer);
  if (column.validity) into.push(column.validity.buffer);
  if (column.offsets) into.push(column.offsets.buffer);
  if (column.typeIds) into.push(column.typeIds.buffer);
  for (const child of column.children ?? []) collectBuffers(child, into);
}

/**
 * Checks that the buffers are large enough for the length and that offsets never leave the heap.
 * @throws FerrowError E_CORRUPT
 */
export function checkColumn(column: Column, name: string): void {
  const fail = (what: string) => new FerrowError('E_CORRUPT', `column ${name}: ${what}`, { column: name });
  const { type, length, data, offsets, validity } = column;
  if (validity && validity.byteLength < (length + 7) >> 3) throw fail('validity bitmap too short');
  if (type.kind === 'bool' && data.byteLength < (length + 7) >> 3) throw fail('bits too short');
  const width = fixedWidth(type);
  if (width > 0 && data.byteLength < length * width) throw fail('data too short');
  if (isVariableWidth(type) || type.kind === 'list' || type.kind === 'map') {
    if (!offsets || offsets.length < length + 1) throw fail('offsets too short');
    let previous = 0;
    for (let i = 0; i <= length; i++) {
      if (offsets[i] < previous) throw fail(`offset ${i} goes backwards`);
      previous = offsets[i];
    }
    const room = isVariableWidth(type) ? data.byteLength : (column.children?.[0]?.length ?? 0);
    if (previous > room) throw fail('offsets leave the heap');
  }
  if (isNested(type)) checkChildren(column, name, fail);
  if (type.kind === 'enum') checkLabels(column, type.labels.length, fail);
  if (type.kind === 'any') {
    const { typeIds, children } = column;
    if (!typeIds || !offsets || children?.length !== ANY_CLASSES.length) throw fail('union incomplete');
    if (typeIds.length < length || offsets.length < length) throw fail('union too short');
    children.forEach((child) => {
      checkColumn(child, name);
    });
    for (let i = 0; i < length; i++) {
      const child = children[typeIds[i]];
      if (!child || offsets[i] < 0 || offsets[i] >= Math.max(1, child.length))
        throw fail(`union value ${i} out of range`);
    }
  }
}

function checkChildren(column: Column, name: string, fail: (what: string) => FerrowError): void {
  const { type, length, children, typeIds } = column;
  const types = childTypes(type);
  if (children?.length !== types.length) throw fail('children are missing');
  const sameLength = type.kind === 'struct' || type.kind === 'union';
  for (const child of children) {
    if (sameLength ? child.length < length : child.length !== children[0].length)
      throw fail('a child has another length');
    checkColumn(child, name);
  }
  if (type.kind !== 'union') return;
  if (!typeIds || typeIds.length < length) throw fail('member numbers too short');
  for (let i = 0; i < length; i++)
    if (typeIds[i] >= types.length)
      throw fail(`value ${i} is of member ${typeIds[i]}, and there are ${types.length}`);
}

/** An index past the labels kills DuckDB's process. */
function checkLabels({ data, length }: Column, labels: number, fail: (what: string) => FerrowError): void {
  const indexes = new Uint32Array(data.buffer, data.byteOffset, length);
  for (let i = 0; i < length; i++)
    if (indexes[i] >= labels && (labels > 0 || indexes[i] > 0)) throw fail(`value ${i} is no label`);
}
