// Canonical types as Arrow types and back, with the extension metadata that names what Arrow has no type for.
//
// Extension names are those DuckDB exports with arrow_lossless_conversion: arrow.uuid, arrow.json, arrow.opaque;
// ferrow.numeric, ferrow.interval, ferrow.enum and ferrow.sqlite_any where Arrow has no name. `ferrow:type` holds the
// canonical type whole, so that a batch comes back as it went.
import * as arrow from 'apache-arrow';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { LogicalType, NamedType } from '../types/logical-type.ts';
import { ANY_CHILD_TYPES, ANY_CLASSES } from './column.ts';

const EXTENSION_NAME = 'ARROW:extension:name';
const EXTENSION_METADATA = 'ARROW:extension:metadata';
const FERROW_TYPE = 'ferrow:type';

/** Arrow unions have no validity; one member more, of Arrow's null type, stands for NULL. */
export const NULL_CLASS = ANY_CLASSES.length;
const NULL_MEMBER = 'null';
/** Numbers of members are signed bytes, and NULL takes one. */
const MEMBERS_MAX = 127;

const TIME_UNITS = { s: 0, ms: 1, us: 2, ns: 3 } as const;
const UNIT_NAMES = ['s', 'ms', 'us', 'ns'] as const;

type EnumType = Extract<LogicalType, { kind: 'enum' }>;

export interface EnumDictionary {
  readonly type: arrow.Dictionary;
  readonly labels: arrow.Vector;
}

/** One dictionary for each type, so that all batches of a stream have the same. */
const dictionaries = new WeakMap<EnumType, EnumDictionary>();

export function enumDictionary(type: EnumType): EnumDictionary {
  let found = dictionaries.get(type);
  if (found === undefined) {
    const dictionary = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), null, true);
    found = { type: dictionary, labels: labelVector(type.labels) };
    dictionaries.set(type, found);
  }
  return found;
}

function labelVector(labels: readonly string[]): arrow.Vector {
  const encoded = labels.map((label) => new TextEncoder().encode(label));
  const valueOffsets = new Int32Array(labels.length + 1);
  encoded.forEach((bytes, at) => {
    valueOffsets[at + 1] = valueOffsets[at] + bytes.length;
  });
  const heap = new Uint8Array(valueOffsets[labels.length]);
  encoded.forEach((bytes, at) => {
    heap.set(bytes, valueOffsets[at]);
  });
  const type = new arrow.Utf8();
  return new arrow.Vector([new arrow.Data(type, 0, labels.length, 0, [valueOffsets, heap, undefined])]);
}

export function arrowField(name: string, type: LogicalType): arrow.Field {
  return new arrow.Field(name, arrowType(type), true, metadataOf(type));
}

function metadataOf(type: LogicalType): Map<string, string> {
  const metadata = new Map([[FERROW_TYPE, JSON.stringify(type)]]);
  const extend = (name: string, details: object | null = null) => {
    metadata.set(EXTENSION_NAME, name);
    metadata.set(EXTENSION_METADATA, details === null ? '' : JSON.stringify(details));
  };
  switch (type.kind) {
    case 'uuid':
      extend('arrow.uuid');
      break;
    case 'json':
      extend('arrow.json');
      break;
    case 'numeric':
      extend('ferrow.numeric');
      break;
    case 'any':
      extend('ferrow.sqlite_any');
      break;
    case 'interval':
      extend('ferrow.interval');
      break;
    case 'enum':
      extend('ferrow.enum', { name: type.name, labels: type.labels });
      break;
    case 'opaque':
      extend('arrow.opaque', opaqueOf(type.engine, type.nativeType));
      break;
    case 'timetz':
      extend('arrow.opaque', opaqueOf('DuckDB', 'time_tz'));
      break;
    case 'bit':
      extend('arrow.opaque', opaqueOf('DuckDB', 'bit'));
      break;
    case 'int':
      if (type.bits === 128) extend('arrow.opaque', opaqueOf('DuckDB', type.signed ? 'hugeint' : 'uhugeint'));
      break;
    default:
  }
  return metadata;
}

