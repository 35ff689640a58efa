// A part of a crossing pool: as if it had fewer workers than it has. So runs with different numbers of workers can
// follow each other on threads that are warm. Main thread.
import type { CrossingPool } from './crossing-pool.ts';
import type { Crossed, CrossingTask } from './messages.ts';

/** What a run needs of a pool. */
export type Crossings = Pick<CrossingPool, 'workers' | 'cross' | 'queued' | 'utilizationRatio' | 'close'>;

export class CrossingShare implements Crossings {
  readonly workers: number;
  readonly #pool: CrossingPool;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(pool: CrossingPool, workers: number) {
    this.#pool = pool;
    this.workers = workers;
    this.#free = workers;
  }

  async cross(task: CrossingTask, signal: AbortSignal): Promise<Crossed> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#pool.cross(task, signal);
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

  /** The pool stays open: it is another's. */
  async close(): Promise<void> {}
}
