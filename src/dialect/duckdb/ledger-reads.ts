// What the ledger says of runs, and what it forgets when it is told to. Engine thread.
import type { LedgerChunk, LedgerRun, LedgerTable, RunState } from '../dialect.ts';
import { OWN_SCHEMA } from './catalog.ts';
import type { Link } from './connect.ts';
import { hasTable } from './ledger.ts';
import { inTransaction, rows, run, text } from './query.ts';
import { quoteTable } from './sql-text.ts';

/** The last one first. A ledger of an earlier version, which can't carry runs on, counts as none. */
export async function readRuns(link: Link): Promise<LedgerRun[]> {
  if (!(await hasTable(link, 'tables'))) return [];
  const tables = await rows(link, `SELECT * FROM ${OWN_SCHEMA}.tables ORDER BY table_id`);
  const runs = await rows(
    link,
    `SELECT *, epoch_ms(ended_at) AS ended, (SELECT coalesce(sum(rows), 0) FROM ${OWN_SCHEMA}.chunks c
       WHERE c.run_id = r.run_id) AS moved
     FROM ${OWN_SCHEMA}.runs r ORDER BY started_at DESC, run_id`,
  );
  return runs.map((row) => ({
    runId: text(row.run_id),
    epoch: Number(row.epoch),
    state: text(row.state) as RunState,
    planHash: text(row.plan_hash),
    source: text(row.source),
    target: text(row.target),
    snapshotId: orNull(row.snapshot_id),
    startedAt: text(row.started_at),
    endedAt: row.ended === null ? null : new Date(Number(row.ended)).toISOString(),
    version: text(row.version),
    // The file has one owner, and that is this process.
    isUnderWay: false,
    rows: Number(row.moved),
    tables: tables
      .filter((table) => table.run_id === row.run_id)
      .map((table) => ({
        id: text(table.table_id),
        table: { schema: orNull(table.table_schema), name: text(table.table_name) },
        staging: { schema: orNull(table.staging_schema), name: text(table.staging_name) },
        state: text(table.state) as LedgerTable['state'],
      })),
  }));
}

export async function readDocument(link: Link, runId: string): Promise<string | null> {
  if (!(await hasTable(link, 'tables'))) return null;
  const [found] = await rows(link, `SELECT document FROM ${OWN_SCHEMA}.runs WHERE run_id = $1`, [runId]);
  return found ? (orNull(found.document) ?? '') : null;
}

export async function readChunks(link: Link, runId: string): Promise<LedgerChunk[]> {
  const found = await rows(
    link,
    `SELECT table_id, partition_id, seq, rows, is_end, note FROM ${OWN_SCHEMA}.chunks
     WHERE run_id = $1 ORDER BY table_id, partition_id, seq`,
    [runId],
  );
  return found.map((row) => ({
    tableId: text(row.table_id),
    partitionId: text(row.partition_id),
    seq: Number(row.seq),
    rows: Number(row.rows),
    isEnd: row.is_end === true,
    note: orNull(row.note),
  }));
}

/** Everything that a run has left, but for tables that stand under their own names. In one transaction. */
export async function forgetRun(link: Link, { runId, tables }: LedgerRun): Promise<void> {
  await inTransaction(link, async () => {
    for (const { staging } of tables) await run(link, `DROP TABLE IF EXISTS ${quoteTable(staging)}`);
    for (const table of ['chunks', 'rejects', 'tables', 'runs'])
      await run(link, `DELETE FROM ${OWN_SCHEMA}.${table} WHERE run_id = $1`, [runId]);
  });
}

function orNull(value: unknown): string | null {
  return value === null || value === undefined ? null : text(value as string);
}
