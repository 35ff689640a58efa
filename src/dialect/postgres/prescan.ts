// Looks into columns by one scan of the table: digits and specials of numerics. Main thread.
import type pg from 'pg';
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { ProbeRequest } from '../dialect.ts';
import { quote } from './names.ts';
import { fromTable, whereClause } from './select-sql.ts';

/** Same order as the request's columns. A scan is made only if a column asks for something. */
export async function prescan(client: pg.Client, request: ProbeRequest): Promise<ColumnEvidence[]> {
  const { table, where, columns } = request;
  const asked = columns.filter((column) => column.probes.length > 0);
  if (asked.length === 0) return columns.map(() => ({ rowCount: 0, nullCount: 0 }));
  const expressions = asked.flatMap((column, at) => numericProbes(quote(column.name), at));
  const sql = `SELECT count(*) AS rows, ${expressions.join(', ')} FROM ${fromTable(table)}${whereClause(where)}`;
  const [row] = (await client.query<Record<string, string | null>>(sql)).rows;
  const number = (name: string) => Number(row[name] ?? 0);
  const rowCount = number('rows');
  return columns.map((column) => {
    const at = asked.indexOf(column);
    if (at < 0) return { rowCount, nullCount: 0 };
    return {
      rowCount,
      nullCount: rowCount - number(`values_${at}`),
      numeric: {
        maxIntegerDigits: number(`integer_digits_${at}`),
        maxScale: number(`scale_${at}`),
        maxSignificantDigits: number(`digits_${at}`),
        nanCount: number(`nan_${at}`),
        infinityCount: number(`infinity_${at}`),
      },
    };
  });
}

function numericProbes(column: string, at: number): string[] {
  const finite = `${column} NOT IN ('NaN', 'Infinity', '-Infinity')`;
  return [
    `count(${column}) AS values_${at}`,
    `count(*) FILTER (WHERE ${column} = 'NaN') AS nan_${at}`,
    `count(*) FILTER (WHERE ${column} IN ('Infinity', '-Infinity')) AS infinity_${at}`,
    `max(scale(${column})) FILTER (WHERE ${finite}) AS scale_${at}`,
    `max(length(trunc(abs(${column}))::text)) FILTER (WHERE ${finite} AND abs(${column}) >= 1) AS integer_digits_${at}`,
    `max(length(ltrim(replace(abs(${column})::text, '.', ''), '0'))) FILTER (WHERE ${finite}) AS digits_${at}`,
  ];
}
