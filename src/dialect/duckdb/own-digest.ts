// A sum of rows by DuckDB's own hash: of a table whose rows no one else has read. Engine thread.
import type { OwnDigest, Partition, ReadRequest } from '../dialect.ts';
import { boundsSql } from './chunk-source.ts';
import type { Link } from './connect.ts';
import { rows } from './query.ts';
import { quoteTable } from './sql-text.ts';

/**
 * Two lanes of 32 bits for a hash of 64, so that sums of pieces add up as those of other digests do.
 * @param cells SQL of the columns as a staging table holds them
 */
export async function ownDigest(
  link: Link,
  { table, where }: ReadRequest,
  cells: readonly string[],
  partition: Partition,
): Promise<OwnDigest> {
  const conditions = [...boundsSql(partition), ...(where === null ? [] : [`(\n${where}\n)`])];
  const condition = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const lane = (half: string) => `CAST(coalesce(sum(${half}) % 4294967296, 0) AS UINTEGER)`;
  const [found] = await rows(
    link,
    `SELECT count(*) AS n, ${lane('h >> 32')} AS a, ${lane('h & 4294967295')} AS b
    FROM (SELECT hash(${cells.join(', ')}) AS h FROM ${quoteTable(table)}${condition})`,
  );
  return { rowCount: Number(found.n), rows: [Number(found.a) | 0, Number(found.b) | 0] };
}
