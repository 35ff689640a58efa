// Definitions first, rows later, into every engine: what stands in the target is what was planned, `schema compare`
// finds nothing else, and the target's own defaults and numbers go on from there.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type EngineName, queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { documentOf } from './run-bin.ts';
import { ferrowHere } from './run-here.ts';

suite('schema first, rows later', () => {
  const folder = temporaryFolder({ after });
  const source = join(folder, 'source.db');
  let server: PostgresServer;

  before(async () => {
    server = await startPostgres();
    await runStatements(`sqlite:${source}`, [
      `CREATE TABLE "Sta ""ff" (
        id INTEGER NOT NULL PRIMARY KEY, name NVARCHAR(20) NOT NULL DEFAULT 'it''s', boss INTEGER REFERENCES "Sta ""ff" (id),
        active BOOLEAN NOT NULL DEFAULT 1, made DATETIME DEFAULT (datetime('now')), price DECIMAL(10,2) DEFAULT 9.90,
        CHECK (price >= 0)
      )`,
      'CREATE TABLE client (id INTEGER PRIMARY KEY AUTOINCREMENT, helper INTEGER REFERENCES "Sta ""ff" (id))',
      'CREATE INDEX by_helper ON client (helper DESC)',
      'CREATE VIEW seen AS SELECT 1 AS one',
      `INSERT INTO "Sta ""ff" VALUES (7, 'Ada', NULL, 1, '2024-02-29 12:00:00', 1.5), (2, 'Bob', 7, 0, '2024-02-29 12:00:01', 0)`,
      'INSERT INTO client VALUES (41, 2), (40, NULL)',
    ]);
  });
  after(() => server.stop());

  const places: Record<EngineName, () => Promise<string>> = {
    sqlite: async () => `sqlite:${join(folder, 'target.db')}`,
    duckdb: async () => `duckdb:${join(folder, 'target.duckdb')}`,
    postgres: () => server.createDatabase(),
  };

  for (const [engine, place] of Object.entries(places)) {
    test(engine, async () => {
      const target = await place();
      const made = documentOf(
        await ferrowHere(['migrate', source, target, '--schema-only', '--json', '--quiet']),
      );
      assert.equal(made.error, null);
      const messages = made.warnings.map(({ code, message }) => `${code} ${message}`);
      assert.deepEqual(made.carriedViews, ['seen'], messages.join('\n'));
      assert.deepEqual(await queryText(target, 'SELECT one FROM seen'), [['1']]);
      const order =
        'W_CARRIED_OTHERWISE index by_helper is carried without DESC: indexes of DuckDB keep no order';
      assert.equal(messages.includes(order), engine === 'duckdb');
      assert.equal(messages.filter((message) => message.includes('default')).length, 0, messages.join('\n'));

      const compared = await ferrowHere(['schema', 'compare', source, target]);
      assert.match(compared.stdout, /equal: 2 tables, 1 view/);
      assert.equal(compared.status, 0);

      const moved = documentOf(
        await ferrowHere(['migrate', source, target, '--data-only', '--json', '--quiet']),
      );
      assert.deepEqual([moved.error, moved.totalMigratedRows], [null, 4]);
      assert.deepEqual(await queryText(target, 'SELECT id, helper FROM client ORDER BY id'), [
        ['40', '\\N'],
        ['41', '2'],
      ]);
      await runStatements(target, [
        'INSERT INTO "Sta ""ff" (boss) VALUES (7)',
        'INSERT INTO client (helper) VALUES (8)',
      ]);
      assert.deepEqual(await queryText(target, 'SELECT max(id) FROM client'), [['42']]);
      const [[id, name, price]] = await queryText(
        target,
        'SELECT id, name, price FROM "Sta ""ff" WHERE active AND made > \'2025-01-01\'',
      );
      assert.deepEqual([id, name, Number(price)], ['8', "it's", 9.9]);

      const doctor = await ferrowHere(['doctor', source, target]);
      assert.match(doctor.stdout, /client +2 .*exists/);
    });
  }

  test('NOT NULL of a rowid stays as it was said', async () => {
    const target = join(folder, 'again.db');
    assert.equal((await ferrowHere(['migrate', source, target])).status, 0);
    const notNull = `SELECT "notnull" FROM pragma_table_info('Sta "ff') WHERE name = 'id' UNION ALL SELECT "notnull" FROM pragma_table_info('client') WHERE name = 'id'`;
    assert.deepEqual(await queryText(`sqlite:${target}`, notNull), [['1'], ['0']]);
  });
});
