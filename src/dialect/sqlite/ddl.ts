// Fits tables of any engine into what SQLite can say, and writes them as SQL. Pure.
import type { Engine } from '../../types/logical-type.ts';
import type {
  CheckSchema,
  ColumnSchema,
  ForeignKeySchema,
  IndexSchema,
  NotCarried,
  TableName,
  TableSchema,
} from '../../types/schema.ts';
import type { Ddl, SchemaParts } from '../dialect.ts';
import { createIndex, createTable } from './create-table.ts';
import { renderDefault } from './defaults.ts';
import { quote } from './sql-names.ts';

export const ddl: Ddl = {
  quote,
  quoteTable: (table: TableName) => quote(table.name),
  adopt: (table, from) => new Adoption(table, from).result(),
  script,
};

/** Foreign keys must stand in CREATE TABLE; SQLite takes them before the table they name exists. */
function script(tables: readonly TableSchema[], parts: SchemaParts): string[] {
  const statements = tables.map((table) => createTable(table, table.name, parts));
  if (!parts.indexes) return statements;
  const taken = new Set(tables.map(({ name }) => name.toLowerCase()));
  for (const table of tables) {
    for (const index of table.indexes) {
      const name = freeIndexName(table.name, index.name, (wanted) => taken.has(wanted.toLowerCase()));
      taken.add(name.toLowerCase());
      statements.push(createIndex(table.name, index, name));
    }
  }
  return statements;
}

/** Index names are one to a database, tables included, whatever their case. */
export function freeIndexName(table: string, wanted: string, isTaken: (name: string) => boolean): string {
  const base = /^sqlite_/i.test(wanted) ? `index_${wanted}` : wanted;
  if (!isTaken(base)) return base;
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${table}_${base}` : `${table}_${base}_${number}`;
    if (!isTaken(name)) return name;
  }
}

/** Collations that every SQLite knows. */
const COLLATIONS = new Set(['BINARY', 'NOCASE', 'RTRIM']);
/** Index methods of others that a b-tree serves as well. */
const BTREE_LIKE = new Set(['btree', 'hash', 'art']);

class Adoption {
  readonly #table: TableSchema;
  readonly #fromSqlite: boolean;
  readonly #notCarried: NotCarried[] = [];

  constructor(table: TableSchema, from: Engine) {
    this.#table = table;
    this.#fromSqlite = from === 'sqlite';
  }

  result(): { table: TableSchema; notCarried: NotCarried[] } {
    const table = this.#table;
    const adopted: TableSchema = {
      ...table,
      schema: null,
      columns: table.columns.map((column) => this.#column(column)),
      uniques: table.uniques,
      foreignKeys: table.foreignKeys.map((key) => this.#foreignKey(key)),
      checks: this.#fromSqlite ? table.checks : this.#foreignChecks(table.checks),
      indexes: table.indexes.flatMap((index) => this.#index(index)),
      comment: null,
    };
    if (table.comment !== null) this.#drop('comment', table.name, 'SQLite keeps no comments');
    const conflicts = table.tableFacts?.['conflicts'];
    if (typeof conflicts === 'string' && conflicts !== '') {
      this.#drop('table option', conflicts, 'conflict clauses are not carried yet');
    }
    return { table: adopted, notCarried: this.#notCarried };
  }

  #drop(object: NotCarried['object'], name: string, reason: string, column?: string, hint?: string): void {
    this.#notCarried.push({
      table: this.#table.name,
      object,
      name,
      reason,
      ...(column === undefined ? {} : { column }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #column(column: ColumnSchema): ColumnSchema {
    const { primaryKey } = this.#table;
    const isKey = primaryKey?.columns.includes(column.name) ?? false;
    if (column.comment !== null) {
      this.#drop('comment', column.name, 'SQLite keeps no comments', column.name);
    }
    const identity = this.#identity(column, isKey && primaryKey?.columns.length === 1);
    return {
      ...column,
      nativeType: identity !== null && !this.#fromSqlite ? 'INTEGER' : column.nativeType,
      nullable: column.nullable && (this.#fromSqlite || !isKey),
      identity,
      default: identity === null ? this.#default(column) : null,
      collation: this.#collation(column.collation, column.name),
      generated: this.#generated(column),
      comment: null,
    };
  }

  #identity(column: ColumnSchema, isOnlyKey: boolean): ColumnSchema['identity'] {
    const { identity } = column;
    if (identity === null) return null;
    if (isOnlyKey) return this.#fromSqlite ? identity : { ...identity, kind: 'autoincrement' };
    this.#drop(
      'identity',
      column.name,
      'SQLite numbers rows only in a column that is the whole primary key',
      column.name,
    );
    return null;
  }

  #default(column: ColumnSchema): ColumnSchema['default'] {
    const value = column.default;
    if (value === null) return null;
    const sql = renderDefault(value, column.nativeType, this.#fromSqlite);
    if (sql === null) {
      this.#drop('default', value.sql, 'SQLite has no such default', column.name);
      return null;
    }
    return { ...value, sql };
  }

  #collation(collation: string | null, column: string): string | null {
    if (collation === null) return null;
    if (COLLATIONS.has(collation.toUpperCase())) return collation.toUpperCase();
    this.#drop('collation', collation, 'SQLite knows only BINARY, NOCASE and RTRIM by itself', column);
    return null;
  }

  #generated(column: ColumnSchema): ColumnSchema['generated'] {
    const { generated } = column;
    if (generated === null || (this.#fromSqlite && generated.expression !== '')) return generated;
    this.#drop('generated column', column.name, 'its values are carried, its expression is not', column.name);
    return null;
  }

  #foreignKey(key: ForeignKeySchema): ForeignKeySchema {
    if (key.match === 'full') {
      const name = key.name ?? `(${key.columns.join(', ')})`;
      this.#drop('foreign key action', name, 'SQLite checks MATCH FULL as MATCH SIMPLE');
    }
    return { ...key, match: 'simple', references: { schema: null, name: key.references.name } };
  }

  #foreignChecks(checks: readonly CheckSchema[]): CheckSchema[] {
    for (const { name, expression } of checks) {
      this.#drop(
        'check',
        name ?? expression,
        'it is written in the SQL of another engine',
        undefined,
        `CHECK (${expression})`,
      );
    }
    return [];
  }

  #index(index: IndexSchema): IndexSchema[] {
    const reason = this.#indexReason(index);
    if (reason !== null) {
      this.#drop('index', index.name, reason, undefined, index.definition);
      return [];
    }
    const parts = index.parts.map((part) => ({
      ...part,
      collation: this.#collation(part.collation, part.column ?? index.name),
    }));
    return [{ ...index, parts, method: 'btree' }];
  }

  #indexReason(index: IndexSchema): string | null {
    if (this.#fromSqlite) return index.plain ? null : 'its definition could not be read';
    if (!BTREE_LIKE.has(index.method.toLowerCase())) return `SQLite has no ${index.method} indexes`;
    if (!index.plain) return 'it has features that SQLite lacks';
    const foreign = index.where !== null || index.parts.some(({ expression }) => expression !== null);
    return foreign ? 'it holds an expression in the SQL of another engine' : null;
  }
}
