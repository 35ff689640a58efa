// `npm run bench -- --micro`: every pair's crossings step by step, in ns per cell beside the budget, and what they and
// whole runs allocate. Fails where a value is made per cell.
import type { EngineName } from '../../test/support/judge.ts';
import { build } from '../measure/ferrow.ts';
import { count } from '../report/format.ts';
import { printTable } from '../report/text-table.ts';
import type { TableSpec } from '../tables/generate.ts';
import { nameOf, type Pair, remove, sourceOf, startBenchServer, targetOf } from '../tables/places.ts';
import type { AllocationSite } from './allocation-sample.ts';
import { type AllocationTask, allocatesTooMuch, type RunAllocations, runAllocations } from './allocations.ts';
import { CROSSING_BYTES_MAX } from './budget.ts';
import { benchCrossings, type StepResult } from './crossings.ts';
import { recordCrossings } from './recorded-crossings.ts';

/** So many rows are recorded, and move in the smaller of two whole runs. */
const SMALL_ROWS = 200_000;

export interface MicroOptions {
  readonly pairs: readonly Pair[];
  /** Its first counts: what moves in the larger run. */
  readonly tables: readonly TableSpec[];
}

/** True if nothing allocates more than it may. */
export async function benchMicro({ pairs, tables }: MicroOptions): Promise<boolean> {
  const [table] = tables;
  const smallRows = Math.min(SMALL_ROWS, Math.ceil(table.rows / 10));
  build();
  const server = await startBenchServer();
  const made = new Map<string, string>();
  const source = async (engine: EngineName, spec: TableSpec) => {
    const key = `${engine} ${nameOf(spec)}`;
    const url = made.get(key) ?? (await sourceOf(engine, spec, server));
    made.set(key, url);
    return url;
  };
  const task: AllocationTask = { table, smallRows, sourceOf: source, server };
  try {
    const steps: StepResult[] = [];
    const runs: RunAllocations[] = [];
    for (const pair of pairs) {
      process.stderr.write(`${pair.source} to ${pair.target}\n`);
      const to = await targetOf(pair.target, server);
      const tasks = await recordCrossings(await source(pair.source, { ...table, rows: smallRows }), to);
      await remove(to, server);
      if (tasks.length > 0) steps.push(...benchCrossings(pair, tasks));
      runs.push(await runAllocations(pair, task));
    }
    return print(table, smallRows, steps, runs);
  } finally {
    await server.stop();
  }
}

function print(
  { shape, rows }: TableSpec,
  smallRows: number,
  steps: readonly StepResult[],
  runs: readonly RunAllocations[],
): boolean {
  process.stdout.write(`\nsteps of crossings, ${shape.name}, one thread\n`);
  printTable(
    ['step', 'ns/cell', 'budget', '× budget', 'heap B/cell', `at most ${CROSSING_BYTES_MAX}`],
    steps.map(({ name, nanosPerCell, budgetNanos, bytesPerCell }) => [
      name,
      nanosPerCell.toFixed(1),
      budgetNanos?.toFixed(1) ?? '-',
      budgetNanos === null ? '-' : (nanosPerCell / budgetNanos).toFixed(2),
      bytesPerCell.toFixed(2),
      bytesPerCell <= CROSSING_BYTES_MAX ? 'ok' : 'TOO MUCH',
    ]),
  );
  const much = steps.filter(({ bytesPerCell }) => bytesPerCell > CROSSING_BYTES_MAX);
  for (const { name, sites } of much) {
    process.stdout.write(`${name}: ${sitesText(sites)}\n`);
  }
  const rise = `from ${count(smallRows)} to ${count(rows)} rows`;
  process.stdout.write(`\nheap bytes a row of whole runs, all threads (${rise})\n`);
  printTable(
    ['pair', 'heap B/row', 'at most', ''],
    runs.map((run) => [
      `${run.pair.source} to ${run.pair.target}`,
      run.bytesPerRow.toFixed(1),
      String(run.bytesPerRowMax),
      allocatesTooMuch(run) ? 'TOO MUCH' : 'ok',
    ]),
  );
  for (const { pair, sites } of runs) {
    if (sites.length > 0) process.stdout.write(`${pair.source} to ${pair.target}: ${sitesText(sites)}\n`);
  }
  return much.length === 0 && !runs.some(allocatesTooMuch);
}

const SITES_SHOWN = 4;

function sitesText(sites: readonly AllocationSite[]): string {
  const shown = sites.slice(0, SITES_SHOWN).map(({ name, bytes }) => `${name} ${count(bytes)} B`);
  return `most is allocated in ${shown.join(', ')}`;
}
