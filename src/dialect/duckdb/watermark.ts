// Where a column that grows stands in a source. Nobody writes the file while it is read. Engine thread.
import { isRefusal } from '../../types/mapping.ts';
import { noWatermark } from '../conflicts.ts';
import { nobodyElse, type WatermarkReading, type WatermarkRequest } from '../watermarks.ts';
import type { Link } from './connect.ts';
import { count, rows, textOrNull } from './query.ts';
import { read } from './read-types.ts';
import { literal, quote, quoteTable } from './sql-text.ts';
import { checkWhere } from './where-check.ts';

/** @throws FerrowError E_WATERMARK for a type that has no order to go by, or a start that is no value of it */
export async function readWatermark(link: Link, request: WatermarkRequest): Promise<WatermarkReading> {
  const { table, where, from, lookbackSeconds, once } = request;
  await checkWhere(link, table, where);
  const found = table.columns.find((each) => each.name === request.column);
  const type = found && read(found, null, { sameEngine: false, policies: {} });
  const kind = type && !isRefusal(type) ? type.logical.kind : null;
  const isTime = kind === 'date' || kind === 'timestamp';
  if (!found || (!isTime && kind !== 'int' && kind !== 'decimal' && kind !== 'numeric'))
    throw noWatermark(request, `its type ${found?.nativeType ?? ''} has no order to go by`);
  const column = quote(request.column);
  const given = where === null ? 'true' : `(\n${where}\n)`;
  const finite = isTime ? ` AND isfinite(${column})` : '';
  const [row] = await rows(
    link,
    `SELECT CAST(max(${column}) FILTER (WHERE true${finite}) AS VARCHAR) AS max,
      count(*) FILTER (WHERE ${column} IS NULL) AS nulls FROM ${quoteTable(table)} WHERE ${given}`,
  );
  const max = textOrNull(row.max);
  const value = (text: string) => `CAST(${literal(text)} AS ${found.nativeType})`;
  const beyond = (text: string) =>
    lookbackSeconds > 0
      ? `CAST(${value(text)} AS ${/ZONE|TIMESTAMPTZ/i.test(found.nativeType) ? 'TIMESTAMPTZ' : 'TIMESTAMP'}) - to_microseconds(${Math.round(lookbackSeconds * 1e6)})`
      : value(text);
  const condition =
    from === null ? null : once ? `${column} > ${value(from)}` : `${column} >= ${beyond(from)}`;
  if (from !== null) {
    const [{ ok }] = await rows(
      link,
      `SELECT TRY_CAST(${literal(from)} AS ${found.nativeType}) IS NOT NULL AS ok`,
    );
    if (ok !== true) throw noWatermark(request, `${from} is no ${found.nativeType}`);
  }
  const wanted = await count(
    link,
    `SELECT count(*) FROM ${quoteTable(table)} WHERE ${given} AND (${condition ?? 'true'})`,
  );
  return {
    orders: isTime ? 'times' : 'numbers',
    max,
    settled: max,
    nulls: Number(row.nulls),
    condition,
    rows: wanted,
    activity: nobodyElse(),
  };
}
