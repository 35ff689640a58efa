// DuckDB's types as canonical ones, by the layout of their vectors, and back. Pure.
import { ANY_CLASSES } from '../../batch/column.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import {
  mapPlain,
  type NativeField,
  type NativeType,
  parseType,
  plainTypes,
  printType,
} from './native-type.ts';

/** The column that holds SQLite's mixed storage classes; its members are ANY_CLASSES in order. */
export const ANY_TYPE = 'UNION(i BIGINT, r DOUBLE, t VARCHAR, b BLOB)';

const int = (bits: 8 | 16 | 32 | 64 | 128, signed = true): LogicalType => ({ kind: 'int', bits, signed });

const list = (element: LogicalType): LogicalType => ({ kind: 'list', element });

const struct = (fields: Readonly<Record<string, LogicalType>>): LogicalType => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});

/** How a VARIANT lies in its vector: between DuckDB files it is carried so, untouched. */
const VARIANT_LAYOUT: LogicalType = struct({
  keys: list({ kind: 'text' }),
  children: list(struct({ keys_index: int(32, false), values_index: int(32, false) })),
  values: list(struct({ type_id: int(8, false), byte_offset: int(32, false) })),
  data: { kind: 'binary' },
});

const BY_NAME: Readonly<Record<string, LogicalType>> = {
  BOOLEAN: { kind: 'bool' },
  TINYINT: int(8),
  SMALLINT: int(16),
  INTEGER: int(32),
  BIGINT: int(64),
  HUGEINT: int(128),
  UTINYINT: int(8, false),
  USMALLINT: int(16, false),
  UINTEGER: int(32, false),
  UBIGINT: int(64, false),
  UHUGEINT: int(128, false),
  FLOAT: { kind: 'float', bits: 32 },
  DOUBLE: { kind: 'float', bits: 64 },
  VARCHAR: { kind: 'text' },
  JSON: { kind: 'json' },
  BLOB: { kind: 'binary' },
  BIT: { kind: 'bit' },
  DATE: { kind: 'date' },
  TIME: { kind: 'time', unit: 'us' },
  TIME_NS: { kind: 'time', unit: 'ns' },
  'TIME WITH TIME ZONE': { kind: 'timetz' },
  TIMESTAMP: { kind: 'timestamp', unit: 'us', zone: false },
  TIMESTAMP_S: { kind: 'timestamp', unit: 's', zone: false },
  TIMESTAMP_MS: { kind: 'timestamp', unit: 'ms', zone: false },
  TIMESTAMP_NS: { kind: 'timestamp', unit: 'ns', zone: false },
  'TIMESTAMP WITH TIME ZONE': { kind: 'timestamp', unit: 'us', zone: true },
  INTERVAL: { kind: 'interval' },
  UUID: { kind: 'uuid' },
  // Well-known binary, little-endian.
  GEOMETRY: { kind: 'binary' },
  VARIANT: VARIANT_LAYOUT,
};

/**
 * Types that are selected as another type of DuckDB's own, into which it casts exactly, and from which it casts
 * back when the rows take their place. A column of type "NULL" holds nothing else.
 */
const SELECTED_AS: Readonly<Record<string, { readonly name: string; readonly wire: LogicalType }>> = {
  BIGNUM: { name: 'VARCHAR', wire: { kind: 'numeric' } },
  NULL: { name: 'VARCHAR', wire: { kind: 'text' } },
};

/** The canonical type of what a DuckDB type holds; null if Ferrow does not know the type. */
export function wireOf(nativeType: string): LogicalType | null {
  const tree = parseType(nativeType);
  return tree && wireOfTree(tree);
}

function wireOfTree(type: NativeType): LogicalType | null {
  switch (type.kind) {
    case 'plain':
      return plainWire(type.name, type.args);
    case 'enum':
      return { kind: 'enum', name: null, labels: type.labels };
    case 'list': {
      const element = wireOfTree(type.element);
      return element && { kind: 'list', element, ...(type.size === null ? {} : { size: type.size }) };
    }
    case 'map': {
      const [key, value] = [wireOfTree(type.key), wireOfTree(type.value)];
      return key && value && { kind: 'map', key, value };
    }
    case 'struct': {
      const fields = namedWires(type.fields);
      return fields && { kind: 'struct', fields };
    }
    case 'union': {
      if (isAnyUnion(type.fields)) return { kind: 'any' };
      const members = namedWires(type.fields);
      return members && { kind: 'union', members };
    }
  }
}

