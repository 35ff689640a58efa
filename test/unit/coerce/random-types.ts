// Random types and values for property tests: any tree of lists, structs, maps and unions over every leaf.
import fc from 'fast-check';
import { isValid } from '../../../src/batch/bitmap.ts';
import type { Column } from '../../../src/batch/column.ts';
import { cellText } from '../../../src/coerce/cell-text.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import type { Plain } from '../../corpus/nested-columns.ts';
import {
  BINARY,
  BOOL,
  DATE,
  decimal,
  float,
  int,
  JSON_TYPE,
  NUMERIC,
  TEXT,
  time,
  timestamp,
  UUID,
} from './run.ts';

export const TIMETZ: LogicalType = { kind: 'timetz' };
export const INTERVAL: LogicalType = { kind: 'interval' };
export const BIT: LogicalType = { kind: 'bit' };
export const MOOD = {
  kind: 'enum',
  name: 'mood',
  labels: ['sad', '', "it's", '日'],
} as const satisfies LogicalType;

const two = (value: number) => String(value).padStart(2, '0');
const clock = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999999))
  .map(([hours, minutes, seconds, micros]) => {
    const fraction = String(micros).padStart(6, '0').replace(/0+$/, '');
    return `${two(hours)}:${two(minutes)}:${two(seconds)}${fraction === '' ? '' : `.${fraction}`}`;
  });
const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const bigint = (bits: number, signed: boolean) =>
  fc
    .bigInt(signed ? -(1n << BigInt(bits - 1)) : 0n, (1n << BigInt(signed ? bits - 1 : bits)) - 1n)
    .map(String);
const scaled = (digits: bigint, scale: number) => {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const dot = text.length - scale;
  return `${digits < 0n ? '-' : ''}${text.slice(0, dot)}${scale > 0 ? `.${text.slice(dot)}` : ''}`;
};

/** Leaves with values in the text that columnOf takes. */
const LEAVES: readonly (readonly [LogicalType, fc.Arbitrary<string>])[] = [
  [BOOL, fc.boolean().map(String)],
  ...([8, 16, 32, 64, 128] as const).flatMap((bits) =>
    [true, false].map((signed) => [int(bits, signed), bigint(bits, signed)] as const),
  ),
  [float(64), fc.double().map((value) => (Object.is(value, -0) ? '-0' : String(value)))],
  [float(32), fc.float().map((value) => (Object.is(value, -0) ? '-0' : String(value)))],
  [decimal(38, 10), fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n).map((digits) => scaled(digits, 10))],
  [
    NUMERIC,
    fc.oneof(
      fc.constantFrom('NaN', 'Infinity', '-Infinity', '0.00'),
      fc.bigInt(1n, 10n ** 60n).map((digits) => scaled(digits, 20)),
    ),
  ],
  [TEXT, fc.string({ unit: 'binary' })],
  [BINARY, fc.uint8Array({ maxLength: 20 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)],
  [DATE, fc.oneof(day, fc.constantFrom('infinity', '-infinity', '-0043-03-15'))],
  [time('us'), clock],
  [
    timestamp('us'),
    fc.oneof(
      fc.tuple(day, clock).map((parts) => parts.join(' ')),
      fc.constant('infinity'),
    ),
  ],
  [timestamp('us', true), fc.tuple(day, clock).map((parts) => `${parts.join(' ')}+00:00`)],
  [UUID, fc.uuid()],
  [
    JSON_TYPE,
    fc
      .json({ maxDepth: 2 })
      .filter((text) => text !== 'null')
      .map((text) => ` ${text}\n`),
  ],
  [
    TIMETZ,
    fc
      .tuple(clock, fc.constantFrom('+', '-'), fc.nat(14), fc.nat(59))
      .map(([text, sign, h, m]) => `${text}${h + m === 0 ? '+' : sign}${two(h)}:${two(m)}`),
  ],
  [INTERVAL, fc.tuple(bigint(32, true), bigint(32, true), bigint(64, true)).map((parts) => parts.join(' '))],
  [BIT, fc.array(fc.constantFrom('0', '1'), { maxLength: 20 }).map((bits) => bits.join(''))],
  [MOOD, fc.constantFrom(...MOOD.labels)],
];

