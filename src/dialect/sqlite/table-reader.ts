// One table of a SQLite file: the rows that the pragmas give of it, and what its CREATE TABLE says beyond them. Engine
// thread; part of the catalog.
import type {
  ColumnSchema,
  ForeignKeySchema,
  IndexPart,
  IndexSchema,
  Json,
  KeySchema,
  OtherObject,
  ReferentialAction,
} from '../../types/schema.ts';
import type { ColumnRow, ForeignKeyRow, IndexRow, ObjectRow } from './catalog-queries.ts';
import { type ReadTable, readCreateIndex, readCreateTable } from './create-statements.ts';
import { parseDefault } from './defaults.ts';
import { SqlSyntaxError } from './tokens.ts';
import { isSpecial, type WrittenKey } from './written-keys.ts';

/** One table: the pragmas' rows, and what its CREATE TABLE says beyond them. */
export class TableReader {
  readonly name: string;
  /** Null where the statement could not be followed; `others` then says so. */
  readonly parsed: ReadTable | null = null;
  readonly #unread: OtherObject | null = null;
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
      this.#unread = {
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
        typeFacts: {
          strict: strict === 1,
          rowidAlias: isAlias,
          notNull: row.notNull === 1,
          // For the way home, which brings back columns and no tables.
          ...(withoutRowid === 1 ? { withoutRowid: true } : {}),
          ...(autoincrement ? { autoincrement: true } : {}),
        },
        // Other keys than these may hold NULLs in SQLite.
        nullable: row.notNull === 0 && !isAlias && !(row.key > 0 && (withoutRowid === 1 || strict === 1)),
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
      return {
        column: row.column,
        expression,
        descending: row.descending === 1,
        collation: this.#ownCollation(row),
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

  facts(foreignKeys: readonly ForeignKeyRow[]): Record<string, Json> {
    const { withoutRowid, strict } = this.#object;
    const implicit = [...groupBy(foreignKeys, (row) => row.id).values()].filter(([{ to }]) => to === null);
    const keys = this.#keys().filter(isSpecial);
    const notNull = this.#notNullConflicts();
    return {
      withoutRowid: withoutRowid === 1,
      strict: strict === 1,
      ...(implicit.length > 0
        ? {
            implicit: implicit.map((parts) => [
              parts[0].parent,
              ...parts.map(({ from }) => this.#spelling(from)),
            ]),
          }
        : {}),
      ...(keys.length > 0 ? { keys: keys.map((key) => ({ ...key })) } : {}),
      ...(notNull.length > 0 ? { notNull: Object.fromEntries(notNull) } : {}),
    };
  }

  /** What only SQLite can have again, by name; and what could not be read at all. */
  others(): OtherObject[] {
    const own = (name: string): OtherObject => ({
      schema: null,
      name,
      kind: 'table option',
      table: this.name,
      definition: this.#object.sql,
      carriedToSame: true,
    });
    const found = this.#unread === null ? [] : [this.#unread];
    for (const key of this.#keys()) {
      const words = `${key.primary ? 'PRIMARY KEY' : 'UNIQUE'} (${key.columns.join(', ')})`;
      if (key.conflict !== null) found.push(own(`ON CONFLICT ${key.conflict} of ${words}`));
      const collations = key.collations.filter((name) => name !== null);
      if (collations.length > 0) found.push(own(`COLLATE ${collations.join(', ')} in ${words}`));
    }
    for (const [column, conflict] of this.#notNullConflicts()) {
      found.push(own(`ON CONFLICT ${conflict} of NOT NULL (${column})`));
    }
    return found;
  }

  #notNullConflicts(): [string, string][] {
    return this.#columns.flatMap(({ name }): [string, string][] => {
      const conflict = this.parsed?.columns.find((column) => same(column.name, name))?.notNullConflict;
      return conflict ? [[name, conflict]] : [];
    });
  }

  /** Primary key and unique constraints, as they were written. */
  #keys(): WrittenKey[] {
    const keys = [...this.#indexes.values()]
      .filter(([row]) => row.origin !== 'c')
      .map((rows): WrittenKey => {
        const primary = rows[0].origin === 'pk';
        const columns = rows.map(({ column }) => column ?? '');
        const text = primary
          ? this.parsed?.primaryKey
          : this.parsed?.uniques.find((key) => sameList(key.columns, columns));
        return {
          primary,
          columns,
          collations: rows.map((row) => this.#ownCollation(row)),
          descending: rows.map(({ descending }) => descending === 1),
          conflict: text?.conflict ?? null,
        };
      });
    const alias = this.rowidAlias;
    const conflict = this.parsed?.primaryKey?.conflict ?? null;
    if (alias === null || conflict === null) return keys;
    return [{ primary: true, columns: [alias], collations: [null], descending: [false], conflict }, ...keys];
  }

  /** The collation of a part of an index, if it isn't its column's. */
  #ownCollation(row: IndexRow): string | null {
    const column = this.parsed?.columns.find(({ name }) => same(name, row.column ?? ''));
    return same(row.collation, column?.collation ?? 'BINARY') ? null : row.collation;
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

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => same(name, b[at]));
}

export function groupBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
