// Schema features of SQLite and DuckDB go to all engines, there and back. The engines' own catalogs and inserting judge.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator, type Report } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

const SQLITE_SCHEMA = [
  `CREATE TABLE "select" (
    "group by" INTEGER PRIMARY KEY AUTOINCREMENT,
    "it's" TEXT NOT NULL DEFAULT 'don''t "know"' COLLATE NOCASE,
    made TEXT DEFAULT CURRENT_TIMESTAMP,
    price DECIMAL(10,2) DEFAULT -1.5 CHECK (price >= -5),
    whole INTEGER GENERATED ALWAYS AS ("group by" * 2) STORED,
    live INTEGER AS ("group by" + 1) VIRTUAL,
    CONSTRAINT "no \\ backslash" CHECK (length("it's") < 40))`,
  `INSERT INTO "select" ("it's", price) VALUES ('one', 2.5), ('two', NULL)`,
  `DELETE FROM "select" WHERE "it's" = 'two'`,
  `CREATE TABLE without_rowid (a TEXT, b INTEGER, c REAL, PRIMARY KEY (b, a)) WITHOUT ROWID`,
  `INSERT INTO without_rowid VALUES ('a', 1, 0.5)`,
  `CREATE TABLE strict_one (id INTEGER PRIMARY KEY, any_value ANY, n INT, r REAL, t TEXT, b BLOB) STRICT`,
  `INSERT INTO strict_one VALUES (1, 'x', 2, 2.5, 't', x'00')`,
  `CREATE TABLE child (id INTEGER PRIMARY KEY, up INTEGER REFERENCES child ON DELETE SET NULL,
    x TEXT, y INTEGER, FOREIGN KEY (y, x) REFERENCES without_rowid (b, a) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED)`,
  `INSERT INTO child VALUES (1, NULL, 'a', 1), (2, 1, NULL, NULL)`,
  `CREATE INDEX "child/x" ON child (x DESC, y)`,
  `CREATE UNIQUE INDEX only_top ON child (y) WHERE up IS NULL`,
  `CREATE INDEX by_upper ON child (upper(x))`,
  `CREATE TABLE null_keys (k TEXT PRIMARY KEY, v INTEGER)`,
  'INSERT INTO null_keys VALUES (NULL, 1), (NULL, 2), ($$k$$, 3)'.replaceAll('$$', "'"),
  `CREATE TABLE "all/null" (a, b TEXT)`,
  `INSERT INTO "all/null" VALUES (NULL, NULL), (NULL, NULL)`,
  `CREATE TABLE empty_one (id INTEGER PRIMARY KEY, v BLOB)`,
  `CREATE VIEW "a view" AS SELECT id, up, x FROM child WHERE up IS NOT NULL`,
  `CREATE VIEW over_view AS SELECT count(*) AS n FROM "a view"`,
  `CREATE VIEW odd_view AS SELECT printf('%05d', id) AS p FROM child`,
  `CREATE TRIGGER tg AFTER INSERT ON child BEGIN SELECT 1; END`,
  'CREATE VIRTUAL TABLE search USING fts5(body)',
];

const DUCKDB_SCHEMA = [
  `CREATE TYPE mood AS ENUM ('sad', 'it''s ok')`,
  'CREATE SEQUENCE ids START 10',
  `CREATE TABLE "Main Table" (
    id INTEGER PRIMARY KEY DEFAULT nextval('ids'),
    feeling mood DEFAULT 'sad',
    "it's" VARCHAR NOT NULL DEFAULT 'don''t',
    price DECIMAL(10,2) CHECK (price >= 0),
    twice DECIMAL(12,2) GENERATED ALWAYS AS (price * 2) VIRTUAL,
    made TIMESTAMP DEFAULT current_timestamp,
    UNIQUE ("it's", price))`,
  `INSERT INTO "Main Table" ("it's", price) VALUES ('one', 2.5), ('two', NULL)`,
  'CREATE TABLE child (a INTEGER, b VARCHAR, up INTEGER REFERENCES "Main Table" (id), PRIMARY KEY (b, a))',
  `INSERT INTO child VALUES (1, 'b', 10)`,
  'CREATE INDEX by_b ON child (b, a)',
  'CREATE UNIQUE INDEX one_up ON child (up)',
  `COMMENT ON TABLE child IS 'it''s a child'`,
  `COMMENT ON COLUMN child.b IS 'the b'`,
  `CREATE VIEW priced AS SELECT id, coalesce("it's", 'none') AS name FROM "Main Table" WHERE price IS NOT NULL`,
  'CREATE VIEW over_view AS SELECT count(*) AS n FROM priced',
  'CREATE VIEW odd_view AS SELECT list(id) AS ids FROM "Main Table"',
  'CREATE TABLE all_null (a INTEGER, b VARCHAR)',
  'INSERT INTO all_null VALUES (NULL, NULL)',
  'CREATE MACRO plus(a, b) AS a + b',
];

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());
const folder = temporaryFolder({ after });

