// How many threads of its own a DuckDB instance has: many while it works by itself, none while writers insert. Engine
// thread.
//
// An insert from the chunk function is one task, which is done by the thread that waits for the statement or by one of
// DuckDB's own. In the second case the first asks again and again whether it is done, without a pause: 2 M rows took
// 2.8 CPU seconds instead of 2.0. Two writers have two waiting threads.
import { availableParallelism } from 'node:os';
import type { Link } from './connect.ts';
import { run } from './query.ts';

const THREADS_MAX = 4;

export const THREADS = Math.min(THREADS_MAX, availableParallelism());

export class Threads {
  #writers = 0;

  /** Before a writer begins, on its connection. */
  async writerBegins(link: Link): Promise<void> {
    this.#writers++;
    if (this.#writers === 1) await run(link, 'SET threads = 1');
  }

  /** After it has ended, well or not. Never throws. */
  async writerEnds(link: Link): Promise<void> {
    this.#writers--;
    if (this.#writers === 0) await run(link, `SET threads = ${THREADS}`).catch(() => {});
  }
}
