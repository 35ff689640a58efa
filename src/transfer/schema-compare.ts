// How the target's schema differs from what this source would become there.
import type { Dialect } from '../dialect/dialect.ts';
import type { FerrowError } from '../errors/ferrow-error.ts';
import { sameType } from '../types/logical-type.ts';
import { isRefusal } from '../types/mapping.ts';
import {
  type ColumnSchema,
  displayName,
  type ForeignKeySchema,
  type IndexSchema,
  type TableSchema,
} from '../types/schema.ts';
import type { Analysis } from './analyse.ts';
import { foldName, tableKey } from './plan-names.ts';
import { keyName } from './plan-schema.ts';
import type { TablePlan } from './plan-table.ts';
import type { Warning } from './report.ts';

export interface TypeDifference {
  readonly column: string;
  /** The source's type, what it would become, and what stands in the target. */
  readonly source: string;
  readonly expected: string;
  readonly target: string;
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
  /** NOT NULL, defaults, keys, foreign keys, checks and indexes, a sentence each. */
  readonly differences: readonly string[];
  readonly equal: boolean;
}

export interface SchemaComparison {
  readonly source: string;
  readonly target: string;
  readonly tables: readonly TableComparison[];
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
    return compareTable(planned, actual, target);
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

function compareTable(planned: TablePlan, actual: TableSchema | null, target: Dialect): TableComparison {
  const expected = planned.load.table;
  const sourceColumns = planned.source.columns.map((column) => column.name);
  const base = {
    tableName: planned.displayName,
    targetName: displayName(expected, target.quirks.defaultSchema),
    sourceExists: true,
    sourceColumns,
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
      const from =
        planned.columns.find((each) => each.write.name === column.name)?.mapping.sourceType ??
        column.nativeType;
      typeDifferences.push({
        column: column.name,
        source: from,
        expected: column.nativeType,
        target: other.nativeType,
      });
    }
    differences.push(...compareColumn(column, other, expected));
  }
  differences.push(...compareKeys(expected, actual, fold));
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

function refusedTable(
  tableName: string,
  table: TableSchema,
  refusals: readonly FerrowError[],
  defaultSchema: string | null,
): TableComparison {
  const why = refusals.filter((each) => each.place.table === tableName).map((each) => each.message);
  return {
    ...NO_DIFFERENCE,
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
    ...NO_DIFFERENCE,
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

/** The same spelling, or two spellings of one type: equal wire and equal checks. */
function sameNativeType(a: ColumnSchema, b: ColumnSchema, dialect: Dialect): boolean {
  if (a.nativeType.toLowerCase() === b.nativeType.toLowerCase()) return true;
  const [first, second] = [dialect.types.write(a), dialect.types.write(b)];
  if (isRefusal(first) || isRefusal(second)) return false;
  return sameType(first.wire, second.wire) && JSON.stringify(first.checks) === JSON.stringify(second.checks);
}

function compareColumn(expected: ColumnSchema, actual: ColumnSchema, table: TableSchema): string[] {
  const { name } = expected;
  const found: string[] = [];
  // Columns of a primary key are NOT NULL by themselves, whether the catalog says so or not.
  const inKey = table.primaryKey?.columns.includes(name) ?? false;
  if (!inKey && expected.nullable !== actual.nullable) {
    found.push(
      `column "${name}": ${expected.nullable ? 'NOT NULL only in the target' : 'NOT NULL is missing in the target'}`,
    );
  }
  const [wanted, there] = [defaultText(expected), defaultText(actual)];
  if (wanted !== there)
    found.push(`column "${name}": default ${wanted ?? 'none'} expected, ${there ?? 'none'} in the target`);
  return found;
}

/** A default by its meaning where it is understood, else by its text. Numbering columns have none of their own. */
function defaultText({ default: value, identity }: ColumnSchema): string | null {
  if (!value || identity || value.kind === 'null' || value.kind === 'sequence') return null;
  // Engines without a boolean write 1 and 0, and not all write 1e300 as 1e300.
  if (value.kind === 'bool') return value.value ? '1' : '0';
  if (value.kind === 'number') return plainNumber(value.value);
  if (value.kind === 'text') return value.value;
  if (value.kind === 'blob') return value.hex;
  if (value.kind === 'now') return `current ${value.what}`;
  return value.kind === 'uuid' ? 'a random UUID' : value.sql;
}

/** One spelling for numbers that a double holds exactly enough; others as they are written. */
function plainNumber(text: string): string {
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+|0+$/g, '');
  return digits.length <= 15 && Number.isFinite(Number(text)) ? String(Number(text)) : text;
}

function compareKeys(expected: TableSchema, actual: TableSchema, fold: (name: string) => string): string[] {
  const columns = (names: readonly string[]) => `(${names.map(fold).join(', ')})`;
  const key = (table: TableSchema) => (table.primaryKey ? columns(table.primaryKey.columns) : 'none');
  const found: string[] = [];
  if (key(expected) !== key(actual))
    found.push(`primary key ${key(expected)} expected, ${key(actual)} in the target`);
  // A unique index and a unique constraint enforce the same.
  const uniques = (table: TableSchema) => [
    ...table.uniques.map((unique) => columns(unique.columns)),
    ...table.indexes.filter((index) => index.unique).map((index) => indexText(index, fold)),
  ];
  found.push(...listDifferences('unique', uniques(expected), uniques(actual)));
  const foreignKeys = (table: TableSchema) => table.foreignKeys.map((each) => foreignKeyText(each, fold));
  found.push(...listDifferences('foreign key', foreignKeys(expected), foreignKeys(actual)));
  const checks = (table: TableSchema) => table.checks.map((check) => check.expression);
  found.push(...listDifferences('check', checks(expected), checks(actual)));
  const indexes = (table: TableSchema) =>
    table.indexes.filter((index) => !index.unique).map((index) => indexText(index, fold));
  found.push(...listDifferences('index', indexes(expected), indexes(actual)));
  return found;
}

function foreignKeyText(key: ForeignKeySchema, fold: (name: string) => string): string {
  const to = `${fold(key.references.name)}(${key.referencedColumns.map(fold).join(', ')})`;
  return `${keyName({ name: null, columns: key.columns.map(fold) })} -> ${to} on delete ${key.onDelete} on update ${key.onUpdate}`;
}

function indexText(index: IndexSchema, fold: (name: string) => string): string {
  const parts = index.parts.map(
    (part) =>
      `${part.column === null ? part.expression : fold(part.column)}${part.descending ? ' desc' : ''}`,
  );
  return `(${parts.join(', ')})${index.where ? ` where ${index.where}` : ''}`;
}

function listDifferences(what: string, expected: readonly string[], actual: readonly string[]): string[] {
  const missing = expected
    .filter((each) => !actual.includes(each))
    .map((each) => `${what} ${each} is missing in the target`);
  const extra = actual
    .filter((each) => !expected.includes(each))
    .map((each) => `${what} ${each} is only in the target`);
  return [...new Set([...missing, ...extra])];
}