const opaqueOf = (vendor: string, typeName: string) => ({ vendor_name: vendor, type_name: typeName });

export function arrowType(type: LogicalType): arrow.DataType {
  switch (type.kind) {
    case 'bool':
      return new arrow.Bool();
    case 'int':
      return type.bits === 128 ? new arrow.FixedSizeBinary(16) : new arrow.Int(type.signed, type.bits);
    case 'float':
      return new arrow.Float(type.bits === 32 ? arrow.Precision.SINGLE : arrow.Precision.DOUBLE);
    case 'decimal':
      return new arrow.Decimal(type.scale, type.precision, 128);
    case 'numeric':
    case 'text':
    case 'json':
      return new arrow.Utf8();
    case 'binary':
    case 'bit':
    case 'opaque':
      return new arrow.Binary();
    case 'date':
      return new arrow.DateDay();
    case 'time':
      return new arrow.Time(TIME_UNITS[type.unit], 64);
    case 'timestamp':
      return new arrow.Timestamp(TIME_UNITS[type.unit], type.zone ? 'UTC' : null);
    case 'timetz':
      return new arrow.FixedSizeBinary(8);
    case 'uuid':
    case 'interval':
      return new arrow.FixedSizeBinary(16);
    case 'enum':
      return enumDictionary(type).type;
    case 'list': {
      const element = arrowField('item', type.element);
      return type.size === undefined ? new arrow.List(element) : new arrow.FixedSizeList(type.size, element);
    }
    case 'struct':
      return new arrow.Struct(type.fields.map((field) => arrowField(field.name, field.type)));
    case 'map':
      return new arrow.Map_(new arrow.Field('entries', entriesType(type), false));
    case 'union':
      return unionType(type.members);
    case 'any': {
      const members = ANY_CLASSES.map(
        (name, id) => new arrow.Field(name, arrowType(ANY_CHILD_TYPES[id]), true),
      );
      members.push(new arrow.Field(NULL_MEMBER, new arrow.Null(), true));
      return new arrow.DenseUnion([0, 1, 2, 3, NULL_CLASS], members);
    }
  }
}

/** Key and value of a map's entries. */
export function entriesType(type: Extract<LogicalType, { kind: 'map' }>): arrow.Struct {
  const key = new arrow.Field('key', arrowType(type.key), false, metadataOf(type.key));
  return new arrow.Struct([key, arrowField('value', type.value)]);
}

function unionType(members: readonly NamedType[]): arrow.DataType {
  if (members.length > MEMBERS_MAX) {
    const message = `a union of ${members.length} members is more than Arrow has numbers for`;
    throw new FerrowError('E_UNSUPPORTED_TYPE', message);
  }
  const fields = members.map((member) => arrowField(member.name, member.type));
  fields.push(new arrow.Field(NULL_MEMBER, new arrow.Null(), true));
  return new arrow.SparseUnion(
    fields.map((_, id) => id),
    fields,
  );
}

// ---------------------------------------------------------------- back

/**
 * The canonical type of an Arrow field: what Ferrow wrote beside it, or what Arrow says.
 * @throws FerrowError E_UNSUPPORTED_TYPE naming the field
 */
export function logicalType(field: arrow.Field): LogicalType {
  const found = typeOf(field);
  if (found !== null) return found;
  throw new FerrowError('E_UNSUPPORTED_TYPE', `column ${field.name} has the Arrow type ${field.type}`, {
    column: field.name,
  });
}

function typeOf(field: arrow.Field): LogicalType | null {
  const written = field.metadata.get(FERROW_TYPE);
  const type = written === undefined ? null : parseWritten(written, field.type);
  return type ?? foreignType(field.type, field.metadata);
}

/** What Ferrow wrote, unless it contradicts the Arrow type beside it. */
function parseWritten(text: string, actual: arrow.DataType): LogicalType | null {
  try {
    const type = JSON.parse(text) as LogicalType;
    return shapeOf(arrowType(type)) === shapeOf(actual) ? type : null;
  } catch {
    return null;
  }
}

