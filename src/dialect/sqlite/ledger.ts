// Ferrow's own tables in a SQLite target: runs, the chunks that are committed, what columns were before. Engine thread.
import type { Database } from 'better-sqlite3';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type {
  LedgerChunk,
  LedgerEntry,
  LedgerRun,
  LedgerTable,
  RunRecord,
  RunState,
  TableLoad,
} from '../dialect.ts';
import { COLUMNS } from './origins.ts';
import { REJECTS, rejectRecorder } from './rejects.ts';
import { isAnotherAlive, thisProcess } from './run-owner.ts';
import { quote } from './sql-names.ts';
import { readSwaps } from './swap-ledger.ts';
import type { ChunkRecord } from './write-group.ts';

const RUNS = `CREATE TABLE IF NOT EXISTS _ferrow_runs (
  run_id TEXT PRIMARY KEY NOT NULL, epoch INTEGER NOT NULL, state TEXT NOT NULL, plan_hash TEXT NOT NULL,
  source TEXT NOT NULL, target TEXT NOT NULL, snapshot_id TEXT, started_at TEXT NOT NULL, ended_at TEXT,
  version TEXT NOT NULL, document TEXT NOT NULL DEFAULT '', owner TEXT
) WITHOUT ROWID`;

const CHUNKS = `CREATE TABLE IF NOT EXISTS _ferrow_chunks (
  run_id TEXT NOT NULL, table_id TEXT NOT NULL, partition_id TEXT NOT NULL, seq INTEGER NOT NULL,
  epoch INTEGER NOT NULL, attempt INTEGER NOT NULL, "rows" INTEGER NOT NULL, bytes INTEGER NOT NULL,
  committed_at TEXT NOT NULL, is_end INTEGER NOT NULL DEFAULT 0, note TEXT,
  PRIMARY KEY (run_id, table_id, partition_id, seq)
) WITHOUT ROWID`;

const TABLES = `CREATE TABLE IF NOT EXISTS _ferrow_tables (
  run_id TEXT NOT NULL, table_id TEXT NOT NULL, table_name TEXT NOT NULL, staging_name TEXT NOT NULL,
  state TEXT NOT NULL, PRIMARY KEY (run_id, table_id)
) WITHOUT ROWID`;

/** Ledgers of version 0.1.0 lack these, and _ferrow_tables. */
const ADDED = [
  `ALTER TABLE _ferrow_runs ADD COLUMN document TEXT NOT NULL DEFAULT ''`,
  'ALTER TABLE _ferrow_runs ADD COLUMN owner TEXT',
  'ALTER TABLE _ferrow_chunks ADD COLUMN is_end INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE _ferrow_chunks ADD COLUMN note TEXT',
];

export class Ledger {
  readonly #db: Database;
  /** The tables were not there before this connection. */
  #made = false;

  constructor(db: Database) {
    this.#db = db;
  }

