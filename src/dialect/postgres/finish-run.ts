// After all tables: foreign keys, the numbers that identities go on with, statistics. Main thread.
import type pg from 'pg';
import type { ColumnSchema, NotCarried, TableName } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { foreignKeyStatement } from './ddl.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { attempt } from './finish-table.ts';
import { quote, quoteTable } from './names.ts';
import { inTransaction } from './session.ts';

export async function finishRun(client: pg.Client, loads: readonly TableLoad[]): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  for (const load of loads) await addForeignKeys(client, load, notCarried);
  for (const load of loads) {
    for (const column of load.table.columns.filter((each) => each.identity))
      await advanceSequence(client, load.table, column, notCarried);
    await analyse(client, load.table);
  }
  return notCarried;
}

/** For append only those that the replacing of another table took away: they are the live table's own. */
async function addForeignKeys(client: pg.Client, load: TableLoad, notCarried: NotCarried[]): Promise<void> {
  const { table } = load;
  if (!load.parts.foreignKeys || table.foreignKeys.length === 0) return;
  const { rows } = await client.query<{ name: string }>(
    `SELECT conname AS name FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conrelid = $1::regclass`,
    [quoteTable(table)],
  );
  const there = new Set(rows.map((row) => row.name));
  for (const foreignKey of table.foreignKeys) {
    if (foreignKey.name !== null && there.has(foreignKey.name)) continue;
    await inTransaction(client, () =>
      attempt(client, foreignKeyStatement(foreignKey, table), (reason, state) => {
        notCarried.push({
          table: table.name,
          object: 'foreign key',
          name: foreignKey.name ?? `(${foreignKey.columns.join(', ')})`,
          reason: state === '23503' ? `rows of the source find no parent: ${reason}` : reason,
          hint: foreignKeyStatement(foreignKey, table, state === '23503'),
        });
      }),
    );
  }
}

/** The next insert gets a number beyond all that are there, and not below what the source would give. */
async function advanceSequence(
  client: pg.Client,
  table: TableName,
  column: ColumnSchema,
  notCarried: NotCarried[],
): Promise<void> {
  const next = column.identity?.next;
  const wanted = next !== undefined && /^-?\d{1,19}$/.test(next) ? next : null;
  const sql = `WITH s AS (SELECT pg_get_serial_sequence($1, $2)::regclass AS seq),
      m AS (SELECT max(${quote(column.name)})::numeric + 1 AS beyond FROM ${quoteTable(table)}),
      q AS (SELECT s.seq, p.seqmin, greatest(m.beyond, $3::numeric,
          (SELECT last_value + CASE WHEN is_called THEN 1 ELSE 0 END FROM sequence_place)) AS next
        FROM s JOIN pg_catalog.pg_sequence p ON p.seqrelid = s.seq, m WHERE p.seqincrement > 0)
    SELECT setval(seq, greatest(next, seqmin)::bigint, false) FROM q WHERE next IS NOT NULL`;
  try {
    const { rows } = await client.query<{ name: string | null }>(
      'SELECT pg_get_serial_sequence($1, $2) AS name',
      [quoteTable(table), column.name],
    );
    // The server gives the sequence's name quoted.
    const [sequence] = rows;
    if (sequence?.name)
      await client.query(
        sql.replace('sequence_place', () => sequence.name ?? ''),
        [quoteTable(table), column.name, wanted],
      );
  } catch (error) {
    if (sqlState(error) === null) throw error;
    const { message } = fromPostgres(error, 'ddl');
    notCarried.push({
      table: table.name,
      object: 'identity',
      name: column.name,
      column: column.name,
      reason: `its next number could not be set: ${message}`,
      hint: `SELECT setval(pg_get_serial_sequence(…), …) for "${column.name}"`,
    });
  }
}

/** Statistics help; without the right to make them the server only warns. */
async function analyse(client: pg.Client, table: TableName): Promise<void> {
  try {
    await client.query(`ANALYZE ${quoteTable(table)}`);
  } catch (error) {
    if (sqlState(error) === null) throw error;
  }
}
