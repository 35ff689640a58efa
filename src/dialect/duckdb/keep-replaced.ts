// Tables that give their names to others and are kept. Inside a transaction that is the caller's. Engine thread.
//
// DuckDB renames no table that has an index or that a foreign key points at. Indexes are dropped, and made again when the
// table comes back; a table that foreign keys tie to others is copied without them, and dropped.
import { FerrowError } from '../../errors/ferrow-error.ts';
import { displayName, type TableName, type TableSchema } from '../../types/schema.ts';
import type { StoredSwap, SwappedTable } from '../dialect.ts';
import { oldName, oldNameTaken } from '../swap.ts';
import { OWN_SCHEMA, readTables } from './catalog.ts';
import type { Link } from './connect.ts';
import { commentSql, createTableSql, sequencesOf } from './ddl.ts';
import { parentKeyOf, parentsFirst, tableKey } from './order.ts';
import { count, rows, run, text, textOrNull } from './query.ts';
import { columnList, quote, quoteTable } from './sql-text.ts';

export interface Kept extends SwappedTable {
  /** The table as it stood; null if there was none. */
  readonly was: TableSchema | null;
}

const SWAPS = `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.swaps (
  number BIGINT NOT NULL, run_id VARCHAR NOT NULL, undoes VARCHAR, table_schema VARCHAR NOT NULL, table_name VARCHAR NOT NULL,
  old_name VARCHAR, note VARCHAR NOT NULL, swapped_at TIMESTAMP WITH TIME ZONE NOT NULL
)`;

/** In the order in which they were written; none where there is no table of them. */
export async function readSwaps(link: Link): Promise<StoredSwap[]> {
  const there = await count(
    link,
    `SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = '${OWN_SCHEMA}' AND table_name = 'swaps'`,
  );
  if (there === 0) return [];
  const found = await rows(
    link,
    `SELECT *, epoch_ms(swapped_at) AS millis FROM ${OWN_SCHEMA}.swaps ORDER BY number`,
  );
  // Who undid a run is known by who says so: a row that is there is never changed.
  const undoneBy = new Map(found.map((row) => [textOrNull(row.undoes), text(row.run_id)]));
  return found.map((row) => ({
    runId: text(row.run_id),
    undoes: textOrNull(row.undoes),
    undoneBy: undoneBy.get(text(row.run_id)) ?? null,
    schema: text(row.table_schema),
    name: text(row.table_name),
    oldName: textOrNull(row.old_name),
    note: text(row.note),
    at: new Date(Number(row.millis)).toISOString(),
  }));
}

/** In the transaction of the swap. */
export async function writeSwaps(
  link: Link,
  kept: readonly Kept[],
  runId: string,
  undoes: string | null,
): Promise<void> {
  await run(link, SWAPS);
  let number = await count(link, `SELECT coalesce(max(number), 0) FROM ${OWN_SCHEMA}.swaps`);
  for (const { table, old, was } of kept) {
    await run(
      link,
      `INSERT INTO ${OWN_SCHEMA}.swaps VALUES ($1, $2, $3, $4, $5, $6, $7, get_current_timestamp())`,
      [
        BigInt(++number),
        runId,
        undoes,
        table.schema ?? 'main',
        table.name,
        old?.name ?? null,
        JSON.stringify(was),
      ],
    );
  }
}

/** @throws FerrowError E_TABLE_EXISTS where the user has a table under the name that the replaced one will have */
export function checkOldNames(
  tables: readonly TableName[],
  live: readonly TableSchema[],
  swaps: readonly StoredSwap[],
): void {
  const standing = new Set(live.map(tableKey));
  const kept = new Set(
    swaps.flatMap(({ schema, oldName: name }) => (name ? [tableKey({ schema, name })] : [])),
  );
  for (const table of tables) {
    const old = oldPlace(table);
    if (standing.has(tableKey(table)) && standing.has(tableKey(old)) && !kept.has(tableKey(old)))
      throw oldNameTaken(displayName(table, 'main'), old.name);
  }
}

