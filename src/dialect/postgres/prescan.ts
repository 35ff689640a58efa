// Looks into columns by one scan of the table: digits and specials of numerics, shapes of arrays, the earliest and latest
// date. Main thread.
import type pg from 'pg';
import type { ColumnEvidence, Probe } from '../../types/evidence.ts';
import type { TableSchema } from '../../types/schema.ts';
import type { ProbeRequest } from '../dialect.ts';
import { literal, quote } from './names.ts';
import { fromTable, whereClause } from './select-sql.ts';

/** As much of an offending value as a message needs. */
const VALUE_CHARS_MAX = 200;

type Row = Record<string, string | null>;

interface ProbeWork {
  /** SQL of what is selected; names end in the column's number. */
  expressions(column: string, at: number): string[];
  evidence(row: Row, at: number): Partial<ColumnEvidence>;
}

/** Same order as the request's columns. A scan is made only if a column asks for something. */
export async function prescan(client: pg.Client, request: ProbeRequest): Promise<ColumnEvidence[]> {
  const { table, where, columns } = request;
  const works = columns.map((column) => worksOf(table, column.name, column.probes));
  if (works.every((work) => work.length === 0)) return columns.map(() => ({ rowCount: 0, nullCount: 0 }));
  const expressions = works.flatMap((work, at) => {
    const name = quote(columns[at].name);
    const own = work.flatMap((each) => each.expressions(name, at));
    return own.length === 0
      ? []
      : [`count(*) FILTER (WHERE ${name} IS NOT DISTINCT FROM NULL) AS nulls_${at}`, ...own];
  });
  const sql = `SELECT count(*) AS rows, ${expressions.join(', ')} FROM ${fromTable(table)}${whereClause(where)}`;
  const [row] = (await client.query<Row>(sql)).rows;
  const rowCount = Number(row['rows'] ?? 0);
  const evidence = works.map(
    (work, at): ColumnEvidence => ({
      rowCount,
      nullCount: Number(row[`nulls_${at}`] ?? 0),
      ...Object.assign({}, ...work.map((each) => each.evidence(row, at))),
    }),
  );
  for (const [at, found] of evidence.entries()) {
    const offending = await firstOddArray(client, request, columns[at].name, found);
    if (offending) evidence[at] = { ...found, firstOffending: offending };
  }
  return evidence;
}

function worksOf(table: TableSchema, name: string, probes: readonly Probe[]): ProbeWork[] {
  const isDate = table.columns.find((column) => column.name === name)?.typeFacts?.['type'] === 'date';
  return probes.flatMap((probe): ProbeWork[] => {
    if (probe === 'numeric') return [NUMERIC];
    if (probe === 'array-shape') return [ARRAY_SHAPE];
    return probe === 'temporal-range' ? [isDate ? DATE_RANGE : TIMESTAMP_RANGE] : [];
  });
}

const NUMERIC: ProbeWork = {
  expressions(column, at) {
    const finite = `${column} NOT IN ('NaN', 'Infinity', '-Infinity')`;
    return [
      `count(*) FILTER (WHERE ${column} = 'NaN') AS nan_${at}`,
      `count(*) FILTER (WHERE ${column} IN ('Infinity', '-Infinity')) AS infinity_${at}`,
      `max(scale(${column})) FILTER (WHERE ${finite}) AS scale_${at}`,
      `max(length(trunc(abs(${column}))::text)) FILTER (WHERE ${finite} AND abs(${column}) >= 1) AS integer_digits_${at}`,
      `max(length(ltrim(replace(abs(${column})::text, '.', ''), '0'))) FILTER (WHERE ${finite}) AS digits_${at}`,
    ];
  },
  evidence(row, at) {
    const number = (name: string) => Number(row[`${name}_${at}`] ?? 0);
    return {
      numeric: {
        maxIntegerDigits: number('integer_digits'),
        maxScale: number('scale'),
        maxSignificantDigits: number('digits'),
        nanCount: number('nan'),
        infinityCount: number('infinity'),
      },
    };
  },
};

const LOWER_BOUNDS = (column: string) =>
  [1, 2, 3, 4, 5, 6].map((dimension) => `array_lower(${column}, ${dimension})`).join(', ');

/** Empty arrays have no dimension; they fit any shape. */
const ARRAY_SHAPE: ProbeWork = {
  expressions(column, at) {
    return [
      `min(array_ndims(${column})) AS dimensions_min_${at}`,
      `max(array_ndims(${column})) AS dimensions_max_${at}`,
      `min(least(${LOWER_BOUNDS(column)})) AS lower_min_${at}`,
      `max(greatest(${LOWER_BOUNDS(column)})) AS lower_max_${at}`,
    ];
  },
  evidence(row, at) {
    const most = row[`dimensions_max_${at}`];
    if (most === null || most === undefined) return {};
    return {
      arrays: {
        minDimensions: Number(row[`dimensions_min_${at}`]),
        maxDimensions: Number(most),
        minLowerBound: Number(row[`lower_min_${at}`]),
        maxLowerBound: Number(row[`lower_max_${at}`]),
      },
    };
  },
};

/** `count` turns the earliest and latest finite value into the canonical count, as text. */
function rangeOf(count: (value: string) => string): ProbeWork {
  return {
    expressions(column, at) {
      const end = (which: 'min' | 'max') =>
        `(${count(`${which}(${column}) FILTER (WHERE isfinite(${column}))`)})::text AS ${which}_${at}`;
      return [end('min'), end('max')];
    },
    evidence(row, at) {
      const [min, max] = [row[`min_${at}`], row[`max_${at}`]];
      return min && max ? { temporalRange: { min, max } } : {};
    },
  };
}

const DATE_RANGE = rangeOf((value) => `${value} - date '1970-01-01'`);
const TIMESTAMP_RANGE = rangeOf((value) => `trunc(extract(epoch FROM ${value})::numeric * 1000000)`);

/** The first array that other lists have no form for, with its row's key. */
async function firstOddArray(
  client: pg.Client,
  { table, where }: ProbeRequest,
  name: string,
  { arrays }: ColumnEvidence,
): Promise<ColumnEvidence['firstOffending']> {
  if (!arrays) return undefined;
  const { minDimensions, maxDimensions, minLowerBound, maxLowerBound } = arrays;
  const mixed = minDimensions !== maxDimensions;
  if (!mixed && minLowerBound === 1 && maxLowerBound === 1) return undefined;
  const column = quote(name);
  const odd = [
    ...(mixed ? [`array_ndims(${column}) <> ${minDimensions}`] : []),
    `least(${LOWER_BOUNDS(column)}) <> 1`,
    `greatest(${LOWER_BOUNDS(column)}) <> 1`,
  ].join(' OR ');
  const key = table.primaryKey?.columns ?? [];
  const rowKey =
    key.length === 0
      ? 'NULL::json'
      : `json_object(ARRAY[${key.map(literal).join(', ')}]::text[], ARRAY[${key.map((each) => `${quote(each)}::text`).join(', ')}])`;
  const { rows } = await client.query<{ row: Record<string, string> | null; value: string }>(
    `SELECT ${rowKey} AS row, left(${column}::text, ${VALUE_CHARS_MAX}) AS value
    FROM ${fromTable(table)}${whereClause(where, odd)} LIMIT 1`,
  );
  if (rows.length === 0) return undefined;
  const what = mixed ? 'an array of another number of dimensions' : 'an array that does not begin at 1';
  return { what, row: rows[0].row ?? {}, value: rows[0].value };
}
