// `ferrow runs`: what the ledger of a target knows of runs, and clearing away what they left.
import type { LedgerRun, RunState, StoredSwap } from '../dialect/dialect.ts';
import { loadDialect } from '../dialect/registry.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { openTarget } from '../threads/engine-host.ts';
import { displayName } from '../types/schema.ts';
import { existing } from './existing-target.ts';
import { rejectedRuns } from './rejected-run.ts';
import type { LedgerRequest } from './request.ts';
import { isHalfDone, isOfNoUse } from './unfinished.ts';

export interface RunSummary {
  readonly runId: string;
  /** `killed`: the ledger has it copying, and no process is at it. */
  readonly state: RunState | 'killed';
  readonly source: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly version: string;
  /** How often it was carried on. */
  readonly resumed: number;
  readonly tables: { readonly total: number; readonly finished: number; readonly halfDone: number };
  /** Committed, those in staging tables too. */
  readonly rows: number;
  /** Rows that it left out of tables that stand, and that are missing there still. */
  readonly rejectedRows: number;
  /** The command that goes on from here, or null. */
  readonly next: string | null;
}

/** A `ferrow rollback`: it has an id of its own, and can be rolled back itself. */
export interface RollbackSummary {
  readonly runId: string;
  /** The run (or rollback) whose tables were put back. */
  readonly rolledBack: string;
  readonly at: string;
  readonly tables: readonly string[];
  /** The rollback that has put back what this one replaced, or null. */
  readonly undoneBy: string | null;
}

export interface RunsReport {
  readonly success: boolean;
  readonly target: string;
  readonly runs: readonly RunSummary[];
  /** The last one first. */
  readonly rollbacks: readonly RollbackSummary[];
  /** Ids of the runs that were forgotten. */
  readonly cleaned: readonly string[];
}

/** `clean`: the id of a run or its first characters, `all`, or null. @throws FerrowError E_NO_SUCH_RUN, E_RUN_UNDER_WAY */
export async function runs(request: LedgerRequest, clean: string | null): Promise<RunsReport> {
  const location = await existing(request.target);
  const engine = await openTarget(location, { connections: 1, readOnly: false });
  try {
    const before = await engine.readRuns();
    const cleaned = clean === null ? [] : toClean(before, clean);
    for (const run of cleaned) await engine.forgetRun(run);
    const { quirks } = await loadDialect(location.engine);
    const rejected = new Map(
      (await rejectedRuns(engine)).map(({ runId, tables }) => [
        runId,
        tables.reduce((sum, { rows }) => sum + rows, 0),
      ]),
    );
    const summaries: RunSummary[] = [];
    for (const run of before.filter((each) => !cleaned.includes(each))) {
      const mayGoOn = mayBeResumed(run) && !(await isOfNoUse(engine, run));
      summaries.push(summaryOf(run, mayGoOn, rejected.get(run.runId) ?? 0));
    }
    return {
      success: true,
      target: location.display,
      runs: summaries,
      rollbacks: rollbacksOf(await engine.readSwaps(), quirks.defaultSchema),
      cleaned: cleaned.map(({ runId }) => runId),
    };
  } finally {
    await engine.close();
  }
}

function toClean(all: readonly LedgerRun[], clean: string): readonly LedgerRun[] {
  if (clean === 'all') return all.filter(({ isUnderWay }) => !isUnderWay);
  const run = findRun(all, clean);
  if (run.isUnderWay) throw new FerrowError('E_RUN_UNDER_WAY', `a process is at the run ${run.runId}`);
  return [run];
}

function rollbacksOf(swaps: readonly StoredSwap[], defaultSchema: string | null): RollbackSummary[] {
  const byId = Map.groupBy(
    swaps.filter(({ undoes }) => undoes !== null),
    ({ runId }) => runId,
  );
  const summaries = [...byId].map(([runId, rows]) => ({
    runId,
    rolledBack: rows[0].undoes ?? '',
    at: rows[0].at,
    tables: rows.map((row) => displayName(row, defaultSchema)),
    undoneBy: rows[0].undoneBy,
  }));
  return summaries.reverse();
}

function summaryOf(run: LedgerRun, mayGoOn: boolean, rejectedRows: number): RunSummary {
  const { runId, source, startedAt, endedAt, version, epoch, tables, rows } = run;
  const command = mayGoOn ? 'resume' : rejectedRows > 0 ? 'retry-rejects' : null;
  const count = (wanted: string) => tables.filter(({ state }) => state === wanted).length;
  return {
    runId,
    state: run.state === 'copying' && !run.isUnderWay ? 'killed' : run.state,
    source,
    startedAt,
    endedAt,
    version,
    resumed: epoch - 1,
    tables: { total: tables.length, finished: count('finished'), halfDone: count('loading') },
    rows,
    rejectedRows,
    next: command === null ? null : `ferrow ${command} TARGET ${runId.slice(0, 8)}`,
  };
}

/** Not done, and nobody is at it. */
export function mayBeResumed({ state, isUnderWay }: LedgerRun): boolean {
  return state !== 'done' && !isUnderWay;
}

/**
 * The run that a command is about: by its id or the first characters of it, else the last that is half done, else the last that
 * did not end well.
 * @throws FerrowError E_NO_SUCH_RUN
 */
export function chooseRun(all: readonly LedgerRun[], wanted: string | null, command: string): LedgerRun {
  if (wanted !== null) {
    const run = findRun(all, wanted);
    if (run.state !== 'done' || run.isUnderWay) return run;
    throw new FerrowError('E_NO_SUCH_RUN', `the run ${run.runId} is done: there is nothing to ${command}`);
  }
  const open = all.filter(({ state }) => state !== 'done');
  const run = open.find(isHalfDone) ?? open[0];
  if (run) return run;
  const why = all.length === 0 ? 'the target knows no runs' : 'all runs of the target are done';
  throw new FerrowError('E_NO_SUCH_RUN', `${why}: there is nothing to ${command}`);
}

/** @throws FerrowError E_NO_SUCH_RUN where none or several begin so */
export function findRun(all: readonly LedgerRun[], wanted: string): LedgerRun {
  const found = all.filter(({ runId }) => runId.startsWith(wanted));
  if (found.length === 1) return found[0];
  const what = found.length === 0 ? 'no run' : `${found.length} runs`;
  throw new FerrowError(
    'E_NO_SUCH_RUN',
    `the ledger of the target has ${what} whose id begins with "${wanted}"`,
    {
      hint: 'ferrow runs TARGET lists them',
    },
  );
}
