// What a column of arrays holds. An array of PostgreSQL may have any number of dimensions, value by value, and begin at any
// index; lists elsewhere have one shape and begin at the beginning. Pure.
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import type { ReadType, Refusal } from '../../types/mapping.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { MappingContext } from '../dialect.ts';
import { textChecks, withoutDecimals } from './read-checks.ts';
import type { Shape } from './type-shapes.ts';

export function readArray(
  column: ColumnSchema,
  shape: Shape,
  evidence: ColumnEvidence | null,
  context: MappingContext,
  sqlAscii: boolean,
): ReadType | Refusal {
  const { policies } = context;
  const found = evidence?.arrays;
  const dimensions = Math.max(1, found?.maxDimensions ?? 1);
  const uniform = !found || found.minDimensions === found.maxDimensions;
  const fromOne = !found || (found.minLowerBound === 1 && found.maxLowerBound === 1);
  if (!uniform || !fromOne) {
    const what = uniform ? 'arrays that do not begin at 1' : 'arrays of different numbers of dimensions';
    if (policies.pg_arrays === 'pg_text') return asText(`${what}; --allow pg_arrays=pg_text`);
    if (policies.pg_arrays === 'nested') return asJson(`${what}; --allow pg_arrays=nested`);
    if (!(uniform && policies.pg_arrays === 'rebase')) return refusal(column, what, uniform);
  }
  const list = listOf(shape.wire, dimensions);
  const wire = policies.nan === undefined ? list : withoutDecimals(list);
  const cast = shape.readCast && shape.via !== null ? `::${shape.via}` : '';
  const because = [
    ...(dimensions > 1 ? [`arrays of ${dimensions} dimensions`] : []),
    ...(fromOne ? [] : ['lower bounds dropped; --allow pg_arrays=rebase']),
    ...(shape.via === 'text[]' ? ['elements as their exact text'] : []),
  ].join('; ');
  return {
    wire,
    logical: policies.nan === 'null' ? list : wire,
    checks: [...textChecks(wire, sqlAscii), ...(wire !== list && policies.nan === 'null' ? [NO_NAN] : [])],
    // A slice begins at 1, whatever it is a slice of.
    select: fromOne
      ? cast === ''
        ? 'native'
        : { cast: cast.slice(2) }
      : { expression: `($1${cast})${'[:]'.repeat(dimensions)}` },
    ...(because === '' ? {} : { because }),
    ...(dimensions > 1 ? { originFacts: { dimensions } } : {}),
  };
}

const NO_NAN = { kind: 'noNan' } as const;

function listOf(wire: LogicalType, dimensions: number): LogicalType {
  let list = wire;
  for (let more = 1; more < dimensions; more++) list = { kind: 'list', element: list };
  return list;
}

function asText(because: string): ReadType {
  const wire: LogicalType = { kind: 'text' };
  return { wire, logical: wire, checks: [], select: 'text', because, originFacts: { carriedAs: 'text' } };
}

function asJson(because: string): ReadType {
  const wire: LogicalType = { kind: 'json' };
  const select = { expression: 'pg_catalog.to_json($1)' };
  return { wire, logical: wire, checks: [], select, because, originFacts: { carriedAs: 'json' } };
}

function refusal(column: ColumnSchema, what: string, uniform: boolean): Refusal {
  const others = 'nested (as JSON) or pg_text (as PostgreSQL writes it)';
  return {
    refused: 'E_ARRAY_SHAPE',
    reason: `${column.nativeType} holds ${what}, which lists elsewhere can't`,
    hint: uniform
      ? `--allow pg_arrays=rebase drops where they begin; or ${others}`
      : `--allow pg_arrays=${others.replace(' or ', ' or --allow pg_arrays=')}`,
    policy: 'pg_arrays',
  };
}
