// Reads a server's catalog: a handful of queries for any number of tables. Main thread.
import type pg from 'pg';
import { addMeanings } from '../../sql/meanings.ts';
import type { DatabaseSchema, Json, OtherObject, TableName, TableSchema } from '../../types/schema.ts';
import { columnSchema, type Sequences } from './catalog-columns.ts';
import {
  checkSchema,
  constraintFacts,
  foreignKeySchema,
  indexSchema,
  isOwnOnly,
  keySchema,
  ownOnlyObjects,
} from './catalog-constraints.ts';
import { readPartitions } from './catalog-partitions.ts';
import * as queries from './catalog-queries.ts';
import type { ColumnRow, ConstraintRow, IndexRow, TableRow } from './catalog-rows.ts';
import { readSequences } from './catalog-sequences.ts';
import { TypeCatalog } from './catalog-types.ts';
import { readViews } from './catalog-views.ts';
import { parseDefault } from './defaults.ts';
import { ALTERS, OTHERS } from './feature-queries.ts';
import { quoteTable } from './names.ts';
import { readOrigins } from './origins.ts';
import { wordsOf } from './sql-words.ts';

/**
 * Reads the schemas named, all with ['*'], `public` with []. The connection is in a transaction; its search_path is
 * emptied for the time, so that every name the server prints is qualified.
 */
export async function readCatalog(client: pg.Client, schemas: readonly string[]): Promise<DatabaseSchema> {
  const wanted = schemas.length === 0 ? ['public'] : schemas.includes('*') ? null : [...schemas];
  const { rows: path } = await client.query<{ path: string }>(
    "SELECT current_setting('search_path') AS path, set_config('search_path', '', true)",
  );
  try {
    return await read(client, wanted);
  } finally {
    // In a failed transaction the setting goes with it.
    await client.query("SELECT set_config('search_path', $1, true)", [path[0].path]).catch(() => {});
  }
}

/** What hangs on tables, by their oids. */
interface Parts {
  readonly columns: ReadonlyMap<string, readonly ColumnRow[]>;
  readonly constraints: ReadonlyMap<string, readonly ConstraintRow[]>;
  readonly indexes: ReadonlyMap<string, readonly IndexRow[]>;
  readonly alters: ReadonlyMap<string, readonly { readonly action: string }[]>;
  readonly sequences: Sequences;
  readonly types: TypeCatalog;
}

async function read(client: pg.Client, wanted: readonly string[] | null): Promise<DatabaseSchema> {
  const rows = (await client.query<TableRow>(queries.TABLES, [wanted])).rows;
  const oids = rows.map((table) => table.oid);
  const columns = (await client.query<ColumnRow>(queries.COLUMNS, [oids])).rows;
  const parts: Parts = {
    columns: byTable(columns),
    constraints: byTable((await client.query<ConstraintRow>(queries.CONSTRAINTS, [oids])).rows),
    indexes: byTable((await client.query<IndexRow>(queries.INDEXES, [oids])).rows),
    alters: byTable((await client.query<{ table_oid: string; action: string }>(ALTERS, [oids])).rows),
    sequences: await readSequences(client, usedSequences(columns)),
    types: await TypeCatalog.read(client, oids, wanted),
  };
  const partitioned = rows.filter((row) => row.kind === 'p').map((row) => row.oid);
  const partitionings = await readPartitions(client, partitioned);
  const origins = await readOrigins(client);
  const everything = new Map(
    rows.map((row) => {
      const table = origins.attach(tableSchema(row, parts));
      const key = row.part_key;
      return [
        row.oid,
        key === null
          ? table
          : { ...table, partitioning: { key, partitions: partitionings.get(row.oid) ?? [] } },
      ];
    }),
  );
  const tables = rows.filter((row) => row.kind !== 'm').map((row) => everything.get(row.oid)!);
  const others = (await client.query<OtherRow>(OTHERS, [wanted])).rows;
  const schema: DatabaseSchema = {
    engine: 'postgres',
    defaultSchema: 'public',
    tables,
    views: await readViews(client, wanted, everything),
    types: parts.types.all(wanted),
    others: [...otherObjects(others, parts.sequences), ...rows.flatMap((row) => onlyHere(row, parts))],
  };
  return addMeanings(schema, await wordsOf(client));
}

