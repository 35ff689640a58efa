// Rejects as a target keeps them: those of a chunk, with the place that the chunk's entry in the ledger gives them, and those that
// only the end of a load finds. A part of the seam. Pure.
import { codeFacts } from '../errors/codes.ts';
import type { FerrowError } from '../errors/ferrow-error.ts';
import type { LogicalType } from '../types/logical-type.ts';
import { REJECT_COLUMNS, type RejectPlace, type StoredReject } from '../types/reject.ts';
import type { LedgerEntry, StagedRejecting, TableLoad } from './load.ts';

/** Stands where chunks have their partition. */
export const END_OF_LOAD = 'end';

/** Behind the partition of a reject that was tried again, with the beginning of the run that did. */
export const TRIED_BY = '@';

export const isOfEnd = (partitionId: string): boolean => partitionId.split(TRIED_BY, 1)[0] === END_OF_LOAD;

/** The most of a value that is kept of a staged row, in characters. */
export const STAGED_VALUE_CHARS_MAX = 16 * 1024;

export function storedRejects({ runId, tableId, partitionId, seq, rejects }: LedgerEntry): StoredReject[] {
  if (!rejects) return [];
  const { table } = rejects;
  return rejects.rows.map((reject) => ({ ...reject, runId, tableId, partitionId, seq, table }));
}

/** Where those stand that the end of a load has found by now, `rows` of them: the next are behind it. */
export function stagedPlace({ id: tableId }: Pick<TableLoad, 'id'>, rows: number): RejectPlace {
  return { tableId, partitionId: END_OF_LOAD, seq: 0, row: rows };
}

/** Whether the end of a load may end well without the rows that are at fault. */
export function isForRows({ code }: FerrowError): boolean {
  return code === 'E_CONSTRAINT' || codeFacts(code).kind === 'value';
}

/** What of a staged row its table refuses, as expressions over the row. */
export interface StagedFault {
  /** Of the row among those of its table, from 1. */
  readonly number: string;
  /** The name in the target of the column that is to blame, or NULL. */
  readonly blamed: string;
  /** Columns that it may be. */
  readonly columns: readonly string[];
  readonly code: string;
  readonly reason: string;
}

/** How an engine says what is kept of a row. */
export interface RejectSql {
  literal(text: string): string;
  /** A staged column as text, and the bytes of that. */
  text(column: string): string;
  bytes(column: string): string;
  /** An expression of text, cut after so many characters. */
  cut(text: string, characters: number): string;
  /** JSON of an object: pairs of expressions, the names first. */
  object(pairs: readonly (readonly [string, string])[]): string;
}

/** A staged row as a row of rejects: a select list of REJECT_COLUMNS. So it never has to leave the engine. */
export function stagedReject(
  load: TableLoad,
  { runId, table, key, sourceNames }: StagedRejecting,
  { number, blamed, columns, code, reason }: StagedFault,
  sql: RejectSql,
): string {
  const { literal } = sql;
  const nameOf = (column: string) => literal((sourceNames[column] ?? column).replaceAll('\0', '\\0'));
  const ofBlamed = (expression: (column: string) => string) =>
    columns.length === 0
      ? 'NULL'
      : `CASE ${blamed} ${columns.map((name) => `WHEN ${literal(name)} THEN ${expression(name)}`).join(' ')} END`;
  const short = (column: string) => sql.cut(sql.text(column), STAGED_VALUE_CHARS_MAX);
  const isPlain = (name: string) =>
    PLAIN.has(load.columns.find((column) => column.name === name)?.wire.kind ?? 'any');
  const keyPairs = key.map((name) => [nameOf(name), isPlain(name) ? short(name) : 'NULL'] as const);
  const value = ofBlamed(short);
  const cells: Record<keyof typeof REJECT_COLUMNS, string> = {
    run_id: literal(runId),
    table_id: literal(load.id),
    partition_id: literal(END_OF_LOAD),
    seq: '0',
    row_number: number,
    table_name: literal(table.replaceAll('\0', '\\0')),
    row_key: key.length === 0 ? 'NULL' : sql.object(keyPairs),
    column_name: ofBlamed(nameOf),
    code,
    reason,
    value,
    encoding: `CASE WHEN ${value} IS NULL THEN 'none' ELSE 'text' END`,
    value_bytes: `coalesce(${ofBlamed(sql.bytes)}, 0)`,
    also: literal('[]'),
  };
  return Object.keys(REJECT_COLUMNS)
    .map((name) => cells[name as keyof typeof cells])
    .join(', ');
}

/** Kinds of types whose text is the same in every engine: by others no row would be found again. */
const PLAIN = new Set<LogicalType['kind']>(['int', 'text', 'uuid', 'date', 'decimal', 'numeric']);
