// What of a run that ended too early stays in the target, to be carried on with.
import type { FerrowError } from '../errors/ferrow-error.ts';
import type { TableRun } from './table-run.ts';

/** Those of `left` whose staged rows are worth keeping; all others are begun anew. */
export function keptTables(left: readonly TableRun[], all: readonly TableRun[]): readonly TableRun[] {
  return left.filter(
    (table) =>
      table.rows > 0 &&
      mayGoOn(table.error, all) &&
      table.work.stored.mark !== null &&
      !table.plan.load.transactional,
  );
}

/** A table that only waits for the others of its swap goes on with them. */
function mayGoOn(error: FerrowError | null, all: readonly TableRun[]): boolean {
  if (error?.code !== 'E_NOT_SWAPPED') return isSound(error);
  return all.every((table) => table.error?.code === 'E_NOT_SWAPPED' || isSound(table.error));
}

/** Faults behind which the staged rows are sound: the run may go on with them when the cause is gone. */
function isSound(error: FerrowError | null): boolean {
  return (
    error === null ||
    error.retryable ||
    ['E_CANCELLED', 'E_DISK_FULL', 'E_SNAPSHOT_LOST'].includes(error.code)
  );
}
