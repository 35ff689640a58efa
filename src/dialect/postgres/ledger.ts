// Ferrow's own tables in the target: which runs there were, and which chunks are committed. Main thread. A chunk's
// row is written last in its transaction, so that no writer waits for another's.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { LedgerEntry, RunRecord } from '../dialect.ts';
import { sqlState } from './errors.ts';
import { quote } from './names.ts';
import { ORIGINS_TABLE } from './origins.ts';

export const LEDGER_SCHEMA = '_ferrow';

const STATEMENTS = [
  `CREATE SCHEMA IF NOT EXISTS _ferrow`,
  `CREATE TABLE IF NOT EXISTS _ferrow.runs (
    run_id text PRIMARY KEY, epoch integer NOT NULL, state text NOT NULL, plan_hash text NOT NULL,
    source text NOT NULL, target text NOT NULL, snapshot_id text, version text NOT NULL,
    started_at timestamptz NOT NULL, ended_at timestamptz)`,
  `CREATE TABLE IF NOT EXISTS _ferrow.chunks (
    run_id text NOT NULL, table_id text NOT NULL, partition_id text NOT NULL, seq integer NOT NULL,
    epoch integer NOT NULL, attempt integer NOT NULL, rows bigint NOT NULL, bytes bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, table_id, partition_id, seq))`,
  ORIGINS_TABLE,
];

/** Makes the tables if they are missing. @throws FerrowError E_PRIVILEGE with the GRANT that is needed */
export async function makeLedger(client: pg.Client, role: string, database: string): Promise<void> {
  const { rows } = await client.query<{ made: boolean }>(
    `SELECT to_regclass('_ferrow.runs') IS NOT NULL AND to_regclass('_ferrow.chunks') IS NOT NULL
      AND to_regclass('_ferrow.columns') IS NOT NULL AS made`,
  );
  if (rows[0].made) return;
  for (const statement of STATEMENTS) {
    try {
      await client.query(statement);
    } catch (error) {
      const state = sqlState(error);
      // Another run made it in the same moment.
      if (state === '23505' || state === '42P06' || state === '42P07') continue;
      if (state !== '42501') throw error;
      throw new FerrowError(
        'E_PRIVILEGE',
        `the role "${role}" may not make the schema _ferrow for Ferrow's ledger`,
        {
          dialect: 'postgres',
          hint: `GRANT CREATE ON DATABASE ${quote(database)} TO ${quote(role)}`,
          cause: error,
        },
      );
    }
  }
}

export async function recordRun(client: pg.Client, run: RunRecord): Promise<void> {
  await client.query(
    `INSERT INTO _ferrow.runs (run_id, epoch, state, plan_hash, source, target, snapshot_id, version, started_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (run_id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state, plan_hash = excluded.plan_hash,
      snapshot_id = excluded.snapshot_id, version = excluded.version, ended_at = NULL`,
    [
      run.runId,
      run.epoch,
      run.state,
      run.planHash,
      run.source,
      run.target,
      run.snapshotId,
      run.version,
      run.startedAt,
    ],
  );
}

export async function recordEnd(client: pg.Client, runId: string, state: RunRecord['state']): Promise<void> {
  await client.query('UPDATE _ferrow.runs SET state = $2, ended_at = clock_timestamp() WHERE run_id = $1', [
    runId,
    state,
  ]);
}

/**
 * Writes a chunk's row, if the run is still this one's: a writer that was left for dead and comes back finds another
 * epoch, or the run ended.
 * @throws FerrowError E_WRITE where the run has ended or another process has taken it over
 */
export async function recordChunk(client: pg.Client, entry: LedgerEntry): Promise<void> {
  const { rowCount } = await client.query(
    `INSERT INTO _ferrow.chunks (run_id, table_id, partition_id, seq, epoch, attempt, rows, bytes)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8
    WHERE EXISTS (SELECT FROM _ferrow.runs WHERE run_id = $1 AND epoch = $5 AND state = 'copying' FOR SHARE)`,
    [
      entry.runId,
      entry.tableId,
      entry.partitionId,
      entry.seq,
      entry.epoch,
      entry.attempt,
      entry.rows,
      entry.bytes,
    ],
  );
  if (rowCount !== 1) {
    throw new FerrowError(
      'E_WRITE',
      `the run ${entry.runId} has ended or was taken over by another process`,
      {
        dialect: 'postgres',
        seq: entry.seq,
      },
    );
  }
}

/** True for the error of a chunk that is in the ledger already: it was committed before. */
export function isAlreadyRecorded(error: unknown): boolean {
  const { schema, table } = (error ?? {}) as { schema?: unknown; table?: unknown };
  return sqlState(error) === '23505' && schema === LEDGER_SCHEMA && table === 'chunks';
}
