// Schema features in DuckDB: views, sequences, and what other engines' tables become. DuckDB's catalog and inserting judge.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TableLoad } from '../../../../src/dialect/dialect.ts';
import { duckdb } from '../../../../src/dialect/duckdb/index.ts';
import { sqliteWords } from '../../../../src/dialect/sqlite/sql-words.ts';
import { loadGrammar, understandExpression } from '../../../../src/sql/sql.ts';
import type {
  DatabaseSchema,
  DefaultValue,
  Meaning,
  NotCarried,
  TableSchema,
} from '../../../../src/types/schema.ts';
import { columnSchema as column, tableSchema as table } from '../../../support/schemas.ts';
import { ask, copyFile, makeFile, newPath, openTarget, RUN } from './files.ts';

async function catalogOf(path: string): Promise<DatabaseSchema> {
  const source = await duckdb.openSource(duckdb.locate(path, {}), { connections: 1 });
  try {
    return await source.catalog(['*']);
  } finally {
    await source.close();
  }
}

let runs = 0;

/** Makes tables as a run does, without rows but those that `between` puts into the staging tables by SQL. */
async function makeTables(
  path: string,
  tables: readonly TableSchema[],
  load: Partial<TableLoad> = {},
  views: readonly Parameters<Awaited<ReturnType<typeof openTarget>>['makeViews']>[0][number][] = [],
  between: (loads: readonly TableLoad[]) => Promise<void> = async () => {},
): Promise<NotCarried[]> {
  const run = `schema-${++runs}`;
  const adopted = tables.map((table) => duckdb.ddl.adopt(table, 'sqlite'));
  const loads = adopted.map(
    ({ table }, at): TableLoad => ({
      runId: run,
      id: table.name,
      table,
      staging: { schema: table.schema, name: `_ferrow_${run}_${at}` },
      mode: 'create',
      columns: table.columns
        .filter((column) => !column.generated)
        .map(({ name, nativeType }) => ({
          name,
          wire: nativeType === 'VARCHAR' ? { kind: 'text' } : { kind: 'int', bits: 64, signed: true },
        })),
      parts: { indexes: true, foreignKeys: true },
      ...load,
    }),
  );
  const begin = async (work: (target: Awaited<ReturnType<typeof openTarget>>) => Promise<void>) => {
    const target = await openTarget(path);
    try {
      await work(target);
    } finally {
      await target.close();
    }
  };
  const lost = adopted.flatMap((each) => each.notCarried);
  await begin(async (target) => {
    await target.beginRun({ ...RUN, runId: run });
    await target.prepare(loads);
    await target.endRun(run, 'done');
  });
  await between(loads);
  await begin(async (target) => {
    for (const each of loads) lost.push(...(await target.finishTable(each)));
    lost.push(...(await target.finishRun(loads)));
    lost.push(...(await target.makeViews(views, false)));
    await target.endRun(run, 'done');
  });
  return lost;
}

test('views are read with what they read, in an order that works, and arrive', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE SCHEMA "o ther"',
    'CREATE TABLE t (a INTEGER, b VARCHAR)',
    'CREATE TABLE "o ther".u (a INTEGER)',
    'CREATE VIEW "o ther".near AS FROM u',
    'CREATE VIEW top ("A; a)", " AS ") AS SELECT a, b FROM t',
    'CREATE OR REPLACE VIEW last AS WITH t AS (SELECT 1 AS one) SELECT one, n.a FROM t, "o ther".near n WHERE EXISTS (FROM top)',
    "COMMENT ON VIEW last IS 'it''s last'",
    'CREATE VIEW shown AS SELECT a AS x FROM t',
    "COMMENT ON COLUMN shown.x IS 'odd'",
    'CREATE MACRO twice(n) AS n * 2',
    'CREATE VIEW calls AS SELECT twice(a) AS x FROM t',
    'INSERT INTO t VALUES (1, $$x$$)',
    'INSERT INTO "o ther".u VALUES (7)',
  ]);
  const { views, others } = await catalogOf(from);
  const found = views.map((view) => [
    view.name,
    view.reads.map((read) => `${read.schema}.${read.name}`).sort(),
  ]);
  assert.deepEqual(Object.fromEntries(found), {
    near: ['o ther.u'],
    top: ['main.t'],
    last: ['main.top', 'o ther.near'],
    shown: ['main.t'],
    calls: ['main.t'],
  });
  assert.ok(found.findIndex(([name]) => name === 'last') > found.findIndex(([name]) => name === 'top'));
  assert.deepEqual(
    others.map((other) => other.name),
    ['twice'],
  );
  assert.deepEqual(await copyFile(from, to), []);
  const loads = views.map((view) => {
    const adopted = duckdb.ddl.adoptView(view, 'duckdb', view, (each) => each);
    assert.ok('statements' in adopted);
    return adopted;
  });
  for (const replace of [false, true]) {
    const target = await openTarget(to);
    const lost = await target.makeViews(loads, replace);
    await target.close();
    assert.deepEqual(
      lost.map(({ object, name }) => `${object} ${name}`),
      ['view main.calls'],
    );
  }
  const defined =
    "SELECT schema_name, view_name, sql, comment FROM duckdb_views() WHERE NOT internal AND view_name <> 'calls' ORDER BY ALL";
  assert.deepEqual(await ask(to, 'SELECT * FROM last'), [['1', '7']]);
  assert.deepEqual(
    (await ask(to, defined)).map((row) => [row[0], row[1], row[3]]),
    (await ask(from, defined)).map((row) => [row[0], row[1], row[3]]),
  );
  const comments =
    "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'shown' ORDER BY ALL";
  assert.deepEqual(await ask(to, comments), await ask(from, comments));
});

