// What swaps a target remembers: `_ferrow.swaps`, written in the transaction of the swap. Main thread.
import type pg from 'pg';
import type { StoredSwap, SwapRow } from '../dialect.ts';
import { quoteTable } from './names.ts';

const CREATE = `CREATE TABLE IF NOT EXISTS _ferrow.swaps (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run_id text NOT NULL, undoes text, undone_by text,
  table_schema text NOT NULL, table_name text NOT NULL, old_name text, note text NOT NULL,
  swapped_at timestamptz NOT NULL DEFAULT clock_timestamp())`;

/** In the order in which they were written; none where there is no table of them. */
export async function readSwaps(client: pg.Client): Promise<StoredSwap[]> {
  const { rows: there } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('_ferrow.swaps') IS NOT NULL AS there`,
  );
  if (!there[0].there) return [];
  const { rows } = await client.query<SwapRow & { readonly at: Date }>(
    `SELECT run_id AS "runId", undoes, undone_by AS "undoneBy", table_schema AS schema, table_name AS name,
      old_name AS "oldName", note, swapped_at AS at FROM _ferrow.swaps ORDER BY number`,
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** What was read of swaps holds until the transaction ends: nobody else swaps or rolls back before that. */
export async function oneAtATime(client: pg.Client): Promise<void> {
  if ((await readSwaps(client)).length > 0)
    await client.query('LOCK TABLE _ferrow.swaps IN SHARE ROW EXCLUSIVE MODE');
}

/** In the transaction of the swap. */
export async function writeSwaps(client: pg.Client, swaps: readonly SwapRow[]): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('_ferrow.swaps') IS NOT NULL AS there`,
  );
  if (!rows[0].there) await client.query(CREATE);
  for (const { runId, undoes, schema, name, oldName, note } of swaps) {
    await client.query(
      `INSERT INTO _ferrow.swaps (run_id, undoes, table_schema, table_name, old_name, note)
      VALUES ($1, $2, $3, $4, $5, $6)`,
      [runId, undoes, schema ?? 'public', name, oldName, note],
    );
    if (undoes !== null)
      await client.query('UPDATE _ferrow.swaps SET undone_by = $1 WHERE run_id = $2', [runId, undoes]);
  }
}

/** What is known of columns goes with their table, whose schema stays. In the transaction of the swap. */
export async function moveOrigins(
  client: pg.Client,
  schema: string,
  from: string,
  to: string | null,
): Promise<void> {
  const own = 'table_schema = $1 AND table_name = $2';
  if (to === null) {
    await client.query(`DELETE FROM _ferrow.columns WHERE ${own}`, [schema, from]);
    return;
  }
  await client.query(`DELETE FROM _ferrow.columns WHERE ${own}`, [schema, to]);
  await client.query(`UPDATE _ferrow.columns SET table_name = $3 WHERE ${own}`, [schema, from, to]);
}

/** Whether a table of this name is one that a swap has kept. */
export async function isKept(client: pg.Client, schema: string, name: string): Promise<boolean> {
  const swaps = await readSwaps(client);
  return swaps.some((row) => row.schema === schema && row.oldName === name);
}

/** The oid of a plain table as text, or null. */
export async function tableOid(
  client: pg.Client,
  table: Parameters<typeof quoteTable>[0],
): Promise<string | null> {
  const { rows } = await client.query<{ oid: string }>(
    `SELECT oid::int8::text AS oid FROM pg_catalog.pg_class WHERE oid = to_regclass($1) AND relkind IN ('r', 'p')`,
    [quoteTable(table)],
  );
  return rows[0]?.oid ?? null;
}
