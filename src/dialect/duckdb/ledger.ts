// Ferrow's own tables in a DuckDB target: schema `_ferrow`, tables runs and chunks. Engine thread.
import type { LedgerEntry, LedgerTable, RunRecord, RunState, TableLoad } from '../dialect.ts';
import { OWN_SCHEMA } from './catalog.ts';
import type { Link } from './connect.ts';
import { ORIGINS_TABLE } from './origins.ts';
import { count, inTransaction, rows, run } from './query.ts';
import { REJECTS_TABLE, recordRejects } from './rejects.ts';
import { literal } from './sql-text.ts';

const CREATE = [
  `CREATE SCHEMA IF NOT EXISTS ${OWN_SCHEMA}`,
  `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.runs (
    run_id VARCHAR PRIMARY KEY, epoch BIGINT NOT NULL, state VARCHAR NOT NULL, plan_hash VARCHAR NOT NULL,
    source VARCHAR NOT NULL, target VARCHAR NOT NULL, snapshot_id VARCHAR, started_at VARCHAR NOT NULL,
    version VARCHAR NOT NULL, ended_at TIMESTAMP WITH TIME ZONE, document VARCHAR
  )`,
  `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.chunks (
    run_id VARCHAR NOT NULL, table_id VARCHAR NOT NULL, partition_id VARCHAR NOT NULL, seq BIGINT NOT NULL,
    epoch BIGINT NOT NULL, attempt BIGINT NOT NULL, rows BIGINT NOT NULL, bytes BIGINT NOT NULL,
    committed_at TIMESTAMP WITH TIME ZONE NOT NULL, is_end BOOLEAN, note VARCHAR,
    PRIMARY KEY (run_id, table_id, partition_id, seq)
  )`,
  // Without a key, as ORIGINS_TABLE.
  `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.tables (
    run_id VARCHAR NOT NULL, table_id VARCHAR NOT NULL, table_schema VARCHAR, table_name VARCHAR NOT NULL,
    staging_schema VARCHAR, staging_name VARCHAR NOT NULL, state VARCHAR NOT NULL
  )`,
  ORIGINS_TABLE,
  REJECTS_TABLE,
];

/** Ledgers of version 0.1.0 lack these. */
const ADDED = [
  `ALTER TABLE ${OWN_SCHEMA}.runs ADD COLUMN IF NOT EXISTS document VARCHAR`,
  `ALTER TABLE ${OWN_SCHEMA}.chunks ADD COLUMN IF NOT EXISTS is_end BOOLEAN`,
  `ALTER TABLE ${OWN_SCHEMA}.chunks ADD COLUMN IF NOT EXISTS note VARCHAR`,
];

/** Makes the tables if missing, and the run's row, together; a run that is carried on gets its new epoch. */
export async function recordRun(link: Link, record: RunRecord): Promise<void> {
  const isOld = (await hasTable(link, 'runs')) && !(await hasTable(link, 'tables'));
  await inTransaction(link, async () => {
    for (const statement of isOld ? [...ADDED, ...CREATE] : CREATE) await run(link, statement);
    await enterRun(link, record);
  });
}

async function enterRun(link: Link, record: RunRecord): Promise<void> {
  await run(
    link,
    `INSERT INTO ${OWN_SCHEMA}.runs
       (run_id, epoch, state, plan_hash, source, target, snapshot_id, started_at, version, document)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (run_id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state, ended_at = NULL,
       document = excluded.document`,
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
      record.document ?? '',
    ],
  );
}

export async function hasTable(link: Link, name: string): Promise<boolean> {
  const found = await rows(
    link,
    'SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2',
    [OWN_SCHEMA, name],
  );
  return found.length > 0;
}

/** Enters tables whose staging tables are being made, in their transaction. */
export async function recordTables(link: Link, loads: readonly TableLoad[]): Promise<void> {
  if (loads.length === 0) return;
  const [{ runId }] = loads;
  await run(
    link,
    `DELETE FROM ${OWN_SCHEMA}.tables WHERE run_id = $1 AND table_id IN (${loads.map(({ id }) => literal(id)).join(', ')})`,
    [runId],
  );
  const values = loads.map(({ id, table, staging }) => {
    const names = [id, table.schema, table.name, staging.schema, staging.name];
    return `(${literal(runId)}, ${names.map((name) => (name === null ? 'NULL' : literal(name))).join(', ')}, 'loading')`;
  });
  await run(link, `INSERT INTO ${OWN_SCHEMA}.tables VALUES ${values.join(', ')}`);
}

/** In the transaction in which a table takes its own name, or its rows come into the live one. */
export async function recordFinished(
  link: Link,
  { runId, id }: Pick<TableLoad, 'runId' | 'id'>,
): Promise<void> {
  await setTable(link, runId, id, 'finished');
}

/** In the transaction in which their staging tables are dropped. A table that stands under its own name is left alone. */
export async function forgetLoads(link: Link, loads: readonly TableLoad[]): Promise<void> {
  for (const { runId, id } of loads) {
    const stands = `SELECT 1 FROM ${OWN_SCHEMA}.tables WHERE run_id = $1 AND table_id = $2 AND state = 'finished'`;
    if ((await rows(link, stands, [runId, id])).length > 0) continue;
    for (const table of ['chunks', 'rejects'])
      await run(link, `DELETE FROM ${OWN_SCHEMA}.${table} WHERE run_id = $1 AND table_id = $2`, [runId, id]);
    await setTable(link, runId, id, 'dropped');
  }
}

async function setTable(link: Link, runId: string, id: string, state: LedgerTable['state']): Promise<void> {
  await run(link, `UPDATE ${OWN_SCHEMA}.tables SET state = $3 WHERE run_id = $1 AND table_id = $2`, [
    runId,
    id,
    state,
  ]);
}

export async function recordEnd(link: Link, runId: string, state: RunState): Promise<void> {
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
    const [seq, rows, bytes, isEnd, note] = [6, 7, 8, 9, 10].map((place) => `$${place + 5 * at}`);
    return `($1, $2, $3, ${seq}, $4, $5, ${rows}, ${bytes}, get_current_timestamp(), ${isEnd}, ${note})`;
  });
  const columns =
    'run_id, table_id, partition_id, seq, epoch, attempt, rows, bytes, committed_at, is_end, note';
  await run(link, `INSERT INTO ${OWN_SCHEMA}.chunks (${columns}) VALUES ${places.join(', ')}`, [
    runId,
    tableId,
    partitionId,
    BigInt(epoch),
    BigInt(attempt),
    ...entries.flatMap(({ seq, rows, bytes, isEnd, note }) => [
      ...[seq, rows, bytes].map(BigInt),
      isEnd === true,
      note ?? null,
    ]),
  ]);
  await recordRejects(link, entries);
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
