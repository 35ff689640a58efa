// What `ferrow repair` did, or would do, for people. Pure.
import type { RepairReport } from '../transfer/repair.ts';
import { type RenderOptions, renderTable, renderWarnings } from './render.ts';
import { count, counted, printable } from './words.ts';

/** A row for each table, why tables could not be repaired, and whether the two are equal now. No line end. */
export function renderRepair(report: RepairReport, options: RenderOptions): string {
  const { paint } = options;
  const rows = report.tables.map(({ tableName, changedRows, missingRows, extraRows, ranges, error }) => {
    const isEqual = changedRows + missingRows + extraRows === 0;
    const done = report.dryRun ? (isEqual ? 'equal' : 'to be repaired') : isEqual ? 'equal' : 'repaired';
    return [
      printable(tableName),
      { number: count(changedRows) },
      { number: count(missingRows) },
      { number: count(extraRows) },
      { number: count(ranges) },
      error === null ? paint('green', done) : paint('red', error.code),
    ];
  });
  const failed = report.tables.flatMap(({ tableName, error }) =>
    error === null
      ? []
      : [
          [
            `${paint('red', error.code)} ${printable(tableName)}: ${printable(error.message)}`,
            ...(error.hint ? [paint('dim', `  ${printable(error.hint)}`)] : []),
          ].join('\n'),
        ],
  );
  const heads = ['table', 'changed', 'missing', 'extra', 'ranges', ''];
  return [
    renderTable(heads, rows, paint),
    ...failed,
    renderWarnings(report.warnings, options),
    sumLine(report, options),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function sumLine(report: RepairReport, { paint }: RenderOptions): string {
  const put = report.tables.reduce((sum, table) => sum + table.changedRows + table.missingRows, 0);
  const gone = report.tables.reduce((sum, table) => sum + table.extraRows, 0);
  const rows = `${counted(put, 'row')} of ${counted(report.repairedTables, 'table')}`;
  if (report.dryRun) {
    const would = `nothing was written; ferrow repair would put ${rows} and delete ${count(gone)}`;
    return paint(report.success ? 'green' : 'red', would);
  }
  const did = `put ${rows}, deleted ${count(gone)}`;
  const { verification } = report;
  if (verification?.success) return paint('green', `equal: ${did}; compared again, nothing differs`);
  const differ = verification ? verification.totalTables - verification.equalTables : 0;
  return paint(
    'red',
    `different: ${did}; compared again, ${counted(differ, 'table')} still differ (ferrow verify names the rows)`,
  );
}
