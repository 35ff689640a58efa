// Batch <-> apache-arrow RecordBatch, the only place that imports apache-arrow. Going out copies nothing: the
// columns are Arrow buffers already. Coming in, buffers are copied only where they aren't a column's own.
//
// Extension names are those DuckDB exports with arrow_lossless_conversion: arrow.uuid, arrow.json,
// arrow.opaque; ferrow.numeric and ferrow.sqlite_any where Arrow has no name. `ferrow:type` holds the
// canonical type whole, so that a batch comes back as it went.
import * as arrow from 'apache-arrow';
import { FerrowError } from '../errors/ferrow-error.ts';
import { fixedWidth, isVariableWidth, type LogicalType, typeName } from '../types/logical-type.ts';
import type { Batch, Field } from './batch.ts';
import { clearBit, isValid, newBitmap } from './bitmap.ts';
import { HeapBuilder, Nulls } from './builder.ts';
import {
  ANY_CHILD_TYPES,
  ANY_CLASSES,
  type Column,
  checkColumn,
  fixedColumn,
  variableColumn,
} from './column.ts';
import { own, ownBits } from './own.ts';

const EXTENSION_NAME = 'ARROW:extension:name';
const EXTENSION_METADATA = 'ARROW:extension:metadata';
const FERROW_TYPE = 'ferrow:type';

/** Arrow unions have no validity; a fifth member, of Arrow's null type, stands for NULL. */
const NULL_CLASS = ANY_CLASSES.length;

const TIME_UNITS = { s: 0, ms: 1, us: 2, ns: 3 } as const;
const UNIT_NAMES = ['s', 'ms', 'us', 'ns'] as const;

/** Wraps a batch. The RecordBatch shares the batch's buffers: neither may be transferred while both live. */
export function toRecordBatch(batch: Batch): arrow.RecordBatch {
  const schema = arrowSchema(batch.fields);
  const children = batch.columns.map(toData);
  const struct = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(schema, new arrow.Data(struct, 0, batch.rowCount, 0, undefined, children));
}

/** The Arrow schema of fields, with the extension metadata that names their canonical types. */
export function arrowSchema(fields: readonly Field[]): arrow.Schema {
  return new arrow.Schema(
    fields.map(({ name, type }) => new arrow.Field(name, arrowType(type), true, metadataOf(type))),
  );
}

function metadataOf(type: LogicalType): Map<string, string> {
  const metadata = new Map([[FERROW_TYPE, JSON.stringify(type)]]);
  const extend = (name: string, details: object | null = null) => {
    metadata.set(EXTENSION_NAME, name);
    metadata.set(EXTENSION_METADATA, details === null ? '' : JSON.stringify(details));
  };
  if (type.kind === 'uuid') extend('arrow.uuid');
  else if (type.kind === 'json') extend('arrow.json');
  else if (type.kind === 'numeric') extend('ferrow.numeric');
  else if (type.kind === 'any') extend('ferrow.sqlite_any');
  else if (type.kind === 'opaque') extend('arrow.opaque', opaqueOf(type.engine, type.nativeType));
  else if (type.kind === 'int' && type.bits === 128)
    extend('arrow.opaque', opaqueOf('DuckDB', type.signed ? 'hugeint' : 'uhugeint'));
  return metadata;
}

const opaqueOf = (vendor: string, typeName: string) => ({ vendor_name: vendor, type_name: typeName });

function arrowType(type: LogicalType): arrow.DataType {
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
    case 'opaque':
      return new arrow.Binary();
    case 'date':
      return new arrow.DateDay();
    case 'time':
      return new arrow.Time(TIME_UNITS[type.unit], 64);
    case 'timestamp':
      return new arrow.Timestamp(TIME_UNITS[type.unit], type.zone ? 'UTC' : null);
    case 'uuid':
      return new arrow.FixedSizeBinary(16);
    case 'any': {
      const members = ANY_CLASSES.map(
        (name, id) => new arrow.Field(name, arrowType(ANY_CHILD_TYPES[id]), true),
      );
      members.push(new arrow.Field('null', new arrow.Null(), true));
      return new arrow.DenseUnion([0, 1, 2, 3, NULL_CLASS], members);
    }
  }
}

