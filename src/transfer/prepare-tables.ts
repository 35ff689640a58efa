// Makes the staging tables of a run: of all tables at once or, where the target refuses that, of those that it takes.
import type { TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TableRun } from './table-run.ts';

/** Tables that the target refuses fail, each with its own error. @throws FerrowError if it refuses all */
export async function prepareTables(
  engine: TargetEngine,
  tables: readonly TableRun[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await engine.prepare(tables.map((table) => table.plan.load));
  } catch (refused) {
    signal.throwIfAborted();
    // What is swapped together is refused together.
    if (tables.length <= 1 || tables.some((table) => table.plan.load.mode === 'swap')) throw refused;
    for (const table of tables) {
      try {
        await engine.prepare([table.plan.load]);
      } catch (error) {
        signal.throwIfAborted();
        table.fail(FerrowError.from(error, 'E_DDL', { table: table.name }));
      }
    }
    const taken = tables.filter((table) => table.error === null);
    if (taken.length === 0) throw refused;
    // Together once more: what they share, types and sequences, is the whole list's.
    await engine.prepare(taken.map((table) => table.plan.load));
  }
}
