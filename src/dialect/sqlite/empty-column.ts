// What a SQLite column without values is taken for: its declared type decides alone. Pure.
import type { LogicalType } from '../../types/logical-type.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import { affinityOf, type DeclaredType, parseDeclared } from './affinity.ts';
import {
  BINARY,
  BOOLEAN_NAMES,
  DECIMAL_DIGITS_MAX,
  DECIMAL_NAMES,
  DECIMAL_TEXT_NAMES,
  FLOAT64,
  FORM_NAMES,
  FORMAT,
  FORMAT_UTC,
  INT64,
  JSON_NAMES,
  NARROW_INTEGERS,
  SINGLE_NAMES,
  SIZED_TEXT_CHARS_MAX,
  SIZED_TEXT_NAMES,
  TEMPORAL_NAMES,
  TEXT,
  UUID_NAMES,
} from './declared-names.ts';

/** What it would hold (the wire), and what that would mean. */
export interface DeclaredMeaning {
  readonly wire: LogicalType;
  readonly logical: LogicalType;
}

export function declaredMeaning(column: ColumnSchema): DeclaredMeaning {
  const declared = parseDeclared(column.nativeType);
  const { name } = declared;
  const temporal = temporalOf(name);
  if (temporal) {
    const zoned = temporal.kind === 'timestamp' && temporal.zone;
    return { wire: { kind: 'text', format: zoned ? FORMAT_UTC : FORMAT }, logical: temporal };
  }
  if (UUID_NAMES.has(name)) return { wire: TEXT, logical: { kind: 'uuid' } };
  const form = formOf(declared, declared.parameters[0]);
  if (form) return { wire: TEXT, logical: form };
  const type = plainMeaning(column, declared);
  return { wire: type, logical: type };
}

function plainMeaning(column: ColumnSchema, declared: DeclaredType): LogicalType {
  const { name, parameters } = declared;
  if (BOOLEAN_NAMES.has(name)) return { kind: 'bool' };
  if (JSON_NAMES.has(name)) return { kind: 'json' };
  if (SINGLE_NAMES.has(name)) return { kind: 'float', bits: 32 };
  if (DECIMAL_NAMES.has(name) || DECIMAL_TEXT_NAMES.has(name)) {
    const [precision, scale = 0] = parameters;
    if (isDecimal(precision, scale)) return { kind: 'decimal', precision, scale };
    return DECIMAL_TEXT_NAMES.has(name) ? { kind: 'numeric' } : FLOAT64;
  }
  switch (affinityOf(column.nativeType)) {
    case 'integer':
      return NARROW_INTEGERS[name] ?? INT64;
    case 'text':
      return sizedText(declared);
    case 'blob':
      return name === '' ? TEXT : BINARY;
    default:
      return FLOAT64;
  }
}

/** Names with a precision too: `TIMESTAMP(3)` is read as TIMESTAMP. */
export function temporalOf(name: string): LogicalType | null {
  return Object.hasOwn(TEMPORAL_NAMES, name) ? TEMPORAL_NAMES[name] : null;
}

/** The type of a name whose text has a form of its own; `bits` is the length that all its strings of bits have. */
export function formOf({ name }: DeclaredType, bits: number | undefined): LogicalType | null {
  if (!Object.hasOwn(FORM_NAMES, name)) return null;
  const kind = FORM_NAMES[name];
  if (kind !== 'bit') return { kind };
  return name === 'BIT_TEXT' && bits !== undefined && bits > 0 ? { kind, length: bits } : { kind };
}

export function isDecimal(precision: number | undefined, scale: number): precision is number {
  return precision !== undefined && precision >= 1 && precision <= DECIMAL_DIGITS_MAX && scale <= precision;
}

export function sizedText({ name, parameters }: DeclaredType): LogicalType {
  const [chars] = parameters;
  const sized = SIZED_TEXT_NAMES.has(name) && chars > 0 && chars <= SIZED_TEXT_CHARS_MAX;
  return sized ? { kind: 'text', maxChars: chars } : TEXT;
}
