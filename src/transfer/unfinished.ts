// What earlier runs have left in a target, and what a new one says of it.
import type { LedgerRun, TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TableName } from '../types/schema.ts';
import type { Plan } from './plan.ts';
import { retryCommand } from './reject-book.ts';
import { rejectedRuns } from './rejected-run.ts';
import type { Warning } from './report.ts';
import { beginsAnew } from './request.ts';
import { parseDocument } from './run-document.ts';
import type { Session } from './session.ts';

/** Runs that didn't come to their end, and have staging tables in the target. */
export function isHalfDone({ state, tables, isUnderWay }: LedgerRun): boolean {
  return isUnderWay || (state !== 'done' && tables.some((table) => table.state === 'loading'));
}

/**
 * A table that another run is at, or has left half done, is not begun anew beside it.
 * @throws FerrowError E_RUN_UNDER_WAY, E_RUN_UNFINISHED
 */
export async function refuseUnfinished(
  engine: TargetEngine,
  { tables, refusedTables }: Plan,
  runId: string,
): Promise<void> {
  const wanted = new Set(
    [...tables.map(({ load }) => load.table), ...refusedTables.map(({ name }) => name)].map(keyOf),
  );
  for (const run of await engine.readRuns()) {
    if (run.runId === runId || !isHalfDone(run)) continue;
    const loading = run.tables.filter(({ state, table }) => state === 'loading' && wanted.has(keyOf(table)));
    if (loading.length === 0) continue;
    if (!run.isUnderWay && (await isOfNoUse(engine, run))) await clearAway(engine, run);
    else
      throw refusal(
        run,
        loading.map(({ table }) => table.name),
      );
  }
}

/**
 * Two runs that begin in one moment see nothing of each other before both have entered their tables: then the later one
 * gives way.
 * @throws FerrowError E_RUN_UNDER_WAY
 */
export async function giveWay(
  engine: TargetEngine,
  tables: readonly TableName[],
  own: { readonly runId: string; readonly startedAt: string },
): Promise<void> {
  const wanted = new Set(tables.map(keyOf));
  const isEarlier = ({ startedAt, runId }: LedgerRun) =>
    startedAt < own.startedAt || (startedAt === own.startedAt && runId < own.runId);
  for (const run of await engine.readRuns()) {
    if (!run.isUnderWay || run.runId === own.runId || !isEarlier(run)) continue;
    const shared = run.tables.filter(({ state, table }) => state === 'loading' && wanted.has(keyOf(table)));
    if (shared.length > 0)
      throw refusal(
        run,
        shared.map(({ table }) => table.name),
      );
  }
}

/**
 * What a run has left half done that can't be carried on. Rows that it left out of tables that stand are missing there still, and
 * no sync reads them again: then the run stays known.
 */
async function clearAway(engine: TargetEngine, run: LedgerRun): Promise<void> {
  const { runId } = run;
  if (!(await rejectedRuns(engine)).some((each) => each.runId === runId)) return engine.forgetRun(run);
  const { tables } = parseDocument(await engine.readDocument(runId), runId);
  await engine.abandon(tables.map(({ plan }) => plan.load));
  await engine.endRun(runId, 'failed');
}

/** Of a sync: rows that earlier ones left out, which it does not look for. */
export async function leftOutWarnings(
  { source, target }: Session,
  tables: readonly { readonly displayName: string }[],
): Promise<Warning[]> {
  const wanted = new Set(tables.map(({ displayName }) => displayName));
  const runs = (await rejectedRuns(target.engine)).filter((run) => run.source === source.location.display);
  return runs.flatMap(({ runId, tables: rejected }) =>
    rejected
      .filter(({ table }) => wanted.has(table))
      .map(({ table, rows }) => ({
        code: 'W_REJECTS_WAIT',
        table,
        column: null,
        message: `${rows === 1 ? '1 row' : `${rows} rows`} that the run ${runId.slice(0, 8)} left out ${rows === 1 ? 'is' : 'are'} missing still: a sync goes on behind them`,
        hint: retryCommand(target.location, runId),
      })),
  );
}

/** What a run has left is nothing that can be carried on. */
export async function isOfNoUse(engine: TargetEngine, { runId }: LedgerRun): Promise<boolean> {
  try {
    return beginsAnew(parseDocument(await engine.readDocument(runId), runId));
  } catch {
    // Another version wrote it.
    return false;
  }
}

function refusal(run: LedgerRun, tables: readonly string[]): FerrowError {
  const { runId, startedAt, source, rows } = run;
  const short = runId.slice(0, 8);
  const what = `run ${short} from ${source}, begun ${startedAt}`;
  const names =
    tables.length > 3 ? `${tables.slice(0, 3).join(', ')} and ${tables.length - 3} more` : tables.join(', ');
  if (run.isUnderWay) {
    return new FerrowError('E_RUN_UNDER_WAY', `the ${what}, is moving ${names} into this target right now`, {
      table: tables[0],
      hint: 'wait for its end, or stop it',
    });
  }
  const finished = run.tables.filter(({ state }) => state === 'finished').length;
  return new FerrowError(
    'E_RUN_UNFINISHED',
    `the ${what}, is half done in this target: ${finished} of ${run.tables.length} tables stand, ${rows} rows are committed; ${names} would be begun anew`,
    {
      table: tables[0],
      hint: `ferrow resume TARGET ${short} carries it on; ferrow runs TARGET --clean ${short} drops what it left, and a new run can begin`,
    },
  );
}

const keyOf = ({ schema, name }: TableName) => JSON.stringify([schema, name.toLowerCase()]);
