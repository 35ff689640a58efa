// `ferrow verify` over all nine pairs: what a migration made is equal; a changed cell, a lost row, a row too many and values
// that changed places are each found, with the right key.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator, type VerifyReport } from '../../src/index.ts';
import { makeShop } from '../support/databases.ts';
import { type EngineName, runStatements } from '../support/judge.ts';
import { assertAddsUp } from '../support/partitions.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';

const PAIRS = ENGINES.flatMap((source) => ENGINES.map((target) => [source, target] as const));

describe('verify over all nine pairs', () => {
  const place = emptyPlaces({ before, after });

  for (const [source, target] of PAIRS) {
    test(`${source} to ${target}: the shop is equal, by count, sample and full`, async () => {
      const migrator = await migrated(await shop(source), await place(target));
      for (const level of ['count', 'sample', 'full'] as const) {
        const report = await migrator.verify({ verify: level });
        assert.deepEqual(summary(report), [], level);
        assert.equal(report.success, true);
      }
    });

    test(`${source} to ${target}: what is changed, lost, added and swapped is found`, async () => {
      const from = await place(source);
      const to = await place(target);
      await runStatements(from, orders());
      const migrator = await migrated(from, to, 'sample');
      assert.deepEqual(summary(await migrator.verify()), []);

      await runStatements(to, [
        `UPDATE orders SET note = 'other' WHERE region = 'eu' AND id = 17`,
        `DELETE FROM orders WHERE region = 'us' AND id = 30`,
        `INSERT INTO orders VALUES ('zz', 1, 5, 'added')`,
        `UPDATE orders SET amount = CASE id WHEN 40 THEN 41 ELSE 40 END WHERE region = 'us' AND id IN (40, 41)`,
      ]);
      const report = await migrator.verify();
      assert.deepEqual(summary(report), [
        'orders changed eu/17 note: note 17 | other',
        'orders changed us/40 amount: 40 | 41',
        'orders changed us/41 amount: 41 | 40',
        'orders missing us/30 {"region":"us","id":"30","amount":"30","note":"note 30"}',
        'orders extra zz/1 {"region":"zz","id":"1","amount":"5","note":"added"}',
      ]);
      const [table] = report.tables;
      assert.deepEqual(table.differences, { missing: 1, extra: 1, changed: 3, atLeast: false });
      assert.deepEqual(
        [table.rowCountMatch, table.contentMatch, table.schemaCompatible],
        [true, false, true],
      );
      assert.notEqual(table.sourceHash, table.targetHash);
      assertAddsUp(table.sourcePartitions, table.sourceRows ?? 0, table.sourceHash, 'orders');
      assert.equal((await migrator.verify({ verify: 'count' })).success, true);
      const sampled = await migrator.verify({ verify: 'sample' });
      assert.equal(sampled.success, false);
      const few = await migrator.verify({ maxDifferences: 1 });
      assert.equal(few.tables[0].rows.length, 1);
    });

    test(`${source} to ${target}: rows without a key are compared as they are`, async () => {
      const from = await place(source);
      const to = await place(target);
      const rows = ["(1, 'a')", "(1, 'a')", "(1, 'a')", '(2, NULL)', '(NULL, NULL)'];
      await runStatements(from, [
        'CREATE TABLE log (n INTEGER, v VARCHAR(20))',
        `INSERT INTO log VALUES ${rows.join(', ')}`,
      ]);
      const migrator = await migrated(from, to);
      assert.deepEqual(summary(await migrator.verify()), []);
      await runStatements(to, [
        `DELETE FROM log WHERE v = 'a'`,
        `INSERT INTO log VALUES (1, 'a'), (1, 'A'), (NULL, NULL)`,
      ]);
      const report = await migrator.verify();
      assert.deepEqual(summary(report), [
        'log missing  {"n":"1","v":"a"} x2',
        'log extra  {"n":"1","v":"A"}',
        'log extra  {"n":null,"v":null}',
      ]);
      assert.deepEqual(report.tables[0].differences, { missing: 2, extra: 2, changed: 0, atLeast: false });
    });
  }

  for (const target of ENGINES) {
    test(`sqlite to ${target}: values of another kind than the source's are shown as they stand there`, async () => {
      const [from, to] = [await place('sqlite'), await place(target)];
      const others = (type: string) => [
        `CREATE TABLE keyed (id INTEGER PRIMARY KEY, n ${type})`,
        `CREATE TABLE loose (n ${type}, v VARCHAR(20))`,
      ];
      await runStatements(from, [
        ...others('INTEGER'),
        'INSERT INTO keyed VALUES (1, 5), (2, NULL), (3, 7)',
        "INSERT INTO loose VALUES (1, 'a')",
      ]);
      await runStatements(to, [
        ...others('VARCHAR(20)'),
        "INSERT INTO keyed VALUES (1, '5'), (2, 'abc'), (3, 'x7')",
        "INSERT INTO loose VALUES ('one', 'a'), ('two', 'a')",
      ]);
      await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
      assert.deepEqual(summary(await migrator.verify()), [
        ...(target === 'sqlite' ? ['keyed changed 1 n: 5 (integer) | 5 (text)'] : []),
        'keyed changed 2 n: null | abc',
        'keyed changed 3 n: 7 | x7',
        'loose missing  {"n":"1","v":"a"}',
        'loose extra  {"n":"one","v":"a"}',
        'loose extra  {"n":"two","v":"a"}',
      ]);
    });
  }

  test('of very many rows that differ it says how many at least, and holds only some of them', async () => {
    const [from, to] = [await place('sqlite'), await place('duckdb')];
    const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)';
    await runStatements(from, [
      'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)',
      `INSERT INTO t ${numbers} SELECT i, printf('%0300d', i) FROM n`,
    ]);
    const migrator = await migrated(from, to);
    await runStatements(to, [`UPDATE t SET v = 'x' || v`]);
    const [table] = (await migrator.verify({ maxDifferences: 5 })).tables;
    const { changed = 0, missing, extra, atLeast } = table.differences ?? {};
    assert.deepEqual([missing, extra, atLeast, table.rows.length], [0, 0, true, 5]);
    assert.ok(changed > 1000 && changed < 150_000, `${changed}`);
  });

  async function shop(engine: EngineName): Promise<string> {
    const url = await place(engine);
    await makeShop(url);
    return url;
  }
});

