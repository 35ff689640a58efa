// Rows that the target could not hold, kept beside the ledger. Main thread.
import type pg from 'pg';
import {
  REJECT_COLUMN_LIST,
  REJECT_COLUMNS,
  type RejectedTable,
  type RejectPlace,
  type RunRejects,
  rejectCells,
  rejectOf,
  runsOf,
  type StoredReject,
} from '../../types/reject.ts';
import { type FailedTables, printPage, type RejectPage } from '../../types/reject-line.ts';
import type { LedgerEntry, RejectStore } from '../dialect.ts';
import { storedRejects, TRIED_BY } from '../stored-rejects.ts';
import { TargetReads } from './target-reads.ts';

/** Rows that go into one statement. */
const STATEMENT_ROWS = 2000;

const TYPED = Object.entries(REJECT_COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

/** `schema` is quoted. */
export const rejectsTable = (schema: string): string => `CREATE TABLE IF NOT EXISTS ${schema}.rejects (
    run_id text NOT NULL, table_id text NOT NULL, partition_id text NOT NULL, seq bigint NOT NULL,
    row_number bigint NOT NULL, table_name text NOT NULL, row_key text, column_name text, code text NOT NULL,
    reason text NOT NULL, value text, encoding text NOT NULL, value_bytes bigint NOT NULL, also text NOT NULL,
    PRIMARY KEY (run_id, table_id, partition_id, seq, row_number))`;

/** Of a group's chunks; part of their transaction. */
export async function recordRejects(
  client: pg.Client,
  schema: string,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const rows = entries.flatMap(storedRejects).map(rejectCells);
  for (let at = 0; at < rows.length; at += STATEMENT_ROWS)
    await client.query(
      `INSERT INTO ${schema}.rejects (${REJECT_COLUMN_LIST})
      SELECT ${REJECT_COLUMN_LIST} FROM json_to_recordset($1::json) AS reject (${TYPED})`,
      [JSON.stringify(rows.slice(at, at + STATEMENT_ROWS))],
    );
}

async function areThere(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('_ferrow.rejects') IS NOT NULL AS there`,
  );
  return rows[0].there;
}

export async function readRejects(
  client: pg.Client,
  runId: string,
  after: RejectPlace | null,
  limit: number,
): Promise<StoredReject[]> {
  if (!(await areThere(client))) return [];
  const { rows } = await client.query<Record<string, unknown>>(
    `SELECT ${REJECT_COLUMN_LIST} FROM _ferrow.rejects
    WHERE run_id = $1 AND ($3::text IS NULL OR (table_id, partition_id, seq, row_number) > ($3, $4, $5::bigint, $6::bigint))
    ORDER BY table_id, partition_id, seq, row_number LIMIT $2`,
    [runId, limit, after?.tableId, after?.partitionId, after?.seq, after?.row],
  );
  return rows.map(rejectOf);
}

async function rejectedRuns(client: pg.Client): Promise<RunRejects[]> {
  if (!(await areThere(client))) return [];
  const { rows } = await client.query<Record<string, unknown>>(
    `SELECT r.run_id, to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started_at,
      r.source, j.table_id, j.table_name, count(*) AS rows
    FROM _ferrow.rejects j JOIN _ferrow.runs r USING (run_id)
      JOIN _ferrow.tables t ON t.run_id = j.run_id AND t.table_id = j.table_id AND t.state = 'finished'
    GROUP BY r.run_id, r.started_at, r.source, j.table_id, j.table_name ORDER BY r.started_at DESC, r.run_id, j.table_id`,
  );
  return runsOf(rows);
}

async function removeRejects(
  client: pg.Client,
  runId: string,
  places: readonly RejectPlace[],
): Promise<void> {
  if (!(await areThere(client))) return;
  await client.query(
    `DELETE FROM _ferrow.rejects WHERE run_id = $1 AND (table_id, partition_id, seq, row_number) IN
      (SELECT * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]))`,
    [
      runId,
      places.map(({ tableId }) => tableId),
      places.map(({ partitionId }) => partitionId),
      places.map(({ seq }) => seq),
      places.map(({ row }) => row),
    ],
  );
}

async function handOverRejects(
  client: pg.Client,
  from: string,
  to: string,
  tables: readonly RejectedTable[],
): Promise<void> {
  await client.query(
    `UPDATE _ferrow.rejects AS own SET run_id = $2, table_id = other.id, partition_id = partition_id || '${TRIED_BY}' || left($1, 8)
    FROM unnest($3::text[], $4::text[]) AS other (name, id) WHERE run_id = $1 AND table_name = other.name
      AND table_id IN (SELECT table_id FROM _ferrow.tables WHERE run_id = $1 AND state = 'finished')`,
    [from, to, tables.map(({ table }) => table), tables.map(({ tableId }) => tableId)],
  );
}

async function emptyRejects(client: pg.Client, runId: string): Promise<void> {
  if (!(await areThere(client))) return;
  await client.query('UPDATE _ferrow.rejects SET value = NULL WHERE run_id = $1 AND value IS NOT NULL', [
    runId,
  ]);
}

/** A target as the keeper of rejects. */
export abstract class RejectKeeper extends TargetReads implements Omit<RejectStore, 'rejectStaged'> {
  readRejects(runId: string, after: RejectPlace | null, limit: number): Promise<StoredReject[]> {
    return this.reading((client) => readRejects(client, runId, after, limit));
  }

  async printRejects(
    runId: string,
    after: RejectPlace | null,
    limit: number,
    failed: FailedTables,
  ): Promise<RejectPage> {
    return printPage(await this.readRejects(runId, after, limit), limit, failed);
  }

  rejectedRuns(): Promise<RunRejects[]> {
    return this.reading(rejectedRuns);
  }

  removeRejects(runId: string, places: readonly RejectPlace[]): Promise<void> {
    return this.changing('write', (client) => removeRejects(client, runId, places));
  }

  handOverRejects(from: string, to: string, tables: readonly RejectedTable[]): Promise<void> {
    return this.changing('write', (client) => handOverRejects(client, from, to, tables));
  }

  emptyRejects(runId: string): Promise<void> {
    return this.changing('write', (client) => emptyRejects(client, runId));
  }
}
