// The report of a retry: of the transfers that moved the rows, as of one, with what could not be tried.
import { SHOWN_REJECTS_MAX } from '../types/reject.ts';
import { rejectedWarning } from './reject-book.ts';
import type { RejectedRow, Report, TableResult, Warning } from './report.ts';
import { lossWarnings } from './report-builder.ts';
import type { RetriedTable, TableRetry } from './retry-plan.ts';
import { addedCounts, unmovedResult } from './table-run.ts';

/** Rows of one table that were not tried. */
interface Untried {
  /** Nothing names them exactly. */
  unnamed: number;
  /** The source no longer has them. */
  gone: number;
  /** The first few of those without a name. */
  readonly shown: RejectedRow[];
}

/** What is left when a retry is over. */
export interface RetryEnd {
  /** The file that was written. */
  readonly rejectsFile: string | null;
  /** What goes on with rows that are refused still. */
  readonly command: string;
}

/** Counts what becomes of the rejects of a run, some at a time. */
export class RetryTally {
  readonly #tables: readonly RetriedTable[];
  readonly #untried = new Map<string, Untried>();
  /** Of the transfers. */
  readonly #reports: Report[] = [];

  constructor(tables: readonly RetriedTable[]) {
    this.#tables = tables;
    for (const { name } of tables) this.#untried.set(name, { unnamed: 0, gone: 0, shown: [] });
  }

  addUntried(portion: readonly TableRetry[]): void {
    for (const { table, unnamed, gone } of portion) {
      const counts = this.#untriedOf(table);
      counts.unnamed += unnamed.length;
      counts.gone += gone.length;
      for (const { key, column, code, reason } of unnamed.slice(0, SHOWN_REJECTS_MAX - counts.shown.length))
        counts.shown.push({ key, column, code, reason });
    }
  }

  addReport(report: Report): void {
    this.#reports.push(report);
  }

  /** `base` says what was asked for. */
  report(base: Report, { rejectsFile, command }: RetryEnd): Report {
    const reports = this.#reports;
    const results = this.#tables.map((table) => this.#resultOf(table));
    const failed = results.filter((result) => !result.success);
    const error =
      reports.find((report) => report.error !== null)?.error ??
      failed.find((result) => result.error)?.error ??
      null;
    const totalMigratedRows = results.reduce((sum, result) => sum + result.migratedRows, 0);
    const { elapsedSeconds } = base;
    const losses = addedUp(reports.flatMap((report) => report.allowedLosses));
    return {
      ...base,
      success: error === null && failed.length === 0,
      error,
      totalTables: results.length,
      successfulTables: results.length - failed.length,
      failedTables: failed.length,
      totalMigratedRows,
      rowsPerSecond: elapsedSeconds > 0 ? Math.round(totalMigratedRows / elapsedSeconds) : 0,
      tableResults: results,
      ...(rejectsFile === null ? {} : { rejectsFile }),
      warnings: [
        ...saidOnce(reports),
        ...lossWarnings(losses),
        ...results.flatMap((result) => this.#rejectedOf(result, rejectsFile ?? 'the target', command)),
        ...this.#tables.flatMap(({ name }) => untriedWarnings(name, this.#untriedOf(name))),
      ],
      allowedLosses: losses,
    };
  }

  #untriedOf(table: string): Untried {
    const found = this.#untried.get(table);
    if (!found) throw new Error(`the table "${table}" is not retried`);
    return found;
  }

  #partsOf(table: string): TableResult[] {
    return this.#reports.flatMap((report) => report.tableResults.filter((each) => each.tableName === table));
  }

  /** Rows that could not be tried are rejected still. */
  #resultOf({ name, refused }: RetriedTable): TableResult {
    const parts = this.#partsOf(name);
    const { unnamed, shown } = this.#untriedOf(name);
    const failed = parts.find((part) => !part.success);
    const [first = unmovedResult(name, refused?.toWire() ?? null)] = parts;
    const sum = (of: (part: TableResult) => number) => parts.reduce((total, part) => total + of(part), 0);
    const conflicts = parts.flatMap((part) => part.conflicts ?? []);
    const elapsedSeconds = sum((part) => part.elapsedSeconds);
    const migratedRows = sum((part) => part.migratedRows);
    const rejects = [...parts.flatMap((part) => part.rejects ?? []), ...shown].slice(0, SHOWN_REJECTS_MAX);
    return {
      ...first,
      sourceRows: sum((part) => part.sourceRows) + unnamed,
      migratedRows,
      rejectedRows: sum((part) => part.rejectedRows) + unnamed,
      ...(rejects.length > 0 ? { rejects } : {}),
      ...(conflicts.length > 0 ? { conflicts: addedCounts(conflicts) } : {}),
      batchesProcessed: sum((part) => part.batchesProcessed),
      success: failed === undefined && first.success,
      error: failed?.error ?? first.error,
      elapsedSeconds,
      rowsPerSecond: elapsedSeconds > 0 ? Math.round(migratedRows / elapsedSeconds) : 0,
    };
  }

  /** Rows that were tried and refused. */
  #rejectedOf({ tableName: name }: TableResult, place: string, command: string): Warning[] {
    const parts = this.#partsOf(name).filter(({ success }) => success);
    const rows = parts.reduce((sum, part) => sum + part.rejectedRows, 0);
    if (rows === 0) return [];
    const shown = parts.flatMap((part) => part.rejects ?? []).slice(0, SHOWN_REJECTS_MAX);
    return [rejectedWarning({ name, finished: true, rejects: { rows, shown } }, place, command)];
  }
}

/** What the transfers have said, but for what is added up over all of them. */
function saidOnce(reports: readonly Report[]): Warning[] {
  const said = reports.flatMap(({ warnings, tableResults }) => {
    const arrived = new Set(tableResults.flatMap(({ success, tableName }) => (success ? [tableName] : [])));
    return warnings.filter(
      ({ code, table }) =>
        code !== 'W_ALLOWED_LOSS' && !(code === 'W_ROWS_REJECTED' && arrived.has(table ?? '')),
    );
  });
  return [...new Map(said.map((warning) => [JSON.stringify(warning), warning])).values()];
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

function untriedWarnings(table: string, { unnamed, gone }: Untried): Warning[] {
  const said: Warning[] = [];
  const rows = (count: number) => (count === 1 ? '1 row' : `${count} rows`);
  if (gone > 0)
    said.push({
      code: 'W_REJECTED_ROWS_GONE',
      table,
      column: null,
      message: `${rows(gone)} that ${gone === 1 ? 'was' : 'were'} rejected ${gone === 1 ? 'is' : 'are'} no longer in the source`,
    });
  if (unnamed > 0)
    said.push({
      code: 'W_REJECTS_WITHOUT_KEY',
      table,
      column: null,
      message: `${rows(unnamed)} can not be tried again: no key of the table names ${unnamed === 1 ? 'it' : 'them'} exactly`,
      hint: 'mend them in the source and move the table again, or enter them in the target by hand',
    });
  return said;
}
