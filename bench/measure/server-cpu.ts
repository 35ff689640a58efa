// CPU seconds of a PostgreSQL server on this machine, read from /proc: of the postmaster, its live children, and
// those that have ended. Rises only, so the difference of two readings is what happened in between.
import pg from 'pg';
import { childrenCpuSecondsOf, childrenOf, commandOf, cpuSecondsOf, parentOf } from './process-run.ts';

/** Seconds at the time of the call; null where the server's processes can't be seen. */
export type ServerClock = () => number | null;

export async function serverClock(url: string): Promise<ServerClock> {
  const client = new pg.Client({ connectionString: url.replace(/\?.*/, '') });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    // A backend of another machine has a process id too: only a `postgres` of this one counts.
    const backend = rows[0].pid;
    const postmaster = commandOf(backend) === 'postgres' ? parentOf(backend) : null;
    return () => (postmaster === null ? null : secondsOf(postmaster));
  } finally {
    await client.end();
  }
}

function secondsOf(postmaster: number): number | null {
  const own = cpuSecondsOf(String(postmaster));
  const ended = childrenCpuSecondsOf(String(postmaster));
  if (own === null || ended === null) return null;
  const live = childrenOf(postmaster).map((pid) => cpuSecondsOf(String(pid)) ?? 0);
  return own + ended + live.reduce((sum, seconds) => sum + seconds, 0);
}

/** `use` and the server's CPU seconds while it ran. */
export async function withServerCpu<T>(
  clock: ServerClock | null,
  use: () => Promise<T>,
): Promise<{ value: T; serverCpuSeconds: number | null }> {
  const before = clock?.() ?? null;
  const value = await use();
  const after = clock?.() ?? null;
  return { value, serverCpuSeconds: before === null || after === null ? null : after - before };
}
