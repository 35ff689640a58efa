// One consistent view of a source for all connections: the first exports its snapshot, the others import it. Main thread.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { type Connector, cutOff, disconnect } from './connect.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { quoteTable } from './names.ts';
import { Session } from './session.ts';

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** A cursor that is opened again gives the same rows in the same order. */
const IN_ORDER = 'SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0';

/** Beyond it the server's table of locks might overflow (64 a connection by default). */
const LOCKS_MAX = 2000;
const LOCK_WAIT_MILLIS = 5000;
/** For a table that could not be locked then, and for one that somebody wants to change while it is read. */
const PATIENT = 'SET LOCAL lock_timeout = 10000';

/** Tables that may be read, partitions through their root. */
const LOCKABLE = `SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', '_ferrow') AND n.nspname !~ '^pg_(toast|temp_)'
    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
  ORDER BY c.oid`;

export class Snapshot {
  /** Holds the snapshot; catalog, counts and prescans run on it. */
  readonly exporter: Session;
  readonly id: string;
  /** False where tables could not be locked: then one that is truncated or rewritten now reads as empty. */
  readonly locked: boolean;
  readonly #connector: Connector;
  readonly #connectionsMax: number;
  readonly #idle: pg.Client[] = [];
  readonly #inUse = new Set<pg.Client>();
  readonly #waiting: (() => void)[] = [];
  #opening = 0;
  #closed = false;

  private constructor(
    connector: Connector,
    client: pg.Client,
    id: string,
    locked: boolean,
    connections: number,
  ) {
    this.#connector = connector;
    this.exporter = new Session(client);
    this.id = id;
    this.locked = locked;
    this.#connectionsMax = Math.max(1, connections);
  }

  /** Locks the tables against rewriting, then takes the snapshot: in this order nothing can slip between. */
  static async take(connector: Connector, connections: number): Promise<Snapshot> {
    const client = await connector.connect();
    try {
      const locked = await lockTables(client);
      if (!locked) await client.query(`${BEGIN}; ${PATIENT}`);
      const { rows } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
      return new Snapshot(connector, client, rows[0].id, locked, connections);
    } catch (error) {
      cutOff(client);
      throw fromPostgres(error, 'connect');
    }
  }

  /** A connection in the snapshot; waits while all are in use. */
  async acquire(): Promise<pg.Client> {
    for (;;) {
      if (this.#closed)
        throw new FerrowError('E_CANCELLED', 'the source was closed', { dialect: 'postgres' });
      const client = this.#idle.pop();
      if (client) {
        this.#inUse.add(client);
        return client;
      }
      if (this.#inUse.size + this.#opening < this.#connectionsMax) return this.#import();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Gives a connection back; one that is not `sound` (stopped in mid-stream, in a failed transaction) is cut off. */
  release(client: pg.Client, sound: boolean): void {
    if (!this.#inUse.delete(client)) return;
    if (sound && !this.#closed) this.#idle.push(client);
    else cutOff(client);
    this.#waiting.shift()?.();
  }

  /** The connections that are at work. */
  get busy(): pg.Client[] {
    return this.exporter.busy ? [...this.#inUse, this.exporter.client] : [...this.#inUse];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const client of this.#inUse) cutOff(client);
    for (const wake of this.#waiting.splice(0)) wake();
    const idle = this.#idle.splice(0);
    if (this.exporter.busy) cutOff(this.exporter.client);
    await Promise.all([...idle, this.exporter.client].map(disconnect));
  }

  async #import(): Promise<pg.Client> {
    this.#opening++;
    try {
      const client = await this.#connector.connect();
      try {
        // A snapshot's name is made by the server: hexadecimal digits and dashes.
        await client.query(
          `${BEGIN}; SET TRANSACTION SNAPSHOT '${this.id.replace(/[^0-9A-F-]/gi, '')}'; ${IN_ORDER}; ${PATIENT}`,
        );
      } catch (error) {
        cutOff(client);
        if (sqlState(error) !== '42704') throw fromPostgres(error, 'read');
        throw new FerrowError(
          'E_SNAPSHOT_LOST',
          'the connection that held the snapshot of the source is gone',
          {
            dialect: 'postgres',
            cause: error,
          },
        );
      }
      this.#inUse.add(client);
      return client;
    } finally {
      this.#opening--;
    }
  }
}

/** Begins the transaction and locks every readable table; false, without a transaction, where that can't be. */
async function lockTables(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ schema: string; name: string }>(LOCKABLE);
  if (rows.length > LOCKS_MAX) return false;
  try {
    await client.query(BEGIN);
    if (rows.length === 0) return true;
    await client.query(
      `SET LOCAL lock_timeout = ${LOCK_WAIT_MILLIS}; LOCK TABLE ${rows.map(quoteTable).join(', ')} IN ACCESS SHARE MODE; ${PATIENT}`,
    );
    return true;
  } catch (error) {
    if (sqlState(error) === null) throw error;
    await client.query('ROLLBACK');
    return false;
  }
}
