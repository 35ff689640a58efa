// Databases for fault tests: a source in each engine with the same content, and empty targets, each file in a folder of its own.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pair } from './fault-runs.ts';
import { contentOfAll, makeFaultSource } from './fault-source.ts';
import type { EngineName } from './judge.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { temporaryFolder } from './temporary.ts';

export const ENGINES: readonly EngineName[] = ['sqlite', 'duckdb', 'postgres'];
export const PAIRS = ENGINES.flatMap((from) => ENGINES.map((to) => [from, to] as const));

/** For a suite: from before its first test until after its last, with a server of its own and sources in these engines. */
export function faultPlaces({ before, after }: Hooks, sources = ENGINES): FaultPlaces {
  const places = new FaultPlaces(temporaryFolder({ after }));
  before(async () => {
    places.server = await startPostgres();
    await places.makeSources(sources);
  });
  after(() => places.server.stop());
  return places;
}

interface Hooks {
  before(work: () => Promise<void>): void;
  after(work: () => void | Promise<void>): void;
}

export class FaultPlaces {
  readonly #folder: string;
  readonly #sources = new Map<EngineName, string>();
  #count = 0;
  /** What each source holds. */
  expected: Readonly<Record<string, string>> = {};

  server!: PostgresServer;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async makeSources(engines: readonly EngineName[]): Promise<void> {
    for (const engine of engines) {
      const url = await this.empty(engine);
      await makeFaultSource(url);
      const content = await contentOfAll(url);
      if (this.#sources.size > 0) assert.deepEqual(content, this.expected);
      this.expected = content;
      this.#sources.set(engine, url);
    }
  }

  source(engine: EngineName): string {
    return this.#sources.get(engine)!;
  }

  /** The URL of a database that is not there yet, or empty. */
  async empty(engine: EngineName): Promise<string> {
    if (engine === 'postgres') return this.server.createDatabase();
    const folder = join(this.#folder, String(++this.#count));
    mkdirSync(folder);
    return `${engine}:${join(folder, `db.${engine}`)}`;
  }

  async pair(from: EngineName, to: EngineName, ...more: string[]): Promise<Pair> {
    return { source: this.source(from), target: await this.empty(to), more };
  }
}
