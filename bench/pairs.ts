// All nine pairs of engines over one generated table: wall time, rows and megabytes a second, Ferrow's CPU
// seconds and peak memory. node bench/pairs.ts [--rows N] [--shape NAME] [--pairs sqlite:postgres,...]
import { parseArgs } from 'node:util';
import type { EngineName } from '../test/support/judge.ts';
import { rowsFor, shapeNamed } from './generate.ts';
import { bytesOf, ENGINES, removeFile, sourceOf, startBenchServer, targetOf } from './places.ts';
import { build, runFerrow } from './run-ferrow.ts';
import { count, keepResult, printTable } from './table.ts';

export interface PairResult {
  readonly source: EngineName;
  readonly target: EngineName;
  readonly rows: number;
  /** On disk, at the source. */
  readonly sourceBytes: number;
  readonly wallSeconds: number;
  /** From Ferrow's own report: without process start and planning of the command line. */
  readonly runSeconds: number;
  readonly rowsPerSecond: number;
  /** Bytes of the shape's values (10^6 a megabyte), the same measure for every pair. */
  readonly megabytesPerSecond: number;
  readonly cpuSeconds: number | null;
  readonly peakMiB: number | null;
}

export interface PairsOptions {
  readonly shape: string;
  readonly rows: number;
  /** `sqlite:postgres`; all if empty. */
  readonly pairs: readonly string[];
}

/** Runs the pairs one after the other; the file of the results is named on stdout. */
export async function benchPairs(options: PairsOptions): Promise<PairResult[]> {
  const shape = shapeNamed(options.shape);
  const chosen = ENGINES.flatMap((source) => ENGINES.map((target) => ({ source, target }))).filter(
    ({ source, target }) => options.pairs.length === 0 || options.pairs.includes(`${source}:${target}`),
  );
  build();
  const server = await startBenchServer();
  const sources = new Map<EngineName, string>();
  const results: PairResult[] = [];
  try {
    for (const { source, target } of chosen) {
      const from = sources.get(source) ?? (await sourceOf(source, shape, options.rows, server));
      sources.set(source, from);
      const to = await targetOf(target, server);
      const measured = await runFerrow(from, to);
      removeFile(to);
      const rows = measured.report.totalMigratedRows;
      if (rows !== options.rows) throw new Error(`${source} to ${target} moved ${rows} rows`);
      const runSeconds = measured.report.elapsedSeconds;
      results.push({
        source,
        target,
        rows,
        sourceBytes: await bytesOf(from),
        wallSeconds: measured.wallSeconds,
        runSeconds,
        rowsPerSecond: rows / measured.wallSeconds,
        megabytesPerSecond: (rows * shape.rowBytes) / 1e6 / measured.wallSeconds,
        cpuSeconds: measured.cpuSeconds,
        peakMiB: measured.peakMiB,
      });
      process.stderr.write(`${source} to ${target}: ${measured.wallSeconds.toFixed(2)} s\n`);
    }
  } finally {
    await server.stop();
  }
  print(shape.name, options.rows, results);
  const path = keepResult('pairs', { shape: shape.name, rows: options.rows, results });
  process.stdout.write(`kept in ${path}\n`);
  return results;
}

function print(shape: string, rows: number, results: readonly PairResult[]): void {
  process.stdout.write(`\n${count(rows)} rows of ${shape}\n`);
  printTable(
    ['pair', 'wall s', 'rows/s', 'MB/s', 'CPU s', 'peak MiB'],
    results.map((one) => [
      `${one.source} to ${one.target}`,
      one.wallSeconds.toFixed(2),
      count(one.rowsPerSecond),
      one.megabytesPerSecond.toFixed(1),
      one.cpuSeconds?.toFixed(2) ?? '-',
      one.peakMiB === null ? '-' : count(one.peakMiB),
    ]),
  );
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', default: 'lineitem' },
      rows: { type: 'string' },
      gigabytes: { type: 'string' },
      pairs: { type: 'string', default: '' },
    },
  });
  const given = values.rows ? Number(values.rows) : undefined;
  const sized = values.gigabytes ? rowsFor(shapeNamed(values.shape), Number(values.gigabytes)) : undefined;
  await benchPairs({
    shape: values.shape,
    rows: given ?? sized ?? 1_000_000,
    pairs: values.pairs.split(',').filter(Boolean),
  });
}
