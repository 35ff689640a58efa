// How each source column becomes a target column: source type -> canonical -> target type, with the verdict. Pure.
import type { ColumnCrossing } from '../coerce/kernel.ts';
import { describeCrossing } from '../coerce/rules.ts';
import type { Dialect, MappingContext, ReadColumn, WriteColumn } from '../dialect/dialect.ts';
import { codeFacts } from '../errors/codes.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { oneOf } from '../errors/value-codes.ts';
import type { ColumnEvidence } from '../types/evidence.ts';
import { typeName } from '../types/logical-type.ts';
import { type CreateType, isRefusal, type ReadType, type Refusal, type WriteType } from '../types/mapping.ts';
import { type Policies, type PolicyKey, policiesOf } from '../types/policy.ts';
import type { ColumnOrigin, ColumnSchema, TableName } from '../types/schema.ts';
import { ENGINE_NAMES, homeOf, meantIdentity } from './origins.ts';
import type { ColumnMapping } from './report.ts';
import { judge } from './verdict.ts';

export interface PlannedColumn {
  readonly read: ReadColumn;
  readonly crossing: ColumnCrossing;
  readonly write: WriteColumn;
  /** The column as the target will have it, defaults and the like still in the source's words. */
  readonly target: ColumnSchema;
  readonly mapping: ColumnMapping;
  /** Numbers or times that become text in a table that the run makes. */
  readonly asText: boolean;
  /** What it was in the target's engine before, where it becomes that again. */
  readonly home: ColumnOrigin | null;
  /** What its own engine needs to know, beside its type, when it comes back. */
  readonly originFacts: ReadType['originFacts'];
  /** Policies without which it would be carried otherwise or not at all. */
  readonly structural: readonly PolicyKey[];
}

/** A column that can't be carried, and how the plan shows it. */
export interface RefusedColumn {
  readonly refused: FerrowError;
  readonly mapping: ColumnMapping;
}

export interface ColumnInput {
  /** Display name, for errors. */
  readonly table: string;
  /** The table to be. */
  readonly name: TableName;
  readonly source: Dialect;
  readonly target: Dialect;
  readonly column: ColumnSchema;
  /** The column that stands in the target already, when rows are appended. */
  readonly existing: ColumnSchema | null;
  readonly evidence: ColumnEvidence | null;
  readonly policies: Policies;
  /** Give columns that come home the type they had there. */
  readonly restoreTypes: boolean;
  /** Rows with values that can't be held are left out (--on-error skip). */
  readonly leavesOut: boolean;
}

/** Plans one column, or says why it can't be carried. */
export function planColumn(input: ColumnInput): PlannedColumn | RefusedColumn {
  const { column, evidence, policies, source, target } = input;
  const asFound = findWay(input, policies);
  // What the prescan found in some rows need not keep the others from moving.
  const leaving = 'refused' in asFound && input.leavesOut ? findWay(input, policies, true) : asFound;
  const way = 'refused' in leaving ? asFound : leaving;
  if ('refused' in way) return refusedColumn(input, way);
  const sameEngine = source.name === target.name;
  const { crossing, read, made, nativeType, home } = way;
  const structural = structuralPolicies(input, crossing);
  const judged = judge({
    crossing,
    way: way.described,
    read,
    made,
    evidence,
    sameEngine,
    structural,
    home: home && `it was ${home.nativeType} in ${ENGINE_NAMES[target.name]} before`,
  });
  const made_ = targetColumn(input, way);
  return {
    read: { name: column.name, wire: read.wire, select: read.select },
    crossing,
    write: { name: made_.name, wire: made.wire },
    target: made_,
    asText: 'asText' in made && made.asText === true,
    home,
    originFacts: read.originFacts,
    structural,
    mapping: {
      source: column.name,
      target: made_.name,
      sourceType: column.nativeType,
      canonicalType: typeName(crossing.logical),
      targetType: nativeType,
      ...judged,
      evidence,
    },
  };
}

interface Way {
  readonly crossing: ColumnCrossing;
  readonly described: Extract<ReturnType<typeof describeCrossing>, { possible: true }>;
  readonly read: ReadType;
  readonly made: CreateType | WriteType;
  readonly nativeType: string;
  readonly home: ColumnOrigin | null;
}

