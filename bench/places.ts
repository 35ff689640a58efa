// Where the bench keeps its databases: files under bench/data/, and a PostgreSQL of its own, set up as one would
// for loading.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type EngineName, engineOfUrl, pathOfUrl, queryText } from '../test/support/judge.ts';
import { type PostgresServer, startPostgres } from '../test/support/postgres.ts';
import { generate, generateFile } from './generate.ts';
import type { Shape } from './shapes.ts';

const DATA = resolve(import.meta.dirname, 'data');
const SUFFIX = { sqlite: 'db', duckdb: 'duckdb' } as const;

export const ENGINES: readonly EngineName[] = ['sqlite', 'duckdb', 'postgres'];

/** Starts a PostgreSQL for measuring. */
export function startBenchServer(): Promise<PostgresServer> {
  return startPostgres({
    shared_buffers: '256MB',
    max_wal_size: '8GB',
    checkpoint_timeout: '30min',
    wal_level: 'minimal',
    max_wal_senders: '0',
    synchronous_commit: 'off',
    maintenance_work_mem: '256MB',
  });
}

/** A database that holds the shape's table; files are kept for the next run. */
export async function sourceOf(
  engine: EngineName,
  shape: Shape,
  rows: number,
  server: PostgresServer | null,
): Promise<string> {
  mkdirSync(DATA, { recursive: true });
  if (engine === 'postgres') {
    if (!server) throw new Error('this pair needs a PostgreSQL');
    const url = await server.createDatabase();
    await generate(url, shape, rows);
    return url;
  }
  const url = `${engine}:${join(DATA, `${shape.name}-${rows}.${SUFFIX[engine]}`)}`;
  await generateFile(url, shape, rows);
  return url;
}

/** An empty place for a target. */
export async function targetOf(engine: EngineName, server: PostgresServer | null): Promise<string> {
  if (engine === 'postgres') {
    if (!server) throw new Error('this pair needs a PostgreSQL');
    return server.createDatabase();
  }
  const url = `${engine}:${join(DATA, `target.${SUFFIX[engine]}`)}`;
  removeFile(url);
  return url;
}

/** Removes a file database with what its engine keeps beside it; nothing for PostgreSQL. */
export function removeFile(url: string): void {
  if (engineOfUrl(url) === 'postgres') return;
  const path = pathOfUrl(url);
  for (const suffix of ['', '-wal', '-shm', '-journal', '.wal']) rmSync(path + suffix, { force: true });
}

/** Bytes that the database takes on disk. */
export async function bytesOf(url: string): Promise<number> {
  if (engineOfUrl(url) !== 'postgres') return statSync(pathOfUrl(url)).size;
  return Number((await queryText(url, 'SELECT pg_database_size(current_database())'))[0][0]);
}
