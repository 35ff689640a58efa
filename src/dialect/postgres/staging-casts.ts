// From the types that rows arrive in to those of their columns: some values can go in only through the server's own cast
// (inet, xml, ranges), and some types would round or cut without a word (time(0), varchar(5)[]). Each cast is proved: cast
// back, every value must be what it was. Main thread.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { ColumnSchema, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { fromPostgres } from './errors.ts';
import { isLateDefault } from './finish-table.ts';
import { literal, quote, quoteTable } from './names.ts';
import { baseNode, someNode, typeNode } from './type-tree.ts';
import { stagedAs } from './write-types.ts';

/** Much of a value may stand in a message, but not all of a document. */
const VALUE_CHARS_MAX = 200;

/** pg_input_is_valid. */
const SOFT_ERRORS_SINCE = 160000;

interface Cast {
  readonly column: ColumnSchema;
  /** What it is staged as. */
  readonly via: string;
}

/** The type of each staged column that is cast in the end; null for those that have their own from the beginning. */
export function stagingVia(load: TableLoad, column: ColumnSchema): string | null {
  const brought = load.columns.find((each) => each.name === column.name);
  return brought === undefined ? null : stagedAs(column, brought.wire);
}

function castsOf(load: TableLoad): Cast[] {
  return load.table.columns.flatMap((column) => {
    const via = stagingVia(load, column);
    return via === null ? [] : [{ column, via }];
  });
}

/**
 * Gives the columns of a staging table, which is to become the table itself, their own types and defaults.
 * @throws FerrowError E_INVALID_VALUE with the first row that the cast would change or refuse
 */
export async function castStagedColumns(client: pg.Client, load: TableLoad): Promise<void> {
  const casts = castsOf(load);
  if (casts.length === 0) return;
  await proveCasts(client, load);
  const changes = casts.flatMap(({ column }) => {
    const name = quote(column.name);
    const collate = column.collation === null ? '' : ` COLLATE ${column.collation}`;
    const change = `ALTER ${name} TYPE ${column.nativeType}${collate} USING ${castTo(column)}`;
    const value = column.default;
    return value && !isLateDefault(value) && !column.identity && !column.generated
      ? [change, `ALTER ${name} SET DEFAULT ${value.sql}`]
      : [change];
  });
  await client.query(`ALTER TABLE ${quoteTable(load.staging)} ${changes.join(', ')}`);
}

/** The staged column in the type of the live one, for INSERT … SELECT. */
export function stagedValue(load: TableLoad, name: string): string {
  const column = load.table.columns.find((each) => each.name === name);
  return column === undefined || stagingVia(load, column) === null ? quote(name) : castTo(column);
}

function castTo(column: ColumnSchema): string {
  // Its cast from text looks for a relation of that name; `-` is what no relation is printed as.
  if (column.nativeType === 'regclass')
    return `CASE WHEN ${quote(column.name)} = '-' THEN 0::oid::regclass ELSE ${quote(column.name)}::regclass END`;
  return `${quote(column.name)}::${column.nativeType}`;
}

/** @throws FerrowError E_INVALID_VALUE */
export async function proveCasts(client: pg.Client, load: TableLoad): Promise<void> {
  const casts = castsOf(load);
  if (casts.length === 0) return;
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  for (const cast of casts) {
    if (rows[0].version >= SOFT_ERRORS_SINCE && cast.via.startsWith('text'))
      await refuseInvalid(client, load, cast);
    await refuseChanged(client, load, cast);
  }
}

/** What a cast refuses or would change, a column after the other. */
export interface CastRefusal {
  readonly column: string;
  readonly condition: string;
  readonly reason: string;
}

export function castRefusals(load: TableLoad): CastRefusal[] {
  return castsOf(load).flatMap(({ column, via }) => {
    const { name, nativeType } = column;
    const conditions = [
      [via.startsWith('text') ? invalid(column) : null, `the text is no ${nativeType}`],
      [changedBy(column, via), `${nativeType} does not hold the value as it is`],
    ] as const;
    return conditions.flatMap(([condition, reason]) =>
      condition === null ? [] : [{ column: name, condition, reason }],
    );
  });
}

function invalid(column: ColumnSchema): string {
  const name = quote(column.name);
  const valid = `pg_catalog.pg_input_is_valid(${name}::text, ${literal(column.nativeType)})`;
  return `${name} IS NOT NULL AND NOT ${valid}`;
}

async function refuseInvalid(client: pg.Client, load: TableLoad, { column }: Cast): Promise<void> {
  await refuseFirst(client, load, column, invalid(column), (value) => {
    return `${value} is no ${column.nativeType}`;
  });
}

async function refuseChanged(client: pg.Client, load: TableLoad, { column, via }: Cast): Promise<void> {
  const proof = changedBy(column, via);
  if (proof === null) return;
  await refuseFirst(client, load, column, proof, (value) => {
    return `${column.nativeType} does not hold ${value} as it is`;
  });
}

/** True for values that the cast changes; null where only the cast itself can tell. */
function changedBy(column: ColumnSchema, via: string): string | null {
  const node = typeNode(column);
  // The names of the server's objects are printed as short as the search path allows.
  if (someNode(node, (each) => each.builtIn && each.name.startsWith('reg'))) return null;
  const name = quote(column.name);
  const there = castTo(column);
  if (via.startsWith('numeric')) return `(${there})::${via} IS DISTINCT FROM ${name}`;
  if (!via.startsWith('text')) return `((${there})::${via})::text IS DISTINCT FROM ${name}::text`;
  const changed = `(${there})::${via} COLLATE "C" IS DISTINCT FROM ${name} COLLATE "C"`;
  // A cast of inet to text writes the length of the net always, its output only where it says something.
  if (via === 'text' && baseNode(node).name === 'inet')
    return `${changed} AND pg_catalog.format('%s', ${there}) IS DISTINCT FROM ${name}`;
  return changed;
}

async function refuseFirst(
  client: pg.Client,
  load: TableLoad,
  column: ColumnSchema,
  condition: string,
  reason: (value: string) => string,
): Promise<void> {
  const { table, staging } = load;
  const name = quote(column.name);
  const place = { table: table.name, column: column.name };
  let found: { value: string; row: Record<string, string> | null } | undefined;
  try {
    const { rows } = await client.query<{ value: string; row: Record<string, string> | null }>(
      `SELECT left(${name}::text, ${VALUE_CHARS_MAX}) AS value, ${rowKey(table, load)} AS row
      FROM ${quoteTable(staging)} WHERE ${condition} LIMIT 1`,
    );
    found = rows[0];
  } catch (error) {
    throw fromPostgres(error, 'write', place);
  }
  if (!found) return;
  throw new FerrowError(
    'E_INVALID_VALUE',
    `"${table.name}"."${column.name}": ${reason(`'${found.value}'`)}`,
    {
      ...place,
      dialect: 'postgres',
      value: found.value,
      ...(found.row === null ? {} : { row: found.row }),
    },
  );
}

/** The primary key as text, of what rows bring of it. */
function rowKey(table: TableSchema, load: TableLoad): string {
  const brought = load.columns.map((column) => column.name);
  const key = (table.primaryKey?.columns ?? []).filter((name) => brought.includes(name));
  if (key.length === 0) return 'NULL::json';
  const names = key.map(literal).join(', ');
  return `json_object(ARRAY[${names}]::text[], ARRAY[${key.map((name) => `${quote(name)}::text`).join(', ')}])`;
}