function byTable<Row extends { table_oid: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.table_oid);
    if (group) group.push(row);
    else groups.set(row.table_oid, [row]);
  }
  return groups;
}

function tableSchema(row: TableRow, parts: Parts): TableSchema {
  const constraints = parts.constraints.get(row.oid) ?? [];
  const keys = (kind: ConstraintRow['kind']) =>
    constraints.filter((each) => each.kind === kind && !isOwnOnly(each));
  const primary = keys('p')[0];
  const count = row.kind === 'p' ? row.part_rows : row.rows;
  // NOT NULL that is not valid yet: rows may hold a NULL.
  const unsure = new Set(
    constraints.filter((each) => each.kind === 'n' && !each.validated).flatMap((each) => each.columns),
  );
  const columns = (parts.columns.get(row.oid) ?? [])
    .map((column) => columnSchema(column, row, parts.sequences, parts.types))
    .map((column) => (unsure.has(column.name) ? { ...column, nullable: true } : column));
  const facts: Record<string, Json> = {
    columnCount: columns.length,
    partitioned: row.kind === 'p',
    hasChildren: row.has_children,
    unlogged: row.persistence === 'u',
    rowSecurity: row.row_security,
    accessMethod: row.access_method,
    pages: Number(row.pages),
    ...constraintFacts(constraints),
  };
  const alter = parts.alters.get(row.oid)?.map((each) => each.action);
  if (alter) facts['alter'] = alter;
  if (row.kind === 'm') {
    facts['populated'] = row.populated;
    facts['options'] = row.options;
  }
  return {
    schema: row.schema,
    name: row.name,
    columns,
    primaryKey: primary ? keySchema(primary, row.name) : null,
    uniques: keys('u').map((unique) => keySchema(unique, row.name)),
    foreignKeys: keys('f').map(foreignKeySchema),
    checks: keys('c').map(checkSchema),
    indexes: (parts.indexes.get(row.oid) ?? []).map(indexSchema),
    comment: row.comment,
    ...(row.inherits === null ? {} : { inherits: row.inherits }),
    ...(row.kind === 'm' ? { materializedView: true } : {}),
    // -1: never counted. A table that was never analysed has 0 pages and 0 rows as well.
    estimatedRows: count === null || count < 0 ? null : Math.round(count),
    sizeBytes: row.bytes === null ? null : Number(row.bytes),
    tableFacts: facts,
  };
}

/** Sequences that columns own, or that their defaults name. */
function usedSequences(columns: readonly ColumnRow[]): Set<string> {
  const used = new Set<string>();
  for (const { sequence, default_sql, generated, type } of columns) {
    if (sequence !== null) used.add(sequence);
    if (default_sql === null || generated !== '') continue;
    const value = parseDefault(default_sql, type);
    if (value.kind === 'sequence') used.add(value.sequence);
  }
  return used;
}

interface OtherRow {
  schema: string | null;
  name: string;
  table_name: string | null;
  kind: OtherObject['kind'];
  definition: string | null;
}

/** A sequence that a column takes its numbers from is carried with it. */
function otherObjects(rows: readonly OtherRow[], sequences: Sequences): OtherObject[] {
  const carried = new Set([...sequences.values()].map(quoteTable));
  return rows
    .filter((row) => row.kind !== 'sequence' || !carried.has(quoteTable(row)))
    .map(({ schema, name, kind, table_name, definition }) => ({
      schema,
      name,
      kind,
      table: table_name,
      definition,
    }));
}

/** What is carried between PostgreSQL databases, and listed for other engines. */
function onlyHere(row: TableRow, parts: Parts): OtherObject[] {
  const objects = ownOnlyObjects(row, parts.constraints.get(row.oid) ?? []);
  const option = (name: string, definition: string | null) =>
    objects.push({
      schema: row.schema,
      name,
      kind: 'table option',
      table: row.name,
      definition,
      carriedToSame: true,
    });
  if (row.persistence === 'u') option('unlogged', null);
  if (row.part_key !== null) option('partitions', `PARTITION BY ${row.part_key}`);
  const parents: readonly TableName[] = row.inherits ?? [];
  if (parents.length > 0) option('inheritance', `INHERITS (${parents.map(quoteTable).join(', ')})`);
  return objects;
}
