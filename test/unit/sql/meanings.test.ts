// Catalogs say what their SQL means: checks, defaults, generated columns, indexes and views, in the text that each engine's
// own catalog prints. What isn't known is named and never fails the catalog.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { loadDialect } from '../../../src/dialect/registry.ts';
import type { Engine } from '../../../src/types/logical-type.ts';
import type { Meaning } from '../../../src/types/schema.ts';
import { runSql, startPostgres } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Everything with SQL in a catalog: its name, and `known` or the reason why not. */
async function meanings(engine: Engine, url: string): Promise<string[]> {
  const dialect = await loadDialect(engine);
  const source = await dialect.openSource(dialect.locate(url, {}), { connections: 1 });
  try {
    const { tables, views } = await source.catalog([]);
    const found: string[] = [];
    const add = (what: string, meaning: Meaning): void => {
      assert.ok((meaning.meaning === undefined) !== (meaning.unknown === undefined), what);
      found.push(`${what}: ${meaning.unknown ?? 'known'}`);
    };
    for (const { name, columns, checks, indexes } of tables) {
      for (const check of checks) add(`check of ${name}`, check);
      for (const column of columns) {
        if (column.generated) add(`generated ${column.name}`, column.generated);
        if (column.default?.kind === 'expression') add(`default ${column.name}`, column.default);
      }
      for (const index of indexes) {
        for (const part of index.parts) if (part.expression !== null) add(`part of ${index.name}`, part);
        if (index.where !== null) add(`condition of ${index.name}`, index.whereMeaning ?? {});
      }
    }
    for (const { name, query, unknown } of views) {
      assert.ok((query === undefined) !== (unknown === undefined), name);
      found.push(`view ${name}: ${unknown ?? 'known'}`);
    }
    return found.sort();
  } finally {
    await source.close();
  }
}

function sqliteFile(context: TestContext, sql: string): string {
  const path = join(temporaryFolder(context), 'a.db');
  const db = new Database(path);
  db.exec(sql);
  db.close();
  return path;
}

test('SQLite', async (context) => {
  const path = sqliteFile(
    context,
    `CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT CHECK (length(name) BETWEEN 1 AND 50), price DECIMAL(10,2),
       qty INT DEFAULT (1 + 1), active BOOLEAN, at DATETIME DEFAULT (strftime('%Y', 'now')),
       total AS (qty * 2) STORED, label TEXT AS (name || '!'), rounded INT AS (qty / 2.0), CHECK (price >= 0 AND active IN (0, 1)));
     CREATE INDEX i ON p (lower(name), hex(name)) WHERE active = 1;
     CREATE VIEW v AS SELECT name AS n, count(*) AS c FROM p GROUP BY name;
     CREATE VIEW w AS SELECT n FROM v ORDER BY n;
     CREATE VIEW bare AS SELECT name, count(*) AS c FROM p;
     CREATE VIEW broken AS SELECT missing FROM gone`,
  );
  assert.deepEqual(await meanings('sqlite', path), [
    'check of p: known',
    'check of p: known',
    'condition of i: known',
    'default at: the function strftime',
    'default qty: known',
    'generated label: known',
    'generated rounded: float put into a column of INT',
    'generated total: known',
    'part of i: known',
    'part of i: the function hex',
    'view bare: the column name, which is not in GROUP BY',
    'view broken: the table gone',
    'view v: known',
    'view w: known',
  ]);
});

test('SQL of SQLite that nobody reads does not fail the catalog', async (context) => {
  const deep = `${'('.repeat(400)}a${')'.repeat(400)} > 0`;
  const long = 'x'.repeat(70);
  const path = sqliteFile(
    context,
    `CREATE TABLE t (a INT CHECK (${deep}), "${long}" INT CHECK ("${long}" > 0), b INT CHECK (b IN ()),
       c TEXT CHECK (c NOT NULL OR typeof(c) = ''), d INT CHECK (d > 0 /* never closed */))`,
  );
  const found = await meanings('sqlite', path);
  assert.equal(found.length, 5);
  assert.ok(found.includes(`check of t: the long name ${long.slice(0, 63)}`), found.join('\n'));
});

test('DuckDB', async (context) => {
  const path = join(temporaryFolder(context), 'a.duckdb');
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(
    `CREATE MACRO len(x) AS 7;
     CREATE TABLE p (id INTEGER PRIMARY KEY, "Name" VARCHAR CHECK (length("Name") BETWEEN 1 AND 50), price DECIMAL(10,2),
       qty INTEGER DEFAULT (1 + 1), active BOOLEAN, total INTEGER AS (qty * 2), CHECK (price >= 0 AND active IS TRUE),
       CHECK (len("Name") > 1), CHECK (regexp_matches("Name", 'a')));
     CREATE INDEX i ON p ((qty + 1));
     CREATE VIEW v AS SELECT "Name" AS N, count(*) AS c FROM p GROUP BY ALL;
     CREATE VIEW w AS SELECT id, "Name" FROM main.p WHERE qty // 2 > 1;
     CREATE VIEW x AS SELECT id FROM w ORDER BY id`,
  );
  connection.closeSync();
  instance.closeSync();
  assert.deepEqual(await meanings('duckdb', path), [
    'check of p: known',
    'check of p: known',
    'check of p: the function len',
    'check of p: the function regexp_matches',
    'default qty: known',
    'generated total: known',
    'part of i: known',
    'view v: SQL that only DuckDB reads (syntax error at end of input)',
    'view w: known',
    'view x: known',
  ]);
});

test('PostgreSQL', async (context) => {
  const server = await startPostgres();
  context.after(() => server.stop());
  const url = await server.createDatabase();
  await runSql(
    url,
    `CREATE TYPE mood AS ENUM ('a', 'b');
     CREATE TABLE p (id int PRIMARY KEY, name text CHECK (length(name) BETWEEN 1 AND 50), price numeric(10,2) CHECK (price >= 0),
       qty int DEFAULT (1 + 1), active boolean, m mood CHECK (m <> 'b'), kind varchar(5) CHECK (kind IN ('a', 'b')),
       total int GENERATED ALWAYS AS (qty * 2) STORED, gross numeric(10,1) GENERATED ALWAYS AS (price * 1.5) STORED,
       who text DEFAULT CURRENT_USER, CHECK (qty > 0 OR name <> ''), CHECK (name ~ 'a'));
     CREATE INDEX i ON p ((qty + 1), lower(name)) WHERE active;
     CREATE VIEW v AS SELECT name AS n, count(*) AS c FROM p GROUP BY name;
     CREATE VIEW w AS SELECT n FROM v ORDER BY n;
     CREATE VIEW x AS SELECT avg(qty) AS a FROM p;
     CREATE MATERIALIZED VIEW y AS SELECT kind, count(*) AS c FROM p GROUP BY kind`,
  );
  assert.deepEqual(await meanings('postgres', url), [
    'check of p: known',
    'check of p: known',
    'check of p: known',
    'check of p: known',
    'check of p: known',
    'check of p: the operator ~',
    'condition of i: known',
    'default qty: known',
    'default who: the time, date or user of the moment',
    'generated gross: decimal put into a column of numeric(10,1)',
    'generated total: known',
    'part of i: known',
    'part of i: the function lower',
    'view v: known',
    'view w: known',
    'view x: the function avg',
    'view y: known',
  ]);
});
