// Schemas of SQLite files: copied verbatim between files, judged by SQLite's own pragmas and by what it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { sqlite } from '../../../../src/dialect/sqlite/index.ts';
import type { TableName } from '../../../../src/types/schema.ts';
import { copy, database, query, source, target } from './files.ts';

const SCHEMA = `
  CREATE TABLE "select" ("from" INTEGER PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT, "a""b" TEXT COLLATE NOCASE,
    [c d] VARCHAR(5) NOT NULL ON CONFLICT IGNORE DEFAULT 'it''s', \`ü🚢\` BLOB DEFAULT x'00ff',
    "group" AS ("from" + 1) STORED, "order" INT AS ("group" * 2) VIRTUAL CHECK ("order" <> 7),
    CONSTRAINT "odd ""name""" UNIQUE ("a""b" COLLATE RTRIM DESC, [c d]) ON CONFLICT FAIL,
    CHECK ("from" > 0 -- a comment
    ));
  CREATE TABLE wr (a TEXT, b INT, c ANY, PRIMARY KEY (b DESC, a COLLATE NOCASE)) STRICT, WITHOUT ROWID;
  CREATE TABLE one (k TEXT, v, PRIMARY KEY (k COLLATE NOCASE DESC));
  CREATE TABLE noalias (a INTEGER PRIMARY KEY DESC, b);
  CREATE TABLE p (x INT, y TEXT COLLATE NOCASE, UNIQUE (x, y));
  CREATE TABLE c (id INTEGER PRIMARY KEY, x INT, y TEXT, boss INT REFERENCES c ON DELETE SET NULL,
    other INT CONSTRAINT "to d" REFERENCES d DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (x, y) REFERENCES p (x, y) ON UPDATE CASCADE ON DELETE SET DEFAULT);
  CREATE TABLE d (id INTEGER PRIMARY KEY, back INT REFERENCES c (id) ON DELETE CASCADE);
  CREATE TABLE twice (a INT REFERENCES p2 REFERENCES p2 (b) REFERENCES d REFERENCES p2 (b), other);
  CREATE TABLE p2 (a INTEGER PRIMARY KEY, b INT UNIQUE);
  CREATE TABLE "nothing" (a, b INT, c TEXT);
  CREATE INDEX "i 1" ON c (y DESC, x COLLATE RTRIM);
  CREATE UNIQUE INDEX "partial" ON c (lower(y), x + 1 DESC) WHERE x IS NOT NULL AND y <> 'a;b';
  INSERT INTO "select" ("from", "a""b", [c d]) VALUES (5, 'x', 'y'), (9, 'X ', 'z');
  INSERT INTO wr VALUES ('a', 1, 1.5), ('b', 1, x'00'), ('a', 2, '7');
  INSERT INTO one VALUES ('a', 1), (NULL, 2), (NULL, 3);
  INSERT INTO noalias VALUES (1, 'a'), (NULL, 'b'), (NULL, 'c');
  INSERT INTO p VALUES (1, 'a'); INSERT INTO d VALUES (1, 1);
  INSERT INTO c VALUES (1, 1, 'A', 1, 1), (2, NULL, 'A', NULL, NULL);
  INSERT INTO "nothing" VALUES (NULL, NULL, NULL), (NULL, NULL, NULL);
`;

const SHAPE = [
  `SELECT l.name, l.wr, l.strict FROM pragma_table_list l WHERE l.schema = 'main' AND l.name NOT LIKE '%sqlite%' AND l.name NOT LIKE '%ferrow%' ORDER BY 1`,
  `SELECT s.name, x.* FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) x WHERE s.type = 'table' AND s.name NOT LIKE '%ferrow%' ORDER BY 1, x.cid`,
  `SELECT s.name, f.id, f.seq, f."table", f."from", f."to", f.on_update, f.on_delete FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f WHERE s.name <> 'twice' ORDER BY 1, f.id, f.seq`,
  `SELECT s.name, l.seq, l.name, l."unique", l.origin, l.partial, x.seqno, x.cid, x.name, x."desc", x.coll, x.key FROM sqlite_schema s JOIN pragma_index_list(s.name) l JOIN pragma_index_xinfo(l.name) x
     WHERE s.type = 'table' AND s.name NOT LIKE '%ferrow%' ORDER BY 1, l.origin, l.name, x.seqno`,
  'SELECT name, seq FROM sqlite_sequence ORDER BY 1',
];

