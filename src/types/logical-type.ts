// The canonical types: the hub in which the three engines meet. Cost is M + N, not M x N.
// Each type fixes the Arrow layout of its column (see batch/column.ts).

export type Engine = 'postgres' | 'sqlite' | 'duckdb';

/** How a date, time or timestamp is written as text; every value of a column follows one format. */
export interface TemporalFormat {
  /** Between date and time. */
  readonly separator: ' ' | 'T';
  /** A fixed number of fraction digits (0-9), or as few as the value needs. */
  readonly fractionDigits: number | 'shortest';
  /** What stands behind the time: nothing, `Z`, or an offset such as `+00:00`. */
  readonly zone: string;
}

/**
 * A canonical type. Layouts (all little-endian, validity as LSB-first bits):
 *
 * | kind | data | offsets |
 * | --- | --- | --- |
 * | bool | bits, LSB first | |
 * | int | bits/8 bytes each, two's complement (or unsigned) | |
 * | float | 4 or 8 bytes IEEE | |
 * | decimal | 16 bytes: unscaled two's complement; value = unscaled / 10^scale | |
 * | numeric | decimal text: `-12.50`, `NaN`, `Infinity`, `-Infinity` | int32 |
 * | text, json | UTF-8 | int32 |
 * | binary, opaque | bytes | int32 |
 * | date | int32 days since 1970; infinity = 2^31-1, -infinity = -(2^31-1) | |
 * | time | int64 units since midnight, 24:00 included | |
 * | timestamp | int64 units since 1970 (UTC if zone); infinity = 2^63-1, -infinity = -(2^63-1) | |
 * | uuid | 16 bytes, in the order of the text form | |
 * | timetz | uint64: micros << 24 or (57599 + seconds west of UTC), as DuckDB has it | |
 * | interval | int32 months, int32 days, int64 microseconds; the three never mix | |
 * | bit | a byte with the number of padding bits, then the bits from the right, padding bits 1; `[0]` is empty | int32 |
 * | enum | uint32 index into `labels` | |
 * | list, map | none; the elements (or keys and values) are the children | int32, into the children |
 * | struct, union | none; each field or member is a child of the same length | |
 * | any | a dense union, see `Column` in batch/column.ts | int32 |
 */
export type LogicalType =
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64 | 128; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: 32 | 64 }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** Decimals of any size, as text. */
  | { readonly kind: 'numeric' }
  /** `maxChars` as in varchar(n); `fixed` as in char(n), padded. `format` where the text is a date or time. */
  | {
      readonly kind: 'text';
      readonly maxChars?: number;
      readonly fixed?: boolean;
      readonly format?: TemporalFormat;
    }
  | { readonly kind: 'binary' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time'; readonly unit: 'us' | 'ns' }
  | { readonly kind: 'timestamp'; readonly unit: 's' | 'ms' | 'us' | 'ns'; readonly zone: boolean }
  | { readonly kind: 'uuid' }
  /** `binary` marks PostgreSQL's jsonb. The text is kept verbatim. */
  | { readonly kind: 'json'; readonly binary?: boolean }
  /** SQLite's mixed storage classes: integer, real, text or blob, value by value. */
  | { readonly kind: 'any' }
  /** A time of day with its offset from UTC; never normalised. */
  | { readonly kind: 'timetz' }
  | { readonly kind: 'interval' }
  /** A string of bits. `length` where all have the same, as in PostgreSQL's bit(n). */
  | { readonly kind: 'bit'; readonly length?: number }
  /** One of `labels`, in their order. `name` is the type's name where it has one. */
  | { readonly kind: 'enum'; readonly name: string | null; readonly labels: readonly string[] }
  /** `size`: every list has so many elements (DuckDB's ARRAY). */
  | { readonly kind: 'list'; readonly element: LogicalType; readonly size?: number }
  | { readonly kind: 'struct'; readonly fields: readonly NamedType[] }
  | { readonly kind: 'map'; readonly key: LogicalType; readonly value: LogicalType }
  /** A value is of one member, which may be NULL in it; that is not the same as no value. */
  | { readonly kind: 'union'; readonly members: readonly NamedType[] }
  /** An engine's own bytes, which only the same engine can take. `local`: they name types by numbers of one database. */
  | {
      readonly kind: 'opaque';
      readonly engine: Engine;
      readonly nativeType: string;
      readonly local?: true;
    };

export type LogicalKind = LogicalType['kind'];

/** A field of a struct or a member of a union. */
export interface NamedType {
  readonly name: string;
  readonly type: LogicalType;
}

/** The types of a column's children, in their order; [] for types without. `any` has children of its own. */
export function childTypes(type: LogicalType): readonly LogicalType[] {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'struct':
      return type.fields.map((field) => field.type);
    case 'union':
      return type.members.map((member) => member.type);
    default:
      return [];
  }
}

