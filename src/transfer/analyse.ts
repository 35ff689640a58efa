// Before anything moves: catalogs, which tables, what their values look like, and the plan that follows.

import type { Dialect } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { ColumnEvidence } from '../types/evidence.ts';
import type { DatabaseSchema, OtherObject } from '../types/schema.ts';
import { displayName } from '../types/schema.ts';
import { type Plan, planTransfer } from './plan.ts';
import type { TablePlan } from './plan-table.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { type SelectedTable, selectTables } from './select.ts';
import type { Session } from './session.ts';
import { chosenColumns, columnPolicies, effectiveOptions } from './table-options.ts';

export interface Analysis {
  readonly runId: string;
  readonly sourceCatalog: DatabaseSchema;
  readonly targetCatalog: DatabaseSchema;
  readonly selected: readonly SelectedTable[];
  readonly plan: Plan;
  /** Rows of the source by display name, counted in the snapshot; empty where counting was not asked for. */
  readonly sourceRows: ReadonlyMap<string, number>;
  readonly warnings: readonly Warning[];
}

type Source = Session['source'];

/** @throws FerrowError when catalogs can't be read or the request names what isn't there */
export async function analyse(session: Session, request: TransferRequest, runId: string): Promise<Analysis> {
  const { source, target } = session;
  const readTarget = (sourceCatalog: DatabaseSchema) =>
    target.engine.catalog(targetSchemas(target.dialect, sourceCatalog));
  return analyseFor(source, target.dialect, readTarget, request, runId);
}

/** The same for a target of which only the engine is known: `readTarget` gives what stands there. */
export async function analyseFor(
  source: Source,
  target: Dialect,
  readTarget: (sourceCatalog: DatabaseSchema) => Promise<DatabaseSchema>,
  request: TransferRequest,
  runId: string,
): Promise<Analysis> {
  const { options, events, signal } = request;
  events.emit('phase', { what: 'reading catalogs', table: null });
  const sourceCatalog = await source.engine.catalog(options.schema);
  const selected = selectTables(sourceCatalog, options.tables, options.exclude);
  oneTableOnly(selected, request);
  refuseEmptySchemas(sourceCatalog, options.schema);
  const targetCatalog = await readTarget(sourceCatalog);
  signal.throwIfAborted();
  const unreadable = new Map<string, FerrowError>();
  const evidence = await profile(source, request, selected, unreadable);
  const drafted = planTransfer({
    runId,
    source: source.dialect,
    target,
    sourceCatalog,
    targetCatalog,
    selected: selected.filter((entry) => !unreadable.has(entry.displayName)),
    evidence,
    options,
  });
  const uncounted = options.schemaOnly || (options.verify === 'none' && !options.dryRun);
  const sourceRows = uncounted
    ? new Map<string, number>()
    : await countSource(source, request, drafted.tables, evidence, unreadable);
  const plan = withoutUnreadable(drafted, unreadable);
  const others = otherObjects(sourceCatalog, selected, options.tables);
  const warnings = [
    ...plan.tables.flatMap(asTextWarnings),
    ...plan.tables.flatMap(notCarriedWarnings),
    ...others,
  ];
  return { runId, sourceCatalog, targetCatalog, selected, plan, sourceRows, warnings };
}

