// Refused values -> the rows that hold them, each once, and the batch without them. Pure; runs in crossing workers, and only for
// batches that hold a refused value.
import type { Batch } from '../batch/batch.ts';
import { takeRows } from '../batch/take.ts';
import type { RefusedColumn, Reject } from '../types/reject.ts';
import type { ColumnCrossing, Loss } from './kernel.ts';
import { keyText, NO_VALUE, type RawValue, rawValue } from './raw-value.ts';

/** One for each row, in the order of the rows: the first refused column, the others behind it. `batch` is as it was read. */
export function rejectRows(
  losses: readonly Loss[],
  columns: readonly ColumnCrossing[],
  keyColumns: readonly number[],
  batch: Batch,
): Reject[] {
  const byRow = new Map<number, Loss[]>();
  for (const loss of losses) {
    const found = byRow.get(loss.row);
    if (found) found.push(loss);
    else byRow.set(loss.row, [loss]);
  }
  const refusedBy = ({ column, code, message }: Loss): RefusedColumn => ({
    column: columns[column]?.name ?? null,
    code,
    reason: message,
  });
  const ordered = [...byRow].sort(([a], [b]) => a - b);
  return ordered.map(([row, [first, ...others]]) => ({
    row: row + 1,
    key: keyOf(columns, keyColumns, batch, row),
    ...refusedBy(first),
    ...valueOfLoss(first, batch),
    also: others.map(refusedBy),
  }));
}

function valueOfLoss({ raw, column, row }: Loss, batch: Batch): RawValue {
  if (raw) return raw;
  const found = batch.columns[column];
  return found ? rawValue(found, row) : NO_VALUE;
}

export function keyOf(
  columns: readonly Pick<ColumnCrossing, 'name'>[],
  keyColumns: readonly number[],
  batch: Batch,
  row: number,
): Reject['key'] {
  if (keyColumns.length === 0) return null;
  return Object.fromEntries(keyColumns.map((at) => [columns[at].name, keyText(batch.columns[at], row)]));
}

/** The batch without these rows, which count from 1; in buffers of its own. */
export function withoutRows(batch: Batch, rejects: readonly Pick<Reject, 'row'>[]): Batch {
  const gone = new Set(rejects.map(({ row }) => row - 1));
  const rows = new Int32Array(batch.rowCount - gone.size);
  for (let row = 0, at = 0; row < batch.rowCount; row++) if (!gone.has(row)) rows[at++] = row;
  return { ...batch, columns: batch.columns.map((column) => takeRows(column, rows)), rowCount: rows.length };
}
