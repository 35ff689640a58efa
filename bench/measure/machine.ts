// On what a result was measured, and what stood on it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { resolve } from 'node:path';
import { version as duckdbVersion } from '@duckdb/node-api';
import SqliteDatabase from 'better-sqlite3';
import { queryText } from '../../test/support/judge.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly system: string;
  readonly memoryMiB: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** @param serverUrl of a PostgreSQL that takes part, or null */
export async function machine(serverUrl: string | null): Promise<Machine> {
  const { version } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'));
  const memory = new SqliteDatabase(':memory:');
  const sqlite = memory.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? '';
  memory.close();
  const postgres = serverUrl && (await queryText(serverUrl, 'SHOW server_version'))[0][0];
  return {
    cores: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    system: `${type()} ${release()} ${arch()}`,
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    versions: {
      Ferrow: [version, commit()].filter(Boolean).join(' at '),
      Node: process.version,
      SQLite: sqlite,
      DuckDB: duckdbVersion(),
      ...(postgres ? { PostgreSQL: postgres } : {}),
    },
  };
}

/** The commit that stands in the tree, with a `+` if it has been changed; null outside of a repository. */
function commit(): string | null {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '-uno') === '' ? '' : '+');
  } catch {
    return null;
  }
}
