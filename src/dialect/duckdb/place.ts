// Whether the tables of a run find their places in the target, before a row moves. Pure.
import { FerrowError } from '../../errors/ferrow-error.ts';
import { type DatabaseSchema, displayName, type TableName, type TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { parentKeyOf, tableKey } from './order.ts';

/** @throws FerrowError E_TABLE_MISSING */
export function liveTable(live: readonly TableSchema[], table: TableName): TableSchema {
  const found = live.find((one) => tableKey(one) === tableKey(table));
  if (found) return found;
  throw new FerrowError('E_TABLE_MISSING', `the target has no table ${table.name}`, { table: table.name });
}

/** @throws FerrowError E_TABLE_MISSING, E_TABLE_EXISTS, E_TABLE_IN_USE */
function checkPlace(
  load: TableLoad,
  standing: ReadonlyMap<string, TableSchema>,
  views: ReadonlySet<string>,
  replaced: ReadonlySet<string>,
): void {
  const own = tableKey(load.table);
  const name = displayName(load.table, 'main');
  const place = { dialect: 'duckdb', table: name };
  if (load.mode === 'append') {
    if (!standing.has(own))
      throw new FerrowError('E_TABLE_MISSING', `the target has no table ${name}`, place);
    return;
  }
  if (views.has(own)) {
    throw new FerrowError('E_TABLE_EXISTS', `the target has a view called ${name}`, {
      ...place,
      hint: 'drop the view, or use --rename old=new',
    });
  }
  if (!standing.has(own)) return;
  if (load.mode === 'create')
    throw new FerrowError('E_TABLE_EXISTS', `the target already has a table ${name}`, place);
  for (const other of standing.values()) {
    if (replaced.has(tableKey(other))) continue;
    if (!other.foreignKeys.some((key) => parentKeyOf(other, key) === own)) continue;
    throw new FerrowError(
      'E_TABLE_IN_USE',
      `table ${name} can not be replaced: a foreign key of ${displayName(other, 'main')} points at it`,
      { ...place, hint: `replace ${displayName(other, 'main')} in the same run, or drop it first` },
    );
  }
}

/** The same for all tables of a run, over what stands. */
export function checkPlaces(loads: readonly TableLoad[], live: DatabaseSchema): void {
  const standing = new Map(live.tables.map((table) => [tableKey(table), table]));
  const views = new Set(live.views.map(tableKey));
  const replaced = new Set(
    loads.filter((load) => load.mode !== 'append').map((load) => tableKey(load.table)),
  );
  for (const load of loads) checkPlace(load, standing, views, replaced);
}
