// Piscina for crossings: as many threads as the run has workers. Buffers are transferred both ways.
import { Piscina } from 'piscina';
import { transferList } from '../batch/chunk.ts';
import { endThreads, giveBack, type Threads, takeKept } from './kept-threads.ts';
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

type Task = CrossingTask | LookTask | RowsTask;

export class CrossingPool {
  readonly #kind: string;
  readonly #threads: Threads<Task, Outcome<unknown>>;
  readonly workers: number;
  #underWay = 0;
  /** When it took its threads, in ms of the threads' own clock, and how long they had been at work before. */
  readonly #since: { readonly millis: number; readonly busyMillis: number };

  /**
   * Threads start with their first task, or the first of them `early`, to be there when the first chunk is. Others without work end
   * after `idleSeconds`.
   */
  constructor(workers: number, { early = false, idleSeconds = 5 } = {}) {
    this.workers = workers;
    this.#kind = `crossing, ${workers} for ${idleSeconds} s`;
    this.#threads = takeKept<Task, Outcome<unknown>>(this.#kind) ?? startThreads(workers, early, idleSeconds);
    this.#since = { millis: this.#pool.duration, busyMillis: this.#busyMillis() };
  }

  get #pool(): Piscina<Task, Outcome<unknown>> {
    return this.#threads.pool;
  }

  /** Crosses one chunk. The payload's buffers are gone from this thread afterwards. @throws FerrowError */
  async cross(task: CrossingTask, signal: AbortSignal): Promise<Crossed> {
    return (await this.#run('cross', task, signal)) as Crossed;
  }

  /** Looks into one chunk of a prescan. The payload's buffers are gone from this thread afterwards. @throws FerrowError */
  look(task: LookTask, signal: AbortSignal): Promise<unknown> {
    return this.#run('look', task, signal);
  }

  /** Hashes or keeps the rows of one chunk. The payload's buffers are gone from this thread afterwards. @throws FerrowError */
  async rows(task: RowsTask, signal: AbortSignal): Promise<RowsFound> {
    return (await this.#run('rows', task, signal)) as RowsFound;
  }

  async #run(name: string, task: Task, signal: AbortSignal): Promise<unknown> {
    this.#underWay++;
    try {
      return unwrap(await this.#pool.run(task, { name, transferList: transferList(task.payload), signal }));
    } finally {
      this.#underWay--;
    }
  }

  /** Chunks waiting for a worker. */
  get queued(): number {
    return this.#pool.queueSize;
  }

  /** Share of the workers' time spent on crossings, 0 to 1. */
  get utilizationRatio(): number {
    const ratio = (this.#busyMillis() - this.#since.busyMillis) / (this.#pool.duration - this.#since.millis);
    return Number.isFinite(ratio) ? Math.max(0, Math.min(1, ratio)) : 0;
  }

  #busyMillis(): number {
    const { utilization, duration } = this.#pool;
    return Number.isFinite(utilization) ? utilization * duration : 0;
  }

  async close(): Promise<void> {
    // Those that are still at work for a run that was given up are not there for the next one.
    await (this.#underWay === 0 ? giveBack(this.#kind, this.#threads) : endThreads(this.#threads));
  }
}

function startThreads(workers: number, early: boolean, idleSeconds: number): Threads<Task, Outcome<unknown>> {
  const pool = new Piscina<Task, Outcome<unknown>>({
    filename: workerFile('crossing.worker'),
    name: 'cross',
    minThreads: early ? 1 : 0,
    maxThreads: workers,
    idleTimeout: idleSeconds * 1000,
    // A crossing allocates buffers outside the heap; the heap itself stays small.
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 12 },
  });
  return { pool, loaded: Promise.resolve() };
}
