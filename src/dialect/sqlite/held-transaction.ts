// The transaction in which a table is moved whole, from the first row to the name. SQLite has one writer, and so one of them at
// a time: the next one ends what was left of the one before. Engine thread.
import type { Database } from 'better-sqlite3';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableLoad } from '../dialect.ts';
import { isForRows } from '../stored-rejects.ts';
import { sqliteError } from './errors.ts';
import { commitPatiently } from './swap.ts';

export class HeldTransaction {
  readonly #db: Database;
  #load: string | null = null;
  /** Begun once: what was rolled back can't be gone on with. */
  readonly #begun = new Set<string>();

  constructor(db: Database) {
    this.#db = db;
  }

  get isOpen(): boolean {
    return this.#load !== null && this.#db.inTransaction;
  }

  is({ id }: TableLoad): boolean {
    return this.isOpen && this.#load === id;
  }

  /** @throws FerrowError E_WRITE where the load had one, which is undone */
  begin({ id, table }: TableLoad): void {
    this.undo();
    const place = { table: table.name };
    if (this.#begun.has(id))
      throw new FerrowError('E_WRITE', `the transaction of table "${table.name}" was rolled back`, place);
    try {
      this.#db.exec('BEGIN IMMEDIATE');
    } catch (error) {
      throw sqliteError(error, 'write', place);
    }
    this.#begun.add(id);
    this.#load = id;
  }

  /** Runs the last step of the load, which takes itself back if it fails, and commits, or undoes all of it. Of other loads only the step. */
  ending<T>(load: TableLoad, step: () => T): T {
    if (!load.transactional) return step();
    try {
      const done = step();
      commitPatiently(this.#db);
      this.#load = null;
      return done;
    } catch (error) {
      const known = sqliteError(error, 'write', { table: load.table.name });
      // What is held may still end well, without the rows that are at fault.
      if (!load.leavesOut || !isForRows(known)) this.undo();
      throw known;
    }
  }

  undo(): void {
    if (this.isOpen) this.#db.exec('ROLLBACK');
    this.#load = null;
  }
}
