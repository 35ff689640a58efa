// The column that DuckDB makes for a canonical type. Pure.
import type { ColumnEvidence } from '../../types/evidence.ts';
import { type LogicalType, type NamedType, typeName } from '../../types/logical-type.ts';
import type { CreateType, Refusal } from '../../types/mapping.ts';
import type { Policies } from '../../types/policy.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { MappingContext } from '../dialect.ts';
import { checksFor, DATE_RANGE, TIMESTAMP_RANGES } from './value-checks.ts';
import { nativeOf } from './wire-types.ts';

const ARRAY_SIZE_MAX = 100_000;
const UNION_MEMBERS_MAX = 255;

/** A type as DuckDB holds it; reasons if that isn't the type itself. */
interface Fitted {
  readonly wire: LogicalType;
  readonly widened: readonly string[];
  readonly asText?: true;
}

/** A type that DuckDB has none for, whose values are JSON. */
interface AsJson {
  readonly json: string;
}

export function create(
  logical: LogicalType,
  source: ColumnSchema,
  evidence: ColumnEvidence | null,
  context: MappingContext,
): CreateType | Refusal {
  if (context.sameEngine) {
    return { nativeType: source.nativeType, wire: logical, checks: [], verdict: 'exact' };
  }
  if (logical.kind === 'opaque') {
    return {
      refused: 'E_UNSUPPORTED_TYPE',
      reason: `${logical.nativeType} comes as bytes that only ${logical.engine} can read`,
      hint: 'leave the column out with --columns, or cast it to text in a view of the source',
    };
  }
  if (logical.kind === 'numeric') return createNumeric(evidence);
  const outside = context.policies.bad_dates === 'text' ? outsideRange(logical, evidence) : null;
  if (outside !== null) return textColumn({ kind: 'text' }, outside);
  const fitted = fit(logical, context.policies);
  if ('json' in fitted) {
    const wire: LogicalType = { kind: 'json' };
    return { nativeType: 'JSON', wire, checks: checksFor(wire), verdict: 'widened', because: fitted.json };
  }
  const { wire, widened, asText } = fitted;
  const nativeType = nativeOf(wire);
  if (nativeType === null) {
    return { refused: 'E_UNSUPPORTED_TYPE', reason: `DuckDB has no type for ${typeName(logical)}` };
  }
  return {
    nativeType,
    wire,
    checks: checksFor(wire),
    verdict: widened.length > 0 ? 'widened' : 'exact',
    ...(widened.length > 0 ? { because: [...new Set(widened)].join('; ') } : {}),
    ...(asText ? { asText } : {}),
  };
}

function fit(type: LogicalType, policies: Policies): Fitted | AsJson {
  switch (type.kind) {
    case 'text':
      return type.maxChars === undefined
        ? { wire: { kind: 'text' }, widened: [] }
        : { wire: { kind: 'text' }, widened: ['DuckDB does not limit the length of text'] };
    case 'bit':
      return type.length === undefined
        ? { wire: type, widened: [] }
        : { wire: { kind: 'bit' }, widened: ['DuckDB does not limit the length of bits'] };
    case 'enum':
      return fitEnum(type, policies);
    case 'numeric':
      return {
        wire: type,
        widened: ['decimals without bounds are text inside other types'],
        asText: true,
      };
    case 'timestamp':
      if (!type.zone || type.unit === 'us') return { wire: type, widened: [] };
      return {
        wire: { ...type, unit: 'us' },
        widened: type.unit === 'ns' ? [] : ['DuckDB keeps instants in microseconds'],
      };
    case 'list': {
      const element = fit(type.element, policies);
      if ('json' in element) return element;
      const { size } = type;
      if (size === undefined) return { ...element, wire: { kind: 'list', element: element.wire } };
      if (size >= 1 && size <= ARRAY_SIZE_MAX)
        return { ...element, wire: { kind: 'list', element: element.wire, size } };
      const widened = [...element.widened, `DuckDB has no arrays of ${size} elements`];
      return { ...element, widened, wire: { kind: 'list', element: element.wire } };
    }
    case 'map': {
      const [key, value] = [fit(type.key, policies), fit(type.value, policies)];
      if ('json' in key) return key;
      if ('json' in value) return value;
      return together([key, value], { kind: 'map', key: key.wire, value: value.wire });
    }
    case 'struct':
      return fitNamed(type.fields, 'fields', policies, (fields) => ({ kind: 'struct', fields }));
    case 'union':
      if (type.members.length > UNION_MEMBERS_MAX)
        return { json: `DuckDB's unions have at most ${UNION_MEMBERS_MAX} members` };
      return fitNamed(type.members, 'members', policies, (members) => ({ kind: 'union', members }));
    default:
      return { wire: type, widened: [] };
  }
}

function fitEnum(type: Extract<LogicalType, { kind: 'enum' }>, policies: Policies): Fitted {
  const wire: LogicalType = { kind: 'text' };
  if (policies.enum === 'text') return { wire, widened: ['enum=text'] };
  if (type.labels.length === 0) return { wire, widened: ['DuckDB has no enum without labels'] };
  // Text in a statement ends at a NUL.
  if (type.labels.some((label) => label.includes('\0')))
    return { wire, widened: ['DuckDB takes no NUL in a label'] };
  return { wire: type, widened: [] };
}

function fitNamed(
  named: readonly NamedType[],
  what: string,
  policies: Policies,
  make: (named: NamedType[]) => LogicalType,
): Fitted | AsJson {
  if (named.length === 0) return { json: `DuckDB has no type without ${what}` };
  const names = new Set(named.map((one) => one.name.toLowerCase()));
  if (names.size < named.length) return { json: `two ${what} have one name, but for case` };
  if ([...names].some((name) => name === '' || name.includes('\0')))
    return { json: `DuckDB takes no empty name, and no NUL in a name, of ${what}` };
  const inner: Fitted[] = [];
  for (const { type } of named) {
    const fitted = fit(type, policies);
    if ('json' in fitted) return fitted;
    inner.push(fitted);
  }
  return together(inner, make(named.map(({ name }, at) => ({ name, type: inner[at].wire }))));
}

function together(parts: readonly Fitted[], wire: LogicalType): Fitted {
  return {
    wire,
    widened: parts.flatMap((part) => part.widened),
    ...(parts.some((part) => part.asText) ? { asText: true } : {}),
  };
}

/** Why the column can't be a date or timestamp of DuckDB's; null if it can, or nothing is known. */
function outsideRange(type: LogicalType, evidence: ColumnEvidence | null): string | null {
  const found = evidence?.temporalRange;
  if (!found || (type.kind !== 'date' && type.kind !== 'timestamp')) return null;
  const [min, max] = type.kind === 'date' ? DATE_RANGE : TIMESTAMP_RANGES[type.unit];
  if (BigInt(found.min) >= BigInt(min) && BigInt(found.max) <= BigInt(max)) return null;
  return `the values reach beyond what DuckDB's ${type.kind}s hold, and bad_dates=text`;
}

function textColumn(wire: LogicalType, because: string): CreateType {
  return {
    nativeType: 'VARCHAR',
    wire,
    checks: checksFor(wire),
    verdict: 'widened',
    because,
    asText: true,
  };
}

/** DuckDB's DECIMAL has one scale and at most 38 digits, so the data decide; text holds everything. */
function createNumeric(evidence: ColumnEvidence | null): CreateType {
  const asText = (because: string) => textColumn({ kind: 'numeric' }, because);
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
