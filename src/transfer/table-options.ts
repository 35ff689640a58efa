// The options of a single table: those of the run, with its own laid over them. Pure.
import { FerrowError } from '../errors/ferrow-error.ts';
import { type Policies, parsePolicies } from '../types/policy.ts';
import type { ColumnSchema } from '../types/schema.ts';
import type { TableOptions, TransferOptions } from './options.ts';
import { optionsFor } from './plan-names.ts';
import { nearest, type SelectedTable } from './select.ts';

/** What a table is told, once run-wide and single options are merged. */
export interface EffectiveOptions extends Partial<TableOptions> {
  readonly ifExists: 'fail' | 'replace' | 'append';
}

/** Run-wide options with those of the single table laid over them. */
export function effectiveOptions(entry: SelectedTable, options: TransferOptions): EffectiveOptions {
  const { where, columns, batchSize, ifExists } = options;
  const own = optionsFor(entry, options.tableOptions);
  return { where, columns, batchSize, ...own, ifExists: own.ifExists ?? ifExists };
}

/** The table's columns that the run moves, in the order asked for. @throws FerrowError E_NO_SUCH_COLUMN */
export function chosenColumns(entry: SelectedTable, options: EffectiveOptions): readonly ColumnSchema[] {
  const { table, displayName } = entry;
  if (!options.columns) return table.columns;
  return options.columns.map((name) => {
    const column = table.columns.find((each) => each.name === name);
    if (column) return column;
    const names = table.columns.map((each) => each.name);
    const near = nearest(name, names);
    throw new FerrowError('E_NO_SUCH_COLUMN', `table "${displayName}" has no column "${name}"`, {
      table: displayName,
      column: name,
      hint: near.length > 0 ? `did you mean "${near[0]}"?` : `it has ${names.join(', ')}`,
    });
  });
}

/** Lossy mappings allowed for a column: the run's, the table's, its own; the narrower one wins. */
export function columnPolicies(run: TransferOptions, table: EffectiveOptions, column: string): Policies {
  const own = table.columnOptions?.[column]?.allow ?? [];
  return { ...parsePolicies(run.allow), ...parsePolicies(table.allow ?? []), ...parsePolicies(own) };
}
