// Ferrow's own tables in the target: which runs there were, and which chunks are committed. Main thread. Chunks'
// rows are written last in their transaction, so that no writer waits for another's.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { LedgerEntry, RunRecord, TableLoad } from '../dialect.ts';
import { sqlState } from './errors.ts';
import { quote } from './names.ts';
import { ORIGINS_TABLE } from './origins.ts';
import { recordRejects, rejectsTable } from './rejects.ts';
import { readSwaps } from './swap-ledger.ts';
import { WAITING_TABLE } from './waiting-keys.ts';

export const LEDGER_SCHEMA = '_ferrow';

const statements = (schema: string) => [
  `CREATE SCHEMA IF NOT EXISTS ${schema}`,
  `CREATE TABLE IF NOT EXISTS ${schema}.runs (
    run_id text PRIMARY KEY, epoch integer NOT NULL, state text NOT NULL, plan_hash text NOT NULL,
    source text NOT NULL, target text NOT NULL, snapshot_id text, version text NOT NULL,
    started_at timestamptz NOT NULL, ended_at timestamptz, document text NOT NULL DEFAULT '')`,
  `CREATE TABLE IF NOT EXISTS ${schema}.chunks (
    run_id text NOT NULL, table_id text NOT NULL, partition_id text NOT NULL, seq integer NOT NULL,
    epoch integer NOT NULL, attempt integer NOT NULL, rows bigint NOT NULL, bytes bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(), is_end boolean NOT NULL DEFAULT false, note text,
    PRIMARY KEY (run_id, table_id, partition_id, seq))`,
  rejectsTable(schema),
  // Ledgers of version 0.1.0 lack these.
  `ALTER TABLE ${schema}.runs ADD COLUMN IF NOT EXISTS document text NOT NULL DEFAULT ''`,
  `ALTER TABLE ${schema}.chunks ADD COLUMN IF NOT EXISTS is_end boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS note text`,
  // Made last: a ledger that has it has all of it.
  `CREATE TABLE IF NOT EXISTS ${schema}.tables (
    run_id text NOT NULL, table_id text NOT NULL, table_schema text, table_name text NOT NULL,
    staging_schema text, staging_name text NOT NULL, state text NOT NULL, PRIMARY KEY (run_id, table_id))`,
];

/** Where a run keeps its ledger, quoted. */
const schemaOf = ({ scratch }: Pick<RunRecord, 'scratch'>): string => quote(scratch ?? LEDGER_SCHEMA);

