// Deletes rows by their keys, in one transaction. Main thread.
import type pg from 'pg';
import type { TableSchema } from '../../types/schema.ts';
import { fromTable, whereClause } from './select-sql.ts';
import { inTransaction } from './session.ts';

/** A parent of inherited tables loses its own rows only. */
export async function deleteRows(client: pg.Client, table: TableSchema, condition: string): Promise<number> {
  const sql = `DELETE FROM ${fromTable(table)}${whereClause(condition)}`;
  const { rowCount } = await inTransaction(client, () => client.query(sql));
  return rowCount ?? 0;
}
