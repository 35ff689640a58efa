// What becomes of a run's rejects: how many a table may have, the file, the warnings. The rejects themselves stand in the target,
// in the transactions of their chunks; this only counts them.
import type { RejectStore, TableLoad } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Location } from '../types/location.ts';
import { type RejectedRows, SHOWN_REJECTS_MAX } from '../types/reject.ts';
import { insist } from './insist.ts';
import type { TransferOptions } from './options.ts';
import { requireWritable } from './output-file.ts';
import { writeRejectsFile } from './rejects-file.ts';
import type { RejectedRow, Warning } from './report.ts';
import type { TransferRequest } from './request.ts';

type RejectOptions = Pick<TransferOptions, 'onError' | 'rejects' | 'quarantine' | 'maxRejects'>;

/** The rejects of one table. */
export class TableRejects {
  rows = 0;
  /** Of those, how many only the end of the load refused. */
  staged = 0;
  /** The first few. */
  readonly shown: RejectedRow[] = [];

  add({ rows, first }: RejectedRows): void {
    this.rows += rows;
    for (const { key, column, code, reason } of first.slice(0, SHOWN_REJECTS_MAX - this.shown.length))
      this.shown.push({ key, column, code, reason });
  }
}

/** @throws FerrowError E_TOO_MANY_REJECTS when a table has more than it may have */
export function refuseTooMany(
  { name: table, rejects, sourceRows }: TableWithRejects,
  { maxRejects }: Pick<RejectOptions, 'maxRejects'>,
): void {
  const { rows: rejectedRows } = rejects;
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

/** Where the rejects of a run are written, unless they are kept in the target alone. */
const rejectsFileOf = ({ rejects }: RejectOptions, runId: string): string =>
  rejects ?? `ferrow-rejects-${runId.slice(0, 8)}.jsonl`;

/** Before anything moves. @throws FerrowError E_USAGE where the file could not be written in the end */
export function requireRejectsFile(options: RejectOptions, runId: string): void {
  if (options.onError === 'skip' && (options.rejects !== undefined || !options.quarantine))
    requireWritable('--rejects', rejectsFileOf(options, runId));
}

/** What is said of a table's rejects. */
export interface RejectedInTable {
  readonly name: string;
  readonly rejects: Pick<TableRejects, 'rows' | 'shown'>;
  readonly finished: boolean;
}

/** A table of the run, as far as its rejects go. */
export interface TableWithRejects extends RejectedInTable {
  readonly plan: { readonly load: Pick<TableLoad, 'id'> };
  readonly rejects: TableRejects;
  readonly sourceRows: number | null;
  readonly error: FerrowError | null;
}

/** Rows that were left out, once that is committed. */
export function bookRejects(
  { name: table, rejects }: TableWithRejects,
  rejected: RejectedRows,
  { events }: Pick<TransferRequest, 'events'>,
): void {
  rejects.add(rejected);
  events.emit('reject', { table, rows: rejected.rows, tableRows: rejects.rows });
}

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
  const failed = rejected.filter(({ finished }) => !finished);
  // The target keeps nothing of tables that did not arrive. A file that was named is written in any case: an old one of
  // that name would be taken for this run's.
  const isWanted = options.quarantine ? failed.length > 0 : rejected.length > 0;
  const file = isWanted || options.rejects !== undefined ? rejectsFileOf(options, runId) : null;
  const errors = new Map(failed.map(({ plan, error }) => [plan.load.id, error?.code ?? 'E_CANCELLED']));
  if (file !== null) await writeRejectsFile(store, runId, file, errors);
  if (isOver && file !== null && rejected.length > 0 && !options.quarantine) await store.emptyRejects(runId);
  const command = retryCommand(await target.locate(), runId);
  const placeOf = ({ finished }: TableWithRejects) =>
    [file, options.quarantine && finished ? 'the target' : null]
      .filter((each) => each !== null)
      .join(' and ');
  // Of a table that can be carried on the end is not known yet.
  const known = rejected.filter(
    ({ finished, error }) => isOver || finished || error?.code === 'E_TOO_MANY_REJECTS',
  );
  return { warnings: known.map((table) => rejectedWarning(table, placeOf(table), command)), file };
}

/** What goes on with rows that a run left out. */
export const retryCommand = ({ display }: Pick<Location, 'display'>, runId: string): string =>
  `ferrow retry-rejects ${display} ${runId.slice(0, 8)}`;

/** `place`: where they are to be seen. `command`: what goes on with them. */
export function rejectedWarning(
  { name, finished, rejects: { rows, shown } }: RejectedInTable,
  place: string,
  command: string,
): Warning {
  const rest = rows - shown.length;
  const list = shown.map((row) => `${keyWords(row)}${columnWords(row)}${row.code}, ${row.reason}`).join('; ');
  const more = rest > 0 ? `; and ${rest} more` : '';
  const message = `${rows === 1 ? '1 row was' : `${rows} rows were`} rejected, see ${place}: ${list}${more}`;
  const hint = !finished
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
