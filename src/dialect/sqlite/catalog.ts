// Reads what a SQLite database holds into the words all engines share. Engine thread.
import type { Database } from 'better-sqlite3';
import type {
  CheckSchema,
  DatabaseSchema,
  OtherObject,
  TableSchema,
  ViewSchema,
} from '../../types/schema.ts';
import { CatalogQueries, type ObjectRow } from './catalog-queries.ts';
import { inOrder, namesRead, readCreateView } from './create-view.ts';
import { labelsCheck, labelsOf } from './labels.ts';
import { type KeptColumn, originKey, readOrigins } from './origins.ts';
import { groupBy, TableReader } from './table-reader.ts';

/** Ferrow's own tables in a target, its staging tables too. */
export const OWN_PREFIX = '_ferrow_';

/** The catalog by set queries. Ferrow's own tables are left out, unless others are wanted. */
export function readCatalog(
  db: Database,
  isWanted: (name: string) => boolean = (name) => !isOwn(name),
): DatabaseSchema {
  const queries = new CatalogQueries(db);
  const objects = queries.objects().filter(({ name }) => isWanted(name));
  const columns = groupBy(queries.columns(), (row) => row.table);
  const foreignKeys = groupBy(queries.foreignKeys(), (row) => row.table);
  const indexes = groupBy(queries.indexes(), (row) => row.table);
  const sequences = queries.sequences();
  const estimates = queries.estimatedRows();
  const sizes = queries.sizes();
  const kept = readOrigins(db);
  const others: OtherObject[] = [];

  const readers = objects
    .filter(({ type }) => type === 'table')
    .map((object) => new TableReader(object, columns.get(object.name) ?? [], indexes.get(object.name) ?? []));
  const byName = new Map(readers.map((reader) => [reader.name.toLowerCase(), reader]));
  const tables = readers.map((reader): TableSchema => {
    others.push(...reader.others());
    const table: TableSchema = {
      schema: null,
      name: reader.name,
      columns: reader.columns(sequences.get(reader.name)),
      primaryKey: reader.primaryKey,
      uniques: reader.uniques(),
      foreignKeys: reader.foreignKeys(foreignKeys.get(reader.name) ?? [], byName),
      checks: reader.parsed?.checks ?? [],
      indexes: reader.indexes(),
      comment: null,
      estimatedRows: estimates.get(reader.name) ?? null,
      sizeBytes: sizes.get(reader.name) ?? null,
      tableFacts: reader.facts(foreignKeys.get(reader.name) ?? []),
    };
    return withOrigins(table, kept);
  });
  for (const { name, type, sql } of objects) {
    if (type === 'table' || type === 'view') continue;
    others.push({ schema: null, name, kind: 'virtual table', table: null, definition: sql });
  }
  for (const { name, table, sql } of queries.triggers()) {
    if (isWanted(table)) others.push({ schema: null, name, kind: 'trigger', table, definition: sql });
  }
  const views = readViews(objects, queries.viewColumns());
  return { engine: 'sqlite', defaultSchema: null, tables, views, types: [], others };
}

/** In an order in which they can be made: what one reads stands before it. */
function readViews(
  objects: readonly ObjectRow[],
  columns: ReadonlyMap<string, readonly string[]>,
): ViewSchema[] {
  const names = new Map(objects.map(({ name }) => [name.toLowerCase(), name]));
  const views = objects
    .filter(({ type }) => type === 'view')
    .map(({ name, sql }): ViewSchema => {
      const select = readCreateView(sql ?? '');
      const reads = namesRead(select ?? '', names).filter((read) => read !== name);
      return {
        schema: null,
        name,
        materialized: false,
        columns: columns.get(name) ?? [],
        sql: select ?? '',
        ...(select === null ? { unknown: 'a statement that could not be followed' } : {}),
        reads: reads.map((read) => ({ schema: null, name: read })),
        comment: null,
      };
    });
  return inOrder(views, ({ reads }) => reads.map(({ name }) => name));
}

/** Columns that Ferrow made and that still have the type it gave them say what they were before. */
function withOrigins(table: TableSchema, kept: ReadonlyMap<string, KeptColumn>): TableSchema {
  if (kept.size === 0) return table;
  const spoken = new Set<CheckSchema>();
  const columns = table.columns.map((column) => {
    const found = kept.get(originKey(table.name, column.name));
    if (found?.madeType !== column.nativeType) return column;
    const origin = found.origin ? { origin: found.origin } : {};
    // The labels of an enum count only as long as the table checks them.
    const wanted = labelsOf({ ...column, typeFacts: found.facts });
    const text = wanted && labelsCheck(column.name, wanted.labels);
    const check = table.checks.find(({ name, expression }) => name === null && expression === text);
    if (!check) return { ...column, ...origin };
    spoken.add(check);
    return { ...column, ...origin, typeFacts: { ...column.typeFacts, ...found.facts } };
  });
  return { ...table, columns, checks: table.checks.filter((check) => !spoken.has(check)) };
}

function isOwn(name: string): boolean {
  return name.toLowerCase().startsWith(OWN_PREFIX);
}
