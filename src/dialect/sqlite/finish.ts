// The end of a load: staging tables take their own names, indexes are built, sequences set, foreign keys checked.
// Engine thread. Each table is finished in one transaction.
import Database from 'better-sqlite3';
import { failpoint } from '../../errors/failpoint.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { IndexSchema, NotCarried, TableSchema } from '../../types/schema.ts';
import type { AppendCounts, TableLoad } from '../dialect.ts';
import { brokenChecks } from './checks.ts';
import { createIndex, createTable } from './create-table.ts';
import { freeIndexName } from './ddl.ts';
import { deleteRows } from './delete-rows.ts';
import { rowError, sqliteError } from './errors.ts';
import { recordFinished } from './ledger.ts';
import { keepOrigins } from './origins.ts';
import { quote, quoteList } from './sql-names.ts';
import { rowidOf, waitsBeside } from './staging.ts';
import { upsert } from './upsert.ts';
import { deleteGone, writeWatermark } from './watermarks.ts';

type Connected = Database.Database;

/**
 * Moves the staged rows under the table's own name, or into the live table. A table that is to be swapped stays where it
 * is, whole, its indexes under names of the staging table's. @throws FerrowError
 */
export function finishTable(
  db: Connected,
  load: TableLoad,
): { readonly notCarried: NotCarried[]; readonly counts: AppendCounts | null } {
  const notCarried: NotCarried[] = [];
  let counts: AppendCounts | null = null;
  try {
    db.transaction(() => {
      if (load.mode !== 'append' && waitsBeside(load)) makeWhole(db, load);
      if (load.mode === 'append') counts = appendStaged(db, load);
      else if (load.mode === 'swap') {
        notCarried.push(...buildIndexes(db, load), ...brokenChecks(db, load.table, load.staging.name));
      } else {
        notCarried.push(...takeName(db, load), ...buildIndexes(db, load), ...brokenChecks(db, load.table));
        keepOrigins(db, load);
      }
      recordFinished(db, load);
      writeWatermark(db, load);
      failpoint('table.named');
    }).immediate();
  } catch (error) {
    throw sqliteError(error, load.mode === 'append' ? 'write' : 'ddl', { table: load.table.name });
  }
  return { notCarried, counts };
}

function appendStaged(db: Connected, load: TableLoad): AppendCounts | null {
  const { table, staging, columns, onConflict, deletes } = load;
  let counts: AppendCounts | null = null;
  const names = quoteList(columns.map(({ name }) => name));
  if (columns.length > 0) {
    const source = `SELECT ${names} FROM ${quote(staging.name)} WHERE true ORDER BY ${rowidOf(load)}`;
    const insert = `INSERT INTO ${quote(table.name)} (${names}) ${source}`;
    // The checks of the live table judge the rows; they are off while rows are loaded.
    db.pragma('ignore_check_constraints = OFF');
    try {
      // Before the insert: a row that goes may hold a unique value that another brings.
      const named = deletes === undefined ? 0 : deleteRows(db, table, deletes);
      const deleted = named + deleteGone(db, load);
      if (onConflict) counts = { ...upsert(db, load, onConflict, insert), deleted };
      else {
        const inserted = db.prepare(insert).run().changes;
        if (load.sync) counts = { inserted, updated: 0, skipped: 0, unchanged: 0, deleted };
      }
    } finally {
      db.pragma('ignore_check_constraints = ON');
    }
  }
  db.exec(`DROP TABLE ${quote(staging.name)}`);
  return counts;
}

/** The table as it shall be, under the staging table's name, with the rows that waited there. */
function makeWhole(db: Connected, load: TableLoad): void {
  const { table, staging, columns, parts } = load;
  const waiting = quote(`${staging.name}_rows`);
  const names = quoteList(columns.map(({ name }) => name));
  db.exec(`ALTER TABLE ${quote(staging.name)} RENAME TO ${waiting}`);
  db.exec(createTable(table, staging.name, parts));
  db.pragma('ignore_check_constraints = OFF');
  try {
    // A key declared with ON CONFLICT IGNORE would drop rows without a word.
    db.prepare(
      `INSERT OR ABORT INTO ${quote(staging.name)} (${names}) SELECT ${names} FROM ${waiting} ORDER BY ${rowidOf(load)}`,
    ).run();
  } catch (error) {
    throw rowError(error, table.name);
  } finally {
    db.pragma('ignore_check_constraints = ON');
  }
  db.exec(`DROP TABLE ${waiting}`);
}