async function carry(from: string, to: string): Promise<Report> {
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const report = await migrator.migrateAllTables({ allow: ['mixed=text'] });
  assert.equal(report.error, null, JSON.stringify(report.error));
  return report;
}

function assertNamed(report: Report, names: readonly string[]): void {
  const said = report.warnings.map((warning) => JSON.stringify(warning)).join('\n');
  assert.deepEqual(
    names.filter((name) => !said.includes(JSON.stringify(name).slice(1, -1))),
    [],
    said,
  );
}

async function refuses(url: string, statement: string): Promise<void> {
  await assert.rejects(() => runStatements(url, [statement]), `${statement} was taken`);
}

/** DuckDB prints what it was told: with and without quotes, schema and blanks. */
function plain(rows: string[][]): string[][] {
  return rows.map((row) =>
    row.map((text) => text.replaceAll('"', '').replaceAll('main.', '').replaceAll(', ', ',')),
  );
}

const place = async (engine: string, name: string) => {
  if (engine === 'postgres') return server.createDatabase();
  return `${engine}:${join(folder, `${name}.${engine === 'sqlite' ? 'db' : 'duckdb'}`)}`;
};

describe('the schema of SQLite', () => {
  const from = `sqlite:${join(folder, 'source.db')}`;
  before(() => runStatements(from, SQLITE_SCHEMA));

  test('to SQLite: the same statements, tables, indexes and views', async () => {
    const to = await place('sqlite', 'sqlite-to');
    const report = await carry(from, to);
    const columns = `SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
      FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) x WHERE m.type = 'table'
      AND m.name NOT GLOB '_ferrow*' AND m.name NOT GLOB 'search*' ORDER BY 1, x.cid`;
    assert.deepEqual(await queryText(to, columns), await queryText(from, columns));
    const lists = `SELECT name, wr, strict FROM pragma_table_list WHERE type = 'table' AND name NOT GLOB '_ferrow*' AND name NOT GLOB 'search*' AND name NOT GLOB 'sqlite_*' ORDER BY 1`;
    assert.deepEqual(await queryText(to, lists), await queryText(from, lists));
    const keys = `SELECT m.name, f."table", f."from", coalesce(f."to", 'id'), f.on_update, f.on_delete FROM sqlite_schema m
      JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1, 3`;
    assert.deepEqual(await queryText(to, keys), await queryText(from, keys));
    const more = `SELECT type, name FROM sqlite_schema WHERE type IN ('index', 'view') AND name NOT GLOB '_ferrow*' AND sql IS NOT NULL AND tbl_name NOT GLOB '_ferrow*' ORDER BY 1, 2`;
    assert.deepEqual(await queryText(to, more), await queryText(from, more));
    for (const table of ['"select"', 'without_rowid', 'strict_one', 'child', 'null_keys', '"all/null"']) {
      const rows = `SELECT * FROM ${table} ORDER BY 1, 2`;
      assert.deepEqual(await queryText(to, rows), await queryText(from, rows), table);
    }
    // AUTOINCREMENT counts on after rows that are gone.
    await runStatements(to, [`INSERT INTO "select" ("it's") VALUES ('next')`]);
    assert.deepEqual(await queryText(to, `SELECT "group by", whole FROM "select" WHERE "it's" = 'NEXT'`), [
      ['3', '6'],
    ]);
    await refuses(to, `INSERT INTO "select" ("it's", price) VALUES ('bad', -6)`);
    assertNamed(report, ['tg', 'search']);
  });

  for (const engine of ['duckdb', 'postgres']) {
    test(`to ${engine}, and home again`, async () => {
      const to = await place(engine, 'sqlite-there');
      const report = await carry(from, to);
      await refuses(to, `INSERT INTO "select" ("group by", "it's", price) VALUES (90, 'bad', -6)`);
      await refuses(to, `INSERT INTO without_rowid VALUES ('a', 1, 1)`);
      await refuses(to, `INSERT INTO without_rowid VALUES ('a', NULL, 1)`);
      await refuses(to, `INSERT INTO "select" ("group by", "it's") VALUES (91, NULL)`);
      await refuses(to, `INSERT INTO "select" ("group by", "it's") VALUES (92, '${'x'.repeat(50)}')`);
      await runStatements(to, ['INSERT INTO "select" (price) VALUES (3)']);
      assert.deepEqual(
        await queryText(
          to,
          `SELECT "it's", whole, live FROM "select" WHERE "group by" = (SELECT max("group by") FROM "select")`,
        ),
        [[`don't "know"`, '6', '4']],
      );
      assert.deepEqual(await queryText(to, 'SELECT n FROM over_view'), [['1']]);
      assert.deepEqual(await queryText(to, 'SELECT count(*) FROM null_keys WHERE k IS NULL'), [['2']]);
      assert.deepEqual(await queryText(to, 'SELECT count(*) FROM "all/null"'), [['2']]);
      assertNamed(report, ['tg', 'search', 'odd_view', 'null_keys']);
      const back = await place('sqlite', `sqlite-home-from-${engine}`);
      await carry(to, back);
      const types = `SELECT m.name, c.name, c.type, c."notnull" FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c
        WHERE m.type = 'table' AND m.name IN ('select', 'without_rowid', 'child', 'empty_one', 'all/null') ORDER BY 1, 2`;
      assert.deepEqual(await queryText(back, types), await queryText(from, types));
      for (const table of ['without_rowid', 'child', '"all/null"']) {
        const rows = `SELECT * FROM ${table} ORDER BY 1, 2`;
        assert.deepEqual(await queryText(back, rows), await queryText(from, rows), table);
      }
    });
  }
});

