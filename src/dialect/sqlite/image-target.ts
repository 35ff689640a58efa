// Moves the rows of an image, a whole SQLite database file that a crossing worker made, into a table by SQLite's own
// `INSERT … SELECT`. Engine thread. The plain twin is insert-target.ts.
//
// The image lies beside the target for the moment in which SQLite opens it: it is removed as soon as it is attached, so
// that not even a killed run leaves one.
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { IMAGE_TABLE } from './codec/page-encode.ts';
import { quote, quoteList } from './sql-names.ts';

const SCHEMA = 'ferrow_image';

export class AttachedImage {
  readonly #db: Database;

  /** Attaches an image; outside of transactions, as SQLite wants it. @throws what SQLite or the file system say */
  constructor(db: Database, bytes: Uint8Array) {
    this.#db = db;
    const path = join(dirname(db.name), `_ferrow_${randomUUID()}.image`);
    try {
      writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 });
      db.prepare<[string]>(`ATTACH ? AS ${SCHEMA}`).run(path);
      // Opened by the first read; what is open can be removed.
      db.exec(`SELECT 1 FROM ${SCHEMA}.${IMAGE_TABLE} LIMIT 1`);
    } finally {
      rmSync(path, { force: true });
    }
  }

  /** Inserts all rows into a table of as many columns as are named; gives how many there were. */
  insertInto(table: string, columns: readonly string[]): number {
    return this.#db.prepare<[]>(insertSql(table, columns)).run().changes;
  }

  /** Inserts one row, counted from 0; to find the one that SQLite refuses. */
  insertRow(table: string, columns: readonly string[], row: number): void {
    this.#db.prepare<[number]>(`${insertSql(table, columns)} WHERE rowid = ?`).run(row + 1);
  }

  /** The named cells of a row as text. */
  cells(row: number, indexes: readonly number[]): (string | null)[] {
    const wanted = indexes.map((index) => `CAST(c${index} AS TEXT)`).join(', ');
    const sql = `SELECT ${wanted} FROM ${SCHEMA}.${IMAGE_TABLE} WHERE rowid = ?`;
    return (
      this.#db
        .prepare<[number], (string | null)[]>(sql)
        .raw()
        .get(row + 1) ?? []
    );
  }

  detach(): void {
    this.#db.exec(`DETACH ${SCHEMA}`);
  }
}

function insertSql(table: string, columns: readonly string[]): string {
  const cells = columns.map((_, at) => `c${at}`).join(', ');
  return `INSERT INTO main.${quote(table)} (${quoteList(columns)}) SELECT ${cells} FROM ${SCHEMA}.${IMAGE_TABLE}`;
}
