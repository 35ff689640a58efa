// The column PostgreSQL makes for a canonical type. Pure. Values that the server would change in silence are kept away by
// the checks. What an existing column takes stands in write-types.ts.
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import type { Check, CreateType, Refusal } from '../../types/mapping.ts';
import type { ColumnSchema, UserType } from '../../types/schema.ts';
import type { MappingContext } from '../dialect.ts';
import { fittingName, IDENTIFIER_BYTES_MAX, quoteTable } from './names.ts';
import { DATE_RANGE, NO_NUL, TIME_RANGE, TIMESTAMP_RANGE } from './value-checks.ts';

const VARCHAR_CHARS_MAX = 10485760;

export function create(
  logical: LogicalType,
  source: ColumnSchema,
  evidence: ColumnEvidence | null,
  context: MappingContext,
): CreateType | Refusal {
  // A copy between PostgreSQL servers keeps the type as it is spelt, and the types that it stands on.
  if (context.sameEngine)
    return { ...exact(source.nativeType, logical), ...(source.needs ? { needs: source.needs } : {}) };
  switch (logical.kind) {
    case 'text':
      return createText(logical, evidence);
    case 'date':
    case 'timestamp':
      return createDate(logical, evidence, context);
    case 'enum':
      return createEnum(logical, source, context);
    case 'list':
      return createList(logical, source, context);
    case 'struct':
    case 'map':
    case 'union':
      return asJson('PostgreSQL has no such type without a name');
    case 'any':
      return createAny(evidence, context);
    case 'opaque':
      return {
        refused: 'E_UNSUPPORTED_TYPE',
        reason: `the type ${logical.nativeType} of ${logical.engine} is known to no other engine`,
        hint: 'leave it out with --columns',
      };
    default:
      return createScalar(logical, context);
  }
}

type Scalar = Exclude<
  LogicalType,
  { kind: 'text' | 'date' | 'timestamp' | 'enum' | 'list' | 'struct' | 'map' | 'union' | 'any' | 'opaque' }
>;

/** Types that need neither evidence nor the column they come from. */
function createScalar(logical: Scalar, context: MappingContext): CreateType {
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
    case 'binary':
      return exact('bytea', logical);
    case 'time':
      if (keptAsText(logical, context)) return temporalAsText('', '--allow ns=text');
      return exact('time', { kind: 'time', unit: 'us' }, TIME_RANGE);
    case 'timetz':
      return exact('time with time zone', logical);
    case 'interval':
      return exact('interval', logical);
    case 'uuid':
      return exact('uuid', logical);
    case 'json':
      return exact(logical.binary ? 'jsonb' : 'json', logical, NO_NUL);
    case 'bit':
      return logical.length === undefined || logical.length < 1
        ? exact('bit varying', { kind: 'bit' })
        : exact(`bit(${logical.length})`, logical, { kind: 'bitLength', bits: logical.length });
  }
}

function exact(nativeType: string, wire: LogicalType, ...checks: Check[]): CreateType {
  return { nativeType, wire, checks, verdict: 'exact' };
}

function widened(nativeType: string, wire: LogicalType, because: string): CreateType {
  return { nativeType, wire, checks: [], verdict: 'widened', because };
}

function asJson(because: string): CreateType {
  const json: LogicalType = { kind: 'json' };
  return { ...exact('json', json, NO_NUL), verdict: 'widened', because };
}

function keptAsText({ unit }: { readonly unit: string }, { policies }: MappingContext): boolean {
  return unit === 'ns' && policies.ns === 'text';
}

/** Text keeps what PostgreSQL's own types don't: what is finer than microseconds, and years beyond its own. */
function temporalAsText(zone: string, because: string): CreateType {
  const wire: LogicalType = { kind: 'text', format: { separator: ' ', fractionDigits: 'shortest', zone } };
  return { ...widened('text', wire, because), asText: true };
}

function createDate(
  logical: Extract<LogicalType, { kind: 'date' | 'timestamp' }>,
  evidence: ColumnEvidence | null,
  context: MappingContext,
): CreateType {
  const zone = logical.kind === 'timestamp' && logical.zone ? '+00:00' : '';
  if (context.policies.bad_dates === 'text' && isBeyond(logical, evidence))
    return temporalAsText(zone, 'it holds dates that PostgreSQL does not have; --allow bad_dates=text');
  if (logical.kind === 'date') return exact('date', logical, DATE_RANGE);
  if (keptAsText(logical, context)) return temporalAsText(zone, '--allow ns=text');
  const digits = logical.unit === 's' ? '(0)' : logical.unit === 'ms' ? '(3)' : '';
  const native = `timestamp${digits}${logical.zone ? ' with time zone' : ''}`;
  return exact(native, { ...logical, unit: 'us' }, TIMESTAMP_RANGE);
}

const UNITS_PER_MICRO = { s: [1n, 1_000_000n], ms: [1n, 1000n], us: [1n, 1n], ns: [1000n, 1n] } as const;

