// Keys of a SQLite table as they were written: collations, DESC and conflict clauses, which no key of another engine has.
// They travel as facts of the table, between SQLite files only. Pure.
import type { ForeignKeySchema, Json, TableSchema } from '../../types/schema.ts';

export interface WrittenKey {
  readonly primary: boolean;
  readonly columns: readonly string[];
  /** Null where it is the column's own. */
  readonly collations: readonly (string | null)[];
  readonly descending: readonly boolean[];
  /** `IGNORE` of ON CONFLICT IGNORE. */
  readonly conflict: string | null;
}

/** True if its columns alone don't say it all. */
export function isSpecial({ collations, descending, conflict }: WrittenKey): boolean {
  return conflict !== null || descending.includes(true) || collations.some((name) => name !== null);
}

/** How the key of these columns was written; null where it is plain. */
export function writtenKey(
  table: TableSchema,
  primary: boolean,
  columns: readonly string[],
): WrittenKey | null {
  const keys = table.tableFacts?.['keys'];
  if (!Array.isArray(keys)) return null;
  for (const key of keys as readonly Json[]) {
    const written = key as unknown as WrittenKey;
    if (written.primary === primary && written.columns.join('\0') === columns.join('\0')) return written;
  }
  return null;
}

/** The conflict clause of the column's NOT NULL. */
export function notNullConflict(table: TableSchema, column: string): string | null {
  const conflicts = table.tableFacts?.['notNull'];
  if (typeof conflicts !== 'object' || conflicts === null || Array.isArray(conflicts)) return null;
  const conflict = (conflicts as Readonly<Record<string, Json>>)[column];
  return typeof conflict === 'string' ? conflict : null;
}

/** A foreign key that names its parent and no columns there: it means the parent's primary key. */
export function isImplicit(table: TableSchema, key: ForeignKeySchema): boolean {
  const lists = table.tableFacts?.['implicit'];
  if (!Array.isArray(lists)) return false;
  const own = wordsOf(key);
  // Where two are told apart by those columns alone, both are written out.
  if (table.foreignKeys.filter((other) => wordsOf(other) === own).length > 1) return false;
  return (lists as readonly Json[]).some(
    (list) => Array.isArray(list) && list.join('\0').toLowerCase() === own,
  );
}

function wordsOf({ references, columns }: ForeignKeySchema): string {
  return [references.name, ...columns].join('\0').toLowerCase();
}
