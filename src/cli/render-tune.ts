// What `tune` found, as a table with bars for a terminal. Pure.
import type { TuneReport } from '../transfer/tune-report.ts';
import { type RenderOptions, renderTable, renderWarnings } from './render.ts';
import { adviceOf, fixedAxesOf, markOf, sentenceOf, shareOf } from './tune-words.ts';
import { count, printable } from './words.ts';

const BAR_WIDTH = 24;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

export function renderTune(report: TuneReport, options: RenderOptions): string {
  const { paint } = options;
  const table = renderTable(
    ['batch size', 'workers', 'connections', 'rows/s', 'min', 'max', 'runs', '', ''],
    report.settings.map((result) => {
      const { min, median, max } = result.rowsPerSecond;
      const mark = markOf(result, report);
      return [
        { number: count(result.batchSize) },
        { number: count(result.workers) },
        { number: count(result.connections) },
        { number: count(median) },
        { number: count(min) },
        { number: count(max) },
        { number: count(result.runs) },
        paint(result.finalist ? 'cyan' : 'dim', bar(shareOf(result, report))),
        mark.startsWith('recommended') ? paint('green', mark) : mark,
      ];
    }),
    paint,
  );
  return [
    `${printable(report.source)} -> ${printable(report.target)}`,
    printable(sentenceOf(report)),
    table,
    fixedAxesOf(report),
    renderWarnings(report.warnings, options),
    paint('green', adviceOf(report)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function bar(share: number): string {
  const eighths = Math.round(share * BAR_WIDTH * 8);
  return `${'█'.repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8]}`;
}
