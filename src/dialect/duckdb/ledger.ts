// Ferrow's own tables in a DuckDB target: schema `_ferrow`, tables runs and chunks. Engine thread.
import type { LedgerEntry, RunRecord } from '../dialect.ts';
import { OWN_SCHEMA } from './catalog.ts';
import type { Link } from './connect.ts';
import { ORIGINS_TABLE } from './origins.ts';
import { count, run } from './query.ts';

const CREATE = [
  `CREATE SCHEMA IF NOT EXISTS ${OWN_SCHEMA}`,
  `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.runs (
    run_id VARCHAR PRIMARY KEY, epoch BIGINT NOT NULL, state VARCHAR NOT NULL, plan_hash VARCHAR NOT NULL,
    source VARCHAR NOT NULL, target VARCHAR NOT NULL, snapshot_id VARCHAR, started_at VARCHAR NOT NULL,
    version VARCHAR NOT NULL, ended_at TIMESTAMP WITH TIME ZONE
  )`,
  `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.chunks (
    run_id VARCHAR NOT NULL, table_id VARCHAR NOT NULL, partition_id VARCHAR NOT NULL, seq BIGINT NOT NULL,
    epoch BIGINT NOT NULL, attempt BIGINT NOT NULL, rows BIGINT NOT NULL, bytes BIGINT NOT NULL,
    committed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (run_id, table_id, partition_id, seq)
  )`,
  ORIGINS_TABLE,
];

/** Makes the tables if missing, and the run's row; a run that is carried on gets its new epoch. */
export async function recordRun(link: Link, record: RunRecord): Promise<void> {
  for (const statement of CREATE) await run(link, statement);
  await run(
    link,
    `INSERT INTO ${OWN_SCHEMA}.runs (run_id, epoch, state, plan_hash, source, target, snapshot_id, started_at, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (run_id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state, ended_at = NULL`,
    [
      record.runId,
      BigInt(record.epoch),
      record.state,
      record.planHash,
      record.source,
      record.target,
      record.snapshotId,
      record.startedAt,
      record.version,
    ],
  );
}

export async function recordEnd(link: Link, runId: string, state: RunRecord['state']): Promise<void> {
  await run(
    link,
    `UPDATE ${OWN_SCHEMA}.runs SET state = $2, ended_at = get_current_timestamp() WHERE run_id = $1`,
    [runId, state],
  );
}

/** Inserts a chunk's row; part of the chunk's transaction. */
export async function recordChunk(link: Link, entry: LedgerEntry): Promise<void> {
  await run(
    link,
    `INSERT INTO ${OWN_SCHEMA}.chunks VALUES ($1, $2, $3, $4, $5, $6, $7, $8, get_current_timestamp())`,
    [
      entry.runId,
      entry.tableId,
      entry.partitionId,
      BigInt(entry.seq),
      BigInt(entry.epoch),
      BigInt(entry.attempt),
      BigInt(entry.rows),
      BigInt(entry.bytes),
    ],
  );
}

/** True if the chunk's row is there, which is the proof that its rows are. */
export async function isRecorded(link: Link, entry: LedgerEntry): Promise<boolean> {
  const found = await count(
    link,
    `SELECT count(*) FROM ${OWN_SCHEMA}.chunks WHERE run_id = $1 AND table_id = $2 AND partition_id = $3 AND seq = $4`,
    [entry.runId, entry.tableId, entry.partitionId, BigInt(entry.seq)],
    'write',
  );
  return found === 1;
}
