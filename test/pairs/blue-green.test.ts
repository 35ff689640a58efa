// --strategy blue-green over all nine pairs: tables arrive beside the live ones and change places with them, all or none;
// a rollback puts back what was there, and can be rolled back itself.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator, type Report } from '../../src/index.ts';
import { assertConstraints, constraintsOf } from '../support/constraints.ts';
import { SHOP as shop } from '../support/databases.ts';
import { engineOfUrl, queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';
import { assertSameRows, contentOf, expectedContent, makeTables, type Table } from '../support/tables.ts';

const migrator = (from: string, to: string) =>
  new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to), { strategy: 'blue-green' });

/** Two tables and a foreign key, `generation` in their rows. */
const family = (generation: string): Table[] => [
  {
    name: 'parent',
    columns: [
      { name: 'id', kind: 'int32', notNull: true },
      { name: 'label', kind: 'text' },
    ],
    primaryKey: ['id'],
    indexes: [{ name: 'parent_label', columns: ['label'] }],
    rows: [
      ['1', `${generation} one`],
      ['2', `${generation} two`],
    ],
  },
  {
    name: 'child',
    columns: [
      { name: 'id', kind: 'int32', notNull: true },
      { name: 'parent', kind: 'int32' },
    ],
    primaryKey: ['id'],
    foreignKeys: [{ columns: ['parent'], table: 'parent', references: ['id'] }],
    rows: [
      ['10', '1'],
      ['20', '2'],
    ],
  },
];

const labels = async (url: string, table = 'parent') =>
  (await queryText(url, `SELECT label FROM ${table} ORDER BY id`)).map(([label]) => label);
const generation = (name: string) => [`${name} one`, `${name} two`];

function succeeded(report: Report): Report {
  assert.equal(report.success, true, JSON.stringify(report.error));
  return report;
}