function toData(column: Column): arrow.Data {
  const { type, length, nullCount, data, offsets } = column;
  if (type.kind === 'any') return anyToData(column);
  const arrowed = arrowType(type);
  const validity = column.validity ?? undefined;
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
  const members = [...(column.children ?? []).map(toData), nulls];
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

// ---------------------------------------------------------------- back

/**
 * A RecordBatch in canonical types. Buffers that fill an ArrayBuffer of their own are taken over, others
 * (slices, IPC bodies) copied.
 * @throws FerrowError E_UNSUPPORTED_TYPE naming the field; E_CORRUPT if buffers are too short
 */
export function fromRecordBatch(recordBatch: arrow.RecordBatch): Batch {
  const fields = recordBatch.schema.fields.map((field) => ({
    name: field.name,
    type: logicalType(field),
  }));
  const columns = fields.map(({ name, type }, index) => {
    const column = fromData(recordBatch.data.children[index], type, recordBatch.numRows);
    checkColumn(column, name);
    return column;
  });
  return { fields, columns, rowCount: recordBatch.numRows };
}

/** The canonical type of an Arrow field: what Ferrow wrote beside it, or what Arrow says. */
function logicalType(field: arrow.Field): LogicalType {
  const written = field.metadata.get(FERROW_TYPE);
  const type = written === undefined ? null : parseWritten(written, field.type);
  if (type !== null) return type;
  const found = foreignType(field.type, field.metadata.get(EXTENSION_NAME) ?? '', field);
  if (found !== null) return found;
  throw new FerrowError('E_UNSUPPORTED_TYPE', `column ${field.name} has the Arrow type ${field.type}`, {
    column: field.name,
  });
}

/** What Ferrow wrote, unless it contradicts the Arrow type beside it. */
function parseWritten(text: string, actual: arrow.DataType): LogicalType | null {
  try {
    const type = JSON.parse(text) as LogicalType;
    return String(arrowType(type)) === String(actual) ? type : null;
  } catch {
    return null;
  }
}

function foreignType(type: arrow.DataType, extension: string, field: arrow.Field): LogicalType | null {
  if (arrow.DataType.isBool(type)) return { kind: 'bool' };
  if (arrow.DataType.isInt(type)) return { kind: 'int', bits: type.bitWidth, signed: type.isSigned };
  if (arrow.DataType.isFloat(type) && type.precision !== arrow.Precision.HALF)
    return { kind: 'float', bits: type.precision === arrow.Precision.SINGLE ? 32 : 64 };
  if (arrow.DataType.isDecimal(type) && type.bitWidth === 128 && type.scale >= 0)
    return { kind: 'decimal', precision: type.precision, scale: type.scale };
  if (arrow.DataType.isUtf8(type)) {
    if (extension === 'arrow.json') return { kind: 'json' };
    return { kind: extension === 'ferrow.numeric' ? 'numeric' : 'text' };
  }
  if (arrow.DataType.isBinary(type)) return { kind: 'binary' };
  if (arrow.DataType.isDate(type) && type.unit === arrow.DateUnit.DAY) return { kind: 'date' };
  if (arrow.DataType.isTime(type) && type.bitWidth === 64)
    return { kind: 'time', unit: type.unit === arrow.TimeUnit.MICROSECOND ? 'us' : 'ns' };
  if (arrow.DataType.isTimestamp(type))
    return { kind: 'timestamp', unit: UNIT_NAMES[type.unit], zone: (type.timezone ?? '') !== '' };
  if (arrow.DataType.isFixedSizeBinary(type) && type.byteWidth === 16) {
    if (extension === 'arrow.uuid') return { kind: 'uuid' };
    const details = field.metadata.get(EXTENSION_METADATA) ?? '';
    if (/"uhugeint"/.test(details)) return { kind: 'int', bits: 128, signed: false };
    if (/"hugeint"/.test(details)) return { kind: 'int', bits: 128, signed: true };
  }
  return String(type) === String(arrowType({ kind: 'any' })) ? { kind: 'any' } : null;
}

function fromData(data: arrow.Data, type: LogicalType, length: number): Column {
  if (type.kind === 'any') return anyFromData(data, length);
  const nullCount = data.nullCount;
  const validity = nullCount === 0 ? null : ownBits(data.nullBitmap, data.offset, length);
  if (isVariableWidth(type)) return heapFromData(data, type, length, validity, nullCount);
  const values = data.values as Uint8Array | undefined;
  if (type.kind === 'bool') {
    return fixedColumn(type, length, ownBits(values, data.offset, length), validity, nullCount);
  }
  const width = fixedWidth(type);
  const owned = own(values, length * width);
  if (validity !== null) {
    for (let row = 0; row < length; row++) {
      // NULL slots are zero in a column; Arrow leaves them open.
      if (!isValid(validity, row)) owned.fill(0, row * width, (row + 1) * width);
    }
  }
  return fixedColumn(type, length, owned, validity, nullCount);
}

function heapFromData(
  data: arrow.Data,
  type: LogicalType,
  length: number,
  validity: Uint8Array<ArrayBuffer> | null,
  nullCount: number,
): Column {
  const source = data.valueOffsets as Int32Array;
  const heap = data.values as Uint8Array;
  if (source.length < length + 1 || source[0] < 0 || (heap?.byteLength ?? 0) < source[length]) {
    throw new FerrowError('E_CORRUPT', `Arrow offsets of ${typeName(type)} leave the data`);
  }
  let clean = source[0] === 0;
  for (let row = 0; row < length; row++) {
    if (source[row + 1] < source[row]) throw new FerrowError('E_CORRUPT', 'Arrow offsets go backwards');
    if (source[row + 1] > source[row] && !isValid(validity, row)) clean = false;
  }
  if (clean) {
    const offsets = new Int32Array(own(source, (length + 1) * 4).buffer, 0, length + 1);
    return variableColumn(type, length, offsets, own(heap, source[length]), validity, nullCount);
  }
  const out = new HeapBuilder(length, source[length] - source[0]);
  for (let row = 0; row < length; row++) {
    if (isValid(validity, row)) out.copy(row, heap, source[row], source[row + 1]);
    else out.close(row, out.end);
  }
  return out.finish(type, length, new Nulls(length, validity, nullCount));
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
