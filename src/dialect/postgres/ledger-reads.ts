// What the ledger says of runs, and what it forgets when it is told to. Main thread.
import type pg from 'pg';
import type { LedgerChunk, LedgerRun, LedgerTable, RunState } from '../dialect.ts';
import { builtSchema } from './built-place.ts';
import { quote, quoteTable } from './names.ts';

/** A session that moves rows for a run holds this lock as long as it lives. */
const RUN_LOCK = `hashtextextended('ferrow run ' || run_id, 0)`;

interface RunRow {
  readonly runId: string;
  readonly epoch: number;
  readonly state: RunState;
  readonly planHash: string;
  readonly source: string;
  readonly target: string;
  readonly snapshotId: string | null;
  readonly version: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly isUnderWay: boolean;
  readonly rows: string;
}

interface TableRow {
  readonly run: string;
  readonly id: string;
  readonly table: LedgerTable['table'];
  readonly staging: LedgerTable['staging'];
  readonly state: LedgerTable['state'];
}

/** The last one first. A ledger of an earlier version, which can't carry runs on, counts as none. */
export async function readRuns(client: pg.Client): Promise<LedgerRun[]> {
  if (!(await isThere(client))) return [];
  const { rows: runs } = await client.query<RunRow>(
    `SELECT run_id AS "runId", epoch, state, plan_hash AS "planHash", source, target, snapshot_id AS "snapshotId",
      version, started_at AS "startedAt", ended_at AS "endedAt",
      EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND (classid::bigint << 32) | objid::bigint = ${RUN_LOCK}) AS "isUnderWay",
      coalesce((SELECT sum(rows) FROM _ferrow.chunks c WHERE c.run_id = r.run_id), 0) AS rows
    FROM _ferrow.runs r ORDER BY started_at DESC, run_id`,
  );
  const { rows: tables } = await client.query<TableRow>(
    `SELECT run_id AS run, table_id AS id, state,
      json_build_object('schema', table_schema, 'name', table_name) AS table,
      json_build_object('schema', staging_schema, 'name', staging_name) AS staging
    FROM _ferrow.tables ORDER BY run_id, table_id`,
  );
  return runs.map((run) => ({
    ...run,
    startedAt: run.startedAt.toISOString(),
    endedAt: run.endedAt?.toISOString() ?? null,
    rows: Number(run.rows),
    tables: tables
      .filter((table) => table.run === run.runId)
      .map(({ id, table, staging, state }) => ({ id, table, staging, state })),
  }));
}

async function isThere(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('_ferrow.tables') IS NOT NULL AS there`,
  );
  return rows[0].there;
}

export async function readDocument(client: pg.Client, runId: string): Promise<string | null> {
  if (!(await isThere(client))) return null;
  const { rows } = await client.query<{ document: string }>(
    'SELECT document FROM _ferrow.runs WHERE run_id = $1',
    [runId],
  );
  return rows[0]?.document ?? null;
}

export async function readChunks(client: pg.Client, runId: string): Promise<LedgerChunk[]> {
  const { rows } = await client.query<LedgerChunk & { readonly rows: string }>(
    `SELECT table_id AS "tableId", partition_id AS "partitionId", seq, rows, is_end AS "isEnd", note
    FROM _ferrow.chunks WHERE run_id = $1 ORDER BY table_id, partition_id, seq`,
    [runId],
  );
  return rows.map((row) => ({ ...row, rows: Number(row.rows) }));
}

/** Everything that a run has left, but for tables that stand under their own names. */
export async function forgetRun(client: pg.Client, { runId, tables }: LedgerRun): Promise<void> {
  for (const { staging } of tables) {
    await client.query(`DROP TABLE IF EXISTS ${quoteTable(staging)}`);
    await client.query(`DROP SCHEMA IF EXISTS ${quote(builtSchema({ staging }))} CASCADE`);
  }
  for (const table of ['chunks', 'tables', 'runs'])
    await client.query(`DELETE FROM _ferrow.${table} WHERE run_id = $1`, [runId]);
}

/** Taken by the session that runs it. False: another session is at this run. */
export async function lockRun(client: pg.Client, runId: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_lock(${RUN_LOCK}) AS locked FROM (VALUES ($1::text)) AS run (run_id)`,
    [runId],
  );
  return rows[0].locked;
}

/**
 * Waits until these server processes are gone: one of them may still be committing what it was told to before its
 * connection broke. One that hangs on is ended.
 */
export async function waitUntilGone(client: pg.Client, pids: readonly number[]): Promise<void> {
  const until = performance.now() + GONE_MILLIS;
  for (;;) {
    const { rows } = await client.query<{ pid: number }>(
      'SELECT pid FROM pg_catalog.pg_stat_activity WHERE pid = ANY ($1::int[])',
      [pids],
    );
    if (rows.length === 0) return;
    if (performance.now() > until)
      await client.query('SELECT pg_terminate_backend(pid, 5000) FROM unnest($1::int[]) AS pid', [
        rows.map(({ pid }) => pid),
      ]);
    else await client.query('SELECT pg_sleep(0.05)');
  }
}

const GONE_MILLIS = 3000;
