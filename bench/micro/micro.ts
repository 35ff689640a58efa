// `npm run bench -- --micro`: every pair's crossings step by step, in ns per cell beside the budget, and what they and
// whole runs allocate. Fails where a value is made per cell.
import type { EngineName } from '../../test/support/judge.ts';
import { build } from '../measure/ferrow.ts';
import { count } from '../report/format.ts';
import { printTable } from '../report/text-table.ts';
import type { TableSpec } from '../tables/generate.ts';
import { type Pair, remove, sourceOf, startBenchServer, targetOf } from '../tables/places.ts';
import type { AllocationSite } from './allocation-sample.ts';
import { type RunAllocations, runAllocations } from './allocations.ts';
import { CROSSING_BYTES_MAX, RUN_BYTES_PER_ROW_MAX } from './budget.ts';
import { benchCrossings, type StepResult } from './crossings.ts';
import { recordCrossings } from './recorded-crossings.ts';

/** So many rows are recorded, and are the small one of two whole runs. */
const SMALL_ROWS = 200_000;

export interface MicroOptions {
  readonly pairs: readonly Pair[];
  /** The large one of two whole runs; its first counts. */
  readonly tables: readonly TableSpec[];
}

/** True if nothing allocates more than it may. */
export async function benchMicro({ pairs, tables }: MicroOptions): Promise<boolean> {
  const [table] = tables;
  const rows = { small: Math.min(SMALL_ROWS, Math.ceil(table.rows / 10)), large: table.rows };
  build();
  const server = await startBenchServer();
  const made = new Map<string, string>();
  const source = async (engine: EngineName, of: number) => {
    const key = `${engine} ${of}`;
    const url = made.get(key) ?? (await sourceOf(engine, { ...table, rows: of }, server));
    made.set(key, url);
    return url;
  };
  try {
    const steps: StepResult[] = [];
    const runs: RunAllocations[] = [];
    for (const pair of pairs) {
      process.stderr.write(`${pair.source} to ${pair.target}\n`);
      const to = await targetOf(pair.target, server);
      const tasks = await recordCrossings(await source(pair.source, rows.small), to);
      await remove(to, server);
      if (tasks.length > 0) steps.push(...benchCrossings(pair, tasks));
      runs.push(await runAllocations(pair, rows, source, server));
    }
    return print(table.shape.name, steps, runs, rows);
  } finally {
    await server.stop();
  }
}

function print(
  shape: string,
  steps: readonly StepResult[],
  runs: readonly RunAllocations[],
  rows: { small: number; large: number },
): boolean {
  process.stdout.write(`\nsteps of crossings, ${shape}, one thread\n`);
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
  process.stdout.write(
    `\nheap bytes a row of whole runs, all threads (from ${count(rows.small)} to ${count(rows.large)} rows)\n`,
  );
  printTable(
    ['pair', 'heap B/row', `at most ${RUN_BYTES_PER_ROW_MAX}`],
    runs.map(({ pair, bytesPerRow }) => [
      `${pair.source} to ${pair.target}`,
      bytesPerRow.toFixed(1),
      bytesPerRow <= RUN_BYTES_PER_ROW_MAX ? 'ok' : 'TOO MUCH',
    ]),
  );
  for (const { pair, sites } of runs) {
    if (sites.length > 0) process.stdout.write(`${pair.source} to ${pair.target}: ${sitesText(sites)}\n`);
  }
  return much.length === 0 && runs.every(({ bytesPerRow }) => bytesPerRow <= RUN_BYTES_PER_ROW_MAX);
}

const SITES_SHOWN = 4;

function sitesText(sites: readonly AllocationSite[]): string {
  const shown = sites.slice(0, SITES_SHOWN).map(({ name, bytes }) => `${name} ${count(bytes)} B`);
  return `most is allocated in ${shown.join(', ')}`;
}
