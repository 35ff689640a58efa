// `ferrow repair`: makes the target equal by moving only the rows that differ. Compares, closes both, puts what is missing or
// otherwise and deletes what is too much, range by range, and compares again.
import { FerrowError, type WireError } from '../errors/ferrow-error.ts';
import { type AppliedTable, applyRepairs } from './repair-apply.ts';
import { collectRepairs, type TableDifference } from './repair-collect.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { verify } from './verify.ts';
import type { VerifyReport } from './verify-report.ts';

export interface TableRepair {
  readonly tableName: string;
  /** Rows that were put into the target, or would be: those that were missing, and those with other values. */
  readonly missingRows: number;
  readonly changedRows: number;
  /** Rows that were deleted, or would be. */
  readonly extraRows: number;
  /** Transactions that it took. */
  readonly ranges: number;
  readonly success: boolean;
  readonly error: WireError | null;
}

export interface RepairReport {
  readonly source: string;
  readonly target: string;
  readonly dryRun: boolean;
  /** Everything is equal now; of a dry run, that nothing stands against a repair. */
  readonly success: boolean;
  readonly totalTables: number;
  /** Tables in which rows were put or deleted, or would be. */
  readonly repairedTables: number;
  readonly tables: readonly TableRepair[];
  /** What stood there afterwards; null of a dry run, and where nothing was done. */
  readonly verification: VerifyReport | null;
  readonly warnings: readonly Warning[];
}

/** So many times it goes on where more rows differed than are held in memory at once. */
const PASSES_MAX = 1000;

/** @throws FerrowError where the two can't be opened, or the request names what isn't there */
export async function repair(request: TransferRequest): Promise<RepairReport> {
  const { options } = request;
  const sums = new Map<string, TableRepair>();
  const warnings: Warning[] = [];
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const { tables, isComplete } = await collectRepairs(request);
    const found = tables.filter((table) => isMostly(table, sums)).map(mostDiffer);
    for (const { hint, ...warning } of found) request.events.emit('warning', warning);
    warnings.push(...found);
    const open = tables.filter((table) => table.error === null && countOf(table) > 0);
    const applied = options.dryRun ? [] : await applyRepairs(request, open, warnings);
    for (const table of tables) add(sums, table, applied, options.dryRun);
    const failed = applied.some((each) => each.error !== null);
    if (isComplete || options.dryRun || failed || open.length === 0) break;
    request.signal.throwIfAborted();
  }
  const tables = [...sums.values()];
  const wanted = tables.filter((table) => table.missingRows + table.changedRows + table.extraRows > 0);
  const verification = options.dryRun ? null : await verify(withLevelFull(request));
  const failed = tables.some((table) => table.error !== null);
  return {
    source: (await request.source.locate()).display,
    target: (await request.target.locate()).display,
    dryRun: options.dryRun,
    success: !failed && verification?.success !== false,
    totalTables: tables.length,
    repairedTables: wanted.length,
    tables,
    verification,
    warnings: [...warnings, ...(verification?.warnings ?? [])],
  };
}

function countOf({ missing, changed, extra }: TableDifference): number {
  return missing + changed + extra;
}

/** Where a table is smaller it does not matter how its rows come. */
const LARGE_ROWS = 100_000;

/** More than half of a large table differs, as this pass is the first to show. */
function isMostly(table: TableDifference, sums: ReadonlyMap<string, TableRepair>): boolean {
  const before = sums.get(table.tableName);
  const done = before ? before.missingRows + before.changedRows + before.extraRows : 0;
  return table.rows >= LARGE_ROWS && done <= table.rows / 2 && done + countOf(table) > table.rows / 2;
}

function mostDiffer(table: TableDifference): Warning {
  const { tableName, rows } = table;
  return {
    code: 'W_MOST_ROWS_DIFFER',
    table: tableName,
    column: null,
    message: `at least ${countOf(table)} of its ${rows} rows differ: moving the table as a whole is faster`,
    hint: `ferrow migrate --if-exists replace --tables ${tableName}`,
  };
}

function withLevelFull(request: TransferRequest): TransferRequest {
  return { ...request, options: { ...request.options, verify: 'full', dryRun: false } };
}

function add(
  sums: Map<string, TableRepair>,
  table: TableDifference,
  applied: readonly AppliedTable[],
  dryRun: boolean,
): void {
  const before = sums.get(table.tableName);
  const done = applied.find((each) => each.tableName === table.tableName);
  const error = table.error ?? done?.error ?? null;
  // Of a table that failed only what was done counts.
  const share = done ?? table;
  const counted = dryRun || done ? share : { missing: 0, changed: 0, extra: 0 };
  sums.set(table.tableName, {
    tableName: table.tableName,
    missingRows: (before?.missingRows ?? 0) + counted.missing,
    changedRows: (before?.changedRows ?? 0) + counted.changed,
    extraRows: (before?.extraRows ?? 0) + counted.extra,
    ranges: (before?.ranges ?? 0) + (done?.ranges ?? (dryRun ? table.ranges.length : 0)),
    success: error === null,
    error: error instanceof FerrowError ? error.toWire() : null,
  });
}
