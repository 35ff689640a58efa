// How DuckDB's column types meet the canonical ones. Pure.
import type { ErrorCode } from '../../errors/codes.ts';
import type { ColumnEvidence, Probe } from '../../types/evidence.ts';
import { type LogicalType, sameType, typeName } from '../../types/logical-type.ts';
import type { Check, CreateType, ReadType, Refusal, WriteType } from '../../types/mapping.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { MappingContext, TypeMap } from '../dialect.ts';

/** The column that holds SQLite's mixed storage classes; its members are ANY_CLASSES in order. */
export const ANY_TYPE = 'UNION(i BIGINT, r DOUBLE, t VARCHAR, b BLOB)';

const int = (bits: 8 | 16 | 32 | 64 | 128, signed = true): LogicalType => ({ kind: 'int', bits, signed });

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
  DATE: { kind: 'date' },
  TIME: { kind: 'time', unit: 'us' },
  TIME_NS: { kind: 'time', unit: 'ns' },
  TIMESTAMP: { kind: 'timestamp', unit: 'us', zone: false },
  TIMESTAMP_S: { kind: 'timestamp', unit: 's', zone: false },
  TIMESTAMP_MS: { kind: 'timestamp', unit: 'ms', zone: false },
  TIMESTAMP_NS: { kind: 'timestamp', unit: 'ns', zone: false },
  'TIMESTAMP WITH TIME ZONE': { kind: 'timestamp', unit: 'us', zone: true },
  UUID: { kind: 'uuid' },
  [ANY_TYPE.toUpperCase()]: { kind: 'any' },
};

/** The canonical type of a DuckDB type that vectors carry as it is; null if it isn't carried so. */
export function wireOf(nativeType: string): LogicalType | null {
  const name = nativeType.toUpperCase().trim();
  if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name];
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(name);
  if (decimal) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  return null;
}

