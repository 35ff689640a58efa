// The promise that no hot path makes a JavaScript value per cell, put to the test over whole runs of the built
// command line: all its threads, from the first page read to the last commit.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { EngineName } from '../../test/support/judge.ts';
import type { PostgresServer } from '../../test/support/postgres.ts';
import { type Pair, remove, targetOf } from '../tables/places.ts';
import type { AllocationSite } from './allocation-sample.ts';
import { RUN_BYTES_PER_ROW_MAX } from './budget.ts';
import { allocatedByThread, bytesPerRow, type TracedRun } from './gc-trace.ts';

const BIN = resolve(import.meta.dirname, '../../dist/cli/bin.js');
const PRELOAD = resolve(import.meta.dirname, 'allocation-preload.ts');
/**
 * What is allocated after a thread's last collection isn't seen: at most a nursery, so nurseries are small (MiB; a
 * thread with limits of its own keeps them).
 */
const TRACE = ['--trace-gc-nvp', '--max-semi-space-size=2'];

export interface RunAllocations {
  readonly pair: Pair;
  readonly bytesPerRow: number;
  /** Where, by thread; only if it is too much. */
  readonly sites: readonly AllocationSite[];
}

/** @param sourceOf the database of the engine with so many rows */
export async function runAllocations(
  pair: Pair,
  rows: { readonly small: number; readonly large: number },
  sourceOf: (engine: EngineName, rows: number) => Promise<string>,
  server: PostgresServer,
): Promise<RunAllocations> {
  const migrate = async (count: number, flags: readonly string[], environment = {}) => {
    const from = await sourceOf(pair.source, count);
    const to = await targetOf(pair.target, server);
    const args = [...flags, BIN, 'migrate', from, to, '--if-exists', 'replace', '--quiet'];
    const env = { ...process.env, ...environment };
    const run = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 30, env });
    await remove(to, server);
    if (run.status !== 0) throw new Error(`ferrow ended with status ${run.status}: ${run.stderr}`);
    return run.stdout;
  };
  const traced = async (count: number): Promise<TracedRun> => {
    const threads = allocatedByThread(await migrate(count, TRACE));
    return { rows: count, bytes: threads.reduce((sum, bytes) => sum + bytes, 0) };
  };
  const perRow = bytesPerRow(await traced(rows.small), await traced(rows.large));
  if (perRow <= RUN_BYTES_PER_ROW_MAX) return { pair, bytesPerRow: perRow, sites: [] };
  const folder = mkdtempSync(join(tmpdir(), 'ferrow-bench-'));
  try {
    await migrate(rows.large, ['--import', PRELOAD], { FERROW_BENCH_ALLOCATIONS: folder });
    const sites = readdirSync(folder).flatMap((file) =>
      (JSON.parse(readFileSync(join(folder, file), 'utf8')) as AllocationSite[]).map(({ name, bytes }) => ({
        name: `thread ${file.replace('.json', '')}: ${name}`,
        bytes,
      })),
    );
    return { pair, bytesPerRow: perRow, sites: sites.toSorted((a, b) => b.bytes - a.bytes) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
