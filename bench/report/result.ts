// What a run of the bench leaves behind, as JSON. The report, the README's table and the printed table are made
// from this and nothing else.
import type { EngineName } from '../../test/support/judge.ts';
import type { FloorPart } from '../floor/floor.ts';
import type { Machine } from '../measure/machine.ts';
import type { Profile } from '../measure/profile.ts';
import type { Finding } from '../rivals/check.ts';
import type { RivalRun } from '../rivals/run-rival.ts';

export interface BenchResult {
  readonly at: string;
  readonly machine: Machine;
  readonly seed: number;
  readonly rounds: number;
  /** How long all of it took. */
  readonly elapsedSeconds: number;
  readonly rivals: readonly RivalState[];
  readonly tables: readonly TableRun[];
  readonly growth: readonly GrowthRun[];
}

export interface RivalState {
  readonly name: string;
  /** Null if it was not run. */
  readonly version: string | null;
  readonly notRun: string | null;
}

/** The pairs over one table. */
export interface TableRun {
  readonly shape: string;
  readonly rows: number;
  /** Bytes of a row's values, about; what MB/s counts for every pair. */
  readonly rowBytes: number;
  readonly pairs: readonly PairRun[];
}

export interface PairRun {
  readonly source: EngineName;
  readonly target: EngineName;
  readonly rounds: readonly Round[];
  /** What in Ferrow's target is not as in the source; nothing, it is to be hoped. */
  readonly findings: readonly Finding[];
  readonly profile: Profile;
}

/** The floor, Ferrow and the rivals, one right after the other. */
export interface Round {
  readonly exported: FloorPart;
  readonly imported: FloorPart;
  readonly ferrow: FerrowTimes;
  /** The same with `--verify full`. */
  readonly verified: FerrowTimes;
  readonly rivals: readonly RivalRound[];
}

export interface FerrowTimes {
  readonly wallSeconds: number;
  readonly cpuSeconds: number | null;
  readonly serverCpuSeconds: number | null;
  readonly peakMiB: number | null;
}

export interface RivalRound extends RivalRun {
  readonly name: string;
  /** Fewer than the table's, of a slow one. */
  readonly rows: number;
}

/** One pair at one number of rows. */
export interface GrowthRun extends FerrowTimes {
  readonly source: EngineName;
  readonly target: EngineName;
  readonly rows: number;
}