test('sequences count on as they did', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE SEQUENCE shared START 10 INCREMENT 5 MAXVALUE 100 CYCLE',
    'CREATE SEQUENCE down INCREMENT -3',
    "CREATE TABLE a (x INTEGER DEFAULT nextval('shared'), y INTEGER DEFAULT nextval('down'))",
    "CREATE TABLE b (x INTEGER DEFAULT nextval('shared'))",
    'INSERT INTO a DEFAULT VALUES',
    'INSERT INTO b DEFAULT VALUES',
  ]);
  const { tables } = await catalogOf(from);
  const [a] = tables;
  assert.equal(a.columns[0].identity, null);
  assert.deepEqual(a.columns[1].identity, { kind: 'serial', next: '-4', options: { increment: '-3' } });
  assert.deepEqual(await copyFile(from, to), []);
  const sequences =
    'SELECT sequence_name, min_value, max_value, increment_by, cycle, sql FROM duckdb_sequences() ORDER BY ALL';
  assert.deepEqual(await ask(to, sequences), await ask(from, sequences));
  await makeFile(to, ['INSERT INTO a DEFAULT VALUES', 'INSERT INTO b DEFAULT VALUES']);
  assert.deepEqual(await ask(to, 'SELECT a.x, a.y, b.x FROM a, b WHERE a.x > 10 AND b.x > 15'), [
    ['20', '-4', '25'],
  ]);
});

const IN_SQLITE = [column('id', 'INTEGER', { nullable: false }), column('n', 'INTEGER'), column('t', 'TEXT')];

function means(sql: string, as: 'condition' | 'value' = 'condition'): Meaning {
  const meaning = understandExpression(sql, sqliteWords, IN_SQLITE, as);
  assert.equal(meaning.unknown, undefined);
  return meaning;
}

