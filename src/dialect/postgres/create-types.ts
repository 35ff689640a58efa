// The column PostgreSQL makes for a canonical type, and what an existing column takes. Pure. Values that the server
// would change in silence are kept away by the checks.
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import type { Check, CreateType, Refusal, WriteType } from '../../types/mapping.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { MappingContext } from '../dialect.ts';
import { everyday, storageType } from './read-types.ts';
import { ddlType, typeFacts } from './type-facts.ts';

const VARCHAR_CHARS_MAX = 10485760;
const NAME_BYTES_MAX = 63;

const NO_NUL: Check = { kind: 'noNul' };
const DATE_RANGE: Check = { kind: 'range', min: '-2440588', max: '2145042905', code: 'E_DATE_RANGE' };
const TIME_RANGE: Check = { kind: 'range', min: '0', max: '86400000000', code: 'E_TIME_RANGE' };
/** 4714-11-24 BC, in microseconds; and one less than infinity, which the server still holds. */
const TIMESTAMP_RANGE: Check = {
  kind: 'range',
  min: '-210866803200000000',
  max: '9223372036854775806',
  code: 'E_TIMESTAMP_RANGE',
};

export function create(
  logical: LogicalType,
  source: ColumnSchema,
  evidence: ColumnEvidence | null,
  context: MappingContext,
): CreateType | Refusal {
  if (context.sameEngine) return createSame(logical, source);
  switch (logical.kind) {
    case 'bool':
      return exact('boolean', logical);
    case 'int':
      return createInteger(logical);
    case 'float':
      return exact(logical.bits === 32 ? 'real' : 'double precision', logical);
    case 'decimal':
      return exact(`numeric(${logical.precision},${logical.scale})`, logical);
    case 'numeric':
      return exact('numeric', logical);
    case 'text':
      return createText(logical, evidence);
    case 'binary':
      return exact('bytea', logical);
    case 'date':
      return exact('date', logical, DATE_RANGE);
    case 'time':
      if (keptAsText(logical, context)) return nanosecondsAsText('');
      return exact('time', { kind: 'time', unit: 'us' }, TIME_RANGE);
    case 'timestamp': {
      if (keptAsText(logical, context)) return nanosecondsAsText(logical.zone ? '+00:00' : '');
      const digits = logical.unit === 's' ? '(0)' : logical.unit === 'ms' ? '(3)' : '';
      const native = `timestamp${digits}${logical.zone ? ' with time zone' : ''}`;
      return exact(native, { ...logical, unit: 'us' }, TIMESTAMP_RANGE);
    }
    case 'uuid':
      return exact('uuid', logical);
    case 'json':
      return exact(logical.binary ? 'jsonb' : 'json', logical, NO_NUL);
    case 'any':
      return createAny(context);
    case 'opaque':
      return {
        refused: 'E_UNSUPPORTED_TYPE',
        reason: `the type ${logical.nativeType} of ${logical.engine} is not carried yet`,
      };
  }
}

function exact(nativeType: string, wire: LogicalType, ...checks: Check[]): CreateType {
  return { nativeType, wire, checks, verdict: 'exact' };
}

function keptAsText({ unit }: { readonly unit: string }, { policies }: MappingContext): boolean {
  return unit === 'ns' && policies.ns === 'text';
}

/** PostgreSQL keeps microseconds; text keeps what is finer. */
function nanosecondsAsText(zone: string): CreateType {
  const wire: LogicalType = { kind: 'text', format: { separator: ' ', fractionDigits: 'shortest', zone } };
  return { ...widened('text', wire, '--allow ns=text'), asText: true };
}

function widened(nativeType: string, wire: LogicalType, because: string): CreateType {
  return { nativeType, wire, checks: [], verdict: 'widened', because };
}

/** A copy between PostgreSQL servers keeps the type as it is spelt; a domain gives way to its base type. */
function createSame(logical: LogicalType, source: ColumnSchema): CreateType {
  const { domainOver } = typeFacts(source);
  if (domainOver === null) return exact(source.nativeType, logical);
  return widened(domainOver, logical, `the domain ${source.nativeType} is not carried; its base type is`);
}

