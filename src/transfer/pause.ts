// A switch that holds a running transfer: readers wait before their next chunk, what is under way is finished.
import { once } from 'node:events';

export class Pause {
  #waiting: AbortController | null = null;

  get isPaused(): boolean {
    return this.#waiting !== null;
  }

  pause(): void {
    this.#waiting ??= new AbortController();
  }

  resume(): void {
    this.#waiting?.abort();
    this.#waiting = null;
  }

  /** Settles when nothing is paused. Rejects with the signal's reason when that is aborted. */
  async proceed(signal: AbortSignal): Promise<void> {
    while (this.#waiting !== null) {
      signal.throwIfAborted();
      await once(AbortSignal.any([signal, this.#waiting.signal]), 'abort');
    }
    signal.throwIfAborted();
  }
}
