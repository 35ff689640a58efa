// Where the tables of sources stand, kept beside the ledger and moved on in the transaction of the rows. Main thread.
import type pg from 'pg';
import type { TableLoad, Watermark } from '../dialect.ts';
import { recordFinished } from './ledger.ts';
import { quote, quoteTable } from './names.ts';

const TABLE = `CREATE TABLE IF NOT EXISTS _ferrow.watermarks (
  source text NOT NULL, source_table text NOT NULL, target_table text NOT NULL, scope text NOT NULL, value text,
  history text NOT NULL, run_id text NOT NULL, written_at timestamptz NOT NULL,
  PRIMARY KEY (source, source_table, target_table))`;

const COLUMNS = 'source, source_table, target_table, scope, value, history, run_id, written_at';

export async function readWatermarks(client: pg.Client, source: string): Promise<Watermark[]> {
  if (!(await isThere(client))) return [];
  const { rows } = await client.query<Watermark>(
    `SELECT source, source_table AS "sourceTable", target_table AS "targetTable", scope, value, history,
      run_id AS "runId", written_at::text AS at FROM _ferrow.watermarks WHERE source = $1`,
    [source],
  );
  return rows;
}

/** Makes the table where a load will want it. */
export async function prepareWatermarks(client: pg.Client, loads: readonly TableLoad[]): Promise<void> {
  if (loads.some((load) => load.sync) && !(await isThere(client))) await client.query(TABLE);
}

/** In the transaction of the rows. */
export async function writeWatermark(client: pg.Client, { sync }: TableLoad): Promise<void> {
  if (!sync) return;
  const { source, sourceTable, targetTable, scope, value, history, runId, at } = sync.watermark;
  await client.query(
    `INSERT INTO _ferrow.watermarks (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (source, source_table, target_table) DO UPDATE SET scope = excluded.scope, value = excluded.value,
      history = excluded.history, run_id = excluded.run_id, written_at = excluded.written_at`,
    [source, sourceTable, targetTable, scope, value, history, runId, at],
  );
}

/** Rows of the live table whose key is not among those that the source has. @returns how many there were */
export async function deleteGone(client: pg.Client, { runId, table, sync }: TableLoad): Promise<number> {
  if (!sync?.keys) return 0;
  const { id, staging, columns } = sync.keys;
  const same = columns.map((name) => `key.${quote(name)} = live.${quote(name)}`).join(' AND ');
  const { rowCount } = await client.query(
    `DELETE FROM ${quoteTable(table)} AS live WHERE NOT EXISTS (SELECT FROM ${quoteTable(staging)} AS key WHERE ${same})`,
  );
  await client.query(`DROP TABLE ${quoteTable(staging)}`);
  await recordFinished(client, { runId, id });
  return rowCount ?? 0;
}

async function isThere(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('_ferrow.watermarks') IS NOT NULL AS there`,
  );
  return rows[0].there;
}
