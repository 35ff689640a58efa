// What tables and columns are called in the target, and every name that can't be. Pure.
import type { Quirks } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { DatabaseSchema, TableName } from '../types/schema.ts';
import { nameMatches, nearest, type SelectedTable, type SelectedView } from './select.ts';

/** Names of the target as it compares them: DuckDB and SQLite take "A" and "a" for one. */
export function foldName(name: string, quirks: Quirks): string {
  return quirks.caseSensitiveNames ? name : name.toLowerCase();
}

/** Key of a table in the target, for maps and sets. */
export function tableKey(table: TableName, quirks: Quirks): string {
  return JSON.stringify([table.schema, foldName(table.name, quirks)]);
}

/** Where a source table goes: the default schema to the default schema, others by their own name. */
export function targetName(
  table: TableName,
  catalog: DatabaseSchema,
  quirks: Quirks,
  rename: string | undefined,
): TableName {
  const isDefault = table.schema === null || table.schema === catalog.defaultSchema;
  const schema = !quirks.schemas ? null : isDefault ? quirks.defaultSchema : table.schema;
  return { schema, name: rename ?? table.name };
}

/**
 * Resolves `--rename`: display name or plain name of a selected table or view -> new name.
 * @throws FerrowError E_NO_SUCH_TABLE for a name that no selected table has
 */
export function resolveRenames<E extends SelectedTable | SelectedView>(
  tables: readonly E[],
  rename: Readonly<Record<string, string>>,
): Map<E, string> {
  const renames = new Map<E, string>();
  const plainName = (entry: SelectedTable | SelectedView) =>
    'table' in entry ? entry.table.name : entry.view.name;
  for (const [old, name] of Object.entries(rename)) {
    const hits = tables.filter((each) => each.displayName === old || plainName(each) === old);
    if (hits.length === 1) renames.set(hits[0], name);
    else if (hits.length > 1) {
      throw new FerrowError('E_USAGE', `--rename ${old}: several tables have this name`, {
        table: old,
        hint: `say which: ${hits.map((each) => each.displayName).join(', ')}`,
      });
    } else {
      const near = nearest(
        old,
        tables.map((each) => each.displayName),
      );
      throw new FerrowError('E_NO_SUCH_TABLE', `--rename: no table "${old}" is being moved`, {
        table: old,
        hint: near.length > 0 ? `did you mean "${near[0]}"?` : 'name a table of the source: --rename old=new',
      });
    }
  }
  return renames;
}

/** Options of single tables, found by exact name or glob, later ones over earlier ones. */
export function optionsFor<T extends object>(
  entry: SelectedTable,
  options: Readonly<Record<string, T>>,
): Partial<T> {
  let found: Partial<T> = {};
  for (const [pattern, value] of Object.entries(options)) {
    if (nameMatches(entry.table, pattern)) found = { ...found, ...value };
  }
  return found;
}

/** A name that the target can't have, or null. */
export function nameProblem(
  name: string,
  what: 'table' | 'view' | 'schema' | 'column',
  quirks: Quirks,
  table: string,
): FerrowError | null {
  const place =
    what === 'column'
      ? { table, column: name, hint: 'leave the column out with --columns, or rename it in the source' }
      : { table };
  const of = what === 'column' ? `table "${table}": ` : '';
  if (name.length === 0 || name.includes('\0')) {
    return new FerrowError(
      'E_IDENTIFIER_INVALID',
      `${of}the ${what} name ${JSON.stringify(name)} can't exist in the target`,
      place,
    );
  }
  const most = quirks.identifierBytesMax;
  const bytes = Buffer.byteLength(name);
  if (most === null || bytes <= most) return null;
  return new FerrowError(
    'E_IDENTIFIER_TOO_LONG',
    `${of}the ${what} name "${name}" has ${bytes} bytes; the target holds ${most}`,
    place,
  );
}

/** Pairs of entries whose names the target takes for one. */
export function collisions<T>(entries: readonly T[], keyOf: (entry: T) => string): [T, T][] {
  const seen = new Map<string, T>();
  const pairs: [T, T][] = [];
  for (const entry of entries) {
    const first = seen.get(keyOf(entry));
    if (first === undefined) seen.set(keyOf(entry), entry);
    else pairs.push([first, entry]);
  }
  return pairs;
}