/** Of every name that is to be taken: the table that has it is kept, what an earlier swap kept is dropped. */
export async function keepReplaced(link: Link, tables: readonly TableName[]): Promise<Kept[]> {
  const live = await readTables(link, ['*']);
  const swaps = await readSwaps(link);
  checkOldNames(tables, live, swaps);
  const find = (place: TableName) => live.find((one) => tableKey(one) === tableKey(place));
  const leaving = tables.flatMap((table) => find(table) ?? []);
  refuseOutsiders(leaving, live);
  const isKept = (place: TableName) =>
    swaps.some(
      ({ schema, oldName: name }) => name !== null && tableKey({ schema, name }) === tableKey(place),
    );
  const older = tables.map(oldPlace).flatMap((place) => (isKept(place) ? (find(place) ?? []) : []));
  for (const table of older) await dropWithSequences(link, table, live);
  for (const table of leaving)
    for (const index of table.indexes)
      await run(link, `DROP INDEX ${quoteTable({ schema: table.schema, name: index.name })}`);
  const copied = leaving.filter((table) => isTied(table, live));
  for (const table of copied) await copy(link, table);
  for (const table of parentsFirst(copied).reverse()) await run(link, `DROP TABLE ${quoteTable(table)}`);
  for (const table of leaving) {
    if (!copied.includes(table))
      await run(link, `ALTER TABLE ${quoteTable(table)} RENAME TO ${quote(oldName(table.name))}`);
    await moveOrigins(link, table, oldName(table.name));
  }
  return tables.map((table) => {
    const was = find(table) ?? null;
    const droppedOlder = older.some((one) => tableKey(one) === tableKey(oldPlace(table)));
    return { table, stands: true, old: was && oldPlace(table), droppedOlder, was };
  });
}

export const oldPlace = ({ schema, name }: TableName): TableName => ({ schema, name: oldName(name) });

/** What is known of columns goes with their table when it gets another name. */
export async function moveOrigins(link: Link, { schema, name }: TableName, to: string): Promise<void> {
  const own = 'table_schema = $1 AND table_name = $2';
  const place = schema ?? 'main';
  await run(link, `DELETE FROM ${OWN_SCHEMA}.columns WHERE ${own}`, [place, to]);
  await run(link, `UPDATE ${OWN_SCHEMA}.columns SET table_name = $3 WHERE ${own}`, [place, name, to]);
}

function isTied(table: TableSchema, live: readonly TableSchema[]): boolean {
  const own = tableKey(table);
  return (
    table.foreignKeys.length > 0 ||
    live.some((other) => other.foreignKeys.some((key) => parentKeyOf(other, key) === own))
  );
}

/** @throws FerrowError E_TABLE_IN_USE for a table that one outside refers to */
function refuseOutsiders(leaving: readonly TableSchema[], live: readonly TableSchema[]): void {
  const own = new Set(leaving.map(tableKey));
  for (const other of live.filter((table) => !own.has(tableKey(table)))) {
    const key = other.foreignKeys.find((each) => own.has(parentKeyOf(other, each)));
    if (!key) continue;
    const table = key.references.name;
    throw new FerrowError(
      'E_TABLE_IN_USE',
      `table ${table} can't be swapped: a foreign key of ${displayName(other, 'main')} points at it, and DuckDB lets go of none`,
      { dialect: 'duckdb', table, hint: `bring ${displayName(other, 'main')} along in the same run` },
    );
  }
}

async function copy(link: Link, table: TableSchema): Promise<void> {
  const kept = { ...table, ...oldPlace(table) };
  await run(link, createTableSql(kept, []));
  await moveRows(link, table, table, kept);
  for (const comment of commentSql(kept)) await run(link, comment);
}

/** Rows as they are, but for what a column computes itself. */
export async function moveRows(
  link: Link,
  { columns }: TableSchema,
  from: TableName,
  to: TableName,
): Promise<void> {
  const list = columnList(columns.filter((column) => !column.generated).map((column) => column.name));
  await run(link, `INSERT INTO ${quoteTable(to)} (${list}) SELECT ${list} FROM ${quoteTable(from)}`);
}

/** Sequences that number no other table go with it. */
async function dropWithSequences(
  link: Link,
  table: TableSchema,
  live: readonly TableSchema[],
): Promise<void> {
  await run(link, `DROP TABLE ${quoteTable(table)}`);
  const used = new Set(
    live
      .filter((other) => other !== table)
      .flatMap((other) => sequencesOf(other).map(({ place }) => tableKey(place))),
  );
  for (const { place } of sequencesOf(table))
    if (!used.has(tableKey(place))) await run(link, `DROP SEQUENCE IF EXISTS ${quoteTable(place)}`);
}
