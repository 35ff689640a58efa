// Connections to a server: TLS as the location says, a session whose settings are pinned, errors that never end the
// process, silence that is asked about. Main thread. Fields are handed to `pg` one by one, never a connection string.
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import pgpass from 'pgpass';
import type { ErrorCode } from '../../errors/codes.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { PostgresLocation } from '../../types/location.ts';
import { type Backend, backendOf, endBackend, lookAt } from './backend.ts';
import { fromPostgres, sqlState } from './errors.ts';
import type { Look } from './silence.ts';
import { watchSilence } from './silence-watch.ts';
import { WideSocket } from './wide-socket.ts';

const CONNECT_TIMEOUT_MILLIS = 10_000;
/** A question beside the work, and an end in order. */
const ASIDE_TIMEOUT_MILLIS = 10_000;
const SILENCE_SECONDS = 60;
const KEEP_ALIVE_DELAY_MILLIS = 10_000;

/** Of an attempt to connect: nobody said no. */
const UNANSWERED: ReadonlySet<ErrorCode> = new Set(['E_UNREACHABLE', 'E_CONNECTION_LOST']);

/** Each of these changes what text or times look like, or ends long statements. Unknown ones are passed over. */
const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  intervalstyle: 'iso_8601',
  timezone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmloption: 'content',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  transaction_timeout: '0',
  idle_session_timeout: '0',
  client_connection_check_interval: '2000',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '20000',
};

/** Opens connections to one place; remembers what it learnt of TLS and the password. */
export class Connector {
  readonly location: PostgresLocation;
  /** How long a connection may give no answer before it is asked about. */
  readonly #silenceSeconds: number;
  #plaintext: boolean;
  #password: string | null | undefined;

  constructor(location: PostgresLocation, silenceSeconds = SILENCE_SECONDS) {
    this.location = location;
    this.#silenceSeconds = silenceSeconds;
    this.#plaintext = location.sslMode === 'disable' || location.host.startsWith('/');
    this.#password = location.password ?? undefined;
  }

  /**
   * A connection that is ready, its session pinned.
   * @throws FerrowError of kind connect
   */
  async connect(): Promise<pg.Client> {
    try {
      return await this.#pinned();
    } catch (error) {
      // `prefer`: without TLS where the server has none, or refuses it for this host.
      if (this.location.sslMode !== 'prefer' || this.#plaintext || !isRefusedTls(error))
        throw this.#failure(error);
      this.#plaintext = true;
      try {
        return await this.#pinned();
      } catch (second) {
        throw this.#failure(second);
      }
    }
  }

  /** Cancels what the connections are doing; cuts them if that fails. */
  async cancel(clients: readonly pg.Client[]): Promise<void> {
    if (clients.length === 0) return;
    try {
      await this.#aside((client) =>
        client.query('SELECT pg_cancel_backend(pid) FROM unnest($1::int[]) AS pid', [
          clients.map(backendPid),
        ]),
      );
    } catch {
      for (const client of clients) cutOff(client);
    }
  }

  /** Where it connects, as people write it. */
  get place(): string {
    const { user, host, port, database } = this.location;
    return `${user}@${host}:${port}/${database}`;
  }

  get encrypted(): boolean {
    return !this.#plaintext;
  }

