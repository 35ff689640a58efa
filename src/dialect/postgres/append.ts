// Staged rows -> a live table, all or none. Tables of one run may reference each other in any order and in circles, so a
// foreign key whose parents are still to come waits as NOT VALID until the end of the run. Main thread.
import type pg from 'pg';
import type { NotCarried, TableName } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { attempt } from './attempt.ts';
import { sqlState } from './errors.ts';
import { recordFinished } from './ledger.ts';
import { quote, quoteList, quoteTable } from './names.ts';
import { inTransaction } from './session.ts';
import { proveCasts, stagedValue } from './staging-casts.ts';

/** A foreign key that must be validated when all tables are there. */
export interface WaitingKey {
  readonly table: TableName;
  readonly constraint: string;
}

/** Moves the rows. `run` are the tables of the run. @returns the foreign keys that wait for parents */
export async function appendStaged(
  client: pg.Client,
  load: TableLoad,
  run: readonly TableName[],
): Promise<WaitingKey[]> {
  try {
    await inTransaction(client, () => moveRows(client, load));
    return [];
  } catch (error) {
    if (sqlState(error) !== '23503') throw error;
    const keys = await keysInRun(client, load.table, run);
    if (keys.length === 0) throw error;
    const waiting = keys.map(({ name }) => ({ table: load.table, constraint: name }));
    await inTransaction(client, async () => {
      const alter = `ALTER TABLE ${quoteTable(load.table)}`;
      for (const { name } of keys) await client.query(`${alter} DROP CONSTRAINT ${quote(name)}`);
      await moveRows(client, load);
      for (const { name, definition } of keys)
        await client.query(`${alter} ADD CONSTRAINT ${quote(name)} ${definition} NOT VALID`);
    });
    return waiting;
  }
}

/** At the end of the run. What still finds no parent is listed; the key stays, for new rows only. */
export async function validateWaiting(
  client: pg.Client,
  waiting: readonly WaitingKey[],
): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  for (const { table, constraint } of waiting) {
    const sql = `ALTER TABLE ${quoteTable(table)} VALIDATE CONSTRAINT ${quote(constraint)}`;
    await inTransaction(client, () =>
      attempt(client, sql, (reason) => {
        const said = `it now holds for new rows only, since appended rows find no parent: ${reason}`;
        notCarried.push({
          table: table.name,
          object: 'foreign key',
          name: constraint,
          reason: said,
          hint: sql,
        });
      }),
    );
  }
  return notCarried;
}

async function moveRows(client: pg.Client, load: TableLoad): Promise<void> {
  const { table, staging, columns } = load;
  const names = columns.map((column) => column.name);
  const brought = table.columns.filter((column) => names.includes(column.name));
  await proveCasts(client, load);
  const values = names.map((name) => stagedValue(load, name));
  const list = names.length === 0 ? '' : ` (${quoteList(names)})`;
  const own = brought.some((column) => column.identity?.kind === 'always') ? ' OVERRIDING SYSTEM VALUE' : '';
  await client.query(
    `INSERT INTO ${quoteTable(table)}${list}${own} SELECT ${values.join(', ')} FROM ${quoteTable(staging)}`,
  );
  await client.query(`DROP TABLE ${quoteTable(staging)}`);
  await recordFinished(client, load);
}

/** Valid foreign keys of the table that point at other tables of the run. */
async function keysInRun(
  client: pg.Client,
  table: TableName,
  run: readonly TableName[],
): Promise<{ name: string; definition: string }[]> {
  const others = run.map(quoteTable).filter((name) => name !== quoteTable(table));
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_catalog.pg_constraint
    WHERE contype = 'f' AND convalidated AND conrelid = $1::regclass
      AND confrelid IN (SELECT to_regclass(name) FROM unnest($2::text[]) AS name)`,
    [quoteTable(table), others],
  );
  return rows;
}
