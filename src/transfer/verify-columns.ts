// What of each column can be compared with what the target holds of it. Pure.
import type { ColumnCrossing } from '../coerce/kernel.ts';
import type { DigestColumn } from '../digest/digest.ts';
import { childTypes, type LogicalType } from '../types/logical-type.ts';
import type { TableSchema } from '../types/schema.ts';
import type { PlannedColumn } from './plan-columns.ts';
import type { TablePlan } from './plan-table.ts';
import type { VerifyLevel, Warning } from './report.ts';

export function digestColumn({ crossing }: Pick<PlannedColumn, 'crossing'>): DigestColumn {
  return {
    skipped: notComparable(crossing) !== null,
    // The target says itself that it keeps no -0.0.
    oneZero: crossing.writeChecks.some((check) => check.kind === 'negativeZero'),
  };
}

/** Why the target's own form of a column says nothing about the values that were written; null where it does. */
export function notComparable({ read, write }: ColumnCrossing): string | null {
  if (holdsJsonb(write) && !holdsJsonb(read)) return 'jsonb keeps the meaning of a document and not its text';
  if (write.kind === 'opaque' && write.local) return 'its bytes name types by the oids of their own database';
  return null;
}

/** Out of the target's storage, in the type in which the values were put there. */
export function writtenAs({ name, write, policies }: ColumnCrossing): ColumnCrossing {
  return { name, read: write, readChecks: [], logical: write, write, writeChecks: [], policies };
}

function holdsJsonb(type: LogicalType): boolean {
  return (type.kind === 'json' && type.binary === true) || childTypes(type).some(holdsJsonb);
}

/** What a verification of this level leaves out, each column by name. */
export function notComparedWarnings(plan: TablePlan, level: VerifyLevel): Warning[] {
  if (level !== 'full' && level !== 'sample') return [];
  const { displayName: table, columns } = plan;
  if (level === 'sample' && !hasKey(plan)) {
    const message = 'rows without a key can not be looked up: they are compared by count only';
    return [{ code: 'W_NOT_COMPARED', table, column: null, message }];
  }
  return columns.flatMap(({ crossing }) => {
    const reason = notComparable(crossing);
    if (reason === null) return [];
    const message = `the values are not compared: ${reason}`;
    return [{ code: 'W_NOT_COMPARED', table, column: crossing.name, message }];
  });
}

function hasKey({ source, columns }: TablePlan): boolean {
  const compared = columns.filter(({ crossing }) => notComparable(crossing) === null);
  return keyOf(source, compared).length > 0;
}

/**
 * Indexes of the columns that tell rows apart: the primary key, or a unique one without NULLs; none where a part of it is
 * not among them.
 */
export function keyOf(table: TableSchema, columns: readonly PlannedColumn[]): number[] {
  const mayBeNull = (name: string) =>
    table.columns.find((column) => column.name === name)?.nullable !== false;
  const keys = [
    ...(table.primaryKey ? [table.primaryKey] : []),
    ...table.uniques.filter((key) => !key.columns.some(mayBeNull)),
  ];
  for (const key of keys) {
    const at = key.columns.map((name) => columns.findIndex((column) => column.read.name === name));
    if (!at.includes(-1)) return at;
  }
  return [];
}
