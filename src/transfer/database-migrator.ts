// The library's front door: one source, one target, and everything that can be done between them. Emits
// TransferEvents. The CLI goes through the same functions.
import { writeFile } from 'node:fs/promises';
import type { EngineHandle, SourceEngine, TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { openSource, openTarget } from '../threads/engine-host.ts';
import type { DatabaseSchema, TableSchema } from '../types/schema.ts';
import { displayName } from '../types/schema.ts';
import type { Database } from './database-factory.ts';
import { type DoctorReport, examine } from './doctor.ts';
import {
  BUDGET_SECONDS,
  parseOptions,
  type TableOptions,
  type TransferOptions,
  type TransferOptionsInput,
} from './options.ts';
import type { Report, TableResult } from './report.ts';
import { TransferEmitter, type TransferRequest } from './request.ts';
import { retryRejects } from './retry-rejects.ts';
import { type SampleRow, sampleRows } from './sample.ts';
import { compareSchemas, type SchemaScript, scriptSchema } from './schema-commands.ts';
import type { TableComparison } from './schema-compare.ts';
import { noSuchTable } from './select.ts';
import { unmovedResult } from './table-run.ts';
import { transfer } from './transfer.ts';
import { tune } from './tune.ts';
import type { TuneReport } from './tune-report.ts';

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
    const { signal, ...own } = options;
    const request = this.#request(
      'migrate',
      { ...this.#options, ...definedOnly(own), tables: [name] },
      signal,
    );
    const report = await this.#call(transfer(request));
    const [result] = report.tableResults;
    return result ?? unmovedResult(name, report.error);
  }

  /** Moves all tables, or those that `includeTables` names. */
  async migrateAllTables(options: MigrateAllOptions = {}): Promise<Report> {
    const { signal, includeTables, excludeTables, ...own } = options;
    const chosen = definedOnly({ tables: includeTables, exclude: excludeTables });
    return this.#call(
      transfer(this.#request('migrate', { ...this.#options, ...chosen, ...definedOnly(own) }, signal)),
    );
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

/**
 * Opens a database for reading and says what it is. Never throws: what failed is in `error`.
 */
export async function testConnection(database: Database): Promise<{
  readonly success: boolean;
  readonly version: string | null;
  readonly error: FerrowError | null;
}> {
  try {
    const engine = await openSource(await database.locate(), { connections: 1 });
    try {
      const { version } = await engine.describe();
      return { success: true, version, error: null };
    } finally {
      await engine.close();
    }
  } catch (error) {
    return { success: false, version: null, error: FerrowError.from(error, 'E_UNREACHABLE') };
  }
}

async function withCatalog<E extends EngineHandle, T>(
  engine: E,
  schemas: readonly string[],
  work: (engine: E, catalog: DatabaseSchema) => Promise<T>,
): Promise<T> {
  try {
    return await work(engine, await engine.catalog(schemas));
  } finally {
    await engine.close();
  }
}

function findTable(catalog: DatabaseSchema, name: string): TableSchema {
  const table = catalog.tables.find(
    (each) => name === each.name || name === displayName(each, catalog.defaultSchema),
  );
  if (!table) throw noSuchTable(name, catalog);
  return table;
}

/** Bytes of the rows, from the first thousand of them. */
async function estimateBytes(engine: EngineHandle, table: TableSchema, rowCount: number): Promise<number> {
  const batch = await engine.sample(table, 1000);
  if (batch.rowCount === 0) return 0;
  const bytes = batch.columns.reduce((sum, column) => sum + column.data.byteLength, 0);
  return (bytes / batch.rowCount) * rowCount;
}

/** Without the keys whose value is undefined, so that they don't cover the migrator's own options. */
function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
