// Cuts a table into ranges of its blocks. Main thread.
import type pg from 'pg';
import type { TableSchema } from '../../types/schema.ts';
import type { Partition } from '../dialect.ts';
import { quoteTable } from './names.ts';

/** Tables of fewer blocks (32 MiB) are read whole. */
const BLOCKS_MIN = 4096;
const BLOCKS_PER_PARTITION_MIN = 2048;
/** Before PostgreSQL 14 the server reads the whole table for each range of blocks. */
const TID_RANGE_SCAN_SINCE = 140000;

/** At most `most` partitions; one of all rows where the table is small, or has no blocks of its own. */
export async function cutTable(client: pg.Client, table: TableSchema, most: number): Promise<Partition[]> {
  const { rows } = await client.query<{ heap: boolean; blocks: number; rows: number }>(
    `SELECT c.relkind = 'r' AND am.amname = 'heap'
      AND current_setting('server_version_num')::int >= ${TID_RANGE_SCAN_SINCE} AS heap, c.reltuples::float8 AS rows,
      (pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 AS blocks
    FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam WHERE c.oid = $1::regclass`,
    [quoteTable(table)],
  );
  const { heap, blocks, rows: estimate } = rows[0] ?? { heap: false, blocks: 0, rows: -1 };
  const known = estimate >= 0 ? estimate : table.estimatedRows;
  const count = Math.min(Math.trunc(most), Math.ceil(blocks / BLOCKS_PER_PARTITION_MIN));
  if (!heap || blocks <= BLOCKS_MIN || count < 2)
    return [{ id: 'all', bounds: {}, estimatedRows: known === null ? null : Math.round(known) }];
  return Array.from({ length: count }, (_, at) => {
    const fromBlock = Math.floor((blocks * at) / count);
    // The last one is open: the table may have grown, and what is new is not in the snapshot anyway.
    const toBlock = at === count - 1 ? null : Math.floor((blocks * (at + 1)) / count);
    return {
      id: `blocks-${fromBlock}`,
      bounds: { fromBlock, toBlock },
      estimatedRows: known === null ? null : Math.round(known / count),
    };
  });
}
