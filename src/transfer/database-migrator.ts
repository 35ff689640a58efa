// The library's front door: one source, one target, and everything that can be done between them. Emits
// TransferEvents. The CLI goes through the same functions. Here are the calls that move rows.
import { type CallOptions, definedOnly } from './migrator-calls.ts';
import { MigratorLooks } from './migrator-looks.ts';
import type { TableOptions, TransferOptions, TransferOptionsInput } from './options.ts';
import { type RepairReport, repair } from './repair.ts';
import type { Report, TableResult } from './report.ts';
import { resume } from './resume.ts';
import { retryRejects } from './retry-rejects.ts';
import { type RollbackReport, rollback } from './rollback.ts';
import {
  type IncrementalOptions,
  incrementalOptions,
  type RetryOptions,
  type StreamingOptions,
  withProgress,
} from './strategies.ts';
import { unmovedResult } from './table-run.ts';
import { transfer } from './transfer.ts';

export interface MigrateTableOptions
  extends CallOptions,
    Pick<TableOptions, 'batchSize' | 'ifExists' | 'where' | 'columns'> {
  readonly dryRun?: boolean;
  readonly onConflict?: TransferOptions['onConflict'];
}

export interface RepairCallOptions
  extends CallOptions,
    Pick<TransferOptionsInput, 'tables' | 'exclude' | 'dryRun'> {}

export interface MigrateAllOptions extends CallOptions, TransferOptionsInput {
  /** Globs; the same as `tables` and `exclude`. */
  readonly includeTables?: string[];
  readonly excludeTables?: string[];
}

/**
 * Moves tables between two databases.
 *
 * ```ts
 * await using migrator = new DatabaseMigrator(
 *   DatabaseFactory.create('app.db'),
 *   DatabaseFactory.create('postgres://me@localhost/app'),
 * );
 * const report = await migrator.migrateAllTables({ ifExists: 'replace' });
 * ```
 * Each call opens what it needs and closes it again; one call is one snapshot of the source. Calls on one migrator
 * may overlap, but two that need the same SQLite or DuckDB file take turns.
 */
export class DatabaseMigrator extends MigratorLooks {
  /** Moves one table. Failures are in the result's `error`. @throws FerrowError only for wrong options */
  async migrateTable(name: string, options: MigrateTableOptions = {}): Promise<TableResult> {
    return this.#migrateBy(this.options.strategy, name, options);
  }

  /** Moves all tables, or those that `includeTables` names. */
  async migrateAllTables(options: MigrateAllOptions = {}): Promise<Report> {
    const { signal, includeTables, excludeTables, ...own } = options;
    const chosen = definedOnly({ tables: includeTables, exclude: excludeTables });
    return this.call(
      transfer(this.request('migrate', { ...this.options, ...chosen, ...definedOnly(own) }, signal)),
    );
  }

  /** Moves what is new or changed since the last call, as `ferrow sync` does; the first call moves all. */
  async migrateIncremental(name: string, options: IncrementalOptions): Promise<TableResult> {
    return this.#migrateOne(name, incrementalOptions(name, this.options, options), options.signal);
  }

  /** Moves one table in batches of `streamSize` rows, and tells `onProgress` after each. */
  async migrateStreaming(name: string, options: StreamingOptions = {}): Promise<TableResult> {
    const { streamSize: batchSize, onProgress, signal, ...own } = options;
    return withProgress(this, name, onProgress, () =>
      this.migrateTable(name, { ...own, ...definedOnly({ batchSize, signal }) }),
    );
  }

  /** Moves one table, and tries again what failed by a fault that may pass. */
  async migrateWithRetry(name: string, options: RetryOptions = {}): Promise<TableResult> {
    const { maxRetries: retries, signal, ...own } = options;
    const given = { ...this.options, ...definedOnly({ ...own, retries }), tables: [name] };
    return this.#migrateOne(name, given, signal);
  }

  /** Loads a table beside the live one, which it replaces in one moment. As `migrateTable` with strategy blue-green. */
  async migrateBlueGreen(name: string, options: MigrateTableOptions = {}): Promise<TableResult> {
    return this.#migrateBy('blue-green', name, options);
  }

  /** Moves a table in one transaction, from its first row to its name. */
  async migrateTransactional(name: string, options: MigrateTableOptions = {}): Promise<TableResult> {
    return this.#migrateBy('transactional', name, options);
  }

  /**
   * Puts back the tables that a blue-green run replaced; without `run`, those of the last one. What is put away is kept, and
   * comes back with the rollback's own `runId`. @throws FerrowError E_NOTHING_TO_ROLL_BACK
   */
  async rollback(run: string | null = null, options: CallOptions = {}): Promise<RollbackReport> {
    const { signal, ...request } = this.request('rollback', this.options, options.signal);
    return this.call(rollback({ ...request, signal, source: null, run }));
  }

  /**
   * Tries rows again that a run with `onError: 'skip'` left out: the run whose id begins so, or the last that has any.
   * @throws FerrowError where there is none
   */
  async retryRejects(run: string | null = null, options: MigrateAllOptions = {}): Promise<Report> {
    const { signal, ...own } = options;
    const request = this.request('retry-rejects', { ...this.options, ...definedOnly(own) }, signal);
    return this.call(retryRejects({ ...request, run }));
  }

  /** Makes the target's tables equal by moving only the rows that differ; with `dryRun` says only which. */
  async repair(options: RepairCallOptions = {}): Promise<RepairReport> {
    const { signal, ...own } = options;
    return this.call(repair(this.request('repair', { ...this.options, ...own, verify: 'full' }, signal)));
  }

  /**
   * Carries a run on that was killed, interrupted or cut off: the one whose id begins so, or the last that is half done. The
   * source is this migrator's. Failures are in the report. @throws FerrowError E_NO_SUCH_RUN, E_NOT_RESUMABLE
   */
  async resumeRun(run: string | null = null, options: CallOptions = {}): Promise<Report> {
    return this.call(resume({ ...this.request('resume', this.options, options.signal), run }));
  }

  async #migrateOne(
    name: string,
    options: TransferOptionsInput,
    signal: AbortSignal | undefined,
  ): Promise<TableResult> {
    const command = options.strategy === 'incremental' ? 'sync' : 'migrate';
    const report = await this.call(transfer(this.request(command, options, signal)));
    return report.tableResults[0] ?? unmovedResult(name, report.error);
  }

  async #migrateBy(
    strategy: TransferOptionsInput['strategy'],
    name: string,
    { signal, ...own }: MigrateTableOptions,
  ): Promise<TableResult> {
    const options = { ...this.options, ...definedOnly({ ...own, strategy }), tables: [name] };
    return this.#migrateOne(name, options, signal);
  }
}
