// What a sync asks of a source and keeps in a target: where a column that grows stands, and from where rows are read next
// time. A part of the seam; dialect.ts gives it out. Plain objects: they cross threads.
import type { TableName, TableSchema } from '../types/schema.ts';

export interface WatermarkRequest {
  readonly table: TableSchema;
  readonly column: string;
  /** The user's condition in the source's SQL, or null. */
  readonly where: string | null;
  /** Where the last sync stood: `settled` of a reading, or what a user gave. Null: from the beginning. */
  readonly from: string | null;
  /** Of times: look so far behind `from`. */
  readonly lookbackSeconds: number;
  /** Rows at `from` are not wanted again, nor those beyond `settled`: they could not be told from new ones. */
  readonly once: boolean;
}

export interface WatermarkReading {
  readonly orders: 'numbers' | 'times';
  /** The largest value in the snapshot, infinities aside, as the engine itself writes it; null if there is none. */
  readonly max: string | null;
  /** Of times: the largest value below which no transaction can come any more; of numbers as `max`. */
  readonly settled: string | null;
  /** Rows whose column is NULL: no watermark sees them. */
  readonly nulls: number;
  /** What meets the rows that are wanted, beside the user's condition; null for all. */
  readonly condition: string | null;
  /** How many there are. */
  readonly rows: number;
  readonly activity: SourceActivity;
}

/** Who else was at work when the snapshot was taken. Times are ISO with microseconds, by the source's clock. */
export interface SourceActivity {
  /** Before the snapshot was taken, and after it. */
  readonly lookedAt: string;
  readonly takenAt: string;
  /** When the oldest transaction began that may commit after the snapshot; null if there was none. */
  readonly openSince: string | null;
  /** There are prepared transactions, of which nobody knows when they began. */
  readonly held: boolean;
  /** Others can't be seen with the rights of the role. */
  readonly blind: boolean;
}

/** One row of the table of watermarks: where a table of a source stands. */
export interface Watermark {
  /** The database, the same however its URL was written. */
  readonly source: string;
  readonly sourceTable: string;
  readonly targetTable: string;
  /** What the value holds for: the column, the condition, the columns that are moved. */
  readonly scope: string;
  /** Null: nothing is settled yet, and all is read again. */
  readonly value: string | null;
  /** Larger values that were not settled, and when they were seen, as JSON. */
  readonly history: string;
  readonly runId: string;
  readonly at: string;
}

/** Where a table stood, and from where its next sync reads. */
export interface WatermarkProgress {
  readonly column: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** Of a load that is part of a sync; all of it done in the transaction in which the rows take their place. */
export interface SyncLoad {
  readonly watermark: Watermark;
  /** For the report. */
  readonly progress: WatermarkProgress;
  /** All keys of the source, staged by a load of their own: rows of the live table whose key is not there are deleted. */
  readonly keys?: { readonly id: string; readonly staging: TableName; readonly columns: readonly string[] };
}

/** Where one writer at a time is let in, nothing is under way while a snapshot is read. */
export function nobodyElse(): SourceActivity {
  const now = `${new Date().toISOString().slice(0, -1)}000Z`;
  return {
    lookedAt: now,
    takenAt: now,
    openSince: null,
    held: false,
    blind: false,
  };
}
