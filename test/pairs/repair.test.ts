// `ferrow repair` over all nine pairs: rows that differ are put or deleted, nothing else is touched, and the two are equal then.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator, type RepairReport } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';
import { temporaryFolder } from '../support/temporary.ts';

const PAIRS = ENGINES.flatMap((source) => ENGINES.map((target) => [source, target] as const));

describe('repair over all nine pairs', () => {
  const place = emptyPlaces({ before, after });

  for (const [source, target] of PAIRS) {
    test(`${source} to ${target}: what differs is put or deleted`, async () => {
      const from = await place(source);
      const to = await place(target);
      await runStatements(from, family());
      const migrator = await migrated(from, to);
      await runStatements(to, [
        `UPDATE child SET note = 'it''s "other" \\' WHERE region = 'eu' AND id = 17`,
        `DELETE FROM child WHERE region = 'us' AND id IN (30, 31)`,
        'INSERT INTO parent (id, name) VALUES (99, NULL)',
        `INSERT INTO child VALUES ('zz', 1, 99, 'added')`,
      ]);
      const planned = await migrator.repair({ dryRun: true });
      assert.deepEqual(lines(planned), ['child 1 2 1', 'parent 0 0 1']);
      assert.equal(planned.verification, null);
      assert.equal((await migrator.verify()).success, false, 'a dry run changes nothing');

      const repaired = await migrator.repair();
      assert.deepEqual(lines(repaired), ['child 1 2 1', 'parent 0 0 1']);
      assert.equal(repaired.success, true);
      assert.equal(repaired.verification?.success, true);
      assert.deepEqual(await queryText(to, 'SELECT count(*) FROM child'), [['100']]);
      const [row] = await queryText(to, `SELECT note FROM child WHERE region = 'eu' AND id = 17`);
      assert.deepEqual(row, ['note 17']);

      const again = await migrator.repair();
      assert.deepEqual(lines(again), ['child 0 0 0', 'parent 0 0 0']);
      assert.equal(again.success, true);
    });

    test(`${source} to ${target}: what can't be repaired is refused, with what to do`, async () => {
      const from = await place(source);
      const to = await place(target);
      await runStatements(from, [
        'CREATE TABLE bare (n INTEGER)',
        'INSERT INTO bare VALUES (1), (2)',
        'CREATE TABLE narrow (id INTEGER PRIMARY KEY, v INTEGER)',
        'INSERT INTO narrow VALUES (1, 1)',
        'CREATE TABLE gone (id INTEGER PRIMARY KEY)',
        'INSERT INTO gone VALUES (1)',
      ]);
      const migrator = await migrated(from, to);
      await runStatements(to, [
        'DELETE FROM bare WHERE n = 2',
        'ALTER TABLE narrow DROP COLUMN v',
        'DROP TABLE gone',
      ]);
      const report = await migrator.repair();
      const codes = Object.fromEntries(report.tables.map(({ tableName, error }) => [tableName, error?.code]));
      assert.deepEqual(codes, { bare: 'E_NO_KEY', narrow: 'E_COLUMN_MISSING', gone: 'E_TABLE_MISSING' });
      for (const { error } of report.tables)
        assert.match(error?.hint ?? '', /ferrow migrate --if-exists replace/);
      assert.equal(report.success, false);
      assert.deepEqual(await queryText(to, 'SELECT count(*) FROM bare'), [['1']]);
    });
  }

  for (const target of ENGINES) {
    test(`sqlite to ${target}: twelve thousand rows, all different, in ranges`, async () => {
      const from = await place('sqlite');
      const to = await place(target);
      const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)`;
      await runStatements(from, [
        'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)',
        `INSERT INTO t ${numbers} SELECT i, 'value ' || i FROM n`,
      ]);
      const migrator = await migrated(from, to);
      await runStatements(to, [`UPDATE t SET v = 'other'`]);
      const report = await migrator.repair();
      assert.deepEqual(lines(report), ['t 12000 0 0']);
      assert.equal(report.tables[0].ranges, 3);
      assert.equal(report.verification?.success, true);
    });
  }
});

test('a large table of which most rows differ: the advice is to move it as a whole', async () => {
  const folder = temporaryFolder({ after });
  const [from, to] = ['source', 'target'].map((name) => `sqlite:${folder}/${name}.db`);
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)`;
  await runStatements(from, [
    'CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)',
    `INSERT INTO t ${numbers} SELECT i, i FROM n`,
  ]);
  const migrator = await migrated(from, to);
  const warned = async () =>
    (await migrator.repair({ dryRun: true })).warnings.map(({ code, hint }) => `${code} ${hint}`);
  await runStatements(to, ['UPDATE t SET v = 0 WHERE id <= 50000']);
  assert.deepEqual(await warned(), []);
  await runStatements(to, ['UPDATE t SET v = 0 WHERE id = 50001']);
  assert.deepEqual(await warned(), ['W_MOST_ROWS_DIFFER ferrow migrate --if-exists replace --tables t']);
});

function family(): string[] {
  const region = (at: number) => (at < 20 ? 'eu' : 'us');
  const rows = Array.from(
    { length: 100 },
    (_, at) => `('${region(at)}', ${at}, ${1 + (at % 3)}, 'note ${at}')`,
  );
  return [
    'CREATE TABLE parent (id INTEGER PRIMARY KEY, name VARCHAR(20))',
    `INSERT INTO parent VALUES (1, 'one'), (2, 'two'), (3, NULL)`,
    'CREATE TABLE child (region VARCHAR(10) NOT NULL, id INTEGER NOT NULL, parent INTEGER REFERENCES parent (id), note VARCHAR(40), PRIMARY KEY (region, id))',
    `INSERT INTO child VALUES ${rows.join(', ')}`,
  ];
}

async function migrated(from: string, to: string): Promise<DatabaseMigrator> {
  const migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const { success, error, tableResults } = await migrator.migrateAllTables();
  assert.equal(success, true, JSON.stringify(error ?? tableResults.find((table) => table.error)));
  return migrator;
}

/** Table, changed, missing, extra; failures as they are. */
function lines({ tables }: RepairReport): string[] {
  return tables
    .map(({ tableName, changedRows, missingRows, extraRows, error }) =>
      error === null
        ? `${tableName} ${changedRows} ${missingRows} ${extraRows}`
        : `${tableName}: ${error.message} ${error.hint}`,
    )
    .sort();
}
