// The end of a blue-green run in SQLite, and the way back: tables change places under their names in one transaction. Engine
// thread.
//
// Views, and foreign keys of other tables, go by names, and so to the new tables by themselves. What a replaced table keeps
// must not be felt any more: its indexes and triggers leave their names, its foreign keys point at tables that were replaced
// with it, or at none.
import Database from 'better-sqlite3';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { NotCarried } from '../../types/schema.ts';
import type { Rollback, Swap, SwappedTable, TableLoad } from '../dialect.ts';
import { missingOld, oldName, oldNameTaken, rowsToUndo, swapOf } from '../swap.ts';
import { freeIndexName } from './ddl.ts';
import { sqliteError } from './errors.ts';
import { builtIndexes, nameTaken, setSequences } from './finish.ts';
import { refuseTakenOver } from './ledger.ts';
import { keepOrigins, moveOrigins } from './origins.ts';
import { sqlOf, withReferences, withSchemaText } from './schema-text.ts';
import { quote } from './sql-names.ts';
import { readSwaps, writeSwaps } from './swap-ledger.ts';

type Connected = Database.Database;

/** What is needed to put a replaced table back. */
interface Note {
  readonly indexes: readonly { readonly from: string; readonly to: string }[];
  /** Its statement before, and since it was replaced. */
  readonly sql: string;
  readonly keptSql: string;
}

/** What takes a name: a table that waits under another, with indexes that get the names they shall have. */
interface Coming {
  readonly name: string;
  readonly from: string | null;
  readonly indexes: readonly { readonly from: string; readonly wanted: string }[];
  /** Of a table that comes back. */
  readonly sql?: string;
}

interface Exchanged extends SwappedTable {
  readonly note: Note | null;
  readonly notCarried: readonly NotCarried[];
}

/** @throws FerrowError E_TABLE_EXISTS where the user has a table under the name that the replaced one will have */
export function checkOldName(db: Connected, { table }: TableLoad): void {
  const old = oldName(table.name);
  if (nameTaken(db, table.name) && nameTaken(db, old) && !isKept(db, old))
    throw oldNameTaken(table.name, old);
}

/** The tables of 'swap' loads, built by finishTable. */
export function swapTables(db: Connected, loads: readonly TableLoad[], runId: string): Swap {
  return inTransaction(db, () => {
    refuseTakenOver(db, runId, loads[0].epoch);
    const swapped = swapOf(readSwaps(db), runId);
    if (swapped) return swapped;
    const exchanged = exchangeAll(
      db,
      loads.map((load) => ({
        name: load.table.name,
        from: load.staging.name,
        indexes: builtIndexes(db, load).map(({ from, index }) => ({ from, wanted: index.name })),
      })),
    );
    remember(db, exchanged, runId, null);
    for (const load of loads) keepOrigins(db, load);
    setSequences(
      db,
      loads.map(({ table }) => table),
    );
    return result(exchanged);
  });
}

/** @throws FerrowError E_NOTHING_TO_ROLL_BACK */
export function rollbackTables(db: Connected, run: string | null, id: string): Rollback {
  return inTransaction(db, () => {
    const rows = rowsToUndo(readSwaps(db), run);
    const coming = rows.map((row, at): Coming => {
      if (row.oldName === null) {
        if (sqlOf(db, 'table', row.name) === null) throw missingOld(row, row.name);
        return { name: row.name, from: null, indexes: [] };
      }
      const { indexes, sql, keptSql } = JSON.parse(row.note) as Note;
      const standing = sqlOf(db, 'table', row.oldName);
      if (standing === null) throw missingOld(row, row.oldName);
      if (standing !== keptSql) throw changedSince(row.name, row.oldName);
      const waiting = `_ferrow_${id.replaceAll('-', '').slice(0, 8)}_${at}`;
      db.exec(`ALTER TABLE ${quote(row.oldName)} RENAME TO ${quote(waiting)}`);
      moveOrigins(db, row.oldName, waiting);
      const there = indexes.filter(({ to }) => sqlOf(db, 'index', to) !== null);
      return {
        name: row.name,
        from: waiting,
        indexes: there.map(({ from, to }) => ({ from: to, wanted: from })),
        sql,
      };
    });
    const exchanged = exchangeAll(db, coming);
    remember(db, exchanged, id, rows[0].runId);
    for (const { name, from } of coming) if (from !== null) moveOrigins(db, from, name);
    return { undone: rows[0].runId, ...result(exchanged) };
  });
}

