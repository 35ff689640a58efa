// Foreign keys of live tables that hold for new rows only until the rows of all tables of a run are there. They are kept in the
// target, so that whoever ends the run validates them, be it another process. Main thread.
import type pg from 'pg';
import type { NotCarried, TableName } from '../../types/schema.ts';
import { attempt } from './attempt.ts';
import { quote, quoteTable } from './names.ts';
import { inTransaction } from './session.ts';

export const WAITING_TABLE = `CREATE TABLE IF NOT EXISTS _ferrow.waiting_keys (
    run_id text NOT NULL, table_schema text NOT NULL, table_name text NOT NULL, constraint_name text NOT NULL,
    PRIMARY KEY (run_id, table_schema, table_name, constraint_name))`;

/** In the transaction that takes their validity from them. */
export async function recordWaiting(
  client: pg.Client,
  runId: string,
  table: TableName,
  constraint: string,
): Promise<void> {
  await client.query('INSERT INTO _ferrow.waiting_keys VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
    runId,
    table.schema,
    table.name,
    constraint,
  ]);
}

interface WaitingKey {
  readonly schema: string;
  readonly table: string;
  readonly constraint: string;
  readonly isOpen: boolean;
}

/**
 * At the end of a run: its own, and those that runs which are done or forgotten have left. What still finds no parent is
 * listed; the key stays, for new rows only.
 */
export async function validateWaiting(client: pg.Client, runId: string): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  const { rows } = await client.query<WaitingKey>(
    `SELECT DISTINCT w.table_schema AS schema, w.table_name AS table, w.constraint_name AS constraint,
      k.oid IS NOT NULL AS "isOpen"
    FROM _ferrow.waiting_keys w LEFT JOIN _ferrow.runs r USING (run_id)
      LEFT JOIN pg_catalog.pg_constraint k ON k.conname = w.constraint_name AND NOT k.convalidated
        AND k.conrelid = to_regclass(format('%I.%I', w.table_schema, w.table_name))
    WHERE w.run_id = $1 OR r.run_id IS NULL OR r.state = 'done'`,
    [runId],
  );
  for (const { schema, table: name, constraint, isOpen } of rows) {
    const sql = `ALTER TABLE ${quoteTable({ schema, name })} VALIDATE CONSTRAINT ${quote(constraint)}`;
    await inTransaction(client, async () => {
      const refused = (reason: string) => {
        const said = `it now holds for new rows only, since appended rows find no parent: ${reason}`;
        notCarried.push({ table: name, object: 'foreign key', name: constraint, reason: said, hint: sql });
      };
      if (isOpen) await attempt(client, sql, refused);
      await client.query(
        `DELETE FROM _ferrow.waiting_keys
        WHERE table_schema = $1 AND table_name = $2 AND constraint_name = $3`,
        [schema, name, constraint],
      );
    });
  }
  return notCarried;
}
