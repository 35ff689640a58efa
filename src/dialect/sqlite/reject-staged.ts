// Staged rows that a live table refuses: found by inserting them in ever smaller parts, which is all taken back. Engine thread.
import type { Database } from 'better-sqlite3';
import type { FerrowError } from '../../errors/ferrow-error.ts';
import { type Reject, rejectCells } from '../../types/reject.ts';
import type { StagedRejecting, TableLoad } from '../dialect.ts';
import { type RefusedRow, STAGED_VALUE_CHARS_MAX, stagedRejects } from '../stored-rejects.ts';
import { sqliteError } from './errors.ts';
import { cellInserter } from './rejects.ts';
import { quote, quoteList } from './sql-names.ts';
import { onConflict } from './upsert.ts';

export function rejectStaged(db: Database, load: TableLoad, rejecting: StagedRejecting): Reject[] {
  const { staging, mode } = load;
  const isStaged = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = ?`).get(staging.name) !== undefined;
  if (mode !== 'append' || load.columns.length === 0 || !isStaged) return [];
  // Outside of the transaction it would be forgotten if something throws.
  db.pragma('ignore_check_constraints = OFF');
  try {
    return db
      .transaction(() => {
        const refused = findRefused(db, load);
        if (refused.size === 0) return [];
        const rows = [...refused].map(([rowid, error]) => describe(db, load, rejecting, rowid, error));
        const remove = db.prepare<[bigint]>(`DELETE FROM ${quote(staging.name)} WHERE rowid = ?`);
        for (const rowid of refused.keys()) remove.run(rowid);
        const rejects = stagedRejects(load, rejecting, rows);
        const insert = cellInserter(db);
        for (const reject of rejects) insert(rejectCells(reject));
        return rejects;
      })
      .immediate();
  } finally {
    db.pragma('ignore_check_constraints = ON');
  }
}

/** By the row's number in the staging table. */
function findRefused(db: Database, load: TableLoad): Map<bigint, FerrowError> {
  const { table, staging, columns } = load;
  const names = quoteList(columns.map(({ name }) => name));
  const insert = db.prepare<[bigint, bigint]>(
    `INSERT INTO ${quote(table.name)} (${names}) SELECT ${names} FROM ${quote(staging.name)}
     WHERE rowid BETWEEN ? AND ? ORDER BY rowid ${load.onConflict ? onConflict(load, load.onConflict) : ''}`,
  );
  const refused = new Map<bigint, FerrowError>();
  const tryRows = (from: bigint, to: bigint): void => {
    try {
      insert.run(from, to);
    } catch (error) {
      const failure = sqliteError(error, 'write', { table: table.name });
      if (failure.code !== 'E_CONSTRAINT') throw failure;
      if (from === to) refused.set(from, failure);
      else {
        const middle = (from + to) / 2n;
        tryRows(from, middle);
        tryRows(middle + 1n, to);
      }
    }
  };
  const [first, last] = db
    .prepare<[], [bigint | null, bigint | null]>(`SELECT min(rowid), max(rowid) FROM ${quote(staging.name)}`)
    .raw()
    .safeIntegers()
    .get() ?? [null, null];
  if (first === null || last === null) return refused;
  db.exec('SAVEPOINT ferrow_rejects');
  try {
    tryRows(first, last);
  } finally {
    db.exec('ROLLBACK TO ferrow_rejects; RELEASE ferrow_rejects');
  }
  return refused;
}

function describe(
  db: Database,
  { staging }: TableLoad,
  { key }: StagedRejecting,
  rowid: bigint,
  error: FerrowError,
): RefusedRow {
  const { column = null } = error.place;
  const wanted = [...key, ...(column === null ? [] : [column])];
  const texts = wanted.map((name) => `substr(CAST(${quote(name)} AS TEXT), 1, ${STAGED_VALUE_CHARS_MAX})`);
  const found =
    texts.length === 0
      ? []
      : (db
          .prepare<[bigint], (string | null)[]>(
            `SELECT ${texts.join(', ')} FROM ${quote(staging.name)} WHERE rowid = ?`,
          )
          .raw()
          .get(rowid) ?? []);
  const value = column === null ? null : (found[key.length] ?? null);
  const reason = error.message.replace(/^table "[^"]*"(, column "[^"]*")?: /, '');
  return { column, code: error.code, reason, key: found.slice(0, key.length), value };
}
