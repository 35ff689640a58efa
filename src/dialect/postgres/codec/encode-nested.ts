// Lists, structs and maps -> arrays, composite values and hstore. Crossing workers; pure. The children are made into
// fields first; a value is its head and the fields of its children.
import type { Field } from '../../../batch/batch.ts';
import { isValid } from '../../../batch/bitmap.ts';
import type { Column } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { type LogicalType, typeName } from '../../../types/logical-type.ts';
import type { Heap } from './encode-rows.ts';
import { cellError, inParentRow } from './faults.ts';

/** The fields of a column, each with its length before it. */
export type FieldsOf = (column: Column, field: Field) => Heap;

const DIMENSIONS_MAX = 6;

/**
 * The first oid that no built-in type has. From 14 on the server takes what is no built-in type's for the type that it
 * expects, which only it knows (varchar, name and enums all come as text).
 */
const ANY_TYPE = 16384;

export function nestedHeap(column: Column, field: Field, fieldsOf: FieldsOf): Heap {
  switch (column.type.kind) {
    case 'list':
      return arrayHeap(column, field, fieldsOf);
    case 'struct':
      return recordHeap(column, column.type.fields, field, fieldsOf);
    case 'map':
      return hstoreHeap(column, field, fieldsOf);
    default:
      throw cellError('E_INTERNAL', field, 0, `PostgreSQL has no binary form for ${typeName(column.type)}`);
  }
}

/** The fields of a child; a fault in one of its values is told of the row that it belongs to. */
function childFields(child: Column, field: Field, fieldsOf: FieldsOf, rowOf: (at: number) => number): Heap {
  try {
    return fieldsOf(child, { name: field.name, type: child.type });
  } catch (error) {
    throw inParentRow(error, field, rowOf);
  }
}

/** Room for all values; grows never, since their lengths are summed before. */
class Values {
  readonly offsets: Int32Array;
  readonly data: Uint8Array;
  readonly view: DataView;
  at = 0;

  constructor(lengths: Float64Array) {
    this.offsets = new Int32Array(lengths.length + 1);
    let total = 0;
    lengths.forEach((length, row) => {
      total += length;
      if (total > 0x7fffffff)
        throw new FerrowError('E_VALUE_TOO_LARGE', 'a column of more than 2 GiB in one chunk', {
          hint: 'lower --batch-size',
        });
      this.offsets[row + 1] = total;
    });
    this.data = new Uint8Array(total);
    this.view = new DataView(this.data.buffer);
  }

  int32(value: number): void {
    this.view.setInt32(this.at, value);
    this.at += 4;
  }

  copy(fields: Heap, from: number, to: number): void {
    this.data.set(fields.data.subarray(from, to), this.at);
    this.at += to - from;
  }
}

/** The lists of a column, from the outermost to the innermost. */
function listLevels(column: Column, field: Field): Column[] {
  const levels = [column];
  for (let inner = column.children?.[0]; inner?.type.kind === 'list'; inner = inner.children?.[0])
    levels.push(inner);
  if (levels.length > DIMENSIONS_MAX)
    throw cellError(
      'E_ARRAY_SHAPE',
      field,
      0,
      `arrays of PostgreSQL have at most ${DIMENSIONS_MAX} dimensions`,
    );
  return levels;
}

function arrayHeap(column: Column, field: Field, fieldsOf: FieldsOf): Heap {
  const levels = listLevels(column, field);
  const leaf = levels[levels.length - 1].children?.[0] as Column;
  const { length, validity } = column;
  // The sizes of each array, one for each dimension; the first is 0 where it is empty.
  const sizes = new Int32Array(length * levels.length);
  const starts = new Int32Array(length + 1);
  for (const { offsets } of levels) starts[0] = offsets?.[starts[0]] ?? 0;
  for (let row = 0; row < length; row++) {
    const isNull = validity !== null && !isValid(validity, row);
    starts[row + 1] = measure(levels, row, sizes, isNull, field);
  }
  const fields = childFields(leaf, field, fieldsOf, (at) => rowHolding(starts, at));
  const oid = typeOid(leaf.type);
  const lengths = new Float64Array(length);
  const head = 12 + 8 * levels.length;
  for (let row = 0; row < length; row++) {
    if (validity !== null && !isValid(validity, row)) continue;
    const bytes = fields.offsets[starts[row + 1]] - fields.offsets[starts[row]];
    lengths[row] = sizes[row * levels.length] === 0 ? 12 : head + bytes;
  }
  const values = new Values(lengths);
  for (let row = 0; row < length; row++) {
    if (lengths[row] === 0) continue;
    const isEmpty = lengths[row] === 12;
    values.int32(isEmpty ? 0 : levels.length);
    values.int32(hasNull(leaf, starts[row], starts[row + 1]) ? 1 : 0);
    values.int32(oid);
    if (isEmpty) continue;
    for (let level = 0; level < levels.length; level++) {
      values.int32(sizes[row * levels.length + level]);
      values.int32(1);
    }
    values.copy(fields, fields.offsets[starts[row]], fields.offsets[starts[row + 1]]);
  }
  return values;
}