/** The type without names: IPC turns empty ones into none. */
function shapeOf(type: arrow.DataType): string {
  const children = (type.children ?? []) as arrow.Field[];
  if (children.length === 0) return String(type);
  const size = arrow.DataType.isFixedSizeList(type) ? type.listSize : '';
  return `${type[Symbol.toStringTag]}${size}<${children.map((field) => shapeOf(field.type)).join(', ')}>`;
}

function foreignType(type: arrow.DataType, metadata: Map<string, string>): LogicalType | null {
  const { DataType } = arrow;
  if (DataType.isBool(type)) return { kind: 'bool' };
  if (DataType.isInt(type)) return { kind: 'int', bits: type.bitWidth, signed: type.isSigned };
  if (DataType.isFloat(type) && type.precision !== arrow.Precision.HALF)
    return { kind: 'float', bits: type.precision === arrow.Precision.SINGLE ? 32 : 64 };
  if (DataType.isDecimal(type) && type.bitWidth === 128 && type.scale >= 0)
    return { kind: 'decimal', precision: type.precision, scale: type.scale };
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) {
    const extension = metadata.get(EXTENSION_NAME);
    if (extension === 'arrow.json') return { kind: 'json' };
    return { kind: extension === 'ferrow.numeric' ? 'numeric' : 'text' };
  }
  if (DataType.isBinary(type) || DataType.isLargeBinary(type))
    return /"bit"/.test(opaqueName(metadata)) ? { kind: 'bit' } : { kind: 'binary' };
  if (DataType.isDate(type) && type.unit === arrow.DateUnit.DAY) return { kind: 'date' };
  if (DataType.isTime(type) && type.bitWidth === 64)
    return { kind: 'time', unit: type.unit === arrow.TimeUnit.MICROSECOND ? 'us' : 'ns' };
  if (DataType.isTimestamp(type))
    return { kind: 'timestamp', unit: UNIT_NAMES[type.unit], zone: (type.timezone ?? '') !== '' };
  if (DataType.isFixedSizeBinary(type)) return foreignBytes(type.byteWidth, metadata);
  if (DataType.isInterval(type)) return { kind: 'interval' };
  if (DataType.isDictionary(type)) return foreignType(type.dictionary, metadata);
  return foreignNested(type);
}

const opaqueName = (metadata: Map<string, string>) => metadata.get(EXTENSION_METADATA) ?? '';

function foreignBytes(width: number, metadata: Map<string, string>): LogicalType | null {
  const extension = metadata.get(EXTENSION_NAME);
  const name = opaqueName(metadata);
  if (width === 8) return /"time_tz"/.test(name) ? { kind: 'timetz' } : null;
  if (width !== 16) return null;
  if (extension === 'arrow.uuid') return { kind: 'uuid' };
  if (extension === 'ferrow.interval') return { kind: 'interval' };
  if (/"uhugeint"/.test(name)) return { kind: 'int', bits: 128, signed: false };
  return /"hugeint"/.test(name) ? { kind: 'int', bits: 128, signed: true } : null;
}

function foreignNested(type: arrow.DataType): LogicalType | null {
  const { DataType } = arrow;
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
    const element = typeOf(type.children[0]);
    const size = DataType.isFixedSizeList(type) ? { size: type.listSize } : {};
    return element && { kind: 'list', element, ...size };
  }
  if (DataType.isMap(type)) {
    const [key, value] = (type.children[0].type.children as arrow.Field[]).map(typeOf);
    return key && value && { kind: 'map', key, value };
  }
  if (DataType.isStruct(type)) {
    const fields = namedTypes(type.children);
    return fields && { kind: 'struct', fields };
  }
  if (!DataType.isUnion(type)) return null;
  if (String(type) === String(arrowType({ kind: 'any' }))) return { kind: 'any' };
  const members = namedTypes(
    (type.children as arrow.Field[]).filter((field) => !DataType.isNull(field.type)),
  );
  return members && { kind: 'union', members };
}

function namedTypes(fields: readonly arrow.Field[]): NamedType[] | null {
  const types = fields.map((field) => ({ name: field.name ?? '', type: typeOf(field) }));
  return types.every((each): each is NamedType => each.type !== null) ? types : null;
}
