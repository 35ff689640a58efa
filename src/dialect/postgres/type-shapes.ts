// What each type of PostgreSQL is to other engines: the canonical type, and by which type of the server its values come and
// go where its own binary form won't do. Reading and writing stand on the same table, so that what leaves comes back. Pure.
import type { LogicalType } from '../../types/logical-type.ts';
import { charCount, fractionDigits, isRestrictedInterval, numericShape } from './type-facts.ts';
import { someNode, type TypeNode } from './type-tree.ts';

/** The longest decimal128. */
const DECIMAL_DIGITS_MAX = 38;

export interface Shape {
  /** What values are to other engines; also what binary COPY of `via` (or of the type itself) decodes to. */
  readonly wire: LogicalType;
  /**
   * The type of the server through which values go in, and a cast leads on to the type itself: because the type has no
   * binary form that Ferrow makes, or because the server would round or cut in silence. Null where they go in directly.
   */
  readonly via: string | null;
  /** Reading casts to `via` as well; else the type's own binary form is the wire already. */
  readonly readCast: boolean;
}

/** Types of extensions whose text is exact. */
const EXTENSION_TEXT = new Set(['ltree', 'lquery', 'ltxtquery', 'cube']);

/** Null for a type that Ferrow knows nothing of: an extension's, or one with input functions of the user's own. */
export function shapeOf(node: TypeNode, inside = false): Shape | null {
  switch (node.kind) {
    case 'domain':
      return node.inner && shapeOf(node.inner, inside);
    case 'enum':
      return direct({ kind: 'enum', name: node.name, labels: node.labels });
    case 'range':
      return AS_TEXT;
    case 'composite':
      return compositeShape(node);
    case 'array':
      return arrayShape(node);
    case 'base':
      return node.builtIn ? builtInShape(node, inside) : extensionShape(node);
    case 'pseudo':
      return null;
  }
}

function direct(wire: LogicalType): Shape {
  return { wire, via: null, readCast: false };
}

const AS_TEXT: Shape = { wire: { kind: 'text' }, via: 'text', readCast: true };

/** The server keeps less than `via` does: values go in by `via`, and the cast is proved to change none of them. */
function roundedFrom(wire: LogicalType, via: string): Shape {
  return { wire, via, readCast: false };
}

function extensionShape(node: TypeNode): Shape | null {
  if (node.name === 'citext') return direct({ kind: 'text' });
  if (node.name === 'hstore') return direct({ kind: 'map', key: { kind: 'text' }, value: { kind: 'text' } });
  return EXTENSION_TEXT.has(node.name) ? AS_TEXT : null;
}

/** One field that has no direct form makes the whole value text, since no cast reaches into a row. */
function compositeShape(node: TypeNode): Shape | null {
  const shapes = node.fields.map((field) => shapeOf(field.type, true));
  if (shapes.some((shape) => shape === null)) return null;
  const names = new Set(node.fields.map((field) => field.name.toLowerCase()));
  // Structs elsewhere have fields, and names that differ in more than case.
  if (shapes.length === 0 || names.size < shapes.length) return AS_TEXT;
  if (shapes.some((shape) => shape?.via !== null)) return AS_TEXT;
  const fields = node.fields.map(({ name }, at) => ({ name, type: (shapes[at] as Shape).wire }));
  return direct({ kind: 'struct', fields });
}

function arrayShape(node: TypeNode): Shape | null {
  if (!node.inner) return null;
  const element = isArray(node.inner) ? AS_TEXT : shapeOf(node.inner, true);
  if (element === null) return null;
  return {
    wire: { kind: 'list', element: element.wire },
    via: element.via === null ? null : `${element.via}[]`,
    readCast: element.readCast,
  };
}

/** A domain over an array is an element that is an array, which the bytes of an array don't tell from a dimension more. */
function isArray(node: TypeNode): boolean {
  return node.kind === 'array' || (node.kind === 'domain' && node.inner !== null && isArray(node.inner));
}

function builtInShape(node: TypeNode, inside: boolean): Shape {
  const { typmod } = node;
  switch (node.name) {
    case 'bool':
      return direct({ kind: 'bool' });
    case 'int2':
      return direct({ kind: 'int', bits: 16, signed: true });
    case 'int4':
      return direct({ kind: 'int', bits: 32, signed: true });
    case 'int8':
      return direct({ kind: 'int', bits: 64, signed: true });
    case 'oid':
    case 'xid':
    case 'cid':
      return direct({ kind: 'int', bits: 32, signed: false });
    case 'xid8':
      return direct({ kind: 'int', bits: 64, signed: false });
    case 'float4':
      return direct({ kind: 'float', bits: 32 });
    case 'float8':
      return direct({ kind: 'float', bits: 64 });
    case 'numeric':
      return numeric(typmod);
    case 'money':
      return money(node.moneyScale ?? 2);
    case 'text':
    case 'name':
    case 'refcursor':
      return direct({ kind: 'text' });
    case 'varchar':
      return direct({ kind: 'text', ...maxChars(typmod) });
    case 'bpchar':
      // Without a length bpchar pads nothing.
      return direct(
        charCount(typmod) === null ? { kind: 'text' } : { kind: 'text', ...maxChars(typmod), fixed: true },
      );
    case 'json':
      return direct({ kind: 'json' });
    case 'jsonb':
      return direct({ kind: 'json', binary: true });
    case 'bytea':
      return direct({ kind: 'binary' });
    case 'uuid':
      return direct({ kind: 'uuid' });
    case 'bit':
      return direct({ kind: 'bit', length: typmod > 0 ? typmod : 1 });
    case 'varbit':
      return direct({ kind: 'bit' });
    default:
      return temporal(node, inside) ?? AS_TEXT;
  }
}