/** Notes the sizes of one array; gives where its last element ends. Ragged lists are no array. */
function measure(
  levels: readonly Column[],
  row: number,
  sizes: Int32Array,
  isNull: boolean,
  field: Field,
): number {
  let from = row;
  let to = row + 1;
  for (let level = 0; level < levels.length; level++) {
    const { validity } = levels[level];
    const offsets = levels[level].offsets as Int32Array;
    const size = to > from ? offsets[from + 1] - offsets[from] : 0;
    for (let list = from; list < to; list++) {
      const missing = level > 0 && validity !== null && !isValid(validity, list);
      if (missing || offsets[list + 1] - offsets[list] !== size || (level > 0 && size === 0))
        throw cellError(
          'E_ARRAY_SHAPE',
          field,
          row,
          'lists of different lengths, empty or NULL inside a list, which an array of PostgreSQL can not hold',
          'make the column json in the target',
        );
    }
    if (isNull && size > 0) throw cellError('E_CORRUPT', field, row, 'elements where there is no list');
    sizes[row * levels.length + level] = size;
    [from, to] = [offsets[from], offsets[to]];
  }
  return to;
}

function hasNull({ nullCount, validity }: Column, from: number, to: number): boolean {
  if (nullCount === 0 || validity === null) return false;
  for (let at = from; at < to; at++) if (!isValid(validity, at)) return true;
  return false;
}

/** The row whose values begin at `at` or before it, of rows that aren't empty. */
function rowHolding(starts: Int32Array, at: number): number {
  let row = 0;
  while (row < starts.length - 2 && starts[row + 1] <= at) row++;
  return row;
}

function recordHeap(
  column: Column,
  types: Extract<LogicalType, { kind: 'struct' }>['fields'],
  field: Field,
  fieldsOf: FieldsOf,
): Heap {
  const { length, validity } = column;
  const children = column.children ?? [];
  const fields = children.map((child) => childFields(child, field, fieldsOf, (row) => row));
  const lengths = new Float64Array(length);
  for (let row = 0; row < length; row++) {
    if (validity !== null && !isValid(validity, row)) continue;
    lengths[row] = 4;
    for (const { offsets } of fields) lengths[row] += 4 + offsets[row + 1] - offsets[row];
  }
  const oids = types.map(({ type }) => typeOid(type));
  const values = new Values(lengths);
  for (let row = 0; row < length; row++) {
    if (lengths[row] === 0) continue;
    values.int32(fields.length);
    for (let at = 0; at < fields.length; at++) {
      values.int32(oids[at]);
      values.copy(fields[at], fields[at].offsets[row], fields[at].offsets[row + 1]);
    }
  }
  return values;
}

function hstoreHeap(column: Column, field: Field, fieldsOf: FieldsOf): Heap {
  const { length, validity } = column;
  const [keyColumn, valueColumn] = column.children ?? [];
  const offsets = column.offsets as Int32Array;
  const rowOf = (at: number) => rowHolding(offsets, at);
  const keys = childFields(keyColumn, field, fieldsOf, rowOf);
  const texts = childFields(valueColumn, field, fieldsOf, rowOf);
  const lengths = new Float64Array(length);
  for (let row = 0; row < length; row++) {
    if (validity !== null && !isValid(validity, row)) continue;
    const [from, to] = [offsets[row], offsets[row + 1]];
    refuseKeys(keyColumn, from, to, row, field);
    lengths[row] = 4 + keys.offsets[to] - keys.offsets[from] + texts.offsets[to] - texts.offsets[from];
  }
  const values = new Values(lengths);
  for (let row = 0; row < length; row++) {
    if (lengths[row] === 0) continue;
    values.int32(offsets[row + 1] - offsets[row]);
    for (let pair = offsets[row]; pair < offsets[row + 1]; pair++) {
      values.copy(keys, keys.offsets[pair], keys.offsets[pair + 1]);
      values.copy(texts, texts.offsets[pair], texts.offsets[pair + 1]);
    }
  }
  return values;
}

/** The server would keep one of two equal keys and say nothing. */
function refuseKeys(keys: Column, from: number, to: number, row: number, field: Field): void {
  if (hasNull(keys, from, to)) throw cellError('E_INVALID_VALUE', field, row, 'a key that is NULL');
  if (to - from < 2) return;
  const offsets = keys.offsets as Int32Array;
  const seen = new Set<string>();
  for (let at = from; at < to; at++) {
    const key = keys.data.subarray(offsets[at], offsets[at + 1]).join();
    if (seen.has(key)) throw cellError('E_INVALID_VALUE', field, row, 'a key twice in one hstore');
    seen.add(key);
  }
}

const OIDS: Readonly<Partial<Record<LogicalType['kind'], number>>> = {
  bool: 16,
  binary: 17,
  date: 1082,
  time: 1083,
  timetz: 1266,
  interval: 1186,
  decimal: 1700,
  numeric: 1700,
  uuid: 2950,
};

/** The built-in type that has these bytes, if only one has. */
function typeOid(type: LogicalType): number {
  switch (type.kind) {
    case 'int':
      if (!type.signed) return ANY_TYPE;
      return type.bits === 16 ? 21 : type.bits === 32 ? 23 : 20;
    case 'float':
      return type.bits === 32 ? 700 : 701;
    case 'timestamp':
      return type.zone ? 1184 : 1114;
    case 'json':
      return type.binary ? 3802 : 114;
    case 'bit':
      return type.length === undefined ? 1562 : 1560;
    default:
      return OIDS[type.kind] ?? ANY_TYPE;
  }
}
