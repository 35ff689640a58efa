// One table of a sync, before anything moves: which rows are new, how they meet those of the target, what the watermark will
// be, or why the table can't be synced.
import type { Watermark, WatermarkReading } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../types/schema.ts';
import type { TransferOptions } from './options.ts';
import { findColumn } from './plan-append.ts';
import { rowKey } from './plan-conflict.ts';
import type { Warning } from './report.ts';
import { nearest, type SelectedTable } from './select.ts';
import type { Session } from './session.ts';
import { chosenColumns, type EffectiveOptions } from './table-options.ts';
import { nextWatermark } from './watermark-history.ts';

/** A table with what the target has of it. */
export interface SyncDraft {
  readonly entry: SelectedTable;
  readonly options: EffectiveOptions;
  readonly name: TableName;
  readonly existing: TableSchema | null;
  readonly stored: Watermark | null;
}

/** What is to be done for a table. */
export interface SyncTable {
  readonly entry: SelectedTable;
  readonly column: string;
  readonly reading: WatermarkReading;
  /** The user's condition and that of the watermark. */
  readonly where: string | null;
  /** Where it stood; null for a first sync, or where all is read again. */
  readonly from: string | null;
  readonly watermark: Watermark;
  readonly isNew: boolean;
  /** Names in the target; null where rows can only be added. */
  readonly key: readonly string[] | null;
  readonly warnings: readonly Warning[];
}

export interface SyncRun {
  readonly session: Session;
  readonly options: TransferOptions;
  readonly runId: string;
  readonly sourceId: string;
  readonly sourceCatalog: DatabaseSchema;
}

/** @throws FerrowError E_USAGE, E_NO_SUCH_COLUMN, E_WATERMARK, E_NO_KEY: why the table can't be synced */
export async function syncTable(draft: SyncDraft, run: SyncRun): Promise<SyncTable> {
  const { entry, options, existing, stored, name } = draft;
  const { session, runId, sourceId } = run;
  const table = entry.displayName;
  const column = watermarkColumn(draft, run.options);
  const chosen = chosenColumns(entry, options);
  const where = options.where ?? null;
  const scope = JSON.stringify({ column, where, columns: options.columns ?? null });
  const key = keyOf(draft, session);
  refuseDeletes(draft, run.options, key);
  const same = stored !== null && stored.scope === scope && existing !== null;
  const last = same ? stored : null;
  const from = last ? last.value : existing === null ? null : (options.lastMigrated ?? null);
  const once = key === null;
  if (once && existing !== null && last === null && from === null) await refuseDoubling(draft, session);
  const reading = await session.source.engine.watermark({
    table: entry.table,
    column,
    where,
    from,
    lookbackSeconds: once ? 0 : lookbackSeconds(run.options.lookback),
    once,
  });
  if (run.options.lookback !== undefined && reading.orders === 'numbers' && !once)
    throw new FerrowError('E_USAGE', `--lookback is for times, and "${table}"."${column}" holds numbers`, {
      table,
      column,
      hint: 'leave --lookback away: late commits of numbers are found by what was open when they were read',
    });
  const next = once
    ? { value: reading.activity.held ? from : (reading.settled ?? from), history: '[]' }
    : nextWatermark(last, reading);
  const conditions = [where, reading.condition].filter((each) => each !== null);
  const watermark = {
    source: sourceId,
    sourceTable: JSON.stringify([entry.table.schema, entry.table.name]),
    targetTable: JSON.stringify([name.schema, name.name]),
    scope,
    ...next,
    runId,
    at: new Date().toISOString(),
  };
  const facts = { table, column, reading, once, from, isAll: existing !== null && from === null };
  return {
    entry,
    column,
    reading,
    where: conditions.length === 0 ? null : conditions.map((each) => `(${each}\n)`).join(' AND '),
    from,
    watermark,
    isNew: existing === null,
    key,
    warnings: [
      ...warningsOf(facts, stored !== null && !same && existing !== null),
      ...indexWarning(entry.table, column, table),
      ...(chosen.some((each) => each.name === column) ? [] : [notMoved(table, column)]),
    ],
  };
}

function watermarkColumn({ entry, options }: SyncDraft, run: TransferOptions): string {
  const { displayName: table, table: source } = entry;
  const named = options.watermark ?? run.watermark;
  if (named === undefined)
    throw new FerrowError('E_USAGE', `no watermark is named for the table "${table}"`, {
      table,
      hint: 'name the column that grows with --watermark COLUMN, or per table in the configuration file',
    });
  const found = source.columns.find((column) => column.name === named);
  if (found) return found.name;
  const names = source.columns.map((column) => column.name);
  const [near] = nearest(named, names);
  throw new FerrowError('E_NO_SUCH_COLUMN', `table "${table}" has no column "${named}" to be the watermark`, {
    table,
    column: named,
    hint:
      near === undefined
        ? `it has ${names.join(', ')}; leave the table out with --exclude, or name its own column in the configuration file`
        : `did you mean "${near}"?`,
  });
}

