// The server's process behind a connection, as another connection sees it. Main thread.
import type pg from 'pg';
import type { Look } from './silence.ts';

/** Numbers of processes are used again, and a second connection may meet another server: so times stand beside. */
export interface Backend {
  readonly pid: number;
  readonly startedAt: string;
  readonly serverStartedAt: string;
}

const since = (time: string) => `extract(epoch FROM ${time})::text`;

const SERVER = since('pg_catalog.pg_postmaster_start_time()');

/** Asked on the connection itself, which was told `pid` in the beginning. A pooler tells numbers of its own: null. */
export async function backendOf(client: pg.Client, pid: number): Promise<Backend | null> {
  const { rows } = await client.query<Backend>(
    `SELECT pid, ${since('backend_start')} AS "startedAt", ${SERVER} AS "serverStartedAt"
    FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid() AND pid = $1`,
    [pid],
  );
  return rows[0] ?? null;
}

const LOOK = `SELECT ${SERVER} AS "serverStartedAt", a.pid IS NOT NULL AS there, wait_event AS event
  FROM (SELECT) AS one LEFT JOIN pg_catalog.pg_stat_activity a ON pid = $1 AND ${since('backend_start')} = $2`;

/** Known since PostgreSQL 14. */
const COPIED = 'SELECT bytes_processed AS bytes FROM pg_catalog.pg_stat_progress_copy WHERE pid = $1';

interface Seen {
  readonly serverStartedAt: string;
  readonly there: boolean;
  readonly event: string | null;
}

/** Asked on another connection. */
export async function lookAt(client: pg.Client, backend: Backend | null): Promise<Look> {
  if (backend === null) return { sees: 'nothing' };
  const { rows } = await client.query<Seen>(LOOK, [backend.pid, backend.startedAt]);
  const [{ serverStartedAt, there, event }] = rows;
  if (serverStartedAt !== backend.serverStartedAt) return { sees: 'nothing' };
  if (!there) return { sees: 'no process' };
  if (event !== 'ClientRead' && event !== 'ClientWrite') return { sees: 'work' };
  const copied = await client.query<{ bytes: string }>(COPIED, [backend.pid]).catch(() => null);
  return { sees: 'waiting', event, copiedBytes: copied?.rows[0]?.bytes ?? null };
}

/** Its locks go with it. The server alone would wait for its client a good while longer. */
export async function endBackend(client: pg.Client, { pid, startedAt }: Backend): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND ${since('backend_start')} = $2`,
    [pid, startedAt],
  );
}
