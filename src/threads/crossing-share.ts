// A part of a crossing pool: as if it had fewer workers than it has. So runs with different numbers of workers can
// follow each other on threads that are warm. Main thread.
import type { CrossingPool } from './crossing-pool.ts';
import type { Crossed, CrossingTask, LookTask, RowsFound, RowsTask } from './messages.ts';

/** What a run needs of a pool. */
export type Crossings = Pick<
  CrossingPool,
  'workers' | 'cross' | 'look' | 'rows' | 'queued' | 'utilizationRatio'
>;

export class CrossingShare implements Crossings {
  readonly workers: number;
  readonly #pool: Crossings;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(pool: Crossings, workers: number) {
    this.#pool = pool;
    this.workers = workers;
    this.#free = workers;
  }

  cross(task: CrossingTask, signal: AbortSignal): Promise<Crossed> {
    return this.#inTurn(() => this.#pool.cross(task, signal));
  }

  look(task: LookTask, signal: AbortSignal): Promise<unknown> {
    return this.#inTurn(() => this.#pool.look(task, signal));
  }

  rows(task: RowsTask, signal: AbortSignal): Promise<RowsFound> {
    return this.#inTurn(() => this.#pool.rows(task, signal));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  get queued(): number {
    return this.#waiting.length + this.#pool.queued;
  }

  get utilizationRatio(): number {
    return this.#pool.utilizationRatio;
  }
}
