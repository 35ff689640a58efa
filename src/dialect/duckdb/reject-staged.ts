// Staged rows that a live table refuses: asked for by its constraints, since DuckDB ends a transaction with the first of them.
// Engine thread.
import type { Reject } from '../../types/reject.ts';
import type { TableName, TableSchema } from '../../types/schema.ts';
import type { StagedRejecting, TableLoad } from '../dialect.ts';
import { type RefusedRow, STAGED_VALUE_CHARS_MAX, stagedRejects } from '../stored-rejects.ts';
import { readTables } from './catalog.ts';
import type { Link } from './connect.ts';
import { causeOf, errorClass } from './errors.ts';
import { parentKeyOf, tableKey } from './order.ts';
import { liveTable } from './place.ts';
import { count, type Row, rows, run, textOrNull } from './query.ts';
import { insertRejects } from './rejects.ts';
import { columnList, quote, quoteTable } from './sql-text.ts';
import { anyNull } from './violations.ts';

/** Which staged rows break a constraint; `s` is the staging table. */
interface Demand {
  readonly column: string | null;
  readonly reason: string;
  readonly broken: string;
  /** More rows may break it when some are gone. */
  readonly again?: true;
}

/** `stagings`: where rows wait that go into other tables of the run. */
export async function rejectStaged(
  link: Link,
  load: TableLoad,
  rejecting: StagedRejecting,
  stagings: ReadonlyMap<string, TableName>,
): Promise<Reject[]> {
  if (load.mode !== 'append' || !(await isThere(link, load.staging))) return [];
  const live = liveTable(await readTables(link, ['*']), load.table);
  const refused: RefusedRow[] = [];
  await run(link, 'BEGIN');
  try {
    for (const demand of await demandsOf(link, load, live, stagings))
      while ((await takeOut(link, load, rejecting, demand, refused)) && demand.again);
    const rejects = stagedRejects(load, rejecting, refused);
    await insertRejects(link, rejects);
    await run(link, 'COMMIT');
    return rejects;
  } catch (error) {
    await run(link, 'ROLLBACK').catch(() => {});
    throw error;
  }
}

/** @returns whether there were any */
async function takeOut(
  link: Link,
  load: TableLoad,
  { key }: StagedRejecting,
  { column, reason, broken }: Demand,
  refused: RefusedRow[],
): Promise<boolean> {
  const text = (name: string) => `left(CAST(s.${quote(name)} AS VARCHAR), ${STAGED_VALUE_CHARS_MAX})`;
  const keys = key.map((name, at) => `${text(name)} AS k${at}`);
  const value = column === null ? 'NULL' : text(column);
  const staging = quoteTable(load.staging);
  const select = ['s.rowid AS r', `${value} AS v`, ...keys].join(', ');
  let found: Row[];
  try {
    found = await rows(link, `SELECT ${select} FROM ${staging} s WHERE ${broken}`);
  } catch (error) {
    // A check of columns that rows don't bring: DuckDB alone can tell.
    if (errorClass(causeOf(error)) !== 'Binder') throw error;
    return false;
  }
  for (const row of found)
    refused.push({
      column,
      reason,
      code: 'E_CONSTRAINT',
      key: key.map((_, at) => textOrNull(row[`k${at}`])),
      value: textOrNull(row['v']),
    });
  const gone = found.map((row) => String(row['r']));
  const ids = JSON.stringify(gone);
  if (gone.length > 0)
    await run(
      link,
      `DELETE FROM ${staging} WHERE rowid IN (SELECT unnest(from_json($1::JSON, '["BIGINT"]')))`,
      [ids],
    );
  return gone.length > 0;
}

