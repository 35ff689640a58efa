// The report of a retry: of the transfers that moved the rows, as of one, with what could not be tried. Pure.
import type { Report, TableResult, Warning } from './report.ts';
import { lossWarnings } from './report-builder.ts';
import type { TableRetry } from './retry-plan.ts';
import { unmovedResult } from './table-run.ts';

/** `base` says what was asked for; `reports` are those of the transfers, [] if there was nothing to move. */
export function retryReport(
  base: Report,
  reports: readonly Report[],
  tables: readonly TableRetry[],
  rejectsFile: string | null,
): Report {
  const results = tables.map((table) => resultOf(table, reports));
  const failed = results.filter((result) => !result.success);
  const error =
    reports.find((report) => report.error !== null)?.error ??
    failed.find((result) => result.error)?.error ??
    null;
  const totalMigratedRows = results.reduce((sum, result) => sum + result.migratedRows, 0);
  const { elapsedSeconds } = base;
  const losses = addedUp(reports.flatMap((report) => report.allowedLosses));
  const said = reports.flatMap((report) => report.warnings.filter(({ code }) => code !== 'W_ALLOWED_LOSS'));
  return {
    ...base,
    runId: reports[0]?.runId ?? base.runId,
    success: error === null && failed.length === 0,
    error,
    totalTables: results.length,
    successfulTables: results.length - failed.length,
    failedTables: failed.length,
    totalMigratedRows,
    rowsPerSecond: elapsedSeconds > 0 ? Math.round(totalMigratedRows / elapsedSeconds) : 0,
    tableResults: results,
    ...(rejectsFile === null ? {} : { rejectsFile }),
    warnings: [...said, ...lossWarnings(losses), ...tables.flatMap(warningsOf)],
    allowedLosses: losses,
  };
}

/** What the transfers have used of one policy in one column. */
function addedUp(losses: Report['allowedLosses']): Report['allowedLosses'] {
  const sums = new Map<string, Report['allowedLosses'][number]>();
  for (const loss of losses) {
    const key = JSON.stringify([loss.table, loss.column, loss.policy]);
    sums.set(key, { ...loss, count: loss.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}

/** Rows that could not be tried are rejected still. */
function resultOf({ table, unnamed, refused }: TableRetry, reports: readonly Report[]): TableResult {
  const parts = reports.flatMap((report) => report.tableResults.filter((each) => each.tableName === table));
  const failed = parts.find((part) => !part.success);
  const [first = unmovedResult(table, refused?.toWire() ?? null)] = parts;
  const sum = (of: (part: TableResult) => number) => parts.reduce((total, part) => total + of(part), 0);
  const elapsedSeconds = sum((part) => part.elapsedSeconds);
  const migratedRows = sum((part) => part.migratedRows);
  const left = unnamed.map(({ key, column, code, reason }) => ({ key, column, code, reason }));
  const rejects = [...parts.flatMap((part) => part.rejects ?? []), ...left].slice(0, 5);
  return {
    ...first,
    sourceRows: sum((part) => part.sourceRows) + unnamed.length,
    migratedRows,
    rejectedRows: sum((part) => part.rejectedRows) + unnamed.length,
    ...(rejects.length > 0 ? { rejects } : {}),
    batchesProcessed: sum((part) => part.batchesProcessed),
    success: failed === undefined && first.success,
    error: failed?.error ?? first.error,
    elapsedSeconds,
    rowsPerSecond: elapsedSeconds > 0 ? Math.round(migratedRows / elapsedSeconds) : 0,
  };
}

function warningsOf({ table, unnamed, gone }: TableRetry): Warning[] {
  const said: Warning[] = [];
  const rows = (count: number) => (count === 1 ? '1 row' : `${count} rows`);
  if (gone.length > 0)
    said.push({
      code: 'W_REJECTED_ROWS_GONE',
      table,
      column: null,
      message: `${rows(gone.length)} that ${gone.length === 1 ? 'was' : 'were'} rejected ${gone.length === 1 ? 'is' : 'are'} no longer in the source`,
    });
  if (unnamed.length > 0)
    said.push({
      code: 'W_REJECTS_WITHOUT_KEY',
      table,
      column: null,
      message: `${rows(unnamed.length)} can not be tried again: no key of the table names ${unnamed.length === 1 ? 'it' : 'them'} exactly`,
      hint: 'mend them in the source and move the table again, or enter them in the target by hand',
    });
  return said;
}
