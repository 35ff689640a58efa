// What every call of the library goes through: one source, one target, options, and a way to hold calls or end them.
import { keepThreads } from '../threads/kept-threads.ts';
import { type Database, DatabaseFactory, type DatabaseLike } from './database-factory.ts';
import { parseOptions, type TransferOptionsInput } from './options.ts';
import { Pause } from './pause.ts';
import { TransferEmitter, type TransferRequest } from './request.ts';

/** Options of a single call: they go over those of the migrator. */
export interface CallOptions {
  /** Ends the call in good order; it then reports E_CANCELLED. */
  readonly signal?: AbortSignal;
}

export abstract class MigratorCalls extends TransferEmitter implements AsyncDisposable {
  readonly source: Database;
  readonly target: Database;
  protected readonly options: TransferOptionsInput;
  readonly #closing = new AbortController();
  readonly #calls = new Set<Promise<unknown>>();
  readonly #pause = new Pause();

  /** @throws FerrowError E_URL, E_USAGE */
  constructor(source: DatabaseLike, target: DatabaseLike, options: TransferOptionsInput = {}) {
    super();
    this.source = DatabaseFactory.create(source);
    this.target = DatabaseFactory.create(target);
    this.options = options;
    parseOptions(options);
  }

  /** Holds what is moving: readers wait before their next chunk, what is under way is finished. */
  pause(): void {
    this.#pause.pause();
  }

  /** Lets go on what `pause` holds. */
  resume(): void {
    this.#pause.resume();
  }

  get isPaused(): boolean {
    return this.#pause.isPaused;
  }

  /** Interrupts what is under way and waits for its end. `await using` calls it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#calls);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected request(
    command: string,
    options: TransferOptionsInput,
    signal: AbortSignal | undefined,
  ): TransferRequest {
    return {
      command,
      source: this.source,
      target: this.target,
      options: parseOptions(options, command),
      signal: signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal,
      events: this,
      pause: this.#pause,
    };
  }

  /** Remembers the call, so that close can wait for it. Its parts take each other's threads. */
  protected async call<T>(call: Promise<T>): Promise<T> {
    const threads = keepThreads();
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
      await threads.end();
    }
  }
}

/** Without the keys whose value is undefined, so that they don't cover the migrator's own options. */
export function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
