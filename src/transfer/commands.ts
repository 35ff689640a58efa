// What the CLI and DatabaseMigrator call, besides the transfer itself. Each opens and closes what it needs.

import type { ServerInfo } from '../dialect/dialect.ts';
import { loadDialect } from '../dialect/registry.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { openSource } from '../threads/engine-host.ts';
import type { DatabaseSchema, NotCarried } from '../types/schema.ts';
import { type Analysis, analyse, analyseFor } from './analyse.ts';
import { estimateSeconds } from './batch-size.ts';
import { tableKey, targetName } from './plan-names.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { compareTables, type SchemaComparison } from './schema-compare.ts';
import { withSession } from './session.ts';

/** `ferrow schema compare`: what the target lacks, has besides, or has otherwise. Reads only. */
export async function compareSchemas(request: TransferRequest): Promise<SchemaComparison> {
  return withSession(request, true, async (session) => {
    const analysis = await analyse(session, asDefinition(request), 'compare');
    const whole = request.options.tables.length === 0 && request.options.exclude.length === 0;
    const tables = compareTables(analysis, session.source.dialect, session.target.dialect, whole);
    const { source, target } = session;
    const equal = tables.every((table) => table.equal);
    const { warnings } = analysis;
    return { source: source.location.display, target: target.location.display, tables, equal, warnings };
  });
}

export interface SchemaScript {
  readonly statements: readonly string[];
  readonly notCarried: readonly NotCarried[];
  /** The whole script, what is not carried as comments at its head. */
  readonly text: string;
  readonly warnings: readonly Warning[];
}

/**
 * `ferrow schema script`: DDL for the target's engine. The target is not opened; only its engine counts.
 * @throws FerrowError the first refusal, unless `keepGoing`
 */
export async function scriptSchema(request: TransferRequest): Promise<SchemaScript> {
  const sourceLocation = await request.source.locate();
  const target = await loadDialect(request.target.engine);
  const engine = await openSource(sourceLocation, { connections: 1 });
  try {
    const source = { dialect: await loadDialect(request.source.engine), location: sourceLocation, engine };
    const nothing: DatabaseSchema = {
      engine: target.name,
      defaultSchema: target.quirks.defaultSchema,
      tables: [],
      views: [],
      types: [],
      others: [],
    };
    const analysis = await analyseFor(source, target, async () => nothing, asDefinition(request), 'script');
    const { plan } = analysis;
    if (plan.refusals.length > 0 && !request.options.keepGoing) throw plan.refusals[0];
    const tables = plan.tables.map((table) => table.load.table);
    const { indexes, foreignKeys } = request.options;
    const statements = target.ddl.script(tables, { indexes, foreignKeys }).map(terminated);
    const notCarried = plan.tables.flatMap((table) => table.notCarried);
    const head = scriptHead(analysis, sourceLocation.display, target.name);
    return {
      statements,
      notCarried,
      text: `${head}\n${statements.join('\n\n')}\n`,
      warnings: analysis.warnings,
    };
  } finally {
    await engine.close();
  }
}

function terminated(statement: string): string {
  return `${statement.trimEnd().replace(/;$/, '')};`;
}

function scriptHead({ plan, warnings }: Analysis, source: string, target: string): string {
  const lines = [`Schema of ${source} for ${target}, by Ferrow`];
  for (const warning of [...warnings, ...plan.refusals]) {
    const about = warning instanceof FerrowError ? 'refused' : warning.table;
    lines.push(about === null ? warning.message : `${about}: ${warning.message}`);
  }
  return lines.map((line) => `-- ${line.replaceAll(/\r?\n/g, ' ')}`).join('\n');
}

/** The same request, taken as a question about definitions: every table as it would be made anew. */
function asDefinition(request: TransferRequest): TransferRequest {
  const tableOptions = Object.fromEntries(
    Object.entries(request.options.tableOptions).map(([name, own]) => [
      name,
      { ...own, ifExists: 'replace' as const },
    ]),
  );
  const options = {
    ...request.options,
    tableOptions,
    ifExists: 'replace' as const,
    dataOnly: false,
    schemaOnly: true,
  };
  return { ...request, options };
}

export interface DoctorReport {
  readonly source: ServerInfo;
  readonly target: ServerInfo;
  readonly tables: readonly {
    readonly tableName: string;
    readonly rowCount: number;
    readonly sizeBytes: number | null;
    readonly targetExists: boolean;
    readonly estimatedSeconds: number;
  }[];
  readonly totalRows: number;
  readonly totalBytes: number;
  readonly estimatedSeconds: number;
  readonly freeBytes: number | null;
  /** What would stop or hurt a run. */
  readonly problems: readonly string[];
  readonly warnings: readonly Warning[];
  readonly success: boolean;
}

/** `ferrow doctor`: both connections, versions, rights, sizes, estimated time and free disk. Writes nothing. */
export async function examine(request: TransferRequest): Promise<DoctorReport> {
  return withSession(request, true, async (session) => {
    const [source, target] = [await session.source.engine.describe(), await session.target.engine.describe()];
    const options = { ...request.options, dryRun: true };
    const analysis = await analyse(session, { ...request, options }, 'doctor');
    const { quirks } = session.target.dialect;
    const there = new Set(analysis.targetCatalog.tables.map((table) => tableKey(table, quirks)));
    const planned = new Map(analysis.plan.tables.map((table) => [table.displayName, table]));
    const tables: DoctorReport['tables'][number][] = [];
    // Tables that the plan refuses are listed too, as they would be called if nothing stood in the way.
    for (const { displayName, table } of analysis.selected) {
      request.signal.throwIfAborted();
      const counted = analysis.sourceRows.get(displayName);
      const rowCount = counted ?? (await session.source.engine.countRows(table, null));
      const own = targetName(table, analysis.sourceCatalog, quirks, undefined);
      const targetExists = there.has(tableKey(planned.get(displayName)?.load.table ?? own, quirks));
      const { sizeBytes } = table;
      const estimatedSeconds = estimateSeconds(rowCount, sizeBytes);
      tables.push({ tableName: displayName, rowCount, sizeBytes, targetExists, estimatedSeconds });
    }
    const totalRows = tables.reduce((sum, table) => sum + table.rowCount, 0);
    const totalBytes = tables.reduce((sum, table) => sum + (table.sizeBytes ?? 0), 0);
    const problems = [
      ...source.problems,
      ...target.problems,
      ...analysis.plan.refusals.map((refusal) => `${refusal.message} (${refusal.hint})`),
    ];
    if (target.freeBytes !== null && target.freeBytes < totalBytes * 1.5) {
      problems.push(
        `the target has ${mebibytes(target.freeBytes)} free; the data may need ${mebibytes(totalBytes * 1.5)}`,
      );
    }
    const estimatedSeconds = estimateSeconds(totalRows, totalBytes);
    const { freeBytes } = target;
    const success = problems.length === 0;
    const { warnings } = analysis;
    return {
      source,
      target,
      tables,
      totalRows,
      totalBytes,
      estimatedSeconds,
      freeBytes,
      problems,
      warnings,
      success,
    };
  });
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
