// Rows that come to a table that has their key: skipped, written over, or the end of the load, over all nine pairs; what
// stands in the end is told by the engines themselves.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator } from '../../src/index.ts';
import type { TransferOptionsInput } from '../../src/transfer/options.ts';
import type { Report } from '../../src/transfer/report.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';

const place = emptyPlaces({ before, after });

const ITEM = `CREATE TABLE item (id INTEGER PRIMARY KEY, code VARCHAR(20) UNIQUE, size INTEGER, note TEXT)`;
const INDEX = 'CREATE INDEX item_size ON item (size)';
const SOURCE_ROWS = `INSERT INTO item VALUES (1, 'a', 10, 'as it was'), (2, 'b', 20, 'new words'), (3, 'c', 31, NULL), (4, 'd', 40, 'new')`;
const TARGET_ROWS = `INSERT INTO item VALUES (1, 'a', 10, 'as it was'), (2, 'b', 20, 'old words'), (3, 'c', 30, NULL), (9, 'z', 90, 'stays')`;
const CONTENT = 'SELECT id, code, size, note FROM item ORDER BY id';

async function append(from: string, to: string, options: TransferOptionsInput): Promise<Report> {
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  return await migrator.migrateAllTables({ ifExists: 'append', ...options });
}

function assertDone(report: Report): void {
  const errors = [report.error, ...report.tableResults.map((result) => result.error)];
  assert.deepEqual(
    errors.filter((error) => error !== null),
    [],
  );
}

