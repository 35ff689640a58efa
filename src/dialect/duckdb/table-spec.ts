// A table that is about to take its own name: what of its definition still stands, and what was given up.
// Engine thread, but for the questions to DuckDB pure.
import type {
  ForeignKeySchema,
  IndexSchema,
  KeySchema,
  NotCarried,
  TableSchema,
} from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { parseType } from './native-type.ts';
import { parentKeyOf, tableKey } from './order.ts';
import { stagingType } from './types.ts';

export class TableSpec {
  readonly load: TableLoad;
  table: TableSchema;
  readonly lost: NotCarried[] = [];
  /** Indexes that stand under another name, in the last attempt. */
  renamed: readonly NotCarried[] = [];

  constructor(load: TableLoad) {
    this.load = load;
    this.table = {
      ...load.table,
      indexes: load.parts.indexes ? load.table.indexes : [],
      foreignKeys: load.parts.foreignKeys ? load.table.foreignKeys : [],
    };
  }

  /** DuckDB adds only primary keys to a table that is there; all else has to be in CREATE TABLE. */
  get needsRebuild(): boolean {
    const { table, load } = this;
    if (table.uniques.length + table.checks.length + table.foreignKeys.length > 0) return true;
    if (table.columns.length !== load.columns.length) return true;
    return table.columns.some((column, at) => {
      const arriving = load.columns[at];
      if (column.generated || column.collation !== null || column.name !== arriving.name) return true;
      return stagingType(column.nativeType, arriving.wire) !== column.nativeType;
    });
  }

  lose(item: Omit<NotCarried, 'table'>): void {
    this.lost.push({ table: this.load.table.name, ...item });
  }

  dropPrimaryKey(reason: string, hint?: string): void {
    const key = this.table.primaryKey;
    if (!key) return;
    this.table = { ...this.table, primaryKey: null };
    this.lose({ object: 'primary key', name: keyName(key), reason, ...(hint ? { hint } : {}) });
  }

  dropUnique(key: KeySchema, reason: string): void {
    this.table = { ...this.table, uniques: this.table.uniques.filter((one) => one !== key) };
    this.lose({ object: 'unique constraint', name: keyName(key), reason });
  }

  dropForeignKey(key: ForeignKeySchema, reason: string, hint?: string): void {
    this.table = { ...this.table, foreignKeys: this.table.foreignKeys.filter((one) => one !== key) };
    this.lose({ object: 'foreign key', name: keyName(key), reason, ...(hint ? { hint } : {}) });
  }

  dropIndex(index: IndexSchema, reason: string): void {
    this.table = { ...this.table, indexes: this.table.indexes.filter((one) => one !== index) };
    this.lose({ object: 'index', name: index.name, reason, hint: index.definition });
  }

  dropChecks(reason: string, which: (expression: string) => boolean): void {
    for (const check of this.table.checks.filter((one) => which(one.expression)))
      this.lose({ object: 'check', name: check.name ?? check.expression, reason });
    this.table = { ...this.table, checks: this.table.checks.filter((one) => !which(one.expression)) };
  }

  dropDefault(name: string, reason: string): void {
    const columns = this.table.columns.map((column) => {
      if (column.name !== name || !column.default) return column;
      this.lose({ object: 'default', name, column: name, reason, hint: column.default.sql });
      return { ...column, default: null };
    });
    this.table = { ...this.table, columns };
  }
}

export const keyName = (key: KeySchema): string => key.name ?? `(${key.columns.join(', ')})`;

export const isSelfReference = (table: TableSchema, key: ForeignKeySchema): boolean =>
  parentKeyOf(table, key) === tableKey(table);

/** Types that DuckDB's indexes, and so its keys, don't take. */
function isUnindexable(nativeType: string): boolean {
  const type = parseType(nativeType);
  if (type?.kind === 'plain') return type.name === 'INTERVAL' || type.name === 'VARIANT';
  return type !== null && type.kind !== 'enum';
}

/** Gives up keys and indexes over types that DuckDB doesn't index. */
export function dropUnindexable(spec: TableSpec): void {
  const types = typesOf(spec.table);
  const unindexable = (names: readonly (string | null)[]) =>
    names.find((name) => name !== null && isUnindexable(types.get(name.toLowerCase()) ?? ''));
  const reason = (column: string | null) =>
    `DuckDB has no keys or indexes over ${types.get((column ?? '').toLowerCase())}`;
  const { primaryKey } = spec.table;
  const inPrimary = primaryKey && unindexable(primaryKey.columns);
  if (inPrimary) spec.dropPrimaryKey(reason(inPrimary));
  for (const key of spec.table.uniques) {
    const column = unindexable(key.columns);
    if (column) spec.dropUnique(key, reason(column));
  }
  for (const index of spec.table.indexes) {
    const column = unindexable(index.parts.map((part) => part.column));
    if (column) spec.dropIndex(index, reason(column));
  }
}

function typesOf({ columns }: TableSchema): ReadonlyMap<string, string> {
  return new Map(columns.map((column) => [column.name.toLowerCase(), column.nativeType.toUpperCase()]));
}

/**
 * Gives up what DuckDB could not declare in any case: keys and indexes over types it doesn't index, foreign
 * keys whose parent isn't there, lacks the key, or has another type. `parentOf` finds a table as it will stand
 * when this one is made; null if it won't be there.
 */
export function dropImpossible(
  spec: TableSpec,
  parentOf: (key: ForeignKeySchema) => { table: TableSchema } | 'later' | null,
): void {
  dropUnindexable(spec);
  const types = typesOf(spec.table);
  for (const key of spec.table.foreignKeys) {
    const found = parentOf(key);
    if (found === 'later') {
      spec.dropForeignKey(
        key,
        'it is part of a cycle, and DuckDB declares a key only to a table that exists already',
      );
    } else if (!found) {
      spec.dropForeignKey(key, `the target has no table ${key.references.name}`);
    } else {
      const problem = matchParent(spec, key, found.table, types);
      if (problem) spec.dropForeignKey(key, problem);
    }
  }
}

/** Why the key can't point there; null if it can, after its columns were put in the order of the parent's key. */
function matchParent(
  spec: TableSpec,
  key: ForeignKeySchema,
  parent: TableSchema,
  types: ReadonlyMap<string, string>,
): string | null {
  const wanted = key.referencedColumns.map((name) => name.toLowerCase());
  const parentKeys = [...(parent.primaryKey ? [parent.primaryKey] : []), ...parent.uniques];
  const target = parentKeys.find(
    ({ columns }) =>
      columns.length === wanted.length && columns.every((name) => wanted.includes(name.toLowerCase())),
  );
  if (!target) {
    return `${parent.name} (${key.referencedColumns.join(', ')}) has no primary key or unique constraint in DuckDB`;
  }
  const order = target.columns.map((name) => wanted.indexOf(name.toLowerCase()));
  for (const at of order) {
    const own = types.get(key.columns[at].toLowerCase());
    const other = parent.columns
      .find((column) => column.name.toLowerCase() === wanted[at])
      ?.nativeType.toUpperCase();
    if (own !== other) {
      return `${key.columns[at]} is ${own} and ${parent.name}.${key.referencedColumns[at]} is ${other}; DuckDB wants one type`;
    }
  }
  if (order.some((at, position) => at !== position)) {
    const ordered = {
      ...key,
      columns: order.map((at) => key.columns[at]),
      referencedColumns: order.map((at) => key.referencedColumns[at]),
    };
    spec.table = {
      ...spec.table,
      foreignKeys: spec.table.foreignKeys.map((one) => (one === key ? ordered : one)),
    };
  }
  return null;
}
