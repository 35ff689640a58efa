// Which tables of the source a run is about. Pure.
import { distance } from 'fastest-levenshtein';
import picomatch from 'picomatch';
import { FerrowError } from '../errors/ferrow-error.ts';
import {
  type DatabaseSchema,
  displayName,
  type TableName,
  type TableSchema,
  type ViewSchema,
} from '../types/schema.ts';

/** Name in reports -> table, in catalog order. */
export interface SelectedTable {
  readonly displayName: string;
  readonly table: TableSchema;
}

/** Name in reports -> view, in an order in which they can be made. */
export interface SelectedView {
  readonly displayName: string;
  readonly view: ViewSchema;
}

export interface Selection {
  readonly tables: readonly SelectedTable[];
  readonly views: readonly SelectedView[];
}

/**
 * Tables and views that match a pattern of `include` (all if empty) and none of `exclude`. A pattern is matched
 * against the plain and the schema-qualified name; a pattern that is an exact name is never taken for a glob.
 * With `materializedViews` 'table', materialised views are tables.
 * @throws FerrowError E_NO_SUCH_TABLE for a pattern that matches nothing, with the nearest names
 */
export function select(
  catalog: DatabaseSchema,
  include: readonly string[],
  exclude: readonly string[],
  materializedViews: 'view' | 'table' = 'view',
): Selection {
  const shown = (name: TableName) => displayName(name, catalog.defaultSchema);
  const asTables = catalog.views.flatMap(({ materialized, asTable }) =>
    materialized && asTable && materializedViews === 'table' ? [{ ...asTable, materializedView: true }] : [],
  );
  const tables = [...catalog.tables, ...asTables].map((table) => ({ table, displayName: shown(table) }));
  const views = catalog.views
    .map((view) => ({ view, displayName: shown(view) }))
    .filter((entry) => !asTables.some((table) => shown(table) === entry.displayName));
  for (const pattern of [...include, ...exclude]) {
    const hit = [...tables, ...views].some((entry) => nameMatches(nameOf(entry), pattern));
    if (!hit) throw noSuchTable(pattern, catalog);
  }
  const wanted = (entry: SelectedTable | SelectedView) => {
    const matches = (pattern: string) => nameMatches(nameOf(entry), pattern);
    return (include.length === 0 || include.some(matches)) && !exclude.some(matches);
  };
  return { tables: tables.filter(wanted), views: views.filter(wanted) };
}

/** The tables of a selection. */
export function selectTables(
  catalog: DatabaseSchema,
  include: readonly string[],
  exclude: readonly string[],
): readonly SelectedTable[] {
  return select(catalog, include, exclude).tables;
}

function nameOf(entry: SelectedTable | SelectedView): TableName {
  return 'table' in entry ? entry.table : entry.view;
}

/** True if `pattern` is the table's name, or a glob that matches it. */
export function nameMatches(table: TableName, pattern: string): boolean {
  const names = table.schema === null ? [table.name] : [table.name, `${table.schema}.${table.name}`];
  if (names.includes(pattern)) return true;
  // Slashes are letters in a table name, not folders.
  const flat = (text: string) => text.replaceAll('/', '\u2044');
  const glob = picomatch(flat(pattern), { dot: true, nonegate: true });
  return names.some((name) => glob(flat(name)));
}

/** The error for a table that isn't there, with the names that come nearest. */
export function noSuchTable(name: string, catalog: DatabaseSchema): FerrowError {
  const other = catalog.others.find((object) => object.name === name);
  if (other) {
    return new FerrowError('E_NO_SUCH_TABLE', `"${name}" is a ${other.kind}, which is not carried`, {
      table: name,
      hint: 'name tables and views only; other things are listed in the report',
    });
  }
  const names = [...catalog.tables, ...catalog.views].map((each) => displayName(each, catalog.defaultSchema));
  const near = nearest(name, names);
  return new FerrowError('E_NO_SUCH_TABLE', `the source has no table "${name}"`, {
    table: name,
    hint:
      near.length > 0 ? `did you mean ${near.map((each) => `"${each}"`).join(' or ')}?` : tablesThere(names),
  });
}

function tablesThere(names: readonly string[]): string {
  if (names.length === 0) return 'the source has no tables in this schema; see --schema';
  return `the source has ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`;
}

/** Up to three names close to `name`, nearest first; case counts for nothing. */
export function nearest(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  return names
    .map((each) => ({ each, far: distance(wanted, each.toLowerCase()) }))
    .filter(({ each, far }) => far <= Math.max(2, Math.floor(each.length / 3)))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ each }) => each);
}
