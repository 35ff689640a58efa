// The shape of the matrix: for each source engine every native type it has, with edge values, and for each other
// engine the type that must be made there and what that engine's own SQL must print. Pure data stands in
// matrix-postgres.ts, matrix-duckdb.ts and matrix-sqlite.ts; pairs/matrix-of.ts carries it.
import type { Engine } from '../../src/types/logical-type.ts';

/** Per engine a text. Of types: the native type, or the code that refuses the column. Of values: see MatrixValue. */
export type There = { readonly [E in Engine]?: string };

export interface MatrixValue {
  /** A literal of the source engine. */
  readonly sql: string;
  /**
   * What the target prints: PostgreSQL `v::text`, DuckDB `CAST(v AS VARCHAR)`, SQLite text in quotes, blobs as
   * hex and numbers as they are. A code (`E_…`) where the row must be refused.
   */
  readonly there: There;
}

export interface MatrixColumn {
  /** Of the table, unique in the matrix of its engine; its columns are id and v. */
  readonly name: string;
  /** As the source's catalog spells it. */
  readonly type: string;
  /** Statements before the table is made: types of the user's own. */
  readonly setup: readonly string[];
  readonly types: There;
  readonly values: readonly MatrixValue[];
  /** The types in the middle that bring this column home as another type or refuse it, each with its reason. */
  readonly notHome: There;
}

export interface ColumnExtras {
  readonly setup?: readonly string[];
  readonly notHome?: There;
}

export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The printed text where nothing else is said: bare, and in quotes in SQLite. */
export function printed(text: string, other: There = {}): There {
  return { postgres: text, duckdb: text, sqlite: quotedText(text), ...other };
}

/** A value whose literal is its text in quotes. */
export function value(text: string, other: There = {}, sql = quotedText(text)): MatrixValue {
  return { sql, there: printed(text, other) };
}

/** A number, which SQLite holds as a number. */
export function number(text: string, other: There = {}, sql = text): MatrixValue {
  return { sql, there: { postgres: text, duckdb: text, sqlite: text, ...other } };
}

export function values(...texts: readonly string[]): MatrixValue[] {
  return texts.map((text) => value(text));
}

export function numbers(...texts: readonly string[]): MatrixValue[] {
  return texts.map((text) => number(text));
}

export function column(
  name: string,
  type: string,
  types: There,
  list: readonly MatrixValue[],
  { setup = [], notHome = {} }: ColumnExtras = {},
): MatrixColumn {
  return { name, type, setup, types, values: list, notHome };
}

/** Makes the table of a column with its values, rows numbered from 1, the last one NULL. */
export function matrixTable(column: MatrixColumn): string[] {
  const rows = [...column.values.map((each) => each.sql), 'NULL'];
  return [
    ...column.setup,
    `CREATE TABLE ${column.name} (id INTEGER NOT NULL PRIMARY KEY, v ${column.type})`,
    ...rows.map((sql, at) => `INSERT INTO ${column.name} VALUES (${at + 1}, ${sql})`),
  ];
}
