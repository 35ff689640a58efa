// Views of one engine, understood and printed for the others, give the same rows there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { understandViews } from '../../../src/sql/relations.ts';
import { isUnknown, loadGrammar, printQuery } from '../../../src/sql/sql.ts';
import type { Engine } from '../../../src/types/logical-type.ts';
import type { DatabaseSchema, TableSchema, ViewSchema } from '../../../src/types/schema.ts';
import { CATALOG, ENGINES, type ThreeEngines, threeEngines, WORDS } from './three-engines.ts';

let engines: ThreeEngines;
before(async () => {
  engines = await threeEngines();
  await loadGrammar();
});
after(() => engines.close());

const SCHEMAS: Readonly<Record<Engine, string | null>> = { postgres: 'public', duckdb: 'main', sqlite: null };

function schemaOf(engine: Engine, views: readonly ViewSchema[]): DatabaseSchema {
  const table = (name: string): TableSchema => ({
    schema: SCHEMAS[engine],
    name,
    columns: CATALOG[engine],
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
    comment: null,
    estimatedRows: null,
    sizeBytes: null,
  });
  return {
    engine,
    defaultSchema: SCHEMAS[engine],
    tables: [table('t'), table('other')],
    views,
    types: [],
    others: [],
  };
}

/** What the engine's catalog says of a view: its SELECT and its columns. */
async function catalogView(engine: Engine, sql: string): Promise<ViewSchema> {
  const view = { schema: SCHEMAS[engine], name: 'w', materialized: false, reads: [], comment: null };
  await engines.run(engine, 'DROP VIEW IF EXISTS w');
  await engines.run(engine, `CREATE VIEW w AS ${sql}`);
  if (engine === 'sqlite') {
    const columns = (await engines.rows(engine, "SELECT name FROM pragma_table_info('w')")).map(
      ([name]) => name!,
    );
    return { ...view, sql, columns };
  }
  if (engine === 'postgres') {
    const [[text]] = await engines.rows(engine, "SELECT pg_get_viewdef('w'::regclass)");
    const names = await engines.rows(
      engine,
      "SELECT attname FROM pg_attribute WHERE attrelid = 'w'::regclass AND attnum > 0 ORDER BY attnum",
    );
    return { ...view, sql: text!, columns: names.map(([name]) => name!) };
  }
  const [[text]] = await engines.rows(engine, "SELECT sql FROM duckdb_views() WHERE view_name = 'w'");
  const names = await engines.rows(
    engine,
    "SELECT column_name FROM duckdb_columns() WHERE table_name = 'w' ORDER BY column_index",
  );
  return { ...view, sql: text!.replace(/^CREATE VIEW w AS /, ''), columns: names.map(([name]) => name!) };
}

function understood(engine: Engine, view: ViewSchema): ViewSchema {
  return understandViews(schemaOf(engine, [view]), WORDS[engine])[0];
}

/** Rows of a query without ORDER BY come in any order. */
function inOrder(rows: readonly (readonly (string | null)[])[], sql: string): readonly unknown[] {
  if (/order by/i.test(sql) && !/over/i.test(sql)) return rows;
  return [...rows].map((row) => JSON.stringify(row)).sort();
}

async function compare(from: Engine, sql: string): Promise<void> {
  const view = understood(from, await catalogView(from, sql));
  assert.ok(view.query, `${from}: ${sql}: ${view.unknown}\n${view.sql}`);
  const expected = inOrder(await engines.rows(from, 'SELECT * FROM w'), sql);
  for (const to of ENGINES) {
    const there = printQuery(view, WORDS[to], (table) => ({ schema: SCHEMAS[to], name: table.name }));
    if (isUnknown(there)) {
      assert.ok(to === 'sqlite' && sql.includes('sum(n)'), `${from} to ${to}: ${sql}: ${there.unknown}`);
      continue;
    }
    await engines.run(to, 'DROP VIEW IF EXISTS w2');
    try {
      await engines.run(to, `CREATE VIEW w2 AS ${there.sql}`);
      const found = inOrder(await engines.rows(to, 'SELECT * FROM w2'), sql);
      assert.deepEqual(found, expected);
    } catch (error) {
      throw new Error(`${from} to ${to}: ${sql} -> ${there.sql}: ${(error as Error).message}`);
    }
  }
}

