// Deletes rows by their keys. Main thread.
import type pg from 'pg';
import type { TableSchema } from '../../types/schema.ts';
import { fromTable, whereClause } from './select-sql.ts';

/** A parent of inherited tables loses its own rows only. */
export async function deleteRows(client: pg.Client, table: TableSchema, condition: string): Promise<number> {
  const { rowCount } = await client.query(`DELETE FROM ${fromTable(table)}${whereClause(condition)}`);
  return rowCount ?? 0;
}
