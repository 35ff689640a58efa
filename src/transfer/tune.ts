// `tune`: moves a sample of a table with many settings and says which to use. The only file that tells the whole story
// of it. Main thread. Reads the source, writes nothing of the target but a scratch that is dropped again.
import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { SourceEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { type DatabaseSchema, displayName, type TableSchema } from '../types/schema.ts';
import { type Analysis, analyseFor } from './analyse.ts';
import type { TablePlan } from './plan-table.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { refuseSameDatabase, type Session, withSession } from './session.ts';
import { axesFor, gridOf, type Setting, thinned } from './tune-grid.ts';
import { type TuneOutcome, type TuneReport, tuneReport, unmeasuredReport } from './tune-report.ts';
import { type Moved, Sample } from './tune-sample.ts';
import { halve, rate, settingsMost } from './tune-schedule.ts';
import { asEmpty, type Scratch, scratchFor, scratchPlan } from './tune-scratch.ts';

export interface TuneRequest extends TransferRequest {
  /** Name of a table of the source; null for the largest. */
  readonly table: string | null;
  /** The end comes about then. */
  readonly budgetSeconds: number;
}

/** More lanes than these are not tried: no pair was faster with them. */
const LANES_MOST = 8;
/** Reading a large table's values before the first run may take this part of the budget; measuring has the rest at least. */
const MEASURING_SHARE = 0.5;
/** A first run of so many rows, then four times as many, until one takes long enough to be a measure. */
const WARM_ROWS = 100;
const WARM_SECONDS = 0.5;
/** What takes less, whole and warm, is over before settings matter. */
const MEASURABLE_SECONDS = 0.1;
/** So much of the source at most, so that the scratch fits beside it. */
const SAMPLE_BYTES_MOST = 1024 * 1024 * 1024;
/** Statistics that say there are fewer rows than this may be old, and counting so few is quick. */
const COUNTED_ROWS_MOST = 1_000_000;

/**
 * Measures and recommends. The runs are those of migrate, but for the keys and indexes, which no setting concerns.
 * @throws FerrowError what migrate would refuse the table with, or E_CANCELLED
 */
export async function tune(request: TuneRequest): Promise<TuneReport> {
  const runId = randomUUID();
  const startedAt = performance.now();
  const target = await request.target.locate();
  refuseSameDatabase(await request.source.locate(), target);
  const scratch = await scratchFor(request, runId);
  const connections = Math.max(LANES_MOST, request.options.connections);
  const opened = { ...request, target: scratch.database, options: { ...request.options, connections } };
  try {
    return await withSession(opened, false, async (session) => {
      const found = await analysed(session, request, runId);
      const { plan, without } = scratchPlan(found.plan, session.target.dialect.quirks, scratch.name);
      const warnings = leftOut(found.plan.displayName, without);
      const display = target.display;
      return await measured({ session, request, startedAt, display, scratch, ...found, plan, warnings });
    });
  } finally {
    scratch.remove();
  }
}

interface Tuning {
  readonly session: Session;
  readonly request: TuneRequest;
  readonly startedAt: number;
  /** Of the target itself. */
  readonly display: string;
  readonly scratch: Scratch;
  readonly analysis: Analysis;
  readonly plan: TablePlan;
  readonly tableRows: number;
  readonly warnings: readonly Warning[];
}

async function measured(tuning: Tuning): Promise<TuneReport> {
  const { session, request, plan, tableRows } = tuning;
  const { source, target } = session;
  const cores = availableParallelism();
  const lanesMost = Math.min(
    Math.max(2 * cores, request.options.connections),
    LANES_MOST,
    source.dialect.quirks.readersMax,
    target.dialect.quirks.writersMax,
  );
  const standard = {
    batchSize: plan.batchRows,
    workers: request.options.workers,
    connections: Math.min(request.options.connections, lanesMost),
  };
  const workersMost = Math.max(cores, standard.workers);
  const sample = new Sample({ ...tuning, scratch: tuning.scratch.name, workersMost, lanesMost });
  const budgetEnds = tuning.startedAt / 1000 + request.budgetSeconds;
  const deadline = Math.max(budgetEnds, now() + MEASURING_SHARE * request.budgetSeconds);
  const outcome = (axes: TuneOutcome['axes'], trials: TuneOutcome['trials']): TuneOutcome => ({
    source: source.location.display,
    target: tuning.display,
    tableName: plan.displayName,
    tableRows,
    seconds: now() - tuning.startedAt / 1000,
    budgetSeconds: request.budgetSeconds,
    axes,
    trials,
    standard,
    warnings: tuning.warnings,
  });
  try {
    const warm = await warmUp(sample, { ...standard, workers: workersMost, connections: lanesMost }, tuning);
    const bytesPerRow = Math.max(1, warm.bytes / Math.max(1, warm.rows));
    const rowsPerBatchMost = Math.floor(plan.batchBytes / bytesPerRow);
    const input = { standard, rowsPerBatchMost, cores, lanesMost, crosses: !sample.untouched };
    const axes = thinned(axesFor(input), standard, settingsMost(deadline - now()));
    if (warm.rows === 0) return unmeasuredReport(outcome(axes, []), 'the table is empty');
    if (warm.whole && warm.seconds < MEASURABLE_SECONDS) {
      return unmeasuredReport(outcome(axes, []), 'the whole table moves in less time than can be measured');
    }
    const trials = await halve({
      settings: gridOf(axes),
      standard,
      rowsPerSecond: rate(warm),
      rowsMost: Math.min(tableRows, Math.ceil(SAMPLE_BYTES_MOST / bytesPerRow)),
      deadline,
      now,
      measure: (setting, rows) => sample.move(setting, rows),
      onTrial: ({ setting, ...trial }, progress) =>
        request.events.emit('trial', { table: plan.displayName, ...setting, ...trial, ...progress }),
    });
    return tuneReport(outcome(axes, trials));
  } finally {
    await sample.close();
  }
}

const now = (): number => performance.now() / 1000;

/** Threads start, code gets compiled, caches fill, connections open: none of it is a setting's fault. */
async function warmUp(
  sample: Sample,
  setting: Setting,
  { request, plan, tableRows }: Tuning,
): Promise<Moved & { readonly whole: boolean }> {
  request.events.emit('phase', { what: `warming up with ${plan.displayName}`, table: plan.displayName });
  for (let rows = WARM_ROWS; rows < tableRows; rows *= 4) {
    const moved = await sample.move(setting, rows);
    if (moved.seconds >= WARM_SECONDS) return { ...moved, whole: false };
  }
  await sample.move(setting, tableRows);
  return { ...(await sample.move(setting, tableRows)), whole: true };
}

/** The table's plan, as if the target were empty: what stands there is not to be touched, so it can't be in the way. */
async function analysed(
  { source, target }: Session,
  request: TuneRequest,
  runId: string,
): Promise<{ analysis: Analysis; plan: TablePlan; tableRows: number }> {
  const table = request.table ?? (await largestTable(source.engine, request));
  const options = { ...request.options, tables: [table], verify: 'none' as const };
  const readTarget = async () => asEmpty(await target.engine.catalog([]));
  const analysis = await analyseFor(source, target.dialect, readTarget, { ...request, options }, runId);
  const { selected, plan } = analysis;
  const entry =
    selected.length === 1
      ? selected[0]
      : selected.find((each) => each.displayName === table || each.table.name === table);
  if (!entry) {
    const what = selected.length === 0 ? 'is a view' : `names ${selected.length} tables`;
    throw new FerrowError('E_USAGE', `"${table}" ${what}: one table is tuned at a time`, {
      hint: 'give the name of one table',
    });
  }
  if (plan.refusals.length > 0) throw plan.refusals[0];
  const planned = plan.tables.find((each) => each.displayName === entry.displayName);
  if (!planned) throw new FerrowError('E_INTERNAL', `no plan for "${entry.displayName}"`);
  const [evidence] = planned.mappings.flatMap((mapping) => mapping.evidence ?? []);
  const tableRows = evidence?.rowCount ?? (await rowsOf(source.engine, entry.table));
  return { analysis, plan: planned, tableRows };
}

/** The table with the most bytes; where the engine knows none, with the most values. */
async function largestTable(engine: SourceEngine, { options, signal }: TuneRequest): Promise<string> {
  const catalog: DatabaseSchema = await engine.catalog(options.schema);
  let largest: TableSchema | null = null;
  let most = -1;
  for (const table of catalog.tables) {
    signal.throwIfAborted();
    const weight = table.sizeBytes ?? (await rowsOf(engine, table)) * table.columns.length * 8;
    if (weight > most) [largest, most] = [table, weight];
  }
  if (largest !== null) return displayName(largest, catalog.defaultSchema);
  throw new FerrowError('E_NO_SUCH_TABLE', 'the source has no tables', {
    hint: 'check the path, and --schema',
  });
}

async function rowsOf(engine: SourceEngine, table: TableSchema): Promise<number> {
  const { estimatedRows } = table;
  return estimatedRows !== null && estimatedRows > COUNTED_ROWS_MOST
    ? estimatedRows
    : engine.countRows(table, null);
}

function leftOut(table: string, columns: readonly string[]): Warning[] {
  return columns.map((column) => ({
    code: 'W_NOT_SAMPLED',
    table,
    column,
    message: `the column "${column}" is not in the sample: its type would have to be made in the target`,
  }));
}
