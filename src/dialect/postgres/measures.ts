// What the server itself says of columns: counts, extremes, sums, bytes. Main thread.
import type pg from 'pg';
import type { TableSchema } from '../../types/schema.ts';
import { type ColumnFigures, type ColumnMeasure, MEASURED_COLUMNS_MAX } from '../reads.ts';
import { quote } from './names.ts';
import { whereClause } from './select-sql.ts';
import { ownRows } from './table-reads.ts';

/** `where` has been checked. */
export async function measure(
  client: pg.Client,
  table: TableSchema,
  columns: readonly ColumnMeasure[],
  where: string | null,
): Promise<ColumnFigures[]> {
  const from = await ownRows(client, table);
  const found: ColumnFigures[] = [];
  for (let first = 0; first < columns.length; first += MEASURED_COLUMNS_MAX) {
    const some = columns.slice(first, first + MEASURED_COLUMNS_MAX);
    const text = `SELECT ${some.flatMap((column) => expressionsOf(column, table)).join(', ')} FROM ${from}${whereClause(where)}`;
    const { rows } = await client.query<(string | null)[]>({ text, rowMode: 'array' });
    some.forEach((_, at) => {
      const [present, min, max, total] = rows[0].slice(at * 4, at * 4 + 4);
      found.push({ present: present ?? '0', min, max, total });
    });
  }
  return found;
}

/** Types that count as numbers to the server; other integers (xid, domains) do by way of their text. */
const NUMBERS = new Set(['smallint', 'integer', 'bigint']);

function expressionsOf({ name, of }: ColumnMeasure, { columns }: TableSchema): string[] {
  const column = quote(name);
  const present = `count(${column})::text`;
  const nativeType = columns.find((each) => each.name === name)?.nativeType ?? '';
  switch (of) {
    case 'integers': {
      const value = NUMBERS.has(nativeType) ? column : `${column}::text::numeric`;
      return [present, `min(${value})::text`, `max(${value})::text`, `sum(${value})::text`];
    }
    case 'text':
      return [present, 'NULL', 'NULL', `sum(octet_length(${column}::text))::text`];
    case 'bytes':
      return [
        present,
        'NULL',
        'NULL',
        nativeType === 'bytea' ? `sum(octet_length(${column}))::text` : 'NULL',
      ];
    case 'any':
    case 'presence':
      return [present, 'NULL', 'NULL', 'NULL'];
  }
}
