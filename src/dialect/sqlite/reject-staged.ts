// Staged rows that their table refuses: found by inserting them in ever smaller parts, which is all taken back, and those that
// share a key with another where only one can be meant. Engine thread.
import Database from 'better-sqlite3';
import { failpoint } from '../../errors/failpoint.ts';
import type { FerrowError } from '../../errors/ferrow-error.ts';
import { REJECT_COLUMN_LIST, type RejectedRows, SHOWN_REJECTS_MAX } from '../../types/reject.ts';
import { doubledKey, nullInKey } from '../conflicts.ts';
import type { OnConflict, StagedRejecting, TableLoad } from '../dialect.ts';
import { stagedPlace, stagedReject } from '../stored-rejects.ts';
import { execWithoutRefused } from './checks.ts';
import { createIndex, createTable } from './create-table.ts';
import { isForRow, rowError } from './errors.ts';
import { type Fault, RefusedRows } from './refused-rows.ts';
import { readRejects } from './rejects.ts';
import { literal, quote, quoteList } from './sql-names.ts';
import { rowidOf, waitsBeside } from './staging.ts';
import { comparedKey, onConflict } from './upsert.ts';

type Connected = Database.Database;

/** Where so few are left they are tried one by one: halves would fail again and again. */
const HALVED_ROWS_MIN = 16n;

