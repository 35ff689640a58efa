// How each source column becomes a target column: source type -> canonical -> target type, with the verdict. Pure.
import type { ColumnCrossing } from '../coerce/kernel.ts';
import { describeCrossing } from '../coerce/rules.ts';
import type { Dialect, ReadColumn, WriteColumn } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { ColumnEvidence } from '../types/evidence.ts';
import { typeName } from '../types/logical-type.ts';
import { type CreateType, isRefusal, type Refusal, type WriteType } from '../types/mapping.ts';
import type { Policies } from '../types/policy.ts';
import type { ColumnSchema } from '../types/schema.ts';
import type { ColumnMapping } from './report.ts';

export interface PlannedColumn {
  readonly read: ReadColumn;
  readonly crossing: ColumnCrossing;
  readonly write: WriteColumn;
  /** The column as the target will have it, defaults and the like still in the source's words. */
  readonly target: ColumnSchema;
  readonly mapping: ColumnMapping;
  /** Numbers or times that become text in a table that the run makes. */
  readonly asText: boolean;
}

export interface ColumnInput {
  /** Display name, for errors. */
  readonly table: string;
  readonly source: Dialect;
  readonly target: Dialect;
  readonly column: ColumnSchema;
  /** The column that stands in the target already, when rows are appended. */
  readonly existing: ColumnSchema | null;
  readonly evidence: ColumnEvidence | null;
  readonly policies: Policies;
}

/** Plans one column, or says why it can't be carried. */
export function planColumn(input: ColumnInput): PlannedColumn | FerrowError {
  const { column, existing, evidence, policies, source, target } = input;
  const context = { sameEngine: source.name === target.name, policies };
  const read = source.types.read(column, evidence, context);
  if (isRefusal(read)) return refusalError(input, read);
  const created = existing
    ? target.types.write(existing)
    : target.types.create(context.sameEngine ? read.wire : read.logical, column, evidence, context);
  if (isRefusal(created)) return refusalError(input, created);

  const crossing: ColumnCrossing = {
    name: column.name,
    read: read.wire,
    readChecks: read.checks,
    logical: context.sameEngine ? read.wire : read.logical,
    write: created.wire,
    writeChecks: created.checks,
    policies,
  };
  const way = describeCrossing(crossing);
  const nativeType = existing?.nativeType ?? (created as CreateType).nativeType;
  if (!way.possible) {
    return new FerrowError(
      existing ? 'E_TYPE_MISMATCH' : way.code,
      `table "${input.table}", column "${column.name}": ${column.nativeType || 'untyped'} can't become ${nativeType}: ${way.reason}`,
      { table: input.table, column: column.name },
    );
  }
  const target_: ColumnSchema = existing ?? {
    ...column,
    nativeType,
    typeFacts: context.sameEngine ? column.typeFacts : undefined,
  };
  return {
    read: { name: column.name, wire: read.wire, select: read.select },
    crossing,
    write: { name: target_.name, wire: created.wire },
    target: target_,
    asText: 'asText' in created && created.asText === true,
    mapping: {
      source: column.name,
      target: target_.name,
      sourceType: column.nativeType,
      canonicalType: typeName(crossing.logical),
      targetType: nativeType,
      verdict: verdictOf(created, way.class, context.sameEngine),
      because:
        [read.because, 'because' in created ? created.because : undefined].filter(Boolean).join('; ') || null,
      evidence,
    },
  };
}

/** A column no longer checked or widened than it must be: copies between equal engines are exact by nature. */
function verdictOf(
  created: CreateType | WriteType,
  conversion: 'exact' | 'widened' | 'checked',
  sameEngine: boolean,
): ColumnMapping['verdict'] {
  if (sameEngine && conversion === 'exact') return 'exact';
  if ('verdict' in created && created.verdict === 'widened') return 'widened';
  return conversion;
}

function refusalError(input: ColumnInput, refusal: Refusal): FerrowError {
  const { table, column, evidence } = input;
  const offending = evidence?.firstOffending;
  return new FerrowError(refusal.refused, `table "${table}", column "${column.name}": ${refusal.reason}`, {
    table,
    column: column.name,
    hint: refusal.hint,
    ...(offending ? { row: offending.row, value: offending.value } : {}),
  });
}
