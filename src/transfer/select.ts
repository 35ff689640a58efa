// Which tables of the source a run is about. Pure.
import { distance } from 'fastest-levenshtein';
import picomatch from 'picomatch';
import { FerrowError } from '../errors/ferrow-error.ts';
import { type DatabaseSchema, displayName, type TableSchema } from '../types/schema.ts';

/** Name in reports -> table, in catalog order. */
export interface SelectedTable {
  readonly displayName: string;
  readonly table: TableSchema;
}

/**
 * Tables that match a pattern of `include` (all if empty) and none of `exclude`. A pattern is matched against
 * the plain and the schema-qualified name; a pattern that is a table's exact name is never taken for a glob.
 * @throws FerrowError E_NO_SUCH_TABLE for a pattern that matches nothing, with the nearest names
 */
export function selectTables(
  catalog: DatabaseSchema,
  include: readonly string[],
  exclude: readonly string[],
): SelectedTable[] {
  const all = catalog.tables.map((table) => ({
    table,
    displayName: displayName(table, catalog.defaultSchema),
  }));
  const named = (pattern: string) => all.filter((entry) => nameMatches(entry.table, pattern));
  for (const pattern of [...include, ...exclude]) {
    if (named(pattern).length === 0) throw noSuchTable(pattern, catalog);
  }
  const wanted = new Set(include.length === 0 ? all : include.flatMap(named));
  for (const entry of exclude.flatMap(named)) wanted.delete(entry);
  return all.filter((entry) => wanted.has(entry));
}

/** True if `pattern` is the table's name, or a glob that matches it. */
export function nameMatches(table: TableSchema, pattern: string): boolean {
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
    return new FerrowError('E_NO_SUCH_TABLE', `"${name}" is a ${other.kind}, and only tables are carried`, {
      table: name,
      hint: 'name tables only; views and the like are listed in the report',
    });
  }
  const names = catalog.tables.map((table) => displayName(table, catalog.defaultSchema));
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
