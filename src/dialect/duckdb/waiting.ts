// Which tables can't take their place while others are still being written, and in what order they do at the end of a run.
// Engine thread.
//
// DuckDB declares a foreign key only in CREATE TABLE and to a parent that is there, and drops no parent before its
// children. Tables with computed defaults wait for another reason: see finish-unlogged.ts.
import type { TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { readTables } from './catalog.ts';
import type { Link } from './connect.ts';
import { hasComputedDefault } from './finish-unlogged.ts';
import { parentKeyOf, tableKey } from './order.ts';
import { liveTable } from './place.ts';
import { count } from './query.ts';

/** Whether a table that is made or replaced waits for the end of the run. */
export async function mustWait(link: Link, load: TableLoad): Promise<boolean> {
  // A swap is the end of a run by itself.
  return load.mode === 'swap' || hasComputedDefault(load.table) || isRelated(link, load);
}

/** Rows that refer to rows of other tables in the run, or that such refer to, go in at its end, parents first. */
export function appendMustWait(
  load: TableLoad,
  live: readonly TableSchema[],
  appended: ReadonlySet<string>,
): boolean {
  const own = liveTable(live, load.table);
  const isOther = (key: string) => appended.has(key) && key !== tableKey(own);
  if (own.foreignKeys.some((key) => isOther(parentKeyOf(own, key)))) return true;
  return live.some(
    (table) =>
      isOther(tableKey(table)) && table.foreignKeys.some((key) => parentKeyOf(table, key) === tableKey(own)),
  );
}

/** Of all loads those that are not finished yet. */
export async function stillStaged(link: Link, loads: readonly TableLoad[]): Promise<TableLoad[]> {
  const staged: TableLoad[] = [];
  for (const load of loads) {
    const found = await count(
      link,
      'SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2',
      [load.staging.schema ?? 'main', load.staging.name],
    );
    if (found > 0) staged.push(load);
  }
  return staged;
}

/** Loads that are finished in one transaction each: alone what can be, then together what foreign keys tie. */
export async function finishTurns(link: Link, loads: readonly TableLoad[]): Promise<TableLoad[][]> {
  const turns: TableLoad[][] = [];
  const related: TableLoad[] = [];
  for (const load of loads) {
    if (await isRelated(link, load)) related.push(load);
    else turns.push([load]);
  }
  if (related.length > 0) turns.push(related);
  return turns;
}

async function isRelated(link: Link, load: TableLoad): Promise<boolean> {
  if (load.parts.foreignKeys && load.table.foreignKeys.length > 0) return true;
  if (load.mode !== 'replace') return false;
  const live = await readTables(link, ['*']);
  const own = tableKey(load.table);
  return live.some(
    (table) => tableKey(table) !== own && table.foreignKeys.some((key) => parentKeyOf(table, key) === own),
  );
}
