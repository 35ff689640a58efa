// Where a column that grows stands in a source's snapshot. SQLite has no type for times: integers order as numbers, and text
// that all looks alike as the times it spells. Engine thread.
import { noWatermark } from '../conflicts.ts';
import { nobodyElse, type WatermarkReading, type WatermarkRequest } from '../watermarks.ts';
import type { Connection } from './connect.ts';
import { sqliteError } from './errors.ts';
import { checkWhere } from './handle.ts';
import { literal, quote } from './sql-names.ts';

interface Form {
  readonly class: string;
  /** Between date and time; '' where there is only a date. */
  readonly between: string;
  readonly zone: string;
  readonly isTime: number;
  readonly lengths: number;
  readonly max: string;
}

const ISO = '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]';

/** @throws FerrowError E_WATERMARK where values have no order to go by, or for a start that is none of them */
export function readWatermark(connection: Connection, request: WatermarkRequest): WatermarkReading {
  const { table, where, from, once } = request;
  checkWhere(connection, table, where);
  const { db } = connection;
  const column = quote(request.column);
  const given = where === null ? 'true' : `(\n${where}\n)`;
  const of = (condition: string) => `FROM ${quote(table.name)} WHERE ${given} AND (${condition})`;
  const countOf = (condition: string) =>
    db
      .prepare<[], number>(`SELECT count(*) ${of(condition)}`)
      .pluck()
      .get() ?? 0;
  try {
    const zone = `CASE WHEN ${column} LIKE '%Z' THEN 'Z' WHEN ${column} GLOB '*[+-][0-9][0-9]:[0-9][0-9]' AND length(${column}) > 16 THEN substr(${column}, -6) ELSE '' END`;
    const forms = db
      .prepare<[], Form>(
        `SELECT typeof(${column}) AS class, CASE typeof(${column}) WHEN 'text' THEN substr(${column}, 11, 1) ELSE '' END AS "between",
          CASE typeof(${column}) WHEN 'text' THEN ${zone} ELSE '' END AS zone,
          min(${column} GLOB '${ISO}' OR ${column} GLOB '${ISO}[ T][0-2][0-9]:[0-5][0-9]*') AS isTime,
          count(DISTINCT CASE typeof(${column}) WHEN 'text' THEN length(${column}) END) AS lengths,
          CAST(max(${column} COLLATE BINARY) AS TEXT) AS max
        ${of(`${column} IS NOT NULL`)} GROUP BY 1, 2, 3`,
      )
      .all();
    const orders = ordersOf(request, forms);
    const max =
      forms
        .map((form) => form.max)
        .sort()
        .at(-1) ?? null;
    const between = forms.map((form) => form.between).find((each) => each !== '') ?? '';
    const start = from === null ? null : startOf(request, from, orders, between);
    const condition = start === null ? null : `${column} COLLATE BINARY ${once ? '>' : '>='} ${start}`;
    return {
      orders,
      max,
      settled: max,
      nulls: countOf(`${column} IS NULL`),
      condition,
      rows: countOf(condition ?? 'true'),
      activity: nobodyElse(),
    };
  } catch (error) {
    throw sqliteError(error, 'read', { table: table.name });
  }
}

function ordersOf(request: WatermarkRequest, forms: readonly Form[]): 'numbers' | 'times' {
  const refuse = (why: string) => noWatermark(request, why);
  const other = forms.find((form) => form.class !== 'integer' && form.class !== 'text');
  if (other) throw refuse(`it holds values of the class ${other.class}`);
  if (forms.length === 0 || forms[0].class === 'integer') {
    if (forms.some((form) => form.class !== 'integer')) throw refuse('it holds both integers and text');
    return 'numbers';
  }
  if (forms.some((form) => form.class !== 'text')) throw refuse('it holds both integers and text');
  if (forms.some((form) => form.isTime !== 1)) throw refuse('it holds text that is no date as in 2024-05-31');
  const betweens = new Set(forms.map((form) => form.between).filter((between) => between !== ''));
  const zones = new Set(forms.map((form) => form.zone));
  if (betweens.size > 1 || zones.size > 1)
    throw refuse('its times are written in several ways, which do not order as text');
  // `10:00:00.5Z` stands before `10:00:00Z` as text.
  if (forms.some((form) => form.zone !== '' && form.lengths > 1))
    throw refuse('its times have a zone and are not of one length, so that they do not order as text');
  return 'times';
}

/** The first value that is wanted, as a literal, written as the column writes it. */
function startOf(
  request: WatermarkRequest,
  from: string,
  orders: 'numbers' | 'times',
  between: string,
): string {
  if (orders === 'numbers') {
    if (/^-?\d{1,19}$/.test(from)) return from;
    throw noWatermark(request, `${from} is no integer, as its values are`);
  }
  const found = /^(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d(?::\d\d)?)(.*))?$/.exec(from);
  if (!found) throw noWatermark(request, `${from} is no date or time as in 2024-05-31 12:00:00`);
  const [, day, own = '', time] = found;
  if (request.lookbackSeconds === 0) {
    if (own === between || own === '') return literal(from);
    // Without a fraction or zone it stands before every time of its second.
    return literal(between === '' ? day : `${day}${between}${time}`);
  }
  const seconds = Math.floor(Date.parse(`${day}T${time ?? '00:00:00'}Z`) / 1000 - request.lookbackSeconds);
  const back = new Date(seconds * 1000).toISOString();
  return literal(`${back.slice(0, 10)}${between === '' ? '' : `${between}${back.slice(11, 19)}`}`);
}
