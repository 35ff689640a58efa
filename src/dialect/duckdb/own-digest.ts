// A sum of rows by DuckDB's own hash: of a table whose rows no one else has read. Engine thread.
import type { TableSchema } from '../../types/schema.ts';
import type { OwnDigest, Partition, ReadColumn, ReadRequest } from '../dialect.ts';
import { boundsSql, selectSql } from './chunk-source.ts';
import type { Link } from './connect.ts';
import { rows } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';

/** Two lanes of 32 bits for a hash of 64, so that sums of pieces add up as those of other digests do. */
export async function ownDigest(
  link: Link,
  { table, columns, where }: ReadRequest,
  partition: Partition,
): Promise<OwnDigest> {
  const conditions = [...boundsSql(partition), ...(where === null ? [] : [`(\n${where}\n)`])];
  const condition = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const lane = (half: string) => `CAST(coalesce(sum(${half}) % 4294967296, 0) AS UINTEGER)`;
  const [found] = await rows(
    link,
    `SELECT count(*) AS n, ${lane('h >> 32')} AS a, ${lane('h & 4294967295')} AS b
    FROM (SELECT hash(${columns.map((column) => hashedSql(column, table)).join(', ')}) AS h FROM ${quoteTable(table)}${condition})`,
  );
  return { rowCount: Number(found.n), rows: [Number(found.a) | 0, Number(found.b) | 0] };
}

/** DuckDB has no hash of a GEOMETRY, alone or inside of another; of its text it has. */
function hashedSql(column: ReadColumn, { columns }: TableSchema): string {
  const isGeometry = columns.some(
    ({ name, nativeType }) => name === column.name && nativeType.includes('GEOMETRY'),
  );
  return isGeometry ? `CAST(${quote(column.name)} AS VARCHAR)` : selectSql(column);
}
