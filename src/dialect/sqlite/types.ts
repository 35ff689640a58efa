// How SQLite's types meet the canonical ones: the matrix of TYPES (docs/types.md). Pure.
import type { ColumnEvidence, Probe } from '../../types/evidence.ts';
import { type LogicalType, typeName } from '../../types/logical-type.ts';
import type { Check, CreateType, Refusal } from '../../types/mapping.ts';
import type { Policies } from '../../types/policy.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { MappingContext, TypeMap } from '../dialect.ts';
import { parseDeclared } from './affinity.ts';
import {
  ANY,
  BINARY,
  DECIMAL_NAMES,
  DECIMAL_TEXT_NAMES,
  DOUBLE_DIGITS,
  FLOAT64,
  FORM_NAMES,
  FORMAT,
  FORMAT_UTC,
  INT64,
  JSON_NAMES,
  SINGLE_NAMES,
  TEMPORAL_NAMES,
  TEXT,
  textNameOf,
  UUID_NAMES,
} from './declared-names.ts';
import { enumType, labelsCheck } from './labels.ts';
import { readType } from './read-types.ts';
import { guaranteedClass } from './storage-classes.ts';
import { FLOAT, NUMERIC, SIZE, writeType } from './write-types.ts';

export const types: TypeMap = { probes, read: readType, create, write: writeType };

function probes(column: ColumnSchema, policies: Policies, sameEngine = false): readonly Probe[] {
  // Whatever a cell holds, another SQLite file holds it too.
  if (sameEngine) return [];
  const sure = guaranteedClass(column);
  if (sure !== null && sure !== 'text') return [];
  const { name } = parseDeclared(column.nativeType);
  const probes = [...probesOf(name)];
  if (policies.empty_as_null === 'null') probes.push('empty-as-null');
  if (policies.bad_dates === 'null' && probes.includes('temporal')) probes.push('bad-dates');
  return probes;
}

function probesOf(name: string): readonly Probe[] {
  if (Object.hasOwn(TEMPORAL_NAMES, name)) return ['storage', 'temporal'];
  if (Object.hasOwn(FORM_NAMES, name)) return ['storage', FORM_NAMES[name]];
  if (UUID_NAMES.has(name)) return ['storage', 'uuid'];
  if (JSON_NAMES.has(name)) return ['storage', 'json'];
  if (SINGLE_NAMES.has(name)) return ['storage', 'numeric', 'single'];
  if (DECIMAL_NAMES.has(name)) return ['storage', 'numeric'];
  if (DECIMAL_TEXT_NAMES.has(name)) return ['storage', 'decimal-text'];
  return ['storage'];
}

/** A column of decimal text: exact, but no number to SQLite. */
function decimalText(nativeType: string, why: string): CreateType {
  return { ...made(nativeType, NUMERIC, [], `${why}: kept as decimal text`), asText: true };
}

function made(
  nativeType: string,
  wire: LogicalType,
  checks: readonly Check[] = [],
  because?: string,
): CreateType {
  return because === undefined
    ? { nativeType, wire, checks, verdict: 'exact' }
    : { nativeType, wire, checks, verdict: 'widened', because };
}

/** SQLite stores NaN as NULL. With nan=text it stands as the text `NaN` among the reals. */
function createFloat(name: string, logical: LogicalType, { policies }: MappingContext): CreateType {
  return policies.nan === 'text' ? made(name, ANY, [], '--allow nan=text') : made(name, logical, FLOAT);
}

function create(
  logical: LogicalType,
  source: ColumnSchema,
  evidence: ColumnEvidence | null,
  context: MappingContext,
): CreateType | Refusal {
  if (context.sameEngine) return made(source.nativeType, logical);
  switch (logical.kind) {
    case 'bool':
      return made('BOOLEAN', logical);
    case 'int':
      return createInteger(logical, evidence);
    case 'float':
      return createFloat(logical.bits === 32 ? 'REAL4' : 'DOUBLE', logical, context);
    case 'decimal':
      return createDecimal(logical);
    case 'numeric':
      return createNumeric(evidence);
    case 'text':
      return made(textName(logical, source), TEXT, SIZE);
    case 'json':
    case 'list':
    case 'struct':
    case 'map':
    case 'union':
      return made('JSON_TEXT', { kind: 'json' }, SIZE);
    case 'timetz':
      return made('TIMETZ', TEXT);
    case 'interval':
      return made('INTERVAL', TEXT);
    case 'bit':
      return made(bitName(logical), TEXT, SIZE);
    case 'enum':
      return createEnum(logical, source, context);
    case 'binary':
      return made('BLOB', BINARY, SIZE);
    case 'uuid':
      return made('UUID', TEXT);
    case 'date':
      return made('DATE', { kind: 'text', format: FORMAT });
    case 'time':
      return made(logical.unit === 'ns' ? 'TIME_NS' : 'TIME', { kind: 'text', format: FORMAT });
    case 'timestamp':
      return createTimestamp(logical);
    case 'any':
      // Without a type the column changes no value's class.
      return made('', ANY);
    case 'opaque':
      return {
        refused: 'E_UNSUPPORTED_TYPE',
        reason: `${typeName(logical)}: SQLite has nothing that holds them`,
        hint: 'leave the column out, or cast it in a view of the source',
      };
  }
}

