// Where a column that grows stands in a source's snapshot. Main thread; runs on the snapshot's connection.
import type pg from 'pg';
import type { LogicalType } from '../../types/logical-type.ts';
import { isRefusal } from '../../types/mapping.ts';
import { noWatermark } from '../conflicts.ts';
import type { SourceActivity, WatermarkReading, WatermarkRequest } from '../dialect.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { literal, quote } from './names.ts';
import { read } from './read-types.ts';
import { fromTable, whereClause } from './select-sql.ts';

/** A column's kind in SQL: what its values are cast to and, of those that have infinities, which they must be below. */
interface Growing {
  readonly type: string;
  readonly below: string | null;
  readonly orders: 'numbers' | 'times';
}

/** @throws FerrowError E_WATERMARK for a type that has no order to go by, or a start that is no value of it */
export async function readWatermark(
  client: pg.Client,
  request: WatermarkRequest,
  activity: SourceActivity,
): Promise<WatermarkReading> {
  const { table, where } = request;
  const growing = growingOf(request);
  const column = quote(request.column);
  const count = (condition: string) =>
    `(SELECT count(*) FROM ${fromTable(table)}${whereClause(where, condition)})`;
  const most = `(SELECT max(${column}) FROM ${fromTable(table)}${whereClause(where, growing.below === null ? null : `${column} < ${growing.below}`)})`;
  const { rows } = await client.query<{ max: string | null; settled: string | null; nulls: string }>(
    `SELECT m.max::text, ${settledSql('m.max', growing, activity)}::text AS settled, ${count(`${column} IS NULL`)} AS nulls
    FROM (SELECT ${most} AS max) AS m`,
  );
  const [{ max, settled, nulls }] = rows;
  const condition = conditionOf(request, column, growing, settled);
  try {
    const wanted = await client.query<{ count: string }>(`SELECT ${count(condition ?? 'true')} AS count`);
    return {
      orders: growing.orders,
      max,
      settled,
      nulls: Number(nulls),
      condition,
      rows: Number(wanted.rows[0].count),
      activity,
    };
  } catch (error) {
    if (!/^22/.test(sqlState(error) ?? '')) throw error;
    throw noWatermark(request, `${request.from} is no ${growing.type}`, fromPostgres(error, 'read'));
  }
}

function growingOf(request: WatermarkRequest): Growing {
  const column = request.table.columns.find((each) => each.name === request.column);
  const type = column && read(column, null, { sameEngine: false, policies: {} });
  if (!column || !type || isRefusal(type))
    throw noWatermark(request, `its type ${column?.nativeType ?? ''} has no order to go by`);
  const found = growingAs(type.logical);
  if (found === null) throw noWatermark(request, `its type ${column.nativeType} has no order to go by`);
  return found;
}

function growingAs(type: LogicalType): Growing | null {
  switch (type.kind) {
    case 'int':
      return { type: 'bigint', below: null, orders: 'numbers' };
    case 'decimal':
    case 'numeric':
      // To the server NaN is above all numbers; infinity came with PostgreSQL 14.
      return { type: 'numeric', below: `'NaN'::numeric`, orders: 'numbers' };
    case 'date':
      return { type: 'date', below: `'infinity'::date`, orders: 'times' };
    case 'timestamp': {
      const name = type.zone ? 'timestamptz' : 'timestamp';
      return { type: name, below: `'infinity'::${name}`, orders: 'times' };
    }
    default:
      return null;
  }
}

/**
 * Nothing that is committed from now on can be older than the oldest transaction that was open, if it takes its time from
 * now(). What that is without a zone depends on who writes: UTC or the server's own zone, whichever is earlier.
 */
function settledSql(max: string, { type, orders }: Growing, activity: SourceActivity): string {
  if (orders === 'numbers') return max;
  const bound = `${literal(activity.openSince ?? activity.lookedAt)}::timestamptz`;
  if (type === 'timestamptz') return `least(${max}, ${bound})`;
  const own = `(SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone')`;
  const zones = [`${bound} AT TIME ZONE 'UTC'`, `${bound} AT TIME ZONE ${own}`];
  return `CASE WHEN ${max} IS NOT NULL THEN least(${max}, ${zones.map((zone) => `(${zone})::${type}`).join(', ')}) END`;
}

function conditionOf(
  { from, lookbackSeconds, once }: WatermarkRequest,
  column: string,
  { type }: Growing,
  settled: string | null,
): string | null {
  const value = (text: string) => `${literal(text)}::${type}`;
  if (once) {
    if (settled === null) return from === null ? null : `${column} > ${value(from)}`;
    const upTo = `${column} <= ${value(settled)}`;
    return from === null ? `${column} IS NULL OR ${upTo}` : `${column} > ${value(from)} AND ${upTo}`;
  }
  if (from === null) return null;
  const back = lookbackSeconds > 0 ? ` - interval '${lookbackSeconds} seconds'` : '';
  return `${column} >= ${value(from)}${back}`;
}