function temporal(node: TypeNode, inside: boolean): Shape | null {
  const { typmod } = node;
  const digits = fractionDigits(typmod);
  switch (node.name) {
    case 'date':
      return direct({ kind: 'date' });
    case 'time': {
      const wire: LogicalType = { kind: 'time', unit: 'us' };
      return digits < 6 ? roundedFrom(wire, 'time without time zone') : direct(wire);
    }
    case 'timetz':
      return digits < 6 ? roundedFrom({ kind: 'timetz' }, 'time with time zone') : direct({ kind: 'timetz' });
    case 'interval':
      return isRestrictedInterval(typmod)
        ? roundedFrom({ kind: 'interval' }, 'interval')
        : direct({ kind: 'interval' });
    case 'timestamp':
    case 'timestamptz': {
      const zone = node.name === 'timestamptz';
      if (digits === 0 || digits === 3) {
        // Whole units; a column alone is read in microseconds all the same, as other engines like it.
        const unit = digits === 0 ? 's' : 'ms';
        return direct({ kind: 'timestamp', unit: inside ? unit : 'us', zone });
      }
      const wire: LogicalType = { kind: 'timestamp', unit: 'us', zone };
      return digits < 6 ? roundedFrom(wire, `timestamp with${zone ? '' : 'out'} time zone`) : direct(wire);
    }
    default:
      return null;
  }
}

function numeric(typmod: number): Shape {
  const shape = numericShape(typmod);
  if (!shape) return direct({ kind: 'numeric' });
  const { precision, scale } = shape;
  // numeric(5,-2) and numeric(2,5): the server rounds to them in a way that no decimal says.
  if (scale < 0 && precision - scale <= DECIMAL_DIGITS_MAX)
    return roundedFrom(decimal(precision - scale, 0), 'numeric');
  if (scale > precision && scale <= DECIMAL_DIGITS_MAX) return roundedFrom(decimal(scale, scale), 'numeric');
  if (scale >= 0 && scale <= precision && precision <= DECIMAL_DIGITS_MAX)
    return direct(decimal(precision, scale));
  return roundedFrom({ kind: 'numeric' }, 'numeric');
}

function money(scale: number): Shape {
  const wire = decimal(19, scale);
  return { wire, via: `numeric(19,${scale})`, readCast: true };
}

function decimal(precision: number, scale: number): LogicalType {
  return { kind: 'decimal', precision, scale };
}

function maxChars(typmod: number): { maxChars?: number } {
  const chars = charCount(typmod);
  return chars === null ? {} : { maxChars: chars };
}

/**
 * The type that holds exactly what a column stores, for copies to PostgreSQL: what everyday columns are anyway, else the
 * server's own bytes, which only an equal column takes; null where only its text is exact elsewhere.
 */
export function storageWire(node: TypeNode): LogicalType | null {
  if (someNode(node, (each) => !isPortable(each))) return null;
  const own: LogicalType = {
    kind: 'opaque',
    engine: 'postgres',
    nativeType: ownName(node),
    ...(someNode(node, namesLocalTypes) && { local: true }),
  };
  if (node.kind === 'domain' && node.inner) return storageWire(node.inner);
  if (node.kind !== 'base') return own;
  const shape = shapeOf(node, true);
  if (shape === null || shape.via !== null) return own;
  return EVERYDAY.has(shape.wire.kind) ? shape.wire : own;
}

/** What crosses threads most is told by its kind; the rest passes as bytes that nobody looks into. */
const EVERYDAY = new Set<LogicalType['kind']>([
  'bool',
  'int',
  'float',
  'decimal',
  'numeric',
  'text',
  'json',
  'binary',
  'date',
  'time',
  'timestamp',
  'uuid',
]);

/** The bytes of arrays and composites have the oids of what is in them. */
function namesLocalTypes({ kind, inner, fields }: TypeNode): boolean {
  return (kind === 'array' && inner?.builtIn === false) || fields.some(({ type }) => !type.builtIn);
}

/** The bytes of money mean another amount where a server counts other decimals. */
function ownName(node: TypeNode): string {
  let scale: number | null = null;
  someNode(node, (each) => {
    if (each.builtIn && each.name === 'money') scale = each.moneyScale ?? 2;
    return false;
  });
  return scale === null ? node.native : `${node.native} of ${scale} decimals`;
}

function isPortable(node: TypeNode): boolean {
  if (!node.portableBinary || node.kind === 'pseudo') return false;
  if (node.kind !== 'base') return true;
  // xml_send drops the declaration of the encoding by which xml_recv reads.
  return node.builtIn ? node.name !== 'xml' : shapeOf(node) !== null;
}
