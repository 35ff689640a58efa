// ferrow sync over all nine pairs: the first one, one with nothing new, inserts, changes, ties and deletes. What both sides
// hold in the end is asked of the engines themselves.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator } from '../../src/index.ts';
import type { TransferOptionsInput } from '../../src/transfer/options.ts';
import type { Report, TableResult } from '../../src/transfer/report.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';

const place = emptyPlaces({ before, after });

const NONE = { inserted: 0, updated: 0, skipped: 0, unchanged: 0, deleted: 0 };

async function sync(from: string, to: string, options: TransferOptionsInput = {}): Promise<Report> {
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  return await migrator.migrateAllTables({ strategy: 'incremental', watermark: 'changed', ...options });
}

function done(report: Report, table = 'item'): TableResult {
  const errors = [report.error, ...report.tableResults.map((result) => result.error)];
  assert.deepEqual(
    errors.filter((error) => error !== null),
    [],
  );
  const found = report.tableResults.find((result) => result.tableName === table);
  assert.ok(found);
  return found;
}

const codes = (report: Report) => report.warnings.map((warning) => warning.code);

const KINDS = {
  time: {
    type: 'TIMESTAMP',
    at: (minute: number) => `'2024-05-01 10:${String(minute).padStart(2, '0')}:00'`,
  },
  number: { type: 'INTEGER', at: (minute: number) => String(1000 + minute) },
} as const;

const CONTENT = 'SELECT id, name, changed FROM item ORDER BY id';

async function assertSame(from: string, to: string): Promise<void> {
  const sql = 'SELECT id, name FROM item ORDER BY id';
  assert.deepEqual(await queryText(to, sql), await queryText(from, sql));
}

