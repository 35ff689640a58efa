// Opens what `tune` works with: source, scratch, the plan of one table, and its sample. Main thread. All of it is closed
// and removed in the end, whatever happens.
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
import type { Setting } from './tune-grid.ts';
import { Sample } from './tune-sample.ts';
import { asEmpty, scratchFor, scratchPlan } from './tune-scratch.ts';

/** More lanes than these are not tried: no pair was faster with them. */
const LANES_MOST = 8;
/** Statistics that say there are fewer rows than this may be old, and counting so few is quick. */
const COUNTED_ROWS_MOST = 1_000_000;

export interface SampleRequest extends TransferRequest {
  /** Name of a table of the source; null for the largest. */
  readonly table: string | null;
}

/** A table whose sample can be moved. */
export interface SampledTable {
  readonly sample: Sample;
  readonly tableName: string;
  readonly tableRows: number;
  /** A batch ends at so many bytes. */
  readonly batchBytes: number;
  /** What a run does when nothing more is set. */
  readonly standard: Setting;
  readonly cores: number;
  readonly workersMost: number;
  /** Lanes that the two engines can keep at once, as far as they are tried. */
  readonly lanesMost: number;
  /** Display forms, without secrets. */
  readonly source: string;
  readonly target: string;
  readonly warnings: readonly Warning[];
}

/** @throws FerrowError what migrate would refuse the table with, or E_CANCELLED */
export async function withSample<T>(
  request: SampleRequest,
  work: (table: SampledTable) => Promise<T>,
): Promise<T> {
  const runId = randomUUID();
  const target = await request.target.locate();
  refuseSameDatabase(await request.source.locate(), target);
  const scratch = await scratchFor(request, runId);
  const connections = Math.max(LANES_MOST, request.options.connections);
  const opened = { ...request, target: scratch.database, options: { ...request.options, connections } };
  try {
    return await withSession(opened, false, async (session) => {
      const { analysis, plan: planned, tableRows } = await analysed(session, request, runId);
      const { quirks } = session.target.dialect;
      const { plan, without } = scratchPlan(planned, quirks, scratch.name);
      const limits = limitsOf(session, request, plan);
      const sample = new Sample({
        session,
        request,
        analysis,
        plan,
        scratch: scratch.name,
        tableRows,
        ...limits,
      });
      try {
        return await work({
          sample,
          tableName: plan.displayName,
          tableRows,
          batchBytes: plan.batchBytes,
          ...limits,
          source: session.source.location.display,
          target: target.display,
          warnings: without.map((column) => leftOut(plan.displayName, column)),
        });
      } finally {
        await sample.close();
      }
    });
  } finally {
    scratch.remove();
  }
}

function limitsOf({ source, target }: Session, { options }: SampleRequest, plan: TablePlan) {
  const cores = availableParallelism();
  const lanesMost = Math.min(
    Math.max(2 * cores, options.connections),
    LANES_MOST,
    source.dialect.quirks.readersMax,
    target.dialect.quirks.writersMax,
  );
  const standard = {
    batchSize: plan.batchRows,
    workers: options.workers,
    connections: Math.min(options.connections, lanesMost),
  };
  return { cores, lanesMost, standard, workersMost: Math.max(cores, options.workers) };
}

/** The table's plan, as if the target were empty: what stands there is not to be touched, so it can't be in the way. */
async function analysed(
  { source, target, pool }: Session,
  request: SampleRequest,
  runId: string,
): Promise<{ analysis: Analysis; plan: TablePlan; tableRows: number }> {
  const table = request.table ?? (await largestTable(source.engine, request));
  const options = { ...request.options, tables: [table], verify: 'none' as const };
  const readTarget = async () => asEmpty(await target.engine.catalog([]));
  const analysis = await analyseFor(
    { source, pool },
    target.dialect,
    readTarget,
    { ...request, options },
    runId,
  );
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
async function largestTable(engine: SourceEngine, { options, signal }: SampleRequest): Promise<string> {
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

function leftOut(table: string, column: string): Warning {
  const message = `the column "${column}" is not in the sample: its type would have to be made in the target`;
  return { code: 'W_NOT_SAMPLED', table, column, message };
}