function plainWire(name: string, args: readonly string[]): LogicalType | null {
  if (name === 'DECIMAL') {
    const [precision, scale] = args.length === 0 ? [18, 3] : args.map(Number);
    return precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision
      ? { kind: 'decimal', precision, scale }
      : null;
  }
  if (args.length > 0 && name !== 'GEOMETRY') return null;
  if (Object.hasOwn(SELECTED_AS, name)) return SELECTED_AS[name].wire;
  return Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : null;
}

function namedWires(fields: readonly NativeField[]): { name: string; type: LogicalType }[] | null {
  const named: { name: string; type: LogicalType }[] = [];
  for (const { name, type } of fields) {
    const wire = wireOfTree(type);
    if (!wire) return null;
    named.push({ name, type: wire });
  }
  return named;
}

const ANY_FIELDS = ['i BIGINT', 'r DOUBLE', 't VARCHAR', 'b BLOB'];

function isAnyUnion(fields: readonly NativeField[]): boolean {
  return (
    fields.length === ANY_CLASSES.length &&
    fields.every(({ name, type }, at) => `${name.toLowerCase()} ${printType(type)}` === ANY_FIELDS[at])
  );
}

/** The first type inside that Ferrow does not know; null if it knows all. */
export function unknownPart(type: NativeType): string | null {
  let unknown: string | null = null;
  mapPlain(type, (plain) => {
    if (unknown === null && plainWire(plain.name, plain.args) === null) unknown = printType(plain);
    return plain;
  });
  return unknown;
}

/** True if the type is, or has inside, the plain type `name`. */
export function holds(type: NativeType, name: string): boolean {
  return plainTypes(type).includes(name);
}

/** The type as which a column is selected, where that isn't its own. */
export function selectedAs(type: NativeType): string | null {
  if (!plainTypes(type).some((name) => Object.hasOwn(SELECTED_AS, name))) return null;
  return printType(
    mapPlain(type, (plain) =>
      Object.hasOwn(SELECTED_AS, plain.name)
        ? { kind: 'plain', name: SELECTED_AS[plain.name].name, args: [] }
        : plain,
    ),
  );
}

/** The DuckDB type whose vectors hold a canonical type; null if there is none. */
export function nativeOf(type: LogicalType): string | null {
  const tree = nativeTree(type);
  return tree && (type.kind === 'any' ? ANY_TYPE : printType(tree));
}

const plain = (name: string, ...args: number[]): NativeType => ({
  kind: 'plain',
  name,
  args: args.map(String),
});

function nativeTree(type: LogicalType): NativeType | null {
  switch (type.kind) {
    case 'bool':
      return plain('BOOLEAN');
    case 'int': {
      const name = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT', 128: 'HUGEINT' }[type.bits];
      return plain(type.signed ? name : `U${name}`);
    }
    case 'float':
      return plain(type.bits === 32 ? 'FLOAT' : 'DOUBLE');
    case 'decimal':
      return type.precision <= 38 ? plain('DECIMAL', type.precision, type.scale) : null;
    case 'numeric':
    case 'text':
      return plain('VARCHAR');
    case 'json':
      return plain('JSON');
    case 'binary':
      return plain('BLOB');
    case 'bit':
      return plain('BIT');
    case 'date':
      return plain('DATE');
    case 'time':
      return plain(type.unit === 'us' ? 'TIME' : 'TIME_NS');
    case 'timetz':
      return plain('TIME WITH TIME ZONE');
    case 'timestamp':
      if (type.zone) return type.unit === 'us' ? plain('TIMESTAMP WITH TIME ZONE') : null;
      return plain({ s: 'TIMESTAMP_S', ms: 'TIMESTAMP_MS', us: 'TIMESTAMP', ns: 'TIMESTAMP_NS' }[type.unit]);
    case 'interval':
      return plain('INTERVAL');
    case 'uuid':
      return plain('UUID');
    case 'enum':
      return { kind: 'enum', labels: type.labels };
    case 'any':
      return parseType(ANY_TYPE);
    case 'list': {
      const element = nativeTree(type.element);
      return element && { kind: 'list', element, size: type.size ?? null };
    }
    case 'map': {
      const [key, value] = [nativeTree(type.key), nativeTree(type.value)];
      return key && value && { kind: 'map', key, value };
    }
    case 'struct':
    case 'union': {
      const fields: NativeField[] = [];
      for (const { name, type: inner } of type.kind === 'struct' ? type.fields : type.members) {
        const native = nativeTree(inner);
        if (!native) return null;
        fields.push({ name, type: native });
      }
      return { kind: type.kind, fields };
    }
    case 'opaque':
      return null;
  }
}