/** The DuckDB type whose vectors hold a canonical type; null if there is none. */
export function nativeOf(type: LogicalType): string | null {
  switch (type.kind) {
    case 'bool':
      return 'BOOLEAN';
    case 'int': {
      const name = { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT', 128: 'HUGEINT' }[type.bits];
      return type.signed ? name : `U${name}`;
    }
    case 'float':
      return type.bits === 32 ? 'FLOAT' : 'DOUBLE';
    case 'decimal':
      return type.precision <= 38 ? `DECIMAL(${type.precision},${type.scale})` : null;
    case 'numeric':
    case 'text':
      return 'VARCHAR';
    case 'json':
      return 'JSON';
    case 'binary':
      return 'BLOB';
    case 'date':
      return 'DATE';
    case 'time':
      return type.unit === 'us' ? 'TIME' : 'TIME_NS';
    case 'timestamp':
      if (type.zone) return 'TIMESTAMP WITH TIME ZONE';
      return { s: 'TIMESTAMP_S', ms: 'TIMESTAMP_MS', us: 'TIMESTAMP', ns: 'TIMESTAMP_NS' }[type.unit];
    case 'uuid':
      return 'UUID';
    case 'any':
      return ANY_TYPE;
    case 'opaque':
      return null;
  }
}

function range(min: string, max: string, code: ErrorCode): Check {
  return { kind: 'range', min, max, code };
}

const TIMESTAMP_RANGES = {
  // Beyond these DuckDB stores the number but can't read it as a TIMESTAMP: 290309-12-22 BC to 294247-01-10.
  s: ['-9223372022400', '9223372036854'],
  ms: ['-9223372022400000', '9223372036854775'],
  us: ['-9223372022400000000', '9223372036854775806'],
  // 1677-09-22 to 2262-04-11.
  ns: ['-9223286400000000000', '9223372036854775806'],
} as const;

/** What DuckDB would take in a vector without a word and not give back as it was. */
function checksFor(type: LogicalType): Check[] {
  switch (type.kind) {
    // Invalid UTF-8 becomes NULL in silence. Lengths need no check: a chunk's offsets end before DuckDB's limit.
    case 'text':
    case 'numeric':
    case 'any':
      return [{ kind: 'utf8' }];
    case 'json':
      return [{ kind: 'utf8' }, { kind: 'json' }];
    case 'date':
      return [range('-2147483646', '2147483646', 'E_DATE_RANGE')];
    case 'time':
      return [range('0', type.unit === 'us' ? '86400000000' : '86400000000000', 'E_TIME_RANGE')];
    case 'timestamp': {
      const [min, max] = TIMESTAMP_RANGES[type.unit];
      return [range(min, max, 'E_TIMESTAMP_RANGE')];
    }
    default:
      return [];
  }
}

function refusal(column: ColumnSchema): Refusal {
  return {
    refused: 'E_UNSUPPORTED_TYPE',
    reason: `DuckDB's ${column.nativeType || 'type'} is not carried yet`,
    hint: 'leave the column out with --columns, or the table with --exclude',
  };
}

const isBignum = (column: ColumnSchema) => /^(BIGNUM|VARINT)$/i.test(column.nativeType.trim());

function probes(column: ColumnSchema): readonly Probe[] {
  if (isBignum(column)) return ['numeric'];
  return /^(UBIGINT|U?HUGEINT)$/i.test(column.nativeType) ? ['integers'] : [];
}

function read(
  column: ColumnSchema,
  _evidence: ColumnEvidence | null,
  context: MappingContext,
): ReadType | Refusal {
  if (isBignum(column)) {
    const wire: LogicalType = { kind: 'numeric' };
    return { wire, logical: wire, checks: [], select: 'text', because: 'BIGNUM is read as decimal text' };
  }
  const wire = wireOf(column.nativeType);
  if (!wire) return refusal(column);
  // DuckDB's appender lets anything into a JSON column.
  const checks: Check[] = wire.kind === 'json' && !context.sameEngine ? [{ kind: 'json' }] : [];
  return { wire, logical: wire, checks, select: 'native' };
}

function create(
  logical: LogicalType,
  source: ColumnSchema,
  evidence: ColumnEvidence | null,
  context: MappingContext,
): CreateType | Refusal {
  if (context.sameEngine) {
    return { nativeType: source.nativeType, wire: logical, checks: [], verdict: 'exact' };
  }
  if (logical.kind === 'numeric') return createNumeric(evidence);
  if (logical.kind === 'timestamp' && logical.zone && logical.unit !== 'us') {
    const wire: LogicalType = { kind: 'timestamp', unit: 'us', zone: true };
    return {
      nativeType: 'TIMESTAMP WITH TIME ZONE',
      wire,
      checks: checksFor(wire),
      verdict: logical.unit === 'ns' ? 'exact' : 'widened',
    };
  }
  const nativeType = nativeOf(logical);
  if (nativeType === null) {
    return {
      refused: 'E_UNSUPPORTED_TYPE',
      reason: `${typeName(logical)} is not carried to DuckDB yet`,
    };
  }
  const widened = logical.kind === 'text' && logical.maxChars !== undefined;
  return {
    nativeType,
    wire: logical.kind === 'text' ? { kind: 'text' } : logical,
    checks: checksFor(logical),
    verdict: widened ? 'widened' : 'exact',
    ...(widened ? { because: 'DuckDB does not limit the length of text' } : {}),
  };
}

/** DuckDB's DECIMAL has one scale and at most 38 digits, so the data decide; text holds everything. */
function createNumeric(evidence: ColumnEvidence | null): CreateType {
  const wire: LogicalType = { kind: 'numeric' };
  const asText = (because: string): CreateType => ({
    nativeType: 'VARCHAR',
    wire,
    checks: checksFor(wire),
    verdict: 'widened',
    because,
    asText: true,
  });
  const found = evidence?.numeric;
  if (!found) return asText('a decimal without bounds, not looked into');
  if (found.nanCount > 0 || found.infinityCount > 0) return asText('the column holds NaN or infinity');
  const scale = found.maxScale;
  const digits = Math.max(1, found.maxIntegerDigits) + scale;
  if (digits > 38) return asText(`the values need ${digits} digits; DECIMAL has 38`);
  // Room to grow at no cost: 18 digits take as many bytes as 10, 38 as many as 19.
  const precision = digits <= 18 ? 18 : 38;
  return {
    nativeType: `DECIMAL(${precision},${scale})`,
    wire: { kind: 'decimal', precision, scale },
    checks: [],
    verdict: 'widened',
    because:
      evidence.rowCount === evidence.nullCount
        ? 'the column holds no values'
        : `the values have at most ${found.maxIntegerDigits} digits before and ${scale} behind the point`,
  };
}

function write(column: ColumnSchema): WriteType | Refusal {
  const wire = wireOf(column.nativeType);
  return wire ? { wire, checks: checksFor(wire) } : refusal(column);
}

export const types: TypeMap = { probes, read, create, write };

/**
 * The type a staging column has: what the appender takes for this wire type. Differs from the final type only
 * where that has no vectors of its own (BIGNUM arrives as text and is cast by DuckDB).
 */
export function stagingType(nativeType: string, wire: LogicalType): string {
  const own = wireOf(nativeType);
  if (own && sameType(own, wire)) return nativeType;
  if (own?.kind === 'text' && wire.kind === 'numeric') return nativeType;
  return nativeOf(wire) ?? nativeType;
}
