// THE list of dialects: scheme -> lazy import. Used by the main thread and by engine threads.
// Crossing workers use codecs.ts instead, which loads no driver.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Engine } from '../types/logical-type.ts';
import type { Dialect } from './dialect.ts';

interface Entry {
  readonly schemes: readonly string[];
  /** Endings of bare paths. */
  readonly extensions: readonly string[];
  load(): Promise<Dialect>;
}

export const DIALECTS: Readonly<Record<Engine, Entry>> = {
  postgres: {
    schemes: ['postgres', 'postgresql'],
    extensions: [],
    load: async () => (await import('./postgres/index.ts')).postgres,
  },
  sqlite: {
    schemes: ['sqlite'],
    extensions: ['.db', '.sqlite', '.sqlite3'],
    load: async () => (await import('./sqlite/index.ts')).sqlite,
  },
  duckdb: {
    schemes: ['duckdb'],
    extensions: ['.duckdb', '.ddb'],
    load: async () => (await import('./duckdb/index.ts')).duckdb,
  },
};

export async function loadDialect(engine: Engine): Promise<Dialect> {
  return DIALECTS[engine].load();
}

/**
 * The engine that a URL or bare path names.
 * @throws FerrowError E_URL that lists the known forms
 */
export function engineOf(url: string): Engine {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1].toLowerCase();
  for (const [engine, entry] of Object.entries(DIALECTS) as [Engine, Entry][]) {
    if (scheme !== undefined && entry.schemes.includes(scheme)) return engine;
  }
  const path = url.toLowerCase();
  for (const [engine, entry] of Object.entries(DIALECTS) as [Engine, Entry][]) {
    if (entry.extensions.some((extension) => path.endsWith(extension))) return engine;
  }
  if (scheme !== undefined && url.includes('://')) {
    throw new FerrowError('E_URL', `unknown engine "${scheme}"`, {
      hint: 'Ferrow knows postgres://, sqlite: and duckdb: URLs',
    });
  }
  throw new FerrowError('E_URL', 'this names no database that Ferrow knows', {
    hint: 'use postgres://user@host/db, sqlite:path, duckdb:path, or a path that ends in .db, .sqlite, .sqlite3, .duckdb or .ddb',
  });
}
