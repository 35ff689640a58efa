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

/** Inserts the rows of a group's chunks (of one partition); part of their transaction. */
export async function recordChunks(link: Link, entries: readonly LedgerEntry[]): Promise<void> {
  const [{ runId, tableId, partitionId, epoch, attempt }] = entries;
  const places = entries.map((_, at) => {
    const [seq, rows, bytes] = [6, 7, 8].map((place) => `$${place + 3 * at}`);
    return `($1, $2, $3, ${seq}, $4, $5, ${rows}, ${bytes}, get_current_timestamp())`;
  });
  await run(link, `INSERT INTO ${OWN_SCHEMA}.chunks VALUES ${places.join(', ')}`, [
    runId,
    tableId,
    partitionId,
    BigInt(epoch),
    BigInt(attempt),
    ...entries.flatMap(({ seq, rows, bytes }) => [BigInt(seq), BigInt(rows), BigInt(bytes)]),
  ]);
}

/** True if the rows of all of these chunks are there, which is the proof that what they stand for is. */
export async function areRecorded(link: Link, entries: readonly LedgerEntry[]): Promise<boolean> {
  const [{ runId, tableId, partitionId }] = entries;
  const places = entries.map((_, at) => `$${4 + at}`).join(', ');
  const found = await count(
    link,
    `SELECT count(*) FROM ${OWN_SCHEMA}.chunks
     WHERE run_id = $1 AND table_id = $2 AND partition_id = $3 AND seq IN (${places})`,
    [runId, tableId, partitionId, ...entries.map(({ seq }) => BigInt(seq))],
    'write',
  );
  return found === entries.length;
}
