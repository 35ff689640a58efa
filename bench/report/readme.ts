// Puts the table of a result between the marks in README.md.   node bench/report/readme.ts docs/bench/latest.json
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { count, spread } from './format.ts';
import type { BenchResult } from './result.ts';
import { fastestRival, type PairSummary, type RivalSummary, summaryOf } from './summary.ts';

const README = resolve(import.meta.dirname, '../../README.md');
export const BEGIN = '<!-- bench: printed by bench/report/readme.ts -->';
export const END = '<!-- /bench -->';

/** The result's first table, and on what it was measured. */
export function readmeTable({ machine, tables, at, rounds }: BenchResult): string {
  const [table] = tables;
  const lines = table.pairs.map((pair) => row(summaryOf(pair, table, machine.cores)));
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const times =
    rounds === 1 ? 'one round' : `medians of ${rounds} interleaved rounds, least and most in parentheses`;
  return [
    '| pair | rows/s | peak MiB | × floor | with `--verify full`, × | fastest rival, × Ferrow’s time |',
    '| --- | --: | --: | --: | --: | --- |',
    ...lines,
    '',
    `${count(table.rows)} rows of the TPC-H ${table.shape} shape; ${times}. ${day(at)}, ${machine.cores} cores ` +
      `(${machine.model}), ${count(machine.memoryMiB)} MiB, PostgreSQL on the same machine; ${versions.join(', ')}.`,
  ].join('\n');
}

function row(one: PairSummary): string {
  const rival = fastestRival(one);
  const cells = [
    one.name,
    count(one.rowsPerSecond),
    one.peakMiB === null ? '' : count(one.peakMiB),
    spread(one.timesFloor),
    spread(one.timesVerified),
    rival ? rivalText(rival) : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

function rivalText({ name, timesFerrow, verdict }: RivalSummary): string {
  const times = timesFerrow ? spread(timesFerrow) : '';
  const escapedName = name.replaceAll('|', '\\|');
  return `${escapedName}: ${times}${verdict === 'type' ? ', in other types' : ''}`;
}

function day(at: string): string {
  return new Date(at).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

/**
 * The text with what stands between the marks replaced.
 * @throws Error where the marks are missing
 */
export function withTable(text: string, table: string): string {
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`there are no marks ${BEGIN} and ${END}`);
  return `${text.slice(0, from + BEGIN.length)}\n\n${table}\n\n${text.slice(to)}`;
}

if (import.meta.main) {
  const [path] = process.argv.slice(2);
  if (!path) throw new Error('which result? node bench/report/readme.ts docs/bench/latest.json');
  const result = JSON.parse(readFileSync(path, 'utf8')) as BenchResult;
  writeFileSync(README, withTable(readFileSync(README, 'utf8'), readmeTable(result)));
}
