// The lock of a live table, waited for no longer than others who want the table should have to: they queue up behind whoever
// waits. Main thread, in an open transaction.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableName } from '../../types/schema.ts';
import { sqlState } from './errors.ts';
import { quoteTable } from './names.ts';

const WAIT_MILLIS = 5000;

/** Nothing where there is no such table. @throws FerrowError E_LOCKED, which passes */
export async function lockLive(
  client: pg.Client,
  table: TableName,
  mode: 'ACCESS EXCLUSIVE' | 'ROW EXCLUSIVE',
): Promise<void> {
  const name = quoteTable(table);
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass($1) AND relkind IN ('r', 'p')) AS there`,
    [name],
  );
  if (!rows[0].there) return;
  try {
    await client.query(
      `SET LOCAL lock_timeout = ${WAIT_MILLIS}; LOCK TABLE ${name} IN ${mode} MODE; SET LOCAL lock_timeout = 0`,
    );
  } catch (error) {
    if (sqlState(error) !== '55P03') throw error;
    throw new FerrowError('E_LOCKED', `another session holds a lock on ${name} in the target`, {
      dialect: 'postgres',
      table: table.name,
      hint: 'wait for its transaction to end, or end it (pg_stat_activity shows it)',
      cause: error,
    });
  }
}
