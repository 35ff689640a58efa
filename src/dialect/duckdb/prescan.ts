// What a prescan finds in DuckDB's columns. Engine thread.
import {
  DuckDBDateValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { ProbeRequest } from '../dialect.ts';
import type { Link } from './connect.ts';
import { type Row, rows, text } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';
import { checkWhere } from './where-check.ts';

/** One scan for all columns of a table. */
export async function prescan(link: Link, request: ProbeRequest): Promise<ColumnEvidence[]> {
  await checkWhere(link, request.table, request.where);
  const items = ['count(*) AS n'];
  request.columns.forEach(({ name, probes }, at) => {
    const column = quote(name);
    items.push(`count(${column}) AS c${at}`);
    if (probes.includes('integers'))
      items.push(
        `CAST(min(${column}) AS VARCHAR) AS min${at}`,
        `CAST(max(${column}) AS VARCHAR) AS max${at}`,
      );
    // As values, not as text: the numbers behind them are exact in every unit.
    if (probes.includes('temporal-range')) {
      const finite = `FILTER (${column} NOT IN ('infinity', '-infinity'))`;
      items.push(`min(${column}) ${finite} AS from${at}`, `max(${column}) ${finite} AS to${at}`);
    }
    if (probes.includes('numeric')) {
      const digits = `ltrim(CAST(${column} AS VARCHAR), '-')`;
      items.push(
        `max(length(${digits})) AS digits${at}`,
        `max(length(rtrim(${digits}, '0'))) AS significant${at}`,
      );
    }
  });
  const condition = request.where === null ? '' : ` WHERE (\n${request.where}\n)`;
  const sql = `SELECT ${items.join(', ')} FROM ${quoteTable(request.table)}${condition}`;
  const [row] = await rows(link, sql, [], request.where === null ? 'read' : 'where');
  return request.columns.map(({ probes }, at) => evidenceOf(row, at, probes));
}

function evidenceOf(row: Row, at: number, probes: readonly string[]): ColumnEvidence {
  const rowCount = Number(row.n);
  const values = Number(row[`c${at}`]);
  const min = row[`min${at}`];
  return {
    rowCount,
    nullCount: rowCount - values,
    ...(probes.includes('integers') && min !== null
      ? { integers: { min: text(min), max: text(row[`max${at}`]) } }
      : {}),
    ...temporalRange(row[`from${at}`], row[`to${at}`]),
    ...(probes.includes('numeric')
      ? {
          // BIGNUM: integers of any size.
          numeric: {
            maxIntegerDigits: Number(row[`digits${at}`] ?? 0),
            maxScale: 0,
            maxSignificantDigits: Number(row[`significant${at}`] ?? 0),
            nanCount: 0,
            infinityCount: 0,
          },
        }
      : {}),
  };
}

function temporalRange(from: DuckDBValue | undefined, to: DuckDBValue | undefined): Partial<ColumnEvidence> {
  const [min, max] = [instantNumber(from), instantNumber(to)];
  return min === null || max === null ? {} : { temporalRange: { min, max } };
}

/** Days since 1970, or units since then of the type's own. */
function instantNumber(value: DuckDBValue | undefined): string | null {
  if (value instanceof DuckDBDateValue) return String(value.days);
  if (value instanceof DuckDBTimestampSecondsValue) return String(value.seconds);
  if (value instanceof DuckDBTimestampMillisecondsValue) return String(value.millis);
  if (value instanceof DuckDBTimestampNanosecondsValue) return String(value.nanos);
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return String(value.micros);
  return null;
}
