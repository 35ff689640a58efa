// Empty databases of all three engines, for tests over pairs.
import { join } from 'node:path';
import type { EngineName } from './judge.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { temporaryFolder } from './temporary.ts';

export const ENGINES: readonly EngineName[] = ['sqlite', 'duckdb', 'postgres'];

const SUFFIX = { sqlite: 'db', duckdb: 'duckdb' } as const;

type Hook = (work: () => Promise<void> | void) => void;

/** Gives the URL of a new place at each call; a server runs from the suite's `before` to its `after`. */
export function emptyPlaces({
  before,
  after,
}: {
  readonly before: Hook;
  readonly after: Hook;
}): (engine: EngineName) => Promise<string> {
  let server: PostgresServer;
  const folder = temporaryFolder({ after });
  let count = 0;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());
  return async (engine) =>
    engine === 'postgres'
      ? server.createDatabase()
      : `${engine}:${join(folder, `${++count}.${SUFFIX[engine]}`)}`;
}
