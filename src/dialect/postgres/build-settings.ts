// Settings for building keys and indexes after the rows have arrived: raised for one transaction, never lowered. Main thread.
import type pg from 'pg';
import { attempt } from './attempt.ts';

/**
 * The server's memory can't be asked for, but `shared_buffers` is a part of it that somebody chose (a quarter as a rule). An
 * eighth of that for a build, several of which may run at once, at most 1 GiB. Where the server is left as it came, its own
 * setting is the larger one and stays. Foreign keys are checked with the same memory.
 */
const RAISE = `SELECT
  set_config('maintenance_work_mem', greatest(pg_size_bytes(current_setting('maintenance_work_mem')),
    least(1073741824, pg_size_bytes(current_setting('shared_buffers')) / 8)) / 1024 || 'kB', true),
  set_config('max_parallel_maintenance_workers', greatest(current_setting('max_parallel_maintenance_workers')::int,
    least(4, current_setting('max_parallel_workers')::int))::text, true)`;

/** For the transaction that is open. A server that knows one of the settings by another name builds as it likes. */
export async function raiseBuildMemory(client: pg.Client): Promise<void> {
  await attempt(client, RAISE, () => {});
}
