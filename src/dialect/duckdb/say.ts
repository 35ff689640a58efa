// What a piece of another engine's SQL is called in DuckDB, or why there is no such thing. Pure.
import { isUnknown, type Printed, printMeaning, printQuery } from '../../sql/sql.ts';
import type { ColumnSchema, Meaning, TableName, TableSchema, ViewSchema } from '../../types/schema.ts';
import { duckdbWords } from './sql-words.ts';

export type Said = { readonly sql: string } | { readonly sql: null; readonly reason: string };

/**
 * `table`: with DuckDB's types, which decide whether the columns hold the same values. `into`: the column that the
 * value goes into.
 */
export function say(meaning: Meaning, table: TableSchema, into?: ColumnSchema): Said {
  return said(printMeaning(meaning, duckdbWords, table.columns, into));
}

/** A view's SELECT. `resolve` says where in the target that stands which it reads. */
export function sayQuery(view: ViewSchema, resolve: (table: TableName) => TableName | null): Said {
  return said(printQuery(view, duckdbWords, resolve));
}

function said(printed: Printed): Said {
  if (!isUnknown(printed)) return { sql: printed.sql };
  return { sql: null, reason: `${printed.unknown} is not known to mean the same in DuckDB` };
}