/** Of the live table; of a table that is to be made, of the source's, whose key it gets. */
function keyOf({ entry, options, existing }: SyncDraft, { target }: Session): readonly string[] | null {
  const brought = chosenColumns(entry, options).map((column) => column.name);
  if (existing === null) return rowKey(entry.table, brought);
  const input = { target: target.dialect };
  const there = brought.flatMap((name) => findColumn(existing, name, input)?.name ?? []);
  return rowKey(existing, there);
}

function refuseDeletes(
  { entry, options }: SyncDraft,
  run: TransferOptions,
  key: readonly string[] | null,
): void {
  if (!run.deletes) return;
  const { displayName: table } = entry;
  if (options.where !== undefined)
    throw new FerrowError(
      'E_USAGE',
      `table "${table}": --deletes compares all keys, and --where leaves rows out`,
      {
        table,
        hint: 'use one of the two',
      },
    );
  if (key === null)
    throw new FerrowError(
      'E_NO_KEY',
      `table "${table}": --deletes finds rows by their key, and it has none`,
      {
        table,
      },
    );
}

async function refuseDoubling({ entry, name }: SyncDraft, { target }: Session): Promise<void> {
  if ((await target.engine.countRows(name, null)) === 0) return;
  const { displayName: table } = entry;
  throw new FerrowError(
    'E_NO_KEY',
    `table "${table}": the target's table holds rows, has no key to know them by, and was not synced before`,
    {
      table,
      hint: 'give the target table a primary key, or empty it, or say with lastMigrated in the configuration file up to where its rows go',
    },
  );
}

const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `90s`, `15m`, `1d`. */
function lookbackSeconds(text: string | undefined): number {
  const found = /^([\d.]+)(ms|s|m|h|d)$/.exec(text ?? '');
  return found ? Number(found[1]) * UNITS[found[2] as keyof typeof UNITS] : 0;
}

interface Facts {
  readonly table: string;
  readonly column: string;
  readonly reading: WatermarkReading;
  readonly once: boolean;
  readonly from: string | null;
  /** The target has the table, and all rows are read. */
  readonly isAll: boolean;
}

function warningsOf({ table, column, reading, once, isAll }: Facts, scopeChanged: boolean): Warning[] {
  const { nulls, activity } = reading;
  const found: Warning[] = [];
  const warn = (code: string, message: string, hint?: string) =>
    found.push({ code, table, column, message, ...(hint === undefined ? {} : { hint }) });
  if (once)
    warn(
      'W_APPEND_ONLY',
      `it has no key that rows bring, so that rows are only added: changes are not seen, nor rows that come later with a "${column}" that was there`,
      'give it a primary key, or use a watermark that is unique and only grows',
    );
  if (isAll && !once)
    warn(
      'W_SYNC_ALL',
      scopeChanged
        ? 'the watermark, --where or --columns are others than in the last sync: all rows are compared'
        : 'it stands in the target and has no settled watermark: all rows are compared',
    );
  if (nulls > 0)
    warn(
      'W_NULL_WATERMARK',
      `${nulls} rows have no "${column}": no sync sees when they are new or change`,
      'fill the column, or run ferrow verify now and then',
    );
  if (activity.blind)
    warn(
      'W_LATE_COMMITS',
      'the role does not see what else is at work in the source: rows that are committed late may be missed',
      'GRANT pg_read_all_stats to it, or use --lookback as long as the longest transaction',
    );
  if (activity.held)
    warn(
      'W_WATERMARK_HELD',
      'the source has prepared transactions: the watermark stays where it was until they end',
      'see pg_prepared_xacts',
    );
  return found;
}

/** Without one each sync scans the table. */
function indexWarning(source: TableSchema, column: string, table: string): Warning[] {
  const leads = [
    ...(source.primaryKey ? [source.primaryKey.columns[0]] : []),
    ...source.uniques.map(({ columns }) => columns[0]),
    ...source.indexes.filter(({ where }) => where === null).map(({ parts }) => parts[0]?.column),
  ];
  if (leads.includes(column)) return [];
  const message = `the source has no index on "${column}": each sync reads the whole table to find what is new`;
  const hint = `an index on "${table}" ("${column}") makes it as cheap as what is new`;
  return [{ code: 'W_NO_INDEX', table, column, message, hint }];
}

function notMoved(table: string, column: string): Warning {
  const message = 'the watermark is not among the columns that are moved; the source alone is asked for it';
  return { code: 'W_WATERMARK_NOT_MOVED', table, column, message };
}
