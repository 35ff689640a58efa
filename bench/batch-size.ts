// Fits the model of src/transfer/batch-size.ts: moves samples of the bench's shapes between all pairs of engines with
// batches of many sizes, in this process and interleaved, keeps what was measured, prints it, and says how far the
// defaults are from the best. With --write the fit goes into the source, and what was measured into docs/batch-size.md.
// node bench/batch-size.ts [--write] [--pairs sqlite:postgres,…] [--shapes narrow,…] [--passes 5]
// node bench/batch-size.ts --from bench/results/batch-size-….json,… [--write]      fits again what was kept
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DatabaseFactory } from '../src/transfer/database-factory.ts';
import { parseOptions } from '../src/transfer/options.ts';
import { TransferEmitter } from '../src/transfer/request.ts';
import { warmUp } from '../src/transfer/tune.ts';
import { spread } from '../src/transfer/tune-grid.ts';
import { interleaved, rate } from '../src/transfer/tune-schedule.ts';
import { type SampledTable, withSample } from '../src/transfer/tune-table.ts';
import type { PostgresServer } from '../test/support/postgres.ts';
import { type BatchPoint, fitText, writeFit } from './batch-size-fit.ts';
import { shapeNamed } from './tables/generate.ts';
import {
  DATA_FOLDER,
  type Pair,
  pairsNamed,
  remove,
  sourceOf,
  startBenchServer,
  targetOf,
} from './tables/places.ts';

const KIB = 1024;
const GRID_KIB = [128, 256, 512, 1024, 2048, 4096];
const SHAPES = ['lineitem', 'narrow', 'wide', 'text', 'nulls'];
/** A source holds so many bytes of values, or so many rows. */
const SOURCE_BYTES = 100e6;
const SOURCE_ROWS = 2_000_000;
const TRIAL_SECONDS = 0.4;
/** No batch ends for its number of rows. */
const ROWS_UNBOUNDED = 1_000_000;

async function measurePair(
  { source, target }: Pair,
  shapeName: string,
  passes: number,
  server: PostgresServer | null,
): Promise<BatchPoint[]> {
  const shape = shapeNamed(shapeName);
  const sourceRows = Math.min(SOURCE_ROWS, Math.round(SOURCE_BYTES / shape.rowBytes));
  const from = await sourceOf(source, { shape, rows: sourceRows, seed: 0 }, server);
  const to = await targetOf(target, server);
  try {
    const request = {
      command: 'tune',
      source: DatabaseFactory.create(from),
      target: DatabaseFactory.create(to),
      options: parseOptions({}),
      signal: new AbortController().signal,
      events: new TransferEmitter(),
      table: shape.name,
    };
    return await withSample(request, (table) =>
      measureGrid(table, passes, { source, target, shape: shapeName }),
    );
  } finally {
    await remove(to, server);
  }
}

async function measureGrid(
  { sample, standard, tableRows, batchBytes }: SampledTable,
  passes: number,
  names: Pick<BatchPoint, 'source' | 'target' | 'shape'>,
): Promise<BatchPoint[]> {
  const warm = await warmUp(sample, standard, tableRows);
  const rows = Math.min(tableRows, Math.ceil(rate(warm) * TRIAL_SECONDS));
  const points = [
    { kib: null, batchSize: standard.batchSize, bytes: batchBytes },
    ...GRID_KIB.map((kib) => ({ kib, batchSize: ROWS_UNBOUNDED, bytes: kib * KIB })),
  ];
  const rates = new Map(points.map((point) => [point, [] as number[]]));
  for (let pass = 0; pass < passes; pass++) {
    for (const point of interleaved(points, pass % 2 === 1)) {
      try {
        const moved = await sample.move({ ...standard, batchSize: point.batchSize }, rows, point.bytes);
        rates.get(point)?.push(rate(moved));
      } catch (error) {
        // A size with which the engines can't do it is no size to choose.
        process.stderr.write(`${JSON.stringify(names)} ${point.kib} KiB: ${error}\n`);
        rates.get(point)?.push(0);
      }
    }
  }
  return points.map((point) => {
    const { min, median, max } = spread(rates.get(point) ?? []);
    const rounded = { min: Math.round(min), median: Math.round(median), max: Math.round(max) };
    return { ...names, kib: point.kib, batchSize: point.batchSize, rowsPerSecond: rounded };
  });
}

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '' },
    shapes: { type: 'string', default: SHAPES.join(',') },
    passes: { type: 'string', default: '5' },
    from: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});

async function measureAll(): Promise<BatchPoint[]> {
  const pairs = pairsNamed(values.pairs.split(',').filter(Boolean));
  const hasServer = pairs.some((pair) => pair.source === 'postgres' || pair.target === 'postgres');
  const server = hasServer ? await startBenchServer() : null;
  const points: BatchPoint[] = [];
  try {
    for (const pair of pairs) {
      for (const shape of values.shapes.split(',')) {
        points.push(...(await measurePair(pair, shape, Number(values.passes), server)));
        process.stderr.write(`${pair.source} to ${pair.target}: ${shape}\n`);
      }
    }
  } finally {
    await server?.stop();
  }
  const path = resolve(
    DATA_FOLDER,
    '../results',
    `batch-size-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`,
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ points }, null, 1)}\n`);
  process.stderr.write(`kept in ${path}\n`);
  return points;
}

const kept = values.from.split(',').filter(Boolean);
const points =
  kept.length === 0
    ? await measureAll()
    : kept.flatMap((path) => (JSON.parse(readFileSync(path, 'utf8')) as { points: BatchPoint[] }).points);
process.stdout.write(`${fitText(points)}\n`);
if (values.write) {
  const [processor] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  writeFit(
    points,
    `${date}, ${availableParallelism()} cores (${processor?.model}), Node ${process.version}.`,
  );
}
