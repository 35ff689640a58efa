// The common part of the pair tests: makes a described database in each engine, carries it over all nine pairs
// through the library, and lets each engine's own driver judge what arrived.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator } from '../../src/index.ts';
import { assertConstraints, constraintsOf } from '../support/constraints.ts';
import type { EngineName } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { assertSameRows, contentOf, expectedContent, makeTables, type Table } from '../support/tables.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ENGINES: readonly EngineName[] = ['sqlite', 'duckdb', 'postgres'];
const SUFFIX = { sqlite: 'db', duckdb: 'duckdb' } as const;

/** Nine tests: each source into each target, content and constraints compared. */
export function carriesOverAllPairs(what: string, tables: readonly Table[]): void {
  describe(`${what} over all nine pairs`, () => {
    let server: PostgresServer;
    // Not within a hook: what a hook asks to run after, runs after the hook.
    const folder = temporaryFolder({ after });
    const sources = new Map<EngineName, string>();

    const place = async (engine: EngineName, name: string) =>
      engine === 'postgres'
        ? server.createDatabase()
        : `${engine}:${join(folder, `${name}.${SUFFIX[engine]}`)}`;

    before(async () => {
      server = await startPostgres();
      for (const engine of ENGINES) {
        const url = await place(engine, 'source');
        await makeTables(url, tables);
        sources.set(engine, url);
      }
    });
    after(() => server.stop());

    for (const source of ENGINES) {
      for (const target of ENGINES) {
        test(`${source} to ${target}`, async () => {
          const to = await place(target, `from-${source}`);
          await carry(sources.get(source) as string, to, tables);
          for (const table of tables) {
            assertSameRows(await contentOf(to, table), expectedContent(table), table.name);
          }
          assertConstraints(await constraintsOf(to, tables), tables, source, target);
        });
      }
    }
  });
}

/** Moves everything and checks what the report says of it. */
async function carry(from: string, to: string, tables: readonly Table[]): Promise<void> {
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const report = await migrator.migrateAllTables();
  const errors = [report.error, ...report.refusals, ...report.tableResults.map((result) => result.error)];
  const [first] = errors.filter((error) => error !== null);
  assert.equal(first, undefined, JSON.stringify(first));
  assert.equal(report.success, true);
  const moved = report.tableResults.map((result) => [result.tableName, result.migratedRows, result.verified]);
  assert.deepEqual(moved.sort(), tables.map((table) => [table.name, table.rows.length, 'count']).sort());
}
