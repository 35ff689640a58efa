// What `ferrow verify` found, for people. Pure.
import type { Difference } from '../transfer/verify-differences.ts';
import type { TableVerification, VerifyReport } from '../transfer/verify-report.ts';
import { type RenderOptions, renderTable, renderWarnings } from './render.ts';
import { differenceText, verdictOf } from './verify-words.ts';
import { count, counted, duration, printable } from './words.ts';

/** A row for each table, what differs under it, and the sum. No line end. */
export function renderVerify(report: VerifyReport, options: RenderOptions): string {
  const { paint } = options;
  const rows = report.tables.map((table) => [
    printable(table.tableName),
    { number: table.sourceRows === null ? '' : count(table.sourceRows) },
    { number: table.targetRows === null ? '' : count(table.targetRows) },
    table.level ?? '',
    { number: duration(table.elapsedSeconds) },
    table.equal ? paint('green', 'equal') : paint('red', verdictOf(table)),
  ]);
  return [
    renderTable(['table', 'source rows', 'target rows', 'compared', 'time', ''], rows, paint),
    ...report.tables.filter((table) => !table.equal).map((table) => details(table, options)),
    onlyThere(report),
    renderWarnings(report.warnings, options),
    sumLine(report, options),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Rows of a table that are shown without --verbose; all are in the JSON document and the report file. */
const SHOWN_MAX = 20;

function details(table: TableVerification, { paint, verbose }: RenderOptions): string {
  const shown = verbose ? table.rows : table.rows.slice(0, SHOWN_MAX);
  const lines = [
    ...(table.error ? [`${table.error.code}: ${table.error.message}`] : []),
    ...(table.error?.hint ? [table.error.hint] : []),
    ...(table.rowCountMatch || table.sourceRows === null || table.targetRows === null
      ? []
      : [`${counted(table.sourceRows, 'row')} in the source, ${count(table.targetRows)} in the target`]),
    ...table.schemaDifferences,
    ...table.figures.map(({ column, message }) => `column "${column}": by the databases' own SQL ${message}`),
    ...differencesLine(table),
    ...shown.map((difference: Difference) => `  ${differenceText(difference)}`),
    ...(shown.length < table.rows.length
      ? [`  … and ${table.rows.length - shown.length} more lines (--verbose shows all)`]
      : []),
  ];
  return [paint('bold', printable(table.tableName)), ...lines.map((line) => `  ${printable(line)}`)].join(
    '\n',
  );
}

function differencesLine({ differences, sampledRows }: TableVerification): string[] {
  if (differences === null) return [];
  const { missing, extra, changed, atLeast } = differences;
  if (missing + extra + changed === 0) return [];
  const of = sampledRows === null ? '' : ` of ${counted(sampledRows, 'row')} looked up`;
  return [
    `${atLeast ? 'at least ' : ''}${count(changed)} changed, ${count(missing)} missing, ${count(extra)} extra${of}`,
  ];
}

function onlyThere({ onlyInTarget }: VerifyReport): string {
  if (onlyInTarget.length === 0) return '';
  const named = onlyInTarget.slice(0, SHOWN_MAX).map(printable).join(', ');
  const more = onlyInTarget.length > SHOWN_MAX ? ' …' : '';
  return `only in the target, compared with nothing: ${named}${more}`;
}

function sumLine(report: VerifyReport, { paint }: RenderOptions): string {
  const tables = counted(report.totalTables, 'table');
  if (report.success) return paint('green', `equal: ${tables}, compared by ${report.level}`);
  const differ = report.totalTables - report.equalTables;
  const failed = report.tables.filter((table) => table.error !== null).length;
  const words = failed > 0 ? `; ${counted(failed, 'table')} could not be compared` : '';
  return paint('red', `different: ${differ} of ${tables}${words}`);
}