/** `--where` and `--columns` speak of one table. */
function oneTableOnly(selected: readonly SelectedTable[], { options }: TransferRequest): void {
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

/** A schema that was asked for by name and gives no table is most likely misspelt. */
function refuseEmptySchemas({ tables, others }: DatabaseSchema, schemas: readonly string[]): void {
  const there = new Set([...tables, ...others].map((each) => each.schema));
  const empty = schemas.find((schema) => schema !== '*' && !there.has(schema));
  if (empty === undefined) return;
  throw new FerrowError('E_USAGE', `the source has no tables in a schema "${empty}"`, {
    hint: "check the name and its case, or use --schema '*'",
  });
}

function targetSchemas({ quirks }: Dialect, sourceCatalog: DatabaseSchema): string[] {
  if (!quirks.schemas) return [];
  const schemas = new Set(
    sourceCatalog.tables.map(({ schema }) =>
      schema === null || schema === sourceCatalog.defaultSchema ? quirks.defaultSchema : schema,
    ),
  );
  schemas.add(quirks.defaultSchema);
  return [...schemas].filter((schema) => schema !== null);
}

type Evidence = Map<string, Map<string, ColumnEvidence>>;

/** One scan per table for the columns whose declared type doesn't say enough. */
async function profile(
  { engine, dialect }: Source,
  request: TransferRequest,
  selected: readonly SelectedTable[],
  unreadable: Map<string, FerrowError>,
): Promise<Evidence> {
  const evidence: Evidence = new Map();
  for (const entry of selected) {
    const effective = effectiveOptions(entry, request.options);
    const columns = chosenColumns(entry, effective)
      .map((column) => ({
        name: column.name,
        probes: dialect.types.probes(column, columnPolicies(request.options, effective, column.name)),
      }))
      .filter((column) => column.probes.length > 0);
    if (columns.length === 0) continue;
    request.signal.throwIfAborted();
    request.events.emit('phase', { what: `profiling ${entry.displayName}`, table: entry.displayName });
    const probing = engine.prescan({ table: entry.table, where: effective.where ?? null, columns });
    const found = await orUnreadable(probing, entry.displayName, unreadable);
    if (found === null) continue;
    evidence.set(entry.displayName, new Map(columns.map((column, at) => [column.name, found[at]])));
  }
  return evidence;
}

async function countSource(
  { engine }: Source,
  request: TransferRequest,
  tables: readonly TablePlan[],
  evidence: Evidence,
  unreadable: Map<string, FerrowError>,
): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  for (const table of tables) {
    request.signal.throwIfAborted();
    const [profiled] = evidence.get(table.displayName)?.values() ?? [];
    const counting = profiled ? profiled.rowCount : engine.countRows(table.source, table.where);
    const found = await orUnreadable(counting, table.displayName, unreadable);
    if (found !== null) rows.set(table.displayName, found);
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

/** Numbers and times that the target only holds as text. */
function asTextWarnings({ displayName: table, columns }: TablePlan): Warning[] {
  return columns
    .filter((column) => column.asText)
    .map(({ mapping }) => ({
      code: 'W_KEPT_AS_TEXT',
      table,
      column: mapping.source,
      message: `${mapping.sourceType} becomes ${mapping.targetType}, exact text: ${mapping.because}`,
      hint: 'cast it where you calculate, sort or compare by value',
    }));
}

/** What a plan leaves out of a table, as warnings. */
export function notCarriedWarnings(table: Pick<TablePlan, 'notCarried'>): Warning[] {
  return table.notCarried.map((each) => ({
    code: each.instead === undefined ? 'W_NOT_CARRIED' : 'W_CARRIED_OTHERWISE',
    table: each.table,
    column: each.column ?? null,
    message: `${each.object} ${each.name} is ${each.instead === undefined ? 'not carried' : `carried ${each.instead}`}: ${each.reason}`,
    ...(each.hint === undefined ? {} : { hint: each.hint }),
  }));
}

/** Views, triggers and the like: listed by name. With `--tables`, only what hangs on a chosen table. */
function otherObjects(
  catalog: DatabaseSchema,
  selected: readonly SelectedTable[],
  include: readonly string[],
): Warning[] {
  const names = new Set(selected.map((entry) => entry.table.name));
  const concerns = (other: OtherObject) =>
    other.table === null ? include.length === 0 : names.has(other.table);
  return catalog.others.filter(concerns).map((other) => ({
    code: 'W_NOT_CARRIED',
    table: other.table,
    column: null,
    message: `${other.kind} "${displayName(other, catalog.defaultSchema)}" is not carried: ${whyNot(other, catalog.engine)}`,
  }));
}

function whyNot({ kind }: OtherObject, engine: string): string {
  switch (kind) {
    case 'sequence':
      return 'no table that is moved takes its numbers from it';
    case 'type':
      return 'columns of it get a type of the target';
    case 'virtual table':
      return 'virtual tables, and the tables they keep their data in, work in SQLite alone';
    case 'foreign table':
      return 'its rows are not in this database';
    case 'policy':
      return 'rights stay with the database';
    default:
      return `only tables are carried, no definitions in the SQL of ${engine}`;
  }
}
