// Where the bench keeps its databases: files under bench/data/, and a PostgreSQL of its own, set up as one would
// for loading.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type EngineName, engineOfUrl, pathOfUrl, queryText } from '../../test/support/judge.ts';
import { type PostgresServer, runSql, startPostgres } from '../../test/support/postgres.ts';
import { generate, generateFile, type TableSpec } from './generate.ts';

export const DATA_FOLDER = resolve(import.meta.dirname, '../data');
const SUFFIX = { sqlite: 'db', duckdb: 'duckdb' } as const;

export const ENGINES: readonly EngineName[] = ['sqlite', 'duckdb', 'postgres'];

/** `sqlite:postgres` */
export interface Pair {
  readonly source: EngineName;
  readonly target: EngineName;
}

/** All nine pairs, or those that are named. */
export function pairsNamed(names: readonly string[]): Pair[] {
  const all = ENGINES.flatMap((source) => ENGINES.map((target) => ({ source, target })));
  const known = all.map(({ source, target }) => `${source}:${target}`);
  for (const name of names) {
    if (!known.includes(name)) throw new Error(`unknown pair ${name}; there are: ${known.join(', ')}`);
  }
  return all.filter((_, at) => names.length === 0 || names.includes(known[at]));
}

/**
 * Starts a PostgreSQL for measuring. Its log is as complete as a server's usually is (wal_level = replica): a minimal one lets
 * those skip it who make a table and load it in one transaction.
 */
export function startBenchServer(): Promise<PostgresServer> {
  return startPostgres({
    shared_buffers: '256MB',
    max_wal_size: '8GB',
    checkpoint_timeout: '30min',
    synchronous_commit: 'off',
    maintenance_work_mem: '256MB',
  });
}

/** `lineitem-2000000`, and the seed if it isn't 0. */
export function nameOf({ shape, rows, seed }: TableSpec): string {
  return `${shape.name}-${rows}${seed === 0 ? '' : `-seed${seed}`}`;
}

/** A database that holds the table; files are kept for the next run. */
export async function sourceOf(
  engine: EngineName,
  spec: TableSpec,
  server: PostgresServer | null,
): Promise<string> {
  if (engine === 'postgres') {
    const url = await needed(server).createDatabase();
    await generate(url, spec);
    return url;
  }
  mkdirSync(DATA_FOLDER, { recursive: true });
  const url = `${engine}:${join(DATA_FOLDER, `${nameOf(spec)}.${SUFFIX[engine]}`)}`;
  await generateFile(url, spec);
  return url;
}

/** An empty place for a target. */
export async function targetOf(engine: EngineName, server: PostgresServer | null): Promise<string> {
  if (engine === 'postgres') {
    const url = await needed(server).createDatabase();
    // What earlier runs have left in the server's buffers is written now, not while this one is measured.
    await runSql(url, 'CHECKPOINT');
    return url;
  }
  mkdirSync(DATA_FOLDER, { recursive: true });
  const url = `${engine}:${join(DATA_FOLDER, `target.${SUFFIX[engine]}`)}`;
  await remove(url, server);
  return url;
}

/** Removes a database; a file, with what its engine keeps beside it. */
export async function remove(url: string, server: PostgresServer | null): Promise<void> {
  if (engineOfUrl(url) === 'postgres') {
    const name = new URL(url).pathname.slice(1);
    await runSql(needed(server).url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    return;
  }
  const path = pathOfUrl(url);
  for (const suffix of ['', '-wal', '-shm', '-journal', '.wal']) rmSync(path + suffix, { force: true });
}

/** Bytes that the database takes on disk. */
export async function bytesOf(url: string): Promise<number> {
  if (engineOfUrl(url) !== 'postgres') return statSync(pathOfUrl(url)).size;
  return Number((await queryText(url, 'SELECT pg_database_size(current_database())'))[0][0]);
}

function needed(server: PostgresServer | null): PostgresServer {
  if (!server) throw new Error('this pair needs a PostgreSQL');
  return server;
}
