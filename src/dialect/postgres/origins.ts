// What columns were in the engine they came from: Ferrow's table `_ferrow.columns`, beside the ledger. Main thread.
import type pg from 'pg';
import { parseOrigin } from '../../types/origin.ts';
import type { TableName, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { quoteTable } from './names.ts';

/** Made with the ledger. */
export const ORIGINS_TABLE = `CREATE TABLE IF NOT EXISTS _ferrow.columns (
    table_schema text NOT NULL, table_name text NOT NULL, column_name text NOT NULL, made_type text NOT NULL,
    origin text NOT NULL, PRIMARY KEY (table_schema, table_name, column_name))`;

interface OriginRow {
  schema: string;
  name: string;
  column: string;
  made: string;
  origin: string;
}

/** The origins that are kept; none where there is no table of them, or it may not be read. */
export async function readOrigins(
  client: pg.Client,
): Promise<{ attach: (table: TableSchema) => TableSchema }> {
  const { rows: there } = await client.query<{ readable: boolean }>(
    `SELECT coalesce((SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = '_ferrow' AND c.relname = 'columns' AND c.relkind = 'r'), false) AS readable`,
  );
  if (!there[0].readable) return { attach: (table) => table };
  const { rows } = await client.query<OriginRow>(
    `SELECT table_schema AS schema, table_name AS name, column_name AS column, made_type AS made, origin
    FROM _ferrow.columns`,
  );
  const kept = new Map(rows.map((row) => [originKey(row, row.column), row]));
  const attach = (table: TableSchema): TableSchema => {
    const columns = table.columns.map((column) => {
      const row = kept.get(originKey(table, column.name));
      const origin = row && row.made === column.nativeType ? parseOrigin(row.origin) : null;
      return origin ? { ...column, origin } : column;
    });
    return { ...table, columns };
  };
  return { attach };
}

function originKey(table: TableName, column: string): string {
  return JSON.stringify([table.schema, table.name, column]);
}

/** In the transaction in which the table took its name. The types are written as the catalog will spell them. */
export async function writeOrigins(client: pg.Client, { table, origins }: TableLoad): Promise<void> {
  const schema = table.schema ?? 'public';
  await client.query('DELETE FROM _ferrow.columns WHERE table_schema = $1 AND table_name = $2', [
    schema,
    table.name,
  ]);
  if (!origins || origins.length === 0) return;
  await client.query(
    `WITH path AS MATERIALIZED (SELECT set_config('search_path', '', true) AS set)
    INSERT INTO _ferrow.columns (table_schema, table_name, column_name, made_type, origin)
    SELECT $1, $2, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), o.origin
    FROM path, ROWS FROM (pg_catalog.unnest($3::text[]), pg_catalog.unnest($4::text[])) AS o (name, origin)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = $5::regclass AND a.attname = o.name AND a.attnum > 0
    WHERE path.set IS NOT NULL`,
    [
      schema,
      table.name,
      origins.map((each) => each.column),
      origins.map((each) => JSON.stringify(each.origin)),
      quoteTable(table),
    ],
  );
}
