// How the target's schema differs from what this source would become there.
import type { Dialect } from '../dialect/dialect.ts';
import type { FerrowError } from '../errors/ferrow-error.ts';
import { displayName, type NotCarried, type TableSchema } from '../types/schema.ts';
import type { Analysis } from './analyse.ts';
import { columnDifferences, sameNativeType, tableDifferences } from './compare-table.ts';
import { foldName, tableKey } from './plan-names.ts';
import type { TablePlan } from './plan-table.ts';
import type { Verdict, Warning } from './report.ts';

export interface TypeDifference {
  readonly column: string;
  /** The source's type, what it would become, and what stands in the target. */
  readonly source: string;
  readonly expected: string;
  readonly target: string;
  /** Of what it would become. */
  readonly verdict: Verdict;
  readonly because: string | null;
}

export interface TableComparison {
  readonly tableName: string;
  /** Name in the target. */
  readonly targetName: string;
  readonly sourceExists: boolean;
  readonly targetExists: boolean;
  readonly sourceColumns: readonly string[];
  readonly targetColumns: readonly string[];
  readonly missingInTarget: readonly string[];
  readonly missingInSource: readonly string[];
  readonly typeDifferences: readonly TypeDifference[];
  /**
   * NOT NULL, defaults, numbering, generated columns, collations, comments, keys, foreign keys, checks and indexes, a
   * sentence each.
   */
  readonly differences: readonly string[];
  /** What a migration leaves out of the table, or makes otherwise; no difference. */
  readonly notCarried: readonly NotCarried[];
  readonly equal: boolean;
}

export interface ViewComparison {
  readonly viewName: string;
  /** Name in the target. */
  readonly targetName: string;
  readonly sourceExists: boolean;
  readonly targetExists: boolean;
  readonly differences: readonly string[];
  readonly equal: boolean;
}

export interface SchemaComparison {
  readonly source: string;
  readonly target: string;
  readonly tables: readonly TableComparison[];
  readonly views: readonly ViewComparison[];
  /** What belongs to no table: user types, and why views are refused. */
  readonly differences: readonly string[];
  /** All that a migration leaves behind or makes otherwise, with the reasons; no difference. */
  readonly notCarried: readonly NotCarried[];
  readonly equal: boolean;
  readonly warnings: readonly Warning[];
}

/** Compares every planned table, and names the tables that only the target has. */
export function compareTables(
  analysis: Analysis,
  source: Dialect,
  target: Dialect,
  whole: boolean,
): TableComparison[] {
  const { plan, sourceCatalog, targetCatalog, selected } = analysis;
  const standing = new Map(targetCatalog.tables.map((table) => [tableKey(table, target.quirks), table]));
  const compared = plan.tables.map((planned) => {
    const key = tableKey(planned.load.table, target.quirks);
    const actual = standing.get(key) ?? null;
    standing.delete(key);
    return compareTable(planned, actual, target, source.name === target.name);
  });
  const planned = new Set(plan.tables.map((table) => table.displayName));
  const refused = selected
    .filter((entry) => !planned.has(entry.displayName))
    .map((entry) => refusedTable(entry.displayName, entry.table, plan.refusals, sourceCatalog.defaultSchema));
  const extra = whole
    ? [...standing.values()].map((table) => extraTable(table, targetCatalog.defaultSchema, source))
    : [];
  return [...compared, ...refused, ...extra];
}

function compareTable(
  planned: TablePlan,
  actual: TableSchema | null,
  target: Dialect,
  sameEngine: boolean,
): TableComparison {
  const expected = planned.load.table;
  const sourceColumns = planned.source.columns.map((column) => column.name);
  const base = {
    tableName: planned.displayName,
    targetName: displayName(expected, target.quirks.defaultSchema),
    sourceExists: true,
    sourceColumns,
    notCarried: planned.notCarried,
  };
  if (!actual) {
    const missingInTarget = expected.columns.map((column) => column.name);
    return {
      ...base,
      ...NO_DIFFERENCE,
      targetExists: false,
      targetColumns: [],
      missingInTarget,
      equal: false,
    };
  }
  const fold = (name: string) => foldName(name, target.quirks);
  const there = new Map(actual.columns.map((column) => [fold(column.name), column]));
  const wanted = new Set(expected.columns.map((column) => fold(column.name)));
  const missingInTarget = expected.columns
    .filter((column) => !there.has(fold(column.name)))
    .map((column) => column.name);
  const missingInSource = actual.columns
    .filter((column) => !wanted.has(fold(column.name)))
    .map((column) => column.name);
  const typeDifferences: TypeDifference[] = [];
  const differences: string[] = [];
  for (const column of expected.columns) {
    const other = there.get(fold(column.name));
    if (!other) continue;
    if (!sameNativeType(column, other, target)) {
      const mapping = planned.mappings.find((each) => each.target === column.name);
      typeDifferences.push({
        column: column.name,
        source: mapping?.sourceType ?? column.nativeType,
        expected: column.nativeType,
        target: other.nativeType,
        verdict: mapping?.verdict ?? 'exact',
        because: mapping?.because ?? null,
      });
    }
    differences.push(...columnDifferences(column, other, expected, sameEngine));
  }
  differences.push(...tableDifferences(expected, actual, target));
  const equal =
    missingInTarget.length + missingInSource.length + typeDifferences.length + differences.length === 0;
  const targetColumns = actual.columns.map((column) => column.name);
  return {
    ...base,
    targetExists: true,
    targetColumns,
    missingInTarget,
    missingInSource,
    typeDifferences,
    differences,
    equal,
  };
}

const NO_DIFFERENCE = { missingInTarget: [], missingInSource: [], typeDifferences: [], differences: [] };
const NOTHING = { ...NO_DIFFERENCE, notCarried: [] };

function refusedTable(
  tableName: string,
  table: TableSchema,
  refusals: readonly FerrowError[],
  defaultSchema: string | null,
): TableComparison {
  const why = refusals.filter((each) => each.place.table === tableName).map((each) => each.message);
  return {
    ...NOTHING,
    tableName,
    targetName: displayName(table, defaultSchema),
    sourceExists: true,
    targetExists: false,
    sourceColumns: table.columns.map((column) => column.name),
    targetColumns: [],
    differences: why,
    equal: false,
  };
}

function extraTable(table: TableSchema, defaultSchema: string | null, source: Dialect): TableComparison {
  const tableName = displayName(table, defaultSchema);
  const targetColumns = table.columns.map((column) => column.name);
  return {
    ...NOTHING,
    tableName,
    targetName: tableName,
    sourceExists: false,
    targetExists: true,
    sourceColumns: [],
    targetColumns,
    missingInSource: targetColumns,
    differences: [`the ${source.name} source has no such table`],
    equal: false,
  };
}
