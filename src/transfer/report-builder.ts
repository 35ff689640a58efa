// Gathers what a run leaves to say and makes the report of it.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TransferEvents } from '../metrics/events.ts';
import type { LossBook } from './loss-book.ts';
import type { Report, TableResult, Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { addedUp, round, unmovedResult } from './table-run.ts';
import { KEEPING } from './verdict.ts';

export class ReportBuilder {
  readonly startedAt = new Date().toISOString();
  #runId: string;
  readonly #request: TransferRequest;
  readonly #started = performance.now();
  /** By name: of a table that was tried again the last result counts. */
  readonly #tables = new Map<string, TableResult>();
  /** Of tables that attempts before have brought to their end. */
  readonly #before = new Map<string, TableResult>();
  readonly #warnings: Warning[] = [];
  readonly #refusals: FerrowError[] = [];
  readonly #losses: Report['allowedLosses'][number][] = [];
  #source: string;
  #target: string;
  readonly #views: string[] = [];
  #expected: ReadonlySet<string> = new Set();
  #error: FerrowError | null = null;
  readonly #retries = new Map<string, Report['retries'][number]>();
  readonly #onRetry = ({ table, error: { code } }: TransferEvents['retry']): void => {
    const key = JSON.stringify([table, code]);
    this.#retries.set(key, { table, code, count: (this.#retries.get(key)?.count ?? 0) + 1 });
  };
  #rejectsFile: string | null = null;

  constructor(runId: string, request: TransferRequest) {
    this.#runId = runId;
    this.#request = request;
    request.events.on('retry', this.#onRetry);
    this.#source = request.source.engine;
    this.#target = request.target.engine;
  }

  /** Of the last attempt. */
  get runId(): string {
    return this.#runId;
  }

  get hasRejects(): boolean {
    return [...this.#tables.values()].some(({ rejectedRows }) => rejectedRows > 0);
  }

  /** All is looked at once more, as a run of its own; what stands counts. @returns the run before */
  beginAnew(runId: string): string {
    const before = this.#runId;
    this.#runId = runId;
    for (const [name, result] of this.#tables) if (result.success) this.#before.set(name, result);
    return before;
  }

  /** Takes the display forms, which parsing the URLs may refuse. */
  async nameDatabases(): Promise<void> {
    this.#source = (await this.#request.source.locate()).display;
    this.#target = (await this.#request.target.locate()).display;
  }

  /** Display names of all tables that the run is about. */
  expectTables(names: readonly string[]): void {
    this.#expected = new Set(names);
  }

  /** Views that are made, or would be. */
  addViews(names: readonly string[]): void {
    this.#views.push(...names);
  }

  nameRejectsFile(file: string | null): void {
    this.#rejectsFile ??= file;
  }

  fail(error: FerrowError): void {
    this.#error ??= error;
  }

  /** Tables that the plan refuses are results too, each once, with what a dry run has `found` of it. */
  addRefusals(
    refusals: readonly FerrowError[],
    found: ReadonlyMap<string, Partial<TableResult>> = new Map(),
  ): void {
    // Those of the last attempt, if there were several.
    this.#refusals.splice(0, Number.POSITIVE_INFINITY, ...refusals);
    const byTable = new Map<string, FerrowError>();
    for (const refusal of refusals) {
      const table = refusal.place.table ?? '';
      if (!byTable.has(table)) byTable.set(table, refusal);
    }
    for (const [tableName, refusal] of byTable) {
      if (!this.#expected.has(tableName)) continue;
      this.addTables([{ ...unmovedResult(tableName, refusal.toWire()), ...found.get(tableName) }]);
    }
  }

  addTables(results: readonly TableResult[]): void {
    for (const result of results)
      this.#tables.set(result.tableName, addedUp(this.#before.get(result.tableName), result));
  }

  /** Adds what isn't there yet, and says it to whoever listens. */
  addWarnings(warnings: readonly Warning[]): void {
    for (const warning of warnings) {
      const { code, table, column, message } = warning;
      if (this.#warnings.some((each) => each.message === message && each.table === table)) continue;
      this.#warnings.push(warning);
      this.#request.events.emit('warning', { code, table, column, message });
    }
  }

  /** Of the last attempt, which knows those of the ones before. */
  addLosses(losses: LossBook): void {
    this.#losses.length = 0;
    for (const loss of losses.entries) this.#losses.push({ ...loss });
    this.addWarnings(lossWarnings(this.#losses));
  }

  build(): Report {
    this.#request.events.off('retry', this.#onRetry);
    const error = this.#error ?? this.#refusals[0] ?? null;
    const tableResults = [...this.#tables.values()];
    const failed = tableResults.filter((table) => !table.success);
    const elapsedSeconds = (performance.now() - this.#started) / 1000;
    const totalMigratedRows = tableResults.reduce((sum, table) => sum + table.migratedRows, 0);
    const wire = error?.toWire() ?? failed.find((table) => table.error)?.error ?? null;
    return {
      runId: this.#runId,
      command: this.#request.command,
      source: this.#source,
      target: this.#target,
      startedAt: this.startedAt,
      elapsedSeconds: round(elapsedSeconds),
      success: wire === null && failed.length === 0,
      error: wire,
      totalTables: Math.max(this.#expected.size, tableResults.length),
      successfulTables: tableResults.length - failed.length,
      failedTables: failed.length,
      totalMigratedRows,
      rowsPerSecond: elapsedSeconds > 0 ? Math.round(totalMigratedRows / elapsedSeconds) : 0,
      tableResults,
      ...(this.#rejectsFile === null ? {} : { rejectsFile: this.#rejectsFile }),
      warnings: [...this.#warnings],
      carriedViews: [...this.#views],
      allowedLosses: [...this.#losses],
      retries: [...this.#retries.values()],
      refusals: this.#refusals.map((refusal) => refusal.toWire()),
    };
  }
}

/** Of policies that change values. */
export function lossWarnings(losses: Report['allowedLosses']): Warning[] {
  return losses
    .filter(({ policy }) => !KEEPING.has(policy))
    .map(({ table, column, policy, count }) => {
      const values = count === 1 ? '1 value' : `${count} values`;
      const message =
        policy === 'negative_zero'
          ? `${values} -0.0 became 0.0`
          : `${values} carried as --allow ${policy} permits`;
      return { code: 'W_ALLOWED_LOSS', table, column, message };
    });
}

/**
 * Does the work of a run and makes the report of it, which always comes back: what the work throws is in it.
 */
export async function reported(
  runId: string,
  request: TransferRequest,
  work: (report: ReportBuilder) => Promise<void>,
): Promise<Report> {
  const report = new ReportBuilder(runId, request);
  try {
    await work(report);
  } catch (error) {
    report.fail(
      request.signal.aborted ? new FerrowError('E_CANCELLED', 'interrupted') : FerrowError.from(error),
    );
  }
  const finished = report.build();
  const { success, totalMigratedRows: rows, elapsedSeconds } = finished;
  request.events.emit('end', { runId: finished.runId, success, rows, elapsedSeconds });
  return finished;
}
