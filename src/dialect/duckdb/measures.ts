// What DuckDB itself says of columns: counts, extremes, sums, bytes. Engine thread.
import type { TableSchema } from '../../types/schema.ts';
import { type ColumnFigures, type ColumnMeasure, MEASURED_COLUMNS_MAX } from '../reads.ts';
import type { Link } from './connect.ts';
import { rows } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';
import { checkWhere } from './where-check.ts';

export async function measure(
  link: Link,
  table: TableSchema,
  columns: readonly ColumnMeasure[],
  where: string | null,
): Promise<ColumnFigures[]> {
  await checkWhere(link, table, where);
  const condition = where === null ? '' : ` WHERE (\n${where}\n)`;
  const found: ColumnFigures[] = [];
  for (let from = 0; from < columns.length; from += MEASURED_COLUMNS_MAX) {
    const some = columns.slice(from, from + MEASURED_COLUMNS_MAX);
    const expressions = some.flatMap((column, at) =>
      expressionsOf(column, table).map((sql, part) => `CAST(${sql} AS VARCHAR) AS f${at}_${part}`),
    );
    const [row] = await rows(link, `SELECT ${expressions.join(', ')} FROM ${quoteTable(table)}${condition}`);
    const figure = (at: number, part: number) => {
      const value = row[`f${at}_${part}`];
      return typeof value === 'string' ? value : null;
    };
    some.forEach((_, at) => {
      found.push({
        present: figure(at, 0) ?? '0',
        min: figure(at, 1),
        max: figure(at, 2),
        total: figure(at, 3),
      });
    });
  }
  return found;
}

function expressionsOf({ name, of }: ColumnMeasure, { columns }: TableSchema): string[] {
  const column = quote(name);
  const present = `count(${column})`;
  switch (of) {
    case 'any':
    case 'presence':
      return [present, 'NULL', 'NULL', 'NULL'];
    case 'integers':
      return [present, `min(${column})`, `max(${column})`, `sum(CAST(${column} AS HUGEINT))`];
    case 'text':
      return [present, 'NULL', 'NULL', `sum(strlen(CAST(${column} AS VARCHAR)))`];
    case 'bytes': {
      // Not of a GEOMETRY, which is bytes to other engines alone.
      const isBlob = columns.some((each) => each.name === name && each.nativeType === 'BLOB');
      return [present, 'NULL', 'NULL', isBlob ? `sum(octet_length(${column}))` : 'NULL'];
    }
  }
}
