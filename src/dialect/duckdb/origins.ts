// What columns were in the engine they came from: Ferrow's table `_ferrow.columns`, beside the ledger. Engine thread.
import { parseOrigin } from '../../types/origin.ts';
import type { TableName, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import type { Link } from './connect.ts';
import { rows, run, text } from './query.ts';
import { literal } from './sql-text.ts';

/** Made with the ledger. Without a key: DuckDB may take a row that is put anew in one transaction for a double. */
export const ORIGINS_TABLE = `CREATE TABLE IF NOT EXISTS _ferrow.columns (
    table_schema VARCHAR NOT NULL, table_name VARCHAR NOT NULL, column_name VARCHAR NOT NULL,
    made_type VARCHAR NOT NULL, origin VARCHAR NOT NULL
  )`;

/** The origins that are kept; none where there is no table of them. */
export async function readOrigins(link: Link): Promise<{ attach: (table: TableSchema) => TableSchema }> {
  const there = await rows(
    link,
    "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = '_ferrow' AND table_name = 'columns'",
  );
  if (there.length === 0) return { attach: (table) => table };
  const found = await rows(
    link,
    'SELECT table_schema, table_name, column_name, made_type, origin FROM _ferrow.columns',
  );
  const kept = new Map(
    found.map((row) => [
      originKey({ schema: text(row.table_schema), name: text(row.table_name) }, text(row.column_name)),
      { made: text(row.made_type), origin: text(row.origin) },
    ]),
  );
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

function originKey({ schema, name }: TableName, column: string): string {
  return JSON.stringify([schema ?? 'main', name, column]);
}

/** In the transaction in which the table took its name. The types are written as the catalog will spell them. */
export async function writeOrigins(link: Link, { table, origins }: TableLoad): Promise<void> {
  const schema = table.schema ?? 'main';
  const there = await rows(
    link,
    'SELECT 1 FROM _ferrow.columns WHERE table_schema = $1 AND table_name = $2 LIMIT 1',
    [schema, table.name],
  );
  if (there.length > 0)
    await run(link, 'DELETE FROM _ferrow.columns WHERE table_schema = $1 AND table_name = $2', [
      schema,
      table.name,
    ]);
  if (!origins || origins.length === 0) return;
  const found = await rows(
    link,
    'SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2',
    [schema, table.name],
  );
  const types = new Map(found.map((row) => [text(row.column_name), text(row.data_type)]));
  const values = origins.flatMap(({ column, origin }) => {
    const made = types.get(column);
    if (made === undefined) return [];
    const fields = [schema, table.name, column, made, JSON.stringify(origin)];
    return [`(${fields.map(literal).join(', ')})`];
  });
  // A statement for many columns: a table may have thousands.
  for (let at = 0; at < values.length; at += ROWS_PER_INSERT) {
    const some = values.slice(at, at + ROWS_PER_INSERT).join(', ');
    await run(link, `INSERT INTO _ferrow.columns VALUES ${some}`);
  }
}

const ROWS_PER_INSERT = 500;