describe('blue-green over all nine pairs', () => {
  const place = emptyPlaces({ before, after });

  for (const source of ENGINES) {
    for (const target of ENGINES) {
      test(`${source} to ${target}: everything arrives, twice, with its constraints`, async () => {
        const [from, to] = [await place(source), await place(target)];
        await makeTables(from, shop);
        await using ferrow = migrator(from, to);
        succeeded(await ferrow.migrateAllTables());
        const report = succeeded(await ferrow.migrateAllTables({ verify: 'full' }));
        assert.ok(report.tableResults.every((table) => table.verified === 'full'));
        assert.deepEqual(
          report.tableResults.map((table) => table.keptAs),
          report.tableResults.map((table) => `${table.tableName}_ferrow_old`),
        );
        for (const table of shop)
          assertSameRows(await contentOf(to, table), expectedContent(table), table.name);
        assertConstraints(await constraintsOf(to, shop), shop, source, target);
      });

      test(`${source} to ${target}: rollback, and rollback of the rollback`, async () => {
        const to = await place(target);
        const sources = new Map<string, string>();
        for (const name of ['first', 'second', 'third']) {
          const url = await place(source);
          await makeTables(url, family(name));
          sources.set(name, url);
        }
        const run = async (name: string) => {
          await using ferrow = migrator(sources.get(name) as string, to);
          return succeeded(await ferrow.migrateAllTables());
        };
        const first = await run('first');
        assert.deepEqual(
          first.tableResults.map((table) => table.keptAs),
          [null, null],
        );
        const second = await run('second');
        assert.deepEqual(await labels(to), generation('second'));
        assert.deepEqual(await labels(to, 'parent_ferrow_old'), generation('first'));

        await using ferrow = migrator(sources.get('first') as string, to);
        const back = await ferrow.rollback();
        assert.deepEqual([back.rolledBack, back.success], [second.runId, true]);
        assert.deepEqual(await labels(to), generation('first'));
        assert.deepEqual(await labels(to, 'parent_ferrow_old'), generation('second'));
        assertConstraints(await constraintsOf(to, family('first')), family('first'), source, target);
        await assert.rejects(ferrow.rollback(), {
          code: 'E_NOTHING_TO_ROLL_BACK',
          hint: new RegExp(back.runId),
        });
        await assert.rejects(ferrow.rollback(first.runId), { code: 'E_NOTHING_TO_ROLL_BACK' });

        await ferrow.rollback(back.runId.slice(0, 8));
        assert.deepEqual(await labels(to), generation('second'));
        assert.deepEqual(await labels(to, 'parent_ferrow_old'), generation('first'));

        const third = await run('third');
        assert.equal(third.warnings.filter(({ code }) => code === 'W_OLDER_DROPPED').length, 2);
        assert.deepEqual(await labels(to), generation('third'));
        assert.deepEqual(await labels(to, 'parent_ferrow_old'), generation('second'));
        assertConstraints(await constraintsOf(to, family('third')), family('third'), source, target);
        await runStatements(to, ['DROP TABLE child_ferrow_old', 'DROP TABLE parent_ferrow_old']);
        await assert.rejects(ferrow.rollback(), { code: 'E_NOTHING_TO_ROLL_BACK' });
        assert.deepEqual(await labels(to), generation('third'));
      });
    }
  }

  for (const target of ENGINES) {
    test(`${target}: one table fails, none is swapped`, async () => {
      const [from, to] = [await place('sqlite'), await place(target)];
      await makeTables(to, family('live'));
      await makeTables(from, family('new'));
      await runStatements(from, [
        'CREATE TABLE broken (id INTEGER PRIMARY KEY)',
        'INSERT INTO broken WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n',
      ]);
      const before = await objectsOf(to);
      await using ferrow = migrator(from, to);
      const report = await ferrow.migrateAllTables({
        // Another number of rows each time it is asked.
        tableOptions: { broken: { where: 'id <= (SELECT abs(random() % 100000))' } },
      });
      assert.equal(report.success, false);
      const codes = new Map(report.tableResults.map((table) => [table.tableName, table.error?.code]));
      assert.equal(codes.get('broken'), 'E_COUNT_MISMATCH');
      assert.equal(codes.get('parent'), 'E_NOT_SWAPPED');
      assert.equal(codes.get('child'), 'E_NOT_SWAPPED');
      assert.deepEqual(await labels(to), generation('live'));
      assert.deepEqual(await objectsOf(to), before);
    });

    test(`${target}: a rollback takes a table away that the run had made, and another gives it back`, async () => {
      const [from, to] = [await place('sqlite'), await place(target)];
      await makeTables(from, family('new'));
      await using ferrow = migrator(from, to);
      succeeded(await ferrow.migrateAllTables());
      const back = await ferrow.rollback();
      assert.deepEqual(back.tables.map(({ stands, keptAs }) => [stands, keptAs]).sort(), [
        [false, 'child_ferrow_old'],
        [false, 'parent_ferrow_old'],
      ]);
      await assert.rejects(labels(to));
      await ferrow.rollback(back.runId);
      assert.deepEqual(await labels(to), generation('new'));
      assertConstraints(await constraintsOf(to, family('new')), family('new'), 'sqlite', target);
    });

    test(`${target}: a table of the user's own under the name of the kept one stops the run before a row moves`, async () => {
      const [from, to] = [await place('sqlite'), await place(target)];
      await makeTables(from, family('new'));
      await makeTables(to, family('live'));
      await runStatements(to, ['CREATE TABLE parent_ferrow_old (mine INTEGER)']);
      await using ferrow = migrator(from, to);
      const report = await ferrow.migrateAllTables();
      assert.equal(report.error?.code, 'E_TABLE_EXISTS', JSON.stringify(report.error));
      assert.deepEqual(await labels(to), generation('live'));
      assert.deepEqual(await queryText(to, 'SELECT count(*) FROM parent_ferrow_old'), [['0']]);
    });
  }
});

/** Tables and indexes that are not Ferrow's own. */
async function objectsOf(url: string): Promise<string[]> {
  const sql = {
    sqlite: 'SELECT name FROM sqlite_schema',
    duckdb:
      "SELECT table_name FROM duckdb_tables() WHERE schema_name <> '_ferrow' UNION ALL SELECT index_name FROM duckdb_indexes()",
    postgres: `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
      UNION ALL SELECT nspname FROM pg_namespace WHERE nspname ~ '^_ferrow_'`,
  };
  const names = (await queryText(url, sql[engineOfUrl(url)])).map(([name]) => String(name));
  // Ferrow's own tables: all of its schema, and in SQLite those of its names but for staging tables.
  return names.filter((name) => !/^(_ferrow_[a-z]+$|sqlite_)/.test(name)).sort();
}