const INTEGER_NAMES: Readonly<Record<string, string>> = {
  int8: 'TINYINT',
  int16: 'SMALLINT',
  int32: 'INTEGER',
  int64: 'BIGINT',
  uint8: 'UTINYINT',
  uint16: 'USMALLINT',
  uint32: 'UINTEGER',
};

function createInteger(logical: LogicalType & { kind: 'int' }, evidence: ColumnEvidence | null): CreateType {
  const name = INTEGER_NAMES[typeName(logical)];
  if (name !== undefined) return made(name, logical);
  if (logical.bits === 128) {
    return decimalText('DECIMAL_TEXT(39,0)', 'wider than the 64 bits of SQLite');
  }
  const max = evidence?.integers?.max;
  if (max !== undefined && BigInt(max) < 2n ** 63n) {
    return made('BIGINT', INT64, [], `the largest is ${max}, which fits 64 bits with a sign`);
  }
  return decimalText('DECIMAL_TEXT(20,0)', 'wider than the 64 bits of SQLite');
}

function createDecimal({ precision, scale }: LogicalType & { kind: 'decimal' }): CreateType {
  if (precision <= DOUBLE_DIGITS) return made(`DECIMAL(${precision},${scale})`, FLOAT64);
  return decimalText(
    `DECIMAL_TEXT(${precision},${scale})`,
    `${precision} digits are more than a SQLite number keeps (${DOUBLE_DIGITS})`,
  );
}

function createNumeric(evidence: ColumnEvidence | null): CreateType {
  const found = evidence?.numeric;
  const special = (found?.nanCount ?? 0) + (found?.infinityCount ?? 0) > 0;
  const short =
    found !== undefined &&
    found.maxSignificantDigits <= DOUBLE_DIGITS &&
    found.maxIntegerDigits + found.maxScale <= 300;
  if (short && !special) return made('NUMERIC', FLOAT64);
  const why = special
    ? 'holds NaN or infinity'
    : found
      ? `${found.maxSignificantDigits} digits are more than a SQLite number keeps (${DOUBLE_DIGITS})`
      : 'may hold more digits than a SQLite number keeps';
  return decimalText('NUMERIC_TEXT', why);
}

function createTimestamp({ unit, zone }: LogicalType & { kind: 'timestamp' }): CreateType {
  if (zone) return made('TIMESTAMPTZ', { kind: 'text', format: FORMAT_UTC });
  const name = { s: 'TIMESTAMP_S', ms: 'TIMESTAMP_MS', us: 'TIMESTAMP', ns: 'TIMESTAMP_NS' }[unit];
  return made(name, { kind: 'text', format: FORMAT });
}

/** Without a length they are of any length; `BIT` alone would make numbers of them. */
function bitName({ length }: LogicalType & { kind: 'bit' }): string {
  return length === undefined ? 'VARBIT_TEXT' : `BIT_TEXT(${length})`;
}

function createEnum(
  { name, labels }: LogicalType & { kind: 'enum' },
  source: ColumnSchema,
  { policies }: MappingContext,
): CreateType {
  const text = made('TEXT', TEXT);
  if (policies.enum === 'text') return { ...text, because: '--allow enum=text: labels are not checked' };
  if (labelsCheck(source.name, labels) === null) {
    return { ...text, because: `${labels.length} labels are not checked` };
  }
  return { ...text, needs: [enumType(name ?? source.name, labels)] };
}

function textName(logical: LogicalType & { kind: 'text' }, source: ColumnSchema): string {
  if (logical.maxChars !== undefined) return `${logical.fixed ? 'CHAR' : 'VARCHAR'}(${logical.maxChars})`;
  return textNameOf(source.nativeType);
}
