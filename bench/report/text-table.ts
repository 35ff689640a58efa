// Results for the terminal.
import { count, decimal, spread } from './format.ts';
import type { BenchResult } from './result.ts';
import { ENGINE_TITLE, type PairSummary, summaryOf } from './summary.ts';

/** Prints rows in columns; the first is left-justified, numbers are right-justified. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    process.stdout.write(`${cells.join('  ')}\n`);
  }
}

export function printResult(result: BenchResult): void {
  for (const table of result.tables) {
    process.stdout.write(`\n${count(table.rows)} rows of ${table.shape}\n`);
    const summaries = table.pairs.map((pair) => summaryOf(pair, table, result.machine.cores));
    printTable(PAIR_HEAD, summaries.map(pairRow));
    process.stdout.write('\nrivals: their time a row by Ferrow’s; below 1 the rival is faster\n');
    printTable(['pair', 'rival', '× Ferrow', 'rows/s', 'answer'], summaries.flatMap(rivalRows));
    for (const { source, target, findings } of table.pairs) {
      for (const { text } of findings) process.stdout.write(`Ferrow, ${source} to ${target}: ${text}\n`);
    }
  }
  for (const { name, notRun } of result.rivals) {
    if (notRun !== null) process.stdout.write(`${name} was not run: ${notRun}\n`);
  }
  if (result.growth.length === 0) return;
  process.stdout.write('\n');
  printTable(
    ['pair', 'rows', 'µs a row', 'CPU µs a row', 'peak MiB'],
    result.growth.map(({ source, target, rows, wallSeconds, cpuSeconds, peakMiB }) => [
      `${ENGINE_TITLE[source]} → ${ENGINE_TITLE[target]}`,
      count(rows),
      decimal((wallSeconds / rows) * 1e6),
      decimal(cpuSeconds === null ? null : (cpuSeconds / rows) * 1e6),
      decimal(peakMiB, 0),
    ]),
  );
}

/** Of a pair's row, in the terminal and in the page. */
export const PAIR_HEAD = [
  'pair',
  'wall s',
  'rows/s',
  'MB/s',
  'CPU s',
  'server CPU s',
  'peak MiB',
  'floor s',
  '× floor',
  '× --verify full',
];

function pairRow(one: PairSummary): string[] {
  return [
    one.name,
    spread(one.wallSeconds),
    count(one.rowsPerSecond),
    one.megabytesPerSecond.toFixed(1),
    decimal(one.cpuSeconds),
    decimal(one.serverCpuSeconds),
    decimal(one.peakMiB, 0),
    `${one.floor.seconds.toFixed(2)} ${one.floor.because}`,
    spread(one.timesFloor),
    spread(one.timesVerified),
  ];
}

function rivalRows(one: PairSummary): string[][] {
  return one.rivals.map((rival) => [
    one.name,
    rival.name,
    rival.timesFerrow ? (rival.verdict === 'overtime' ? 'over ' : '') + spread(rival.timesFerrow) : '-',
    rival.rowsPerSecond === null ? '-' : count(rival.rowsPerSecond),
    [rival.verdict, rival.remark.slice(0, 60)].filter(Boolean).join(': '),
  ]);
}
