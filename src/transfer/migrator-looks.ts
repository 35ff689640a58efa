// The calls of the library that write nothing: looking at both sides, comparing them, trying settings on a sample.
import { writeFile } from 'node:fs/promises';
import type { SourceEngine, TargetEngine } from '../dialect/dialect.ts';
import { openSource, openTarget } from '../threads/engine-host.ts';
import type { DatabaseSchema, TableSchema } from '../types/schema.ts';
import { displayName } from '../types/schema.ts';
import { type DoctorReport, examine } from './doctor.ts';
import { estimateBytes, findTable, withCatalog } from './inspect.ts';
import { BUDGET_SECONDS } from './limits.ts';
import { type CallOptions, MigratorCalls } from './migrator-calls.ts';
import { parseOptions, type TransferOptionsInput } from './options.ts';
import { type RunsReport, runs } from './runs.ts';
import { type SampleRow, sampleRows } from './sample.ts';
import { compareSchemas, type SchemaScript, scriptSchema } from './schema-commands.ts';
import type { TableComparison } from './schema-compare.ts';
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

export interface TuneCallOptions extends CallOptions {
  /** The largest, if none is named. */
  readonly table?: string;
  readonly budgetSeconds?: number;
}

export interface VerifyCallOptions
  extends CallOptions,
    Pick<TransferOptionsInput, 'tables' | 'exclude' | 'verify' | 'maxDifferences'> {}

export interface TableSize {
  readonly rowCount: number;
  /** Size on disk in MiB where the engine says, else an estimate from a sample of rows. */
  readonly sizeMb: number;
}

export abstract class MigratorLooks extends MigratorCalls {
  /** How one table's schema in the target differs from what the source's would become. */
  async compareSchemas(name: string, options: CallOptions = {}): Promise<TableComparison> {
    const request = this.request('schema compare', { ...this.options, tables: [name] }, options.signal);
    const { tables } = await this.call(compareSchemas(request));
    return tables[0];
  }

  /** DDL that makes the source's tables in the target's engine; written to `outputFile` too, if given. */
  async createMigrationScript(
    options: CallOptions & { readonly outputFile?: string; readonly includeTables?: string[] } = {},
  ): Promise<SchemaScript> {
    const tables = options.includeTables ?? [];
    const script = await this.call(
      scriptSchema(this.request('schema script', { ...this.options, tables }, options.signal)),
    );
    if (options.outputFile !== undefined) await writeFile(options.outputFile, script.text);
    return script;
  }

  /** Connections, versions, rights, sizes, free disk: what would hurt a run, before it. */
  async examine(options: CallOptions = {}): Promise<DoctorReport> {
    return this.call(examine(this.request('doctor', this.options, options.signal)));
  }

  /**
   * Tries batch sizes, workers and connections on a sample of one table, and recommends some. Takes about
   * `budgetSeconds`; emits `trial`. What is measured against is what this migrator's options say.
   * @throws FerrowError what the table would be refused with, or E_CANCELLED
   */
  async tune(options: TuneCallOptions = {}): Promise<TuneReport> {
    const { table = null, budgetSeconds = BUDGET_SECONDS, signal } = options;
    const request = this.request('tune', this.options, signal);
    return this.call(tune({ ...request, table, budgetSeconds }));
  }

  /** Compares what both sides hold, by `verify` of the options: `full` unless said. Writes neither side. */
  async verify(options: VerifyCallOptions = {}): Promise<VerifyReport> {
    const { signal, ...own } = options;
    return this.call(verify(this.request('verify', { verify: 'full', ...this.options, ...own }, signal)));
  }

  /** Is the table in the target what the source's would become there? Counts, schema, a sample, all values, and speed. */
  async validateMigration(name: string, options: CallOptions = {}): Promise<TableValidation> {
    const request = this.request('verify', { ...this.options, tables: [name] }, options.signal);
    return this.call(validateMigration(request));
  }

  /** Runs read-only queries on both sides and says how their times compare. */
  async compareQueryPerformance(
    queries: readonly PerformanceQuery[],
    options: CallOptions = {},
  ): Promise<QueryPerformance[]> {
    const request = this.request('verify', this.options, options.signal);
    return this.call(compareQueryPerformance(request, queries));
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

  /** Past runs of the target, from its ledger; `clean` (a run's id, its beginning, or `all`) drops what they have left. */
  async getRuns(options: CallOptions & { readonly clean?: string } = {}): Promise<RunsReport> {
    const request = this.request('runs', this.options, options.signal);
    return this.call(runs({ ...request, source: null, run: null }, options.clean ?? null));
  }

  async #withSource<T>(work: (engine: SourceEngine, catalog: DatabaseSchema) => Promise<T>): Promise<T> {
    const { connections } = parseOptions(this.options);
    const location = await this.source.locate();
    return this.call(withCatalog(await openSource(location, { connections }), this.#schemas, work));
  }

  async #withTarget<T>(work: (engine: TargetEngine, catalog: DatabaseSchema) => Promise<T>): Promise<T> {
    const { connections } = parseOptions(this.options);
    const location = await this.target.locate();
    return this.call(
      withCatalog(await openTarget(location, { connections, readOnly: true }), this.#schemas, work),
    );
  }

  get #schemas(): readonly string[] {
    return this.options.schema ?? [];
  }
}
