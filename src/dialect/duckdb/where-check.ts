// A user's condition, looked at before it stands in a query. Engine thread.
import type { TableName } from '../../types/schema.ts';
import type { Link } from './connect.ts';
import { fromDuckdb } from './errors.ts';
import { quoteTable } from './sql-text.ts';

/**
 * Has DuckDB prepare the condition, which runs nothing and takes one statement and no more. Both bare and in brackets:
 * what closes our bracket and opens another (`a) OR (b`) would slip out from under the conditions beside it.
 * @throws FerrowError E_USAGE
 */
export async function checkWhere(link: Link, table: TableName, where: string | null): Promise<void> {
  if (where === null) return;
  try {
    for (const condition of [`${where}\n`, `(\n${where}\n)`]) {
      const prepared = await link.api.prepare(
        `SELECT 1 FROM ${quoteTable(table)} WHERE ${condition} LIMIT 0`,
      );
      prepared.destroySync();
    }
  } catch (error) {
    throw fromDuckdb(error, 'where', { table: table.name });
  }
}
