// Carries a run on from what the ledger has of it: `ferrow resume`, and a run that has lost its connections.
//
// A table is never put together from two snapshots. Where the source can show that a table's rows are still those of the run's
// snapshot, it goes on behind the last committed chunk; else the table is begun anew. Tables that stand are not
// touched. If the source has changed, the tables of such a run are of different moments, and its report says so.
import { setTimeout } from 'node:timers/promises';
import type { LedgerRun, TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { openTarget } from '../threads/engine-host.ts';
import type { Location } from '../types/location.ts';
import type { DatabaseSchema } from '../types/schema.ts';
import { existing } from './existing-target.ts';
import { type Left, LOST, moveWork, resumableWarning } from './move.ts';
import { parseOptions, type TransferOptions } from './options.ts';
import { requireRejectsFile } from './reject-book.ts';
import type { Report } from './report.ts';
import { type ReportBuilder, reported } from './report-builder.ts';
import { beginsAnew, type LedgerRequest, type TransferRequest } from './request.ts';
import { withRetries } from './retry.ts';
import { notResumable, parseDocument, type RunDocument, type StoredTable, shapeOf } from './run-document.ts';
import { chooseRun } from './runs.ts';
import { type Session, withSession } from './session.ts';
import { isHalfDone } from './unfinished.ts';
import { begunTable, makeWork, storeTables, untouchedTable, type Work, type WorkTable } from './work.ts';

/** `ferrow resume`. @throws FerrowError E_NO_SUCH_RUN, E_RUN_UNDER_WAY, E_NOT_RESUMABLE before anything is begun */
export async function resume(request: LedgerRequest): Promise<Report> {
  const { run, document } = await readRun(request);
  const transferRequest: TransferRequest = {
    ...request,
    source: request.source ?? request.target.beside(document.source),
    options: laidOver(document.options, request.options),
  };
  return reported(run.runId, transferRequest, async (report) => {
    await report.nameDatabases();
    requireRejectsFile(transferRequest.options, run.runId);
    const left = await carryOn(transferRequest, run.runId, report);
    await carryOnWhileLost(transferRequest, run.runId, report, left);
  });
}

/** After faults that new connections may get over, as often as the options allow. @throws FerrowError the last of them */
export async function carryOnWhileLost(
  request: TransferRequest,
  runId: string,
  report: ReportBuilder,
  first: Left,
): Promise<void> {
  let left = first;
  try {
    if (left.lost === null) return;
    const tried = { table: null, isTransient: (error: unknown) => error === left.lost };
    await withRetries(request, tried, async (attempt) => {
      const { epoch } = left;
      if (attempt > 1)
        left = await carryOn(request, runId, report, epoch).catch((error) => asLost(error, epoch));
      if (left.lost !== null) throw left.lost;
    });
  } finally {
    if (left.resumable) report.addWarnings([resumableWarning(runId)]);
  }
}

/** The server may still be starting, or not have noticed that the connections of the attempt before are gone. */
function asLost(error: unknown, epoch: number): Left {
  if (passes(error)) return { resumable: true, begun: true, lost: error, epoch };
  throw error;
}

/** Of an attempt that comes after a lost connection. */
export function passes(error: unknown): boolean {
  const isLost = (code: string) => LOST.has(code) || code === 'E_RUN_UNDER_WAY';
  return error instanceof FerrowError && (error.retryable || isLost(error.code));
}

/** Options that are given now count; the others are the run's own. */
function laidOver(own: TransferOptions, given: TransferOptions): TransferOptions {
  const defaults = parseOptions({});
  const changed = (['workers', 'connections', 'retries', 'silence', 'rejects'] as const).filter(
    (key) => given[key] !== defaults[key],
  );
  return { ...own, ...Object.fromEntries(changed.map((key) => [key, given[key]])) };
}

async function readRun(request: LedgerRequest): Promise<{ run: LedgerRun; document: RunDocument }> {
  const location = await existing(request.target);
  const engine = await openTarget(location, { connections: 1, readOnly: false });
  try {
    const chosen = chooseRun(await engine.readRuns(), request.run, 'resume');
    const run = await leftAlone(engine, chosen, request.signal);
    const document = await readDocument(engine, run);
    if (beginsAnew(document)) throw notCarriedOn(run, document);
    return { run, document };
  } finally {
    await engine.close();
  }
}

function notCarriedOn({ runId }: LedgerRun, { command }: RunDocument): FerrowError {
  const [what, hint] =
    command === 'repair'
      ? [
          'repair, of which each range is whole or not there',
          'ferrow repair again: it finds what still differs',
        ]
      : [
          'sync, which left the tables as they were',
          'ferrow sync again: it goes on from the watermarks in the target',
        ];
  return new FerrowError('E_NOT_RESUMABLE', `the run ${runId} is a ${what}`, { hint: `run ${hint}` });
}

/** A server may take a moment to notice that a process is gone, and end what it was doing for it. */
const GONE_MILLIS = 10_000;

/** The run when nobody is at it any more. @throws FerrowError E_RUN_UNDER_WAY where another process stays at it */
async function leftAlone(engine: TargetEngine, run: LedgerRun, signal: AbortSignal): Promise<LedgerRun> {
  const { runId } = run;
  const until = performance.now() + GONE_MILLIS;
  let now: LedgerRun | undefined = run;
  while (now?.isUnderWay) {
    if (performance.now() > until)
      throw new FerrowError('E_RUN_UNDER_WAY', `another process is at the run ${runId}`);
    await setTimeout(200, undefined, { signal });
    now = (await engine.readRuns()).find((each) => each.runId === runId);
  }
  if (!now) throw new FerrowError('E_NO_SUCH_RUN', `the ledger of the target has no run ${runId}`);
  return now;
}

/**
 * Drops what an attempt of this process has left whose connections were lost: from then on nothing of it can be committed
 * any more, late as it may be. @throws FerrowError E_RUN_UNDER_WAY
 */
export async function giveUp(engine: TargetEngine, runId: string, signal: AbortSignal): Promise<void> {
  const run = (await engine.readRuns()).find((each) => each.runId === runId);
  if (run && isHalfDone(await leftAlone(engine, run, signal))) await engine.forgetRun(run);
}

async function readDocument(engine: TargetEngine, { runId }: LedgerRun): Promise<RunDocument> {
  return parseDocument(await engine.readDocument(runId), runId);
}

/** One attempt, in a new snapshot of the source. `own` is the epoch of this process's attempt before, if there was one. */
async function carryOn(
  request: TransferRequest,
  runId: string,
  report: ReportBuilder,
  own = Number.POSITIVE_INFINITY,
): Promise<Left> {
  return withSession(request, false, async (session) => {
    const { engine } = session.target;
    const found = (await engine.readRuns()).find((each) => each.runId === runId);
    if (!found) throw new FerrowError('E_NO_SUCH_RUN', `the ledger of the target has no run ${runId}`);
    const run = await leftAlone(engine, found, request.signal);
    if (run.epoch > own)
      throw new FerrowError('E_RUN_UNDER_WAY', `another process has taken over the run ${runId}`);
    const document = await readDocument(engine, run);
    const work = await workLeft(session, request, run, document, report);
    report.expectTables(work.tables.map(({ stored }) => stored.plan.displayName));
    announce(session, request, work);
    return moveWork(session, request, work, report);
  });
}

async function workLeft(
  session: Session,
  request: TransferRequest,
  run: LedgerRun,
  document: RunDocument,
  report: ReportBuilder,
): Promise<Work> {
  const { source, target } = session;
  request.events.emit('phase', { what: 'reading the ledger', table: null });
  const chunks = Map.groupBy(await target.engine.readChunks(run.runId), ({ tableId }) => tableId);
  const begun = document.tables.map((stored) =>
    begunTable(stored, run, chunks.get(stored.plan.load.id) ?? []),
  );
  const unfinished = begun.filter(({ state }) => state !== 'finished');
  refuseChanged(unfinished, await source.engine.catalog(document.options.schema), run.runId);
  const isSamePlace = samePlace(document.source, source.location, request);
  const tables: WorkTable[] = [];
  const old: string[] = [];
  for (const table of begun) {
    const { plan } = table.stored;
    request.signal.throwIfAborted();
    request.events.emit('phase', { what: `looking at ${plan.displayName}`, table: plan.displayName });
    const isSame = (await isSamePlace) && (await isUnchanged(session, table.stored));
    if (table.state !== 'new' && !isSame) old.push(plan.displayName);
    if (table.state === 'finished') tables.push(table);
    else if (table.state === 'loading' && isSame && (await isWhole(target.engine, table))) tables.push(table);
    else tables.push(await begunAnew(session, request, table.stored));
  }
  const finished = begun
    .filter(({ state }) => state === 'finished')
    .map(({ stored }) => stored.plan.displayName);
  warnOfMoments(
    report,
    document,
    old.filter((name) => finished.includes(name)),
    unfinished.length > 0,
  );
  const { runId, startedAt } = run;
  const { planHash, views, command } = document;
  const epoch = run.epoch + 1;
  const rest = {
    runId,
    epoch,
    startedAt,
    planHash,
    tables: tables.map((table) => inEpoch(table, epoch)),
    views,
  };
  return makeWork(session, { command, options: document.options }, rest);
}

function inEpoch(table: WorkTable, epoch: number): WorkTable {
  const { plan } = table.stored;
  return { ...table, stored: { ...table.stored, plan: { ...plan, load: { ...plan.load, epoch } } } };
}

/** @throws FerrowError E_NOT_RESUMABLE */
function refuseChanged(tables: readonly WorkTable[], catalog: DatabaseSchema, runId: string): void {
  for (const { stored } of tables) {
    const { source: then, displayName: name } = stored.plan;
    const now = catalog.tables.find((each) => each.schema === then.schema && each.name === then.name);
    // A view whose rows are moved as a table's has no definition to compare here: its columns are checked as they come.
    const isView = catalog.views.some((each) => each.schema === then.schema && each.name === then.name);
    if (!now && !isView) throw notResumable(runId, `the source has no table "${name}" any more`);
    if (now && shapeOf(now) !== shapeOf(then))
      throw notResumable(runId, `the definition of the source's table "${name}" has changed`);
  }
}

/** A source that is named again counts as the same only where it is the very same. */
async function samePlace(stored: string, location: Location, { source }: TransferRequest): Promise<boolean> {
  const then = await source.beside(stored).locate();
  if (then.engine === 'postgres')
    return (
      location.engine === 'postgres' &&
      then.host === location.host &&
      then.port === location.port &&
      then.database === location.database
    );
  return location.engine === then.engine && location.path === then.path;
}

async function isUnchanged({ source }: Session, { plan, mark, sourceRows }: StoredTable): Promise<boolean> {
  return mark !== null && source.engine.isUnchanged(plan.source, plan.where, mark, sourceRows);
}

/** Tables without a log are empty after a crash of the server, while the ledger has its entries. */
async function isWhole(engine: TargetEngine, { stored, done }: WorkTable): Promise<boolean> {
  return (await engine.countStaged(stored.plan.load)) === done.rows;
}

async function begunAnew(
  session: Session,
  { options }: TransferRequest,
  { plan, sourceRows }: StoredTable,
): Promise<WorkTable> {
  const rows = new Map<string, number>();
  if (sourceRows !== null)
    rows.set(plan.displayName, await session.source.engine.countRows(plan.source, plan.where));
  const [stored] = await storeTables(session, options, [plan], rows);
  return untouchedTable(stored);
}

function warnOfMoments(
  report: ReportBuilder,
  { tables }: RunDocument,
  old: readonly string[],
  othersFollow: boolean,
): void {
  if (old.length === 0 || !othersFollow) return;
  const [first] = tables
    .filter(({ plan }) => old.includes(plan.displayName))
    .map(({ readAt }) => readAt)
    .sort();
  const message = `THE RUN IS NOT OF ONE MOMENT: the source has changed since ${old.join(', ')} were read (${first}); all other tables are as of now`;
  report.addWarnings([{ code: 'W_TWO_SNAPSHOTS', table: null, column: null, message }]);
}

function announce({ source, target }: Session, { events }: TransferRequest, work: Work): void {
  events.emit('start', {
    runId: work.runId,
    source: source.location.display,
    target: target.location.display,
    sourceEngine: source.dialect.name,
    targetEngine: target.dialect.name,
    tables: work.tables.map(({ stored }) => ({
      table: stored.plan.displayName,
      sourceRows: stored.sourceRows,
    })),
  });
}