function exchangeAll(db: Connected, coming: readonly Coming[]): Exchanged[] {
  // Before and after, for all tables: SQLite keeps the whole schema in mind, and reads it anew once.
  const away = coming.map(({ name, from }) => moveAway(db, name, from !== null));
  const triggers = away.flatMap((each) => each.triggers);
  for (const { from, name } of coming)
    if (from !== null) db.exec(`ALTER TABLE ${quote(from)} RENAME TO ${quote(name)}`);
  const exchanged = withSchemaText(db, (schema) => {
    const notes = away.map(({ old, sql, indexes }) => {
      if (old === null || sql === null) return null;
      const renamed = indexes.map((from) => {
        const to = freeIndexName(old, oldName(from), (wanted) => nameTaken(db, wanted));
        schema.renameIndex(from, to);
        return { from, to };
      });
      const keptSql = withReferences(sqlOf(db, 'table', old) ?? '', (table) => oldName(table));
      schema.setTable(old, keptSql);
      return { indexes: renamed, sql, keptSql };
    });
    return coming.map(({ name, from, indexes, sql }, at): Exchanged => {
      const notCarried = nameIndexes(db, schema, name, indexes);
      if (sql !== undefined) schema.setTable(name, sql);
      const { old, droppedOlder } = away[at];
      const place = (table: string) => ({ schema: null, name: table });
      const tables = {
        table: place(name),
        stands: from !== null,
        old: old === null ? null : place(old),
        droppedOlder,
      };
      return { ...tables, note: notes[at], notCarried };
    });
  });
  // On the tables that have the names now.
  for (const sql of triggers) db.exec(sql);
  return exchanged;
}

interface Away {
  readonly old: string | null;
  readonly droppedOlder: boolean;
  readonly sql: string | null;
  readonly indexes: readonly string[];
  /** Their statements. */
  readonly triggers: readonly string[];
}

/** The table that has the name gives it up; its triggers wait for the one that takes it, if one does. */
function moveAway(db: Connected, name: string, isTaken: boolean): Away {
  const sql = sqlOf(db, 'table', name);
  const old = oldName(name);
  const older = nameTaken(db, old) && isKept(db, old);
  if (sql !== null && !older && nameTaken(db, old)) throw oldNameTaken(name, old);
  if (older) db.exec(`DROP TABLE ${quote(old)}`);
  if (sql === null) return { old: null, droppedOlder: older, sql, indexes: [], triggers: [] };
  const parts = db
    .prepare<[string], { type: string; name: string; sql: string | null }>(
      `SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND tbl_name = ? COLLATE NOCASE ORDER BY rowid`,
    )
    .all(name);
  const triggers = parts.filter(({ type }) => isTaken && type === 'trigger');
  for (const trigger of triggers) db.exec(`DROP TRIGGER ${quote(trigger.name)}`);
  db.exec(`ALTER TABLE ${quote(name)} RENAME TO ${quote(old)}`);
  moveOrigins(db, name, old);
  return {
    old,
    droppedOlder: older,
    sql,
    indexes: parts.filter((part) => part.type === 'index' && part.sql !== null).map((part) => part.name),
    triggers: triggers.map((trigger) => trigger.sql ?? ''),
  };
}

function nameIndexes(
  db: Connected,
  schema: Parameters<Parameters<typeof withSchemaText>[1]>[0],
  table: string,
  indexes: Coming['indexes'],
): NotCarried[] {
  const notCarried: NotCarried[] = [];
  for (const { from, wanted } of indexes) {
    const name = freeIndexName(table, wanted, (each) => nameTaken(db, each));
    schema.renameIndex(from, name);
    if (name === wanted) continue;
    const reason = 'SQLite has one index of a name in a database, and this name is taken or its own';
    notCarried.push({ table, object: 'index', name: wanted, reason, instead: `as ${name}` });
  }
  return notCarried;
}

function remember(
  db: Connected,
  exchanged: readonly Exchanged[],
  runId: string,
  undoes: string | null,
): void {
  writeSwaps(
    db,
    exchanged.map(({ table, old, note }) => ({
      runId,
      undoes,
      undoneBy: null,
      schema: null,
      name: table.name,
      oldName: old?.name ?? null,
      note: JSON.stringify(note),
    })),
  );
}

function result(exchanged: readonly Exchanged[]): Swap {
  return {
    tables: exchanged.map(({ note: _, notCarried: __, ...table }) => table),
    notCarried: exchanged.flatMap((each) => each.notCarried),
  };
}

/** Whether a table of this name is one that a swap has kept. */
function isKept(db: Connected, name: string): boolean {
  return readSwaps(db).some((row) => row.oldName?.toLowerCase() === name.toLowerCase());
}

function changedSince(name: string, old: string): FerrowError {
  return new FerrowError(
    'E_NOTHING_TO_ROLL_BACK',
    `"${name}" can't be put back: the definition of "${old}" was changed since it was replaced; nothing was changed`,
    {
      table: name,
      hint: `rename the tables by hand: ALTER TABLE ${quote(old)} RENAME TO …`,
    },
  );
}

/** Tries of COMMIT, each as long as the connection waits for a lock: readers hold it up where there is no log. */
const COMMIT_TRIES = 12;

function inTransaction<T>(db: Connected, work: () => T): T {
  try {
    db.pragma('synchronous = FULL');
    db.exec('BEGIN IMMEDIATE');
    const done = work();
    commitPatiently(db);
    return done;
  } catch (error) {
    throw sqliteError(error, 'ddl');
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK');
  }
}

export function commitPatiently(db: Connected): void {
  for (let tries = 1; ; tries++) {
    try {
      db.exec('COMMIT');
      return;
    } catch (error) {
      const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!busy || tries === COMMIT_TRIES || !db.inTransaction) throw error;
    }
  }
}
