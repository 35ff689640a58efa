// Rejects as a target keeps them: those of a chunk, with the place that the chunk's entry in the ledger gives them, and those that
// only the end of a load finds. A part of the seam. Pure.
import { codeFacts, type ErrorCode } from '../errors/codes.ts';
import type { FerrowError } from '../errors/ferrow-error.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { StoredReject } from '../types/reject.ts';
import type { LedgerEntry, StagedRejecting, TableLoad } from './load.ts';

/** Stands where chunks have their partition. */
export const END_OF_LOAD = 'end';

/** The most of a value that is kept of a staged row, in characters. */
export const STAGED_VALUE_CHARS_MAX = 16 * 1024;

export function storedRejects({ runId, tableId, partitionId, seq, rejects }: LedgerEntry): StoredReject[] {
  if (!rejects) return [];
  const { table } = rejects;
  return rejects.rows.map((reject) => ({ ...reject, runId, tableId, partitionId, seq, table }));
}

/** Whether the end of a load may end well without the rows that are at fault. */
export function isForRows({ code }: FerrowError): boolean {
  return code === 'E_CONSTRAINT' || codeFacts(code).kind === 'value';
}

/** A staged row that its table refuses. */
export interface RefusedRow {
  /** In the target; null where the row as a whole is refused. */
  readonly column: string | null;
  readonly code: ErrorCode;
  readonly reason: string;
  /** Of the columns of `rejecting.key`, as the engine's own text. */
  readonly key: readonly (string | null)[];
  readonly value: string | null;
}

export function stagedRejects(
  load: TableLoad,
  rejecting: StagedRejecting,
  rows: readonly RefusedRow[],
): StoredReject[] {
  const { runId, table, key, sourceNames, before } = rejecting;
  const nameOf = (column: string) => sourceNames[column] ?? column;
  const plain = key.map((name) =>
    isPlain(load.columns.find((column) => column.name === name)?.wire ?? { kind: 'any' }),
  );
  return rows.map(
    ({ column, code, reason, value, key: texts }, at): StoredReject => ({
      runId,
      table,
      tableId: load.id,
      partitionId: END_OF_LOAD,
      seq: 0,
      row: before + at + 1,
      key:
        key.length === 0
          ? null
          : Object.fromEntries(key.map((name, part) => [nameOf(name), plain[part] ? texts[part] : null])),
      column: column === null ? null : nameOf(column),
      code,
      reason,
      value,
      encoding: value === null ? 'none' : 'text',
      valueBytes: value === null ? 0 : Buffer.byteLength(value),
      also: [],
    }),
  );
}

/** Types whose text is the same in every engine: by others no row would be found again. */
function isPlain({ kind }: LogicalType): boolean {
  return ['int', 'text', 'uuid', 'date', 'decimal', 'numeric'].includes(kind);
}
