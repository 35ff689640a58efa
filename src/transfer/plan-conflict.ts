// Which key tells the rows of a live table apart when others come to it. Pure.
import type { OnConflict } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { KeySchema, TableSchema } from '../types/schema.ts';

/**
 * The primary key of a table that stands, or a unique key without NULLs, if rows with these `columns` bring all of it; null
 * if there is none. The engine must be able to say at once whether a row is there, so no key that is checked later counts.
 */
export function rowKey(table: TableSchema, columns: readonly string[]): readonly string[] | null {
  const brought = new Set(columns);
  const isFilled = (name: string) => table.columns.find((column) => column.name === name)?.nullable === false;
  const usable = ({ columns: names, deferrable }: KeySchema) =>
    names.length > 0 && deferrable !== true && names.every((name) => brought.has(name));
  const { primaryKey, uniques, indexes } = table;
  if (primaryKey && usable(primaryKey)) return primaryKey.columns;
  const indexed = indexes
    .filter(({ unique, where, plain }) => unique && where === null && plain)
    .filter(({ parts }) => parts.every((part) => part.column !== null && part.collation === null))
    .map(({ name, parts }) => ({ name, columns: parts.map((part) => part.column ?? '') }));
  const found = [...uniques, ...indexed].find((key) => usable(key) && key.columns.every(isFilled));
  return found?.columns ?? null;
}

/** What `--on-conflict` makes of rows that come to a table that stands. */
export function planConflict(
  table: string,
  existing: TableSchema,
  columns: readonly string[],
  onConflict: 'error' | 'skip' | 'update',
): OnConflict | FerrowError | null {
  if (onConflict === 'error') return null;
  const key = rowKey(existing, columns);
  if (key !== null) return { action: onConflict, key };
  return new FerrowError(
    'E_NO_KEY',
    `--on-conflict ${onConflict} needs a key to know rows by, and "${existing.name}" in the target has none that the rows of "${table}" bring`,
    { table },
  );
}