/** A type with an arbitrary of its values. */
export interface Typed {
  readonly type: LogicalType;
  readonly values: fc.Arbitrary<Plain>;
}

const leaf: fc.Arbitrary<Typed> = fc
  .constantFrom(...LEAVES)
  .map(([type, values]) => ({ type, values: values as fc.Arbitrary<Plain> }));

const orNull = (values: fc.Arbitrary<Plain>): fc.Arbitrary<Plain> =>
  fc.option(values, { freq: 5, nil: null });
const names = (count: number) =>
  fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 4 }), { minLength: count, maxLength: count });

function nested(inner: fc.Arbitrary<Typed>): fc.Arbitrary<Typed> {
  const list = inner.map(
    ({ type, values }): Typed => ({
      type: { kind: 'list', element: type },
      values: fc.array(orNull(values), { maxLength: 4 }),
    }),
  );
  const array = fc.tuple(inner, fc.integer({ min: 1, max: 3 })).map(
    ([{ type, values }, size]): Typed => ({
      type: { kind: 'list', element: type, size },
      values: fc.array(orNull(values), { minLength: size, maxLength: size }),
    }),
  );
  const struct = fc
    .array(inner, { minLength: 1, maxLength: 3 })
    .chain((fields) => names(fields.length).map((fieldNames) => ({ fields, fieldNames })))
    .map(
      ({ fields, fieldNames }): Typed => ({
        type: { kind: 'struct', fields: fields.map(({ type }, at) => ({ name: fieldNames[at], type })) },
        values: fc.tuple(...fields.map(({ values }) => orNull(values))),
      }),
    );
  const union = fc
    .array(inner, { minLength: 1, maxLength: 3 })
    .chain((members) => names(members.length).map((memberNames) => ({ members, memberNames })))
    .map(
      ({ members, memberNames }): Typed => ({
        type: { kind: 'union', members: members.map(({ type }, at) => ({ name: memberNames[at], type })) },
        values: fc.oneof(
          ...members.map(({ values }, at) => fc.tuple(fc.constant(String(at)), orNull(values))),
        ) as fc.Arbitrary<Plain>,
      }),
    );
  const map = fc.tuple(leaf, inner).map(
    ([key, value]): Typed => ({
      type: { kind: 'map', key: key.type, value: value.type },
      values: fc.uniqueArray(fc.tuple(key.values, orNull(value.values)), {
        maxLength: 4,
        selector: (pair) => String(pair[0]),
      }) as fc.Arbitrary<Plain>,
    }),
  );
  return fc.oneof(list, array, struct, union, map);
}

/** Nested types up to three levels deep. */
export const nestedTyped: fc.Arbitrary<Typed> = nested(fc.oneof(leaf, nested(fc.oneof(leaf, nested(leaf)))));
/** Any type. */
export const anyTyped: fc.Arbitrary<Typed> = fc.oneof(leaf, nestedTyped);
export const leafTyped = leaf;

/** Rows of a type, NULLs among them. */
export function rowsOf(typed: fc.Arbitrary<Typed>): fc.Arbitrary<{ type: LogicalType; rows: Plain[] }> {
  return typed.chain(({ type, values }) =>
    fc.array(orNull(values), { maxLength: 12 }).map((rows) => ({ type, rows })),
  );
}

/** What a column holds, leaves as canonical text; the other way from columnOfPlain. */
export function plainOf(column: Column): Plain[] {
  return Array.from({ length: column.length }, (_, row) => plainValue(column, row));
}

function plainValue(column: Column, row: number): Plain {
  if (!isValid(column.validity, row)) return null;
  const children = column.children ?? [];
  const { kind } = column.type;
  if (kind === 'struct') return children.map((child) => plainValue(child, row));
  if (kind === 'union') {
    const member = column.typeIds?.[row] ?? 0;
    return [String(member), plainValue(children[member], row)];
  }
  if (kind !== 'list' && kind !== 'map') return cellText(column, row, true);
  const [start, end] = [column.offsets?.[row] ?? 0, column.offsets?.[row + 1] ?? 0];
  return Array.from({ length: end - start }, (_, at) =>
    kind === 'list'
      ? plainValue(children[0], start + at)
      : children.map((child) => plainValue(child, start + at)),
  );
}
