// Which run a command about rejects means: named by the first characters of its id, or the last that has any.
import type { TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { RunRejects } from '../types/reject.ts';
import { parseDocument } from './run-document.ts';

const SHOWN_MAX = 5;

/**
 * Runs with rejects of tables that are in their places: those that a blue-green run has only built, or that were put back by a
 * rollback, are not.
 */
export async function rejectedRuns(
  engine: Pick<TargetEngine, 'rejectedRuns' | 'readSwaps' | 'readDocument'>,
): Promise<RunRejects[]> {
  const runs = await engine.rejectedRuns();
  if (runs.length === 0) return runs;
  const undoneBy = new Map((await engine.readSwaps()).map((swap) => [swap.runId, swap.undoneBy]));
  // A rollback may be put back itself.
  const isInPlace = (swap: string): boolean => {
    const by = undoneBy.get(swap);
    return by === null || (by !== undefined && !isInPlace(by));
  };
  const standing: RunRejects[] = [];
  for (const run of runs)
    if (isInPlace(run.runId) || !(await isSwapped(engine, run.runId))) standing.push(run);
  return standing;
}

/** A document of another version can't be read: all of its tables stand that the ledger has as finished. */
async function isSwapped(engine: Pick<TargetEngine, 'readDocument'>, runId: string): Promise<boolean> {
  try {
    return parseDocument(await engine.readDocument(runId), runId).options.strategy === 'blue-green';
  } catch {
    return false;
  }
}

/** @throws FerrowError E_USAGE where none is meant, or more than one */
export function findRejectedRun(runs: readonly RunRejects[], named: string | null): RunRejects {
  const [last] = runs;
  if (!last) {
    throw new FerrowError('E_USAGE', 'no rejected rows are kept in the target', {
      hint: 'they are kept by runs with --on-error skip, until they arrive',
    });
  }
  if (named === null) return last;
  const found = runs.filter(({ runId }) => runId.startsWith(named.toLowerCase()));
  if (found.length === 1) return found[0];
  const hint = `runs with rejected rows: ${runs.slice(0, SHOWN_MAX).map(inWords).join('; ')}`;
  if (found.length === 0)
    throw new FerrowError('E_USAGE', `the target keeps no rejected rows of a run "${named}"`, { hint });
  const ids = found.map(({ runId }) => runId).join(', ');
  throw new FerrowError('E_USAGE', `"${named}" is the beginning of several runs: ${ids}`, {
    hint: 'name more characters of the one',
  });
}

function inWords({ runId, startedAt, tables }: RunRejects): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return `${runId.slice(0, 8)} of ${startedAt} (${rows})`;
}