  /** Over a connection of its own, which does not last. */
  async #aside<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await this.#open();
    try {
      return await within(ASIDE_TIMEOUT_MILLIS, client, work(client));
    } finally {
      await disconnect(client);
    }
  }

  async #pinned(): Promise<pg.Client> {
    const client = await this.#open();
    let backend: Backend | null = null;
    watchSilence(client, this.#silenceSeconds, {
      look: () => this.#look(backend),
      endBackend: async () => {
        const known = backend;
        if (known) await this.#aside((other) => endBackend(other, known)).catch(() => {});
      },
    });
    try {
      await pinSession(client);
      // A server that tells too little is no worse for it.
      backend = await backendOf(client, backendPid(client)).catch(() => null);
      return client;
    } catch (error) {
      cutOff(client);
      throw error;
    }
  }

  async #look(backend: Backend | null): Promise<Look> {
    let isThere = false;
    try {
      return await this.#aside((client) => {
        isThere = true;
        return lookAt(client, backend);
      });
    } catch (error) {
      const isUnanswered = sqlState(error) === null && UNANSWERED.has(fromPostgres(error, 'connect').code);
      return { sees: !isThere && isUnanswered ? 'nobody' : 'nothing' };
    }
  }

  async #open(): Promise<pg.Client> {
    const { host, port, user, database } = this.location;
    this.#password ??= await passwordFromFile(this.location);
    const password = this.#password ?? '';
    const client = new pg.Client({
      host,
      port,
      user,
      database,
      // A function: nothing that prints the client can print the password.
      password: () => password,
      ssl: this.#plaintext ? false : await tlsOptions(this.location),
      stream: this.#plaintext ? () => new WideSocket() : undefined,
      application_name: 'ferrow',
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MILLIS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MILLIS,
    });
    // An idle connection reports its end here; without a listener that would end the process. Whoever uses
    // the connection next learns of it from its query.
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      cutOff(client);
      throw error;
    }
  }

  #failure(error: unknown): FerrowError {
    const known = fromPostgres(error, 'connect');
    const { host, port, user, database, display } = this.location;
    const said = known.message.replace(/^PostgreSQL: /, '');
    const details = { dialect: 'postgres', cause: known.cause ?? error };
    switch (known.code) {
      case 'E_AUTH': {
        const hint = this.#password
          ? 'check user and password'
          : 'give a password in the URL, in PGPASSWORD or in ~/.pgpass';
        return new FerrowError('E_AUTH', `${display}: the server refused user "${user}": ${said}`, {
          ...details,
          hint,
        });
      }
      case 'E_NO_SUCH_DATABASE':
        return new FerrowError('E_NO_SUCH_DATABASE', `${display}: the server has no database "${database}"`, {
          ...details,
          hint: `create it (createdb ${database}), or check the name`,
        });
      case 'E_TLS':
        return new FerrowError(
          'E_TLS',
          `${display}: no secure connection (sslmode ${this.location.sslMode}): ${said}`,
          {
            ...details,
            hint: 'set sslrootcert to the authority’s PEM file, or sslmode=require (unchecked) or disable in the URL',
          },
        );
      case 'E_UNREACHABLE':
        return new FerrowError(
          'E_UNREACHABLE',
          `no PostgreSQL server answers at ${host}:${port}: ${said}`,
          details,
        );
      default:
        return known;
    }
  }
}

/** Ends a connection in order; one whose other end is silent is cut off. Never throws. */
export async function disconnect(client: pg.Client): Promise<void> {
  try {
    await within(ASIDE_TIMEOUT_MILLIS, client, client.end());
  } catch {
    cutOff(client);
  }
}

/** Cuts the connection off if what is waited for takes longer. */
async function within<T>(millis: number, client: pg.Client, answer: Promise<T>): Promise<T> {
  const late = setTimeout(cutOff, millis, client);
  try {
    return await answer;
  } finally {
    clearTimeout(late);
  }
}

/** Cuts a connection off at once, whatever it is doing. */
export function cutOff(client: pg.Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** The server process behind a connection. */
export function backendPid(client: pg.Client): number {
  return (client as unknown as { processID: number | null }).processID ?? 0;
}

async function pinSession(client: pg.Client): Promise<void> {
  const names = Object.keys(SESSION_SETTINGS);
  const sql = `SELECT set_config(s.name, v.value, false) FROM unnest($1::text[], $2::text[]) AS v (name, value)
    JOIN pg_catalog.pg_settings s ON lower(s.name) = v.name WHERE s.context = 'user'`;
  await client.query(sql, [names, Object.values(SESSION_SETTINGS)]);
}

async function tlsOptions(location: PostgresLocation): Promise<ConnectionOptions> {
  const ca = location.sslRootCert === null ? undefined : await readRootCert(location.sslRootCert);
  switch (location.sslMode) {
    case 'verify-full':
      return { ca, rejectUnauthorized: true };
    case 'verify-ca':
      return { ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    default:
      // As libpq has it: `require` with a root certificate checks the authority.
      return ca
        ? { ca, rejectUnauthorized: true, checkServerIdentity: () => undefined }
        : { rejectUnauthorized: false };
  }
}

async function readRootCert(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new FerrowError('E_TLS', `the root certificate ${path} can not be read`, {
      cause,
      hint: 'check sslrootcert',
    });
  }
}

/** No TLS on offer ("N" to the request, for which `pg` has no code), or no such connection allowed. */
function isRefusedTls(error: unknown): boolean {
  if (sqlState(error) === '28000') return true;
  return error instanceof Error && error.message.includes('does not support SSL');
}

function passwordFromFile(location: PostgresLocation): Promise<string | null> {
  const { host, port, database, user } = location;
  return new Promise((resolve) => {
    pgpass({ host, port, database, user }, (password) => resolve(password ?? null));
  });
}
