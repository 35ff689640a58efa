// What becomes of a run's rejects: how many a table may have, the file, the warnings. The rejects themselves stand in the target,
// in the transactions of their chunks; this only counts them.
import type { RejectStore } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Reject } from '../types/reject.ts';
import { insist } from './insist.ts';
import type { TransferOptions } from './options.ts';
import { requireWritable } from './output-file.ts';
import { writeRejectsFile } from './rejects-file.ts';
import type { RejectedRow, Warning } from './report.ts';
import type { TransferRequest } from './request.ts';

/** Rejected rows of a table that are shown in the report. */
const SHOWN_MAX = 5;

type RejectOptions = Pick<TransferOptions, 'onError' | 'rejects' | 'quarantine' | 'maxRejects'>;

/** The rejects of one table. */
export class TableRejects {
  rows = 0;
  /** Of those, how many only the end of the load refused. */
  staged = 0;
  /** The first few. */
  readonly shown: RejectedRow[] = [];

  add(rejects: readonly Reject[]): void {
    this.rows += rejects.length;
    for (const { key, column, code, reason } of rejects.slice(0, SHOWN_MAX - this.shown.length))
      this.shown.push({ key, column, code, reason });
  }
}

/** @throws FerrowError E_TOO_MANY_REJECTS when a table has more than it may have */
export function refuseTooMany(
  table: string,
  rejectedRows: number,
  sourceRows: number | null,
  { maxRejects }: Pick<RejectOptions, 'maxRejects'>,
): void {
  if (maxRejects === undefined) return;
  const share = maxRejects.endsWith('%') ? Number(maxRejects.slice(0, -1)) / 100 : null;
  // Without a count of the source nothing can be said of a share until the end.
  if (share !== null && sourceRows === null) return;
  const most = share === null ? Number(maxRejects) : Math.floor(share * (sourceRows ?? 0));
  if (rejectedRows <= most) return;
  throw new FerrowError(
    'E_TOO_MANY_REJECTS',
    `table "${table}": ${rejectedRows} ${rejectedRows === 1 ? 'row was' : 'rows were'} rejected, more than --max-rejects ${maxRejects} allows`,
    { table },
  );
}

/** Where the rejects of a run are written; null where they are kept in the target alone. */
export function rejectsFileOf(options: RejectOptions, runId: string): string | null {
  if (options.rejects !== undefined) return options.rejects;
  return options.quarantine ? null : `ferrow-rejects-${runId.slice(0, 8)}.jsonl`;
}

/** Before anything moves. @throws FerrowError E_USAGE where the file could not be written in the end */
export function requireRejectsFile(options: RejectOptions, runId: string): void {
  const file = options.onError === 'skip' ? rejectsFileOf(options, runId) : null;
  if (file !== null) requireWritable('--rejects', file);
}

/** A table of the run, as far as its rejects go. */
export interface TableWithRejects {
  readonly name: string;
  readonly rejects: TableRejects;
  readonly sourceRows: number | null;
  readonly error: FerrowError | null;
  readonly finished: boolean;
}

/** Rows that were left out of a chunk that is committed. @throws FerrowError E_TOO_MANY_REJECTS */
export function addRejects(
  { name: table, rejects, sourceRows }: TableWithRejects,
  rows: readonly Reject[],
  { events, options }: Pick<TransferRequest, 'events' | 'options'>,
): void {
  rejects.add(rows);
  events.emit('reject', { table, rows: rows.length, tableRows: rejects.rows });
  refuseTooMany(table, rejects.rows, sourceRows, options);
}

/** Its rows are taken back: nobody can retry those that were left out. */
const isGone = ({ error, finished }: TableWithRejects): boolean => error !== null || !finished;

export interface SettledRejects {
  readonly warnings: readonly Warning[];
  /** The file that was written. */
  readonly file: string | null;
}

/**
 * At the end of a run, good or bad: writes the file from what the target keeps. Raw values go out of the target once they are in
 * the file, unless they are to stay or the run is to be carried on. Its own failure must not hide the run's.
 */
export async function settleRejects(
  store: RejectStore,
  request: Pick<TransferRequest, 'options' | 'target'>,
  runId: string,
  tables: readonly TableWithRejects[],
  isOver: boolean,
): Promise<SettledRejects> {
  if (request.options.onError !== 'skip') return { warnings: [], file: null };
  try {
    return await insist(() => settle(store, request, runId, tables, isOver));
  } catch (error) {
    const { message } = FerrowError.from(error);
    return {
      warnings: [{ code: 'W_REJECTS_NOT_WRITTEN', table: null, column: null, message }],
      file: null,
    };
  }
}

/** @throws FerrowError E_WRITE */
async function settle(
  store: RejectStore,
  { options, target }: Pick<TransferRequest, 'options' | 'target'>,
  runId: string,
  tables: readonly TableWithRejects[],
  isOver: boolean,
): Promise<SettledRejects> {
  const rejected = tables.filter(({ rejects }) => rejects.rows > 0);
  // A file that was named is written in any case: an old one of that name would be taken for this run's.
  const file = rejected.length > 0 || options.rejects !== undefined ? rejectsFileOf(options, runId) : null;
  if (file !== null) await writeRejectsFile(store, [runId], file);
  if (isOver && file !== null && rejected.length > 0 && !options.quarantine) await store.emptyRejects(runId);
  const { display } = await target.locate();
  const command = `ferrow retry-rejects ${display} ${runId.slice(0, 8)}`;
  const place = [file, options.quarantine ? 'the target' : null]
    .filter((each) => each !== null)
    .join(' and ');
  const warnings = isOver ? rejected.map((table) => warningOf(table, place, command)) : [];
  return { warnings, file };
}

function warningOf(table: TableWithRejects, place: string, command: string): Warning {
  const { name } = table;
  const { rows, shown } = table.rejects;
  const rest = rows - shown.length;
  const list = shown.map((row) => `${keyWords(row)}${columnWords(row)}${row.code}, ${row.reason}`).join('; ');
  const more = rest > 0 ? `; and ${rest} more` : '';
  const message = `${rows === 1 ? '1 row was' : `${rows} rows were`} rejected, see ${place}: ${list}${more}`;
  const hint = isGone(table)
    ? 'the table was not moved: mend the rows, or allow more with --max-rejects'
    : `when the cause is mended, or with --allow: ${command}`;
  return { code: 'W_ROWS_REJECTED', table: name, column: null, message, hint };
}

function keyWords({ key }: RejectedRow): string {
  if (key === null) return '';
  const parts = Object.entries(key).map(([name, value]) => `${name}=${value === null ? 'NULL' : cut(value)}`);
  return `${parts.join(', ')}: `;
}

const columnWords = ({ column }: RejectedRow): string => (column === null ? '' : `column "${column}" `);

const KEY_CHARS_MAX = 60;
const cut = (text: string) => (text.length > KEY_CHARS_MAX ? `${text.slice(0, KEY_CHARS_MAX)}…` : text);
