// Fits a table of any engine into what SQLite can express. The columns already have its types. What came from SQLite
// stays as it is; of other engines' SQL what is known to mean the same is said in SQLite's words, the rest is listed. Pure.
import type { Engine } from '../../types/logical-type.ts';
import type {
  CheckSchema,
  ColumnSchema,
  ForeignKeySchema,
  IndexPart,
  IndexSchema,
  KeySchema,
  NotCarried,
  TableSchema,
} from '../../types/schema.ts';
import { parseDeclared } from './affinity.ts';
import { renderDefault } from './defaults.ts';
import { withLabels } from './labels.ts';
import { say, writtenColumns } from './say.ts';

export function adopt(table: TableSchema, from: Engine): { table: TableSchema; notCarried: NotCarried[] } {
  return new Adoption(table, from).result();
}

/** Collations that every SQLite knows. */
const COLLATIONS = new Set(['BINARY', 'NOCASE', 'RTRIM']);
/** Index methods of others that a b-tree serves as well. */
const BTREE_LIKE = new Set(['btree', 'hash', 'art']);
const NO_COMMENTS = 'SQLite keeps no comments';

class Adoption {
  readonly #table: TableSchema;
  readonly #fromSqlite: boolean;
  /** The columns in SQLite's types, as SQL may speak of them. */
  readonly #written: readonly ColumnSchema[];
  readonly #notCarried: NotCarried[] = [];

  constructor(table: TableSchema, from: Engine) {
    this.#table = table;
    this.#fromSqlite = from === 'sqlite';
    this.#written = this.#fromSqlite ? [] : writtenColumns(table.columns, from);
  }

