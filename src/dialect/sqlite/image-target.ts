// Moves the rows of an image, a whole SQLite database file that a crossing worker made, into a table by SQLite's own
// `INSERT … SELECT`. Engine thread. The plain twin is insert-target.ts.
//
// The image lies beside the target for the moment in which SQLite opens it: it is removed as soon as it is attached. One that
// a process left which was killed in that moment is removed by the next that writes to the target.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { ImagePayload } from '../../batch/chunk.ts';
import { IMAGE_TABLE } from './codec/page-encode.ts';
import { quote, quoteList } from './sql-names.ts';

/** Where an image's rows go. */
export interface ImageTarget {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Of processes that are no more. */
export function removeLeftImages(target: string): void {
  const folder = dirname(target);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(target)}.`)) continue;
    const pid = /^\.(\d+)\.image$/.exec(name.slice(basename(target).length))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

export class AttachedImage {
  readonly #db: Database;
  readonly #schema: string;
  readonly #target: ImageTarget;
  readonly #from: string;
  /** The image's names for the target's columns. */
  readonly #names: readonly string[];
  readonly #verbatim: boolean;
  #rowids: readonly bigint[] | null = null;

  /** Attaches an image under a name that is free; outside of transactions, as SQLite wants it. @throws what SQLite or the file system say */
  constructor(db: Database, schema: string, target: ImageTarget, { bytes, verbatim }: ImagePayload) {
    this.#db = db;
    this.#schema = schema;
    this.#target = target;
    this.#verbatim = verbatim;
    this.#from = `${schema}.${quote(verbatim ? target.table : IMAGE_TABLE)}`;
    this.#names = target.columns.map((name, at) => (verbatim ? quote(name) : `c${at}`));
    const path = `${db.name}.${process.pid}.image`;
    try {
      writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 });
      db.prepare<[string]>(`ATTACH ? AS ${schema}`).run(path);
      // Opened by the first read; what is open can be removed.
      db.exec(`SELECT 1 FROM ${this.#from} LIMIT 1`);
      // Nothing is written to it. Else a commit would be one of two files, for which SQLite puts a third beside them, and a
      // process that is killed leaves that.
      db.pragma(`${schema}.synchronous = OFF`);
    } finally {
      rmSync(path, { force: true });
    }
  }

  /**
   * Inserts all rows; gives how many there were. Of a verbatim image SQLite moves the records as they are ("transfer
   * optimization": two tables of one definition, `SELECT *` and nothing else), four times as fast.
   */
  insertAll(): number {
    const sql = this.#verbatim
      ? `INSERT INTO main.${quote(this.#target.table)} SELECT * FROM ${this.#from}`
      : this.#insertSql();
    return this.#db.prepare<[]>(sql).run().changes;
  }

  /** Inserts one row, counted from 0; to find the one that SQLite refuses. */
  insertRow(row: number): void {
    this.#db.prepare<[bigint]>(`${this.#insertSql()} WHERE rowid = ?`).run(this.#rowid(row));
  }

  /** The named cells of a row as text. */
  cells(row: number, indexes: readonly number[]): (string | null)[] {
    const wanted = indexes.map((index) => `CAST(${this.#names[index]} AS TEXT)`).join(', ');
    const sql = `SELECT ${wanted} FROM ${this.#from} WHERE rowid = ?`;
    return this.#db.prepare<[bigint], (string | null)[]>(sql).raw().get(this.#rowid(row)) ?? [];
  }

  /** Rows are looked for only where one is at fault. */
  #rowid(row: number): bigint {
    const sql = `SELECT rowid FROM ${this.#from} ORDER BY rowid`;
    this.#rowids ??= this.#db.prepare<[], bigint>(sql).pluck().safeIntegers().all();
    return this.#rowids[row];
  }

  detach(): void {
    this.#db.exec(`DETACH ${this.#schema}`);
  }

  #insertSql(): string {
    const { table, columns } = this.#target;
    const into = `main.${quote(table)} (${quoteList(columns)})`;
    return `INSERT INTO ${into} SELECT ${this.#names.join(', ')} FROM ${this.#from}`;
  }
}
