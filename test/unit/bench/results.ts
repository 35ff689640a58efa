// Small results of the bench, for tests of what is made from them.
import type {
  BenchResult,
  FerrowTimes,
  PairRun,
  RivalRound,
  TableRun,
} from '../../../bench/report/result.ts';

const ROWS = 1000;

export const TABLE: TableRun = { shape: 'lineitem', rows: ROWS, rowBytes: 140, pairs: [] };

export function ferrowTimes(wallSeconds: number): FerrowTimes {
  return { wallSeconds, cpuSeconds: wallSeconds, serverCpuSeconds: 0, peakMiB: 100 };
}

export function rivalRound(name: string, given: Partial<RivalRound>): RivalRound {
  const times = { wallSeconds: 1, cpuSeconds: 1, serverCpuSeconds: 0, peakMiB: 50 };
  return { name, rows: ROWS, verdict: 'right', findings: [], reason: null, ...times, ...given };
}

/** SQLite to PostgreSQL; a full verification takes as long again as the run. */
export function pairRun(
  rounds: readonly { floor: number; ferrow: FerrowTimes; rivals: readonly RivalRound[] }[],
): PairRun {
  return {
    source: 'sqlite',
    target: 'postgres',
    findings: [],
    rounds: rounds.map(({ floor, ferrow, rivals }) => ({
      exported: { wallSeconds: floor, cpuSeconds: 0 },
      imported: { wallSeconds: 0, cpuSeconds: 0 },
      ferrow,
      verified: ferrowTimes(ferrow.wallSeconds * 2),
      rivals,
    })),
    profile: {
      stageSeconds: { read: 0.2, decode: 0.4, write: 0.9 },
      beforeRowsSeconds: 0.3,
      movingSeconds: 1.5,
      wallSeconds: 2,
      cpuSeconds: 1.1,
      serverCpuSeconds: 2.8,
      threads: [
        { name: 'MainThread', cpuSeconds: 0.5 },
        { name: 'WorkerThread', cpuSeconds: 0.6 },
      ],
    },
  };
}

export function benchResult(pair: PairRun): BenchResult {
  return {
    at: '2026-11-26T20:00:00.000Z',
    machine: { cores: 2, model: 'A CPU', system: 'Linux', memoryMiB: 1024, versions: { Ferrow: '0.1.0' } },
    seed: 0,
    rounds: pair.rounds.length,
    elapsedSeconds: 60,
    rivals: [{ name: 'ingestr', version: null, notRun: 'no <network>' }],
    tables: [{ ...TABLE, pairs: [pair] }],
    growth: [],
  };
}
