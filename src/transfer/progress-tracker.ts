// Follows a migrator's events and says at any time how far it is.
import type { WireError } from '../errors/ferrow-error.ts';
import type { TransferEmitter } from './request.ts';

export interface ProgressReport {
  /** Seconds since the first event. */
  readonly elapsedTime: number;
  readonly completedTables: number;
  readonly failedTables: number;
  readonly totalRowsMigrated: number;
  readonly averageRowsPerSecond: number;
  readonly completionDetails: readonly {
    readonly tableName: string;
    readonly rows: number;
    readonly elapsedSeconds: number;
  }[];
  readonly failureDetails: readonly { readonly tableName: string; readonly error: WireError | null }[];
}

/**
 * Tracks one migrator.
 *
 * ```ts
 * const tracker = new MigrationProgressTracker(migrator);
 * setInterval(() => console.log(tracker.getProgressReport()), 1000);
 * ```
 */
export class MigrationProgressTracker {
  readonly #completed: ProgressReport['completionDetails'][number][] = [];
  readonly #failed: ProgressReport['failureDetails'][number][] = [];
  readonly #now: () => number;
  #startedMs: number | null = null;
  #endedMs: number | null = null;
  #rows = 0;

  /** `now` gives milliseconds; for tests. */
  constructor(migrator: TransferEmitter, now: () => number = () => performance.now()) {
    this.#now = now;
    migrator.on('start', () => {
      this.#startedMs = now();
      this.#endedMs = null;
    });
    migrator.on('batch', ({ rows }) => {
      this.#rows += rows;
    });
    migrator.on('table', ({ table: tableName, success, rows, elapsedSeconds, error }) => {
      if (success) this.#completed.push({ tableName, rows, elapsedSeconds });
      else this.#failed.push({ tableName, error });
    });
    migrator.on('end', () => {
      this.#endedMs = now();
    });
  }

  getProgressReport(): ProgressReport {
    const elapsedTime =
      this.#startedMs === null ? 0 : ((this.#endedMs ?? this.#now()) - this.#startedMs) / 1000;
    return {
      elapsedTime,
      completedTables: this.#completed.length,
      failedTables: this.#failed.length,
      totalRowsMigrated: this.#rows,
      averageRowsPerSecond: elapsedTime > 0 ? Math.round(this.#rows / elapsedTime) : 0,
      completionDetails: [...this.#completed],
      failureDetails: [...this.#failed],
    };
  }
}
