// Who else is at work in a source: what other transactions may still commit beside a snapshot. Looked at before the snapshot
// is taken and after it, over a connection that is in no transaction. Main thread.
import type pg from 'pg';
import type { SourceActivity } from '../dialect.ts';
import { backendPid, type Connector, disconnect } from './connect.ts';
import { fromPostgres } from './errors.ts';

const iso = (value: string) => `to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * now() of a transaction is the start of its first statement, which is what xact_start says. Readers count too: whether
 * they will write is not known. What is hidden from the role has no xact_start.
 */
const LOOK = `WITH others AS (
    SELECT xact_start, query, usename FROM pg_catalog.pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> $1
      AND coalesce(backend_type, '') NOT IN ('autovacuum worker', 'walsender', 'parallel worker'))
  SELECT ${iso('clock_timestamp()')} AS now, ${iso(`(clock_timestamp() - interval '1 second')`)} AS before,
    ${iso('(SELECT min(xact_start) FROM others)')} AS open,
    EXISTS (SELECT FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()) AS held,
    pg_is_in_recovery() OR EXISTS (SELECT FROM others WHERE query = '<insufficient privilege>' AND usename IS NOT NULL) AS blind,
    txid_snapshot_xmax(txid_current_snapshot())::text AS next`;

interface Look {
  readonly now: string;
  readonly before: string;
  readonly open: string | null;
  readonly held: boolean;
  readonly blind: boolean;
  /** The number that the next transaction to write gets. */
  readonly next: string;
}

/** Takes what `take` takes, and says who was at work meanwhile, beside the connection of what was taken. */
export async function watched<T>(
  connector: Connector,
  take: () => Promise<T>,
  clientOf: (taken: T) => pg.Client,
): Promise<{ readonly taken: T; readonly activity: SourceActivity }> {
  const observer = await connector.connect();
  try {
    const first = await look(observer, 0);
    const taken = await take();
    const second = await look(observer, backendPid(clientOf(taken)));
    // Who came and went between the two looks is in neither of them, but took a number. It may have begun in the moment
    // before the first, when the server did not show it yet.
    const unseen = first.next === second.next ? null : first.before;
    const opened = [first.open, second.open, unseen].filter((each) => each !== null).sort();
    const activity = {
      lookedAt: first.now,
      takenAt: second.now,
      openSince: opened[0] ?? null,
      held: first.held || second.held,
      blind: first.blind || second.blind,
    };
    return { taken, activity };
  } catch (error) {
    throw fromPostgres(error, 'connect');
  } finally {
    await disconnect(observer);
  }
}

async function look(client: pg.Client, pid: number): Promise<Look> {
  const { rows } = await client.query<Look>(LOOK, [pid]);
  return rows[0];
}