describe('sync', () => {
  for (const source of ENGINES) {
    for (const target of ENGINES) {
      for (const [kind, { type, at }] of Object.entries(KINDS)) {
        test(`${source} to ${target}, by a ${kind}`, async () => {
          const from = await place(source);
          await runStatements(from, [
            `CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, changed ${type})`,
            'CREATE INDEX item_changed ON item (changed)',
            `INSERT INTO item VALUES (1, 'one', ${at(1)}), (2, 'two', ${at(2)}), (3, 'three', ${at(3)})`,
          ]);
          const to = await place(target);
          const first = done(await sync(from, to));
          assert.equal(first.migratedRows, 3);
          assert.equal(first.conflicts, undefined);
          await assertSame(from, to);
          const keyed = await queryText(to, CONTENT);
          assert.equal(keyed.length, 3);

          const nothing = await sync(from, to);
          assert.equal(nothing.totalMigratedRows, 0);
          assert.deepEqual(done(nothing).conflicts, { ...NONE, unchanged: done(nothing).sourceRows });
          assert.deepEqual(await queryText(to, CONTENT), keyed);

          // New, changed, and one that comes with the very time of the last.
          await runStatements(from, [
            `INSERT INTO item VALUES (4, 'four', ${at(4)}), (5, 'tie', ${at(3)})`,
            `UPDATE item SET name = 'ONE', changed = ${at(5)} WHERE id = 1`,
            'DELETE FROM item WHERE id = 2',
          ]);
          const next = done(await sync(from, to, { verify: 'full' }));
          assert.deepEqual(
            [next.conflicts?.inserted, next.conflicts?.updated, next.conflicts?.deleted],
            [2, 1, 0],
          );
          assert.equal(next.migratedRows, 3);
          assert.equal((await queryText(to, CONTENT)).length, 5);

          const gone = done(await sync(from, to, { deletes: true }));
          assert.equal(gone.conflicts?.deleted, 1);
          await assertSame(from, to);
          const again = done(await sync(from, to, { deletes: true }));
          assert.deepEqual({ ...again.conflicts, unchanged: 0 }, NONE);
          const left = await queryText(
            to,
            target === 'sqlite'
              ? `SELECT count(*) FROM sqlite_schema WHERE name GLOB '_ferrow_[0-9a-f]*_[0-9]*' AND length(name) < 20`
              : `SELECT count(*) FROM information_schema.tables WHERE table_schema IN ('main', 'public') AND table_name LIKE '%ferrow%'`,
          );
          assert.deepEqual(left, [['0']]);
        });
      }
    }
  }

  for (const target of ENGINES) {
    test(`${target}: parents and children, new, changed and deleted in one sync`, async () => {
      const tables = [
        'CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT, changed INTEGER)',
        'CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id), changed INTEGER)',
      ];
      const from = await place('postgres');
      await runStatements(from, [
        ...tables,
        `INSERT INTO parent VALUES (1, 'one', 1), (2, 'two', 2)`,
        'INSERT INTO child VALUES (10, 1, 1), (20, 2, 2)',
      ]);
      const to = await place(target);
      done(await sync(from, to), 'child');
      await runStatements(from, [
        'DELETE FROM child WHERE id = 20',
        'DELETE FROM parent WHERE id = 2',
        `INSERT INTO parent VALUES (3, 'three', 3)`,
        'UPDATE child SET parent = 3, changed = 4 WHERE id = 10',
        'INSERT INTO child VALUES (30, 3, 5)',
      ]);
      const report = await sync(from, to, { deletes: true });
      assert.equal(done(report, 'parent').conflicts?.deleted, 1);
      assert.equal(done(report, 'child').conflicts?.deleted, 1);
      assert.deepEqual(
        report.warnings.filter(({ code }) => code === 'W_NOT_CARRIED'),
        [],
      );
      assert.deepEqual(await queryText(to, 'SELECT id, parent FROM child ORDER BY id'), [
        ['10', '3'],
        ['30', '3'],
      ]);
      assert.deepEqual(await queryText(to, 'SELECT id FROM parent ORDER BY id'), [['1'], ['3']]);
    });

    test(`${target}: no key, NULL watermarks, a table that stands, a column that is new`, async () => {
      const from = await place('sqlite');
      await runStatements(from, [
        'CREATE TABLE log (line TEXT, changed INTEGER)',
        `INSERT INTO log VALUES ('a', 1), ('b', 2), ('never seen again', NULL)`,
        'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, changed INTEGER)',
        `INSERT INTO item VALUES (1, 'one', 1), (2, 'two', 2)`,
      ]);
      const to = await place(target);
      await runStatements(to, [
        'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, changed INTEGER)',
        `INSERT INTO item VALUES (1, 'old', 0), (7, 'stays', 0)`,
      ]);
      const first = await sync(from, to);
      assert.equal(done(first, 'log').migratedRows, 3);
      assert.deepEqual(done(first).conflicts, { ...NONE, inserted: 1, updated: 1 });
      assert.ok(codes(first).includes('W_APPEND_ONLY'));
      assert.ok(codes(first).includes('W_NULL_WATERMARK'));
      assert.ok(codes(first).includes('W_SYNC_ALL'));
      await runStatements(from, [`INSERT INTO log VALUES ('c', 3), ('tie', 2), (NULL, NULL)`]);
      const second = await sync(from, to);
      assert.deepEqual(done(second, 'log').conflicts, { ...NONE, inserted: 1 });
      assert.deepEqual(await queryText(to, 'SELECT count(*) FROM log'), [['4']]);
      const third = await sync(from, to);
      assert.deepEqual(done(third, 'log').conflicts, NONE);
      assert.equal(done(third, 'log').batchesProcessed, 0);

      await runStatements(from, [
        'ALTER TABLE item ADD COLUMN colour TEXT',
        `INSERT INTO item VALUES (3, 'three', 3, 'red')`,
      ]);
      const wider = await sync(from, to, { tables: ['item'] });
      assert.equal(wider.error?.code, 'E_COLUMN_MISSING');
      assert.match(wider.error?.hint ?? '', /add the column/);
      assert.deepEqual(await queryText(to, 'SELECT count(*) FROM item'), [['3']]);
    });
  }
});
