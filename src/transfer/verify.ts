// `ferrow verify`: two databases that stand, compared table by table. Reads both, each in one snapshot; writes neither.
import { FerrowError } from '../errors/ferrow-error.ts';
import { displayName, type TableSchema } from '../types/schema.ts';
import { type Analysis, analyseFor, targetSchemas } from './analyse.ts';
import type { TransferOptions } from './options.ts';
import { tableKey } from './plan-names.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { compareTables } from './schema-compare.ts';
import { effectiveOptions } from './table-options.ts';
import type { TableVerification, VerifyReport } from './verify-report.ts';
import { type Comparing, withBothRead } from './verify-session.ts';
import { baseOf, failedTable, type TableTask, verifyTable } from './verify-table.ts';

export type { TableVerification, VerifyReport } from './verify-report.ts';

/** @throws FerrowError where the two can't be opened, or the request names what isn't there */
export async function verify(request: TransferRequest): Promise<VerifyReport> {
  return withBothRead(request, (comparing) => verifyBoth(comparing, request));
}

/** The same between databases that are open already. */
export async function verifyBoth(comparing: Comparing, request: TransferRequest): Promise<VerifyReport> {
  const { source, target } = comparing;
  const { events, options } = request;
  const { tasks, refused, onlyInTarget, warnings } = await planComparison(comparing, request);
  events.emit('start', {
    runId: 'verify',
    source: source.location.display,
    target: target.location.display,
    sourceEngine: source.dialect.name,
    targetEngine: target.dialect.name,
    tables: tasks.map(({ plan }) => ({ table: plan.displayName, sourceRows: null })),
  });
  const started = performance.now();
  const tables: TableVerification[] = [...refused];
  for (const task of tasks) {
    request.signal.throwIfAborted();
    const table = task.plan.displayName;
    events.emit('phase', { what: `comparing ${table}`, table });
    const found = await verifyTable(task, {
      comparing,
      scanning: {
        ...comparing,
        connections: options.connections,
        signal: request.signal,
        onRead: (rows, bytes, seconds) => events.emit('read', { table, rows, bytes, seconds }),
      },
      level: options.verify,
      maxDifferences: options.maxDifferences,
    });
    tables.push(found);
    const { equal: success, sourceRows, elapsedSeconds, error } = found;
    events.emit('table', { table, success, rows: sourceRows ?? 0, rejectedRows: 0, elapsedSeconds, error });
  }
  const equalTables = tables.filter((table) => table.equal).length;
  const success = equalTables === tables.length;
  events.emit('end', {
    runId: 'verify',
    success,
    rows: tables.reduce((sum, table) => sum + (table.sourceRows ?? 0), 0),
    elapsedSeconds: (performance.now() - started) / 1000,
  });
  const [here, there] = [await source.engine.describe(), await target.engine.describe()];
  return {
    source: source.location.display,
    target: target.location.display,
    sourceVersion: here.version,
    targetVersion: there.version,
    level: options.verify,
    success,
    totalTables: tables.length,
    equalTables,
    tables,
    onlyInTarget,
    warnings: [...warnings, ...tables.flatMap(notComparedWarnings)],
  };
}

export interface ComparisonPlan {
  readonly tasks: readonly TableTask[];
  readonly refused: readonly TableVerification[];
  readonly onlyInTarget: readonly string[];
  readonly warnings: readonly Warning[];
}