type NoWay = Refusal & { readonly read?: ReadType; readonly nativeType?: string };

function findWay(input: ColumnInput, policies: Policies, leavesOut = false): Way | NoWay {
  const { column, existing, evidence, source, target } = input;
  const context: MappingContext = {
    sameEngine: source.name === target.name,
    policies,
    table: input.name,
    leavesOut,
  };
  const read = source.types.read(column, evidence, context);
  if (isRefusal(read)) return read;
  const logical = context.sameEngine ? read.wire : read.logical;
  const crossTo = (made: CreateType | WriteType): ColumnCrossing => ({
    name: column.name,
    read: read.wire,
    readChecks: read.checks,
    logical,
    write: made.wire,
    writeChecks: made.checks,
    policies,
  });
  const home = context.sameEngine || existing || !input.restoreTypes ? null : homeOf(column, target.name);
  if (home) {
    const made = target.types.write(homeColumn(column, home), logical);
    if (!isRefusal(made)) {
      const crossing = crossTo(made);
      const described = describeCrossing(crossing);
      if (described.possible) return { crossing, described, read, made, nativeType: home.nativeType, home };
    }
  }
  const made = existing
    ? target.types.write(existing, logical)
    : target.types.create(logical, column, evidence, context);
  if (isRefusal(made)) return { ...made, read };
  const nativeType = existing?.nativeType ?? (made as CreateType).nativeType;
  const crossing = crossTo(made);
  const described = describeCrossing(crossing);
  if (described.possible) return { crossing, described, read, made, nativeType, home: null };
  return {
    refused: existing ? 'E_TYPE_MISMATCH' : described.code,
    reason: `${column.nativeType || 'untyped'} can't become ${nativeType}: ${described.reason}`,
    read,
    nativeType,
  };
}

function homeColumn(column: ColumnSchema, home: ColumnOrigin): ColumnSchema {
  const { nativeType, typeFacts, needs } = home;
  return { ...column, nativeType, typeFacts, needs, generated: null, origin: undefined };
}

function targetColumn({ column, existing, source, target }: ColumnInput, way: Way): ColumnSchema {
  if (existing) return existing;
  const { home, made, nativeType } = way;
  const sameEngine = source.name === target.name;
  const own = sameEngine ? column.needs : undefined;
  return {
    ...column,
    identity: sameEngine ? column.identity : meantIdentity(column),
    nativeType,
    typeFacts: home ? home.typeFacts : sameEngine ? column.typeFacts : undefined,
    needs: home ? home.needs : 'needs' in made ? (made.needs ?? own) : own,
    origin: undefined,
  };
}

/** Policies that decide about the column itself, not only about values: without them it would be planned otherwise. */
function structuralPolicies(input: ColumnInput, crossing: ColumnCrossing): PolicyKey[] {
  const keys = Object.keys(input.policies) as PolicyKey[];
  const shape = (each: ColumnCrossing) => JSON.stringify({ ...each, policies: null });
  return keys.filter((key) => {
    const { [key]: _left, ...others } = input.policies;
    const without = findWay(input, others);
    return 'refused' in without || shape(without.crossing) !== shape(crossing);
  });
}

function refusedColumn(input: ColumnInput, way: NoWay): RefusedColumn {
  const { table, column, evidence, existing } = input;
  const offending = evidence?.firstOffending;
  const policies = [
    ...(way.policies ?? (way.policy ? policiesOf(way.policy) : (codeFacts(way.refused).policies ?? []))),
  ];
  const hint = way.hint ?? (policies.length > 0 ? `--allow ${oneOf(policies)}` : undefined);
  const refused = new FerrowError(way.refused, `table "${table}", column "${column.name}": ${way.reason}`, {
    table,
    column: column.name,
    ...(hint === undefined ? {} : { hint }),
    ...(offending ? { row: offending.row, value: offending.value } : {}),
  });
  return {
    refused,
    mapping: {
      source: column.name,
      target: existing?.name ?? column.name,
      sourceType: column.nativeType,
      canonicalType: way.read ? typeName(way.read.logical) : null,
      targetType: existing?.nativeType ?? way.nativeType ?? null,
      verdict: 'refused',
      because: way.reason,
      refusedWith: [way.refused],
      policies,
      evidence,
    },
  };
}