/** Makes the tables if they are missing. @throws FerrowError E_PRIVILEGE with the GRANT that is needed */
export async function makeLedger(
  client: pg.Client,
  role: string,
  database: string,
  run: Pick<RunRecord, 'scratch'>,
): Promise<void> {
  const schema = schemaOf(run);
  const { rows } = await client.query<{ made: boolean }>(
    `SELECT to_regclass($1 || '.tables') IS NOT NULL AND to_regclass('_ferrow.columns') IS NOT NULL
      AND to_regclass('_ferrow.waiting_keys') IS NOT NULL AS made`,
    [schema],
  );
  if (rows[0].made) return;
  const tables = statements(schema);
  for (const statement of run.scratch === undefined ? [...tables, ORIGINS_TABLE, WAITING_TABLE] : tables) {
    try {
      await client.query(statement);
    } catch (error) {
      const state = sqlState(error);
      // Another run made it in the same moment.
      if (state === '23505' || state === '42P06' || state === '42P07') continue;
      if (state !== '42501') throw error;
      throw new FerrowError(
        'E_PRIVILEGE',
        `the role "${role}" may not make the schema ${schema} for Ferrow's ledger`,
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
    `INSERT INTO ${schemaOf(run)}.runs (run_id, epoch, state, plan_hash, source, target, snapshot_id, version, started_at, document)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (run_id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state, plan_hash = excluded.plan_hash,
      snapshot_id = excluded.snapshot_id, version = excluded.version, document = excluded.document, ended_at = NULL`,
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
      run.document ?? '',
    ],
  );
}

/** Enters tables whose staging tables are being made, in their transaction. */
export async function recordTables(
  client: pg.Client,
  loads: readonly TableLoad[],
  scratch: string | undefined,
): Promise<void> {
  if (loads.length === 0) return;
  await client.query(
    `INSERT INTO ${schemaOf({ scratch })}.tables
      (run_id, table_id, table_schema, table_name, staging_schema, staging_name, state)
    SELECT $1, load.*, 'loading' FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS load
    ON CONFLICT (run_id, table_id) DO UPDATE SET state = 'loading'`,
    [
      loads[0].runId,
      loads.map(({ id }) => id),
      loads.map(({ table }) => table.schema),
      loads.map(({ table }) => table.name),
      loads.map(({ staging }) => staging.schema),
      loads.map(({ staging }) => staging.name),
    ],
  );
}

/** In the transaction in which a table takes its own name, or its rows come into the live one. */
export async function recordFinished(
  client: pg.Client,
  { runId, id, epoch }: Pick<TableLoad, 'runId' | 'id' | 'epoch'>,
): Promise<void> {
  await refuseTakenOver(client, { runId, epoch });
  await client.query(`UPDATE _ferrow.tables SET state = 'finished' WHERE run_id = $1 AND table_id = $2`, [
    runId,
    id,
  ]);
}

/**
 * Until the transaction ends nobody can take the run over, nor end it.
 * @throws FerrowError E_RUN_UNDER_WAY where that has happened
 */
export async function refuseTakenOver(
  client: pg.Client,
  { runId, epoch = 1 }: Pick<TableLoad, 'runId' | 'epoch'>,
): Promise<void> {
  const { rows } = await client.query<{ current: boolean }>(
    `SELECT epoch = $2 AND state = 'copying' AS current FROM _ferrow.runs WHERE run_id = $1 FOR SHARE`,
    [runId, epoch],
  );
  if (rows[0]?.current === false) throw takenOver(runId);
}

/** A process that was left for dead and comes back finds that its run has ended, or goes on under another epoch. */
function takenOver(runId: string): FerrowError {
  return new FerrowError(
    'E_RUN_UNDER_WAY',
    `the run ${runId} has ended or was taken over by another process`,
    {
      dialect: 'postgres',
    },
  );
}

/**
 * In the transaction in which their staging tables are dropped. A table that stands under its own name is left alone; one that was
 * built for a swap stands when that has been.
 */
export async function forgetLoads(
  client: pg.Client,
  loads: readonly TableLoad[],
  scratch: string | undefined,
): Promise<void> {
  const schema = schemaOf({ scratch });
  const swaps = new Set((await readSwaps(client)).map(({ runId }) => runId));
  for (const { runId, id, mode } of loads) {
    const key = [runId, id];
    const { rows } = await client.query(
      `SELECT FROM ${schema}.tables WHERE run_id = $1 AND table_id = $2 AND state = 'finished'`,
      key,
    );
    if (rows.length > 0 && (mode !== 'swap' || swaps.has(runId))) continue;
    await client.query(`DELETE FROM ${schema}.rejects WHERE run_id = $1 AND table_id = $2`, key);
    await dropLoad(client, { runId, id }, schema);
  }
}

/** It has no chunk any more; its rejects stay. */
export async function dropLoad(
  client: pg.Client,
  { runId, id }: Pick<TableLoad, 'runId' | 'id'>,
  schema = LEDGER_SCHEMA,
): Promise<void> {
  const key = [runId, id];
  await client.query(`DELETE FROM ${schema}.chunks WHERE run_id = $1 AND table_id = $2`, key);
  await client.query(
    `UPDATE ${schema}.tables SET state = 'dropped' WHERE run_id = $1 AND table_id = $2`,
    key,
  );
}

/** Drops a scratch schema, with all that stands in it. */
export async function dropScratch(client: pg.Client, scratch: string): Promise<void> {
  await client.query(`DROP SCHEMA IF EXISTS ${quote(scratch)} CASCADE`);
}

export async function recordEnd(client: pg.Client, runId: string, state: RunRecord['state']): Promise<void> {
  await client.query('UPDATE _ferrow.runs SET state = $2, ended_at = clock_timestamp() WHERE run_id = $1', [
    runId,
    state,
  ]);
}

/**
 * Writes the rows of a group's chunks (of one partition), if the run is still this one's: a writer that was left for dead
 * and comes back finds another epoch, or the run ended.
 * @throws FerrowError E_RUN_UNDER_WAY where the run has ended or another process has taken it over
 */
export async function recordChunks(client: pg.Client, entries: readonly LedgerEntry[]): Promise<void> {
  const [{ runId, tableId, partitionId, epoch, attempt }] = entries;
  const schema = schemaOf(entries[0]);
  const { rowCount } = await client.query(
    `INSERT INTO ${schema}.chunks (run_id, table_id, partition_id, epoch, attempt, seq, rows, bytes, is_end, note)
    SELECT $1, $2, $3, $4, $5, chunk.*
    FROM unnest($6::integer[], $7::bigint[], $8::bigint[], $9::boolean[], $10::text[]) AS chunk
    WHERE EXISTS (SELECT FROM ${schema}.runs WHERE run_id = $1 AND epoch = $4 AND state = 'copying' FOR SHARE)`,
    [
      runId,
      tableId,
      partitionId,
      epoch,
      attempt,
      entries.map(({ seq }) => seq),
      entries.map(({ rows }) => rows),
      entries.map(({ bytes }) => bytes),
      entries.map(({ isEnd }) => isEnd === true),
      entries.map(({ note }) => note ?? null),
    ],
  );
  if (rowCount === entries.length) return recordRejects(client, schema, entries);
  throw takenOver(runId);
}

/** True if the ledger has all of these chunks. */
export async function areRecorded(client: pg.Client, entries: readonly LedgerEntry[]): Promise<boolean> {
  const [{ runId, tableId, partitionId }] = entries;
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM ${schemaOf(entries[0])}.chunks
    WHERE run_id = $1 AND table_id = $2 AND partition_id = $3 AND seq = ANY ($4::integer[])`,
    [runId, tableId, partitionId, entries.map(({ seq }) => seq)],
  );
  return Number(rows[0].count) === entries.length;
}

/** True for the error of a chunk that is in the ledger already: it was committed before. */
export function isAlreadyRecorded(error: unknown): boolean {
  const { schema, table } = (error ?? {}) as { schema?: unknown; table?: unknown };
  return sqlState(error) === '23505' && schema === LEDGER_SCHEMA && table === 'chunks';
}
