// Where the tables of sources stand, kept beside the ledger and moved on in the transaction of the rows. Engine thread.
import type { Database } from 'better-sqlite3';
import type { TableLoad, Watermark } from '../dialect.ts';
import { recordFinished } from './ledger.ts';
import { quote } from './sql-names.ts';
import { sameKey } from './upsert.ts';

const TABLE = `CREATE TABLE IF NOT EXISTS _ferrow_watermarks (
  source TEXT NOT NULL, source_table TEXT NOT NULL, target_table TEXT NOT NULL, scope TEXT NOT NULL, value TEXT,
  history TEXT NOT NULL, run_id TEXT NOT NULL, written_at TEXT NOT NULL, PRIMARY KEY (source, source_table, target_table)
) WITHOUT ROWID`;

export function readWatermarks(db: Database, source: string): Watermark[] {
  if (!db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = '_ferrow_watermarks'`).get()) return [];
  return db
    .prepare<[string], Watermark>(
      `SELECT source, source_table AS sourceTable, target_table AS targetTable, scope, value, history,
        run_id AS runId, written_at AS at FROM _ferrow_watermarks WHERE source = ?`,
    )
    .all(source);
}

/** In the transaction of the rows. */
export function writeWatermark(db: Database, { sync }: TableLoad): void {
  if (!sync) return;
  db.exec(TABLE);
  db.prepare(
    `INSERT OR REPLACE INTO _ferrow_watermarks (source, source_table, target_table, scope, value, history, run_id, written_at)
    VALUES (@source, @sourceTable, @targetTable, @scope, @value, @history, @runId, @at)`,
  ).run(sync.watermark);
}

/** Rows of the live table whose key is not among those that the source has. @returns how many there were */
export function deleteGone(db: Database, { runId, table, sync }: TableLoad): number {
  if (!sync?.keys) return 0;
  const { id, staging, columns } = sync.keys;
  // SQLite finds a key among many only by an index.
  const index = quote(`${staging.name}_key`);
  db.exec(`CREATE INDEX ${index} ON ${quote(staging.name)} (${indexed(table, columns)})`);
  const { changes } = db
    .prepare(
      `DELETE FROM ${quote(table.name)} AS live WHERE NOT EXISTS (SELECT 1 FROM ${quote(staging.name)} AS staged WHERE ${sameKey(columns)})`,
    )
    .run();
  db.exec(`DROP TABLE ${quote(staging.name)}`);
  recordFinished(db, { runId, id });
  return changes;
}

/** By the collation by which they are compared. */
function indexed(table: TableLoad['table'], columns: readonly string[]): string {
  return columns
    .map((name) => {
      const collation = table.columns.find((column) => column.name === name)?.collation;
      return collation ? `${quote(name)} COLLATE ${quote(collation)}` : quote(name);
    })
    .join(', ');
}
