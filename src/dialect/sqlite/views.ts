// Makes views in a SQLite target, each by itself: one that SQLite refuses is left out, with its reason. Engine thread.
import Database from 'better-sqlite3';
import type { NotCarried } from '../../types/schema.ts';
import type { ViewLoad } from '../dialect.ts';
import { quote } from './sql-names.ts';

type Connected = Database.Database;

/** In the order given. `replace` drops views of the same names first. @throws whatever is no refusal of the view */
export function makeViews(db: Connected, views: readonly ViewLoad[], replace: boolean): NotCarried[] {
  const notCarried: NotCarried[] = [];
  db.transaction(() => {
    if (replace) for (const { name } of views) notCarried.push(...dropView(db, name.name));
    for (const view of views) {
      const reason = makeView(db, view);
      if (reason === null) continue;
      const hint = view.statements.join(';\n');
      notCarried.push({ table: null, object: 'view', name: view.name.name, reason, hint });
    }
  }).immediate();
  return notCarried;
}

/** The triggers that went with it. */
function dropView(db: Connected, name: string): NotCarried[] {
  const isView = db
    .prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'view' AND name = ? COLLATE NOCASE`)
    .get(name);
  if (isView === undefined) return [];
  const triggers = db
    .prepare<[string], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE`,
    )
    .all(name);
  db.exec(`DROP VIEW ${quote(name)}`);
  return triggers.map(({ name: trigger, sql }) => ({
    table: name,
    object: 'trigger',
    name: trigger,
    reason: 'it hung on the view that was replaced',
    hint: sql,
  }));
}

/** Null if it stands; else why not. SQLite takes a view whose tables are missing, so it is tried. */
function makeView(db: Connected, { name, statements }: ViewLoad): string | null {
  db.exec('SAVEPOINT ferrow_view');
  try {
    for (const statement of statements) db.exec(statement);
    db.prepare(`SELECT * FROM ${quote(name.name)} LIMIT 0`).all();
    db.exec('RELEASE ferrow_view');
    return null;
  } catch (error) {
    db.exec('ROLLBACK TO ferrow_view');
    db.exec('RELEASE ferrow_view');
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_ERROR') throw error;
    return `SQLite refuses it here: ${error.message}`;
  }
}