async function demandsOf(
  link: Link,
  load: TableLoad,
  live: TableSchema,
  stagings: ReadonlyMap<string, TableName>,
): Promise<Demand[]> {
  const brought = new Set(load.columns.map(({ name }) => name));
  const all = (columns: readonly string[]) => columns.every((name) => brought.has(name));
  const { primaryKey, uniques, indexes, checks } = live;
  const inKey = new Set(primaryKey?.columns);
  const filled = live.columns.filter(
    ({ name, nullable }) => brought.has(name) && (!nullable || inKey.has(name)),
  );
  const unique = [
    ...(primaryKey ? [primaryKey.columns] : []),
    ...uniques.map(({ columns }) => columns),
    ...indexes
      .filter(({ unique: isUnique, parts }) => isUnique && parts.every(({ column }) => column !== null))
      .map(({ parts }) => parts.map(({ column }) => column ?? '')),
  ].filter(all);
  const demands: Demand[] = [
    ...filled.map(
      ({ name }): Demand => ({
        column: name,
        reason: 'NULL in a column that takes none',
        broken: `s.${quote(name)} IS NULL`,
      }),
    ),
    ...checks.map(
      ({ expression }): Demand => ({
        column: null,
        reason: `it breaks CHECK (${expression})`,
        broken: `NOT (${expression})`,
      }),
    ),
    ...unique.map((columns) => uniqueDemand(load, live, columns)),
  ];
  for (const key of live.foreignKeys.filter(({ columns }) => all(columns))) {
    const parentKey = parentKeyOf(live, key);
    const parents = [{ schema: key.references.schema ?? live.schema, name: key.references.name }];
    const staged = parentKey === tableKey(live) ? load.staging : stagings.get(parentKey);
    if (staged && (await isThere(link, staged))) parents.push(staged);
    const same = key.columns.map((name, at) => `p.${quote(key.referencedColumns[at])} = s.${quote(name)}`);
    const exists = parents.map(
      (parent) => `EXISTS (SELECT 1 FROM ${quoteTable(parent)} p WHERE ${same.join(' AND ')})`,
    );
    demands.push({
      column: key.columns.length === 1 ? key.columns[0] : null,
      reason: `no row of "${key.references.name}" has this (${key.columns.join(', ')})`,
      broken: `NOT (${anyNull(key.columns, 's.')}) AND NOT (${exists.join(' OR ')})`,
      again: true,
    });
  }
  if (load.onConflict?.action !== 'skip') return demands;
  // Rows whose key is there don't go in.
  const met = `EXISTS (SELECT 1 FROM ${quoteTable(live)} l WHERE ${sameKey(load.onConflict.key, 'l', 's')})`;
  return demands.map((demand) => ({ ...demand, broken: `(${demand.broken}) AND NOT ${met}` }));
}

function sameKey(key: readonly string[], one: string, other: string): string {
  return key.map((name) => `${one}.${quote(name)} = ${other}.${quote(name)}`).join(' AND ');
}

/** Of staged rows with one key the first goes in. */
function uniqueDemand(load: TableLoad, live: TableSchema, columns: readonly string[]): Demand {
  const list = columnList(columns);
  const same = columns.map((name) => `l.${quote(name)} = s.${quote(name)}`).join(' AND ');
  const filled = `NOT (${anyNull(columns)})`;
  const later = `s.rowid IN (SELECT r FROM (SELECT rowid AS r, row_number() OVER (PARTITION BY ${list} ORDER BY rowid) AS n
    FROM ${quoteTable(load.staging)} WHERE ${filled}) WHERE n > 1)`;
  const there = `EXISTS (SELECT 1 FROM ${quoteTable(live)} l WHERE ${same}`;
  const { onConflict } = load;
  // The row of its own key is no other.
  const own = onConflict ? `AND NOT (${sameKey(onConflict.key, 'l', 's')})` : '';
  return {
    column: columns.length === 1 ? columns[0] : null,
    reason: `another row has the same (${columns.join(', ')})`,
    broken: `${later} OR ${there} ${own})`,
  };
}

async function isThere(link: Link, { schema, name }: TableName): Promise<boolean> {
  const found = await count(
    link,
    'SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2',
    [schema ?? 'main', name],
  );
  return found > 0;
}
