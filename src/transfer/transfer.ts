// One transfer from open to report: the only file that tells the whole story.
import { randomUUID } from 'node:crypto';
import type { TableLoad } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { displayName } from '../types/schema.ts';
import { type Analysis, analyse } from './analyse.ts';
import { analyseSync, type SyncAnalysis } from './analyse-sync.ts';
import { estimateSeconds } from './batch-size.ts';
import { moveWork } from './move.ts';
import type { TablePlan } from './plan-table.ts';
import { requireRejectsFile } from './reject-book.ts';
import type { Report, TablePlanReport, TableResult } from './report.ts';
import { type ReportBuilder, reported } from './report-builder.ts';
import { beginsAnew, type TransferRequest } from './request.ts';
import { carryOnWhileLost, giveUp, passes } from './resume.ts';
import { withRetries } from './retry.ts';
import { type Session, withSession } from './session.ts';
import { unmovedResult } from './table-run.ts';
import { leftOutWarnings, refuseUnfinished } from './unfinished.ts';
import { notComparedWarnings } from './verify-columns.ts';
import { newWork } from './work.ts';

/**
 * Plans and runs one transfer. Failures of the run are in the report, which always comes back; `error` is what
 * ended it, `tableResults[].error` what ended a table.
 */
export async function transfer(request: TransferRequest): Promise<Report> {
  const syncing = request.options.strategy === 'incremental';
  const anew = beginsAnew(request);
  return reported(randomUUID(), request, async (report) => {
    await report.nameDatabases();
    if (!request.options.dryRun) requireRejectsFile(request.options, report.runId);
    // What only reads is begun again; what moves rows is carried on, or begun anew as a run of its own: so where the ledger may
    // not have it.
    let moves = false;
    let before: string | null = null;
    const isTransient = (error: unknown) =>
      moves ? before !== null && passes(error) : isConnectionLost(error);
    const inSession = async (session: Session) => {
      const { runId } = report;
      if (before !== null) await giveUp(session.target.engine, before, request.signal);
      const analysis = withDeletes(await (syncing ? analyseSync : analyse)(session, request, runId), request);
      report.addWarnings(analysis.warnings);
      if (syncing) report.addWarnings(await leftOutWarnings(session, analysis.selected));
      const { verify } = request.options;
      report.addWarnings(analysis.plan.tables.flatMap((table) => notComparedWarnings(table, verify)));
      report.expectTables(analysis.selected.map((entry) => entry.displayName));
      report.addRefusals(
        analysis.plan.refusals,
        request.options.dryRun ? refusedPlans(session, analysis) : new Map(),
      );
      announce(session, request, analysis);
      if (!request.options.dryRun) await refuseUnfinished(session.target.engine, analysis.plan, runId);
      if ('unchanged' in analysis) report.addTables((analysis as SyncAnalysis).unchanged);
      if (request.options.dryRun) await describe(session, analysis, report);
      else if (analysis.plan.refusals.length === 0 || request.options.keepGoing) {
        const work = await newWork(session, request, analysis, report.startedAt);
        moves = true;
        before = null;
        const left = await moveWork(session, request, work, report);
        if (left.lost === null || (!anew && left.begun)) return left;
        // Those that were left out are named by this run alone.
        if (!report.hasRejects) before = report.beginAnew(randomUUID());
        throw left.lost;
      }
      return null;
    };
    const left = await withRetries(request, { table: null, isTransient }, () =>
      withSession(request, request.options.dryRun, inSession),
    );
    if (left && !anew) await carryOnWhileLost(request, report.runId, report, left);
  });
}

/** Of a repair: rows go as others come. */
function withDeletes<A extends Analysis>(analysis: A, { deletes }: TransferRequest): A {
  if (!deletes) return analysis;
  const tables = analysis.plan.tables.map((table) => {
    const condition = deletes.get(table.displayName);
    return condition === undefined ? table : { ...table, load: { ...table.load, deletes: condition } };
  });
  return { ...analysis, plan: { ...analysis.plan, tables } };
}

function isConnectionLost(error: unknown): boolean {
  return error instanceof FerrowError && error.code === 'E_CONNECTION_LOST';
}

function announce({ source, target }: Session, request: TransferRequest, analysis: Analysis): void {
  request.events.emit('start', {
    runId: analysis.runId,
    source: source.location.display,
    target: target.location.display,
    sourceEngine: source.dialect.name,
    targetEngine: target.dialect.name,
    tables: analysis.plan.tables.map(({ displayName }) => ({
      table: displayName,
      sourceRows: analysis.sourceRows.get(displayName) ?? null,
    })),
  });
}

/** A dry run: the same document with a plan for each table, and nothing moved. */
async function describe(session: Session, analysis: Analysis, report: ReportBuilder): Promise<void> {
  for (const table of analysis.plan.tables.filter(({ load }) => load.keysOf === undefined)) {
    const watermark = table.load.sync?.progress;
    const sourceRows = analysis.sourceRows.get(table.displayName) ?? 0;
    report.addTables([
      {
        ...unmovedResult(table.displayName, null),
        sourceRows,
        ...(watermark && { watermark }),
        plan: await describeTable(session, table, sourceRows),
      },
    ]);
  }
  report.addViews(analysis.plan.views.map((view) => view.displayName));
}

/** What a dry run shows of tables that are refused. */
function refusedPlans(
  { target }: Session,
  { plan, sourceRows }: Analysis,
): Map<string, Partial<TableResult>> {
  return new Map(
    plan.refusedTables.map((table) => [
      table.displayName,
      {
        sourceRows: sourceRows.get(table.displayName) ?? 0,
        plan: {
          targetTable: displayName(table.name, target.dialect.quirks.defaultSchema),
          ddl: [],
          columns: table.mappings,
          mode: null,
          batchSize: 0,
          partitions: 0,
          estimatedSeconds: 0,
        },
      },
    ]),
  );
}

async function describeTable(session: Session, table: TablePlan, rows: number): Promise<TablePlanReport> {
  const { load, columns, batchRows, batchBytes, where } = table;
  const read = columns.map((column) => column.read);
  const request = { table: table.source, columns: read, where, batchRows, batchBytes };
  const partitions = await session.source.engine.partitions(request, 8);
  return {
    targetTable: displayName(load.table, session.target.dialect.quirks.defaultSchema),
    ddl: ddlOf(session, load),
    columns: table.mappings,
    mode: load.mode,
    ...(load.sync && { sync: { rows: rowsOfSync(load), deletes: load.sync.keys !== undefined } }),
    batchSize: batchRows,
    partitions: partitions.length,
    estimatedSeconds: estimateSeconds(rows, table.source.sizeBytes),
  };
}

function rowsOfSync({ mode, onConflict }: TableLoad): 'all' | 'upserted' | 'added' {
  if (mode !== 'append') return 'all';
  return onConflict ? 'upserted' : 'added';
}

function ddlOf(session: Session, load: TableLoad): string[] {
  return load.mode === 'append' ? [] : session.target.dialect.ddl.script([load.table], load.parts);
}
