// What swaps a SQLite target remembers: `_ferrow_swaps`, written in the transaction of the swap. Engine thread.
import type { Database } from 'better-sqlite3';
import type { StoredSwap, SwapRow } from '../dialect.ts';

const SWAPS = `CREATE TABLE IF NOT EXISTS _ferrow_swaps (
  number INTEGER PRIMARY KEY, run_id TEXT NOT NULL, undoes TEXT, undone_by TEXT, table_name TEXT NOT NULL, old_name TEXT,
  note TEXT NOT NULL, swapped_at TEXT NOT NULL
)`;

/** In the order in which they were written; none where there is no table of them. */
export function readSwaps(db: Database): StoredSwap[] {
  if (db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = '_ferrow_swaps'`).get() === undefined) return [];
  return db
    .prepare<[], StoredSwap>(
      `SELECT run_id AS runId, undoes, undone_by AS undoneBy, NULL AS schema, table_name AS name, old_name AS oldName, note,
        swapped_at AS at
       FROM _ferrow_swaps ORDER BY number`,
    )
    .all();
}

/** In the transaction of the swap. */
export function writeSwaps(db: Database, swaps: readonly SwapRow[]): void {
  db.exec(SWAPS);
  const insert = db.prepare(
    'INSERT INTO _ferrow_swaps (run_id, undoes, table_name, old_name, note, swapped_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const undo = db.prepare('UPDATE _ferrow_swaps SET undone_by = ? WHERE run_id = ?');
  for (const { runId, undoes, name, oldName, note } of swaps) {
    insert.run(runId, undoes, name, oldName, note, new Date().toISOString());
    if (undoes !== null) undo.run(runId, undoes);
  }
}
