// Staged rows that were found to be refused, while all that found them is taken back: they stand in a database of their own, which is a
// temporary file once it is large. Engine thread.
import Database from 'better-sqlite3';
import type { ErrorCode } from '../../errors/codes.ts';

/** What is wrong with a row. */
export interface Fault {
  readonly column: string | null;
  readonly code: ErrorCode;
  readonly reason: string;
}

export class RefusedRows {
  readonly #db = new Database('');
  readonly #insert: Database.Statement<[bigint, string | null, string, string]>;

  constructor() {
    this.#db.exec('PRAGMA cache_size = -1024; PRAGMA journal_mode = OFF');
    this.#db.exec(
      'BEGIN; CREATE TABLE refused (number INTEGER PRIMARY KEY, "column" TEXT, code TEXT, reason TEXT)',
    );
    this.#insert = this.#db.prepare('INSERT INTO refused VALUES (?, ?, ?, ?)');
  }

  add(number: bigint, { column, code, reason }: Fault): void {
    this.#insert.run(number, column, code, reason);
  }

  /** By their numbers. */
  *all(): Generator<readonly [bigint, Fault]> {
    const rows = this.#db
      .prepare<[], [bigint, string | null, ErrorCode, string]>('SELECT * FROM refused ORDER BY number')
      .raw()
      .safeIntegers();
    for (const [number, column, code, reason] of rows.iterate()) yield [number, { column, code, reason }];
  }

  close(): void {
    this.#db.close();
  }
}
