// What `ferrow runs` found, for people: a row for each run, the last one first. Pure.
import type { RunSummary, RunsReport } from '../transfer/runs.ts';
import { type RenderOptions, renderTable } from './render.ts';
import { count, counted, type Paint, printable, type Style } from './words.ts';

export function renderRuns({ target, runs, cleaned }: RunsReport, { paint }: RenderOptions): string {
  const table = renderTable(
    ['run', 'state', 'begun', 'from', 'tables', 'rows', 'goes on with'],
    runs.map((run) => rowOf(run, paint)),
    paint,
  );
  const gone =
    cleaned.length === 0
      ? ''
      : `${counted(cleaned.length, 'run')} forgotten: ${cleaned.map(short).join(', ')}`;
  const none = runs.length === 0 ? `the ledger of ${printable(target)} knows no runs` : '';
  return [table, none, gone].filter((part) => part !== '').join('\n\n');
}

function rowOf(run: RunSummary, paint: Paint) {
  const { runId, state, startedAt, source, tables, rows, resumed, next } = run;
  const half = tables.halfDone > 0 ? `, ${tables.halfDone} half done` : '';
  const again = resumed > 0 ? ` (resumed ${resumed}×)` : '';
  return [
    short(runId),
    paint(COLOURS[state], state) + again,
    startedAt.slice(0, 19).replace('T', ' '),
    printable(source),
    `${tables.finished} of ${tables.total}${half}`,
    { number: count(rows) },
    next ?? '',
  ];
}

const short = (runId: string): string => runId.slice(0, 8);

const COLOURS: Readonly<Record<RunSummary['state'], Style>> = {
  done: 'green',
  copying: 'cyan',
  killed: 'red',
  failed: 'red',
  interrupted: 'yellow',
};
