// What `ferrow runs` found, for people: a row for each run and each rollback, the last ones first. Pure.
import type { RunSummary, RunsReport } from '../transfer/runs.ts';
import { type RenderOptions, renderTable } from './render.ts';
import { count, counted, type Paint, printable, type Style } from './words.ts';

export function renderRuns(
  { target, runs, rollbacks, cleaned }: RunsReport,
  { paint }: RenderOptions,
): string {
  const table = renderTable(
    ['run', 'state', 'begun', 'from', 'tables', 'rows', 'rejected', 'goes on with'],
    runs.map((run) => rowOf(run, paint)),
    paint,
  );
  const gone =
    cleaned.length === 0
      ? ''
      : `${counted(cleaned.length, 'run')} forgotten: ${cleaned.map(short).join(', ')}`;
  const none = runs.length === 0 ? `the ledger of ${printable(target)} knows no runs` : '';
  const back = renderTable(
    ['rollback', 'put back what stood before', 'at', 'tables', 'to have the others again'],
    rollbacks.map((rollback) => [
      short(rollback.runId),
      short(rollback.rolledBack),
      moment(rollback.at),
      rollback.tables.map(printable).join(', '),
      rollback.undoneBy === null
        ? `ferrow rollback TARGET ${short(rollback.runId)}`
        : `done by ${short(rollback.undoneBy)}`,
    ]),
    paint,
  );
  return [table, none, back, gone].filter((part) => part !== '').join('\n\n');
}

function rowOf(run: RunSummary, paint: Paint) {
  const { runId, state, startedAt, source, tables, rows, rejectedRows, resumed, next } = run;
  const half = tables.halfDone > 0 ? `, ${tables.halfDone} half done` : '';
  const again = resumed > 0 ? ` (resumed ${resumed}×)` : '';
  return [
    short(runId),
    paint(COLOURS[state], state) + again,
    moment(startedAt),
    printable(source),
    `${tables.finished} of ${tables.total}${half}`,
    { number: count(rows) },
    rejectedRows > 0 ? { number: count(rejectedRows) } : '',
    next ?? '',
  ];
}

const moment = (at: string): string => at.slice(0, 19).replace('T', ' ');
const short = (runId: string): string => runId.slice(0, 8);

const COLOURS: Readonly<Record<RunSummary['state'], Style>> = {
  done: 'green',
  copying: 'cyan',
  killed: 'red',
  failed: 'red',
  interrupted: 'yellow',
};
