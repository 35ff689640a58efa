// Changes of SQLite's own record of a schema, for what ALTER TABLE can't do: an index gets another name, a table's foreign keys
// point elsewhere. Engine thread.
//
// The record is a table, and SQLite lets it be written (`writable_schema`); nothing of the data is touched, for neither change
// says anything of how rows are stored. Called inside a transaction in which an ALTER TABLE runs too: by that, other
// connections learn that they must read the schema anew.
import type { Database } from 'better-sqlite3';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { quote } from './sql-names.ts';
import { TokenReader } from './token-reader.ts';
import type { Token } from './tokens.ts';

/** Runs work that changes the record through `SchemaText`, and has SQLite read it anew. */
export function withSchemaText<T>(db: Database, work: (schema: SchemaText) => T): T {
  db.unsafeMode(true);
  db.pragma('writable_schema = ON');
  try {
    return work(new SchemaText(db));
  } finally {
    db.pragma('writable_schema = RESET');
    db.unsafeMode(false);
  }
}

export class SchemaText {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** An index that was made by CREATE INDEX. */
  renameIndex(from: string, to: string): void {
    const sql = this.#sqlOf('index', from);
    this.#write('index', from, to, withIndexName(sql, to));
  }

  /** Puts a statement that differs in nothing but the tables that foreign keys name. */
  setTable(name: string, sql: string): void {
    this.#sqlOf('table', name);
    this.#write('table', name, name, sql);
  }

  #sqlOf(type: 'index' | 'table', name: string): string {
    const sql = sqlOf(this.#db, type, name);
    if (sql === null) throw new FerrowError('E_INTERNAL', `SQLite has no ${type} "${name}" with a statement`);
    return sql;
  }

  #write(type: 'index' | 'table', name: string, to: string, sql: string): void {
    this.#db
      .prepare('UPDATE sqlite_schema SET name = ?, sql = ? WHERE type = ? AND name = ? COLLATE NOCASE')
      .run(to, sql, type, name);
  }
}

/** The statement as SQLite keeps it; null if there is none. */
export function sqlOf(db: Database, type: 'index' | 'table', name: string): string | null {
  const sql = 'SELECT sql FROM sqlite_schema WHERE type = ? AND name = ? COLLATE NOCASE';
  return db.prepare<[string, string], string | null>(sql).pluck().get(type, name) ?? null;
}

/** @throws SqlSyntaxError where the statement can't be followed */
export function withIndexName(sql: string, name: string): string {
  const reader = new TokenReader(sql);
  reader.expect('CREATE');
  reader.take('UNIQUE');
  reader.expect('INDEX');
  reader.take('IF', 'NOT', 'EXISTS');
  return replaced(sql, [[reader.peek(), quote(name)]]);
}

/** The statement of a table whose foreign keys name other tables instead. @throws SqlSyntaxError */
export function withReferences(sql: string, nameOf: (table: string) => string): string {
  const reader = new TokenReader(sql);
  const changes: [Token, string][] = [];
  while (!reader.atEnd) {
    if (!reader.take('REFERENCES')) {
      reader.next();
      continue;
    }
    const token = reader.peek();
    changes.push([token, quote(nameOf(reader.name()))]);
  }
  return replaced(sql, changes);
}

function replaced(sql: string, changes: readonly (readonly [Token, string])[]): string {
  let text = '';
  let at = 0;
  for (const [token, instead] of changes) {
    text += sql.slice(at, token.start) + instead;
    at = token.end;
  }
  return text + sql.slice(at);
}
