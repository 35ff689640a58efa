// Columns of nested types from plain values, for tests. Slow and plain on purpose, independent of codecs and kernels.
import { newBitmap, setBit } from '../../src/batch/bitmap.ts';
import { type Column, nestedColumn } from '../../src/batch/column.ts';
import { childTypes, type LogicalType } from '../../src/types/logical-type.ts';
import { columnOf } from './columns.ts';

/**
 * A value of any type: leaves in canonical text, lists as arrays, structs as arrays of their fields' values, maps as
 * arrays of pairs, unions as `[member, value]`; null is NULL.
 */
export type Plain = string | null | readonly Plain[];

/** A column of plain values of any type. */
export function columnOfPlain(type: LogicalType, values: readonly Plain[]): Column {
  const types = childTypes(type);
  if (types.length === 0) return columnOf(type, values as (string | null)[]);
  const length = values.length;
  const validity = newBitmap(length, false);
  values.forEach((value, row) => {
    if (value !== null) setBit(validity, row);
  });
  const nullCount = values.filter((value) => value === null).length;
  const children = childPlains(type, values).map((each, at) => columnOfPlain(types[at], each));
  return nestedColumn(type, length, { children, ...parts(type, values) }, validity, nullCount);
}

function childPlains(type: LogicalType, values: readonly Plain[]): Plain[][] {
  const lists = values.map((value) => (value ?? []) as readonly Plain[]);
  switch (type.kind) {
    case 'list':
      return [lists.flat(1)];
    case 'map':
      return [0, 1].map((side) => lists.flat(1).map((pair) => (pair as readonly Plain[])[side]));
    case 'struct':
      return type.fields.map((_field, at) => values.map((value) => (value === null ? null : value[at])));
    case 'union':
      return type.members.map((_member, at) =>
        values.map((value) => (value !== null && Number(value[0]) === at ? value[1] : null)),
      );
    default:
      return [];
  }
}

function parts(type: LogicalType, values: readonly Plain[]) {
  if (type.kind === 'union')
    return { typeIds: Uint8Array.from(values, (value) => (value === null ? 0 : Number(value[0]))) };
  if (type.kind === 'struct') return {};
  const offsets = new Int32Array(values.length + 1);
  values.forEach((value, row) => {
    offsets[row + 1] = offsets[row] + (value?.length ?? 0);
  });
  return { offsets };
}

/** Types with plain values that go through the codecs of engines that have them. */
export interface PlainColumn {
  readonly name: string;
  readonly type: LogicalType;
  readonly values: readonly Plain[];
}

const INT: LogicalType = { kind: 'int', bits: 32, signed: true };
const TEXT: LogicalType = { kind: 'text' };
const DECIMAL: LogicalType = { kind: 'decimal', precision: 10, scale: 2 };
const list = (element: LogicalType, size?: number): LogicalType =>
  size === undefined ? { kind: 'list', element } : { kind: 'list', element, size };
const SPOT: LogicalType = {
  kind: 'struct',
  fields: [
    { name: 'a', type: INT },
    { name: 'b c', type: TEXT },
  ],
};
const EITHER: LogicalType = {
  kind: 'union',
  members: [
    { name: 'num', type: INT },
    { name: 'str', type: TEXT },
  ],
};

export const PLAIN_COLUMNS: readonly PlainColumn[] = [
  {
    name: 'p_timetz',
    type: { kind: 'timetz' },
    values: ['00:00:00+00:00', null, '12:34:56.789012-15:59:59', '24:00:00+15:59:59'],
  },
  {
    name: 'p_interval',
    type: { kind: 'interval' },
    values: ['0 0 0', '-2147483648 2147483647 9223372036854775806', null, '14 3 -14706500000'],
  },
  {
    name: 'p_bit',
    type: { kind: 'bit' },
    values: ['1', null, '0', '10101010', '010101010', '1'.repeat(65)],
  },
  {
    name: 'p_enum',
    type: { kind: 'enum', name: 'mood', labels: ['sad', '', "it's"] },
    values: ['sad', null, '', "it's"],
  },
  { name: 'p_list', type: list(INT), values: [['1', null, '3'], [], null, ['-2147483648']] },
  { name: 'p_text_list', type: list(TEXT), values: [['', 'a "b"', null], null, ['x'.repeat(100)]] },
  { name: 'p_decimal_list', type: list(DECIMAL), values: [['1.50', '-99999999.99'], []] },
  { name: 'p_lists', type: list(list(INT)), values: [[['1'], [], null], [], null, [[null]]] },
  { name: 'p_array', type: list(INT, 2), values: [['1', null], null, ['2', '3']] },
  { name: 'p_struct', type: SPOT, values: [['1', 'x'], [null, null], null, ['3', '']] },
  { name: 'p_structs', type: list(SPOT), values: [[['1', 'x'], null], [], null] },
  {
    name: 'p_map',
    type: { kind: 'map', key: TEXT, value: INT },
    values: [
      [
        ['a', '1'],
        ['b', null],
      ],
      [],
      null,
    ],
  },
  {
    name: 'p_map_of_lists',
    type: { kind: 'map', key: INT, value: list(TEXT) },
    values: [[['1', ['x', null]]], null, [['2', null]]],
  },
  { name: 'p_union', type: EITHER, values: [['0', '1'], ['1', 'x'], null, ['1', null]] },
];