test('a schema of odd things is the same in the copy', async (context) => {
  const from = database(context, SCHEMA);
  const to = await copy(context, from);
  for (const sql of SHAPE) assert.deepEqual(query(to, sql), query(from, sql), sql);
  const tables = query(from, `SELECT name FROM sqlite_schema WHERE type = 'table'`).flat();
  for (const name of tables) {
    const sql = `SELECT * FROM "${String(name).replaceAll('"', '""')}" ORDER BY 1, 2`;
    if (name !== 'sqlite_sequence') assert.deepEqual(query(to, sql), query(from, sql), sql);
  }
  assert.deepEqual(query(to, 'PRAGMA integrity_check'), [['ok']]);
  assert.deepEqual(query(to, 'PRAGMA foreign_key_check'), []);
  assert.deepEqual(
    query(to, `SELECT "table", "to" FROM pragma_foreign_key_list('twice') ORDER BY id`),
    [
      ['p2', 'b'],
      ['d', null],
      ['p2', 'b'],
      ['p2', 'a'],
    ],
    'where two differ only in what they reference, it is written out',
  );
  // Twice the same is the same: what was read is what was made.
  const again = await copy(context, to);
  const statements = `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE '%ferrow%' ORDER BY 1, 2`;
  assert.deepEqual(query(again, statements), query(to, statements));

  const both = [from, to].map((path) => {
    const db = new Database(path);
    db.pragma('foreign_keys = ON');
    const attempts = [
      `INSERT INTO "select" ("from", "a""b", [c d]) VALUES (5, 'n', 'n')`,
      `INSERT INTO "select" ("from", "a""b", [c d]) VALUES (NULL, 'm', 'm')`,
      `INSERT INTO "select" ("a""b", [c d]) VALUES ('X', 'z')`,
      `INSERT INTO "select" ("a""b", [c d]) VALUES ('q', NULL)`,
      `INSERT INTO "select" ("from", [c d]) VALUES (-1, 'k')`,
      `INSERT INTO wr VALUES ('A', 1, 1)`,
      `INSERT INTO wr VALUES ('A', 1.5, 1)`,
      `INSERT INTO wr VALUES (NULL, 3, 1)`,
      `INSERT INTO one VALUES ('A', 1)`,
      `INSERT INTO noalias VALUES (NULL, 1)`,
      `INSERT INTO c VALUES (7, 2, 'a', NULL, NULL)`,
      `INSERT INTO c VALUES (8, 5, 'A', NULL, NULL), (9, 5, 'a', NULL, NULL)`,
      `INSERT INTO c VALUES (10, NULL, NULL, NULL, 77)`,
      'DELETE FROM d',
      'DELETE FROM c WHERE id = 1',
    ];
    const said = attempts.map((sql) => {
      try {
        return db.prepare(sql).run().changes;
      } catch (error) {
        return (error as Error).message;
      }
    });
    const rows = ['"select"', 'wr', 'one', 'noalias', 'c', 'd'].map((name) =>
      db.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).raw().all(),
    );
    db.close();
    return { said, rows };
  });
  assert.deepEqual(both[1], both[0]);
});

test('what only SQLite has is listed for others, and not for SQLite', async (context) => {
  const engine = await source(context, database(context, SCHEMA));
  const { others } = await engine.catalog([]);
  assert.deepEqual(
    others.map(({ kind, name, table, carriedToSame }) => [kind, name, table, carriedToSame]),
    [
      'ON CONFLICT REPLACE of PRIMARY KEY (from)',
      'ON CONFLICT FAIL of UNIQUE (a"b, c d)',
      'COLLATE RTRIM in UNIQUE (a"b, c d)',
      'ON CONFLICT IGNORE of NOT NULL (c d)',
    ]
      .map((name) => ['table option', name, 'select', true])
      .concat([
        ['table option', 'COLLATE NOCASE in PRIMARY KEY (b, a)', 'wr', true],
        ['table option', 'COLLATE NOCASE in PRIMARY KEY (k)', 'one', true],
      ]),
  );
});

const VIEWS = `
  CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); CREATE TABLE "two words" (a INT);
  CREATE VIEW late AS SELECT * FROM early JOIN "two words" USING (a);
  CREATE VIEW early ("x y", a) AS WITH q AS (SELECT a, b FROM t) SELECT b || '; --', a FROM q -- the end
  ;
  CREATE VIEW lost AS SELECT * FROM gone;
  CREATE VIEW "in" AS SELECT (SELECT count(*) FROM late) AS n, a FROM t WHERE a IN (SELECT a FROM "two words");
  INSERT INTO t VALUES (1, 'b'); INSERT INTO "two words" VALUES (1);
`;

