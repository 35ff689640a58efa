// What a DuckDB column holds, for other engines and for another DuckDB. Pure.
import type { ColumnEvidence, Probe } from '../../types/evidence.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import type { ReadType, Refusal, WriteType } from '../../types/mapping.ts';
import type { Policies } from '../../types/policy.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { MappingContext } from '../dialect.ts';
import { mapPlain, type NativeType, parseType, printType } from './native-type.ts';
import { checksFor, readChecks } from './value-checks.ts';
import { holds, selectedAs, unknownPart, wireOf } from './wire-types.ts';

/** What must be looked into before a plan can be made. */
export function probes(column: ColumnSchema, policies: Policies, sameEngine = false): readonly Probe[] {
  // Between DuckDB files columns pass as they are, whatever is in them.
  if (sameEngine) return [];
  const type = parseType(column.nativeType);
  if (type?.kind !== 'plain') return [];
  if (type.name === 'BIGNUM') return ['numeric'];
  if (/^(UBIGINT|U?HUGEINT)$/.test(type.name)) return ['integers'];
  const isInstant = type.name === 'DATE' || type.name.startsWith('TIMESTAMP');
  return isInstant && policies.bad_dates === 'text' ? ['temporal-range'] : [];
}

export function read(
  column: ColumnSchema,
  _evidence: ColumnEvidence | null,
  { sameEngine, policies }: MappingContext,
): ReadType | Refusal {
  const type = parseType(column.nativeType);
  const refusal = refuse(column, type);
  if (type === null || refusal) return refusal ?? unknown(column, null);
  if (!sameEngine && holds(type, 'VARIANT')) return readVariant(type, policies);
  const selected = selectedAs(type);
  const wire = wireOf(column.nativeType);
  if (!wire) return unknown(column, null);
  return {
    wire,
    logical: wire,
    checks: sameEngine ? [] : readChecks(wire),
    select: selected === null ? 'native' : selected === 'VARCHAR' ? 'text' : { cast: selected },
    ...becauseOf(type, sameEngine),
  };
}

/** A VARIANT's values each have a type of their own, which JSON keeps only in part. */
function readVariant(type: NativeType, policies: Policies): ReadType | Refusal {
  if (policies.mixed !== 'text') {
    return {
      refused: 'E_MIXED_STORAGE',
      reason: 'each value of a VARIANT has a type of its own, which no type of another engine keeps',
      hint: '--allow mixed=text carries the values as JSON, without their types',
      policy: 'mixed',
    };
  }
  const cast = printType(
    mapPlain(type, (plain) => (plain.name === 'VARIANT' ? { ...plain, name: 'JSON' } : plain)),
  );
  // BIGNUMs beside a VARIANT are cast along.
  const selected = selectedAs(parseType(cast) ?? type) ?? cast;
  const wire = wireOf(cast);
  if (!wire)
    return { refused: 'E_UNSUPPORTED_TYPE', reason: `DuckDB's ${cast} is no type that Ferrow knows` };
  return {
    wire,
    logical: wire,
    checks: [],
    select: { cast: selected },
    because: 'VARIANT becomes JSON, as mixed=text allows',
  };
}

function becauseOf(type: NativeType, sameEngine: boolean): { because?: string } {
  const reasons: string[] = [];
  if (holds(type, 'BIGNUM')) reasons.push('BIGNUM is read as decimal text');
  if (holds(type, 'NULL')) reasons.push('the type "NULL" holds nothing but NULL');
  if (!sameEngine && holds(type, 'GEOMETRY')) reasons.push('GEOMETRY is well-known binary');
  return reasons.length === 0 ? {} : { because: reasons.join('; ') };
}

function refuse(column: ColumnSchema, type: NativeType | null): Refusal | null {
  const part = type && unknownPart(type);
  return type === null || part !== null ? unknown(column, part) : null;
}

function unknown(column: ColumnSchema, part: string | null): Refusal {
  const name = part ?? (column.nativeType.trim() || 'a column without a type');
  return {
    refused: 'E_UNSUPPORTED_TYPE',
    reason: `${name} is no type of DuckDB itself: an extension keeps its values in a form of its own`,
    hint: 'cast it in the source to one of DuckDB’s types, or leave the column out with --columns',
  };
}

/** What an existing column takes. */
export function write(column: ColumnSchema): WriteType | Refusal {
  const type = parseType(column.nativeType);
  const refusal = refuse(column, type);
  if (type === null || refusal) return refusal ?? unknown(column, null);
  if (type.kind === 'plain' && type.name === 'VARIANT') {
    const wire: LogicalType = { kind: 'json' };
    return { wire, checks: checksFor(wire) };
  }
  for (const name of ['VARIANT', 'GEOMETRY']) {
    if (!holds(type, name) || type.kind === 'plain') continue;
    return {
      refused: 'E_UNSUPPORTED_TYPE',
      reason: `DuckDB checks no ${name} inside another type, so Ferrow writes none there`,
      hint: 'use --if-exists replace, or a column of its own',
    };
  }
  const wire = wireOf(column.nativeType);
  return wire ? { wire, checks: checksFor(wire) } : unknown(column, null);
}
