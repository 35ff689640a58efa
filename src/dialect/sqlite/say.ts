// What a piece of another engine's SQL is called in SQLite, or why there is no such thing. Pure.
import { isUnknown, printMeaning, printQuery } from '../../sql/sql.ts';
import type { Engine } from '../../types/logical-type.ts';
import type { ColumnSchema, Meaning, TableName, ViewSchema } from '../../types/schema.ts';
import { sqliteWords } from './sql-words.ts';

export type Said = { readonly sql: string } | { readonly sql: null; readonly reason: string };

/** `columns` as writtenColumns gives them; `into`: the column that takes the value. */
export function say(meaning: Meaning, columns: readonly ColumnSchema[], into?: ColumnSchema): Said {
  const printed = printMeaning(meaning, sqliteWords, columns, into);
  return isUnknown(printed) ? { sql: null, reason: notKnown(printed.unknown) } : printed;
}

/** Columns that Ferrow fills: their dates and times stand in its own form, which SQL may rely on. */
export function writtenColumns(columns: readonly ColumnSchema[], from: Engine): ColumnSchema[] {
  return columns.map((column) => ({ ...column, origin: { engine: from, nativeType: column.nativeType } }));
}

function notKnown(what: string): string {
  return `it holds ${what}, which SQLite is not known to have in the same meaning`;
}

/** `resolve` as in Ddl.adoptView. */
export function sayQuery(view: ViewSchema, resolve: (table: TableName) => TableName | null): Said {
  const printed = printQuery(view, sqliteWords, resolve);
  return isUnknown(printed) ? { sql: null, reason: notKnown(printed.unknown) } : printed;
}
