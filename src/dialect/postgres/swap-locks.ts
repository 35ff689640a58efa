// The locks of a swap: all of them, or none after a moment. Main thread.
//
// Whoever waits for an exclusive lock makes everyone who comes later wait behind it, so a swap never waits long: it lets
// go of all it has and comes back. "Long" is less than the server's deadlock_timeout (1 s by default): a reader that holds a
// lock we want and waits for one that we have would else be the one whom the server ends with an error.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableName } from '../../types/schema.ts';
import { sqlState } from './errors.ts';
import { quote, quoteTable } from './names.ts';
import { inTransaction } from './session.ts';

/** Of deadlock_timeout. */
const PATIENCE = 0.6;
const PATIENCE_MILLIS_MAX = 2000;
/** Between two tries: doubled each time. */
const PAUSE_MILLIS = 100;
const PAUSE_MILLIS_MAX = 5000;
/** A transaction that holds a table for longer is not waited for. */
const TRIES_MILLIS = 5 * 60 * 1000;

/** Not to be had now (lock_not_available, deadlock_detected, serialization_failure). */
const TRY_AGAIN = new Set(['55P03', '40P01', '40001']);

/** `owner` of a materialised view, which LOCK TABLE doesn't take. */
export interface Lockable extends TableName {
  readonly kind?: 'v' | 'm';
  readonly owner?: string;
}

/** In the order given: as readers take them. @throws what the server says when a lock is not to be had in time */
export async function lockAll(client: pg.Client, relations: readonly Lockable[]): Promise<void> {
  const { rows } = await client.query<{ millis: number }>(
    `SELECT setting::float8 AS millis FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout'`,
  );
  const millis = Math.min(PATIENCE_MILLIS_MAX, (rows[0]?.millis ?? 1000) * PATIENCE);
  const end = performance.now() + millis;
  for (const relation of relations) {
    const left = Math.max(1, Math.round(end - performance.now()));
    await client.query(`SET LOCAL lock_timeout = ${left}`);
    await client.query(lockStatement(relation));
  }
  // What is taken from here on is free, but for what somebody makes in this very moment.
  await client.query(`SET LOCAL lock_timeout = ${Math.max(1, Math.round(millis / 2))}`);
}

/** A change of owner that changes nothing takes the same lock. */
function lockStatement(relation: Lockable): string {
  return relation.kind === 'm'
    ? `ALTER MATERIALIZED VIEW ${quoteTable(relation)} OWNER TO ${quote(relation.owner ?? '')}`
    : `LOCK TABLE ${quoteTable(relation)} IN ACCESS EXCLUSIVE MODE`;
}

/** Runs a swap as a transaction, again and again while its locks are not to be had. @throws FerrowError E_LOCKED */
export async function untilLocked<T>(client: pg.Client, swap: () => Promise<T>): Promise<T> {
  const since = performance.now();
  for (let pause = PAUSE_MILLIS; ; pause = Math.min(PAUSE_MILLIS_MAX, pause * 2)) {
    try {
      return await inTransaction(client, swap);
    } catch (error) {
      const state = sqlState(error);
      if (state === null || !TRY_AGAIN.has(state)) throw error;
      if (performance.now() - since > TRIES_MILLIS) throw lockedError(error);
      // In the server, where an interrupt finds it.
      await client.query('SELECT pg_sleep($1)', [(pause * (0.5 + Math.random() / 2)) / 1000]);
    }
  }
}

function lockedError(cause: unknown): FerrowError {
  return new FerrowError(
    'E_LOCKED',
    `the tables could not be swapped: for ${TRIES_MILLIS / 60_000} minutes another session held a lock on one of them`,
    {
      dialect: 'postgres',
      cause,
      hint: 'end the long transaction (SELECT pid, query FROM pg_stat_activity ORDER BY xact_start) and run again',
    },
  );
}
