// Reports as text for people: the run's table, warnings, errors. Pure: text out, nothing printed.
import Table from 'cli-table3';
import type { WireError } from '../errors/ferrow-error.ts';
import type { Report, TableResult, Warning } from '../transfer/report.ts';
import { count, counted, duration, type Paint, printable } from './words.ts';

export interface RenderOptions {
  readonly paint: Paint;
  readonly verbose: boolean;
}

type Cell = string | { readonly number: string };

/** Columns under headings, without frames, so that lines can be cut and searched. Empty for no rows. */
export function renderTable(headings: readonly string[], rows: readonly Cell[][], paint: Paint): string {
  if (rows.length === 0) return '';
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' };
  const more = { 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' };
  const table = new Table({
    head: headings.map((heading) => paint('bold', heading)),
    colAligns: headings.map((_heading, at) => (typeof rows[0][at] === 'string' ? 'left' : 'right')),
    chars: { ...none, ...more, right: '', 'right-mid': '', middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) {
    table.push(row.map((cell) => (typeof cell === 'string' ? cell : cell.number)));
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Tables that failed are worth a row each; of very many that went well, the totals say enough. */
const ROWS_MAX = 200;

/** What a run did: a row for each table, warnings, the sum; failures are a text of their own. No line end. */
export function renderReport(report: Report, options: RenderOptions): string {
  const { paint } = options;
  const shown =
    options.verbose || report.tableResults.length <= ROWS_MAX
      ? report.tableResults
      : [...report.tableResults].sort((a, b) => Number(a.success) - Number(b.success)).slice(0, ROWS_MAX);
  const left = report.tableResults.length - shown.length;
  const table = renderTable(
    ['table', 'rows', 'batches', 'time', 'rows/s', 'verified', ''],
    shown.map((result) => resultRow(result, paint)),
    paint,
  );
  return [
    table,
    renderConflicts(shown),
    left > 0 ? `… and ${counted(left, 'more table')} (--verbose shows all)` : '',
    renderViews(report.carriedViews, paint),
    renderWarnings(report.warnings, options),
    renderLosses(report, options),
    renderKept(report, paint),
    retriesLine(report),
    sumLine(report, paint),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function resultRow(result: TableResult, paint: Paint): Cell[] {
  return [
    printable(result.tableName),
    { number: count(result.migratedRows) },
    { number: count(result.batchesProcessed) },
    { number: duration(result.elapsedSeconds) },
    { number: result.rowsPerSecond > 0 ? count(result.rowsPerSecond) : '' },
    result.verified ?? '',
    outcome(result, paint),
  ];
}

function outcome({ success, rejectedRows, error }: TableResult, paint: Paint): string {
  if (!success) return paint('red', error?.code ?? 'failed');
  return rejectedRows === 0 ? paint('green', 'ok') : paint('yellow', `${count(rejectedRows)} rejected`);
}

/** How rows met those that were there: only what there was of each. */
function renderConflicts(results: readonly TableResult[]): string {
  return results
    .flatMap(({ tableName, conflicts }) => {
      if (!conflicts) return [];
      const kinds = ['inserted', 'updated', 'unchanged', 'skipped', 'deleted'] as const;
      const { inserted, updated, skipped, deleted } = conflicts;
      const isNothing = inserted + updated + skipped + deleted === 0;
      const said = kinds
        .filter((kind) => conflicts[kind] > 0)
        .map((kind) => `${count(conflicts[kind])} ${kind}`);
      return [`${printable(tableName)}: ${[...(isNothing ? ['nothing new'] : []), ...said].join(', ')}`];
    })
    .join('\n');
}

function retriesLine({ retries }: Report): string {
  const parts = retries.map(({ table, code, count: times }) => {
    const of = table === null ? '' : `${printable(table)} `;
    return `${of}${code} ${times}×`;
  });
  return parts.length === 0 ? '' : `tried again: ${parts.join(', ')}`;
}

function sumLine(report: Report, paint: Paint): string {
  const moved = `${counted(report.totalMigratedRows, 'row')} in ${duration(report.elapsedSeconds)}`;
  const rate = report.totalMigratedRows > 0 ? `, ${count(report.rowsPerSecond)} rows/s` : '';
  if (report.success) return paint('green', `done: ${counted(report.totalTables, 'table')}, ${moved}${rate}`);
  const failed = `${report.successfulTables} of ${counted(report.totalTables, 'table')} done`;
  const word = report.error?.code === 'E_CANCELLED' ? 'interrupted' : 'failed';
  return paint('red', `${word}: ${failed}, ${moved}`);
}

const WARNINGS_PER_KIND = 10;
/** So many names of a group are shown without --verbose. */
const NAMES_PER_GROUP = 20;

/** Warnings under their codes, those of one table together; things of one kind and for one reason in one line. */
export function renderWarnings(warnings: readonly Warning[], { paint, verbose }: RenderOptions): string {
  if (warnings.length === 0) return '';
  const kinds = groupBy(warnings, (warning) => warning.code);
  const lines = [paint('yellow', counted(warnings.length, 'warning'))];
  for (const [code, members] of kinds) {
    lines.push(`  ${paint('bold', code)}`);
    // Each group stands where its first member stood.
    const groups = [...groupBy(members, groupOf).values()];
    const shown = verbose ? groups : groups.slice(0, WARNINGS_PER_KIND);
    for (const group of shown) {
      const [{ table, column, message, hint }] = group;
      const place = group.length === 1 ? placeOf(table, column) : '';
      const text = group.length === 1 ? printable(message) : groupText(group, verbose);
      lines.push(`    ${place === '' ? '' : `${place}: `}${text}`);
      if (hint !== undefined) lines.push(paint('dim', `      ${printable(hint)}`));
    }
    if (shown.length < groups.length) {
      lines.push(`    … and ${groups.length - shown.length} more (--verbose shows all)`);
    }
  }
  return lines.join('\n');
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Triggers of all tables are one group; what is a part of a table stays with it. */
function groupOf(warning: Warning): string {
  const { object, reason, column, hint, message, table } = warning;
  const alone = object === undefined || column !== null || hint !== undefined || PARTS.has(object);
  return alone ? JSON.stringify([message, table, column]) : JSON.stringify([object, reason]);
}

const PARTS: ReadonlySet<string> = new Set([
  'primary key',
  'unique constraint',
  'foreign key',
  'foreign key action',
  'check',
  'default',
  'identity',
  'generated column',
  'collation',
  'comment',
  'index',
]);

function groupText(group: readonly Warning[], verbose: boolean): string {
  const names = group.map(({ name, table }) => printable(table === null ? `${name}` : `${name} (${table})`));
  const shown = verbose ? names : names.slice(0, NAMES_PER_GROUP);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const [{ object = '', reason = '' }] = group;
  return `${group.length} ${plural(object)} are not carried: ${shown.join(', ')}${more}; ${printable(reason)}`;
}

function plural(noun: string): string {
  return noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** Views that stand in the target now, or would. */
export function renderViews(views: readonly string[], paint: Paint): string {
  if (views.length === 0) return '';
  return `${paint('bold', counted(views.length, 'view'))}  ${views.map(printable).join(', ')}`;
}

/** The way back from a swap. */
function renderKept({ tableResults, runId }: Report, paint: Paint): string {
  const kept = tableResults.filter((table) => table.keptAs);
  if (kept.length === 0) return '';
  const what = kept.length === 1 ? printable(kept[0].keptAs ?? '') : `…_ferrow_old (${count(kept.length)})`;
  return paint('dim', `what was replaced is kept as ${what}: ferrow rollback TARGET ${runId.slice(0, 8)}`);
}

function renderLosses({ allowedLosses }: Report, { paint }: RenderOptions): string {
  if (allowedLosses.length === 0) return '';
  const rows = allowedLosses.map(({ table, column, policy, count: times }): Cell[] => [
    printable(table),
    printable(column),
    policy,
    { number: count(times) },
  ]);
  return `accepted losses\n${renderTable(['table', 'column', 'policy', 'values'], rows, paint)}`;
}

/** Every failure once: refusals of the plan, tables, and what ended the run. */
export function renderFailures(report: Report, options: RenderOptions): string {
  const errors: WireError[] = [];
  const seen = new Set<string>();
  const add = (error: WireError | null, table?: string): void => {
    if (error === null) return;
    const placed =
      error.table === undefined && table !== undefined && table !== '' ? { ...error, table } : error;
    const key = `${placed.code} ${placed.table} ${placed.column} ${placed.message}`;
    if (!seen.has(key)) errors.push(placed);
    seen.add(key);
  };
  for (const refusal of report.refusals) add(refusal);
  for (const table of report.tableResults) add(table.error, table.tableName);
  if (report.error !== null && !errors.some((error) => error.message === report.error?.message)) {
    add(report.error);
  }
  return errors.map((error) => renderError(error, options)).join('\n\n');
}

/** One error: what, where, which value, what to do. */
export function renderError(error: WireError, { paint, verbose }: RenderOptions): string {
  const lines = [`${paint('red', 'error')} ${paint('bold', error.code)}: ${printable(error.message)}`];
  const place = placeOf(error.table ?? null, error.column ?? null);
  const row = Object.entries(error.row ?? {}).map(([key, value]) => `${key}=${value}`);
  const where = [place, row.length === 0 ? '' : `row ${printable(row.join(', '))}`].filter(
    (part) => part !== '',
  );
  if (where.length > 0) lines.push(`  where: ${where.join(', ')}`);
  if (error.value !== undefined) lines.push(`  value: ${printable(error.value)}`);
  if (error.causeMessage !== undefined && (verbose || error.code === 'E_INTERNAL')) {
    if (error.causeMessage !== error.message) lines.push(`  cause: ${printable(error.causeMessage)}`);
  }
  lines.push(`  ${paint('cyan', 'hint')}: ${printable(error.hint)}`);
  return lines.join('\n');
}

function placeOf(table: string | null, column: string | null): string {
  if (table === null) return column === null ? '' : `column ${printable(column)}`;
  return column === null ? printable(table) : `${printable(table)}.${printable(column)}`;
}
