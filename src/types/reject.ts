// A row that the target can't hold, as it is kept when the run goes on without it. Plain data: it crosses threads and stands
// in the ledger, in the transaction of the chunk that it was left out of.
import type { ErrorCode } from '../errors/codes.ts';

/** A column that refused the row. `column` is the source's name; null where no single column is at fault. */
export interface RefusedColumn {
  readonly column: string | null;
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface Reject extends RefusedColumn {
  /** Of the row within its chunk as it was read, from 1. */
  readonly row: number;
  /** The key's columns, by the source's names, as canonical text; null where the table has no key that names the row. */
  readonly key: Readonly<Record<string, string | null>> | null;
  /** The value as the source has it; null for NULL, where none is to blame, and once it was taken out. */
  readonly value: string | null;
  /** Text as it is; or the bytes of what is no text, as `\x…`: bytes, text that is not UTF-8 or has a NUL in it. */
  readonly encoding: 'text' | 'hex' | 'none';
  /** Bytes of the whole value; more than `value` has where that was cut. */
  readonly valueBytes: number;
  /** What else of the row was refused. */
  readonly also: readonly RefusedColumn[];
}

/** Where a reject stands: a row of a chunk. */
export interface RejectPlace {
  readonly tableId: string;
  readonly partitionId: string;
  readonly seq: number;
  readonly row: number;
}

/** A reject in the target, beside the ledger. */
export interface StoredReject extends Reject, RejectPlace {
  readonly runId: string;
  /** Display name of the source's table. */
  readonly table: string;
}

/** Rows that were rejected together. */
export interface RejectedRows {
  readonly rows: number;
  /** The first of them, as many as are shown; all of a chunk's. */
  readonly first: readonly Reject[];
}

/** Rejected rows of a table that are shown in a report. */
export const SHOWN_REJECTS_MAX = 5;

export interface RejectedTable extends Pick<RejectPlace, 'tableId'> {
  /** Display name of the source's table. */
  readonly table: string;
}

/** A run of which rejects are kept. */
export interface RunRejects {
  readonly runId: string;
  /** ISO. */
  readonly startedAt: string;
  /** Display form of its source. */
  readonly source: string;
  /** Rejected rows by table id. */
  readonly tables: readonly (RejectedTable & { readonly rows: number })[];
}

/** The columns of the table of rejects in every target, with their types in SQL. */
export const REJECT_COLUMNS = {
  run_id: 'VARCHAR',
  table_id: 'VARCHAR',
  partition_id: 'VARCHAR',
  seq: 'BIGINT',
  row_number: 'BIGINT',
  table_name: 'VARCHAR',
  row_key: 'VARCHAR',
  column_name: 'VARCHAR',
  code: 'VARCHAR',
  reason: 'VARCHAR',
  value: 'VARCHAR',
  encoding: 'VARCHAR',
  value_bytes: 'BIGINT',
  also: 'VARCHAR',
} as const;

export type RejectCells = Record<keyof typeof REJECT_COLUMNS, string | number | null>;

export const REJECT_COLUMN_LIST = Object.keys(REJECT_COLUMNS).join(', ');

/** As it stands in that table: no cell has a NUL in it, which not every engine holds. */
export function rejectCells(reject: StoredReject): RejectCells {
  const plain = (text: string) => text.replaceAll('\0', '\\0');
  const column = reject.column === null ? null : plain(reject.column);
  return {
    run_id: reject.runId,
    table_id: reject.tableId,
    partition_id: reject.partitionId,
    seq: reject.seq,
    row_number: reject.row,
    table_name: plain(reject.table),
    row_key: reject.key && JSON.stringify(reject.key),
    column_name: column,
    code: reject.code,
    reason: plain(reject.reason),
    value: reject.value,
    encoding: reject.encoding,
    value_bytes: reject.valueBytes,
    also: JSON.stringify(reject.also),
  };
}

/** From cells as a driver gives them. */
export function rejectOf(cells: Readonly<Record<string, unknown>>): StoredReject {
  const text = (name: keyof RejectCells) => String(cells[name]);
  const orNull = (name: keyof RejectCells) => {
    const value = cells[name];
    return value === null || value === undefined ? null : String(value);
  };
  const key = orNull('row_key');
  return {
    runId: text('run_id'),
    tableId: text('table_id'),
    partitionId: text('partition_id'),
    seq: Number(cells['seq']),
    row: Number(cells['row_number']),
    table: text('table_name'),
    key: key === null ? null : (JSON.parse(key) as Reject['key']),
    column: orNull('column_name'),
    code: text('code') as ErrorCode,
    reason: text('reason'),
    value: orNull('value'),
    encoding: text('encoding') as Reject['encoding'],
    valueBytes: Number(cells['value_bytes']),
    also: JSON.parse(text('also')) as RefusedColumn[],
  };
}

/** Rows of `run_id, started_at, source, table_id, table_name, rows`, runs behind each other. */
export function runsOf(cells: readonly Readonly<Record<string, unknown>>[]): RunRejects[] {
  const runs = new Map<
    string,
    Omit<RunRejects, 'runId' | 'tables'> & { tables: RunRejects['tables'][number][] }
  >();
  for (const row of cells) {
    const runId = String(row['run_id']);
    const run = runs.get(runId) ?? {
      startedAt: String(row['started_at']),
      source: String(row['source']),
      tables: [],
    };
    runs.set(runId, run);
    const { table_id: tableId, table_name: table, rows } = row;
    run.tables.push({ tableId: String(tableId), table: String(table), rows: Number(rows) });
  }
  return [...runs].map(([runId, run]) => ({ runId, ...run }));
}
