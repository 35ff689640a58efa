// Generated columns and what else of a column is decided beside its type: who computes the values, which collation
// comes back. Pure.
import type { LogicalKind } from '../types/logical-type.ts';
import type { ColumnSchema } from '../types/schema.ts';
import type { PlanInput } from './plan.ts';
import type { PlannedColumn } from './plan-columns.ts';
import type { ColumnMapping } from './report.ts';

/** Kinds that SQLite computes with as floating numbers, or by each value's own class, and other engines don't. */
const COMPUTED_OTHERWISE: ReadonlySet<LogicalKind> = new Set(['decimal', 'numeric', 'any']);

/**
 * The column as the target's dialect gets it to adopt. A generated column keeps its expression, unless the engines
 * would compute other values from it; one that the run doesn't plan passes as it is.
 */
export function targetColumn(
  column: ColumnSchema,
  planned: PlannedColumn | undefined,
  { source, target }: PlanInput,
): ColumnSchema {
  if (!planned) return { ...column, origin: undefined };
  const { generated } = planned.target;
  if (!generated?.meaning || source.name === target.name) return planned.target;
  const decimals = COMPUTED_OTHERWISE.has(planned.crossing.logical.kind);
  if (!decimals || (source.name !== 'sqlite' && target.name !== 'sqlite')) return planned.target;
  const unknown = `arithmetic with ${planned.mapping.canonicalType}`;
  return { ...planned.target, generated: { ...generated, meaning: undefined, unknown } };
}

/** How the plan shows a column whose values the target computes. */
export function computedMapping(column: ColumnSchema, targetType: string): ColumnMapping {
  return {
    source: column.name,
    target: column.name,
    sourceType: column.nativeType,
    canonicalType: null,
    targetType,
    verdict: 'exact',
    because: `generated: the target computes it itself${column.generated ? ` as the source does, ${column.generated.expression}` : ''}`,
    refusedWith: [],
    policies: [],
    evidence: null,
  };
}

/** Collations that columns had in the target's engine before; those of other engines mean nothing to it. */
export function homeCollations(columns: readonly PlannedColumn[]): Map<string, string> {
  return new Map(
    columns.flatMap(({ home, target }) => (home?.collation ? [[target.name, home.collation]] : [])),
  );
}