export function rejectStaged(db: Connected, load: TableLoad, rejecting: StagedRejecting): RejectedRows {
  const { staging, columns } = load;
  const { runId, before } = rejecting;
  const isStaged = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = ?`).get(staging.name) !== undefined;
  if (!waitsBeside(load) || columns.length === 0 || !isStaged) return { rows: 0, first: [] };
  // Outside of the transaction it would be forgotten if something throws.
  db.pragma('ignore_check_constraints = OFF');
  try {
    return db
      .transaction(() => {
        let rows = 0;
        const takeOut = (search: (refused: RefusedRows) => void) => {
          rows += moveRefused(db, load, { ...rejecting, before: before + rows }, search);
        };
        putInOrder(db, load, rejecting);
        takeOut((refused) => refusedByTable(db, load, refused));
        const { onConflict } = load;
        if (onConflict) takeOut((refused) => unclear(db, load, onConflict, refused));
        db.exec(`DROP TABLE ${ORDER}`);
        failpoint('rejects.written');
        const shown = Math.min(rows, SHOWN_REJECTS_MAX);
        return { rows, first: readRejects(db, runId, stagedPlace(load, before), shown) };
      })
      .immediate();
  } finally {
    db.pragma('ignore_check_constraints = ON');
  }
}

/** From the staging table to the rejects, once all are found. @returns how many */
function moveRefused(
  db: Connected,
  load: TableLoad,
  rejecting: StagedRejecting,
  search: (refused: RefusedRows) => void,
): number {
  const { staging } = load;
  const rowid = rowidOf(load);
  const remove = db.prepare<[bigint]>(
    `DELETE FROM ${quote(staging.name)} WHERE ${rowid} = (SELECT _ferrow_place FROM ${ORDER} WHERE _ferrow_number = ?)`,
  );
  const keeping = (column: string | null) =>
    db.prepare<[{ placed: bigint; number: number; code: string; reason: string }]>(
      `INSERT INTO _ferrow_rejects (${REJECT_COLUMN_LIST}) SELECT ${rejectOf(load, rejecting, column)}
       FROM ${ORDER} JOIN ${quote(staging.name)} AS staged ON staged.${rowid} = _ferrow_place WHERE _ferrow_number = @placed`,
    );
  const keep = new Map<string | null, ReturnType<typeof keeping>>();
  const refused = new RefusedRows();
  try {
    search(refused);
    let number = rejecting.before;
    for (const [placed, { column, code, reason }] of refused.all()) {
      const insert = keep.get(column) ?? keeping(column);
      keep.set(column, insert);
      insert.run({ placed, number: ++number, code, reason });
      remove.run(placed);
    }
    return number - rejecting.before;
  } finally {
    refused.close();
  }
}

function rejectOf(load: TableLoad, rejecting: StagedRejecting, column: string | null): string {
  const text = (name: string) => `CAST(staged.${quote(name)} AS TEXT)`;
  const fault = { number: '@number', code: '@code', reason: '@reason' };
  const columns = column === null ? [] : [column];
  return stagedReject(
    load,
    rejecting,
    { ...fault, blamed: columns.map(literal)[0] ?? 'NULL', columns },
    {
      literal,
      text,
      bytes: (name) => `length(CAST(${text(name)} AS BLOB))`,
      cut: (whole, characters) => `substr(${whole}, 1, ${characters})`,
      object: (pairs) => `json_object(${pairs.flat().join(', ')})`,
    },
  );
}

/** Its columns' names are no table's own. */
const ORDER = 'temp._ferrow_order';

/**
 * The order in which rows go in, of which the first of one key stays: by the source's key, then by all they hold. Where they
 * stand is chance, since chunks of several partitions came as they were read.
 */
function putInOrder(db: Connected, load: TableLoad, { key }: StagedRejecting): void {
  const by = quoteList([...new Set([...key, ...load.columns.map(({ name }) => name)])]);
  db.exec(`CREATE TABLE ${ORDER} (_ferrow_number INTEGER PRIMARY KEY, _ferrow_place INTEGER NOT NULL)`);
  db.exec(
    `INSERT INTO ${ORDER} (_ferrow_place) SELECT ${rowidOf(load)} FROM ${quote(load.staging.name)} ORDER BY ${by}`,
  );
}

function refusedByTable(db: Connected, load: TableLoad, refused: RefusedRows): void {
  db.exec('SAVEPOINT ferrow_rejects');
  try {
    searchRefused(db, load, load.mode === 'append' ? load.table.name : makeJudge(db, load), refused);
  } finally {
    db.exec('ROLLBACK TO ferrow_rejects; RELEASE ferrow_rejects');
  }
}

const judgeName = ({ staging }: TableLoad): string => `${staging.name}_judge`;

/** A table like the one that the load makes, without rows, with all that it demands of a row. */
function makeJudge(db: Connected, load: TableLoad): string {
  const { table, parts } = load;
  const judge = judgeName(load);
  execWithoutRefused(db, table, (taken) => createTable(taken, judge, { ...parts, foreignKeys: false }));
  const unique = parts.indexes ? table.indexes.filter((index) => index.unique) : [];
  for (const index of unique) {
    try {
      db.exec(createIndex(judge, index, `${judge}_${index.name}`));
    } catch (error) {
      // The end of the load lists what can't be made.
      if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_ERROR') throw error;
    }
  }
  return judge;
}

function searchRefused(db: Connected, load: TableLoad, judge: string, refused: RefusedRows): void {
  const { table, staging, columns, mode } = load;
  const names = columns.map(({ name }) => name);
  // A key declared with ON CONFLICT IGNORE would drop rows without a word.
  const insert = db.prepare<[bigint, bigint]>(
    `${mode === 'append' ? 'INSERT' : 'INSERT OR ABORT'} INTO ${quote(judge)} (${quoteList(names)})
     SELECT ${names.map((name) => `staged.${quote(name)}`).join(', ')}
     FROM ${ORDER} AS placed CROSS JOIN ${quote(staging.name)} AS staged ON staged.${rowidOf(load)} = placed._ferrow_place
     WHERE placed._ferrow_number BETWEEN ? AND ? ORDER BY placed._ferrow_number ${load.onConflict ? onConflict(load, load.onConflict) : ''}`,
  );
  const tryRows = (from: bigint, to: bigint): void => {
    try {
      insert.run(from, to);
    } catch (error) {
      if (!isForRow(error)) throw rowError(error, table.name);
      if (from === to) refused.add(from, faultOf(load, rowError(error, table.name)));
      else if (to - from < HALVED_ROWS_MIN) for (let row = from; row <= to; row++) tryRows(row, row);
      else {
        const middle = (from + to) / 2n;
        tryRows(from, middle);
        tryRows(middle + 1n, to);
      }
    }
  };
  const last = db
    .prepare<[], bigint | null>(`SELECT max(_ferrow_number) FROM ${ORDER}`)
    .pluck()
    .safeIntegers()
    .get();
  if (last) tryRows(1n, last);
}

/** Rows without a whole key, and of rows with one key all but the first. */
function unclear(db: Connected, load: TableLoad, conflict: OnConflict, refused: RefusedRows): void {
  const nulls = conflict.key.map((name) => `${quote(name)} IS NULL`).join(' OR ');
  const found = db
    .prepare<[], [bigint, bigint]>(
      `SELECT _ferrow_number, lacks FROM (
        SELECT _ferrow_number, ${nulls} AS lacks,
          row_number() OVER (PARTITION BY ${comparedKey(load, conflict)} ORDER BY _ferrow_number) AS turn
        FROM ${ORDER} JOIN ${quote(load.staging.name)} AS staged ON staged.${rowidOf(load)} = _ferrow_place
      ) WHERE lacks OR turn > 1`,
    )
    .raw()
    .safeIntegers();
  const [column] = conflict.key.length === 1 ? conflict.key : [undefined];
  const [lacking, doubled] = [nullInKey(load, conflict), doubledKey(load, conflict, null)].map((error) =>
    faultOf(load, error.at({ column })),
  );
  for (const [number, lacks] of found.iterate()) refused.add(number, lacks ? lacking : doubled);
}

function faultOf(load: TableLoad, { place, code, message }: FerrowError): Fault {
  // Not every column of the table is one that rows bring.
  const column = load.columns.find(({ name }) => name === place.column)?.name ?? null;
  // SQLite names an index of expressions as it is called on the table that judged.
  const named = message.replaceAll(`${judgeName(load)}_`, '');
  return { column, code, reason: named.replace(/^table "[^"]*"(, column "[^"]*")?: /, '') };
}
