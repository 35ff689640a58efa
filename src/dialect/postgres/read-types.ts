// What a column of PostgreSQL holds, in canonical types. Pure. The whole list of types stands in docs/types.md.
import type { ColumnEvidence, Probe } from '../../types/evidence.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import type { Check, ReadType, Refusal } from '../../types/mapping.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { MappingContext } from '../dialect.ts';
import { charCount, ddlType, fractionDigits, numericShape, type TypeFacts, typeFacts } from './type-facts.ts';

/** The longest decimal128. */
const DECIMAL_DIGITS_MAX = 38;

/** Types whose text form is exact, so that other engines get them as text. */
const AS_TEXT = new Set([
  'xml',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'tsvector',
  'tsquery',
  'jsonpath',
  'pg_lsn',
  'txid_snapshot',
  'pg_snapshot',
  'tid',
  'point',
  'line',
  'lseg',
  'box',
  'path',
  'polygon',
  'circle',
  'ltree',
  'lquery',
  'cube',
]);

export function probes(column: ColumnSchema): readonly Probe[] {
  const facts = typeFacts(column);
  if (facts.type !== 'numeric') return [];
  return decimalOf(facts.typmod) === null ? ['numeric'] : [];
}

export function read(
  column: ColumnSchema,
  _evidence: ColumnEvidence | null,
  context: MappingContext,
): ReadType | Refusal {
  const facts = typeFacts(column);
  const because = facts.domainOver === null ? undefined : `a domain over ${facts.domainOver}`;
  const wire = everyday(facts);
  if (context.sameEngine) {
    const exact = storageType(column, facts, wire);
    if ('refused' in exact) return exact;
    return {
      wire: exact,
      logical: exact,
      checks: [],
      select: facts.type === 'xml' ? 'text' : 'native',
      because,
    };
  }
  if (wire) {
    const special = specialNumeric(wire, context);
    if (special) return { ...special, select: 'native', because };
    return { wire, logical: wire, checks: textChecks(facts, wire), select: 'native', because };
  }
  if (AS_TEXT.has(facts.type) || facts.kind === 'r' || facts.kind === 'm') {
    const text: LogicalType = { kind: 'text' };
    return {
      wire: text,
      logical: text,
      checks: [],
      select: 'text',
      because: `${column.nativeType} as its exact text`,
    };
  }
  return notYet(column, facts);
}

/** The canonical type of the types that every engine has; null for all others. */
export function everyday(facts: TypeFacts): LogicalType | null {
  if (!facts.builtIn) return facts.type === 'citext' ? { kind: 'text' } : null;
  const { typmod } = facts;
  switch (facts.type) {
    case 'bool':
      return { kind: 'bool' };
    case 'int2':
      return { kind: 'int', bits: 16, signed: true };
    case 'int4':
      return { kind: 'int', bits: 32, signed: true };
    case 'int8':
      return { kind: 'int', bits: 64, signed: true };
    case 'oid':
    case 'xid':
    case 'cid':
      return { kind: 'int', bits: 32, signed: false };
    case 'xid8':
      return { kind: 'int', bits: 64, signed: false };
    case 'float4':
      return { kind: 'float', bits: 32 };
    case 'float8':
      return { kind: 'float', bits: 64 };
    case 'numeric':
      return decimalOf(typmod) ?? { kind: 'numeric' };
    case 'text':
    case 'name':
    case 'char':
      return { kind: 'text' };
    case 'varchar':
      return { kind: 'text', ...maxChars(typmod) };
    case 'bpchar':
      // Without a length bpchar pads nothing.
      return charCount(typmod) === null
        ? { kind: 'text' }
        : { kind: 'text', ...maxChars(typmod), fixed: true };
    case 'json':
      return { kind: 'json' };
    case 'jsonb':
      return { kind: 'json', binary: true };
    case 'bytea':
      return { kind: 'binary' };
    case 'date':
      return { kind: 'date' };
    case 'time':
      return { kind: 'time', unit: 'us' };
    case 'timestamp':
      return { kind: 'timestamp', unit: 'us', zone: false };
    case 'timestamptz':
      return { kind: 'timestamp', unit: 'us', zone: true };
    case 'uuid':
      return { kind: 'uuid' };
    default:
      return null;
  }
}

