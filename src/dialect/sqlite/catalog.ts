// Reads what a SQLite database holds into the words all engines share. Engine thread.
import type { Database } from 'better-sqlite3';
import type {
  ColumnSchema,
  DatabaseSchema,
  ForeignKeySchema,
  IndexPart,
  IndexSchema,
  KeySchema,
  OtherObject,
  ReferentialAction,
  TableSchema,
} from '../../types/schema.ts';
import {
  CatalogQueries,
  type ColumnRow,
  type ForeignKeyRow,
  type IndexRow,
  type ObjectRow,
} from './catalog-queries.ts';
import { type ReadTable, readCreateIndex, readCreateTable } from './create-statements.ts';
import { parseDefault } from './defaults.ts';
import { SqlSyntaxError } from './tokens.ts';

/** Ferrow's own tables in a target, its staging tables too. */
export const OWN_PREFIX = '_ferrow_';

/** The catalog by set queries. Ferrow's own tables are left out. */
export function readCatalog(db: Database): DatabaseSchema {
  const queries = new CatalogQueries(db);
  const objects = queries.objects().filter(({ name }) => !isOwn(name));
  const columns = groupBy(queries.columns(), (row) => row.table);
  const foreignKeys = groupBy(queries.foreignKeys(), (row) => row.table);
  const indexes = groupBy(queries.indexes(), (row) => row.table);
  const sequences = queries.sequences();
  const estimates = queries.estimatedRows();
  const sizes = queries.sizes();
  const others: OtherObject[] = [];

  const readers = objects
    .filter(({ type }) => type === 'table')
    .map((object) => new TableReader(object, columns.get(object.name) ?? [], indexes.get(object.name) ?? []));
  const byName = new Map(readers.map((reader) => [reader.name.toLowerCase(), reader]));
  const tables = readers.map((reader): TableSchema => {
    if (reader.unread !== null) others.push(reader.unread);
    return {
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
      tableFacts: reader.facts(),
    };
  });
  for (const { name, type, sql } of objects) {
    if (type === 'table') continue;
    const kind = type === 'view' ? 'view' : 'virtual table';
    others.push({ schema: null, name, kind, table: null, definition: sql });
  }
  for (const { name, table, sql } of queries.triggers()) {
    if (!isOwn(table)) others.push({ schema: null, name, kind: 'trigger', table, definition: sql });
  }
  return { engine: 'sqlite', defaultSchema: null, tables, others };
}

function isOwn(name: string): boolean {
  return name.toLowerCase().startsWith(OWN_PREFIX);
}

/** One table: the pragmas' rows, and what its CREATE TABLE says beyond them. */
class TableReader {
  readonly name: string;
  /** Null where the statement could not be followed; `unread` then says so. */
  readonly parsed: ReadTable | null = null;
  readonly unread: OtherObject | null = null;
  readonly primaryKey: KeySchema | null;
  readonly #object: ObjectRow;
  readonly #columns: readonly ColumnRow[];
  readonly #indexes: ReadonlyMap<string, IndexRow[]>;

  constructor(object: ObjectRow, columns: readonly ColumnRow[], indexes: readonly IndexRow[]) {
    this.name = object.name;
    this.#object = object;
    this.#columns = columns;
    this.#indexes = groupBy(indexes, (row) => row.index);
    try {
      this.parsed = readCreateTable(object.sql ?? '');
    } catch (error) {
      if (!(error instanceof SqlSyntaxError)) throw error;
      this.unread = {
        schema: null,
        name: `names, checks, collations and generated expressions of "${object.name}" (${error.message})`,
        kind: 'table option',
        table: object.name,
        definition: object.sql,
      };
    }
    const key = columns.filter((row) => row.key > 0).sort((a, b) => a.key - b.key);
    this.primaryKey =
      key.length === 0
        ? null
        : { name: this.parsed?.primaryKey?.name ?? null, columns: key.map(({ name }) => name) };
  }