const SHARED = [
  'SELECT id, a, s FROM t',
  'SELECT * FROM t',
  'SELECT t.id AS number, other.s AS text FROM t JOIN other ON other.id = t.id WHERE t.a > 0',
  'SELECT t.id, o.a FROM t LEFT JOIN other AS o ON o.a = t.a AND o.flag',
  'SELECT t.id AS i, o.id AS j FROM t RIGHT JOIN other o ON o.id = t.a',
  'SELECT t.id AS i, o.id AS j FROM t FULL JOIN other o ON o.id = t.a',
  'SELECT t.id AS i, o.id AS j FROM t CROSS JOIN other o WHERE t.id < o.id',
  'SELECT t.id AS i, o.id AS j FROM t, other o WHERE t.a = o.a',
  'SELECT id, t.s, o.v FROM t JOIN other o USING (id)',
  'SELECT id, t.s FROM t FULL JOIN other o USING (id)',
  'SELECT DISTINCT flag FROM t',
  'SELECT DISTINCT s, a FROM t WHERE a IS NOT NULL',
  'SELECT flag, count(*) AS rows_, count(a) AS a_, count(DISTINCT v) AS v_ FROM t GROUP BY flag',
  'SELECT flag, sum(a) AS total, min(b) AS low, max(d) AS high FROM t GROUP BY flag HAVING count(*) > 1',
  'SELECT a % 2 AS parity, sum(a) AS total FROM t GROUP BY a % 2',
  'SELECT count(*) AS n FROM t WHERE a > 100000000000',
  'SELECT sum(a) AS n, max(f) AS m FROM t WHERE a > 100000000',
  'SELECT count(*) FILTER (WHERE a > 0) AS n FROM t',
  'SELECT id, a FROM t ORDER BY a, id',
  'SELECT id, a FROM t ORDER BY a DESC, id DESC',
  'SELECT id, a FROM t ORDER BY a NULLS FIRST, id',
  'SELECT id, a FROM t ORDER BY a DESC NULLS LAST, id LIMIT 3',
  'SELECT id, a AS x FROM t ORDER BY x DESC NULLS FIRST, 1 LIMIT 3 OFFSET 2',
  'SELECT id FROM t ORDER BY flag, id',
  'SELECT a FROM t UNION SELECT a FROM other',
  'SELECT a FROM t UNION ALL SELECT a FROM other',
  'SELECT id FROM t EXCEPT SELECT id FROM other',
  'SELECT id FROM t INTERSECT SELECT id FROM other',
  'SELECT a FROM t UNION ALL SELECT a FROM other ORDER BY a',
  'SELECT id, s FROM t WHERE id IN (SELECT a FROM other WHERE a IS NOT NULL)',
  'SELECT id FROM t WHERE id NOT IN (SELECT id FROM other)',
  'SELECT id FROM t WHERE EXISTS (SELECT 1 FROM other o WHERE o.a = t.id)',
  'SELECT id, (SELECT max(o.a) FROM other o WHERE o.id <= t.id) AS m FROM t',
  'SELECT q.x, q.y FROM (SELECT id AS x, a + 1 AS y FROM t) AS q WHERE q.y > 0',
  'WITH big AS (SELECT id, a FROM t WHERE a > 5), small (k) AS (SELECT id FROM t WHERE a < 5) SELECT big.id, small.k FROM big CROSS JOIN small',
  'WITH RECURSIVE steps (k) AS (SELECT 1 AS k UNION ALL SELECT k + 1 FROM steps WHERE k < 5) SELECT k FROM steps',
  'SELECT id, row_number() OVER (ORDER BY id DESC) AS k FROM t',
  'SELECT id, rank() OVER (PARTITION BY flag ORDER BY d) AS k, lag(a) OVER (ORDER BY id) AS l FROM t',
  'SELECT id, sum(a) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS k FROM t',
  'SELECT id, count(*) OVER (PARTITION BY flag) AS k FROM t',
  'SELECT id, lead(a, 2) OVER w AS k FROM t WINDOW w AS (ORDER BY id)',
  "SELECT id, CASE WHEN a > 1 THEN 'many' ELSE 'few' END AS k, coalesce(s, '-') AS s, 1 AS one, 'x' AS x, NULL AS nil FROM t",
  'SELECT "Odd ""name""" AS "Other ""name""" FROM t',
  'SELECT q.total FROM (SELECT flag, sum(a) AS total FROM t GROUP BY flag) q WHERE q.total > 10',
];

const OWN: Readonly<Record<Engine, readonly string[]>> = {
  postgres: [
    'SELECT sum(n) AS total FROM t',
    'SELECT sum(b) AS total FROM t WHERE id < 5',
    'SELECT s FROM t ORDER BY s, id',
    'SELECT DISTINCT s FROM t ORDER BY s DESC',
    'SELECT s FROM t UNION SELECT v FROM other ORDER BY s',
    'SELECT min(s) AS low, max(v) AS high FROM t',
    'SELECT a > 1 AS more, flag FROM t',
    'SELECT count(flag) AS k FROM t',
  ],
  duckdb: [
    'SELECT sum(n) AS total FROM t',
    'SELECT s FROM t ORDER BY s, id',
    'SELECT DISTINCT s FROM t ORDER BY s DESC',
    'SELECT a / 2 AS half FROM t',
    'FROM t SELECT id',
  ],
  sqlite: [
    'SELECT s FROM t ORDER BY s, id',
    'SELECT s FROM t ORDER BY s COLLATE NOCASE, id',
    'SELECT a > 1 AS more FROM t',
    "SELECT id FROM t WHERE s LIKE 'AB%' OR v GLOB '*c'",
    'select id from `t` where flag = 1 and [a] == 1',
    'SELECT sum(a) AS k FROM t',
    "SELECT x.* FROM t x JOIN other USING (id) WHERE x.d >= '2020-01-01'",
  ],
};

for (const engine of ENGINES) {
  test(`views of ${engine} give the same elsewhere`, async () => {
    const faults: string[] = [];
    for (const sql of [...SHARED, ...OWN[engine]]) {
      await compare(engine, sql).catch((error: Error) => faults.push(error.message));
    }
    assert.deepEqual(faults, []);
  });
}
