// Staged rows -> a live table, all or none. Tables of one run may reference each other in any order and in circles, so a
// foreign key whose parents are still to come waits as NOT VALID until the end of the run. Main thread.
import type pg from 'pg';
import { failpoint } from '../../errors/failpoint.ts';
import type { TableName } from '../../types/schema.ts';
import type { AppendCounts, TableLoad } from '../dialect.ts';
import { deleteRows } from './delete-rows.ts';
import { sqlState } from './errors.ts';
import { recordFinished } from './ledger.ts';
import { lockLive } from './live-lock.ts';
import { quote, quoteList, quoteTable } from './names.ts';
import { inTransaction } from './session.ts';
import { proveCasts, stagedValue } from './staging-casts.ts';
import { upsert } from './upsert.ts';
import { recordWaiting } from './waiting-keys.ts';
import { deleteGone, writeWatermark } from './watermarks.ts';

/** Moves the rows, and counts them where it has a conflict to settle or is a sync's. `run` are the tables of the run. */
export async function appendStaged(
  client: pg.Client,
  load: TableLoad,
  run: readonly TableName[],
): Promise<AppendCounts | null> {
  try {
    return await inTransaction(client, () => moveRows(client, load));
  } catch (error) {
    if (sqlState(error) !== '23503') throw error;
    const keys = await keysInRun(client, load, run);
    if (keys.length === 0) throw error;
    return inTransaction(client, async () => {
      for (const { table, name } of keys)
        await client.query(`ALTER TABLE ${quoteTable(table)} DROP CONSTRAINT ${quote(name)}`);
      const moved = await moveRows(client, load);
      for (const { table, name, definition } of keys) {
        await client.query(
          `ALTER TABLE ${quoteTable(table)} ADD CONSTRAINT ${quote(name)} ${definition} NOT VALID`,
        );
        await recordWaiting(client, load.runId, table, name);
      }
      return moved;
    });
  }
}

async function moveRows(client: pg.Client, load: TableLoad): Promise<AppendCounts | null> {
  const { table, staging, onConflict, deletes } = load;
  await lockLive(client, load.table, 'ROW EXCLUSIVE');
  await proveCasts(client, load);
  const insert = insertStaged(load);
  // Before the insert: a row that goes may hold a unique value that another brings.
  const named = deletes === undefined ? 0 : await deleteRows(client, table, deletes);
  const deleted = named + (await deleteGone(client, load));
  const counts = onConflict ? await upsert(client, load, onConflict, insert) : null;
  const inserted = onConflict ? 0 : ((await client.query(insert)).rowCount ?? 0);
  await client.query(`DROP TABLE ${quoteTable(staging)}`);
  await recordFinished(client, load);
  await writeWatermark(client, load);
  failpoint('table.named');
  if (counts) return { ...counts, deleted };
  return load.sync ? { inserted, updated: 0, skipped: 0, unchanged: 0, deleted } : null;
}

/** `INSERT INTO table (…) SELECT … FROM staging`, or from some of its rows. */
export function insertStaged(
  { table, staging, columns, ...load }: TableLoad,
  from = quoteTable(staging),
): string {
  const names = columns.map((column) => column.name);
  const brought = table.columns.filter((column) => names.includes(column.name));
  const values = names.map((name) => stagedValue({ table, staging, columns, ...load }, name));
  const list = names.length === 0 ? '' : ` (${quoteList(names)})`;
  const own = brought.some((column) => column.identity?.kind === 'always') ? ' OVERRIDING SYSTEM VALUE' : '';
  return `INSERT INTO ${quoteTable(table)} AS live${list}${own} SELECT ${values.join(', ')} FROM ${from}`;
}

interface KeyInRun {
  readonly table: TableName;
  readonly name: string;
  readonly definition: string;
}

/**
 * Valid foreign keys of the table that point at other tables of the run; where rows are deleted those too that point from
 * others at it, since their rows may be deleted after it.
 */
export async function keysInRun(
  client: pg.Client,
  { table, sync, deletes }: TableLoad,
  run: readonly TableName[],
): Promise<KeyInRun[]> {
  const others = run.map(quoteTable).filter((name) => name !== quoteTable(table));
  const { rows } = await client.query<{ schema: string; table: string; name: string; definition: string }>(
    `SELECT n.nspname AS schema, c.relname AS table, k.conname AS name, pg_get_constraintdef(k.oid) AS definition
    FROM pg_catalog.pg_constraint k
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype = 'f' AND k.convalidated AND k.conparentid = 0
      AND (k.conrelid = $1::regclass AND k.confrelid IN (SELECT to_regclass(name) FROM unnest($2::text[]) AS name)
        OR $3 AND k.confrelid = $1::regclass AND k.conrelid IN (SELECT to_regclass(name) FROM unnest($2::text[]) AS name))`,
    [quoteTable(table), others, sync?.keys !== undefined || deletes !== undefined],
  );
  return rows.map(({ schema, table: name, ...key }) => ({ ...key, table: { schema, name } }));
}
