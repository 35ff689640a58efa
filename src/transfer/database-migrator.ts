// The library's front door: one source, one target, and everything that can be done between them. Emits
// TransferEvents. The CLI goes through the same functions.
import { writeFile } from 'node:fs/promises';
import type { SourceEngine, TargetEngine } from '../dialect/dialect.ts';
import { openSource, openTarget } from '../threads/engine-host.ts';
import type { DatabaseSchema, TableSchema } from '../types/schema.ts';
import { displayName } from '../types/schema.ts';
import type { Database } from './database-factory.ts';
import { type DoctorReport, examine } from './doctor.ts';
import { estimateBytes, findTable, withCatalog } from './inspect.ts';
import {
  BUDGET_SECONDS,
  parseOptions,
  type TableOptions,
  type TransferOptions,
  type TransferOptionsInput,
} from './options.ts';
import { type RepairReport, repair } from './repair.ts';
import type { Report, TableResult } from './report.ts';
import { TransferEmitter, type TransferRequest } from './request.ts';
import { retryRejects } from './retry-rejects.ts';
import { type RollbackReport, rollback } from './rollback.ts';
import { type SampleRow, sampleRows } from './sample.ts';
import { compareSchemas, type SchemaScript, scriptSchema } from './schema-commands.ts';
import type { TableComparison } from './schema-compare.ts';
import {
  type IncrementalOptions,
  incrementalOptions,
  type RetryOptions,
  type StreamingOptions,
  withProgress,
} from './strategies.ts';
import { unmovedResult } from './table-run.ts';
import { transfer } from './transfer.ts';
import { tune } from './tune.ts';
import type { TuneReport } from './tune-report.ts';
import {
  compareQueryPerformance,
  type PerformanceQuery,
  type QueryPerformance,
  type TableValidation,
  validateMigration,
} from './validate.ts';
import { type VerifyReport, verify } from './verify.ts';

/** Options of a single call: they go over those of the migrator. */
export interface CallOptions {
  /** Ends the call in good order; it then reports E_CANCELLED. */
  readonly signal?: AbortSignal;
}

export interface MigrateTableOptions
  extends CallOptions,
    Pick<TableOptions, 'batchSize' | 'ifExists' | 'where' | 'columns'> {
  readonly dryRun?: boolean;
  readonly onConflict?: TransferOptions['onConflict'];
}

export interface TuneCallOptions extends CallOptions {
  /** The largest, if none is named. */
  readonly table?: string;
  readonly budgetSeconds?: number;
}

export interface VerifyCallOptions
  extends CallOptions,
    Pick<TransferOptionsInput, 'tables' | 'exclude' | 'verify' | 'maxDifferences'> {}

export interface RepairCallOptions
  extends CallOptions,
    Pick<TransferOptionsInput, 'tables' | 'exclude' | 'dryRun'> {}

export interface MigrateAllOptions extends CallOptions, TransferOptionsInput {
  /** Globs; the same as `tables` and `exclude`. */
  readonly includeTables?: string[];
  readonly excludeTables?: string[];
}

export interface TableSize {
  readonly rowCount: number;
  /** Size on disk in MiB where the engine says, else an estimate from a sample of rows. */
  readonly sizeMb: number;
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
export class DatabaseMigrator extends TransferEmitter implements AsyncDisposable {
  readonly source: Database;
  readonly target: Database;
  readonly #options: TransferOptionsInput;
  readonly #closing = new AbortController();
  readonly #calls = new Set<Promise<unknown>>();

  constructor(source: Database, target: Database, options: TransferOptionsInput = {}) {
    super();
    this.source = source;
    this.target = target;
    this.#options = options;
    parseOptions(options);
  }

  /** Moves one table. Failures are in the result's `error`. @throws FerrowError only for wrong options */
  async migrateTable(name: string, options: MigrateTableOptions = {}): Promise<TableResult> {
    return this.#migrateBy(this.#options.strategy, name, options);
  }

