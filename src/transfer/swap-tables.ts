// The end of a blue-green run: all of its tables take their names together, or none does.
import type { Dialect, Swap, TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { NotCarried, TableName } from '../types/schema.ts';
import { tableKey } from './plan-names.ts';
import { type Asking, endLeavingOut } from './reject-staged.ts';
import type { Warning } from './report.ts';
import type { TableRun } from './table-run.ts';

export interface Swapped {
  readonly notCarried: readonly NotCarried[];
  readonly warnings: readonly Warning[];
}

/** Tables that are whole but may not take their names fail with E_NOT_SWAPPED. @throws FerrowError if the swap fails */
export async function swapTables(
  engine: TargetEngine,
  { quirks }: Dialect,
  tables: readonly TableRun[],
  request: Asking,
  runId: string,
): Promise<Swapped> {
  const loads = tables.map((table) => table.plan.load);
  let swap: Swap | null;
  try {
    swap = await endLeavingOut(engine, tables, request, runId, async (whole) =>
      whole.length > 0 && whole.length === tables.length ? engine.swapTables(loads, runId) : null,
    );
  } catch (error) {
    // None of them stands under its name.
    for (const table of tables) table.finished = false;
    throw error;
  }
  if (swap === null) {
    const broken = tables.find((table) => !table.finished);
    for (const table of tables.filter((each) => each.finished)) giveUp(table, broken?.name ?? '');
    return { notCarried: [], warnings: [] };
  }
  const find = (place: TableName) =>
    tables.find(({ plan }) => tableKey(plan.load.table, quirks) === tableKey(place, quirks));
  const warnings: Warning[] = [];
  for (const { table, old, droppedOlder } of swap.tables) {
    const swapped = find(table);
    if (swapped) swapped.keptAs = old?.name ?? null;
    if (droppedOlder)
      warnings.push({
        code: 'W_OLDER_DROPPED',
        table: swapped?.name ?? table.name,
        column: null,
        message:
          'the table that an earlier blue-green run kept is gone: this run keeps the one that it replaced',
      });
  }
  const notCarried = swap.notCarried.map((each) => {
    const swapped = tables.find(({ plan }) => plan.load.table.name === each.table);
    return { ...each, table: swapped?.name ?? each.table };
  });
  return { notCarried, warnings };
}

function giveUp(table: TableRun, because: string): void {
  table.finished = false;
  const message = `table "${table.name}" is whole, but "${because}" is not: no table of the run was swapped`;
  table.fail(new FerrowError('E_NOT_SWAPPED', message, { table: table.name }));
}
