// What a table demands of rows that wait for it, as questions for those that break it. Engine thread.
import type { TableName, TableSchema } from '../../types/schema.ts';
import { doubledKey } from '../conflicts.ts';
import type { TableLoad } from '../dialect.ts';
import { readTables } from './catalog.ts';
import type { Link } from './connect.ts';
import { parentKeyOf, tableKey } from './order.ts';
import { liveTable } from './place.ts';
import { count } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';
import { arrivedColumn } from './staged-columns.ts';
import { dropUnindexable, TableSpec } from './table-spec.ts';
import { anyNull } from './violations.ts';

/** Which staged rows break a constraint; `s` is the staging table. */
export interface Demand {
  readonly column: string | null;
  readonly reason: string;
  readonly broken: string;
  /** More rows may break it when some are gone. */
  readonly again?: true;
}

/**
 * `key`: of the source's rows; those of lower ones come first. `stagings`: where rows wait that go into other tables of the run.
 */
export async function demandsOf(
  link: Link,
  load: TableLoad,
  key: readonly string[],
  stagings: ReadonlyMap<string, TableName>,
): Promise<Demand[]> {
  // Rows of a table that is made arrive without their parents too: the foreign key is given up.
  if (load.mode !== 'append') return ownDemands(load, madeTable(load), key);
  const live = liveTable(await readTables(link, ['*']), load.table);
  const demands = [...ownDemands(load, live, key), ...(await parentDemands(link, load, live, stagings))];
  const { onConflict } = load;
  if (!onConflict) return demands;
  const doubled: Demand = {
    column: onConflict.key.length === 1 ? onConflict.key[0] : null,
    reason: doubledKey(load, onConflict, null).message,
    broken: isLater(load, key, onConflict.key),
  };
  if (onConflict.action === 'update') return [...demands, doubled];
  // Rows whose key is there don't go in.
  const met = `EXISTS (SELECT 1 FROM ${quoteTable(live)} l WHERE ${sameKey(onConflict.key, 'l', 's')})`;
  return [...demands.map((demand) => ({ ...demand, broken: `(${demand.broken}) AND NOT ${met}` })), doubled];
}

/** The table of a load, as far as DuckDB can declare what rows have to suit. */
function madeTable(load: TableLoad): TableSchema {
  const spec = new TableSpec(load);
  dropUnindexable(spec);
  return spec.table;
}

/** What concerns the table alone. */
function ownDemands(load: TableLoad, table: TableSchema, key: readonly string[]): Demand[] {
  const brought = new Set(load.columns.map(({ name }) => name));
  const { primaryKey, uniques, indexes, checks } = table;
  const inKey = new Set(primaryKey?.columns);
  const filled = table.columns.filter(
    ({ name, nullable }) => brought.has(name) && (!nullable || inKey.has(name)),
  );
  const unique = [
    ...(primaryKey ? [primaryKey.columns] : []),
    ...uniques.map(({ columns }) => columns),
    ...indexes
      .filter(({ unique: isUnique, parts }) => isUnique && parts.every(({ column }) => column !== null))
      .map(({ parts }) => parts.map(({ column }) => column ?? '')),
  ].filter((columns) => columns.every((name) => brought.has(name)));
  return [
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
    ...unique.map((columns) => uniqueDemand(load, table, key, columns)),
  ];
}

async function parentDemands(
  link: Link,
  load: TableLoad,
  live: TableSchema,
  stagings: ReadonlyMap<string, TableName>,
): Promise<Demand[]> {
  const brought = new Set(load.columns.map(({ name }) => name));
  const demands: Demand[] = [];
  for (const key of live.foreignKeys.filter(({ columns }) => columns.every((name) => brought.has(name)))) {
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
  return demands;
}

function sameKey(key: readonly string[], one: string, other: string): string {
  return key.map((name) => `${one}.${quote(name)} = ${other}.${quote(name)}`).join(' AND ');
}

/** Of staged rows with one key the first goes in. */
function uniqueDemand(
  load: TableLoad,
  table: TableSchema,
  key: readonly string[],
  columns: readonly string[],
): Demand {
  const later = isLater(load, key, columns);
  const { onConflict } = load;
  // The row of its own key is no other.
  const own = onConflict ? `AND NOT (${sameKey(onConflict.key, 'l', 's')})` : '';
  const there = `EXISTS (SELECT 1 FROM ${quoteTable(table)} l WHERE ${sameKey(columns, 'l', 's')} ${own})`;
  return {
    column: columns.length === 1 ? columns[0] : null,
    reason: `another row has the same (${columns.join(', ')})`,
    broken: load.mode === 'append' ? `${later} OR ${there}` : later,
  };
}

/**
 * That another staged row has the same values and goes before it: by the source's key, then by all that rows hold. Where they stand
 * is chance, since several writers put them there.
 */
function isLater(load: TableLoad, key: readonly string[], columns: readonly string[]): string {
  const staging = quoteTable(load.staging);
  const values = columns.map((name) => arrivedColumn(load, name, 'w.'));
  const order = [...key, ...load.columns.map(({ name }) => name)].map((name) => `w.${quote(name)}`);
  const twice = `SELECT ${values.map((value, at) => `${value} AS v${at}`).join(', ')} FROM ${staging} w
    GROUP BY ${values.join(', ')} HAVING count(*) > 1`;
  return `s.rowid IN (SELECT r FROM (
    SELECT w.rowid AS r, row_number() OVER (PARTITION BY ${values.join(', ')} ORDER BY ${order.join(', ')}, w.rowid) AS n
    FROM ${staging} w SEMI JOIN (${twice}) d ON ${values.map((value, at) => `${value} = d.v${at}`).join(' AND ')}
  ) WHERE n > 1)`;
}

export async function isThere(link: Link, { schema, name }: TableName): Promise<boolean> {
  const found = await count(
    link,
    'SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2',
    [schema ?? 'main', name],
  );
  return found > 0;
}
