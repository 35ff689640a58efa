// Successive halving: all settings over a few rows, the better half over twice as many, and so on, until a handful is
// left to be measured several times. Pure but for the clock and the measuring, which are handed in.
import { type Setting, sameSetting } from './tune-grid.ts';

/** One measured move of the sample. */
export interface Trial {
  readonly setting: Setting;
  /** From 1; the finals are the last round. */
  readonly round: number;
  readonly rows: number;
  readonly seconds: number;
}

export interface Halving {
  readonly settings: readonly Setting[];
  /** Stays in to the end, to be compared with. */
  readonly standard: Setting;
  /** From a run that doesn't count. */
  readonly rowsPerSecond: number;
  /** Rows that the table can give. */
  readonly rowsMost: number;
  /** On the clock of `now`. */
  readonly deadline: number;
  /** Seconds. */
  now(): number;
  /** Null for a setting that doesn't work: it is out. */
  measure(setting: Setting, rows: number): Promise<Pick<Trial, 'rows' | 'seconds'> | null>;
  onTrial?(trial: Trial, progress: RoundProgress): void;
}

export interface RoundProgress {
  readonly rounds: number;
  /** Settings of this round. */
  readonly settings: number;
}

const FINALISTS_MOST = 4;
/** Times that each finalist is measured. */
const FINAL_PASSES = 5;
/** Below this, starting and stopping is most of what a run does. */
export const TRIAL_SECONDS_MIN = 0.15;

/** Settings that a budget can carry, each with a first run of a length that says something. */
export function settingsMost(budgetSeconds: number): number {
  let most = FINALISTS_MOST;
  while (passes(most + 1) * (most + 1) * TRIAL_SECONDS_MIN <= budgetSeconds) most++;
  return most;
}

/** Rounds that halve, and the passes of the finals: each costs about the same, since rows double as settings halve. */
function passes(settings: number): number {
  return halvings(settings) + FINAL_PASSES;
}

function halvings(settings: number): number {
  let rounds = 0;
  for (let left = settings; left > FINALISTS_MOST; left = Math.ceil(left / 2)) rounds++;
  return rounds;
}

/**
 * Runs to the end or to the deadline; gives every trial, those of the finals with the highest round. All passes shall
 * take about the same time, so rows double as settings halve.
 */
export async function halve(halving: Halving): Promise<readonly Trial[]> {
  const { standard, rowsMost } = halving;
  // First, so that it is measured even if there is time for nothing else.
  const settings = [standard, ...halving.settings.filter((each) => !sameSetting(each, standard))];
  const rounds = halvings(settings.length) + 1;
  const course = new Course(halving, rounds);
  let rows = Math.min(rowsMost, course.affordable(settings, passes(settings.length)));
  let left = settings;
  for (let round = 1; round < rounds; round++) {
    const ranked = await course.pass(left, round, rows);
    // What the deadline left unmeasured can't be ranked; the finals are what was measured.
    if (course.isLate) return course.trials;
    const better = ranked.slice(0, Math.ceil(left.length / 2)).map((trial) => trial.setting);
    left = [standard, ...better.filter((each) => !sameSetting(each, standard))];
    const inTime = course.affordable(left, rounds - round - 1 + FINAL_PASSES);
    rows = Math.min(rowsMost, Math.max(rows, inTime));
  }
  for (let pass = 0; pass < FINAL_PASSES; pass++) {
    if (pass > 0 && !course.fits(left, rows)) break;
    await course.pass(left, rounds, rows);
  }
  return course.trials;
}

class Course {
  readonly trials: Trial[] = [];
  /** The deadline has kept a setting from being measured. */
  isLate = false;
  readonly #halving: Halving;
  readonly #rounds: number;
  #passes = 0;
  /** Of all that was measured, the time between trials included. */
  #rows = 0;
  #seconds = 0;

  constructor(halving: Halving, rounds: number) {
    this.#halving = halving;
    this.#rounds = rounds;
  }

  /** Measures each setting once; those that the deadline allows, fastest first. */
  async pass(settings: readonly Setting[], round: number, rows: number): Promise<Trial[]> {
    const { measure, now, onTrial } = this.#halving;
    const measured: Trial[] = [];
    for (const setting of interleaved(settings, ++this.#passes % 2 === 0)) {
      if (this.trials.length > 0 && !this.fits([setting], rows)) {
        this.isLate = true;
        continue;
      }
      const began = now();
      const moved = await measure(setting, rows);
      if (moved === null) continue;
      const trial = { setting, round, ...moved };
      this.#rows += trial.rows;
      this.#seconds += now() - began;
      measured.push(trial);
      this.trials.push(trial);
      onTrial?.(trial, { rounds: this.#rounds, settings: settings.length });
    }
    return measured.sort((a, b) => rate(b) - rate(a));
  }

  /** Rows with which so many passes over the settings end in time. */
  affordable(settings: readonly Setting[], passesLeft: number): number {
    const seconds = this.#secondsLeft / passesLeft / settings.length;
    return Math.max(1, Math.ceil(seconds * this.#pace));
  }

  /** True if the clock leaves time to run all these. */
  fits(settings: readonly Setting[], rows: number): boolean {
    return (settings.length * rows) / this.#pace <= this.#secondsLeft;
  }

  get #secondsLeft(): number {
    return Math.max(0, this.#halving.deadline - this.#halving.now());
  }

  /** Rows a second. */
  get #pace(): number {
    return this.#seconds > 0 ? this.#rows / this.#seconds : this.#halving.rowsPerSecond;
  }
}

export const rate = ({ rows, seconds }: Pick<Trial, 'rows' | 'seconds'>): number =>
  rows / Math.max(seconds, 1e-6);

/**
 * Neighbours in the grid far from each other in time, and every second pass the other way round: what drifts while
 * the clock runs (caches, other programs, a warm processor) then favours none.
 */
export function interleaved<T>(values: readonly T[], backwards: boolean): readonly T[] {
  const { length } = values;
  let step = Math.max(1, Math.round(length * 0.618));
  while (gcd(step, length) > 1) step++;
  const order = values.map((_value, at) => values[(at * step) % length]);
  return backwards ? order.reverse() : order;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
