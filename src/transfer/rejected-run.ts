// Which run a command about rejects means: named by the first characters of its id, or the last that has any. Pure.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { RunRejects } from '../types/reject.ts';

const SHOWN_MAX = 5;

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
