// Before anything moves: catalogs, which tables, what their values look like, and the plan that follows.

import type { Dialect } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Crossings } from '../threads/crossing-share.ts';
import type { ColumnEvidence } from '../types/evidence.ts';
import type { DatabaseSchema } from '../types/schema.ts';
import { type Plan, planTransfer } from './plan.ts';
import { profileTable } from './profile-table.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { type SelectedTable, type SelectedView, select } from './select.ts';
import type { Session } from './session.ts';
import { chosenColumns, columnPolicies, effectiveOptions } from './table-options.ts';
import { asTextWarnings, notCarriedWarnings, otherWarnings, unloggedWarnings } from './warnings.ts';

export interface Analysis {
  readonly runId: string;
  readonly sourceCatalog: DatabaseSchema;
  readonly targetCatalog: DatabaseSchema;
  readonly selected: readonly SelectedTable[];
  readonly views: readonly SelectedView[];
  readonly plan: Plan;
  /** Rows of the source by display name, counted in the snapshot; empty where counting was not asked for. */
  readonly sourceRows: ReadonlyMap<string, number>;
  readonly warnings: readonly Warning[];
}

type Source = Session['source'];
/** Without a pool the source's own thread does all of the prescan. */
type Reading = { readonly source: Source; readonly pool: Crossings | null };

/** @throws FerrowError when catalogs can't be read or the request names what isn't there */
export async function analyse(session: Session, request: TransferRequest, runId: string): Promise<Analysis> {
  const { target } = session;
  const readTarget = (sourceCatalog: DatabaseSchema) =>
    target.engine.catalog(targetSchemas(target.dialect, sourceCatalog));
  return analyseFor(session, target.dialect, readTarget, request, runId);
}

/** The same for a target of which only the engine is known: `readTarget` gives what stands there. */
export async function analyseFor(
  { source, pool }: Reading,
  target: Dialect,
  readTarget: (sourceCatalog: DatabaseSchema) => Promise<DatabaseSchema>,
  request: TransferRequest,
  runId: string,
): Promise<Analysis> {
  const { options, events, signal } = request;
  events.emit('phase', { what: 'reading catalogs', table: null });
  const sourceCatalog = await source.engine.catalog(options.schema);
  const { tables: selected, views } = select(
    sourceCatalog,
    options.tables,
    options.exclude,
    options.materializedViews,
  );
  oneTableOnly(selected, request);
  refuseUnlogged(target, request);
  refuseEmptySchemas(sourceCatalog, options.schema);
  const targetCatalog = await readTarget(sourceCatalog);
  signal.throwIfAborted();
  const unreadable = new Map<string, FerrowError>();
  const evidence = await profile({ source, pool }, request, selected, target, unreadable);
  const drafted = planTransfer({
    runId,
    source: source.dialect,
    target,
    sourceCatalog,
    targetCatalog,
    selected: selected.filter((entry) => !unreadable.has(entry.displayName)),
    views,
    evidence,
    options,
  });
  // A share of the rows can only be told of rows that are counted.
  const isShare = options.maxRejects?.endsWith('%') === true;
  const uncounted = options.schemaOnly || (options.verify === 'none' && !options.dryRun && !isShare);
  const sourceRows = uncounted
    ? new Map<string, number>()
    : await countSource(source, request, selected, drafted, evidence, unreadable);
  const plan = withoutUnreadable(drafted, unreadable);
  const warnings = [
    ...plan.tables.flatMap(asTextWarnings),
    ...unloggedWarnings(plan, options),
    ...plan.tables.flatMap(notCarriedWarnings),
    ...notCarriedWarnings(plan),
    ...otherWarnings(sourceCatalog, selected, plan, options.tables, target.name),
  ];
  return { runId, sourceCatalog, targetCatalog, selected, views, plan, sourceRows, warnings };
}

/** `--where` and `--columns` speak of one table. */
export function oneTableOnly(selected: readonly SelectedTable[], { options }: TransferRequest): void {
  const option = options.where !== undefined ? '--where' : options.columns ? '--columns' : null;
  if (option === null || selected.length <= 1) return;
  throw new FerrowError(
    'E_USAGE',
    `${option} is for one table, and ${selected.length} tables are to be moved`,
    {
      hint: 'name the table with --tables, or use a configuration file for several',
    },
  );
}

