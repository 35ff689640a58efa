// What a piece of another engine's SQL is called in PostgreSQL, or why there is no such thing. Pure.
import type { Meaning, TableName, TableSchema, ViewSchema } from '../../types/schema.ts';

export type Said = { readonly sql: string } | { readonly sql: null; readonly reason: string };

/** `table`: with PostgreSQL's types, which decide whether the columns hold the same values. */
export function say({ unknown }: Meaning, _table: TableSchema): Said {
  return { sql: null, reason: `it is SQL of another engine (${unknown ?? 'not understood'})` };
}

export function sayQuery({ unknown }: ViewSchema, _resolve: (table: TableName) => TableName | null): Said {
  return { sql: null, reason: `it is SQL of another engine (${unknown ?? 'not understood'})` };
}
