// What `tune` has found: each setting that was tried with what it gave, and the one to use. Pure.
import type { Warning } from './report.ts';
import { round as milliseconds } from './table-run.ts';
import {
  type Axes,
  type Measured,
  NOISE_RATIO,
  recommended,
  type Setting,
  sameSetting,
  spread,
} from './tune-grid.ts';
import { rate, type Trial } from './tune-schedule.ts';

/** Runs of one setting that differ by so much say little. */
const NOISY_PERCENT = 30;

/** A setting and its runs in the last round that it came to. */
export interface SettingResult extends Setting {
  /** It was among those that were measured to the end. */
  readonly finalist: boolean;
  readonly round: number;
  readonly runs: number;
  /** Rows that each of these runs moved. */
  readonly rows: number;
  readonly rowsPerSecond: Measured['rowsPerSecond'];
}

export interface TuneReport {
  /** Without secrets. */
  readonly source: string;
  readonly target: string;
  readonly tableName: string;
  /** Rows of the table, as far as known without a count of its own. */
  readonly tableRows: number;
  /** Rows of the largest sample. */
  readonly sampleRows: number;
  readonly seconds: number;
  readonly budgetSeconds: number;
  /** False where there was too little to measure: then the defaults are recommended. */
  readonly measured: boolean;
  /** The values tried; one where others make no difference, or where the budget was too short for more. */
  readonly axes: Axes;
  /** What makes no difference between these engines. */
  readonly idle: readonly (keyof Setting)[];
  /** Fastest first, finalists before all others. */
  readonly settings: readonly SettingResult[];
  /** What a run does when nothing is set; a batch that its bytes end is named by the rows that it then has. */
  readonly standard: Setting;
  readonly recommended: Setting;
  /** In words. */
  readonly because: string;
  readonly warnings: readonly Warning[];
}

export interface TuneOutcome
  extends Omit<TuneReport, 'measured' | 'settings' | 'recommended' | 'because' | 'sampleRows'> {
  readonly trials: readonly Trial[];
}

/** Makes the report of what was measured. */
export function tuneReport({ trials, ...rest }: TuneOutcome): TuneReport {
  const settings = resultsOf(trials);
  const { standard } = rest;
  const sampleRows = trials.reduce((most, trial) => Math.max(most, trial.rows), 0);
  const finalists = settings
    .filter((result) => result.finalist)
    .map((result) => ({ setting: result, rowsPerSecond: result.rowsPerSecond }));
  if (finalists.length === 0) throw new RangeError('a report of no trial');
  const best = recommended(finalists, standard);
  const { batchSize, workers, connections } = best.setting;
  return {
    ...rest,
    warnings: [...rest.warnings, ...noiseWarnings(rest.tableName, finalists)],
    seconds: milliseconds(rest.seconds),
    sampleRows,
    measured: true,
    settings,
    recommended: { batchSize, workers, connections },
    because: reason(best, finalists, standard),
  };
}

/** Makes the report of a table with which nothing can be measured. */
export function unmeasuredReport({ trials: _trials, ...rest }: TuneOutcome, because: string): TuneReport {
  const { standard } = rest;
  const seconds = milliseconds(rest.seconds);
  return { ...rest, seconds, sampleRows: 0, measured: false, settings: [], recommended: standard, because };
}

function resultsOf(trials: readonly Trial[]): SettingResult[] {
  const lastRound = Math.max(...trials.map((trial) => trial.round));
  const results: SettingResult[] = [];
  for (const { setting } of trials) {
    if (results.some((result) => sameSetting(result, setting))) continue;
    const own = trials.filter((trial) => sameSetting(trial.setting, setting));
    const round = own[own.length - 1].round;
    const runs = own.filter((trial) => trial.round === round);
    const { min, median, max } = spread(runs.map(rate));
    results.push({
      ...setting,
      finalist: round === lastRound,
      round,
      runs: runs.length,
      rows: runs[0].rows,
      rowsPerSecond: { min: Math.round(min), median: Math.round(median), max: Math.round(max) },
    });
  }
  return results.sort((a, b) => b.round - a.round || b.rowsPerSecond.median - a.rowsPerSecond.median);
}

/** The machine was busy with something else, or the disk was. */
function noiseWarnings(table: string, finalists: readonly Measured[]): Warning[] {
  const spreads = finalists.map(({ rowsPerSecond: { min, median, max } }) => (max - min) / median);
  const widest = Math.round(100 * Math.max(...spreads));
  if (widest < NOISY_PERCENT) return [];
  const message = `runs of one setting differed by ${widest} %: the machine was busy, measure again when it is quiet`;
  return [{ code: 'W_NOISY', table, column: null, message }];
}

function reason(best: Measured, finalists: readonly Measured[], standard: Setting): string {
  const { median } = best.rowsPerSecond;
  const fastest = Math.max(...finalists.map((each) => each.rowsPerSecond.median));
  const within = `within ${NOISE_RATIO * 100} % of the fastest`;
  if (sameSetting(best.setting, standard)) {
    return median >= fastest ? 'the defaults are the fastest' : `the defaults are ${within}`;
  }
  const simplest = median >= fastest ? 'the fastest' : `the simplest of those ${within}`;
  const before = finalists.find((each) => sameSetting(each.setting, standard));
  if (!before) return simplest;
  return `${simplest}, ${(median / before.rowsPerSecond.median).toFixed(2)} times as fast as the defaults`;
}