  /** Moves all tables, or those that `includeTables` names. */
  async migrateAllTables(options: MigrateAllOptions = {}): Promise<Report> {
    const { signal, includeTables, excludeTables, ...own } = options;
    const chosen = definedOnly({ tables: includeTables, exclude: excludeTables });
    return this.#call(
      transfer(this.#request('migrate', { ...this.#options, ...chosen, ...definedOnly(own) }, signal)),
    );
  }

  /** Moves what is new or changed since the last call, as `ferrow sync` does; the first call moves all. */
  async migrateIncremental(name: string, options: IncrementalOptions): Promise<TableResult> {
    return this.#migrateOne(name, incrementalOptions(name, this.#options, options), options.signal);
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
    const given = { ...this.#options, ...definedOnly({ ...own, retries }), tables: [name] };
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
    const { signal, ...request } = this.#request('rollback', this.#options, options.signal);
    return this.#call(rollback({ ...request, signal, source: null, run }));
  }

  /**
   * Tries rows again that a run with `onError: 'skip'` left out: the run whose id begins so, or the last that has any.
   * @throws FerrowError where there is none
   */
  async retryRejects(run: string | null = null, options: MigrateAllOptions = {}): Promise<Report> {
    const { signal, ...own } = options;
    const request = this.#request('retry-rejects', { ...this.#options, ...definedOnly(own) }, signal);
    return this.#call(retryRejects({ ...request, run }));
  }

  /** How one table's schema in the target differs from what the source's would become. */
  async compareSchemas(name: string, options: CallOptions = {}): Promise<TableComparison> {
    const request = this.#request('schema compare', { ...this.#options, tables: [name] }, options.signal);
    const { tables } = await this.#call(compareSchemas(request));
    return tables[0];
  }

  /** DDL that makes the source's tables in the target's engine; written to `outputFile` too, if given. */
  async createMigrationScript(
    options: CallOptions & { readonly outputFile?: string; readonly includeTables?: string[] } = {},
  ): Promise<SchemaScript> {
    const tables = options.includeTables ?? [];
    const script = await this.#call(
      scriptSchema(this.#request('schema script', { ...this.#options, tables }, options.signal)),
    );
    if (options.outputFile !== undefined) await writeFile(options.outputFile, script.text);
    return script;
  }

  /** Connections, versions, rights, sizes, free disk: what would hurt a run, before it. */
  async examine(options: CallOptions = {}): Promise<DoctorReport> {
    return this.#call(examine(this.#request('doctor', this.#options, options.signal)));
  }

  /**
   * Tries batch sizes, workers and connections on a sample of one table, and recommends some. Takes about
   * `budgetSeconds`; emits `trial`. What is measured against is what this migrator's options say.
   * @throws FerrowError what the table would be refused with, or E_CANCELLED
   */
  async tune(options: TuneCallOptions = {}): Promise<TuneReport> {
    const { table = null, budgetSeconds = BUDGET_SECONDS, signal } = options;
    const request = this.#request('tune', this.#options, signal);
    return this.#call(tune({ ...request, table, budgetSeconds }));
  }

  /** Compares what both sides hold, by `verify` of the options: `full` unless said. Writes neither side. */
  async verify(options: VerifyCallOptions = {}): Promise<VerifyReport> {
    const { signal, ...own } = options;
    return this.#call(verify(this.#request('verify', { verify: 'full', ...this.#options, ...own }, signal)));
  }

  /** Makes the target's tables equal by moving only the rows that differ; with `dryRun` says only which. */
  async repair(options: RepairCallOptions = {}): Promise<RepairReport> {
    const { signal, ...own } = options;
    return this.#call(repair(this.#request('repair', { ...this.#options, ...own, verify: 'full' }, signal)));
  }

  /** Is the table in the target what the source's would become there? Counts, schema, a sample, all values, and speed. */
  async validateMigration(name: string, options: CallOptions = {}): Promise<TableValidation> {
    const request = this.#request('verify', { ...this.#options, tables: [name] }, options.signal);
    return this.#call(validateMigration(request));
  }

  /** Runs read-only queries on both sides and says how their times compare. */
  async compareQueryPerformance(
    queries: readonly PerformanceQuery[],
    options: CallOptions = {},
  ): Promise<QueryPerformance[]> {
    const request = this.#request('verify', this.#options, options.signal);
    return this.#call(compareQueryPerformance(request, queries));
  }

  /** Names of the source's tables; with the schema where it isn't the default one. */
  async getSourceTables(): Promise<string[]> {
    return this.#withSource(async (_engine, catalog) =>
      catalog.tables.map((table) => displayName(table, catalog.defaultSchema)),
    );
  }

