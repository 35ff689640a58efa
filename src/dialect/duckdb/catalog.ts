// What a DuckDB database holds, by one query per kind of thing: never a query per table. Engine thread.
//
// The catalog functions leave three things to the statement text in duckdb_tables().sql: which columns are
// generated, their collation, and where a sequence stands. Names of constraints are DuckDB's own, made from
// table and columns, whatever the user wrote: they are not taken for names.

import { addMeanings } from '../../sql/meanings.ts';
import type {
  CheckSchema,
  DatabaseSchema,
  ForeignKeySchema,
  KeySchema,
  TableSchema,
} from '../../types/schema.ts';
import { columnDefinitions, readColumn, readIndex } from './catalog-columns.ts';
import { readOthers } from './catalog-others.ts';
import { Sequences } from './catalog-sequences.ts';
import { readViews } from './catalog-views.ts';
import type { Link } from './connect.ts';
import { readOrigins } from './origins.ts';
import { type Row, rows, text, textList, textOrNull } from './query.ts';
import { stripParentheses } from './sql-text.ts';
import { duckdbWords } from './sql-words.ts';

/** Ferrow's own schema and tables are no part of the user's database. */
export const OWN_SCHEMA = '_ferrow';
export const OWN_PREFIX = '_ferrow_';

/** `schemas`: names, ['*'] for all, [] for main. */
export async function readCatalog(link: Link, schemas: readonly string[]): Promise<DatabaseSchema> {
  const scope = scopeOf(schemas);
  const { tables, sequences, sequenceRows } = await readTablesAndSequences(link, scope);
  const { where, values } = scope;
  const others = await readOthers(link, where, values, sequenceRows, sequences);
  const views = await readViews(link, where, values, tables);
  return addMeanings(
    { engine: 'duckdb', defaultSchema: 'main', tables, views, types: [], others },
    duckdbWords,
  );
}

/** The tables alone: a fifth of the time, since DuckDB lists its own functions slowly. */
export async function readTables(link: Link, schemas: readonly string[]): Promise<TableSchema[]> {
  return (await readTablesAndSequences(link, scopeOf(schemas))).tables;
}

interface Scope {
  readonly where: string;
  readonly values: readonly string[];
}

function scopeOf(schemas: readonly string[]): Scope {
  const wanted = schemas.length === 0 ? ['main'] : schemas;
  const places = wanted.includes('*')
    ? ''
    : `AND lower(schema_name) IN (${wanted.map((_, at) => `lower($${at + 1})`).join(', ')})`;
  const where = `database_name = current_database() AND schema_name NOT IN ('${OWN_SCHEMA}', 'information_schema', 'pg_catalog') ${places}`;
  return { where, values: wanted.includes('*') ? [] : wanted };
}

async function readTablesAndSequences(
  link: Link,
  { where, values }: Scope,
): Promise<{ tables: TableSchema[]; sequences: Sequences; sequenceRows: Row[] }> {
  const query = (sql: string) => rows(link, sql, values);

  const tableRows = await query(
    `SELECT schema_name, table_name, sql, comment, estimated_size FROM duckdb_tables() WHERE ${where} AND NOT internal AND NOT temporary AND NOT starts_with(table_name, '${OWN_PREFIX}') ORDER BY table_oid`,
  );
  const columnRows = await query(
    `SELECT schema_name, table_name, column_name, data_type, column_default, is_nullable, comment FROM duckdb_columns() WHERE ${where} AND NOT internal ORDER BY table_oid, column_index`,
  );
  const columns = grouped(columnRows);
  const constraints = grouped(
    await query(
      `SELECT schema_name, table_name, constraint_type, expression, to_json(constraint_column_names) AS columns, referenced_table, to_json(referenced_column_names) AS referenced FROM duckdb_constraints() WHERE ${where} ORDER BY table_oid, constraint_index`,
    ),
  );
  const indexes = grouped(
    await query(
      `SELECT schema_name, table_name, index_name, is_unique, comment, sql FROM duckdb_indexes() WHERE ${where} ORDER BY index_oid`,
    ),
  );
  // Of all schemas: a default may name a sequence of another one.
  const all = await rows(
    link,
    'SELECT * FROM duckdb_sequences() WHERE database_name = current_database() AND NOT temporary ORDER BY sequence_oid',
  );
  const defaults = columnRows.flatMap((row) =>
    row.column_default === null ? [] : [{ sql: text(row.column_default), schema: text(row.schema_name) }],
  );
  const sequences = new Sequences(all, defaults);
  const sequenceRows = await query(
    `SELECT schema_name, sequence_name, sql FROM duckdb_sequences() WHERE ${where} AND NOT temporary ORDER BY sequence_oid`,
  );
  const origins = await readOrigins(link);
  const tables = tableRows.map((row) => {
    const key = placeKey(text(row.schema_name), text(row.table_name));
    const table = readTable(
      row,
      columns.get(key) ?? [],
      constraints.get(key) ?? [],
      indexes.get(key) ?? [],
      sequences,
    );
    return origins.attach(table);
  });
  return { tables, sequences, sequenceRows };
}

function placeKey(schema: string, name: string): string {
  return `${schema}\0${name}`;
}

function grouped(list: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of list) {
    const key = placeKey(text(row.schema_name), text(row.table_name));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function readTable(
  row: Row,
  columnRows: readonly Row[],
  constraintRows: readonly Row[],
  indexRows: readonly Row[],
  sequences: Sequences,
): TableSchema {
  const schema = text(row.schema_name);
  const name = text(row.table_name);
  const definitions = columnDefinitions(text(row.sql));
  const columns = columnRows.map((column, at) =>
    readColumn(column, definitions[at] ?? '', schema, sequences),
  );
  const uniques: KeySchema[] = [];
  const checks: CheckSchema[] = [];
  const foreignKeys: ForeignKeySchema[] = [];
  let primaryKey: KeySchema | null = null;
  for (const constraint of constraintRows) {
    const key: KeySchema = { name: null, columns: textList(constraint.columns) };
    const kind = text(constraint.constraint_type);
    if (kind === 'PRIMARY KEY') primaryKey = key;
    else if (kind === 'UNIQUE') uniques.push(key);
    else if (kind === 'CHECK')
      checks.push({ name: null, expression: stripParentheses(text(constraint.expression)) });
    else if (kind === 'FOREIGN KEY') {
      foreignKeys.push({
        ...key,
        // DuckDB has foreign keys within a schema only, and no actions.
        references: { schema, name: text(constraint.referenced_table) },
        referencedColumns: textList(constraint.referenced),
        onDelete: 'no action',
        onUpdate: 'no action',
        match: 'simple',
        deferrable: false,
        initiallyDeferred: false,
      });
    }
  }
  return {
    schema,
    name,
    columns,
    primaryKey,
    uniques,
    foreignKeys,
    checks,
    indexes: indexRows.map((index) => readIndex(index, columns)),
    comment: textOrNull(row.comment),
    estimatedRows: row.estimated_size === null ? null : Number(row.estimated_size),
    sizeBytes: null,
  };
}