describe('the schema of DuckDB', () => {
  const from = `duckdb:${join(folder, 'source.duckdb')}`;
  before(() => runStatements(from, DUCKDB_SCHEMA));

  test('to DuckDB: the same catalog', async () => {
    const to = await place('duckdb', 'duckdb-to');
    const report = await carry(from, to);
    for (const sql of [
      `SELECT table_name, column_name, data_type, column_default, is_nullable, comment FROM duckdb_columns()
       WHERE schema_name = 'main' AND NOT internal ORDER BY table_name, column_index`,
      `SELECT table_name, constraint_type, constraint_column_names, expression, referenced_table FROM duckdb_constraints()
       WHERE schema_name = 'main' ORDER BY 1, 2, 3`,
      `SELECT index_name, table_name, is_unique, expressions FROM duckdb_indexes() WHERE schema_name = 'main' ORDER BY 1`,
      `SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY 1`,
      `SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal ORDER BY 1`,
      'SELECT * FROM "Main Table" ORDER BY id',
      'SELECT * FROM child',
      'SELECT * FROM odd_view',
      'SELECT * FROM over_view',
    ]) {
      assert.deepEqual(plain(await queryText(to, sql)), plain(await queryText(from, sql)), sql);
    }
    await runStatements(to, [`INSERT INTO "Main Table" ("it's", price) VALUES ('next', 4)`]);
    assert.deepEqual(
      await queryText(to, `SELECT id, feeling, twice FROM "Main Table" WHERE "it's" = 'next'`),
      [['12', 'sad', '8.00']],
    );
    await refuses(to, `INSERT INTO "Main Table" ("it's", price) VALUES ('bad', -1)`);
    // DuckDB's catalog writes the labels into the column's type and forgets the name.
    assertNamed(report, ['plus', 'mood']);
  });

  for (const engine of ['sqlite', 'postgres']) {
    test(`to ${engine}, and home again`, async () => {
      const to = await place(engine, 'duckdb-there');
      const report = await carry(from, to);
      await refuses(to, `INSERT INTO "Main Table" (id, "it's", price) VALUES (90, 'bad', -1)`);
      await refuses(to, `INSERT INTO "Main Table" (id, "it's", price) VALUES (91, 'one', 2.5)`);
      await refuses(to, `INSERT INTO child VALUES (1, 'b', 11)`);
      await refuses(to, `INSERT INTO child VALUES (2, 'b', 10)`);
      await runStatements(to, ['INSERT INTO "Main Table" (price) VALUES (3)']);
      const found = `SELECT id, feeling, "it's" FROM "Main Table" WHERE price = 3`;
      assert.deepEqual(await queryText(to, found), [['12', 'sad', "don't"]]);
      assert.deepEqual(await queryText(to, 'SELECT n FROM over_view'), [['2']]);
      assertNamed(report, ['odd_view', 'plus']);
      const back = await place('duckdb', `duckdb-home-from-${engine}`);
      await carry(to, back);
      const types = `SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns()
        WHERE schema_name = 'main' AND NOT internal AND table_name <> 'odd_view' ORDER BY table_name, column_index`;
      assert.deepEqual(await queryText(back, types), await queryText(from, types));
      assert.deepEqual(
        await queryText(back, 'SELECT * FROM child'),
        await queryText(from, 'SELECT * FROM child'),
      );
    });
  }
});

test('1200 columns cross every pair that has room for them', async () => {
  const from = `sqlite:${join(folder, 'wide.db')}`;
  const names = Array.from({ length: 1200 }, (_unused, at) => `c${at}`);
  await runStatements(from, [
    `CREATE TABLE wide (${names.map((name) => `${name} SMALLINT`).join(', ')})`,
    `INSERT INTO wide VALUES (${names.map((_name, at) => at).join(', ')})`,
  ]);
  const duckdb = await place('duckdb', 'wide');
  const postgres = await server.createDatabase();
  const home = await place('sqlite', 'wide-home');
  for (const [source, target] of [
    [from, duckdb],
    [duckdb, postgres],
    [postgres, home],
  ]) {
    await carry(source, target);
    assert.deepEqual(await queryText(target, 'SELECT c0, c599, c1199 FROM wide'), [['0', '599', '1199']]);
  }
});
