// Compiles the columns' ways into one function Batch -> Batch. Runs in crossing workers; a compiled crossing
// keeps no state between batches.
import type { Batch } from '../batch/batch.ts';
import { type Column, withType } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { cutValue, FerrowError } from '../errors/ferrow-error.ts';
import { type LogicalType, sameType, typeName } from '../types/logical-type.ts';
import type { Check } from '../types/mapping.ts';
import type { Reject } from '../types/reject.ts';
import { cellText } from './cell-text.ts';
import { runCheck } from './check.ts';
import { emptiesBecomeNull, emptyAsNull } from './empty-text.ts';
import type { ColumnCrossing, Kernel, Loss, LossSink } from './kernel.ts';
import { rejectRows, withoutRows } from './reject-rows.ts';
import { describeCrossing, findConversion } from './rules.ts';

/** How many refused values of a batch are reported whole; the rest are only counted. */
export const REFUSED_VALUES_MAX = 20;

/** A value that the target can't hold exactly. Plain data: it crosses threads. */
export interface RefusedValue {
  /** Row within the batch, from 0. */
  readonly row: number;
  /** The source's name for the column. */
  readonly column: string;
  readonly code: ErrorCode;
  readonly value: string;
  readonly message: string;
  /** The row's key columns as text; `#row` (from 1, within the batch) where the table has no key. */
  readonly key: Readonly<Record<string, string>>;
}

/** How often an allowed lossy mapping, or the normalisation `negative_zero`, was used in a column. */
export interface PolicyUse {
  readonly column: string;
  readonly what: Parameters<LossSink['used']>[0];
  readonly count: number;
}

export interface CrossedBatch {
  /** Fields named as the crossings, of their `write` types. Refused values are NULL in it. */
  readonly batch: Batch;
  /** The first REFUSED_VALUES_MAX, column by column. */
  readonly refused: readonly RefusedValue[];
  readonly refusedCount: number;
  /** Every row with a refused value, once for each. */
  readonly refusedRows: readonly number[];
  readonly uses: readonly PolicyUse[];
  /** Where such rows are left out: those of the batch, with all that was refused of them. */
  readonly rejects: readonly Reject[];
  /** What was left of the batch that came, where rows were left out. */
  readonly kept: Batch | null;
}

/** Batch -> batch. `bad` are values of it that were refused before, NULL in their place. */
export type Cross = (batch: Batch, bad?: readonly Loss[]) => CrossedBatch;

/**
 * @param columns one per column of the batches, in their order
 * @param keyColumns indexes of the columns that name a row in errors
 * @param leavesOut rows with refused values are left out of the batch, and given as rejects
 * @throws FerrowError E_TYPE_MISMATCH or E_UNSUPPORTED_TYPE where a column has no way
 */
export function compileCrossing(
  columns: readonly ColumnCrossing[],
  keyColumns: readonly number[],
  leavesOut = false,
): Cross {
  const ways = columns.map(compileColumn);
  const lossesMax = leavesOut ? Number.POSITIVE_INFINITY : REFUSED_VALUES_MAX;
  const crossAll = (batch: Batch, bad: readonly Loss[]) => {
    if (batch.columns.length !== columns.length) {
      const message = `a batch of ${batch.columns.length} columns came for ${columns.length}`;
      throw new FerrowError('E_INTERNAL', message);
    }
    const losses: Loss[] = [...bad];
    const refusedRows = bad.map(({ row }) => row);
    const uses: PolicyUse[] = [];
    const crossed = ways.map((way, index) => {
      const counts = new Map<PolicyUse['what'], number>();
      const sink: LossSink = {
        refuse: (row, code, value, message) => {
          refusedRows.push(row);
          if (losses.length < lossesMax) losses.push({ row, column: index, code, value, message });
        },
        used: (what, count) => {
          counts.set(what, (counts.get(what) ?? 0) + count);
        },
      };
      const column = way(batch.columns[index], sink);
      for (const [what, count] of counts) uses.push({ column: columns[index].name, what, count });
      return column;
    });
    const fields = columns.map(({ name, write }) => ({ name, type: write }));
    const refusedCount = refusedRows.length;
    const made = { fields, columns: crossed, rowCount: batch.rowCount };
    return { batch: made, losses, refusedCount, refusedRows, uses };
  };
  return (batch, bad = []) => {
    const { losses, ...crossed } = crossAll(batch, bad);
    if (losses.length === 0) return { ...crossed, refused: [], rejects: [], kept: null };
    if (!leavesOut) {
      const refused = losses.map((loss) => describeLoss(loss, columns, keyColumns, batch));
      return { ...crossed, refused, rejects: [], kept: null };
    }
    // Crossed once more without them: so what is counted was used for rows that arrive.
    const rejects = rejectRows(losses, columns, keyColumns, batch);
    const kept = withoutRows(batch, rejects);
    const { losses: again, ...rest } = crossAll(kept, []);
    if (again.length > 0)
      throw new FerrowError('E_INTERNAL', 'a value was refused that was not refused before');
    return { ...rest, refused: [], rejects, kept };
  };
}

function describeLoss(
  loss: Loss,
  columns: readonly ColumnCrossing[],
  keyColumns: readonly number[],
  batch: Batch,
): RefusedValue {
  const { name } = columns[loss.column];
  const key: Record<string, string> = {};
  for (const index of keyColumns) {
    key[columns[index].name] = cutValue(cellText(batch.columns[index], loss.row) ?? 'NULL');
  }
  if (keyColumns.length === 0) key['#row'] = String(loss.row + 1);
  return {
    row: loss.row,
    column: name,
    code: loss.code,
    value: cutValue(loss.value),
    message: `column "${name}": ${loss.message}`,
    key,
  };
}

/** empty_as_null, readChecks, read -> logical, logical -> write, writeChecks. */
function compileColumn(crossing: ColumnCrossing): Kernel {
  const { read, logical, write, policies, name } = crossing;
  const description = describeCrossing(crossing);
  if (!description.possible) {
    throw new FerrowError(description.code, `column "${name}": ${description.reason}`, { column: name });
  }
  const inward = findConversion(read, logical, policies)?.make() ?? null;
  const outward = findConversion(logical, write, policies)?.make() ?? null;
  // What the source's checks have shown still holds if nothing was changed since.
  const known =
    inward === null && outward === null ? crossing.readChecks.map((check) => JSON.stringify(check)) : [];
  const steps: Kernel[] = [
    ...(emptiesBecomeNull(read, policies) ? [emptyAsNull] : []),
    ...crossing.readChecks.map((check) => checkKernel(check, crossing)),
    ...[inward, outward].filter((kernel) => kernel !== null),
    ...crossing.writeChecks
      .filter((check) => check.kind === 'negativeZero' || !known.includes(JSON.stringify(check)))
      .map((check) => checkKernel(check, crossing)),
  ];
  return (column, sink) => {
    expectType(column, read, name);
    let value = column;
    for (const step of steps) value = step(value, sink);
    return withType(value, write);
  };
}

function checkKernel(check: Check, { policies }: ColumnCrossing): Kernel {
  return (column, sink) => runCheck(check, column, sink, policies);
}

/** Guards against a decoder that gives another layout than the plan says. */
function expectType(column: Column, read: LogicalType, name: string): void {
  if (sameType(column.type, read)) return;
  const message = `column "${name}": ${typeName(column.type)} came where ${typeName(read)} was planned`;
  throw new FerrowError('E_INTERNAL', message, { column: name });
}
