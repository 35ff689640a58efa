// Piscina for crossings: as many threads as the run has workers. Buffers are transferred both ways.
import { Piscina } from 'piscina';
import { transferList } from '../batch/chunk.ts';
import {
  type Crossed,
  type CrossingTask,
  type LookTask,
  type Outcome,
  type RowsFound,
  type RowsTask,
  unwrap,
} from './messages.ts';
import { workerFile } from './worker-file.ts';

export class CrossingPool {
  readonly #pool: Piscina<CrossingTask | LookTask | RowsTask, Outcome<unknown>>;
  readonly workers: number;

  /**
   * Threads start with their first task, or the first of them `early`, to be there when the first chunk is. Others without work end
   * after `idleSeconds`.
   */
  constructor(workers: number, { early = false, idleSeconds = 5 } = {}) {
    this.workers = workers;
    this.#pool = new Piscina({
      filename: workerFile('crossing.worker'),
      name: 'cross',
      minThreads: early ? 1 : 0,
      maxThreads: workers,
      idleTimeout: idleSeconds * 1000,
      // A crossing allocates buffers outside the heap; the heap itself stays small.
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 12 },
    });
  }

  /** Crosses one chunk. The payload's buffers are gone from this thread afterwards. @throws FerrowError */
  async cross(task: CrossingTask, signal: AbortSignal): Promise<Crossed> {
    const crossed = await this.#pool.run(task, { transferList: transferList(task.payload), signal });
    return unwrap(crossed as Outcome<Crossed>);
  }

  /** Looks into one chunk of a prescan. The payload's buffers are gone from this thread afterwards. @throws FerrowError */
  async look(task: LookTask, signal: AbortSignal): Promise<unknown> {
    const options = { name: 'look', transferList: transferList(task.payload), signal };
    return unwrap(await this.#pool.run(task, options));
  }

  /** Hashes or keeps the rows of one chunk. The payload's buffers are gone from this thread afterwards. @throws FerrowError */
  async rows(task: RowsTask, signal: AbortSignal): Promise<RowsFound> {
    const options = { name: 'rows', transferList: transferList(task.payload), signal };
    return unwrap((await this.#pool.run(task, options)) as Outcome<RowsFound>);
  }

  /** Chunks waiting for a worker. */
  get queued(): number {
    return this.#pool.queueSize;
  }

  /** Share of the workers' time spent on crossings, 0 to 1. */
  get utilizationRatio(): number {
    const ratio = this.#pool.utilization;
    return Number.isFinite(ratio) ? Math.min(1, ratio) : 0;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
