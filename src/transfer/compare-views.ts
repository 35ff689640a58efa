// Views and user types as a run would make them against those that stand. Pure.
import type { Dialect } from '../dialect/dialect.ts';
import { displayName, type TableName, type UserType, type ViewSchema } from '../types/schema.ts';
import type { Analysis } from './analyse.ts';
import { tableKey } from './plan-names.ts';
import { sameUserType } from './plan-types.ts';
import { sameTree } from './same-meaning.ts';
import type { ViewComparison } from './schema-compare.ts';

/** Views that the plan makes, and with `whole` those that only the target has. */
export function compareViews(
  { plan, views, sourceCatalog, targetCatalog }: Analysis,
  source: Dialect,
  target: Dialect,
  whole: boolean,
): ViewComparison[] {
  const shown = (name: TableName) => displayName(name, target.quirks.defaultSchema);
  const standing = new Map(targetCatalog.views.map((view) => [tableKey(view, target.quirks), view]));
  const compared = plan.views.map(({ displayName: viewName, load }): ViewComparison => {
    const key = tableKey(load.name, target.quirks);
    const actual = standing.get(key);
    standing.delete(key);
    const ours = views.find((entry) => entry.displayName === viewName)?.view;
    const differences =
      actual && ours ? viewDifferences(ours, load.materialized, actual, source, target) : [];
    return {
      viewName,
      targetName: shown(load.name),
      sourceExists: true,
      targetExists: actual !== undefined,
      differences,
      equal: actual !== undefined && differences.length === 0,
    };
  });
  // One that is not carried may have been made by hand.
  const known = new Set(
    [...sourceCatalog.views, ...sourceCatalog.tables].map((each) => each.name.toLowerCase()),
  );
  const extra = [...standing.values()].filter((view) => whole && !known.has(view.name.toLowerCase()));
  return [
    ...compared,
    ...extra.map((view) => ({
      viewName: shown(view),
      targetName: shown(view),
      sourceExists: false,
      targetExists: true,
      differences: [`the ${source.name} source has no such view`],
      equal: false,
    })),
  ];
}

function viewDifferences(
  ours: ViewSchema,
  materialized: boolean,
  actual: ViewSchema,
  source: Dialect,
  target: Dialect,
): string[] {
  const found: string[] = [];
  const kind = (flag: boolean) => (flag ? 'a materialised view' : 'a view');
  if (materialized !== actual.materialized) {
    found.push(`${kind(materialized)} expected, ${kind(actual.materialized)} in the target`);
  }
  const columns = (view: ViewSchema) => view.columns.map((name) => name.toLowerCase()).join(', ');
  if (columns(ours) !== columns(actual)) {
    found.push(`columns ${columns(ours)} expected, ${columns(actual)} in the target`);
  }
  const sameText = source.name === target.name && ours.sql === actual.sql;
  const understood = ours.query !== undefined && actual.query !== undefined;
  if (!sameText && understood && !sameTree(ours.query, actual.query)) found.push('the query is another one');
  if (!sameText && !understood && source.name === target.name) found.push('the query is written otherwise');
  return found;
}

/** User types that the plan's columns need and the target lacks or has otherwise. */
export function compareTypes({ plan, targetCatalog }: Analysis, target: Dialect): string[] {
  const standing = new Map(targetCatalog.types.map((type) => [tableKey(type, target.quirks), type]));
  const needed = new Map<string, UserType>();
  for (const { load } of plan.tables) {
    for (const { needs } of load.table.columns) {
      for (const type of needs ?? []) needed.set(tableKey(type, target.quirks), type);
    }
  }
  return [...needed].flatMap(([key, type]) => {
    const actual = standing.get(key);
    const name = displayName(type, target.quirks.defaultSchema);
    if (!actual) return [`type ${name} is missing in the target`];
    return sameUserType(type, actual) ? [] : [`type ${name} has another definition in the target`];
  });
}
