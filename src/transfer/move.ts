// The part of a run that writes: from the ledger's entry to the last view, with what there is to say of it. A run that
// begins and one that is carried on go the same way.
import { VERSION } from '../version.ts';
import { Load } from './load.ts';
import type { Warning } from './report.ts';
import type { ReportBuilder } from './report-builder.ts';
import type { TransferRequest } from './request.ts';
import type { Session } from './session.ts';
import { notCarriedWarnings, plainWayWarnings } from './warnings.ts';
import type { Work } from './work.ts';

/** How a run was left. */
export interface Left {
  /** There is something in the target to carry on with. */
  readonly resumable: boolean;
  /** The ledger has the run for certain. */
  readonly begun: boolean;
  /** The fault that a new session may get over, if that is what ended it. */
  readonly lost: unknown;
  /** The attempt that left it so. */
  readonly epoch: number;
}

/** Codes of faults behind which the run may be carried on at once, over new connections. */
export const LOST = new Set(['E_SNAPSHOT_LOST', 'E_CONNECTION_LOST', 'E_UNREACHABLE', 'E_TIMEOUT']);

export async function moveWork(
  session: Session,
  request: TransferRequest,
  work: Work,
  report: ReportBuilder,
): Promise<Left> {
  const { source, target } = session;
  const load = new Load(session, request, work);
  let thrown: unknown = null;
  try {
    const loaded = await load.run({
      runId: work.runId,
      epoch: work.epoch,
      state: 'copying',
      planHash: work.planHash,
      source: source.location.display,
      target: target.location.display,
      snapshotId: null,
      startedAt: work.startedAt,
      version: VERSION,
      document: work.document,
    });
    report.addWarnings(notCarriedWarnings(loaded));
    report.addWarnings(plainWayWarnings(await source.engine.disagreements()));
    report.addLosses(loaded.losses);
    report.addViews(loaded.views);
  } catch (error) {
    thrown = error;
  }
  report.addWarnings(load.warnings);
  report.nameRejectsFile(load.rejectsFile);
  report.addTables(load.tables.map((table) => table.result()));
  const errors = [thrown, ...load.tables.map((table) => table.error)];
  const lost = errors.find((error) => LOST.has((error as { code?: string } | null)?.code ?? '')) ?? null;
  if (thrown !== null && lost === null) {
    if (load.resumable) report.addWarnings([resumableWarning(work.runId)]);
    throw thrown;
  }
  return { resumable: load.resumable, begun: load.begun, lost, epoch: work.epoch };
}

/** There is something to go on with, and this is how. */
export function resumableWarning(runId: string): Warning {
  const hint = `ferrow resume TARGET ${runId.slice(0, 8)}`;
  const message = `what is committed stays in staging tables; ${hint} carries the run on`;
  return { code: 'W_RESUMABLE', table: null, column: null, message, hint };
}