/** Lists, maps, structs and unions. */
export function isNested(type: LogicalType): boolean {
  return type.kind === 'list' || type.kind === 'map' || type.kind === 'struct' || type.kind === 'union';
}

/** Bytes per value, or 0 where the width varies or is less than a byte. */
export function fixedWidth(type: LogicalType): number {
  switch (type.kind) {
    case 'int':
    case 'float':
      return type.bits / 8;
    case 'decimal':
    case 'uuid':
    case 'interval':
      return 16;
    case 'date':
    case 'enum':
      return 4;
    case 'time':
    case 'timetz':
    case 'timestamp':
      return 8;
    default:
      return 0;
  }
}

/** True for types whose column has int32 offsets into a byte heap; lists and maps have offsets into children. */
export function isVariableWidth(type: LogicalType): boolean {
  return (
    type.kind === 'text' ||
    type.kind === 'json' ||
    type.kind === 'numeric' ||
    type.kind === 'binary' ||
    type.kind === 'bit' ||
    type.kind === 'opaque'
  );
}

/** The type as people write it: `int64`, `decimal(10,2)`, `timestamp[us, UTC]`. */
export function typeName(type: LogicalType): string {
  switch (type.kind) {
    case 'int':
      return `${type.signed ? 'int' : 'uint'}${type.bits}`;
    case 'float':
      return `float${type.bits}`;
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'text':
      if (type.maxChars === undefined) return 'text';
      return `${type.fixed ? 'char' : 'text'}(${type.maxChars})`;
    case 'time':
      return `time[${type.unit}]`;
    case 'timestamp':
      return `timestamp[${type.unit}${type.zone ? ', UTC' : ''}]`;
    case 'json':
      return type.binary ? 'json (binary)' : 'json';
    case 'bit':
      return type.length === undefined ? 'bit' : `bit(${type.length})`;
    case 'enum':
      return `enum(${type.labels.map((label) => `'${label.replaceAll("'", "''")}'`).join(', ')})`;
    case 'list':
      return `${typeName(type.element)}[${type.size ?? ''}]`;
    case 'map':
      return `map(${typeName(type.key)}, ${typeName(type.value)})`;
    case 'struct':
      return `struct(${namedTypes(type.fields)})`;
    case 'union':
      return `union(${namedTypes(type.members)})`;
    case 'opaque':
      return `${type.nativeType} (bytes of ${type.engine})`;
    default:
      return type.kind;
  }
}

function namedTypes(types: readonly NamedType[]): string {
  return types.map(({ name, type }) => `"${name.replaceAll('"', '""')}" ${typeName(type)}`).join(', ');
}

/** True when the two have the same layout and meaning, so that a column can pass untouched. */
export function sameType(a: LogicalType, b: LogicalType): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'text' && b.kind === 'text') return sameFormat(a.format, b.format);
  if (a.kind === 'json' || a.kind === 'bit') return true;
  if (isNested(a)) return sameNested(a, b);
  return typeName(a) === typeName(b);
}

function sameNested(a: LogicalType, b: LogicalType): boolean {
  const [ours, theirs] = [childTypes(a), childTypes(b)];
  if (ours.length !== theirs.length || !ours.every((type, at) => sameType(type, theirs[at]))) return false;
  if (a.kind === 'list' && b.kind === 'list') return a.size === b.size;
  return childNames(a).join('\0') === childNames(b).join('\0');
}

function childNames(type: LogicalType): string[] {
  if (type.kind === 'struct') return type.fields.map((field) => field.name);
  return type.kind === 'union' ? type.members.map((member) => member.name) : [];
}

function sameFormat(a: TemporalFormat | undefined, b: TemporalFormat | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  return a.separator === b.separator && a.fractionDigits === b.fractionDigits && a.zone === b.zone;
}
