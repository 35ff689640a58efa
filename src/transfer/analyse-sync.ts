// Before a sync moves anything: where each table stands, by a column that grows, what of it is read this time, and the plan
// that follows.
import type { TableLoad } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Location } from '../types/location.ts';
import { type Analysis, analyse, oneTableOnly, targetSchemas } from './analyse.ts';
import { resolveRenames, tableKey, targetName } from './plan-names.ts';
import type { TablePlan } from './plan-table.ts';
import type { TableResult, Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { type SelectedTable, select } from './select.ts';
import type { Session } from './session.ts';
import { type SyncDraft, type SyncRun, type SyncTable, syncTable } from './sync-table.ts';
import { effectiveOptions } from './table-options.ts';
import { unmovedResult } from './table-run.ts';

/** What a sync has to do, and the results of tables for which there is nothing. */
export interface SyncAnalysis extends Analysis {
  readonly unchanged: readonly TableResult[];
}

/** @throws FerrowError when catalogs can't be read or the request names what isn't there */
export async function analyseSync(
  session: Session,
  request: TransferRequest,
  runId: string,
): Promise<SyncAnalysis> {
  refuseOthers(request);
  const { source, target } = session;
  const { options, signal } = request;
  request.events.emit('phase', { what: 'reading watermarks', table: null });
  const sourceCatalog = await source.engine.catalog(options.schema);
  const { tables: selected } = select(
    sourceCatalog,
    options.tables,
    options.exclude,
    options.materializedViews,
  );
  oneTableOnly(selected, request);
  const targetCatalog = await target.engine.catalog(targetSchemas(target.dialect, sourceCatalog));
  const sourceId = identityOf(source.location);
  const run: SyncRun = { session, options, runId, sourceId, sourceCatalog };
  const standing = new Map(
    targetCatalog.tables.map((table) => [tableKey(table, target.dialect.quirks), table]),
  );
  const stored = await target.engine.watermarks(sourceId);
  const renames = resolveRenames(selected, options.rename);
  const tables: SyncTable[] = [];
  const refusals: FerrowError[] = [];
  for (const entry of selected) {
    signal.throwIfAborted();
    const own = effectiveOptions(entry, options);
    const rename = renames.get(entry) ?? own.rename;
    const name = targetName(entry.table, sourceCatalog, target.dialect.quirks, rename);
    const draft: SyncDraft = {
      entry,
      options: own,
      name,
      existing: standing.get(tableKey(name, target.dialect.quirks)) ?? null,
      stored:
        stored.find(
          (each) =>
            each.sourceTable === JSON.stringify([entry.table.schema, entry.table.name]) &&
            each.targetTable === JSON.stringify([name.schema, name.name]),
        ) ?? null,
    };
    try {
      tables.push(await syncTable(draft, run));
    } catch (error) {
      if (!(error instanceof FerrowError) || !['usage', 'schema'].includes(error.kind)) throw error;
      refusals.push(error.at({ table: entry.displayName }));
    }
  }
  const isIdle = (table: SyncTable) => !table.isNew && table.reading.rows === 0 && !options.deletes;
  const moved = tables.filter((table) => !isIdle(table));
  const planned = await planMoved(session, request, runId, moved, renames);
  const analysis = planned ?? nothingToPlan(runId, sourceCatalog, targetCatalog);
  return {
    ...analysis,
    selected,
    plan: { ...analysis.plan, refusals: [...refusals, ...analysis.plan.refusals] },
    warnings: [...tables.flatMap((table) => table.warnings), ...analysis.warnings],
    unchanged: tables.filter(isIdle).map(idleResult),
  };
}

/** The tables that have something to move, planned as any transfer, and what makes a sync of them. */
async function planMoved(
  session: Session,
  request: TransferRequest,
  runId: string,
  tables: readonly SyncTable[],
  renames: ReadonlyMap<SelectedTable, string>,
): Promise<Analysis | null> {
  if (tables.length === 0) return null;
  const { options } = request;
  const names = new Map(tables.map((table) => [table.entry.displayName, table]));
  const rename = Object.fromEntries(
    [...renames].flatMap(([{ displayName }, name]) => (names.has(displayName) ? [[displayName, name]] : [])),
  );
  const own = tables.map(({ entry, where, isNew }) => [
    entry.displayName,
    { where: where ?? undefined, ifExists: isNew ? 'fail' : 'append' } as const,
  ]);
  const analysis = await analyse(
    session,
    {
      ...request,
      options: {
        ...options,
        tables: [...names.keys()],
        exclude: [],
        rename,
        where: undefined,
        onConflict: 'error',
        tableOptions: { ...options.tableOptions, ...Object.fromEntries(own) },
      },
    },
    runId,
  );
  const sourceRows = new Map(analysis.sourceRows);
  const planned: TablePlan[] = [];
  for (const plan of analysis.plan.tables) {
    const table = names.get(plan.displayName);
    if (!table) continue;
    const deletes = options.deletes && !table.isNew && table.key !== null;
    const keys = deletes ? keysPlan(plan, table.key ?? [], tables.length) : null;
    if (keys)
      sourceRows.set(keys.displayName, await session.source.engine.countRows(table.entry.table, null));
    planned.push({ ...plan, load: syncLoad(plan.load, table, keys) }, ...(keys ? [keys] : []));
  }
  // What a table brings along was said when it was made.
  const isNew = ({ table }: Warning) => table !== null && names.get(table)?.isNew === true;
  return {
    ...analysis,
    sourceRows,
    plan: { ...analysis.plan, tables: planned, views: [] },
    warnings: analysis.warnings.filter((warning) => isNew(warning) || warning.code !== 'W_NOT_CARRIED'),
  };
}

function syncLoad(load: TableLoad, table: SyncTable, keys: TablePlan | null): TableLoad {
  const { key, isNew, watermark } = table;
  const gone = keys ? { keys: { id: keys.load.id, staging: keys.load.staging, columns: key ?? [] } } : {};
  return {
    ...load,
    ...(key !== null && !isNew ? { onConflict: { action: 'update', key } } : {}),
    sync: { watermark, progress: progressOf(table), ...gone },
  };
}

/** All keys of the source, into a staging table of their own beside that of the rows. */
function keysPlan(plan: TablePlan, key: readonly string[], tables: number): TablePlan {
  const { load } = plan;
  const columns = plan.columns.filter((column) => key.includes(column.write.name));
  const at = Number(load.id.slice(1)) + tables;
  return {
    ...plan,
    displayName: `${plan.displayName} (keys)`,
    load: {
      ...load,
      id: `t${at}`,
      keysOf: load.id,
      staging: { ...load.staging, name: load.staging.name.replace(/\d+$/, String(at)) },
      columns: columns.map((column) => column.write),
    },
    columns,
    mappings: [],
    keyColumns: columns.map((_, index) => index),
    where: null,
    notCarried: [],
  };
}

/** A sync has no other way to meet rows that are there. */
function refuseOthers({ options }: TransferRequest): void {
  const wrong =
    options.ifExists === 'replace'
      ? '--if-exists replace'
      : options.onConflict === 'skip'
        ? '--on-conflict skip'
        : options.schemaOnly
          ? '--schema-only'
          : null;
  if (wrong === null) return;
  throw new FerrowError(
    'E_USAGE',
    `a sync adds and changes rows in tables that stand, and takes no ${wrong}`,
    {
      hint: 'use ferrow migrate for that',
    },
  );
}

/** The same however the URL was written, and whoever reads. */
function identityOf(location: Location): string {
  return location.engine === 'postgres'
    ? `postgres://${location.host}:${location.port}/${location.database}`
    : `${location.engine}:${location.path}`;
}

function nothingToPlan(
  runId: string,
  sourceCatalog: Analysis['sourceCatalog'],
  targetCatalog: Analysis['targetCatalog'],
): Analysis {
  const plan = { tables: [], views: [], refusedTables: [], refusals: [], notCarried: [], hash: '' };
  return {
    runId,
    sourceCatalog,
    targetCatalog,
    selected: [],
    views: [],
    plan,
    sourceRows: new Map(),
    warnings: [],
  };
}

function progressOf({ column, from, watermark }: SyncTable) {
  return { column, from, to: watermark.value };
}

function idleResult(table: SyncTable): TableResult {
  return {
    ...unmovedResult(table.entry.displayName, null),
    conflicts: { inserted: 0, updated: 0, skipped: 0, unchanged: 0, deleted: 0 },
    watermark: progressOf(table),
  };
}