function takeName(db: Connected, load: TableLoad): NotCarried[] {
  const { table, staging, mode } = load;
  const lost: NotCarried[] = [];
  if (mode === 'replace') {
    const triggers = db
      .prepare<[string], { name: string; sql: string }>(
        `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE`,
      )
      .all(table.name);
    for (const { name, sql } of triggers) {
      const reason = 'it hung on the table that was replaced';
      lost.push({ table: table.name, object: 'trigger', name, reason, hint: sql });
    }
    db.exec(`DROP TABLE IF EXISTS ${quote(table.name)}`);
  } else if (nameTaken(db, table.name)) {
    throw new FerrowError('E_TABLE_EXISTS', `the target already has "${table.name}"`, { table: table.name });
  }
  db.exec(`ALTER TABLE ${quote(staging.name)} RENAME TO ${quote(table.name)}`);
  return lost;
}

export function nameTaken(db: Connected, name: string): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE').get(name) !== undefined;
}

function buildIndexes(db: Connected, load: TableLoad): NotCarried[] {
  const notCarried: NotCarried[] = [];
  const swapped = load.mode === 'swap';
  const place = swapped ? load.staging.name : load.table.name;
  for (const [at, index] of load.parts.indexes ? load.table.indexes.entries() : []) {
    const name = swapped
      ? builtIndexName(load, at)
      : freeIndexName(load.table.name, index.name, (wanted) => nameTaken(db, wanted));
    if (swapped && nameTaken(db, name)) continue;
    const sql = createIndex(place, index, name);
    try {
      db.exec(sql);
      if (name !== index.name && !swapped) {
        const reason = 'SQLite has one index of a name in a database, and this name is taken or its own';
        notCarried.push({
          table: load.table.name,
          object: 'index',
          name: index.name,
          reason,
          instead: `as ${name}`,
        });
      }
    } catch (error) {
      // A failed statement leaves the transaction as it was.
      const reason = indexFailure(error, load);
      if (reason === null) throw error;
      const hint = createIndex(load.table.name, index);
      notCarried.push({ table: load.table.name, object: 'index', name: index.name, reason, hint });
    }
  }
  return notCarried;
}

const builtIndexName = ({ staging }: TableLoad, at: number): string => `${staging.name}_index_${at}`;

/** The indexes that stand on a table which waits for its swap. */
export function builtIndexes(
  db: Connected,
  load: TableLoad,
): { readonly from: string; readonly index: IndexSchema }[] {
  return load.table.indexes
    .map((index, at) => ({ from: builtIndexName(load, at), index }))
    .filter(({ from }) => nameTaken(db, from));
}

/** null where it ends the load: rows that break an index are left out if they may be. */
function indexFailure(error: unknown, load: TableLoad): string | null {
  if (!(error instanceof Database.SqliteError)) return null;
  if (error.code.startsWith('SQLITE_CONSTRAINT'))
    return waitsBeside(load) ? null : 'rows hold the same values twice';
  return error.code === 'SQLITE_ERROR' ? `SQLite refuses it here: ${error.message}` : null;
}

/** The next number of AUTOINCREMENT columns, never lower than what rows already took. */
export function setSequences(db: Connected, tables: readonly TableSchema[]): void {
  for (const { name, columns } of tables) {
    const next = columns.find(({ identity }) => identity?.kind === 'autoincrement')?.identity?.next;
    if (next === undefined || !/^[0-9]{1,19}$/.test(next)) continue;
    const last = BigInt(next) - 1n;
    if (last < 1n || last > 2n ** 63n - 1n) continue;
    const updated = db
      .prepare('UPDATE sqlite_sequence SET seq = max(coalesce(seq, 0), ?) WHERE name = ? COLLATE NOCASE')
      .run(last, name);
    if (updated.changes === 0)
      db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(name, last);
  }
}

/** Lists declared foreign keys that rows break; they stay declared, since SQLite can hold them so. */
export function checkForeignKeys(db: Connected, table: TableSchema): NotCarried[] {
  const found = (name: string, instead: string, reason: string, hint: string): NotCarried => ({
    table: table.name,
    object: 'foreign key',
    name,
    instead,
    reason,
    hint,
  });
  const check = `PRAGMA foreign_key_check(${quote(table.name)})`;
  try {
    const broken = db
      .prepare<[string], { fkid: number; rows: number }>(
        'SELECT fkid, count(*) AS "rows" FROM pragma_foreign_key_check(?) GROUP BY fkid ORDER BY fkid DESC',
      )
      .all(table.name);
    return broken.map(({ fkid, rows }) => {
      // SQLite numbers foreign keys from the last one on.
      const key = table.foreignKeys[table.foreignKeys.length - 1 - fkid];
      const parent = key?.references.name ?? 'another table';
      return found(
        key?.name ?? `(${key?.columns.join(', ')})`,
        'with violations',
        `${rows} row${rows === 1 ? '' : 's'} find${rows === 1 ? 's' : ''} no parent in "${parent}"`,
        `list them with: ${check}`,
      );
    });
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_ERROR') throw error;
    return [
      found(
        `of "${table.name}"`,
        'unchecked',
        error.message,
        'the columns it references need a PRIMARY KEY or UNIQUE',
      ),
    ];
  }
}
