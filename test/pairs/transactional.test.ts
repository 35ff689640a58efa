// --strategy transactional over all nine pairs: everything arrives, verified, and a table that fails leaves nothing behind.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator, type Report } from '../../src/index.ts';
import { assertConstraints, constraintsOf } from '../support/constraints.ts';
import { SHOP as shop } from '../support/databases.ts';
import { type EngineName, queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';
import { assertSameRows, contentOf, expectedContent, makeTables } from '../support/tables.ts';

const OBJECTS: Readonly<Record<EngineName, string>> = {
  sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table'",
  duckdb: 'SELECT table_name FROM duckdb_tables()',
  postgres:
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace >= 16384 OR relnamespace = 'public'::regnamespace",
};

describe('transactional over all nine pairs', () => {
  const place = emptyPlaces({ before, after });
  const migrator = (from: string, to: string) =>
    new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to), {
      strategy: 'transactional',
    });
  const succeeded = (report: Report) => assert.equal(report.success, true, JSON.stringify(report.error));

  for (const source of ENGINES) {
    for (const target of ENGINES) {
      test(`${source} to ${target}: made, replaced, appended to`, async () => {
        const [from, to] = [await place(source), await place(target)];
        await makeTables(from, shop);
        await using ferrow = migrator(from, to);
        succeeded(await ferrow.migrateAllTables({ verify: 'full' }));
        succeeded(await ferrow.migrateAllTables({ ifExists: 'replace', verify: 'full' }));
        for (const table of shop)
          assertSameRows(await contentOf(to, table), expectedContent(table), table.name);
        assertConstraints(await constraintsOf(to, shop), shop, source, target);
        const [plain] = shop.filter((table) => table.name === 'everyday');
        await runStatements(to, [`DELETE FROM ${plain.name}`]);
        const result = await ferrow.migrateTransactional(plain.name, { ifExists: 'append' });
        assert.equal(result.success, true, JSON.stringify(result.error));
        assertSameRows(await contentOf(to, plain), expectedContent(plain), plain.name);
        const left = (await queryText(to, OBJECTS[target])).filter(([name]) =>
          /^_ferrow_[0-9a-f]{8}/.test(name),
        );
        assert.deepEqual(left, []);
      });
    }
  }

  for (const target of ENGINES) {
    test(`${target}: a table that fails leaves the one that stands, and the others arrive`, async () => {
      const [from, to] = [await place('sqlite'), await place(target)];
      await runStatements(to, ['CREATE TABLE broken (id INTEGER)', 'INSERT INTO broken VALUES (-1)']);
      await runStatements(from, [
        'CREATE TABLE broken (id INTEGER PRIMARY KEY)',
        'INSERT INTO broken WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n',
        'CREATE TABLE sound (id INTEGER PRIMARY KEY)',
        'INSERT INTO sound VALUES (1)',
        'CREATE TABLE zero (id INTEGER PRIMARY KEY)',
      ]);
      await using ferrow = migrator(from, to);
      const report = await ferrow.migrateAllTables({
        ifExists: 'replace',
        // Another number of rows each time it is asked.
        tableOptions: { broken: { where: 'id <= (SELECT abs(random() % 100000))' } },
      });
      const codes = report.tableResults.map((table) => [table.tableName, table.error?.code]);
      assert.deepEqual(codes.sort(), [
        ['broken', 'E_COUNT_MISMATCH'],
        ['sound', undefined],
        ['zero', undefined],
      ]);
      assert.deepEqual(await queryText(to, 'SELECT id FROM broken'), [['-1']]);
      assert.deepEqual(await queryText(to, 'SELECT id FROM sound'), [['1']]);
      assert.deepEqual(await queryText(to, 'SELECT id FROM zero'), []);
      const left = (await queryText(to, OBJECTS[target])).filter(([name]) =>
        /^_ferrow_[0-9a-f]{8}/.test(name),
      );
      assert.deepEqual(left, []);
    });
  }
});
