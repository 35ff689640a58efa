// How many threads of its own a DuckDB instance has: many while it works by itself, none while vectors stream in or out.
// Engine thread.
//
// A streaming query has one task, which is done by whoever waits for it or by a thread of DuckDB's own. In the second
// case the one that waits asks again and again whether it is done, without a pause: 2 M rows in took 2.8 CPU seconds
// instead of 2.0. Cursors and writers have a waiting thread each anyway.
import { availableParallelism } from 'node:os';
import type { Link } from './connect.ts';
import { run } from './query.ts';

const THREADS_MAX = 4;

export const THREADS = Math.min(THREADS_MAX, availableParallelism());

export class Threads {
  #streams = 0;

  /** Before a cursor or writer begins, on its connection. */
  async streamBegins(link: Link): Promise<void> {
    this.#streams++;
    if (this.#streams === 1) await run(link, 'SET threads = 1');
  }

  /** After it has ended, well or not. Never throws. */
  async streamEnds(link: Link): Promise<void> {
    this.#streams--;
    if (this.#streams === 0) await run(link, `SET threads = ${THREADS}`).catch(() => {});
  }
}
