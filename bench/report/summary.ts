// From the rounds of a pair to the numbers that are shown. Pure.
import { type Floor, floorOf } from '../floor/floor.ts';
import { medianOf, type Spread, spreadOf } from '../measure/statistics.ts';
import type { Verdict } from '../rivals/run-rival.ts';
import type { PairRun, RivalRound, TableRun } from './result.ts';

export interface PairSummary {
  readonly name: string;
  readonly wallSeconds: Spread;
  readonly rowsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuSeconds: number | null;
  readonly serverCpuSeconds: number | null;
  /** The most of all rounds. */
  readonly peakMiB: number | null;
  /** Of the median round. */
  readonly floor: Floor;
  /** Ferrow's time by the floor's, round by round. */
  readonly timesFloor: Spread;
  /** Ferrow's time with `--verify full` by its time without, round by round. */
  readonly timesVerified: Spread;
  readonly rivals: readonly RivalSummary[];
}

export interface RivalSummary {
  readonly name: string;
  readonly verdict: Verdict;
  /** Why it failed, or what is not as in the source. */
  readonly remark: string;
  readonly rows: number;
  readonly rowsPerSecond: number | null;
  readonly wallSeconds: number;
  readonly peakMiB: number | null;
  /** The rival's time a row by Ferrow's, round by round: above 1 Ferrow is faster. Of one over time, at least. */
  readonly timesFerrow: Spread | null;
}

export const ENGINE_TITLE = { sqlite: 'SQLite', duckdb: 'DuckDB', postgres: 'PostgreSQL' } as const;

export function summaryOf(pair: PairRun, table: TableRun, cores: number): PairSummary {
  const { rounds } = pair;
  const walls = rounds.map(({ ferrow }) => ferrow.wallSeconds);
  const floors = rounds.map(({ exported, imported }) => floorOf(exported, imported, cores));
  const wallSeconds = spreadOf(walls);
  const rowsPerSecond = table.rows / wallSeconds.median;
  const middle = medianOf(floors.map(({ seconds }) => seconds));
  return {
    name: `${ENGINE_TITLE[pair.source]} → ${ENGINE_TITLE[pair.target]}`,
    wallSeconds,
    rowsPerSecond,
    megabytesPerSecond: (rowsPerSecond * table.rowBytes) / 1e6,
    cpuSeconds: medianIfAll(rounds.map(({ ferrow }) => ferrow.cpuSeconds)),
    serverCpuSeconds: medianIfAll(rounds.map(({ ferrow }) => ferrow.serverCpuSeconds)),
    peakMiB: mostIfAll(rounds.map(({ ferrow }) => ferrow.peakMiB)),
    floor: { seconds: middle, because: nearest(floors, middle).because },
    timesFloor: spreadOf(floors.map(({ seconds }, at) => walls[at] / seconds)),
    timesVerified: spreadOf(rounds.map(({ ferrow, verified }) => verified.wallSeconds / ferrow.wallSeconds)),
    rivals: rivalNames(pair).map((name) => rivalSummary(name, pair, table.rows)),
  };
}

function rivalNames(pair: PairRun): string[] {
  return [...new Set(pair.rounds.flatMap(({ rivals }) => rivals.map(({ name }) => name)))];
}

function rivalSummary(name: string, pair: PairRun, tableRows: number): RivalSummary {
  const runs: RivalRound[] = [];
  const times: number[] = [];
  for (const { ferrow, rivals } of pair.rounds) {
    const run = rivals.find((one) => one.name === name);
    if (!run) continue;
    runs.push(run);
    times.push(run.wallSeconds / run.rows / (ferrow.wallSeconds / tableRows));
  }
  const worst = runs.reduce((a, b) => (SEVERITY.indexOf(b.verdict) > SEVERITY.indexOf(a.verdict) ? b : a));
  const wallSeconds = medianOf(runs.map((run) => run.wallSeconds));
  const done = worst.verdict !== 'failed' && worst.verdict !== 'overtime';
  return {
    name,
    verdict: worst.verdict,
    remark: worst.reason ?? worst.findings.map(({ text }) => text).join('; '),
    rows: worst.rows,
    rowsPerSecond: done ? worst.rows / wallSeconds : null,
    wallSeconds,
    peakMiB: mostIfAll(runs.map(({ peakMiB }) => peakMiB)),
    timesFerrow: worst.verdict === 'failed' ? null : spreadOf(times),
  };
}

const SEVERITY: readonly Verdict[] = ['right', 'type', 'wrong', 'overtime', 'failed'];

/** The fastest of those whose answer is not wrong. */
export function fastestRival({ rivals }: PairSummary): RivalSummary | null {
  const valid = rivals.filter(({ verdict }) => verdict === 'right' || verdict === 'type');
  const rate = (rival: RivalSummary) => rival.timesFerrow?.median ?? Number.POSITIVE_INFINITY;
  return valid.toSorted((a, b) => rate(a) - rate(b))[0] ?? null;
}

function nearest(floors: readonly Floor[], seconds: number): Floor {
  return floors.toSorted((a, b) => Math.abs(a.seconds - seconds) - Math.abs(b.seconds - seconds))[0];
}

function medianIfAll(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? medianOf(known) : null;
}

function mostIfAll(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? Math.max(...known) : null;
}