/**
 * The type that holds exactly what a column of PostgreSQL stores, for copies to PostgreSQL and for writing. Where
 * the server would round in silence (time(3), numeric(50,2)) it is the server's own bytes, which only an equal
 * column takes.
 */
export function storageType(
  column: ColumnSchema,
  facts: TypeFacts,
  wire: LogicalType | null,
): LogicalType | Refusal {
  const own: LogicalType = { kind: 'opaque', engine: 'postgres', nativeType: ddlType(column) };
  if (wire?.kind === 'timestamp' && fractionDigits(facts.typmod) < 6) {
    const digits = fractionDigits(facts.typmod);
    if (digits === 0) return { ...wire, unit: 's' };
    return digits === 3 ? { ...wire, unit: 'ms' } : own;
  }
  if (wire?.kind === 'time' && fractionDigits(facts.typmod) < 6) return own;
  if (wire?.kind === 'numeric' && facts.typmod >= 4) return own;
  if (wire?.kind === 'decimal' && hasOddScale(facts.typmod)) return own;
  if (wire && facts.type !== 'char') return wire;
  if (facts.type === 'xml') return { kind: 'text' };
  if (facts.type === 'money') return { ...own, nativeType: `money of ${facts.moneyScale ?? 2} decimals` };
  if (facts.builtIn && facts.kind !== 'p' && (facts.category !== 'A' || facts.elementBuiltIn)) return own;
  return notYet(column, facts);
}

function decimalOf(typmod: number): LogicalType | null {
  const shape = numericShape(typmod);
  if (!shape) return null;
  const { precision, scale } = shape;
  if (scale < 0) return precision - scale <= DECIMAL_DIGITS_MAX ? decimal(precision - scale, 0) : null;
  if (scale > precision) return scale <= DECIMAL_DIGITS_MAX ? decimal(scale, scale) : null;
  return precision <= DECIMAL_DIGITS_MAX ? decimal(precision, scale) : null;
}

function decimal(precision: number, scale: number): LogicalType {
  return { kind: 'decimal', precision, scale };
}

/** numeric(5,-2) and numeric(2,5): the server rounds to them in a way that no decimal says. */
function hasOddScale(typmod: number): boolean {
  const shape = numericShape(typmod);
  return shape !== null && (shape.scale < 0 || shape.scale > shape.precision);
}

/**
 * A decimal column may hold NaN, which decimals have no room for: then decoding fails and says so. With a policy for
 * NaN the column is read as numeric, whose kernels tell NaN apart.
 */
function specialNumeric(wire: LogicalType, context: MappingContext): Omit<ReadType, 'select'> | null {
  const { nan } = context.policies;
  if (wire.kind !== 'decimal' || nan === undefined) return null;
  const numeric: LogicalType = { kind: 'numeric' };
  return nan === 'text'
    ? { wire: numeric, logical: numeric, checks: [] }
    : { wire: numeric, logical: wire, checks: [{ kind: 'noNan' }] };
}

function textChecks(facts: TypeFacts, wire: LogicalType): Check[] {
  if (wire.kind !== 'text' && wire.kind !== 'json') return [];
  // The server vouches for UTF-8, but not in a SQL_ASCII database, nor for the single byte of "char", which is NUL
  // for the empty value.
  if (facts.type === 'char') return [{ kind: 'utf8' }, { kind: 'noNul' }];
  return facts.sqlAscii ? [{ kind: 'utf8' }] : [];
}

function maxChars(typmod: number): { maxChars?: number } {
  const chars = charCount(typmod);
  return chars === null ? {} : { maxChars: chars };
}

function notYet(column: ColumnSchema, facts: TypeFacts): Refusal {
  const kind = facts.kind === 'e' ? 'enum ' : facts.kind === 'c' ? 'composite type ' : '';
  return {
    refused: 'E_UNSUPPORTED_TYPE',
    reason: `the ${kind || 'type '}${column.nativeType} is not carried yet`,
  };
}
