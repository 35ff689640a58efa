// The report of `tune` as one HTML file that needs nothing else: no script, no link. Pure; the chart is given.
import type { TuneReport } from '../transfer/tune-report.ts';
import { adviceOf, fixedAxesOf, markOf, sentenceOf } from './tune-words.ts';
import { count } from './words.ts';

export interface PageFacts {
  /** `Node v24.1.0, 2 cores, Intel …`. */
  readonly machine: string;
  /** ISO. */
  readonly at: string;
  /** SVG text; null where nothing could draw it. */
  readonly chart: string | null;
}

export function tunePage(report: TuneReport, { machine, at, chart }: PageFacts): string {
  const notes = [fixedAxesOf(report), ...report.warnings.map((warning) => warning.message)];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>ferrow tune: ${escaped(report.tableName)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #ddd; }
td:last-child { text-align: left; }
tr.recommended { background: #e6f3ea; }
.advice { font-weight: 600; }
.facts { color: #666; font-size: .9em; }
svg { max-width: 100%; height: auto; }
</style>
<h1>${escaped(report.source)} → ${escaped(report.target)}</h1>
<p>${escaped(sentenceOf(report))}</p>
<p class="advice">${escaped(adviceOf(report))}</p>
${chart ?? '<p class="facts">For a chart here, install the package echarts beside ferrow.</p>'}
${report.settings.length === 0 ? '' : table(report)}
${notes
  .filter((note) => note !== '')
  .map((note) => `<p class="facts">${escaped(note)}</p>`)
  .join('\n')}
<p class="facts">${escaped(at)}; ${escaped(machine)}. Bars and numbers are medians, lines reach from the slowest run to the
fastest. Settings that fell out early were measured once, over fewer rows.</p>
</html>
`;
}

function table(report: TuneReport): string {
  const rows = report.settings.map((result) => {
    const { min, median, max } = result.rowsPerSecond;
    const mark = markOf(result, report);
    const numbers = [result.batchSize, result.workers, result.connections, median, min, max, result.runs];
    const cells = [...numbers.map(count), mark].map((cell) => `<td>${cell}</td>`).join('');
    return `<tr${mark.startsWith('recommended') ? ' class="recommended"' : ''}>${cells}</tr>`;
  });
  const heads = ['batch size', 'workers', 'connections', 'rows/s', 'min', 'max', 'runs', ''];
  return `<table>
<tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>
${rows.join('\n')}
</table>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
