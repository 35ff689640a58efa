// Whether a table holds the same rows in the same places as in an earlier snapshot. Main thread.
import type pg from 'pg';
import type { TableSchema } from '../../types/schema.ts';
import { quoteTable } from './names.ts';

interface Mark {
  /** As pg_current_snapshot() has it. */
  readonly snapshot: string;
  /** The table's file: another one after a rewrite, in which rows have other places. */
  readonly file: string;
}

/** Null for what has no rows of its own: views, partitioned and foreign tables. */
export async function markTables(
  client: pg.Client,
  tables: readonly TableSchema[],
): Promise<(string | null)[]> {
  const { rows } = await client.query<{ snapshot: string; file: string | null }>(
    `SELECT pg_current_snapshot()::text AS snapshot,
      (SELECT pg_relation_filenode(oid)::text FROM pg_catalog.pg_class
        WHERE oid = to_regclass(name) AND relkind IN ('r', 'm')) AS file
    FROM unnest($1::text[]) WITH ORDINALITY AS wanted (name, at) ORDER BY at`,
    [tables.map(quoteTable)],
  );
  return rows.map(({ snapshot, file }) => (file === null ? null : JSON.stringify({ snapshot, file })));
}

/**
 * True if the rows that meet `where` are those that `mark`'s snapshot saw: as many, and none of them made by a
 * transaction that the snapshot did not see. A row that is changed is a new one to the server; one that is deleted is
 * missing from the count. Transaction numbers of rows are 32 bits wide, of which the nearest in the past is meant;
 * a row so old that it seems younger counts as changed.
 */
export async function isUnchanged(
  client: pg.Client,
  table: TableSchema,
  where: string | null,
  mark: string,
  rowsThen: number,
): Promise<boolean> {
  const { snapshot, file } = JSON.parse(mark) as Mark;
  const [now] = await markTables(client, [table]);
  if (now === null || (JSON.parse(now) as Mark).file !== file) return false;
  const condition = where === null ? '' : `WHERE (\n${where}\n)`;
  const { rows } = await client.query<{ same: boolean }>(
    `SELECT count(*) = $1::bigint AND count(*) FILTER (WHERE NOT (xmin::text::bigint < 3 OR pg_visible_in_snapshot(
        (now.xid - ((now.xid - xmin::text::bigint) & 4294967295))::text::xid8, $2::pg_snapshot))) = 0 AS same
    FROM ONLY ${quoteTable(table)}, (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xid) AS now ${condition}`,
    [rowsThen, snapshot],
  );
  return rows[0].same;
}
