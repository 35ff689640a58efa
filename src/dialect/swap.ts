// Swaps of whole tables: what a target tells of one, how it is remembered in the target, and which one a rollback is about.
// A part of the seam, used by every dialect. Pure; plain objects.
import { createHash } from 'node:crypto';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { NotCarried, TableName } from '../types/schema.ts';

/** What became of one name. */
export interface SwappedTable {
  readonly table: TableName;
  /** False for a name that fell free: a rollback of a table that the run made. */
  readonly stands: boolean;
  /** Where the table stands now that had the name before; null if there was none. */
  readonly old: TableName | null;
  /** A table of an earlier run that was kept under that name is gone. */
  readonly droppedOlder: boolean;
}

export interface Swap {
  readonly tables: readonly SwappedTable[];
  readonly notCarried: readonly NotCarried[];
}

/** A rollback is a swap too, and has an id of its own. */
export interface Rollback extends Swap {
  /** The run (or rollback) whose tables were put back. */
  readonly undone: string;
}

/** One table of one swap, as the target remembers it: a row of `_ferrow.swaps`. */
export interface SwapRow {
  readonly runId: string;
  /** Of a rollback: what it put back. */
  readonly undoes: string | null;
  readonly undoneBy: string | null;
  readonly schema: string | null;
  readonly name: string;
  /** The name of the table that was replaced, in the same schema; null if there was none. */
  readonly oldName: string | null;
  /** The dialect's own: JSON of what is needed to go back. */
  readonly note: string;
}

/** A row that is written. */
export interface StoredSwap extends SwapRow {
  /** ISO. */
  readonly at: string;
}

const SUFFIX = '_ferrow_old';

/** `NAME_ferrow_old`; where that is longer than the engine's names, the beginning of the name and a hash of it. */
export function oldName(name: string, bytesMax: number | null = null): string {
  const whole = `${name}${SUFFIX}`;
  if (bytesMax === null || Buffer.byteLength(whole) <= bytesMax) return whole;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const tail = `_${hash}${SUFFIX}`;
  let kept = name;
  while (Buffer.byteLength(kept) + tail.length > bytesMax) kept = kept.slice(0, -1);
  // Never half of a surrogate pair.
  return `${kept.replace(/[\ud800-\udbff]$/, '')}${tail}`;
}

/** What a swap of this run has done; null if there was none: a run that is carried on may have been killed behind its swap. */
export function swapOf(rows: readonly SwapRow[], runId: string): Swap | null {
  const own = rows.filter((row) => row.runId === runId);
  if (own.length === 0) return null;
  const tables = own.map(({ schema, name, oldName: old }) => ({
    table: { schema, name },
    stands: true,
    old: old === null ? null : { schema, name: old },
    droppedOlder: false,
  }));
  return { tables, notCarried: [] };
}

/**
 * The rows that a rollback is about. `rows` in the order in which they were written; `run` is an id or its first
 * characters, null for the last run that is no rollback itself.
 * @throws FerrowError E_NOTHING_TO_ROLL_BACK
 */
export function rowsToUndo(rows: readonly SwapRow[], run: string | null): SwapRow[] {
  const ids = [...new Set(rows.map(({ runId }) => runId))];
  const chosen =
    run === null
      ? rows.findLast(({ undoes }) => undoes === null)?.runId
      : oneOfIds(
          ids.filter((id) => id.startsWith(run)),
          run,
        );
  if (chosen === undefined) {
    const message =
      run === null
        ? 'no blue-green run has swapped tables of this target'
        : `no blue-green run of this target begins with ${run}`;
    throw new FerrowError('E_NOTHING_TO_ROLL_BACK', message, run === null ? {} : { hint: lastHint(rows) });
  }
  const undone = rows.filter(({ runId }) => runId === chosen);
  if (undone[0].undoneBy !== null) {
    throw new FerrowError('E_NOTHING_TO_ROLL_BACK', `the tables of run ${chosen} were put back already`, {
      hint: `to have the tables of the run again: ferrow rollback TARGET ${lastUndo(rows, chosen)}`,
    });
  }
  refuseIfCovered(rows, undone, chosen);
  return undone;
}

function oneOfIds(ids: readonly string[], run: string): string | undefined {
  if (ids.length < 2) return ids[0];
  throw new FerrowError('E_USAGE', `several runs begin with ${run}`, {
    hint: `say which: ${ids.join(', ')}`,
  });
}

function lastHint(rows: readonly SwapRow[]): string {
  const last = rows.findLast(({ undoes }) => undoes === null);
  return last ? `the last one is ${last.runId}` : 'only runs with --strategy blue-green can be rolled back';
}

/** The end of the chain of rollbacks that began with undoing this run. */
function lastUndo(rows: readonly SwapRow[], runId: string): string {
  let last = runId;
  for (;;) {
    const next = rows.find((row) => row.runId === last)?.undoneBy ?? null;
    if (next === null) return last;
    last = next;
  }
}

/** A later swap of the same table stands above it, and has dropped what would be put back. */
function refuseIfCovered(rows: readonly SwapRow[], undone: readonly SwapRow[], runId: string): void {
  const end = rows.lastIndexOf(undone[undone.length - 1]);
  const key = ({ schema, name }: SwapRow) => JSON.stringify([schema, name]);
  const names = new Set(undone.map(key));
  const later = rows.slice(end + 1).find((row) => names.has(key(row)) && row.undoneBy === null);
  if (!later) return;
  throw new FerrowError(
    'E_NOTHING_TO_ROLL_BACK',
    `"${later.name}" was swapped again after run ${runId}, by ${later.runId}; what it replaced is gone`,
    { table: later.name, hint: `ferrow rollback TARGET ${later.runId} puts back what stood before that` },
  );
}

/** What would be put back isn't there. */
export function missingOld(row: Pick<SwapRow, 'name' | 'oldName' | 'runId'>, missing: string): FerrowError {
  return new FerrowError(
    'E_NOTHING_TO_ROLL_BACK',
    `"${row.name}" can't be put back: there is no table "${missing}" any more; nothing was changed`,
    { table: row.name, hint: 'it was dropped or renamed since the run; restore it from a backup' },
  );
}

/** A table of the user's own has the name under which the replaced one would be kept. */
export function oldNameTaken(table: string, old: string): FerrowError {
  return new FerrowError(
    'E_TABLE_EXISTS',
    `the table that "${table}" replaces would be kept as "${old}", and the target has something of that name that Ferrow did not make`,
    { table, hint: `rename or drop "${old}" in the target` },
  );
}
