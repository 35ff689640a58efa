// The set queries behind the catalog: sqlite_schema joined with SQLite's pragma functions, never a query per
// table. Engine thread.
import type { Database } from 'better-sqlite3';

export interface ObjectRow {
  readonly name: string;
  readonly type: 'table' | 'view' | 'virtual' | 'shadow';
  readonly withoutRowid: number;
  readonly strict: number;
  readonly sql: string | null;
}

export interface ColumnRow {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly notNull: number;
  readonly default: string | null;
  /** Place in the primary key from 1 on, or 0. */
  readonly key: number;
  /** 2: generated, 3: generated and stored. */
  readonly hidden: number;
}

export interface ForeignKeyRow {
  readonly table: string;
  readonly id: number;
  readonly seq: number;
  readonly parent: string;
  readonly from: string;
  /** NULL means the parent's primary key. */
  readonly to: string | null;
  readonly onUpdate: string;
  readonly onDelete: string;
}

export interface IndexRow {
  readonly table: string;
  readonly index: string;
  readonly listSeq: number;
  readonly unique: number;
  /** c: CREATE INDEX, u: UNIQUE, pk: PRIMARY KEY. */
  readonly origin: 'c' | 'u' | 'pk';
  readonly sql: string | null;
  /** -1 the rowid, -2 an expression. */
  readonly cid: number;
  readonly column: string | null;
  readonly descending: number;
  readonly collation: string;
}

export interface TriggerRow {
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

/** The catalog costs a look at every page for sizes, which is done for files up to so many bytes. */
const SIZES_FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Ordinary tables: not SQLite's own, not virtual or a shadow of one. The alias of sqlite_schema is s. */
const ORDINARY = `s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
  AND s.name IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table')`;

export class CatalogQueries {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  objects(): ObjectRow[] {
    return this.#all(`SELECT l.name, l.type, l.wr AS withoutRowid, l.strict, s.sql
      FROM sqlite_schema s JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name
      WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.rowid`);
  }

  columns(): ColumnRow[] {
    return this.#all(`SELECT s.name AS "table", x.name, x.type, x."notnull" AS "notNull",
        x.dflt_value AS "default", x.pk AS "key", x.hidden
      FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) x WHERE ${ORDINARY} ORDER BY s.rowid, x.cid`);
  }

  foreignKeys(): ForeignKeyRow[] {
    // SQLite numbers them backwards.
    return this.#all(`SELECT s.name AS "table", f.id, f.seq, f."table" AS parent, f."from", f."to",
        f.on_update AS onUpdate, f.on_delete AS onDelete
      FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f WHERE ${ORDINARY}
      ORDER BY s.rowid, f.id DESC, f.seq`);
  }

  indexes(): IndexRow[] {
    return this.#all(`SELECT s.name AS "table", l.name AS "index", l.seq AS listSeq, l."unique" AS "unique", l.origin,
        i.sql, x.cid, x.name AS "column", x."desc" AS descending, x.coll AS collation
      FROM sqlite_schema s JOIN pragma_index_list(s.name) l JOIN pragma_index_xinfo(l.name) x
        LEFT JOIN sqlite_schema i ON i.type = 'index' AND i.name = l.name
      WHERE ${ORDINARY} AND x."key" = 1 ORDER BY s.rowid, l.seq DESC, x.seqno`);
  }

  /** Names of the columns of views; none of a view that SQLite can't prepare. */
  viewColumns(): Map<string, string[]> {
    const columns = new Map<string, string[]>();
    const sql = (where: string) => `SELECT s.name AS "view", x.name FROM sqlite_schema s
      JOIN pragma_table_xinfo(s.name) x WHERE s.type = 'view'${where} ORDER BY s.rowid, x.cid`;
    const add = (rows: readonly { view: string; name: string }[]) => {
      for (const { view, name } of rows) columns.set(view, [...(columns.get(view) ?? []), name]);
    };
    try {
      add(this.#all(sql('')));
    } catch {
      // One is broken: each by itself, then.
      columns.clear();
      const one = this.#db.prepare<[string], { view: string; name: string }>(sql(' AND s.name = ?'));
      for (const { name } of this.#all<{ name: string }>(
        `SELECT name FROM sqlite_schema WHERE type = 'view'`,
      )) {
        try {
          add(one.all(name));
        } catch {
          // Its columns stay unknown; who makes it hears why.
        }
      }
    }
    return columns;
  }

  triggers(): TriggerRow[] {
    return this.#all(`SELECT name, tbl_name AS "table", sql FROM sqlite_schema WHERE type = 'trigger'`);
  }

  /** The largest number given out so far, by table with AUTOINCREMENT. */
  sequences(): Map<string, bigint> {
    if (!this.#has('sqlite_sequence')) return new Map();
    const rows = this.#db
      .prepare<[], [string, unknown]>('SELECT name, seq FROM sqlite_sequence')
      .raw()
      .safeIntegers()
      .all();
    return new Map(rows.filter((row): row is [string, bigint] => typeof row[1] === 'bigint'));
  }

  /** Row counts as ANALYZE left them, by table. */
  estimatedRows(): Map<string, number> {
    const rows = new Map<string, number>();
    if (!this.#has('sqlite_stat1')) return rows;
    for (const { table, stat } of this.#all<{ table: string; stat: unknown }>(
      'SELECT tbl AS "table", stat FROM sqlite_stat1',
    )) {
      const count = typeof stat === 'string' ? Number.parseInt(stat, 10) : Number.NaN;
      if (count >= 0) rows.set(table, Math.max(count, rows.get(table) ?? 0));
    }
    return rows;
  }

  /** Bytes of each table without its indexes; empty where that would mean reading a large file. */
  sizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    const bytes = this.#db
      .prepare<[], number>('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size')
      .pluck()
      .get();
    if (bytes === undefined || bytes > SIZES_FILE_BYTES_MAX) return sizes;
    for (const { name, bytes } of this.#all<{ name: string; bytes: number }>(
      'SELECT name, pgsize AS bytes FROM dbstat WHERE aggregate = 1',
    )) {
      sizes.set(name, bytes);
    }
    return sizes;
  }

  #has(table: string): boolean {
    return this.#db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined;
  }

  #all<Row>(sql: string): Row[] {
    return this.#db.prepare<[], Row>(sql).all();
  }
}
