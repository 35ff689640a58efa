// What `ferrow rollback` did, for people. Pure.
import type { RollbackReport } from '../transfer/rollback.ts';
import { type RenderOptions, renderTable, renderWarnings } from './render.ts';
import { counted, printable } from './words.ts';

export function renderRollback(report: RollbackReport, options: RenderOptions): string {
  const { paint } = options;
  const table = renderTable(
    ['table', '', 'the one of the run'],
    report.tables.map(({ tableName, stands, keptAs }) => [
      printable(tableName),
      stands ? 'as before the run' : 'gone, as before the run',
      keptAs === null ? '' : `kept as ${printable(keptAs)}`,
    ]),
    paint,
  );
  return [
    table,
    renderWarnings(report.warnings, options),
    paint('green', `rolled back: ${counted(report.tables.length, 'table')} of run ${report.rolledBack}`),
    paint('dim', `to have them again: ferrow rollback TARGET ${report.runId}`),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