test('views come in an order in which they can be made', async (context) => {
  const from = database(context, VIEWS);
  const engine = await source(context, from);
  const { views } = await engine.catalog([]);
  await engine.close();
  assert.deepEqual(
    views.map(({ name, columns, reads }) => [name, columns, reads.map((read) => read.name)]),
    [
      ['early', ['x y', 'a'], ['t']],
      ['late', ['x y', 'a'], ['early', 'two words']],
      ['lost', [], []],
      ['in', ['n', 'a'], ['late', 't', 'two words']],
    ],
  );
  const to = await copy(context, from);
  const adopted = views.map((view) => sqlite.ddl.adoptView(view, 'sqlite', view, (table) => table));
  const loads = adopted.map((load) => ('statements' in load ? load : assert.fail(load.reason)));
  const output = await target(context, to);
  const refused = await output.makeViews(loads, false);
  assert.deepEqual(
    refused.map(({ object, name, reason }) => [object, name, reason]),
    [['view', 'lost', 'SQLite refuses it here: no such table: main.gone']],
  );
  const taken = await output.makeViews(loads.slice(0, 1), false);
  assert.match(taken[0].reason, /already exists/);
  assert.equal((await output.makeViews(loads, true)).length, 1);
  await output.close();
  for (const name of ['early', 'late', '"in"'])
    assert.deepEqual(query(to, `SELECT * FROM ${name}`), query(from, `SELECT * FROM ${name}`));
  assert.deepEqual(query(to, `SELECT name FROM sqlite_schema WHERE type = 'view'`).flat(), [
    ...['early', 'late', 'in'],
  ]);
});

test('a view whose tables are not in the target, or have another name there, is listed', async (context) => {
  const engine = await source(context, database(context, VIEWS));
  const { views } = await engine.catalog([]);
  const early = views.find(({ name }) => name === 'early') ?? assert.fail();
  const reasonOf = (resolve: (table: TableName) => TableName | null) => {
    const load = sqlite.ddl.adoptView(early, 'sqlite', early, resolve);
    return 'reason' in load ? load.reason : 'made';
  };
  assert.match(
    reasonOf(() => null),
    /"t", which is not in the target/,
  );
  assert.equal(
    reasonOf((table) => table),
    'made',
  );
  const load = sqlite.ddl.adoptView(early, 'sqlite', { schema: null, name: 'E"' }, (table) => table);
  assert.ok('statements' in load && load.statements[0].startsWith('CREATE VIEW "E""" ("x y", "a") AS WITH'));
});

test('triggers on views that are replaced are listed', async (context) => {
  const path = database(
    context,
    `${VIEWS} CREATE TRIGGER onview INSTEAD OF INSERT ON early BEGIN SELECT 1; END;`,
  );
  const engine = await target(context, path);
  const load = { name: { schema: null, name: 'early' }, materialized: false };
  const lost = await engine.makeViews(
    [{ ...load, statements: ['CREATE VIEW early AS SELECT 5 AS a'] }],
    true,
  );
  assert.deepEqual(
    lost.map(({ object, name }) => [object, name]),
    [['trigger', 'onview']],
  );
  await engine.close();
  assert.deepEqual(query(path, 'SELECT * FROM early'), [[5n]]);
});

test('a view over a table that is called otherwise in the target reads it there', async (context) => {
  const path = database(
    context,
    'CREATE TABLE t (a INTEGER, b TEXT); CREATE VIEW v AS SELECT a AS x, b FROM t WHERE a > 1; CREATE TABLE "t ""2" (a INTEGER, b TEXT); INSERT INTO "t ""2" VALUES (1, \'x\'), (2, \'y\')',
  );
  const engine = await source(context, path);
  const [view] = (await engine.catalog([])).views;
  await engine.close();
  const name = { schema: null, name: 'w' };
  const load = sqlite.ddl.adoptView(view, 'sqlite', name, () => ({ schema: null, name: 't "2' }));
  assert.ok('statements' in load, 'reason' in load ? load.reason : '');
  const output = await target(context, path);
  assert.deepEqual(await output.makeViews([load], false), []);
  await output.close();
  assert.deepEqual(query(path, 'SELECT x, b FROM w'), [[2n, 'y']]);
});