  /** The column that is another name for the rowid: INTEGER, the whole key, and no index stands behind it. */
  get rowidAlias(): string | null {
    const key = this.primaryKey?.columns ?? [];
    if (key.length !== 1 || this.#object.withoutRowid) return null;
    const column = this.#columns.find(({ name }) => name === key[0]);
    if (column?.type.toUpperCase() !== 'INTEGER') return null;
    const hasIndex = [...this.#indexes.values()].some(([row]) => row.origin === 'pk');
    return hasIndex ? null : column.name;
  }

  columns(lastSequence: bigint | undefined): ColumnSchema[] {
    const alias = this.rowidAlias;
    const { withoutRowid, strict } = this.#object;
    return this.#columns.map((row): ColumnSchema => {
      const text = this.parsed?.columns.find(({ name }) => same(name, row.name));
      const isAlias = row.name === alias;
      const autoincrement = isAlias && this.parsed?.autoincrement === true;
      const collation = text?.collation?.toUpperCase() ?? null;
      return {
        name: row.name,
        nativeType: row.type,
        typeFacts: { strict: strict === 1, rowidAlias: isAlias, notNull: row.notNull === 1 },
        // Other keys than these may hold NULLs in SQLite.
        nullable: row.notNull === 0 && !isAlias && !(row.key > 0 && withoutRowid === 1),
        default: row.default === null || row.hidden > 1 ? null : parseDefault(row.default),
        identity: isAlias
          ? {
              kind: autoincrement ? 'autoincrement' : 'rowid',
              ...(autoincrement && lastSequence !== undefined
                ? { next: (lastSequence + 1n).toString() }
                : {}),
            }
          : null,
        generated: row.hidden > 1 ? { expression: text?.generated ?? '', stored: row.hidden === 3 } : null,
        collation: collation === 'BINARY' ? null : collation,
        comment: null,
      };
    });
  }

  uniques(): KeySchema[] {
    const names = this.parsed?.uniques ?? [];
    return [...this.#indexes.values()]
      .filter(([row]) => row.origin === 'u')
      .map((rows) => {
        const columns = rows.map(({ column }) => column ?? '');
        return { name: names.find((key) => sameList(key.columns, columns))?.name ?? null, columns };
      });
  }

  foreignKeys(rows: readonly ForeignKeyRow[], tables: ReadonlyMap<string, TableReader>): ForeignKeySchema[] {
    const texts = this.parsed?.foreignKeys ?? [];
    return [...groupBy(rows, (row) => row.id).values()].map((parts, at): ForeignKeySchema => {
      const columns = parts.map(({ from }) => this.#spelling(from));
      const parent = tables.get(parts[0].parent.toLowerCase());
      const named = parts.map(({ to }) => to).filter((to) => to !== null);
      const text = sameList(texts[at]?.columns ?? [], columns) ? texts[at] : undefined;
      return {
        name: text?.name ?? null,
        columns,
        references: { schema: null, name: parent?.name ?? parts[0].parent },
        referencedColumns:
          named.length === parts.length
            ? named.map((to) => (parent ? parent.#spelling(to) : to))
            : (parent?.primaryKey?.columns ?? []),
        onDelete: parts[0].onDelete.toLowerCase() as ReferentialAction,
        onUpdate: parts[0].onUpdate.toLowerCase() as ReferentialAction,
        match: text?.match ?? 'simple',
        deferrable: text?.deferrable ?? false,
        initiallyDeferred: text?.initiallyDeferred ?? false,
      };
    });
  }

  indexes(): IndexSchema[] {
    return [...this.#indexes.values()].filter(([row]) => row.origin === 'c').map((rows) => this.#index(rows));
  }

  #index(rows: readonly IndexRow[]): IndexSchema {
    const [{ index: name, unique, sql }] = rows;
    const text = sql === null ? null : readIndex(sql);
    const parts = rows.map((row, at): IndexPart => {
      // A part that is no column is an expression, or the rowid.
      const expression = row.column === null ? (text?.parts[at] ?? 'rowid') : null;
      const own = this.#columns.find((column) => column.name === row.column);
      const ownCollation = this.parsed?.columns.find(({ name }) => same(name, own?.name ?? ''))?.collation;
      return {
        column: row.column,
        expression,
        descending: row.descending === 1,
        collation: same(row.collation, ownCollation ?? 'BINARY') ? null : row.collation,
      };
    });
    return {
      name,
      unique: unique === 1,
      parts,
      where: text?.where ?? null,
      method: 'btree',
      plain: text !== null,
      definition: sql ?? '',
    };
  }

  facts(): Record<string, string | boolean> {
    const { withoutRowid, strict } = this.#object;
    return {
      withoutRowid: withoutRowid === 1,
      strict: strict === 1,
      conflicts: (this.parsed?.conflicts ?? []).join('; '),
    };
  }

  /** The column's name as the table spells it. */
  #spelling(name: string): string {
    return this.#columns.find((column) => same(column.name, name))?.name ?? name;
  }
}

function readIndex(sql: string): ReturnType<typeof readCreateIndex> | null {
  try {
    return readCreateIndex(sql);
  } catch (error) {
    if (error instanceof SqlSyntaxError) return null;
    throw error;
  }
}

function groupBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => same(name, b[at]));
}
