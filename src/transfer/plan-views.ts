// Which views the run makes, what they are made of, and which stay behind with the reason. Pure.
import type { ViewLoad } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { NotCarried, TableName } from '../types/schema.ts';
import { ENGINE_NAMES } from './origins.ts';
import type { PlanInput } from './plan.ts';
import { nameProblem, tableKey, targetName } from './plan-names.ts';
import type { SelectedTable, SelectedView } from './select.ts';

export interface PlannedView {
  readonly displayName: string;
  readonly load: ViewLoad;
}

export interface PlannedViews {
  readonly views: readonly PlannedView[];
  readonly notCarried: readonly NotCarried[];
  readonly refusals: readonly FerrowError[];
}

export interface ViewsInput {
  readonly plan: PlanInput;
  readonly renames: ReadonlyMap<SelectedTable | SelectedView, string>;
  /** Where a table of the source stands in the target; null if it won't be there. */
  readonly resolve: (table: TableName) => TableName | null;
  /** Names that the run's tables take, as keys of the target. */
  readonly taken: ReadonlySet<string>;
}

export function planViews({ plan, renames, resolve, taken }: ViewsInput): PlannedViews {
  const { source, target, sourceCatalog, options } = plan;
  const views: PlannedView[] = [];
  const notCarried: NotCarried[] = [];
  const refusals: FerrowError[] = [];
  if (options.dataOnly) return { views, notCarried, refusals };
  const carried = new Map<string, TableName>();
  const standing = new Map(plan.targetCatalog.views.map((view) => [tableKey(view, target.quirks), view]));
  const find = (table: TableName): TableName | null => {
    const known = carried.get(tableKey(table, source.quirks)) ?? resolve(table);
    if (known) return known;
    const there = targetName(table, sourceCatalog, target.quirks, undefined);
    return standing.has(tableKey(there, target.quirks)) ? there : null;
  };
  for (const entry of plan.views) {
    const { view, displayName } = entry;
    const object = view.materialized ? 'materialized view' : 'view';
    const name = targetName(view, sourceCatalog, target.quirks, renames.get(entry));
    const key = tableKey(name, target.quirks);
    const leave = (left: Omit<NotCarried, 'table' | 'object' | 'name'>) =>
      notCarried.push({ table: null, object, name: displayName, ...left });
    const unnameable = nameProblem(name.name, 'view', target.quirks, displayName);
    if (unnameable) {
      leave({ reason: unnameable.message, hint: unnameable.hint });
      continue;
    }
    if (taken.has(key) || views.some((other) => tableKey(other.load.name, target.quirks) === key)) {
      leave({
        reason: `something else that is moved is called "${name.name}" in the target`,
        hint: `--rename "${displayName}=other_name"`,
      });
      continue;
    }
    const adopted = target.ddl.adoptView(view, source.name, name, find);
    if ('reason' in adopted) {
      const { reason, hint } = adopted;
      const asTable =
        view.materialized && view.asTable ? '--materialized-views table moves its rows' : undefined;
      leave({ reason, ...((asTable ?? hint) ? { hint: asTable ?? hint } : {}) });
      continue;
    }
    const existing = existingRelation(plan, key);
    if (existing === object && viewsStay(options)) {
      carried.set(tableKey(view, source.quirks), name);
      continue;
    }
    const inTheWay = refuseExisting(existing, displayName, name, options.ifExists);
    if (inTheWay) {
      refusals.push(inTheWay);
      continue;
    }
    if (view.materialized && !adopted.materialized) {
      leave({
        reason: `${ENGINE_NAMES[target.name]} has no materialised views`,
        instead: 'as a plain view',
        ...(view.asTable ? { hint: '--materialized-views table moves its rows instead' } : {}),
      });
    }
    for (const left of adopted.without ?? []) notCarried.push({ table: null, ...left });
    carried.set(tableKey(view, source.quirks), name);
    views.push({ displayName, load: adopted });
  }
  return { views, notCarried, refusals };
}

/** A view that stands is left as it is where its tables are; a swap turns it to the new ones. */
function viewsStay({ ifExists, strategy }: PlanInput['options']): boolean {
  return ifExists === 'append' || (strategy === 'blue-green' && ifExists === 'fail');
}

/** What stands in the target under this name: `table`, `view`, …; null if nothing. */
export function existingRelation({ target, targetCatalog }: PlanInput, key: string): string | null {
  const named = (each: TableName) => tableKey(each, target.quirks) === key;
  if (targetCatalog.tables.some(named)) return 'table';
  const view = targetCatalog.views.find(named);
  if (view) return view.materialized ? 'materialized view' : 'view';
  return targetCatalog.others.find((other) => named(other) && isRelation(other.kind))?.kind ?? null;
}

function isRelation(kind: string): boolean {
  return kind.endsWith('view') || kind.endsWith(' table') || kind === 'sequence';
}

function refuseExisting(
  existing: string | null,
  displayName: string,
  name: TableName,
  ifExists: 'fail' | 'replace' | 'append',
): FerrowError | null {
  if (existing === null) return null;
  const replaceable = existing.endsWith('view');
  if (replaceable && ifExists === 'replace') return null;
  return new FerrowError('E_TABLE_EXISTS', `the target already has a ${existing} "${name.name}"`, {
    table: displayName,
    hint: replaceable
      ? `use --if-exists replace, or --exclude "${displayName}"`
      : `drop it, or use --exclude "${displayName}" or --rename "${displayName}=other_name"`,
  });
}