  result(): { table: TableSchema; notCarried: NotCarried[] } {
    const table = this.#table;
    const facts = this.#fromSqlite ? table.tableFacts : this.#homeFacts();
    const strict = facts?.['strict'] === true;
    const columns = table.columns.map((column) => this.#column(withLabels(column), strict));
    const { partitioning: _partitioning, inherits: _inherits, ...plain } = table;
    const adopted: TableSchema = {
      ...plain,
      schema: null,
      columns,
      primaryKey: table.primaryKey && this.#key(table.primaryKey, 'primary key'),
      uniques: table.uniques.map((key) => this.#key(key, 'unique constraint')),
      foreignKeys: table.foreignKeys.map((key) => this.#foreignKey(key)),
      checks: table.checks.flatMap((check) => this.#check(check)),
      indexes: table.indexes.flatMap((index) => this.#index(index)),
      comment: null,
      ...(facts === undefined ? {} : { tableFacts: facts }),
    };
    this.#comments();
    return { table: adopted, notCarried: this.#notCarried };
  }

  /** A table whose columns all come home from one that was STRICT or WITHOUT ROWID is that again. */
  #homeFacts(): TableSchema['tableFacts'] {
    const { columns, primaryKey } = this.#table;
    const all = (fact: string) =>
      columns.length > 0 && columns.every(({ typeFacts }) => typeFacts?.[fact] === true);
    const strict = all('strict');
    const withoutRowid = all('withoutRowid') && primaryKey !== null;
    return strict || withoutRowid ? { strict, withoutRowid } : undefined;
  }

  #drop(object: NotCarried['object'], name: string, reason: string, more: Partial<NotCarried> = {}): void {
    this.#notCarried.push({ table: this.#table.name, object, name, reason, ...more });
  }

  #writtenOf(name: string): ColumnSchema | undefined {
    return this.#written.find((column) => column.name === name);
  }

  #comments(): void {
    const { columns, comment, primaryKey, uniques, foreignKeys, checks, indexes } = this.#table;
    const places = [...columns, ...uniques, ...foreignKeys, ...checks, ...indexes, { comment }];
    const texts = [...places, primaryKey].filter((place) => (place?.comment ?? null) !== null);
    if (texts.length === 0) return;
    this.#drop('comment', texts.length === 1 ? '1 comment' : `${texts.length} comments`, NO_COMMENTS);
  }

  #column(column: ColumnSchema, strict: boolean): ColumnSchema {
    const { primaryKey } = this.#table;
    const isKey = primaryKey?.columns.includes(column.name) ?? false;
    const identity = this.#identity(column, isKey && primaryKey?.columns.length === 1);
    const generated = this.#generated(column);
    return {
      ...column,
      nativeType: this.#nativeType(column, identity !== null, strict),
      nullable: column.nullable && (this.#fromSqlite || !isKey),
      identity,
      default: identity === null && generated === null ? this.#default(column) : null,
      collation: this.#collation(column.collation, column.name),
      generated,
      comment: null,
    };
  }

  #nativeType({ nativeType }: ColumnSchema, isIdentity: boolean, strict: boolean): string {
    if (this.#fromSqlite) return nativeType;
    if (isIdentity) return 'INTEGER';
    // Only a STRICT table takes ANY for what it says; elsewhere it would make numbers of texts.
    return nativeType.toUpperCase() === 'ANY' && !strict ? '' : nativeType;
  }

  #identity(column: ColumnSchema, isOnlyKey: boolean): ColumnSchema['identity'] {
    const { identity, default: value, typeFacts } = column;
    if (this.#fromSqlite) return isOnlyKey ? identity : null;
    const counts = value?.kind === 'sequence' && isInteger(column.nativeType);
    if (identity === null && !(counts && isOnlyKey)) return null;
    if (!isOnlyKey) {
      const reason = 'SQLite numbers rows only in a column that is the whole primary key';
      this.#drop('identity', column.name, reason, { column: column.name });
      return null;
    }
    const { next, options } = identity ?? (value?.kind === 'sequence' ? value : {});
    const { increment = '1', cycle = false, max } = options ?? {};
    if (increment !== '1' || cycle) {
      const reason = 'SQLite counts 1, 2, 3 … and never starts again';
      this.#drop('identity', column.name, reason, { column: column.name, instead: 'counting by 1' });
    } else if (max !== undefined && !WHOLE_RANGES.has(max)) {
      const reason = `SQLite numbers rows without an upper end; it was ${max}`;
      this.#drop('identity', column.name, reason, { column: column.name, instead: 'without a maximum' });
    }
    const wasRowid = typeFacts?.['rowidAlias'] === true && typeFacts['autoincrement'] !== true;
    if (wasRowid) return { kind: 'rowid' };
    return { kind: 'autoincrement', ...(next === undefined ? {} : { next }) };
  }

  #default(column: ColumnSchema): ColumnSchema['default'] {
    const value = column.default;
    if (value === null) return null;
    const sql = renderDefault(value, column.nativeType, this.#fromSqlite);
    if (sql !== null) return { ...value, sql };
    if (value.kind === 'expression') {
      const said = say(value, [], this.#writtenOf(column.name));
      if (said.sql !== null) return { ...value, sql: `(${said.sql})` };
      this.#drop('default', value.sql, said.reason, { column: column.name });
    } else if (value.kind === 'sequence') {
      const reason = `it takes numbers from the sequence ${value.sequence}, and SQLite has none`;
      this.#drop('default', value.sql, reason, { column: column.name });
    } else {
      this.#drop('default', value.sql, 'SQLite has no such default', { column: column.name });
    }
    return null;
  }

  #collation(collation: string | null, column: string): string | null {
    if (collation === null) return null;
    if (COLLATIONS.has(collation.toUpperCase())) return collation.toUpperCase();
    const reason = 'SQLite knows only BINARY, NOCASE and RTRIM by itself';
    this.#drop('collation', collation, reason, { column });
    return null;
  }

  #generated(column: ColumnSchema): ColumnSchema['generated'] {
    const { generated, name } = column;
    if (generated === null || (this.#fromSqlite && generated.expression !== '')) return generated;
    const said = this.#fromSqlite ? UNREAD : say(generated, this.#written, this.#writtenOf(name));
    if (said.sql !== null) return { ...generated, expression: said.sql };
    const reason = `its values are carried, not the expression that makes them: ${said.reason}`;
    this.#drop('generated column', name, reason, { column: name, hint: generated.expression });
    return null;
  }

  #key<Key extends KeySchema>(key: Key, object: 'primary key' | 'unique constraint'): Key {
    const name = key.name ?? `(${key.columns.join(', ')})`;
    const mayBeNull = key.columns.some(
      (each) => this.#table.columns.find((column) => column.name === each)?.nullable,
    );
    if (key.nullsNotDistinct === true && mayBeNull) {
      const reason = 'SQLite takes several NULLs for distinct values';
      this.#drop(object, name, reason, { instead: 'without NULLS NOT DISTINCT' });
    }
    if (key.deferrable === true) {
      this.#drop(object, name, 'SQLite checks keys at once', { instead: 'not deferrable' });
    }
    const { nullsNotDistinct: _nulls, deferrable: _deferrable, initiallyDeferred: _deferred, ...rest } = key;
    return rest as Key;
  }

  #foreignKey(key: ForeignKeySchema): ForeignKeySchema {
    const nullable = key.columns.some(
      (name) => this.#table.columns.find((column) => column.name === name)?.nullable,
    );
    // Of one column, or without NULLs, the two are the same.
    if (key.match === 'full' && key.columns.length > 1 && nullable) {
      const name = key.name ?? `(${key.columns.join(', ')})`;
      const reason = 'SQLite checks no row that holds a NULL in the key';
      this.#drop('foreign key action', name, reason, { instead: 'as MATCH SIMPLE' });
    }
    return { ...key, match: 'simple', references: { schema: null, name: key.references.name } };
  }

  #check(check: CheckSchema): CheckSchema[] {
    if (this.#fromSqlite) return [check];
    const said = say(check, this.#written);
    if (said.sql !== null) return [{ name: check.name, expression: said.sql }];
    const hint = `CHECK (${check.expression})`;
    this.#drop('check', check.name ?? check.expression, said.reason, { hint });
    return [];
  }

  #index(index: IndexSchema): IndexSchema[] {
    const adopted = this.#adoptIndex(index);
    if (typeof adopted !== 'string') return [adopted];
    this.#drop('index', index.name, adopted, { hint: index.definition });
    return [];
  }

  /** The index, or why there is none. */
  #adoptIndex(index: IndexSchema): IndexSchema | string {
    if (this.#fromSqlite) return index.plain ? index : 'its definition could not be read';
    if (!BTREE_LIKE.has(index.method.toLowerCase())) return `SQLite has no ${index.method} indexes`;
    if (!index.plain) return 'it has features that SQLite lacks';
    const parts: IndexPart[] = [];
    for (const part of index.parts) {
      const said = part.expression === null ? null : say(part, this.#written);
      if (said?.sql === null) return said.reason;
      const { nulls: _nulls, meaning: _meaning, unknown: _unknown, ...plain } = part;
      const collation = this.#collation(part.collation, part.column ?? index.name);
      parts.push({ ...plain, expression: said && `(${said.sql})`, collation });
    }
    const where = index.where === null ? null : say(index.whereMeaning ?? {}, this.#written);
    if (where?.sql === null) return where.reason;
    if (index.parts.some(({ nulls }) => nulls !== undefined)) {
      const reason = 'SQLite sorts NULLs before all else, with DESC behind it';
      this.#drop('index', index.name, reason, { instead: 'without NULLS FIRST or LAST' });
    }
    if (index.unique && index.nullsNotDistinct === true) {
      const reason = 'SQLite takes several NULLs for distinct values';
      this.#drop('index', index.name, reason, { instead: 'without NULLS NOT DISTINCT' });
    }
    const { nullsNotDistinct: _distinct, whereMeaning: _where, ...plain } = index;
    return { ...plain, parts, where: where?.sql ?? null, method: 'btree' };
  }
}

const UNREAD = { sql: null, reason: 'its definition could not be read' } as const;

/** The largest values of integer types: an end that is none of the user's. */
const WHOLE_RANGES = new Set(['32767', '2147483647', '9223372036854775807']);

function isInteger(nativeType: string): boolean {
  return parseDeclared(nativeType).name.includes('INT') && !/INTERVAL/i.test(nativeType);
}
