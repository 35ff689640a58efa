// What the library says of a migrated table, and how it times queries: validateMigration, compareQueryPerformance, verify.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator } from '../../src/index.ts';
import { runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';

describe('a migrated table is judged', () => {
  const place = emptyPlaces({ before, after });

  for (const target of ENGINES) {
    test(`sqlite to ${target}`, async () => {
      const from = await place('sqlite');
      const to = await place(target);
      await runStatements(from, [
        'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)',
        `INSERT INTO t VALUES (1, 'a'), (2, 'b')`,
        'CREATE TABLE u (id INTEGER PRIMARY KEY)',
      ]);
      const migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
      await migrator.migrateAllTables();
      assert.deepEqual(await migrator.validateMigration('t'), {
        tableName: 't',
        rowCountMatch: true,
        sampleDataMatch: true,
        schemaCompatible: true,
        performanceAcceptable: true,
        contentMatch: true,
      });
      await runStatements(to, [`UPDATE t SET v = 'x' WHERE id = 2`, 'DROP TABLE u']);
      const changed = await migrator.validateMigration('t');
      assert.deepEqual(
        [changed.sampleDataMatch, changed.contentMatch, changed.rowCountMatch],
        [false, false, true],
      );
      const gone = await migrator.validateMigration('u');
      assert.deepEqual(gone, {
        tableName: 'u',
        rowCountMatch: false,
        sampleDataMatch: false,
        schemaCompatible: false,
        performanceAcceptable: false,
        contentMatch: false,
      });
      await assert.rejects(migrator.validateMigration('nothing'), { code: 'E_NO_SUCH_TABLE' });
    });

    test(`${target}: queries are timed on both sides, and only those that read`, async () => {
      const from = await place('sqlite');
      const to = await place(target);
      await runStatements(from, [
        'CREATE TABLE t (id INTEGER PRIMARY KEY)',
        'INSERT INTO t VALUES (1), (2), (3)',
      ]);
      const migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
      await migrator.migrateAllTables();
      const queries = [
        'SELECT * FROM t',
        { source: 'SELECT 1', target: 'SELECT id FROM t WHERE id < 3 ORDER BY id' },
      ];
      const [same, other] = await migrator.compareQueryPerformance(queries);
      assert.deepEqual([same.query, same.sourceRows, same.targetRows], ['SELECT * FROM t', 3, 3]);
      assert.deepEqual([other.sourceRows, other.targetRows], [1, 2]);
      for (const { sourceSeconds, targetSeconds, ratio } of [same, other]) {
        assert.ok(sourceSeconds > 0 && targetSeconds > 0);
        assert.ok(Math.abs(ratio - targetSeconds / sourceSeconds) < 1e-9);
      }
      const writes = [
        'DELETE FROM t',
        'SELECT 1; DELETE FROM t',
        'CREATE TABLE w (id INTEGER)',
        'SELEKT 1',
        '',
      ];
      if (target !== 'sqlite') writes.push(`COPY t TO '/tmp/ferrow-never.csv'`);
      for (const query of writes) {
        const asked = migrator.compareQueryPerformance([{ source: 'SELECT 1', target: query }]);
        await assert.rejects(asked, { code: 'E_USAGE' }, query);
      }
      assert.equal(await migrator.getTargetTableSize('t'), 3);
    });
  }
});
