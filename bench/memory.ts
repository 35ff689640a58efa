// The promise of bounded memory, put to the test: a table much larger than the bound moves, and the process
// never holds 512 MiB.
import { build, runFerrow } from './measure/ferrow.ts';
import { count } from './report/format.ts';
import { PEAK_MIB_MAX } from './report/goals.ts';
import { rowsFor } from './tables/generate.ts';
import { bytesOf, type Pair, remove, sourceOf, startBenchServer, targetOf } from './tables/places.ts';
import type { Shape } from './tables/shapes.ts';

export interface MemoryOptions {
  readonly pair: Pair;
  readonly gigabytes: number;
  readonly shape: Shape;
  readonly seed: number;
}

/** Moves the table and prints what it took; true if the process stayed under the bound. */
export async function benchMemory(options: MemoryOptions): Promise<boolean> {
  const { shape, seed } = options;
  const { source, target } = options.pair;
  const rows = rowsFor(shape, options.gigabytes);
  build();
  const server = source === 'postgres' || target === 'postgres' ? await startBenchServer() : null;
  try {
    process.stderr.write(`generating ${count(rows)} rows of ${shape.name} in ${source}\n`);
    const from = await sourceOf(source, { shape, rows, seed }, server);
    const to = await targetOf(target, server);
    const sourceBytes = await bytesOf(from);
    process.stderr.write(`moving ${(sourceBytes / 1e9).toFixed(2)} GB (on disk) to ${target}\n`);
    const { report, wallSeconds, peakMiB } = await runFerrow(from, to, null);
    await remove(to, server);
    if (report.totalMigratedRows !== rows) throw new Error(`moved ${report.totalMigratedRows} rows`);
    if (peakMiB === null) throw new Error('this system has no /proc to read the memory from');
    const verdict = peakMiB < PEAK_MIB_MAX ? 'within' : 'ABOVE';
    process.stdout.write(
      `${source} to ${target}, ${count(rows)} rows of ${shape.name}, ${(sourceBytes / 1e9).toFixed(2)} GB on disk: ` +
        `${wallSeconds.toFixed(1)} s, ${count(rows / wallSeconds)} rows/s, ` +
        `peak ${count(peakMiB)} MiB, ${verdict} the bound of ${PEAK_MIB_MAX} MiB\n`,
    );
    return peakMiB < PEAK_MIB_MAX;
  } finally {
    await server?.stop();
  }
}