function refuseUnlogged(target: Dialect, { options }: TransferRequest): void {
  if (!options.unlogged || target.ddl.unlogged) return;
  throw new FerrowError('E_USAGE', `--unlogged is for PostgreSQL: ${target.name} has no unlogged tables`);
}

/** A schema that was asked for by name and gives no table is most likely misspelt. */
function refuseEmptySchemas(catalog: DatabaseSchema, schemas: readonly string[]): void {
  const { tables, views, types, others } = catalog;
  const there = new Set([...tables, ...views, ...types, ...others].map((each) => each.schema));
  const empty = schemas.find((schema) => schema !== '*' && !there.has(schema));
  if (empty === undefined) return;
  throw new FerrowError('E_USAGE', `the source has no tables in a schema "${empty}"`, {
    hint: "check the name and its case, or use --schema '*'",
  });
}

/** Schemas of the target in which tables of the source will stand. */
export function targetSchemas({ quirks }: Dialect, sourceCatalog: DatabaseSchema): string[] {
  if (!quirks.schemas) return [];
  const schemas = new Set(
    [...sourceCatalog.tables, ...sourceCatalog.views].map(({ schema }) =>
      schema === null || schema === sourceCatalog.defaultSchema ? quirks.defaultSchema : schema,
    ),
  );
  schemas.add(quirks.defaultSchema);
  return [...schemas].filter((schema) => schema !== null);
}

type Evidence = Map<string, Map<string, ColumnEvidence>>;

/** One scan per table for the columns whose declared type doesn't say enough. */
async function profile(
  { source, pool }: Reading,
  request: TransferRequest,
  selected: readonly SelectedTable[],
  target: Dialect,
  unreadable: Map<string, FerrowError>,
): Promise<Evidence> {
  const evidence: Evidence = new Map();
  const { dialect } = source;
  const sameEngine = dialect.name === target.name;
  for (const entry of selected) {
    const effective = effectiveOptions(entry, request.options);
    const columns = chosenColumns(entry, effective)
      .map((column) => ({
        name: column.name,
        probes: dialect.types.probes(
          column,
          columnPolicies(request.options, effective, column.name),
          sameEngine,
        ),
      }))
      .filter((column) => column.probes.length > 0);
    if (columns.length === 0) continue;
    request.signal.throwIfAborted();
    request.events.emit('phase', { what: `profiling ${entry.displayName}`, table: entry.displayName });
    const asked = { table: entry.table, where: effective.where ?? null, columns };
    const probing = profileTable(source, asked, pool, request.signal);
    const found = await orUnreadable(probing, entry.displayName, unreadable);
    if (found === null) continue;
    evidence.set(entry.displayName, new Map(columns.map((column, at) => [column.name, found[at]])));
  }
  return evidence;
}

/** Of tables that are refused the rows are only worth counting for a plan. */
async function countSource(
  { engine }: Source,
  request: TransferRequest,
  selected: readonly SelectedTable[],
  plan: Plan,
  evidence: Evidence,
  unreadable: Map<string, FerrowError>,
): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  const planned = new Map(plan.tables.map((table) => [table.displayName, table.where]));
  for (const { displayName: name, table } of selected) {
    const where = planned.get(name);
    if (where === undefined && (!request.options.dryRun || unreadable.has(name))) continue;
    request.signal.throwIfAborted();
    const [profiled] = evidence.get(name)?.values() ?? [];
    const counting = profiled ? profiled.rowCount : engine.countRows(table, where ?? null);
    const found = await orUnreadable(counting, name, unreadable);
    if (found !== null) rows.set(name, found);
  }
  return rows;
}

/** A table that may not be read, or is damaged, is a refusal like others: it must not hide the rest. */
async function orUnreadable<T>(
  reading: T | Promise<T>,
  table: string,
  unreadable: Map<string, FerrowError>,
): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof FerrowError) || !['E_PRIVILEGE', 'E_CORRUPT'].includes(error.code)) throw error;
    unreadable.set(table, error.at({ table }));
    return null;
  }
}

function withoutUnreadable(plan: Plan, unreadable: ReadonlyMap<string, FerrowError>): Plan {
  if (unreadable.size === 0) return plan;
  const tables = plan.tables.filter((table) => !unreadable.has(table.displayName));
  return { ...plan, tables, refusals: [...plan.refusals, ...unreadable.values()] };
}
