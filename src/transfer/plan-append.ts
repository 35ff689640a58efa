// Rows that come into a table that stands: which columns take them, and what is wrong where one can't. Pure.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { ColumnSchema, TableSchema } from '../types/schema.ts';
import type { PlanInput } from './plan.ts';
import type { PlannedColumn } from './plan-columns.ts';
import { foldName } from './plan-names.ts';
import { nearest } from './select.ts';

export function findColumn(
  table: TableSchema,
  name: string,
  input: Pick<PlanInput, 'target'>,
): ColumnSchema | null {
  const { quirks } = input.target;
  const exact = table.columns.find((column) => column.name === name);
  return (
    exact ?? table.columns.find((column) => foldName(column.name, quirks) === foldName(name, quirks)) ?? null
  );
}

export function missingColumn(table: string, column: string, existing: TableSchema): FerrowError {
  const near = nearest(
    column,
    existing.columns.map((each) => each.name),
  );
  return new FerrowError(
    'E_COLUMN_MISSING',
    `the target's table "${existing.name}" has no column "${column}"`,
    {
      table,
      column,
      ...(near.length > 0
        ? { hint: `it has "${near[0]}"; rename it there, or leave the column out with --columns` }
        : {}),
    },
  );
}

/** Columns of an existing table that must have a value, and get none. */
export function unfilledColumns(
  table: string,
  existing: TableSchema,
  columns: readonly PlannedColumn[],
): FerrowError[] {
  const filled = new Set(columns.map((column) => column.write.name));
  return existing.columns
    .filter((column) => !column.nullable && !column.default && !column.identity && !column.generated)
    .filter((column) => !filled.has(column.name))
    .map(
      (column) =>
        new FerrowError(
          'E_COLUMN_MISSING',
          `the target's column "${column.name}" must have a value, and the source table "${table}" brings none`,
          { table, column: column.name, hint: 'give the column a default in the target, or allow NULL' },
        ),
    );
}

export function takesNoValues(table: string, column: string): FerrowError {
  return new FerrowError(
    'E_TYPE_MISMATCH',
    `table "${table}": the target computes its column "${column}" itself, and takes no values for it`,
    { table, column, hint: 'leave the column out with --columns, or change the target' },
  );
}
