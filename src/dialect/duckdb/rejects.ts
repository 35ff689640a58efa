// Rows that the target could not hold, kept beside the ledger. Engine thread. The table has no key: it could refuse rows that are
// deleted and written again in one transaction, and that of the chunks guards it too.
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
import { OWN_SCHEMA } from './catalog.ts';
import type { Link } from './connect.ts';
import { count, inTransaction, rows, run } from './query.ts';
import { TargetReads } from './target-reads.ts';

/** Rows that go into one statement. */
const STATEMENT_ROWS = 2000;

export const REJECTS = `${OWN_SCHEMA}.rejects`;

export const REJECTS_TABLE = `CREATE TABLE IF NOT EXISTS ${REJECTS} (
    run_id VARCHAR NOT NULL, table_id VARCHAR NOT NULL, partition_id VARCHAR NOT NULL, seq BIGINT NOT NULL,
    row_number BIGINT NOT NULL, table_name VARCHAR NOT NULL, row_key VARCHAR, column_name VARCHAR, code VARCHAR NOT NULL,
    reason VARCHAR NOT NULL, value VARCHAR, encoding VARCHAR NOT NULL, value_bytes BIGINT NOT NULL, also VARCHAR NOT NULL
  )`;

/** Of a group's chunks; part of their transaction. */
export async function recordRejects(link: Link, entries: readonly LedgerEntry[]): Promise<void> {
  const cells = entries.flatMap(storedRejects).map(rejectCells);
  const shape = JSON.stringify([REJECT_COLUMNS]);
  for (let at = 0; at < cells.length; at += STATEMENT_ROWS)
    await run(
      link,
      `INSERT INTO ${REJECTS} (${REJECT_COLUMN_LIST})
       SELECT ${REJECT_COLUMN_LIST} FROM (SELECT unnest(from_json($1::JSON, '${shape}'), recursive := true))`,
      [JSON.stringify(cells.slice(at, at + STATEMENT_ROWS))],
    );
}

async function areThere(link: Link): Promise<boolean> {
  const found = await count(
    link,
    'SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2',
    [OWN_SCHEMA, 'rejects'],
  );
  return found > 0;
}

export async function readRejects(
  link: Link,
  runId: string,
  after: RejectPlace | null,
  limit: number,
): Promise<StoredReject[]> {
  if (!(await areThere(link))) return [];
  const behind = after === null ? '' : 'AND (table_id, partition_id, seq, row_number) > ($2, $3, $4, $5)';
  const place =
    after === null ? [] : [after.tableId, after.partitionId, BigInt(after.seq), BigInt(after.row)];
  const found = await rows(
    link,
    `SELECT ${REJECT_COLUMN_LIST} FROM ${REJECTS} WHERE run_id = $1 ${behind}
     ORDER BY table_id, partition_id, seq, row_number LIMIT ${limit}`,
    [runId, ...place],
  );
  return found.map(rejectOf);
}

async function rejectedRuns(link: Link): Promise<RunRejects[]> {
  if (!(await areThere(link))) return [];
  const found = await rows(
    link,
    `SELECT r.run_id, r.started_at, r.source, j.table_id, j.table_name, count(*) AS rows
     FROM ${REJECTS} j JOIN ${OWN_SCHEMA}.runs r USING (run_id)
       JOIN ${OWN_SCHEMA}.tables t ON t.run_id = j.run_id AND t.table_id = j.table_id AND t.state = 'finished'
     GROUP BY r.run_id, r.started_at, r.source, j.table_id, j.table_name ORDER BY r.started_at DESC, r.run_id, j.table_id`,
  );
  return runsOf(found);
}

async function removeRejects(link: Link, runId: string, places: readonly RejectPlace[]): Promise<void> {
  if (!(await areThere(link))) return;
  const shape = { table_id: 'VARCHAR', partition_id: 'VARCHAR', seq: 'BIGINT', row_number: 'BIGINT' };
  const gone = places.map(({ tableId, partitionId, seq, row }) => ({
    table_id: tableId,
    partition_id: partitionId,
    seq,
    row_number: row,
  }));
  const place = '(table_id, partition_id, seq, row_number)';
  await run(
    link,
    `DELETE FROM ${REJECTS} WHERE run_id = $1 AND ${place} IN
       (SELECT ${place} FROM (SELECT unnest(from_json($2::JSON, '${JSON.stringify([shape])}'), recursive := true)))`,
    [runId, JSON.stringify(gone)],
  );
}

async function handOverRejects(
  link: Link,
  from: string,
  to: string,
  tables: readonly RejectedTable[],
): Promise<void> {
  await inTransaction(link, async () => {
    for (const { tableId, table } of tables)
      await run(
        link,
        `UPDATE ${REJECTS} SET run_id = $2, table_id = $3, partition_id = partition_id || '${TRIED_BY}' || left($1, 8)
         WHERE run_id = $1 AND table_name = $4
           AND table_id IN (SELECT table_id FROM ${OWN_SCHEMA}.tables WHERE run_id = $1 AND state = 'finished')`,
        [from, to, tableId, table],
      );
  });
}

async function emptyRejects(link: Link, runId: string): Promise<void> {
  if (!(await areThere(link))) return;
  await run(link, `UPDATE ${REJECTS} SET value = NULL WHERE run_id = $1 AND value IS NOT NULL`, [runId]);
}

/** A target as the keeper of rejects. */
export abstract class RejectKeeper extends TargetReads implements Omit<RejectStore, 'rejectStaged'> {
  readRejects(runId: string, after: RejectPlace | null, limit: number): Promise<StoredReject[]> {
    return this.alone(() => readRejects(this.main, runId, after, limit));
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
    return this.alone(() => rejectedRuns(this.main));
  }

  removeRejects(runId: string, places: readonly RejectPlace[]): Promise<void> {
    return this.alone(() => removeRejects(this.main, runId, places));
  }

  handOverRejects(from: string, to: string, tables: readonly RejectedTable[]): Promise<void> {
    return this.alone(() => handOverRejects(this.main, from, to, tables));
  }

  emptyRejects(runId: string): Promise<void> {
    return this.alone(() => emptyRejects(this.main, runId));
  }
}
