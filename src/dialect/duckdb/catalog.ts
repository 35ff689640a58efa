// What a DuckDB database holds, by one query per kind of thing: never a query per table. Engine thread.
//
// The catalog functions leave three things to the statement text in duckdb_tables().sql: which columns are
// generated, their collation, and where a sequence stands. Names of constraints are DuckDB's own, made from
// table and columns, whatever the user wrote: they are not taken for names.

import { addMeanings } from '../../sql/meanings.ts';
import type {
  CheckSchema,
  ColumnSchema,
  DatabaseSchema,
  ForeignKeySchema,
  IndexPart,
  IndexSchema,
  KeySchema,
  OtherObject,
  TableSchema,
} from '../../types/schema.ts';
import type { Link } from './connect.ts';
import { parseDefault, sequencePlace } from './defaults.ts';
import { type Row, rows, text, textList, textOrNull } from './query.ts';
import { outline, readIdentifier, readQualified, splitTopLevel, stripParentheses } from './sql-text.ts';
import { duckdbWords } from './sql-words.ts';

/** Ferrow's own schema and tables are no part of the user's database. */
export const OWN_SCHEMA = '_ferrow';
export const OWN_PREFIX = '_ferrow_';

/** `schemas`: names, ['*'] for all, [] for main. */
export async function readCatalog(link: Link, schemas: readonly string[]): Promise<DatabaseSchema> {
  const scope = scopeOf(schemas);
  const { tables, sequences } = await readTablesAndSequences(link, scope);
  const others = await readOthers(link, scope.where, scope.values, sequences, tables);
  return addMeanings({ engine: 'duckdb', defaultSchema: 'main', tables, others }, duckdbWords);
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
): Promise<{ tables: TableSchema[]; sequences: Row[] }> {
  const query = (sql: string) => rows(link, sql, values);

  const tableRows = await query(
    `SELECT schema_name, table_name, sql, comment, estimated_size FROM duckdb_tables() WHERE ${where} AND NOT internal AND NOT temporary AND NOT starts_with(table_name, '${OWN_PREFIX}') ORDER BY table_oid`,
  );
  const columns = grouped(
    await query(
      `SELECT schema_name, table_name, column_name, data_type, column_default, is_nullable, comment FROM duckdb_columns() WHERE ${where} AND NOT internal ORDER BY table_oid, column_index`,
    ),
  );
  const constraints = grouped(
    await query(
      `SELECT schema_name, table_name, constraint_type, expression, to_json(constraint_column_names) AS columns, referenced_table, to_json(referenced_column_names) AS referenced FROM duckdb_constraints() WHERE ${where} ORDER BY table_oid, constraint_index`,
    ),
  );
  const indexes = grouped(
    await query(
      `SELECT schema_name, table_name, index_name, is_unique, sql FROM duckdb_indexes() WHERE ${where} ORDER BY index_oid`,
    ),
  );
  const sequences = await query(
    `SELECT schema_name, sequence_name, sql FROM duckdb_sequences() WHERE ${where} AND NOT temporary ORDER BY sequence_oid`,
  );
  const next = new Map(
    sequences.map((row) => [
      placeKey(text(row.schema_name), text(row.sequence_name)),
      nextValue(text(row.sql)),
    ]),
  );
  const tables = tableRows.map((row) => {
    const key = placeKey(text(row.schema_name), text(row.table_name));
    return readTable(row, columns.get(key) ?? [], constraints.get(key) ?? [], indexes.get(key) ?? [], next);
  });
  return { tables, sequences };
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

/** duckdb_sequences().last_value is the last value now and the next one after a restart; the text is right. */
function nextValue(sql: string): string | null {
  return /START (-?\d+) (?:NO )?CYCLE;?$/.exec(sql)?.[1] ?? null;
}

function readTable(
  row: Row,
  columnRows: readonly Row[],
  constraintRows: readonly Row[],
  indexRows: readonly Row[],
  sequences: ReadonlyMap<string, string | null>,
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

function readColumn(
  row: Row,
  definition: string,
  schema: string,
  sequences: ReadonlyMap<string, string | null>,
): ColumnSchema {
  const nativeType = text(row.data_type);
  // Words of the definition that stand behind the name, outside quotes and parentheses.
  const words = outline(definition);
  const generatedAt = / GENERATED ALWAYS AS *\(/.exec(words);
  const collation = / COLLATE ([^ ]+)/.exec(words);
  const sql = textOrNull(row.column_default);
  const generated = generatedAt
    ? {
        expression: stripParentheses(definition.slice(definition.indexOf('(', generatedAt.index))),
        stored: false,
      }
    : null;
  const value = sql === null || generated ? null : parseDefault(sql, nativeType);
  let next: string | null = null;
  if (value?.kind === 'sequence') {
    const place = sequencePlace(value.sequence);
    next =
      sequences.get(placeKey(place.schema ?? schema, place.name)) ??
      sequences.get(placeKey('main', place.name)) ??
      null;
  }
  return {
    name: text(row.column_name),
    nativeType,
    nullable: row.is_nullable !== false,
    default: value?.kind === 'null' ? null : value,
    identity: value?.kind === 'sequence' ? { kind: 'serial', ...(next === null ? {} : { next }) } : null,
    generated,
    collation: collation ? collation[1] : null,
    comment: textOrNull(row.comment),
  };
}

/** The column definitions of `CREATE TABLE t(a INTEGER, …)`, in order; constraints follow them. */
export function columnDefinitions(sql: string): string[] {
  const words = outline(sql);
  const open = words.indexOf('(');
  return open < 0 ? [] : splitTopLevel(sql, open + 1).parts;
}

/** `CREATE UNIQUE INDEX "i" ON s.t USING ART (a, (lower(b)));`: the catalog keeps no list of parts. */
function readIndex(row: Row, columns: readonly ColumnSchema[]): IndexSchema {
  const definition = text(row.sql).replace(/;\s*$/, '');
  const words = outline(definition);
  const method = / USING ([A-Za-z]+)/.exec(words)?.[1].toLowerCase() ?? 'art';
  const open = words.indexOf('(');
  const parts = open < 0 ? [] : splitTopLevel(definition, open + 1).parts;
  return {
    name: text(row.index_name),
    unique: row.is_unique === true,
    parts: parts.map((part) => readIndexPart(part, columns)),
    where: null,
    method: method === 'art' ? 'btree' : method,
    plain: true,
    definition,
  };
}

function readIndexPart(part: string, columns: readonly ColumnSchema[]): IndexPart {
  const bare = stripParentheses(part);
  const { name, end } = readIdentifier(bare);
  const column =
    end === bare.length ? columns.find((one) => one.name.toLowerCase() === name.toLowerCase()) : undefined;
  return {
    column: column?.name ?? null,
    expression: column ? null : bare,
    // The catalog does not keep DESC, and DuckDB does not use it.
    descending: false,
    collation: null,
  };
}

async function readOthers(
  link: Link,
  where: string,
  values: readonly string[],
  sequences: readonly Row[],
  tables: readonly TableSchema[],
): Promise<OtherObject[]> {
  const owned = new Set(
    tables.flatMap((table) =>
      table.columns.flatMap((column) => {
        if (column.default?.kind !== 'sequence') return [];
        const place = readQualified(column.default.sequence);
        return [place.schema, table.schema, 'main'].map((schema) => placeKey(schema ?? '', place.name));
      }),
    ),
  );
  const others: OtherObject[] = [];
  const add = (kind: OtherObject['kind'], row: Row, name: string, definition: string | null) =>
    others.push({ schema: text(row.schema_name), name, kind, table: null, definition });
  const views = await rows(
    link,
    `SELECT schema_name, view_name, sql FROM duckdb_views() WHERE ${where} AND NOT internal AND NOT temporary ORDER BY view_oid`,
    values,
  );
  for (const row of views) add('view', row, text(row.view_name), textOrNull(row.sql));
  for (const row of sequences) {
    const name = text(row.sequence_name);
    if (!owned.has(placeKey(text(row.schema_name), name))) add('sequence', row, name, textOrNull(row.sql));
  }
  const types = await rows(
    link,
    `SELECT schema_name, type_name, logical_type FROM duckdb_types() WHERE ${where} AND NOT internal ORDER BY type_oid`,
    values,
  );
  for (const row of types) add('type', row, text(row.type_name), textOrNull(row.logical_type));
  const macros = await rows(
    link,
    `SELECT DISTINCT schema_name, function_name, macro_definition FROM duckdb_functions() WHERE ${where} AND NOT internal ORDER BY ALL`,
    values,
  );
  for (const row of macros) add('function', row, text(row.function_name), textOrNull(row.macro_definition));
  return others;
}