test('checks, generated columns, defaults and indexes of other engines work, or are listed', async (context) => {
  await loadGrammar();
  const path = newPath(context);
  const expression = (sql: string): DefaultValue => ({ kind: 'expression', sql, ...means(sql, 'value') });
  const made = table(
    'Odd "table"',
    [
      column('id', 'BIGINT', { nullable: false, identity: { kind: 'autoincrement', next: '50' } }),
      column('n', 'BIGINT', { default: expression('1 + 2') }),
      column('t', 'VARCHAR', {
        collation: 'NOCASE',
        default: { kind: 'text', sql: '', value: `it's \\ "q"` },
      }),
      column('twice', 'BIGINT', {
        generated: { expression: 'n * 2', stored: true, ...means('n * 2', 'value') },
      }),
      column('odd', 'VARCHAR', {
        default: { kind: 'expression', sql: 'soundex(1)', unknown: 'the function soundex' },
      }),
    ],
    {
      primaryKey: { name: null, columns: ['id'] },
      uniques: [{ name: 'u', columns: ['n', 't'], nullsNotDistinct: true, deferrable: true }],
      checks: [
        { name: 'positive', expression: 'n > 0', ...means('n > 0') },
        { name: 'broken', expression: 'n < 5', ...means('n < 5') },
        { name: 'strange', expression: 'soundex(t)', unknown: 'the function soundex' },
      ],
      indexes: [
        {
          name: 'sum',
          unique: true,
          parts: [
            {
              column: null,
              expression: 'n + id',
              descending: true,
              collation: null,
              ...means('n + id', 'value'),
            },
          ],
          where: null,
          method: 'btree',
          plain: true,
          definition: 'CREATE INDEX …',
        },
        {
          name: 'part',
          unique: false,
          parts: [{ column: 'n', expression: null, descending: false, collation: null }],
          where: 'n > 1',
          whereMeaning: means('n > 1'),
          method: 'btree',
          plain: true,
          definition: 'CREATE INDEX …',
        },
      ],
    },
  );
  const lost = await makeTables(path, [made], {}, [], async ([{ staging }]) =>
    makeFile(path, [
      `INSERT INTO ${duckdb.ddl.quoteTable(staging)} VALUES (1, 1, 'a', 'o'), (60, 9, NULL, 'o')`,
    ]),
  );
  assert.deepEqual(
    lost.map(({ object, name, instead }) => `${object} ${name}${instead ? `, ${instead}` : ''}`).sort(),
    [
      'check broken',
      'check strange',
      'collation NOCASE',
      'default odd',
      'index part',
      'index sum, without DESC',
      'unique constraint u, not deferrable',
      'unique constraint u, without NULLS NOT DISTINCT',
    ],
  );
  assert.match(lost.find((each) => each.name === 'broken')?.reason ?? '', /1 rows .* id = 60$/);
  const name = '"Odd ""table"""';
  await makeFile(path, [`INSERT INTO ${name} DEFAULT VALUES`]);
  assert.deepEqual(await ask(path, `SELECT * FROM ${name} WHERE id > 60`), [
    ['61', '3', `it's \\ "q"`, '6', null],
  ]);
  await assert.rejects(makeFile(path, [`INSERT INTO ${name} (n) VALUES (0)`]), /CHECK/);
  await assert.rejects(makeFile(path, [`INSERT INTO ${name} (id, n) VALUES (68, 1)`]), /[Dd]uplicate/);
});

test('what columns were is kept, and forgotten when the column is another', async (context) => {
  const path = newPath(context);
  const origins = ['a', 'b'].map((each) => ({
    column: each,
    made: 'whatever',
    origin: { engine: 'postgres' as const, nativeType: each === 'a' ? 'oid' : 'inet' },
  }));
  const made = table('"T" né', [column('a', 'BIGINT'), column('b', 'VARCHAR')]);
  await makeTables(path, [made], { origins });
  const origin = async () =>
    (await catalogOf(path)).tables[0].columns.map((each) => each.origin?.nativeType ?? null);
  assert.deepEqual(await origin(), ['oid', 'inet']);
  await makeFile(path, ['ALTER TABLE """T"" né" ALTER b TYPE BLOB']);
  assert.deepEqual(await origin(), ['oid', null]);
  await makeTables(path, [made], { mode: 'replace' });
  assert.deepEqual(await origin(), [null, null]);
});

test('the script makes it all, in the order it is in', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    'CREATE SCHEMA s',
    'CREATE SEQUENCE s.q INCREMENT 3 START 4',
    'CREATE TABLE a (id INTEGER PRIMARY KEY, q BIGINT DEFAULT nextval($$s.q$$), g INTEGER GENERATED ALWAYS AS (id + 1), CHECK (id > 0))',
    'CREATE TABLE b (id INTEGER REFERENCES a (id), UNIQUE (id))',
    'CREATE TABLE s.c (x VARCHAR COLLATE NOCASE)',
    'CREATE UNIQUE INDEX i ON s.c ((upper(x)))',
    "COMMENT ON INDEX s.i IS 'up'",
  ]);
  const { tables } = await catalogOf(from);
  const adopted = [...tables].reverse().map((each) => duckdb.ddl.adopt(each, 'duckdb').table);
  await makeFile(to, duckdb.ddl.script(adopted, { indexes: true, foreignKeys: true }));
  for (const sql of [
    'SELECT schema_name, table_name, constraint_text FROM duckdb_constraints() ORDER BY ALL',
    'SELECT schema_name, table_name, column_name, data_type, column_default, is_nullable FROM duckdb_columns() WHERE NOT internal ORDER BY ALL',
    'SELECT schema_name, index_name, sql, comment FROM duckdb_indexes() ORDER BY ALL',
    'SELECT schema_name, sequence_name, sql FROM duckdb_sequences() ORDER BY ALL',
  ])
    assert.deepEqual(await ask(to, sql), await ask(from, sql), sql);
});
