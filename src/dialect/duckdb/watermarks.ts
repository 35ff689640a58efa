// Where the tables of sources stand, kept beside the ledger and moved on in the transaction of the rows. Engine thread.
import type { TableLoad, Watermark } from '../dialect.ts';
import { OWN_SCHEMA } from './catalog.ts';
import type { Link } from './connect.ts';
import { recordFinished } from './ledger.ts';
import { count, rows, run, text, textOrNull } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';

const TABLE = `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.watermarks (
  source VARCHAR NOT NULL, source_table VARCHAR NOT NULL, target_table VARCHAR NOT NULL, scope VARCHAR NOT NULL,
  value VARCHAR, history VARCHAR NOT NULL, run_id VARCHAR NOT NULL, written_at VARCHAR NOT NULL,
  PRIMARY KEY (source, source_table, target_table))`;

export async function readWatermarks(link: Link, source: string): Promise<Watermark[]> {
  const there = await count(
    link,
    `SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $1 AND table_name = 'watermarks'`,
    [OWN_SCHEMA],
  );
  if (there === 0) return [];
  const found = await rows(link, `SELECT * FROM ${OWN_SCHEMA}.watermarks WHERE source = $1`, [source]);
  return found.map((row) => ({
    source,
    sourceTable: text(row.source_table),
    targetTable: text(row.target_table),
    scope: text(row.scope),
    value: textOrNull(row.value),
    history: text(row.history),
    runId: text(row.run_id),
    at: text(row.written_at),
  }));
}

/** In the transaction of the rows. */
export async function writeWatermark(link: Link, { sync }: TableLoad): Promise<void> {
  if (!sync) return;
  const { source, sourceTable, targetTable, scope, value, history, runId, at } = sync.watermark;
  await run(link, TABLE);
  await run(link, `INSERT OR REPLACE INTO ${OWN_SCHEMA}.watermarks VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, [
    source,
    sourceTable,
    targetTable,
    scope,
    value,
    history,
    runId,
    at,
  ]);
}

/** Rows of the live table whose key is not among those that the source has. @returns how many there were */
export async function deleteGone(link: Link, { runId, table, sync }: TableLoad): Promise<number> {
  if (!sync?.keys) return 0;
  const { id, staging, columns } = sync.keys;
  const same = columns.map((name) => `key.${quote(name)} = live.${quote(name)}`).join(' AND ');
  const gone = `${quoteTable(table)} AS live WHERE NOT EXISTS (SELECT 1 FROM ${quoteTable(staging)} AS key WHERE ${same})`;
  const deleted = await count(link, `SELECT count(*) FROM ${gone}`);
  if (deleted > 0) await run(link, `DELETE FROM ${gone}`);
  await run(link, `DROP TABLE ${quoteTable(staging)}`);
  await recordFinished(link, { runId, id });
  return deleted;
}
