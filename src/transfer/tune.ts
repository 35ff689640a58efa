// `tune`: moves a sample of a table with many settings and says which to use. The only file that tells the whole story
// of it. Main thread. Reads the source, writes nothing of the target but a scratch that is dropped again.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Warning } from './report.ts';
import { axesFor, gridOf, roundish, SETTING_KEYS, type Setting, sameSetting, thinned } from './tune-grid.ts';
import { type TuneOutcome, type TuneReport, tuneReport, unmeasuredReport } from './tune-report.ts';
import type { Moved } from './tune-sample.ts';
import { halve, rate, settingsMost } from './tune-schedule.ts';
import { type SampledTable, type SampleRequest, withSample } from './tune-table.ts';

export interface TuneRequest extends SampleRequest {
  /** The end comes about then. */
  readonly budgetSeconds: number;
}

/** Reading a large table's values before the first run may take this part of the budget; measuring has the rest at least. */
const MEASURING_SHARE = 0.5;
/** A first run of so many rows, then four times as many, until one takes long enough to be a measure. */
const WARM_ROWS = 100;
const WARM_SECONDS = 0.5;
/** What takes less, whole and warm, is over before settings matter. */
const MEASURABLE_SECONDS = 0.1;
/** So much of the source at most, so that the scratch fits beside it. */
const SAMPLE_BYTES_MOST = 1024 * 1024 * 1024;

/**
 * Measures and recommends. The runs are those of migrate, but for the keys and indexes, which no setting concerns.
 * @throws FerrowError what migrate would refuse the table with, or E_CANCELLED
 */
export async function tune(request: TuneRequest): Promise<TuneReport> {
  const startedAt = now();
  return withSample(request, (table) => measured(table, request, startedAt));
}

async function measured(table: SampledTable, request: TuneRequest, startedAt: number): Promise<TuneReport> {
  const { sample, tableName, tableRows, lanesMost, workersMost, cores } = table;
  const { budgetSeconds, events, signal } = request;
  const failures: Warning[] = [];
  const deadline = Math.max(startedAt + budgetSeconds, now() + MEASURING_SHARE * budgetSeconds);
  events.emit('phase', { what: `warming up with ${tableName}`, table: tableName });
  const most = { ...table.standard, workers: workersMost, connections: lanesMost };
  const warm = await warmUp(sample, most, tableRows);
  const bytesPerRow = Math.max(1, warm.bytes / Math.max(1, warm.rows));
  const rowsPerBatchMost = Math.max(1, Math.floor(table.batchBytes / bytesPerRow));
  // A batch that its bytes end is named by the rows that it then has.
  const batchSize = roundish(Math.min(table.standard.batchSize, rowsPerBatchMost));
  const standard = { ...table.standard, batchSize };
  const all = axesFor({ standard, rowsPerBatchMost, cores, lanesMost, crosses: !sample.untouched });
  const axes = thinned(all, standard, settingsMost(deadline - now()));
  const outcome = (trials: TuneOutcome['trials']): TuneOutcome => ({
    source: table.source,
    target: table.target,
    tableName,
    tableRows,
    seconds: now() - startedAt,
    budgetSeconds,
    axes,
    idle: SETTING_KEYS.filter((key) => all[key].length === 1),
    trials,
    standard,
    warnings: [...table.warnings, ...failures],
  });
  if (warm.rows === 0) return unmeasuredReport(outcome([]), 'the table is empty');
  if (warm.whole && warm.seconds < MEASURABLE_SECONDS) {
    return unmeasuredReport(outcome([]), 'the whole table moves in less time than can be measured');
  }
  const trials = await halve({
    settings: gridOf(axes),
    standard,
    rowsPerSecond: rate(warm),
    rowsMost: Math.min(tableRows, Math.ceil(SAMPLE_BYTES_MOST / bytesPerRow)),
    deadline,
    now,
    measure: async (setting, rows) => {
      try {
        return await sample.move(setting, rows);
      } catch (error) {
        // What the standard setting fails with, any run will.
        if (signal.aborted || sameSetting(setting, standard)) throw error;
        failures.push(settingFailed(tableName, setting, FerrowError.from(error)));
        return null;
      }
    },
    onTrial: ({ setting, ...trial }, progress) =>
      events.emit('trial', { table: tableName, ...setting, ...trial, ...progress }),
  });
  return tuneReport(outcome(trials));
}

function settingFailed(table: string, setting: Setting, error: FerrowError): Warning {
  const { batchSize, workers, connections } = setting;
  const what = `batch size ${batchSize}, workers ${workers}, connections ${connections}`;
  return {
    code: 'W_SETTING_FAILED',
    table,
    column: null,
    message: `left out, since it failed: ${what}: ${error.message}`,
  };
}

const now = (): number => performance.now() / 1000;

/**
 * Threads start, code gets compiled, caches fill, connections open: none of it is a setting's fault. Gives the last and
 * longest of the runs.
 */
export async function warmUp(
  sample: SampledTable['sample'],
  setting: Setting,
  tableRows: number,
): Promise<Moved & { readonly whole: boolean }> {
  for (let rows = WARM_ROWS; rows < tableRows; rows *= 4) {
    const moved = await sample.move(setting, rows);
    if (moved.seconds >= WARM_SECONDS) return { ...moved, whole: false };
  }
  await sample.move(setting, tableRows);
  return { ...(await sample.move(setting, tableRows)), whole: true };
}