describe('rows whose key is there', () => {
  for (const source of ENGINES) {
    for (const target of ENGINES) {
      test(`${source} to ${target}: update, skip, error`, async () => {
        const from = await place(source);
        await runStatements(from, [ITEM, SOURCE_ROWS]);
        const to = await place(target);
        await runStatements(to, [ITEM, INDEX, TARGET_ROWS]);

        const refused = await append(from, to, {});
        assert.equal(refused.tableResults[0].error?.code, 'E_CONSTRAINT');
        assert.equal((await queryText(to, CONTENT)).length, 4);

        const skipped = await append(from, to, { onConflict: 'skip' });
        assertDone(skipped);
        const none = { inserted: 0, updated: 0, skipped: 0, unchanged: 0, deleted: 0 };
        assert.deepEqual(skipped.tableResults[0].conflicts, { ...none, inserted: 1, skipped: 3 });
        assert.equal(skipped.tableResults[0].migratedRows, 1);
        assert.deepEqual(await queryText(to, CONTENT), [
          ['1', 'a', '10', 'as it was'],
          ['2', 'b', '20', 'old words'],
          ['3', 'c', '30', '\\N'],
          ['4', 'd', '40', 'new'],
          ['9', 'z', '90', 'stays'],
        ]);

        const updated = await append(from, to, { onConflict: 'update' });
        assertDone(updated);
        assert.deepEqual(updated.tableResults[0].conflicts, { ...none, updated: 2, unchanged: 2 });
        assert.equal(updated.tableResults[0].migratedRows, 2);
        const whole = [
          ['1', 'a', '10', 'as it was'],
          ['2', 'b', '20', 'new words'],
          ['3', 'c', '31', '\\N'],
          ['4', 'd', '40', 'new'],
          ['9', 'z', '90', 'stays'],
        ];
        assert.deepEqual(await queryText(to, CONTENT), whole);

        const again = await append(from, to, { onConflict: 'update' });
        assert.deepEqual(again.tableResults[0].conflicts, { ...none, unchanged: 4 });
        assert.equal(again.totalMigratedRows, 0);
        assert.deepEqual(await queryText(to, CONTENT), whole);
      });
    }
  }

  for (const target of ENGINES) {
    test(`${target}: parents and children, and rows that refer to rows of their own table`, async () => {
      const tables = [
        'CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)',
        'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id), boss INTEGER REFERENCES child (id))',
      ];
      const from = await place('sqlite');
      await runStatements(from, [
        ...tables,
        `INSERT INTO parent VALUES (1, 'one, changed'), (2, 'two')`,
        'INSERT INTO child VALUES (12, 1, 11), (11, 2, 10), (10, 2, NULL)',
      ]);
      const to = await place(target);
      await runStatements(to, [
        ...tables,
        `INSERT INTO parent VALUES (1, 'one')`,
        'INSERT INTO child VALUES (10, 1, NULL)',
      ]);
      const report = await append(from, to, { onConflict: 'update' });
      assertDone(report);
      assert.deepEqual(await queryText(to, 'SELECT id, name FROM parent ORDER BY id'), [
        ['1', 'one, changed'],
        ['2', 'two'],
      ]);
      assert.deepEqual(await queryText(to, 'SELECT id, parent, boss FROM child ORDER BY id'), [
        ['10', '2', '\\N'],
        ['11', '2', '10'],
        ['12', '1', '11'],
      ]);
      const [child, parent] = ['child', 'parent'].map(
        (name) => report.tableResults.find((result) => result.tableName === name)?.conflicts,
      );
      assert.deepEqual([parent?.inserted, parent?.updated], [1, 1]);
      assert.deepEqual([child?.inserted, child?.updated], [2, 1]);
    });

    test(`${target}: a table without a key, and two rows of one key`, async () => {
      const from = await place('duckdb');
      await runStatements(from, [
        'CREATE TABLE t (a INTEGER, b TEXT)',
        `INSERT INTO t VALUES (1, 'x'), (1, 'y')`,
      ]);
      const keyless = await place(target);
      await runStatements(keyless, ['CREATE TABLE t (a INTEGER, b TEXT)']);
      const refused = await append(from, keyless, { onConflict: 'update' });
      assert.equal(refused.error?.code, 'E_NO_KEY');
      assert.match(refused.error?.hint ?? '', /primary key/);

      const keyed = await place(target);
      await runStatements(keyed, ['CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)']);
      for (const onConflict of ['skip', 'update'] as const) {
        const doubled = await append(from, keyed, { onConflict });
        assert.equal(doubled.tableResults[0].error?.code, 'E_CONSTRAINT');
        assert.match(doubled.tableResults[0].error?.message ?? '', /the same key/);
        assert.deepEqual(doubled.tableResults[0].error?.row, { a: '1' });
      }
      assert.deepEqual(await queryText(keyed, 'SELECT count(*) FROM t'), [['0']]);
    });
  }

  test('what an engine takes for equal and is not is written', async () => {
    const cases = {
      sqlite: {
        table: 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, b REAL)',
        old: `INSERT INTO t VALUES (1, 'word', 1.5)`,
        new: `INSERT INTO t VALUES (1, 'Word', 1.5)`,
        held: [['Word', '1.5']],
      },
      duckdb: {
        table: 'CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR COLLATE NOCASE, b INTERVAL)',
        old: `INSERT INTO t VALUES (1, 'word', INTERVAL 30 DAY)`,
        new: `INSERT INTO t VALUES (1, 'Word', INTERVAL 1 MONTH)`,
        held: [['Word', '1 month']],
      },
      postgres: {
        table: 'CREATE TABLE t (id integer PRIMARY KEY, a json, b numeric)',
        old: `INSERT INTO t VALUES (1, '{"a": 1}', 1.0)`,
        new: `INSERT INTO t VALUES (1, '{"a":1}', 1.00)`,
        held: [['{"a":1}', '1.00']],
      },
    };
    for (const engine of ENGINES) {
      const { table, old, new: changed, held } = cases[engine];
      const from = await place(engine);
      await runStatements(from, [table, changed]);
      const to = await place(engine);
      await runStatements(to, [table, old]);
      const report = await append(from, to, { onConflict: 'update' });
      assertDone(report);
      assert.equal(report.tableResults[0].conflicts?.updated, 1, engine);
      assert.deepEqual(await queryText(to, 'SELECT a, b FROM t'), held);
    }
  });

  test('PostgreSQL: partitions, identities that are always given, unique keys, keys that are checked later', async () => {
    const from = await place('postgres');
    const tables = [
      'CREATE TABLE part (id int, region int, v text, PRIMARY KEY (id, region)) PARTITION BY LIST (region)',
      'CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1)',
      'CREATE TABLE ident (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text, twice text GENERATED ALWAYS AS (v || v) STORED)',
      'CREATE TABLE uniq (a int NOT NULL UNIQUE, v text)',
    ];
    await runStatements(from, [
      ...tables,
      `INSERT INTO part VALUES (1, 1, 'new'), (2, 1, 'b')`,
      `INSERT INTO ident OVERRIDING SYSTEM VALUE VALUES (1, 'new'), (2, 'b')`,
      `INSERT INTO uniq VALUES (1, 'new'), (2, 'b')`,
    ]);
    const to = await place('postgres');
    await runStatements(to, [
      ...tables,
      `INSERT INTO part VALUES (1, 1, 'old')`,
      `INSERT INTO ident OVERRIDING SYSTEM VALUE VALUES (1, 'old')`,
      `INSERT INTO uniq VALUES (1, 'old')`,
    ]);
    const report = await append(from, to, { onConflict: 'update' });
    assertDone(report);
    for (const { tableName, conflicts } of report.tableResults)
      assert.deepEqual([conflicts?.inserted, conflicts?.updated], [1, 1], tableName);
    assert.deepEqual(await queryText(to, 'SELECT id, v, twice FROM ident ORDER BY id'), [
      ['1', 'new', 'newnew'],
      ['2', 'b', 'bb'],
    ]);
    const late = await place('postgres');
    await runStatements(late, [
      'CREATE TABLE uniq (a int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v text)',
    ]);
    const refused = await append(from, late, { onConflict: 'update', tables: ['uniq'] });
    assert.equal(refused.error?.code, 'E_NO_KEY');
  });
});
