// Ferrow's own tables in a SQLite target: runs, the chunks that are committed, what columns were before. Engine thread.
import type { Database } from 'better-sqlite3';
import type { LedgerEntry, RunRecord } from '../dialect.ts';

import { COLUMNS } from './origins.ts';
import type { ChunkRecord } from './write-group.ts';

const RUNS = `CREATE TABLE IF NOT EXISTS _ferrow_runs (
  run_id TEXT PRIMARY KEY NOT NULL, epoch INTEGER NOT NULL, state TEXT NOT NULL, plan_hash TEXT NOT NULL,
  source TEXT NOT NULL, target TEXT NOT NULL, snapshot_id TEXT, started_at TEXT NOT NULL, ended_at TEXT,
  version TEXT NOT NULL
) WITHOUT ROWID`;

const CHUNKS = `CREATE TABLE IF NOT EXISTS _ferrow_chunks (
  run_id TEXT NOT NULL, table_id TEXT NOT NULL, partition_id TEXT NOT NULL, seq INTEGER NOT NULL,
  epoch INTEGER NOT NULL, attempt INTEGER NOT NULL, "rows" INTEGER NOT NULL, bytes INTEGER NOT NULL,
  committed_at TEXT NOT NULL, PRIMARY KEY (run_id, table_id, partition_id, seq)
) WITHOUT ROWID`;

export class Ledger {
  readonly #db: Database;
  /** The tables were not there before this connection. */
  #made = false;

  constructor(db: Database) {
    this.#db = db;
  }

  begin(run: RunRecord): void {
    this.#made ||=
      this.#db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = '_ferrow_runs'`).get() === undefined;
    this.#db.transaction(() => {
      this.#db.exec(RUNS);
      this.#db.exec(CHUNKS);
      this.#db.exec(COLUMNS);
      this.#db
        .prepare(
          `INSERT OR REPLACE INTO _ferrow_runs
             (run_id, epoch, state, plan_hash, source, target, snapshot_id, started_at, version)
           VALUES (@runId, @epoch, @state, @planHash, @source, @target, @snapshotId, @startedAt, @version)`,
        )
        .run({ ...run, epoch: BigInt(run.epoch) });
    })();
  }

  end(runId: string, state: RunRecord['state']): void {
    this.#db
      .prepare('UPDATE _ferrow_runs SET state = ?, ended_at = ? WHERE run_id = ?')
      .run(state, new Date().toISOString(), runId);
  }

  /** Makes records of chunks; @throws if the tables are not there. */
  recorder(): (entry: LedgerEntry) => ChunkRecord {
    const insert = this.#db.prepare(
      `INSERT INTO _ferrow_chunks
         (run_id, table_id, partition_id, seq, epoch, attempt, "rows", bytes, committed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const find = this.#db.prepare(
      'SELECT 1 FROM _ferrow_chunks WHERE run_id = ? AND table_id = ? AND partition_id = ? AND seq = ?',
    );
    return ({ runId, tableId, partitionId, seq, epoch, attempt, rows, bytes }) => ({
      isDone: () => find.get(runId, tableId, partitionId, BigInt(seq)) !== undefined,
      record: () => {
        const numbers = [seq, epoch, attempt, rows, bytes].map(BigInt);
        insert.run(runId, tableId, partitionId, ...numbers, new Date().toISOString());
      },
    });
  }

  /** Takes the tables away again, if they were made by this connection. */
  removeIfMade(): void {
    if (!this.#made) return;
    for (const table of ['_ferrow_chunks', '_ferrow_runs', '_ferrow_columns']) {
      this.#db.exec(`DROP TABLE IF EXISTS ${table}`);
    }
  }
}
