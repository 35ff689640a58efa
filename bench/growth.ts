// Growth: the same pair at ever more rows. Time a row and peak memory must stay flat.
import type { PostgresServer } from '../test/support/postgres.ts';
import { runFerrow } from './measure/ferrow.ts';
import type { ServerClock } from './measure/server-cpu.ts';
import type { GrowthRun } from './report/result.ts';
import type { TableSpec } from './tables/generate.ts';
import { type Pair, remove, sourceOf, targetOf } from './tables/places.ts';

export interface GrowthTask {
  readonly growth: { readonly pairs: readonly Pair[]; readonly rows: readonly number[] };
  /** Its first gives shape and seed. */
  readonly tables: readonly TableSpec[];
  readonly server: PostgresServer;
  readonly clock: ServerClock;
  readonly log: (line: string) => void;
}

export async function benchGrowth(task: GrowthTask): Promise<GrowthRun[]> {
  const { growth, tables, server, clock, log } = task;
  const runs: GrowthRun[] = [];
  for (const pair of growth.pairs) {
    for (const rows of growth.rows) {
      const from = await sourceOf(pair.source, { ...tables[0], rows }, server);
      const to = await targetOf(pair.target, server);
      try {
        const { report, ...times } = await runFerrow(from, to, clock);
        if (report.totalMigratedRows !== rows) throw new Error(`moved ${report.totalMigratedRows} rows`);
        runs.push({ ...pair, rows, ...times });
        const each = ((times.wallSeconds / rows) * 1e6).toFixed(2);
        const peak = times.peakMiB?.toFixed(0) ?? '-';
        log(`${pair.source} to ${pair.target}: ${rows} rows, ${each} µs a row, peak ${peak} MiB`);
      } finally {
        await remove(to, server);
        if (pair.source === 'postgres') await remove(from, server);
      }
    }
  }
  return runs;
}