/** True where the source's earliest or latest value lies outside what the server has. */
function isBeyond(
  logical: Extract<LogicalType, { kind: 'date' | 'timestamp' }>,
  evidence: ColumnEvidence | null,
): boolean {
  const found = evidence?.temporalRange;
  if (!found) return false;
  const range = logical.kind === 'date' ? DATE_RANGE : TIMESTAMP_RANGE;
  const [times, by] = logical.kind === 'date' ? [1n, 1n] : UNITS_PER_MICRO[logical.unit];
  const [min, max] = [BigInt(found.min) * by, BigInt(found.max) * by];
  return min < BigInt(range.min) * times || max > BigInt(range.max) * times;
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

/** The type is called as at the source, else after table and column. */
function createEnum(
  logical: Extract<LogicalType, { kind: 'enum' }>,
  source: ColumnSchema,
  context: MappingContext,
): CreateType | Refusal {
  if (context.policies.enum === 'text')
    return { ...widened('text', { kind: 'text' }, '--allow enum=text'), checks: [NO_NUL] };
  const bad = logical.labels.find(
    (label) => label.includes('\0') || Buffer.byteLength(label) > IDENTIFIER_BYTES_MAX,
  );
  if (bad !== undefined)
    return {
      refused: 'E_ENUM_LABEL_TOO_LONG',
      reason: `PostgreSQL's labels have at most ${IDENTIFIER_BYTES_MAX} bytes and no NUL; not so "${bad.slice(0, 80)}"`,
      hint: '--allow enum=text makes it a text column',
      policy: 'enum',
    };
  const table = context.table;
  const madeUp = table === undefined ? `${source.name}_enum` : `${table.name}_${source.name}`;
  const type: UserType = {
    schema: table?.schema ?? 'public',
    name: fittingName(logical.name ?? madeUp),
    kind: 'enum',
    labels: logical.labels,
  };
  return { ...exact(quoteTable(type), logical), needs: [type] };
}

/** Arrays hold scalars. Lists of lists may be ragged or NULL inside, which arrays refuse, so they become JSON. */
function createList(
  logical: Extract<LogicalType, { kind: 'list' }>,
  source: ColumnSchema,
  context: MappingContext,
): CreateType | Refusal {
  const { element, size } = logical;
  if (element.kind === 'list' || element.kind === 'any' || element.kind === 'opaque')
    return asJson('an array of PostgreSQL can hold no lists of other lengths');
  const made = create(element, source, null, context);
  if ('refused' in made) return made;
  if (element.kind === 'struct' || element.kind === 'map' || element.kind === 'union')
    return asJson('PostgreSQL has no such type without a name');
  const because = [
    made.because,
    size === undefined ? null : `arrays of PostgreSQL have no fixed size (${size})`,
  ]
    .filter((part) => part !== null && part !== undefined)
    .join('; ');
  const { because: _because, ...rest } = made;
  return {
    ...rest,
    nativeType: `${made.nativeType}[]`,
    wire: { kind: 'list', element: made.wire },
    verdict: size === undefined ? made.verdict : 'widened',
    ...(because === '' ? {} : { because }),
  };
}

/** SQLite's four storage classes, one field each. */
const ANY_FIELDS = [
  { name: 'i', nativeType: 'bigint', type: { kind: 'int', bits: 64, signed: true } },
  { name: 'r', nativeType: 'double precision', type: { kind: 'float', bits: 64 } },
  { name: 't', nativeType: 'text', type: { kind: 'text' } },
  { name: 'b', nativeType: 'bytea', type: { kind: 'binary' } },
] as const;

function createAny(evidence: ColumnEvidence | null, context: MappingContext): CreateType | Refusal {
  const { mixed } = context.policies;
  const blobs = context.leavesOut ? 0 : (evidence?.storage?.blob ?? 0);
  if (mixed === 'text' && blobs === 0)
    return { ...exact('text', { kind: 'text' }, NO_NUL), because: '--allow mixed=text' };
  if (mixed === 'composite') {
    const type: UserType = {
      schema: context.table?.schema ?? 'public',
      name: 'sqlite_any',
      kind: 'composite',
      fields: ANY_FIELDS.map(({ name, nativeType }) => ({ name, nativeType })),
    };
    const wire: LogicalType = {
      kind: 'struct',
      fields: ANY_FIELDS.map(({ name, type: field }) => ({ name, type: field })),
    };
    const because = 'a field for each storage class; --allow mixed=composite';
    return { ...exact(quoteTable(type), wire, NO_NUL), because, needs: [type] };
  }
  const texts = evidence?.storage?.text ?? 0;
  const empty = texts > 0 && evidence?.text?.emptyCount === texts;
  return {
    refused: 'E_MIXED_STORAGE',
    reason:
      mixed === 'text'
        ? 'it holds blobs beside values of other storage classes, and mixed=text makes no text of blobs'
        : 'it holds values of several storage classes, and a column of PostgreSQL has one type',
    hint: [
      ...(empty ? ['--allow empty_as_null=null takes its empty texts for NULL'] : []),
      ...(blobs > 0 ? [] : ['--allow mixed=text makes it a text column']),
      '--allow mixed=composite makes it a type with a field for each class',
    ].join('; '),
    policy: 'mixed',
    ...(blobs > 0 ? { policies: ['mixed=composite'] } : {}),
  };
}
