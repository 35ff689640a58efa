// Staged rows that their table refuses: found by inserting them in ever smaller parts, which is all taken back, and those that
// share a key with another where only one can be meant. Engine thread.
import Database from 'better-sqlite3';
import { failpoint } from '../../errors/failpoint.ts';
import type { FerrowError } from '../../errors/ferrow-error.ts';
import { type Reject, rejectCells } from '../../types/reject.ts';
import { doubledKey, nullInKey } from '../conflicts.ts';
import type { OnConflict, StagedRejecting, TableLoad } from '../dialect.ts';
import { type RefusedRow, STAGED_VALUE_CHARS_MAX, stagedRejects } from '../stored-rejects.ts';
import { execWithoutRefused } from './checks.ts';
import { createIndex, createTable } from './create-table.ts';
import { isForRow, rowError } from './errors.ts';
import { cellInserter } from './rejects.ts';
import { quote, quoteList } from './sql-names.ts';
import { rowidOf, waitsBeside } from './staging.ts';
import { comparedKey, onConflict } from './upsert.ts';

type Connected = Database.Database;

/** What of an error is kept: there may be very many. */
type Fault = Pick<RefusedRow, 'column' | 'code' | 'reason'>;

/** By the row's number in the staging table. */
type Refused = Map<bigint, Fault>;

/** Where so few are left they are tried one by one: halves would fail again and again. */
const HALVED_ROWS_MIN = 16n;

export function rejectStaged(db: Connected, load: TableLoad, rejecting: StagedRejecting): Reject[] {
  const { staging, columns } = load;
  const isStaged = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = ?`).get(staging.name) !== undefined;
  if (!waitsBeside(load) || columns.length === 0 || !isStaged) return [];
  // Outside of the transaction it would be forgotten if something throws.
  db.pragma('ignore_check_constraints = OFF');
  try {
    return db
      .transaction(() => {
        const rows: RefusedRow[] = [];
        const remove = db.prepare<[bigint]>(`DELETE FROM ${quote(staging.name)} WHERE ${rowidOf(load)} = ?`);
        const describe = describer(db, load, rejecting);
        const takeOut = (refused: Refused) => {
          for (const [rowid, fault] of refused) {
            rows.push(describe(rowid, fault));
            remove.run(rowid);
          }
        };
        putInOrder(db, load, rejecting);
        takeOut(refusedByTable(db, load));
        if (load.onConflict) takeOut(unclear(db, load, load.onConflict));
        db.exec(`DROP TABLE ${ORDER}`);
        const rejects = stagedRejects(load, rejecting, rows);
        const insert = cellInserter(db);
        for (const reject of rejects) insert(rejectCells(reject));
        failpoint('rejects.written');
        return rejects;
      })
      .immediate();
  } finally {
    db.pragma('ignore_check_constraints = ON');
  }
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

function refusedByTable(db: Connected, load: TableLoad): Refused {
  db.exec('SAVEPOINT ferrow_rejects');
  try {
    return searchRefused(db, load, load.mode === 'append' ? load.table.name : makeJudge(db, load));
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

function searchRefused(db: Connected, load: TableLoad, judge: string): Refused {
  const { table, staging, columns, mode } = load;
  const names = columns.map(({ name }) => name);
  // A key declared with ON CONFLICT IGNORE would drop rows without a word.
  const insert = db.prepare<[bigint, bigint]>(
    `${mode === 'append' ? 'INSERT' : 'INSERT OR ABORT'} INTO ${quote(judge)} (${quoteList(names)})
     SELECT ${names.map((name) => `staged.${quote(name)}`).join(', ')}
     FROM ${ORDER} AS placed CROSS JOIN ${quote(staging.name)} AS staged ON staged.${rowidOf(load)} = placed._ferrow_place
     WHERE placed._ferrow_number BETWEEN ? AND ? ORDER BY placed._ferrow_number ${load.onConflict ? onConflict(load, load.onConflict) : ''}`,
  );
  const placeOf = db
    .prepare<[bigint], bigint>(`SELECT _ferrow_place FROM ${ORDER} WHERE _ferrow_number = ?`)
    .pluck();
  placeOf.safeIntegers();
  const refused: Refused = new Map();
  const tryRows = (from: bigint, to: bigint): void => {
    try {
      insert.run(from, to);
    } catch (error) {
      if (!isForRow(error)) throw rowError(error, table.name);
      if (from === to) refused.set(placeOf.get(from) as bigint, faultOf(load, rowError(error, table.name)));
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
  return refused;
}

/** Rows without a whole key, and of rows with one key all but the first. */
function unclear(db: Connected, load: TableLoad, conflict: OnConflict): Refused {
  const nulls = conflict.key.map((name) => `${quote(name)} IS NULL`).join(' OR ');
  const found = db
    .prepare<[], [bigint, bigint]>(
      `SELECT _ferrow_place, lacks FROM (
        SELECT _ferrow_number, _ferrow_place, ${nulls} AS lacks,
          row_number() OVER (PARTITION BY ${comparedKey(load, conflict)} ORDER BY _ferrow_number) AS turn
        FROM ${ORDER} JOIN ${quote(load.staging.name)} AS staged ON staged.${rowidOf(load)} = _ferrow_place
      ) WHERE lacks OR turn > 1 ORDER BY _ferrow_number`,
    )
    .raw()
    .safeIntegers()
    .all();
  const [column] = conflict.key.length === 1 ? conflict.key : [undefined];
  const [lacking, doubled] = [nullInKey(load, conflict), doubledKey(load, conflict, null)];
  return new Map(
    found.map(([place, lacks]) => [place, faultOf(load, (lacks ? lacking : doubled).at({ column }))]),
  );
}

function faultOf(load: TableLoad, { place, code, message }: FerrowError): Fault {
  // Not every column of the table is one that rows bring.
  const column = load.columns.find(({ name }) => name === place.column)?.name ?? null;
  // SQLite names an index of expressions as it is called on the table that judged.
  const named = message.replaceAll(`${judgeName(load)}_`, '');
  return { column, code, reason: named.replace(/^table "[^"]*"(, column "[^"]*")?: /, '') };
}

function describer(
  db: Connected,
  load: TableLoad,
  { key }: StagedRejecting,
): (rowid: bigint, fault: Fault) => RefusedRow {
  const text = (name: string) => `substr(CAST(${quote(name)} AS TEXT), 1, ${STAGED_VALUE_CHARS_MAX})`;
  const reader = (column: string | null) =>
    db
      .prepare<[bigint], (string | null)[]>(
        `SELECT ${[...key.map(text), column === null ? 'NULL' : text(column)].join(', ')}
         FROM ${quote(load.staging.name)} WHERE ${rowidOf(load)} = ?`,
      )
      .raw();
  const readers = new Map<string | null, ReturnType<typeof reader>>();
  return (rowid, fault) => {
    const read = readers.get(fault.column) ?? reader(fault.column);
    readers.set(fault.column, read);
    const found = read.get(rowid) ?? [];
    return { ...fault, key: found.slice(0, key.length), value: found[key.length] ?? null };
  };
}
