// A rejected row as a line of JSON in the file of rejects. Pure.
import { Buffer } from 'node:buffer';
import type { ErrorCode } from '../errors/codes.ts';
import type { RejectPlace, StoredReject } from './reject.ts';

/** A line of the file. */
export interface RejectLine {
  readonly run: string;
  readonly table: string;
  readonly key: StoredReject['key'];
  readonly column: string | null;
  readonly code: string;
  readonly reason: string;
  /** As text; bytes, and text that is none, as `\x…`. */
  readonly value: string | null;
  readonly encoding?: 'hex';
  /** Where the value was cut: the bytes that it has. */
  readonly valueBytes?: number;
  readonly also?: StoredReject['also'];
  readonly partition: string;
  readonly seq: number;
  readonly row: number;
  /** What ended its table, which did not arrive: the row is not missing there. Absent where the table stands. */
  readonly tableError?: ErrorCode;
}

/** By their ids in the ledger, what ended them. */
export type FailedTables = ReadonlyMap<string, ErrorCode>;

/** Some of a run's lines. */
export interface RejectPage {
  /** Each line ends. Bytes: strings of this size would fill the nursery of every thread that they pass. */
  readonly lines: Uint8Array;
  readonly rows: number;
  /** Where more may stand behind it; null for the last page. */
  readonly last: RejectPlace | null;
}

/** `limit`: so many were asked for. */
export function printPage(rejects: readonly StoredReject[], limit: number, failed: FailedTables): RejectPage {
  const { length: rows } = rejects;
  const text = rejects.map((reject) => `${JSON.stringify(lineOf(reject, failed))}\n`).join('');
  return { lines: Buffer.from(text), rows, last: rows < limit ? null : placeOf(rejects[rows - 1]) };
}

const placeOf = ({ tableId, partitionId, seq, row }: RejectPlace): RejectPlace => ({
  tableId,
  partitionId,
  seq,
  row,
});

/** Bytes that are shown of a value. */
function shownBytes({ value, encoding }: StoredReject): number {
  if (value === null) return 0;
  return encoding === 'hex' ? (value.length - 2) / 2 : Buffer.byteLength(value);
}

function lineOf(reject: StoredReject, failed: FailedTables): RejectLine {
  const tableError = failed.get(reject.tableId);
  const { runId, table, key, column, code, reason, value, encoding, valueBytes, also } = reject;
  const isCut = value !== null && shownBytes(reject) < valueBytes;
  return {
    run: runId,
    table,
    key,
    column,
    code,
    reason,
    value,
    ...(encoding === 'hex' && value !== null ? { encoding } : {}),
    ...(isCut ? { valueBytes } : {}),
    ...(also.length > 0 ? { also } : {}),
    partition: reject.partitionId,
    seq: reject.seq,
    row: reject.row,
    ...(tableError === undefined ? {} : { tableError }),
  };
}
