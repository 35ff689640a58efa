// What Ferrow is to reach, as its time by the floor's, over 2 million rows of lineitem on 2 cores.
import type { EngineName } from '../../test/support/judge.ts';

const GOAL_ROWS = 2_000_000;

/** Null for tables that the goals don't speak of. */
export function timesFloorGoal(
  source: EngineName,
  target: EngineName,
  { shape, rows }: { readonly shape: string; readonly rows: number },
): number | null {
  if (shape !== 'lineitem' || rows < GOAL_ROWS) return null;
  if (target === 'duckdb') return 1.7;
  if (target === 'sqlite') return 2;
  return { sqlite: 1.3, postgres: 1.2, duckdb: 1.4 }[source];
}

export const PEAK_MIB_MAX = 512;

/** Time with `--verify full` by time without. */
export const TIMES_VERIFIED_MAX = 1.3;