function orders(): string[] {
  const rows = Array.from(
    { length: 100 },
    (_, at) => `('${at < 20 ? 'eu' : 'us'}', ${at}, ${at}, 'note ${at}')`,
  );
  return [
    'CREATE TABLE orders (region VARCHAR(10) NOT NULL, id INTEGER NOT NULL, amount BIGINT, note VARCHAR(40), PRIMARY KEY (region, id))',
    `INSERT INTO orders VALUES ${rows.join(', ')}`,
  ];
}

async function migrated(
  from: string,
  to: string,
  verify: 'count' | 'sample' = 'count',
): Promise<DatabaseMigrator> {
  const migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const { success, error, tableResults } = await migrator.migrateAllTables({ verify });
  for (const table of tableResults) assert.equal(table.verified, verify);
  assert.equal(success, true, JSON.stringify(error ?? tableResults.find((table) => table.error)));
  return migrator;
}

/** A line for each difference, and for each table that is not equal for another reason. */
function summary({ tables }: VerifyReport): string[] {
  return tables.flatMap((table) => {
    const { tableName: name, rows, equal, error, schemaDifferences, figures } = table;
    const lines = rows.map(({ kind, key, column, source, target, row, count }) => {
      const head = `${name} ${kind} ${Object.values(key).join('/')}`;
      if (kind === 'changed') return `${head} ${column}: ${source} | ${target}`;
      return `${head} ${JSON.stringify(row)}${count ? ` x${count}` : ''}`;
    });
    if (lines.length > 0 || equal) return lines;
    return [`${name}: ${error?.message ?? JSON.stringify({ ...table, schemaDifferences, figures })}`];
  });
}
