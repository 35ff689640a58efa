// Rows that the target could not hold, kept beside the ledger. Engine thread.
import type { Database } from 'better-sqlite3';
import {
  REJECT_COLUMN_LIST,
  type RejectedRows,
  type RejectedTable,
  type RejectPlace,
  type RunRejects,
  rejectCells,
  rejectOf,
  runsOf,
  type StoredReject,
} from '../../types/reject.ts';
import { type FailedTables, printPage, type RejectPage } from '../../types/reject-line.ts';
import type { LedgerEntry, RejectStore, StagedRejecting, TableLoad } from '../dialect.ts';
import { storedRejects, TRIED_BY } from '../stored-rejects.ts';
import { rejectStaged } from './reject-staged.ts';
import { TargetReads } from './target-reads.ts';

export const REJECTS = `CREATE TABLE IF NOT EXISTS _ferrow_rejects (
  run_id TEXT NOT NULL, table_id TEXT NOT NULL, partition_id TEXT NOT NULL, seq INTEGER NOT NULL,
  row_number INTEGER NOT NULL, table_name TEXT NOT NULL, row_key TEXT, column_name TEXT, code TEXT NOT NULL,
  reason TEXT NOT NULL, value TEXT, encoding TEXT NOT NULL, value_bytes INTEGER NOT NULL, also TEXT NOT NULL,
  PRIMARY KEY (run_id, table_id, partition_id, seq, row_number)
) WITHOUT ROWID`;

/** Writes those of a chunk; part of its transaction. */
export function rejectRecorder(db: Database): (entry: LedgerEntry) => void {
  const places = REJECT_COLUMN_LIST.replaceAll(/\w+/g, '@$&');
  const insert = db.prepare(`INSERT INTO _ferrow_rejects (${REJECT_COLUMN_LIST}) VALUES (${places})`);
  return (entry) => {
    for (const reject of storedRejects(entry)) insert.run(rejectCells(reject));
  };
}

function areThere(db: Database): boolean {
  return db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = '_ferrow_rejects'`).get() !== undefined;
}

export function readRejects(
  db: Database,
  runId: string,
  after: RejectPlace | null,
  limit: number,
): StoredReject[] {
  if (!areThere(db)) return [];
  const behind = after === null ? '' : 'AND (table_id, partition_id, seq, row_number) > (?, ?, ?, ?)';
  const place = after === null ? [] : [after.tableId, after.partitionId, after.seq, after.row];
  return db
    .prepare<unknown[], Record<string, unknown>>(
      `SELECT ${REJECT_COLUMN_LIST} FROM _ferrow_rejects WHERE run_id = ? ${behind}
       ORDER BY table_id, partition_id, seq, row_number LIMIT ?`,
    )
    .all(runId, ...place, limit)
    .map(rejectOf);
}

function rejectedRuns(db: Database): RunRejects[] {
  if (!areThere(db)) return [];
  const rows = db
    .prepare<[], Record<string, unknown>>(
      `SELECT r.run_id, r.started_at, r.source, j.table_id, j.table_name, count(*) AS "rows"
       FROM _ferrow_rejects j JOIN _ferrow_runs r USING (run_id)
         JOIN _ferrow_tables t ON t.run_id = j.run_id AND t.table_id = j.table_id AND t.state = 'finished'
       GROUP BY r.run_id, r.started_at, r.source, j.table_id, j.table_name ORDER BY r.started_at DESC, r.run_id, j.table_id`,
    )
    .all();
  return runsOf(rows);
}

function removeRejects(db: Database, runId: string, places: readonly RejectPlace[]): void {
  if (!areThere(db)) return;
  const remove = db.prepare<unknown[]>(
    `DELETE FROM _ferrow_rejects
     WHERE run_id = ? AND table_id = ? AND partition_id = ? AND seq = ? AND row_number = ?`,
  );
  db.transaction(() => {
    for (const { tableId, partitionId, seq, row } of places)
      remove.run(runId, tableId, partitionId, seq, row);
  }).immediate();
}

function handOverRejects(db: Database, from: string, to: string, tables: readonly RejectedTable[]): void {
  const give = db.prepare<[Record<string, string>]>(
    `UPDATE _ferrow_rejects SET run_id = @to, table_id = @id, partition_id = partition_id || '${TRIED_BY}' || substr(@from, 1, 8)
     WHERE run_id = @from AND table_name = @name
       AND table_id IN (SELECT table_id FROM _ferrow_tables WHERE run_id = @from AND state = 'finished')`,
  );
  db.transaction(() => {
    for (const { tableId: id, table: name } of tables) give.run({ from, to, id, name });
  }).immediate();
}

function emptyRejects(db: Database, runId: string): void {
  if (!areThere(db)) return;
  db.prepare('UPDATE _ferrow_rejects SET value = NULL WHERE run_id = ? AND value IS NOT NULL').run(runId);
}

/** A target as the keeper of rejects. */
export abstract class RejectKeeper extends TargetReads implements RejectStore {
  async readRejects(runId: string, after: RejectPlace | null, limit: number): Promise<StoredReject[]> {
    return this.guard('read', {}, () => readRejects(this.connection.db, runId, after, limit));
  }

  async printRejects(
    runId: string,
    after: RejectPlace | null,
    limit: number,
    failed: FailedTables,
  ): Promise<RejectPage> {
    return printPage(await this.readRejects(runId, after, limit), limit, failed);
  }

  async rejectedRuns(): Promise<RunRejects[]> {
    return this.guard('read', {}, () => rejectedRuns(this.connection.db));
  }

  async removeRejects(runId: string, places: readonly RejectPlace[]): Promise<void> {
    this.guard('write', {}, () => removeRejects(this.connection.db, runId, places));
  }

  async handOverRejects(from: string, to: string, tables: readonly RejectedTable[]): Promise<void> {
    this.guard('write', {}, () => handOverRejects(this.connection.db, from, to, tables));
  }

  async emptyRejects(runId: string): Promise<void> {
    this.guard('write', {}, () => emptyRejects(this.connection.db, runId));
  }

  async rejectStaged(load: TableLoad, rejecting: StagedRejecting): Promise<RejectedRows> {
    return this.guard('write', {}, () => rejectStaged(this.connection.db, load, rejecting));
  }
}