  /** Rows of a table of the source. */
  async getSourceTableSize(name: string): Promise<number> {
    return this.#withSource((engine, catalog) => engine.countRows(findTable(catalog, name), null));
  }

  /** Rows of a table of the target. */
  async getTargetTableSize(name: string): Promise<number> {
    return this.#withTarget((engine, catalog) => engine.countRows(findTable(catalog, name), null));
  }

  /** Rows and size of a table of the source. */
  async getTableSizeEstimate(name: string): Promise<TableSize> {
    return this.#withSource(async (engine, catalog) => {
      const table = findTable(catalog, name);
      const rowCount = await engine.countRows(table, null);
      const sizeBytes = table.sizeBytes ?? (await estimateBytes(engine, table, rowCount));
      return { rowCount, sizeMb: Math.round((sizeBytes / 2 ** 20) * 1000) / 1000 };
    });
  }

  /** The first `limit` rows of a table of the source, as plain objects. */
  async getSourceSample(name: string, limit = 10): Promise<SampleRow[]> {
    return this.#withSource(async (engine, catalog) =>
      sampleRows(await engine.sample(findTable(catalog, name), limit)),
    );
  }

  /** The first `limit` rows of a table of the target, as plain objects. */
  async getTargetSample(name: string, limit = 10): Promise<SampleRow[]> {
    return this.#withTarget(async (engine, catalog) =>
      sampleRows(await engine.sample(findTable(catalog, name), limit)),
    );
  }

  /** Columns, keys and indexes of a table of the source. */
  async getSourceTableStructure(name: string): Promise<TableSchema> {
    return this.#withSource(async (_engine, catalog) => findTable(catalog, name));
  }

  /** Interrupts what is under way and waits for its end. `await using` calls it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#calls);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #request(command: string, options: TransferOptionsInput, signal: AbortSignal | undefined): TransferRequest {
    return {
      command,
      source: this.source,
      target: this.target,
      options: parseOptions(options),
      signal: signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal,
      events: this,
    };
  }

  async #migrateOne(
    name: string,
    options: TransferOptionsInput,
    signal: AbortSignal | undefined,
  ): Promise<TableResult> {
    const command = options.strategy === 'incremental' ? 'sync' : 'migrate';
    const report = await this.#call(transfer(this.#request(command, options, signal)));
    return report.tableResults[0] ?? unmovedResult(name, report.error);
  }

  async #migrateBy(
    strategy: TransferOptionsInput['strategy'],
    name: string,
    { signal, ...own }: MigrateTableOptions,
  ): Promise<TableResult> {
    const options = { ...this.#options, ...definedOnly({ ...own, strategy }), tables: [name] };
    return this.#migrateOne(name, options, signal);
  }

  async #withSource<T>(work: (engine: SourceEngine, catalog: DatabaseSchema) => Promise<T>): Promise<T> {
    const { connections } = parseOptions(this.#options);
    const location = await this.source.locate();
    return this.#call(withCatalog(await openSource(location, { connections }), this.#schemas, work));
  }

  async #withTarget<T>(work: (engine: TargetEngine, catalog: DatabaseSchema) => Promise<T>): Promise<T> {
    const { connections } = parseOptions(this.#options);
    const location = await this.target.locate();
    return this.#call(
      withCatalog(await openTarget(location, { connections, readOnly: true }), this.#schemas, work),
    );
  }

  get #schemas(): readonly string[] {
    return this.#options.schema ?? [];
  }

  /** Remembers the call, so that close can wait for it. */
  async #call<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }
}

/** Without the keys whose value is undefined, so that they don't cover the migrator's own options. */
function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
