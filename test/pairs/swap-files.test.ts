// Blue-green in SQLite and DuckDB: what hangs on a table goes along, and readers of a SQLite file see whole tables throughout.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';

const require = createRequire(import.meta.url);

describe('blue-green in files', () => {
  const folder = temporaryFolder({ after });
  let count = 0;
  const place = (kind: 'sqlite' | 'duckdb') =>
    `${kind}:${join(folder, `${++count}.${kind === 'sqlite' ? 'db' : 'duckdb'}`)}`;
  const migrator = (from: string, to: string) =>
    new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to), {
      strategy: 'blue-green',
    });
  const one = async (url: string, sql: string) => (await queryText(url, sql))[0]?.[0];
  const run = async (from: string, to: string) => {
    await using ferrow = migrator(from, to);
    const report = await ferrow.migrateAllTables();
    assert.equal(report.success, true, JSON.stringify(report.error));
    return report;
  };

  const SHOP = [
    'CREATE TABLE customer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)',
    'CREATE TABLE sale (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer (id) ON DELETE CASCADE, total REAL)',
    'CREATE UNIQUE INDEX sale_customer ON sale (customer, id DESC)',
    'CREATE INDEX "sale ""total""" ON sale (total) WHERE total > 1',
  ];
  const rows = (factor: number, most = 500) => [
    `INSERT INTO customer WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i, 'c' || i FROM n`,
    `INSERT INTO sale WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${most}) SELECT i, i % 10 + 1, i * ${factor} FROM n`,
  ];
  const shop = async (factor: number, most?: number) => {
    const url = place('sqlite');
    await runStatements(url, [...SHOP, ...rows(factor, most)]);
    return url;
  };

  for (const journal of ['wal', 'delete']) {
    test(`SQLite, ${journal}: views, triggers, foreign keys and indexes stay right, there and back`, async () => {
      const [from, to] = [await shop(2), await shop(1)];
      const path = to.replace('sqlite:', '');
      const Database = require('better-sqlite3');
      const db = new Database(path);
      db.pragma(`journal_mode = ${journal}`);
      db.exec(`CREATE TABLE log (id); CREATE TABLE note (sale INTEGER REFERENCES sale (id));
        CREATE TRIGGER logged AFTER INSERT ON sale BEGIN INSERT INTO log VALUES (new.id); END;
        CREATE VIEW totals AS SELECT sum(total) AS total FROM sale`);
      const schema = () =>
        db
          .prepare(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE '%ferrow%' AND name NOT LIKE 'sqlite_%' ORDER BY type, name",
          )
          .all()
          .map((row: { sql: string }) => ({ ...row, sql: row.sql.replaceAll(/["\s]+/g, ' ').toLowerCase() }));
      const names = (list: { type: string; name: string; tbl_name: string }[]) =>
        list.map(({ type, name, tbl_name }) => `${type} ${name} ${tbl_name}`);
      const before = schema();
      const right = (factor: number, next: number) => {
        assert.deepEqual(db.pragma('integrity_check', { simple: true }), 'ok');
        assert.deepEqual(db.pragma('foreign_key_check'), []);
        assert.equal(db.prepare('SELECT total FROM totals').pluck().get(), 500 * 501 * 0.5 * factor);
        db.prepare('INSERT INTO sale VALUES (?, 1, 0)').run(next);
        assert.equal(db.prepare('SELECT max(id) FROM log').pluck().get(), next);
        assert.throws(() => db.exec('INSERT INTO note VALUES (4711)'), /FOREIGN KEY/);
        const plan = db
          .prepare('EXPLAIN QUERY PLAN SELECT * FROM sale INDEXED BY sale_customer WHERE customer = 1')
          .all();
        assert.match(JSON.stringify(plan), /sale_customer/);
      };
      await run(from, to);
      assert.deepEqual(names(schema()), names(before));
      right(2, 1000);
      // What was replaced holds nobody back, and nothing in it falls with its parents.
      db.exec('DELETE FROM customer WHERE id = 3');
      assert.equal(db.prepare('SELECT count(*) FROM sale_ferrow_old WHERE customer = 3').pluck().get(), 50);
      assert.equal(db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'customer'").pluck().get(), 10);
      await using ferrow = migrator(from, to);
      await ferrow.rollback();
      assert.deepEqual(schema(), before);
      right(1, 1001);
      // What was changed since is not overwritten with what was known of it.
      db.exec('ALTER TABLE sale_ferrow_old ADD COLUMN extra');
      await assert.rejects(
        ferrow.rollback((await queryText(to, 'SELECT run_id FROM _ferrow_swaps ORDER BY number DESC'))[0][0]),
        {
          code: 'E_NOTHING_TO_ROLL_BACK',
        },
      );
      right(1, 1002);
      db.close();
    });

    test(`SQLite, ${journal}: a process that reads all through sees whole tables and no error`, async () => {
      const [from, to] = [await shop(2, 3000), await shop(1, 3000)];
      const path = to.replace('sqlite:', '');
      const script = `
        const Database = require(${JSON.stringify(require.resolve('better-sqlite3'))});
        const db = new Database(${JSON.stringify(path)}, { timeout: 20000 });
        const queries = ['SELECT count(*) FROM sale', 'SELECT total / 4501500.0 FROM totals', 'SELECT count(*) FROM sale JOIN customer ON customer.id = customer'];
        const prepared = queries.map((sql) => db.prepare(sql).pluck());
        const seen = new Set();
        let reads = 0;
        process.stdin.resume();
        process.stdin.on('end', () => { console.log(JSON.stringify({ reads, seen: [...seen] })); process.exit(0); });
        const step = () => {
          for (const each of prepared) seen.add(each.get());
          for (const sql of queries) seen.add(db.prepare(sql).pluck().get());
          reads++;
          setTimeout(step, 1);
        };
        step();
        console.error('reading');`;
      const Database = require('better-sqlite3');
      const db = new Database(path);
      db.pragma(`journal_mode = ${journal}`);
      db.exec('CREATE VIEW totals AS SELECT sum(total) AS total FROM sale');
      db.close();
      const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'pipe'] });
      let out = '';
      let errors = '';
      child.stdout.on('data', (data) => (out += data));
      const ready = new Promise((resolve) => child.stderr.once('data', resolve));
      child.stderr.on('data', (data) => (errors += data));
      const ended = new Promise((resolve) => child.once('close', resolve));
      await ready;
      await run(from, to);
      await run(from, to);
      await using ferrow = migrator(from, to);
      await ferrow.rollback();
      child.stdin.end();
      await ended;
      assert.equal(errors.trim(), 'reading');
      const { reads, seen } = JSON.parse(out);
      assert.ok(reads > 3, `${reads}`);
      for (const value of seen) assert.ok([3000, 1, 2].includes(value), JSON.stringify(seen));
    });
  }

  test('DuckDB: indexes, views and computed defaults stay right, there and back', async () => {
    const [first, second, to] = [place('duckdb'), place('duckdb'), place('duckdb')];
    for (const [url, factor] of [
      [first, 1],
      [second, 2],
    ] as const)
      await runStatements(url, [
        'CREATE SEQUENCE numbers',
        "CREATE TABLE item (id INTEGER PRIMARY KEY DEFAULT nextval('numbers'), price DECIMAL(10,2) CHECK (price > 0), twice DECIMAL(12,2) AS (price * 2))",
        'CREATE INDEX item_price ON item (price)',
        `INSERT INTO item (price) SELECT range * ${factor} FROM range(1, 101)`,
        'CREATE TABLE tree (id INTEGER PRIMARY KEY, above INTEGER REFERENCES tree (id))',
        'INSERT INTO tree VALUES (1, NULL)',
        'INSERT INTO tree VALUES (2, 1)',
      ]);
    await run(first, to);
    await runStatements(to, ['CREATE VIEW sums AS SELECT sum(twice) AS total FROM item']);
    await run(second, to);
    await run(second, to);
    const right = async (total: string) => {
      assert.equal(await one(to, 'SELECT total FROM sums'), total);
      assert.equal(
        await one(to, "SELECT string_agg(index_name, ' ') FROM duckdb_indexes() WHERE table_name = 'item'"),
        'item_price',
      );
      await runStatements(to, ['INSERT INTO item (price) VALUES (1)', 'DELETE FROM item WHERE id > 100']);
      await assert.rejects(runStatements(to, ['INSERT INTO tree VALUES (3, 99)']), /foreign key/i);
    };
    await right('20200.00');
    await using ferrow = migrator(first, to);
    const back = await ferrow.rollback();
    await right('20200.00');
    await run(first, to);
    await right('10100.00');
    await ferrow.rollback();
    await right('20200.00');
    await assert.rejects(ferrow.rollback(back.runId), { code: 'E_NOTHING_TO_ROLL_BACK' });
  });

  test('DuckDB: a table that one outside the run refers to is refused before a row moves', async () => {
    const [from, to] = [place('duckdb'), place('duckdb')];
    for (const url of [from, to])
      await runStatements(url, ['CREATE TABLE a (id INTEGER PRIMARY KEY)', 'INSERT INTO a VALUES (1)']);
    await runStatements(to, ['CREATE TABLE b (a INTEGER REFERENCES a (id))', 'INSERT INTO b VALUES (1)']);
    await using ferrow = migrator(from, to);
    const report = await ferrow.migrateAllTables();
    assert.equal(report.error?.code, 'E_TABLE_IN_USE');
    assert.equal(await one(to, 'SELECT count(*) FROM a'), '1');
  });
});