  begin(run: RunRecord): void {
    const isOld = this.#isThere('_ferrow_runs') && !this.#isThere('_ferrow_tables');
    this.#made ||= !this.#isThere('_ferrow_runs');
    this.#db.transaction(() => {
      for (const table of [RUNS, CHUNKS, COLUMNS, TABLES, REJECTS]) this.#db.exec(table);
      if (isOld) for (const column of ADDED) this.#db.exec(column);
      this.#db
        .prepare(
          `INSERT INTO _ferrow_runs
             (run_id, epoch, state, plan_hash, source, target, snapshot_id, started_at, version, document, owner)
           VALUES (@runId, @epoch, @state, @planHash, @source, @target, @snapshotId, @startedAt, @version, @document,
             @owner)
           ON CONFLICT (run_id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state,
             plan_hash = excluded.plan_hash, document = excluded.document, owner = excluded.owner,
             ended_at = NULL`,
        )
        .run({ ...run, epoch: BigInt(run.epoch), document: run.document ?? '', owner: thisProcess() });
    })();
  }

  #isThere(table: string): boolean {
    return this.#db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined;
  }

  /** Enters tables whose staging tables are being made, in their transaction. */
  prepare(loads: readonly TableLoad[]): void {
    const insert = this.#db.prepare(
      `INSERT OR REPLACE INTO _ferrow_tables (run_id, table_id, table_name, staging_name, state)
       VALUES (?, ?, ?, ?, 'loading')`,
    );
    for (const { runId, id, table, staging } of loads) insert.run(runId, id, table.name, staging.name);
  }

  /**
   * In the transaction in which their staging tables are dropped. A table that stands under its own name is left alone; one that was
   * built for a swap stands when that has been.
   */
  forgetLoads(loads: readonly TableLoad[]): void {
    const stands = this.#db.prepare(
      `SELECT 1 FROM _ferrow_tables WHERE run_id = ? AND table_id = ? AND state = 'finished'`,
    );
    const swaps = new Set(readSwaps(this.#db).map(({ runId }) => runId));
    for (const { runId, id, mode } of loads) {
      if (stands.get(runId, id) && (mode !== 'swap' || swaps.has(runId))) continue;
      this.#db.prepare('DELETE FROM _ferrow_rejects WHERE run_id = ? AND table_id = ?').run(runId, id);
      this.dropLoad({ runId, id });
    }
  }

  /** It has no chunk any more; its rejects stay. */
  dropLoad({ runId, id }: Pick<TableLoad, 'runId' | 'id'>): void {
    for (const sql of ['DELETE FROM _ferrow_chunks', `UPDATE _ferrow_tables SET state = 'dropped'`])
      this.#db.prepare(`${sql} WHERE run_id = ? AND table_id = ?`).run(runId, id);
  }

  /** The last one first. A ledger of an earlier version, which can't carry runs on, counts as none. */
  runs(): LedgerRun[] {
    if (!this.#isThere('_ferrow_tables')) return [];
    const tables = this.#db
      .prepare<[], { run: string; id: string; name: string; staging: string; state: LedgerTable['state'] }>(
        `SELECT run_id AS run, table_id AS id, table_name AS name, staging_name AS staging, state
         FROM _ferrow_tables ORDER BY table_id`,
      )
      .all();
    return this.#db
      .prepare<
        [],
        Omit<LedgerRun, 'tables' | 'epoch' | 'rows'> & {
          epoch: bigint;
          rows: bigint;
          owner: string | null;
        }
      >(
        `SELECT run_id AS runId, epoch, state, plan_hash AS planHash, source, target, snapshot_id AS snapshotId,
           started_at AS startedAt, ended_at AS endedAt, version, owner,
           (SELECT coalesce(sum("rows"), 0) FROM _ferrow_chunks c WHERE c.run_id = r.run_id) AS "rows"
         FROM _ferrow_runs r ORDER BY started_at DESC, run_id`,
      )
      .all()
      .map(({ owner, ...run }) => ({
        ...run,
        epoch: Number(run.epoch),
        rows: Number(run.rows),
        isUnderWay: run.state === 'copying' && isAnotherAlive(owner),
        tables: tables
          .filter((table) => table.run === run.runId)
          .map(({ id, name, staging, state }) => ({
            id,
            table: { schema: null, name },
            staging: { schema: null, name: staging },
            state,
          })),
      }));
  }

  document(runId: string): string | null {
    if (!this.#isThere('_ferrow_tables')) return null;
    const found = this.#db
      .prepare<[string], string>('SELECT document FROM _ferrow_runs WHERE run_id = ?')
      .pluck()
      .get(runId);
    return found ?? null;
  }

  chunks(runId: string): LedgerChunk[] {
    return this.#db
      .prepare<
        [string],
        Record<'seq' | 'rows' | 'isEnd', bigint> & Omit<LedgerChunk, 'seq' | 'rows' | 'isEnd'>
      >(
        `SELECT table_id AS tableId, partition_id AS partitionId, seq, "rows" AS "rows", is_end AS isEnd, note
         FROM _ferrow_chunks WHERE run_id = ? ORDER BY table_id, partition_id, seq`,
      )
      .all(runId)
      .map((chunk) => ({
        ...chunk,
        seq: Number(chunk.seq),
        rows: Number(chunk.rows),
        isEnd: Number(chunk.isEnd) === 1,
      }));
  }

  /** Everything that a run has left, but for tables that stand under their own names. */
  forget({ runId, tables }: LedgerRun): void {
    this.#db.transaction(() => {
      for (const { staging } of tables) this.#db.exec(`DROP TABLE IF EXISTS ${quote(staging.name)}`);
      for (const table of ['_ferrow_chunks', '_ferrow_rejects', '_ferrow_tables', '_ferrow_runs'])
        this.#db.prepare(`DELETE FROM ${table} WHERE run_id = ?`).run(runId);
    })();
  }

  end(runId: string, state: RunState): void {
    this.#db
      .prepare('UPDATE _ferrow_runs SET state = ?, ended_at = ? WHERE run_id = ?')
      .run(state, new Date().toISOString(), runId);
  }

  /** Makes records of chunks; @throws if the tables are not there. */
  recorder(): (entry: LedgerEntry) => ChunkRecord {
    const insert = this.#db.prepare(
      `INSERT INTO _ferrow_chunks
         (run_id, table_id, partition_id, seq, epoch, attempt, "rows", bytes, committed_at, is_end, note)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const find = this.#db.prepare(
      'SELECT 1 FROM _ferrow_chunks WHERE run_id = ? AND table_id = ? AND partition_id = ? AND seq = ?',
    );
    const recordRejects = rejectRecorder(this.#db);
    return (entry) => {
      const { runId, tableId, partitionId, seq, epoch, attempt, rows, bytes, isEnd, note } = entry;
      return {
        isDone: () => find.get(runId, tableId, partitionId, BigInt(seq)) !== undefined,
        record: () => {
          refuseTakenOver(this.#db, runId, epoch);
          const numbers = [seq, epoch, attempt, rows, bytes].map(BigInt);
          const at = new Date().toISOString();
          insert.run(runId, tableId, partitionId, ...numbers, at, isEnd ? 1n : 0n, note ?? null);
          recordRejects(entry);
        },
      };
    };
  }

  /** Takes the tables away again, if they were made by this connection. */
  removeIfMade(): void {
    if (!this.#made) return;
    for (const table of ['chunks', 'runs', 'tables', 'columns', 'watermarks', 'rejects', 'swaps']) {
      this.#db.exec(`DROP TABLE IF EXISTS _ferrow_${table}`);
    }
  }
}

/** In the transaction in which a table takes its own name, or its rows come into the live one. */
export function recordFinished(
  db: Database,
  { runId, id, epoch }: Pick<TableLoad, 'runId' | 'id' | 'epoch'>,
): void {
  refuseTakenOver(db, runId, epoch);
  db.prepare(`UPDATE _ferrow_tables SET state = 'finished' WHERE run_id = ? AND table_id = ?`).run(runId, id);
}

/** A process that was left for dead and comes back finds that its run has ended, or goes on under another epoch. */
export function refuseTakenOver(db: Database, runId: string, epoch = 1): void {
  const other = db
    .prepare(`SELECT 1 FROM _ferrow_runs WHERE run_id = ? AND (epoch <> ? OR state <> 'copying')`)
    .get(runId, BigInt(epoch));
  if (other === undefined) return;
  throw new FerrowError(
    'E_RUN_UNDER_WAY',
    `the run ${runId} has ended or was taken over by another process`,
    {
      dialect: 'sqlite',
    },
  );
}
