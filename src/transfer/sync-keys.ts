// A table of a sync whose deletes are found by keys: its rows and all keys of the source arrive side by side, and take their
// place together.
import type { TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TransferRequest } from './request.ts';
import type { TableRun } from './table-run.ts';

export interface KeyPair {
  readonly rows: TableRun;
  readonly keys: TableRun;
}

/** The two that belong together; null for a table without deletes. */
export function keyPair(tables: readonly TableRun[], { plan }: TableRun): KeyPair | null {
  const { id, keysOf, sync } = plan.load;
  const byId = (wanted: string | undefined) => tables.find((each) => each.plan.load.id === wanted);
  const [rows, keys] = keysOf === undefined ? [byId(id), byId(sync?.keys?.id)] : [byId(keysOf), byId(id)];
  return rows && keys ? { rows, keys } : null;
}

export function isOfKeys({ plan }: TableRun): boolean {
  return plan.load.keysOf !== undefined;
}

/** A key that did not arrive would be a row that is deleted: they are counted whatever --verify says. */
export async function checkKeys(
  rows: TableRun,
  keys: TableRun,
  engine: TargetEngine,
  { signal }: TransferRequest,
): Promise<void> {
  try {
    if (rows.error || keys.error || signal.aborted) throw rows.error ?? keys.error ?? signal.reason;
    const arrived = await engine.countStaged(keys.plan.load);
    if (arrived !== keys.sourceRows)
      throw new FerrowError(
        'E_COUNT_MISMATCH',
        `table "${rows.name}": the source holds ${keys.sourceRows} keys, ${arrived} arrived; nothing was deleted`,
        { table: rows.name, hint: 'run the sync again' },
      );
    keys.finished = true;
  } catch (error) {
    const failed = FerrowError.from(signal.aborted ? new FerrowError('E_CANCELLED', 'interrupted') : error);
    rows.fail(failed.at({ table: rows.name }));
    keys.fail(failed);
  }
}
