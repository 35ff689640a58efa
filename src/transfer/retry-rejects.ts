// `ferrow retry-rejects`: rows that a run left out are read again by their keys, and appended to the tables that stand. What the
// target still can't hold is rejected anew, by this run; what arrived, or is gone from the source, is forgotten.
import type { RejectStore, TargetEngine } from '../dialect/dialect.ts';
import { openTarget } from '../threads/engine-host.ts';
import type { RejectPlace } from '../types/reject.ts';
import { existing } from './existing-target.ts';
import { requireWritable } from './output-file.ts';
import { retryCommand } from './reject-book.ts';
import { findRejectedRun, rejectedRuns } from './rejected-run.ts';
import { writeRejectsFile } from './rejects-file.ts';
import type { Report } from './report.ts';
import { ReportBuilder } from './report-builder.ts';
import type { LedgerRequest, TransferRequest } from './request.ts';
import {
  conflictOf,
  type Move,
  movesOf,
  type Portion,
  planPortion,
  planTables,
  type RetryPlace,
  retryOptions,
} from './retry-plan.ts';
import { RetryTally } from './retry-report.ts';
import { parseDocument } from './run-document.ts';
import { withSession } from './session.ts';
import { transfer } from './transfer.ts';

const REMOVED_AT_ONCE = 5000;

/**
 * Failures of the retry are in the report.
 * @throws FerrowError E_USAGE where there is no such run, or none with rejects
 */
export async function retryRejects(request: LedgerRequest): Promise<Report> {
  const { options, signal } = request;
  if (options.rejects !== undefined) requireWritable('--rejects', options.rejects);
  const { run, document } = await withTarget(request, true, async (engine) => {
    const found = findRejectedRun(await rejectedRuns(engine), request.run);
    return { run: found, document: parseDocument(await engine.readDocument(found.runId), found.runId) };
  });
  const source = request.source ?? request.target.beside(document.source);
  const retry: TransferRequest = { ...request, source, options: retryOptions(options, document, run) };
  const base = new ReportBuilder(run.runId, retry);
  await base.nameDatabases();
  const tables = await planTables(retry, run);
  const tally = new RetryTally(tables);
  const runIds = new Set<string>();
  let done: readonly RejectPlace[] = [];
  for (let place: RetryPlace | null | undefined; place !== null; ) {
    const from: RetryPlace | null = place ?? null;
    const portion: Portion = await withSession(retry, false, async (session) => {
      await forget(session.target.engine, run.runId, done);
      return planPortion(session, run.runId, tables, from);
    });
    tally.addUntried(portion.tables);
    const settled: RejectPlace[] = portion.tables.flatMap(({ gone }) => gone);
    for (const move of movesOf(portion.tables, retry.options, conflictOf(document))) {
      signal.throwIfAborted();
      const report = await transfer({ ...retry, options: move.options });
      tally.addReport(report);
      runIds.add(report.runId);
      settled.push(...settledOf(move, report));
    }
    done = settled;
    place = portion.next;
  }
  await withTarget(request, false, async (store) => {
    await forget(store, run.runId, done);
    // What is left is the run's as before, however many transfers it took.
    for (const runId of runIds) await store.handOverRejects(runId, run.runId, run.tables);
    if (options.rejects !== undefined) await writeRejectsFile(store, run.runId, options.rejects);
    if (!options.quarantine && !document.options.quarantine) await store.emptyRejects(run.runId);
  });
  const command = retryCommand(await request.target.locate(), run.runId);
  return tally.report(base.build(), { rejectsFile: options.rejects ?? null, command });
}

async function withTarget<T>(
  { target, options }: Pick<LedgerRequest, 'target' | 'options'>,
  readOnly: boolean,
  work: (engine: TargetEngine) => Promise<T>,
): Promise<T> {
  const { connections, plainIo, silence: silenceSeconds } = options;
  const engine = await openTarget(await existing(target), { connections, plainIo, silenceSeconds, readOnly });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** What of a move needs no place under its old run any more: it arrived, or is rejected by this one. */
function settledOf({ batches }: Move, report: Report): RejectPlace[] {
  return report.tableResults
    .filter(({ success }) => success)
    .flatMap(({ tableName }) => batches.get(tableName)?.rejects ?? []);
}

/** A retry that is killed before this finds the rows in the target, and skips them. */
async function forget(store: RejectStore, runId: string, rejects: readonly RejectPlace[]): Promise<void> {
  for (let at = 0; at < rejects.length; at += REMOVED_AT_ONCE) {
    const places = rejects
      .slice(at, at + REMOVED_AT_ONCE)
      .map(({ tableId, partitionId, seq, row }) => ({ tableId, partitionId, seq, row }));
    await store.removeRejects(runId, places);
  }
}
