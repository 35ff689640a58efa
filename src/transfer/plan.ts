// Pure: two catalogs, the evidence and the options -> what becomes of every table, or every refusal at once.
import { createHash } from 'node:crypto';
import type { Dialect, Quirks } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { ColumnEvidence } from '../types/evidence.ts';
import type { DatabaseSchema, NotCarried, TableName, TableSchema } from '../types/schema.ts';
import type { TransferOptions } from './options.ts';
import { collisions, resolveRenames, tableKey, targetName } from './plan-names.ts';
import { type Draft, planTable, type RefusedTable, type TablePlan } from './plan-table.ts';
import { typeConflicts } from './plan-types.ts';
import { type PlannedView, planViews } from './plan-views.ts';
import type { SelectedTable, SelectedView } from './select.ts';
import { effectiveOptions } from './table-options.ts';

export interface Plan {
  readonly tables: readonly TablePlan[];
  /** Made after the tables, in this order. */
  readonly views: readonly PlannedView[];
  /** Tables that are not among `tables`, as far as they could be planned. */
  readonly refusedTables: readonly RefusedTable[];
  /** Why tables and views are not carried though they were asked for; all of them, not just the first. */
  readonly refusals: readonly FerrowError[];
  /** Of views, which belong to no table; tables have their own. */
  readonly notCarried: readonly NotCarried[];
  /** sha256 over everything that decides what is moved where. */
  readonly hash: string;
}

export interface PlanInput {
  readonly runId: string;
  readonly source: Dialect;
  readonly target: Dialect;
  readonly sourceCatalog: DatabaseSchema;
  readonly targetCatalog: DatabaseSchema;
  readonly selected: readonly SelectedTable[];
  readonly views: readonly SelectedView[];
  /** By display name, then by column name. */
  readonly evidence: ReadonlyMap<string, ReadonlyMap<string, ColumnEvidence>>;
  readonly options: TransferOptions;
}

export function planTransfer(input: PlanInput): Plan {
  const { selected, options, target, sourceCatalog } = input;
  const renames = resolveRenames([...selected, ...input.views], options.rename);
  const drafts = selected.map((entry): Draft => {
    const effective = effectiveOptions(entry, options);
    const rename = renames.get(entry) ?? effective.rename;
    return { entry, options: effective, name: targetName(entry.table, sourceCatalog, target.quirks, rename) };
  });
  const collided = refuseCollisions(drafts, target.quirks);
  const existing = new Map(
    input.targetCatalog.tables.map((table) => [tableKey(table, target.quirks), table]),
  );
  // A table that is refused is no parent for the others: they are planned again without it.
  const gone = new Set(options.keepGoing ? collided.keys() : []);
  for (;;) {
    const before = gone.size;
    const present = drafts.filter((draft) => !gone.has(draft));
    const resolve = referenceResolver(input, present, existing);
    const refusals = [...collided.values()];
    const refusedTables: RefusedTable[] = [];
    const tables = new Map<TablePlan, Draft>();
    for (const [index, draft] of drafts.entries()) {
      if (collided.has(draft)) continue;
      const standing = existing.get(tableKey(draft.name, target.quirks)) ?? null;
      const planned = planTable(input, draft, index, standing, resolve);
      if ('refusals' in planned) {
        refusals.push(...planned.refusals);
        refusedTables.push(planned);
        gone.add(draft);
      } else tables.set(planned, draft);
    }
    for (const [table, errors] of typeConflicts([...tables.keys()], input.targetCatalog, target.quirks)) {
      const draft = tables.get(table);
      if (draft) gone.add(draft);
      tables.delete(table);
      refusals.push(...errors);
      const { displayName, mappings } = table;
      refusedTables.push({ displayName, name: table.load.table, refusals: errors, mappings });
    }
    if (options.keepGoing && gone.size !== before) continue;
    const taken = new Set(drafts.map((draft) => tableKey(draft.name, target.quirks)));
    const { views, notCarried, ...ofViews } = planViews({ plan: input, renames, resolve, taken });
    const remade = remadeViews(input, views);
    const all = [...tables.keys()].map((table) =>
      table.load.mode === 'replace' && remade.length > 0
        ? { ...table, load: { ...table.load, remade } }
        : table,
    );
    refusals.push(...ofViews.refusals);
    return { tables: all, views, refusedTables, refusals, notCarried, hash: planHash(all, views) };
  }
}

/** Views that stand in the target and are made again, the last made first. */
function remadeViews({ target, targetCatalog }: PlanInput, views: readonly PlannedView[]): TableName[] {
  const standing = new Set(targetCatalog.views.map((view) => tableKey(view, target.quirks)));
  return views
    .map((view) => view.load.name)
    .filter((name) => standing.has(tableKey(name, target.quirks)))
    .reverse();
}

/** Each table whose name another takes too, with what is said of it. */
function refuseCollisions(drafts: readonly Draft[], quirks: Quirks): Map<Draft, FerrowError> {
  const refused = new Map<Draft, FerrowError>();
  for (const [first, second] of collisions(drafts, (draft) => tableKey(draft.name, quirks))) {
    const message = `the tables "${first.entry.displayName}" and "${second.entry.displayName}" would both be "${second.name.name}" in the target`;
    for (const draft of [second, first]) {
      if (refused.has(draft)) continue;
      const table = draft.entry.displayName;
      const hint = `--rename "${table}=other_name"`;
      refused.set(draft, new FerrowError('E_TABLE_NAME_COLLISION', message, { table, hint }));
    }
  }
  return refused;
}

/** Where a referenced table of the source will stand in the target; null if nowhere. */
function referenceResolver(
  input: PlanInput,
  drafts: readonly Draft[],
  existing: ReadonlyMap<string, TableSchema>,
): (table: TableName) => TableName | null {
  const { target, sourceCatalog, source } = input;
  const byName = new Map(drafts.map((draft) => [tableKey(draft.entry.table, source.quirks), draft.name]));
  return (table) => {
    const moved = byName.get(tableKey({ schema: table.schema, name: table.name }, source.quirks));
    if (moved) return moved;
    const there = targetName(table, sourceCatalog, target.quirks, undefined);
    return existing.has(tableKey(there, target.quirks)) ? there : null;
  };
}

function planHash(tables: readonly TablePlan[], views: readonly PlannedView[]): string {
  const parts = tables.map(({ load, columns, where }) => ({
    table: load.table,
    mode: load.mode,
    crossings: columns.map((column) => column.crossing),
    where,
  }));
  return createHash('sha256')
    .update(JSON.stringify([parts, views]))
    .digest('hex');
}
