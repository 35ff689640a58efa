// The report: one self-contained HTML file, made from a result alone. Nothing is loaded from anywhere.
import { cpuChart, floorChart, growthCharts, rateChart } from './charts.ts';
import { count, decimal, spread } from './format.ts';
import { PEAK_MIB_MAX, TIMES_VERIFIED_MAX, timesFloorGoal } from './goals.ts';
import { limitOf } from './limits.ts';
import type { BenchResult, TableRun } from './result.ts';
import { type PairSummary, type RivalSummary, summaryOf } from './summary.ts';
import { PAIR_HEAD } from './text-table.ts';
import { TRIALS } from './tried.ts';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#24292f}
table{border-collapse:collapse;width:100%;font-size:13px;margin:.5rem 0 1.5rem}
th,td{border-bottom:1px solid #d0d7de;padding:.25rem .5rem;text-align:right;vertical-align:top}
th:first-child,td:first-child,td.text,th.text{text-align:left}
tr.wrong,tr.failed,tr.overtime{color:#8b949e}.met{color:#1a7f37}.missed{color:#cf222e}svg{max-width:100%;height:auto}`;

export function htmlReport(result: BenchResult): string {
  const { machine, rounds, seed, at } = result;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const body = [
    '<h1>Ferrow’s bench</h1>',
    paragraph(
      `${at.slice(0, 16).replace('T', ' ')} UTC, on ${machine.cores} cores (${machine.model}), ` +
        `${count(machine.memoryMiB)} MiB, ${machine.system}. ${versions.join(', ')}. ` +
        `Rounds: ${rounds}, seed: ${seed}. It took ${count(result.elapsedSeconds / 60)} minutes.`,
    ),
    paragraph(
      'The floor is what the two engines need alone, with nothing in between: the source’s bulk export to nowhere, ' +
        'the target’s bulk import of prepared data, or the CPU seconds of both over all cores, whichever is most. ' +
        'Floor, Ferrow and rivals ran one right after the other in every round. Figures are medians, with the least ' +
        'and the most of the rounds in parentheses. All times include the start of the process, but for the floor’s.',
    ),
    ...result.tables.flatMap((table) => tableSection(table, machine.cores)),
    ...(result.growth.length > 0 ? ['<h2>Growth</h2>', ...growthCharts(result.growth)] : []),
    ...(result.rivals.length > 0 ? [rivalSection(result)] : []),
    ...triedSection(),
  ];
  return (
    `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Ferrow’s bench</title>\n` +
    `<style>${STYLE}</style>\n<body>\n${body.join('\n')}\n</body></html>\n`
  );
}

function tableSection(table: TableRun, cores: number): string[] {
  const summaries = table.pairs.map((pair) => summaryOf(pair, table, cores));
  return [
    `<h2>${count(table.rows)} rows of ${table.shape}</h2>`,
    html(
      [...PAIR_HEAD, 'goal × floor'],
      summaries.map((one, at) => pairRow(one, table, at, cores)),
    ),
    floorChart(table, summaries),
    cpuChart(table, summaries),
    ...table.pairs.flatMap((pair, at) => {
      const summary = summaries[at];
      const findings = pair.findings.map(({ text }) => `Ferrow’s own target differs: ${text}.`);
      return [
        `<h3>${summary.name}</h3>`,
        paragraph(`What limits it: ${limitOf(pair, cores)}`),
        ...findings.map(paragraph),
        rateChart(summary, table.rows),
        ...(summary.rivals.length > 0 ? [html(RIVAL_HEAD, summary.rivals.map(rivalRow))] : []),
      ];
    }),
  ];
}

function pairRow(one: PairSummary, table: TableRun, at: number, cores: number): Row {
  const pair = table.pairs[at];
  const goal = timesFloorGoal(pair.source, pair.target, table);
  const server = pair.source === 'postgres' || pair.target === 'postgres' ? one.serverCpuSeconds : null;
  const why = { export: 'export', import: 'import', cpu: `CPU / ${cores}` }[one.floor.because];
  return [
    one.name,
    spread(one.wallSeconds),
    count(one.rowsPerSecond),
    one.megabytesPerSecond.toFixed(1),
    decimal(one.cpuSeconds),
    decimal(server),
    judged(decimal(one.peakMiB, 0), (one.peakMiB ?? 0) < PEAK_MIB_MAX),
    `${one.floor.seconds.toFixed(2)} (${why})`,
    goal === null ? spread(one.timesFloor) : judged(spread(one.timesFloor), one.timesFloor.median <= goal),
    judged(spread(one.timesVerified), one.timesVerified.median <= TIMES_VERIFIED_MAX),
    goal === null ? '' : `≤ ${goal}`,
  ];
}

const RIVAL_HEAD = ['rival', 'its time a row by Ferrow’s', 'rows/s', 'peak MiB', 'rows moved', 'answer'];
const ANSWER = {
  right: 'as in the source',
  type: 'all values, other types',
  wrong: 'wrong',
  overtime: 'not done',
  failed: 'failed',
};

function rivalRow(one: RivalSummary): Row {
  const times = one.timesFerrow === null ? '-' : spread(one.timesFerrow);
  return Object.assign(
    [
      one.name,
      one.verdict === 'overtime' ? `over ${times}` : times,
      one.rowsPerSecond === null ? '-' : count(one.rowsPerSecond),
      decimal(one.peakMiB, 0),
      count(one.rows),
      { text: [ANSWER[one.verdict], one.remark].filter(Boolean).join(': '), class: 'text' },
    ],
    { class: one.verdict },
  );
}

function rivalSection({ rivals }: BenchResult): string {
  const rows = rivals.map(
    ({ name, version, notRun }): Row => [name, { text: version ?? `not run: ${notRun}`, class: 'text' }],
  );
  return `<h2>Rivals</h2>\n${html(['rival', 'version'], rows)}`;
}

function triedSection(): string[] {
  const rows = TRIALS.map(({ pairs, tried, measured, kept }): Row => {
    const texts = [tried, measured, kept ? 'kept' : 'not kept'].map((text) => ({ text, class: 'text' }));
    return [pairs, ...texts];
  });
  return [
    '<h2>What was tried</h2>',
    paragraph(
      'To come nearer to the floor. What limits each pair now stands above. Rows move faster than these times say: of ' +
        'a small table most is the start, the plan, and V8 compiling what is new to it.',
    ),
    html(['pairs', 'tried', 'measured', ''], rows),
  ];
}

type Cell = string | { readonly text: string; readonly class: string };
type Row = readonly Cell[] & { readonly class?: string };

function judged(text: string, met: boolean): Cell {
  return { text, class: met ? 'met' : 'missed' };
}

function html(head: readonly string[], rows: readonly Row[]): string {
  const cell = (one: Cell) =>
    typeof one === 'string'
      ? `<td>${escaped(one)}</td>`
      : `<td class="${one.class}">${escaped(one.text)}</td>`;
  const lines = rows.map((row) => `<tr class="${row.class ?? ''}">${row.map(cell).join('')}</tr>`);
  return `<table><tr>${head.map(title).join('')}</tr>\n${lines.join('\n')}</table>`;
}

/** Over a column of text stands its title at the left too. */
const TEXT_COLUMNS = ['answer', 'version', 'tried', 'measured'];

function title(text: string): string {
  return `<th class="${TEXT_COLUMNS.includes(text) ? 'text' : ''}">${escaped(text)}</th>`;
}

function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`;
}

/** Messages of rivals are anybody's text. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
