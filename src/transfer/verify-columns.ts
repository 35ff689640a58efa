// What of each column can be compared with what the target holds of it. Pure.
import type { ColumnCrossing } from '../coerce/kernel.ts';
import type { DigestColumn } from '../digest/digest.ts';
import { childTypes, type LogicalType } from '../types/logical-type.ts';
import type { PlannedColumn } from './plan-columns.ts';
import type { TablePlan } from './plan-table.ts';
import type { Warning } from './report.ts';

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

function holdsJsonb(type: LogicalType): boolean {
  return (type.kind === 'json' && type.binary === true) || childTypes(type).some(holdsJsonb);
}

/** Columns that a full verification leaves out, each by name. */
export function notComparedWarnings({ displayName: table, columns }: TablePlan): Warning[] {
  return columns.flatMap(({ crossing }) => {
    const reason = notComparable(crossing);
    if (reason === null) return [];
    const message = `the values are not compared: ${reason}`;
    return [{ code: 'W_NOT_COMPARED', table, column: crossing.name, message }];
  });
}
