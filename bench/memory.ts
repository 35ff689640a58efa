// The promise of bounded memory, put to the test: a table much larger than the bound moves, and the process
// never holds 512 MiB. node bench/memory.ts [--pair sqlite:postgres] [--gigabytes 5] [--shape lineitem]
import { parseArgs } from 'node:util';
import type { EngineName } from '../test/support/judge.ts';
import { rowsFor, shapeNamed } from './generate.ts';
import { bytesOf, ENGINES, removeFile, sourceOf, startBenchServer, targetOf } from './places.ts';
import { build, runFerrow } from './run-ferrow.ts';
import { count, keepResult } from './table.ts';

/** MiB that Ferrow's process may hold at any moment. */
const PEAK_MIB_MAX = 512;

export interface MemoryOptions {
  /** `sqlite:postgres`. */
  readonly pair: string;
  readonly gigabytes: number;
  readonly shape: string;
}

/** Moves the table and prints what it took; true if the process stayed under the bound. */
export async function benchMemory(options: MemoryOptions): Promise<boolean> {
  const [source, target] = options.pair.split(':') as [EngineName, EngineName];
  if (!ENGINES.includes(source) || !ENGINES.includes(target)) {
    throw new Error(`unknown pair ${options.pair}; write for example sqlite:postgres`);
  }
  const shape = shapeNamed(options.shape);
  const rows = rowsFor(shape, options.gigabytes);
  build();
  const server = source === 'postgres' || target === 'postgres' ? await startBenchServer() : null;
  try {
    process.stderr.write(`generating ${count(rows)} rows of ${shape.name} in ${source}\n`);
    const from = await sourceOf(source, shape, rows, server);
    const to = await targetOf(target, server);
    const sourceBytes = await bytesOf(from);
    process.stderr.write(`moving ${(sourceBytes / 1e9).toFixed(2)} GB (on disk) to ${target}\n`);
    const { report, wallSeconds, cpuSeconds, peakMiB } = await runFerrow(from, to);
    removeFile(to);
    if (report.totalMigratedRows !== rows) throw new Error(`moved ${report.totalMigratedRows} rows`);
    if (peakMiB === null) throw new Error('this system has no /proc to read the memory from');
    const verdict = peakMiB < PEAK_MIB_MAX ? 'within' : 'ABOVE';
    process.stdout.write(
      `${source} to ${target}, ${count(rows)} rows of ${shape.name}, ${(sourceBytes / 1e9).toFixed(2)} GB on disk: ` +
        `${wallSeconds.toFixed(1)} s, ${count(rows / wallSeconds)} rows/s, ` +
        `peak ${count(peakMiB)} MiB, ${verdict} the bound of ${PEAK_MIB_MAX} MiB\n`,
    );
    const result = { ...options, rows, sourceBytes, wallSeconds, cpuSeconds, peakMiB };
    process.stdout.write(`kept in ${keepResult('memory', result)}\n`);
    return peakMiB < PEAK_MIB_MAX;
  } finally {
    await server?.stop();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      pair: { type: 'string', default: 'sqlite:postgres' },
      gigabytes: { type: 'string', default: '5' },
      shape: { type: 'string', default: 'lineitem' },
    },
  });
  const within = await benchMemory({ ...values, gigabytes: Number(values.gigabytes) });
  process.exitCode = within ? 0 : 1;
}
