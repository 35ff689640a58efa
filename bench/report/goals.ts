// What Ferrow is to reach, as its time by the floor's, over 2 million rows of lineitem on 2 cores.
import type { EngineName } from '../../test/support/judge.ts';

export function timesFloorGoal(source: EngineName, target: EngineName): number {
  if (target === 'duckdb') return 1.7;
  if (target === 'sqlite') return 2;
  return { sqlite: 1.3, postgres: 1.2, duckdb: 1.4 }[source];
}

export const PEAK_MIB_MAX = 512;