function createInteger(logical: { readonly bits: number; readonly signed: boolean }): CreateType {
  const { bits, signed } = logical;
  const int = (width: 16 | 32 | 64): LogicalType => ({ kind: 'int', bits: width, signed: true });
  if (signed) {
    if (bits === 8) return widened('smallint', int(16), 'PostgreSQL has no 8-bit integer');
    if (bits === 16) return exact('smallint', int(16));
    if (bits === 32) return exact('integer', int(32));
    if (bits === 64) return exact('bigint', int(64));
    return widened('numeric(39,0)', { kind: 'numeric' }, 'PostgreSQL has no 128-bit integer');
  }
  const because = 'PostgreSQL has no unsigned integers';
  if (bits === 8) return widened('smallint', int(16), because);
  if (bits === 16) return widened('integer', int(32), because);
  if (bits === 32) return widened('bigint', int(64), because);
  if (bits === 64) return widened('numeric(20,0)', { kind: 'decimal', precision: 20, scale: 0 }, because);
  return widened('numeric(39,0)', { kind: 'numeric' }, because);
}

function createText(
  logical: { readonly kind: 'text'; readonly maxChars?: number },
  evidence: ColumnEvidence | null,
): CreateType {
  const { maxChars } = logical;
  const text: LogicalType = { kind: 'text' };
  if (maxChars === undefined) return exact('text', text, NO_NUL);
  const longest = evidence?.text?.maxChars;
  if (maxChars >= 1 && maxChars <= VARCHAR_CHARS_MAX && longest !== undefined && longest <= maxChars)
    return exact(`varchar(${maxChars})`, { ...text, maxChars }, NO_NUL, {
      kind: 'maxChars',
      chars: maxChars,
    });
  const because =
    longest === undefined
      ? `declared for ${maxChars} characters, which the source does not enforce`
      : `declared for ${maxChars} characters, but values reach ${longest}`;
  return { ...exact('text', text, NO_NUL), because };
}

function createAny(context: MappingContext): CreateType | Refusal {
  if (context.policies.mixed === 'text')
    return { ...exact('text', { kind: 'text' }, NO_NUL), because: '--allow mixed=text' };
  return {
    refused: 'E_MIXED_STORAGE',
    reason: 'it holds values of several storage classes, and a column of PostgreSQL has one type',
    hint: '--allow mixed=text makes it a text column',
    policy: 'mixed',
  };
}

/** What an existing column takes. */
export function write(column: ColumnSchema): WriteType | Refusal {
  const facts = typeFacts(column);
  if (column.generated)
    return {
      refused: 'E_TYPE_MISMATCH',
      reason: `the target computes "${column.name}" itself; leave it out with --columns`,
    };
  if (facts.kind === 'e')
    return { wire: { kind: 'text' }, checks: [NO_NUL, { kind: 'maxBytes', bytes: NAME_BYTES_MAX }] };
  const wire = storageType(column, facts, everyday(facts));
  if ('refused' in wire) return wire;
  return { wire, checks: writeChecks(facts.type, wire) };
}

function writeChecks(type: string, wire: LogicalType): Check[] {
  switch (wire.kind) {
    case 'text':
      if (type === 'name') return [NO_NUL, { kind: 'maxBytes', bytes: NAME_BYTES_MAX }];
      return wire.maxChars === undefined ? [NO_NUL] : [NO_NUL, { kind: 'maxChars', chars: wire.maxChars }];
    case 'json':
      return [NO_NUL];
    case 'date':
      return [DATE_RANGE];
    case 'time':
      return [TIME_RANGE];
    case 'timestamp':
      if (wire.unit === 'us') return [TIMESTAMP_RANGE];
      // In coarser units the last years lie within 64 bits too.
      return wire.unit === 'ms'
        ? [{ kind: 'range', min: '-210866803200000', max: '9224318015999999', code: 'E_TIMESTAMP_RANGE' }]
        : [{ kind: 'range', min: '-210866803200', max: '9224318015999', code: 'E_TIMESTAMP_RANGE' }];
    default:
      return [];
  }
}

/** The type a staging column has: text where a value can only go in through the server's own cast. */
export function stagingType(column: ColumnSchema): string {
  return typeFacts(column).type === 'xml' || column.nativeType === 'xml' ? 'text' : ddlType(column);
}
