// The tables that a run appends to, from its beginning to its end: which have to wait for others, and what became of their
// rows. Engine thread.
import type { NotCarried } from '../../types/schema.ts';
import type { AppendCounts, TableLoad } from '../dialect.ts';
import { appendStaged } from './append-staged.ts';
import { readTables } from './catalog.ts';
import type { Link } from './connect.ts';
import { tableKey } from './order.ts';
import { liveTable } from './place.ts';
import { appendMustWait } from './waiting.ts';

export class Appends {
  readonly #keys = new Set<string>();
  readonly #counted = new Map<string, AppendCounts>();

  expect(loads: readonly TableLoad[]): void {
    for (const load of loads) if (load.mode === 'append') this.#keys.add(tableKey(load.table));
  }

  /** Moves the rows; null where they go in at the end of the run. */
  async finish(link: Link, load: TableLoad): Promise<NotCarried[] | null> {
    const live = await readTables(link, ['*']);
    if (appendMustWait(load, live, this.#keys)) return null;
    return appendStaged(link, [{ load, live: liveTable(live, load.table) }], this.#counted);
  }

  /** Moves the rows of those that had to wait. */
  async finishWaiting(link: Link, loads: readonly TableLoad[]): Promise<NotCarried[]> {
    if (loads.length === 0) return [];
    const live = await readTables(link, ['*']);
    const appends = loads.map((load) => ({ load, live: liveTable(live, load.table) }));
    return appendStaged(link, appends, this.#counted);
  }

  counts(load: TableLoad): AppendCounts | null {
    return this.#counted.get(load.id) ?? null;
  }
}
