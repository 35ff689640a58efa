// Measures the parts of the floor for one table: each engine's export and import, once a round.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type EngineName, pathOfUrl } from '../../test/support/judge.ts';
import { type PostgresServer, runSql } from '../../test/support/postgres.ts';
import type { ServerClock } from '../measure/server-cpu.ts';
import { createTable, type TableSpec } from '../tables/generate.ts';
import { DATA_FOLDER, nameOf, remove, targetOf } from '../tables/places.ts';
import type { FloorPart } from './floor.ts';
import { exportPostgres, importPostgres, preparePostgres } from './postgres-part.ts';

export interface FloorBench {
  exportOf(engine: EngineName): Promise<FloorPart>;
  importOf(engine: EngineName): Promise<FloorPart>;
}

/** @param sourceOf the database of the engine that holds the table */
export function floorBench(
  spec: TableSpec,
  server: PostgresServer,
  clock: ServerClock,
  sourceOf: (engine: EngineName) => Promise<string>,
): FloorBench {
  const { shape } = spec;
  const table = shape.name;
  let copyFiles: string[] | null = null;
  const parquet = join(DATA_FOLDER, `${nameOf(spec)}.parquet`);
  return {
    async exportOf(engine) {
      const url = await sourceOf(engine);
      if (engine === 'postgres') return exportPostgres(url, clock, table);
      return embeddedPart(engine, 'export', pathOfUrl(url), table, shape.columns.at(-1)?.name ?? '');
    },
    async importOf(engine) {
      const from = await sourceOf(engine);
      if (engine === 'postgres')
        copyFiles ??= await preparePostgres(from, clock, table, join(DATA_FOLDER, nameOf(spec)));
      if (engine === 'duckdb' && !existsSync(parquet)) {
        embeddedPart('duckdb', 'prepare', pathOfUrl(from), table, `${parquet}.unfinished`);
        renameSync(`${parquet}.unfinished`, parquet);
      }
      const to = await targetOf(engine, server);
      try {
        const create = createTable(engine, shape);
        if (engine === 'postgres') {
          await runSql(to, create);
          return await importPostgres(to, clock, table, copyFiles ?? []);
        }
        const prepared = engine === 'duckdb' ? parquet : pathOfUrl(from);
        return embeddedPart(engine, 'import', prepared, table, pathOfUrl(to), create);
      } finally {
        await remove(to, server);
      }
    },
  };
}

function embeddedPart(engine: EngineName, ...args: string[]): FloorPart {
  const file = resolve(import.meta.dirname, 'embedded-part.ts');
  return JSON.parse(execFileSync(process.execPath, [file, engine, ...args], { encoding: 'utf8' }));
}