/** What each table of the source would become in the target, and what stands there. */
export async function planComparison(
  comparing: Comparing,
  request: TransferRequest,
): Promise<ComparisonPlan> {
  const asked = asComparison(request.options);
  let analysis = await analyseOne(comparing, { ...request, options: asked });
  const leftOut = refusedColumns(analysis);
  if (leftOut.size > 0) {
    const options = withoutColumns(analysis, asked, leftOut);
    analysis = await analyseOne(comparing, { ...request, options });
  }
  const { plan, targetCatalog, selected } = analysis;
  const { target, source } = comparing;
  const standing = new Map<string, TableSchema>(
    targetCatalog.tables.map((table) => [tableKey(table, target.dialect.quirks), table]),
  );
  const comparisons = new Map(
    compareTables(analysis, source.dialect, target.dialect, false).map((each) => [each.tableName, each]),
  );
  const tasks = plan.tables.flatMap((table): TableTask[] => {
    const entry = selected.find((each) => each.displayName === table.displayName);
    const comparison = comparisons.get(table.displayName);
    if (!entry || !comparison) return [];
    return [
      {
        plan: table,
        standing: standing.get(tableKey(table.load.table, target.dialect.quirks)) ?? null,
        comparison,
        projected: effectiveOptions(entry, asked).columns !== undefined,
        leftOut: leftOut.get(table.displayName) ?? [],
      },
    ];
  });
  const refused = plan.refusedTables.map(({ displayName: name, name: there, refusals }) => {
    const exists = standing.has(tableKey(there, target.dialect.quirks));
    const base = baseOf(name, there, target.dialect.quirks.defaultSchema, exists);
    return failedTable(base, [], refusals[0], 0);
  });
  const unplanned = plan.refusals.filter(
    ({ place }) => !plan.refusedTables.some((table) => table.displayName === place.table),
  );
  const ofSelected = unplanned.filter(({ place }) =>
    selected.some((each) => each.displayName === place.table),
  );
  const compared = new Set(tasks.map(({ plan: each }) => tableKey(each.load.table, target.dialect.quirks)));
  const whole = request.options.tables.length === 0 && request.options.exclude.length === 0;
  return {
    tasks,
    refused: [
      ...refused,
      ...ofSelected.map((error) => {
        const name = error.place.table ?? '';
        return failedTable(baseOf(name, { schema: null, name }, null, false), [], error, 0);
      }),
    ],
    onlyInTarget: whole
      ? [...standing]
          .filter(([key]) => !compared.has(key))
          .map(([, table]) => displayName(table, targetCatalog.defaultSchema))
      : [],
    warnings: [],
  };
}

async function analyseOne({ source, target, pool }: Comparing, request: TransferRequest): Promise<Analysis> {
  return analyseFor(
    { source, pool },
    target.dialect,
    (sourceCatalog) => target.engine.catalog(targetSchemas(target.dialect, sourceCatalog)),
    request,
    'compare',
  );
}

/** The request as a question about rows: every table as it would be written anew, nothing counted, nothing refused for all. */
function asComparison(options: TransferOptions): TransferOptions {
  const tableOptions = Object.fromEntries(
    Object.entries(options.tableOptions).map(([name, own]) => [
      name,
      { ...own, ifExists: 'replace' as const },
    ]),
  );
  return {
    ...options,
    tableOptions,
    ifExists: 'replace',
    dataOnly: false,
    schemaOnly: false,
    unlogged: false,
    dryRun: false,
    keepGoing: true,
    verify: 'none',
  };
}

type LeftOut = Map<string, { column: string; reason: string }[]>;

/** Columns that can't be carried; the others are compared without them. */
function refusedColumns({ plan }: Analysis): LeftOut {
  const found: LeftOut = new Map();
  for (const { displayName: name, refusals } of plan.refusedTables) {
    if (refusals.some(({ place }) => place.column === undefined)) continue;
    found.set(
      name,
      refusals.map((error) => ({ column: error.place.column ?? '', reason: error.message })),
    );
  }
  return found;
}

function withoutColumns({ selected }: Analysis, options: TransferOptions, leftOut: LeftOut): TransferOptions {
  const tableOptions = { ...options.tableOptions };
  for (const [name, columns] of leftOut) {
    const entry = selected.find((each) => each.displayName === name);
    if (!entry) continue;
    const own = effectiveOptions(entry, options);
    const gone = new Set(columns.map(({ column }) => column));
    const kept = (own.columns ?? entry.table.columns.map((column) => column.name)).filter(
      (column) => !gone.has(column),
    );
    if (kept.length > 0) tableOptions[name] = { ...own, columns: kept };
  }
  return { ...options, tableOptions, columns: undefined };
}

function notComparedWarnings({ tableName: table, notCompared }: TableVerification): Warning[] {
  return notCompared.map(({ column, reason }) => {
    const message = column === null ? reason : `the values are not compared: ${reason}`;
    return { code: 'W_NOT_COMPARED', table, column, message };
  });
}

/** Whether a failure keeps a report from saying anything: exit status 1 and not 3. */
export function failureOf({ tables }: VerifyReport): FerrowError | null {
  const failed = tables.find((table) => table.error !== null);
  return failed?.error ? FerrowError.fromWire(failed.error) : null;
}
