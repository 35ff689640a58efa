// Schema features of PostgreSQL, made again in PostgreSQL: its own catalog and inserting judge.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { postgres } from '../../../../src/dialect/postgres/index.ts';
import { type PostgresServer, runSql, startPostgres } from '../../../support/postgres.ts';
import { catalogOf, makeTables } from './make-tables.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

/** Two databases: one with these statements run, and an empty one. */
async function databases(...statements: string[]): Promise<[from: string, to: string]> {
  const from = await server.createDatabase();
  await runSql(from, ...statements);
  return [from, await server.createDatabase()];
}

async function ask(url: string, sql: string): Promise<unknown[][]> {
  const [{ rows }] = await runSql(url, sql);
  return rows.map((row: Record<string, unknown>) => Object.values(row));
}

async function same(from: string, to: string, sql: string): Promise<void> {
  assert.deepEqual(await ask(to, sql), await ask(from, sql), sql);
}

const IN_USERS = `n.nspname !~ '^(pg_|_ferrow|information_schema)'`;
const CONSTRAINTS = `SELECT k.conrelid::regclass::text, conname, pg_get_constraintdef(k.oid), convalidated, obj_description(k.oid, 'pg_constraint')
  FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE ${IN_USERS} AND k.conrelid <> 0 ORDER BY 1, 2`;
const INDEXES = `SELECT schemaname, tablename, indexdef, obj_description(format('%I.%I', schemaname, indexname)::regclass, 'pg_class')
  FROM pg_indexes WHERE schemaname !~ '^(pg_|_ferrow)' ORDER BY 1, 2, 3`;
const SEQUENCES = `SELECT schemaname, sequencename, data_type::text, start_value, min_value, max_value, increment_by, cycle, cache_size, last_value
  FROM pg_sequences ORDER BY 1, 2`;
const TABLES = `SELECT c.oid::regclass::text, c.relkind, c.relpersistence, c.reloptions, c.relreplident, pg_get_partkeydef(c.oid),
    pg_get_expr(c.relpartbound, c.oid), (SELECT array_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid),
    obj_description(c.oid, 'pg_class')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${IN_USERS} AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1`;
const COLUMNS = `SELECT a.attrelid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
    pg_get_expr(d.adbin, d.adrelid), a.attstorage, a.attstattarget, col_description(a.attrelid, a.attnum)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE ${IN_USERS} AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 ORDER BY 1, a.attnum`;

async function sameEverything(from: string, to: string): Promise<void> {
  for (const sql of [TABLES, COLUMNS, CONSTRAINTS, INDEXES]) await same(from, to, sql);
}

test('keys, checks, exclusions and indexes in every shape', async () => {
  const [from, to] = await databases(
    `CREATE TABLE parent (a int, b text, PRIMARY KEY (b, a) DEFERRABLE INITIALLY DEFERRED,
      c int CONSTRAINT "c ""is"" one" UNIQUE NULLS NOT DISTINCT, d int, UNIQUE (d) INCLUDE (a), e text CONSTRAINT "must be" NOT NULL)
      WITH (fillfactor = 60, autovacuum_enabled = false)`,
    `CREATE UNLOGGED TABLE child (id int PRIMARY KEY, r int4range, EXCLUDE USING gist (r WITH &&), n int, up int REFERENCES child ON DELETE SET NULL,
      CONSTRAINT small CHECK (n < 10) NO INHERIT, CONSTRAINT later CHECK (n > 0) NOT ENFORCED)`,
    `ALTER TABLE child ADD CONSTRAINT old CHECK (n <> 5) NOT VALID`,
    `CREATE INDEX i1 ON parent (b text_pattern_ops DESC NULLS LAST, a NULLS FIRST) INCLUDE (d) WHERE a > 0`,
    `CREATE INDEX i2 ON parent USING gin (to_tsvector('simple', b)) WITH (fastupdate = off)`,
    `CREATE UNIQUE INDEX i3 ON parent ((a + 1), lower(b)) NULLS NOT DISTINCT`,
    `CREATE INDEX i4 ON parent (b COLLATE "C", (b || 'x') COLLATE "C")`,
    `COMMENT ON CONSTRAINT small ON child IS 'it''s \\ small'`,
    `COMMENT ON CONSTRAINT "c ""is"" one" ON parent IS 'one'`,
    `COMMENT ON INDEX i1 IS 'first'`,
    `ALTER TABLE parent ALTER b SET STORAGE EXTERNAL, ALTER a SET STATISTICS 500, REPLICA IDENTITY FULL`,
  );
  const { tables } = await catalogOf(from);
  assert.deepEqual(await makeTables(to, tables, { rows: { child: `(1, '[1,3)', 5, NULL)` } }), []);
  await sameEverything(from, to);
  await assert.rejects(runSql(to, `INSERT INTO child VALUES (2, '[2,4)', 1)`), /child_r_excl/);
  await assert.rejects(runSql(to, `INSERT INTO child VALUES (2, '[7,8)', 5)`), /old/);
  await assert.rejects(
    runSql(to, `INSERT INTO parent VALUES (1, 'x', NULL, 1, ''), (2, 'x', NULL, 2, '')`),
    /c "is" one/,
  );
});

test('identities and sequences go on as they counted', async () => {
  const [from, to] = await databases(
    `CREATE SEQUENCE shared START 100 INCREMENT 5 MAXVALUE 1000 CYCLE CACHE 3`,
    `CREATE SCHEMA "other schema"`,
    `CREATE SEQUENCE "other schema"."S 1"`,
    `CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (START 7 INCREMENT 7), b smallserial, c bigint DEFAULT nextval('shared'),
      d numeric DEFAULT nextval('"other schema"."S 1"'), e int)`,
    `CREATE SEQUENCE own INCREMENT -2`,
    `ALTER SEQUENCE own OWNED BY t.e`,
    `ALTER TABLE t ALTER e SET DEFAULT nextval('own')`,
    `CREATE TABLE u (c bigint DEFAULT nextval('shared'))`,
    `SELECT setval('shared', 200), setval('own', -50, false), setval('"other schema"."S 1"', 4)`,
    `ALTER TABLE t ALTER a RESTART WITH 70`,
  );
  const { tables, others } = await catalogOf(from);
  assert.deepEqual(others, []);
  assert.deepEqual(await makeTables(to, tables, { rows: { t: '(63, 2, 150, 3, -48)', u: '(195)' } }), []);
  await sameEverything(from, to);
  const next = `INSERT INTO t DEFAULT VALUES RETURNING a::int, b::int, c::int, d::int, e::int`;
  await same(
    from,
    to,
    `SELECT schemaname, sequencename, data_type::text, start_value, min_value, max_value, increment_by, cycle, cache_size FROM pg_sequences ORDER BY 1, 2`,
  );
  // In the source nothing has come from the serial.
  assert.deepEqual(await ask(to, next), [[70, 3, 205, 5, -50]]);
  assert.deepEqual(await ask(from, next), [[70, 1, 205, 5, -50]]);
  assert.deepEqual(
    await ask(to, 'INSERT INTO u DEFAULT VALUES RETURNING c::int'),
    await ask(from, 'INSERT INTO u DEFAULT VALUES RETURNING c::int'),
  );
});

test('partitions of partitions, with what each has of its own, and inheritance', async () => {
  const [from, to] = await databases(
    `CREATE TABLE kind (id int PRIMARY KEY)`,
    `CREATE TABLE "ev""ents" (id int NOT NULL, at date NOT NULL, kind int DEFAULT 1 REFERENCES kind, what text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)`,
    `CREATE TABLE "ev 2020" PARTITION OF "ev""ents" FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY HASH (id)`,
    `CREATE TABLE ev_2020_0 PARTITION OF "ev 2020" FOR VALUES WITH (MODULUS 2, REMAINDER 0) WITH (fillfactor = 50)`,
    `CREATE TABLE ev_2020_1 PARTITION OF "ev 2020" FOR VALUES WITH (MODULUS 2, REMAINDER 1)`,
    `CREATE TABLE ev_rest PARTITION OF "ev""ents" (CONSTRAINT no_x CHECK (what <> 'x')) DEFAULT`,
    `CREATE INDEX ev_what ON "ev""ents" (what)`,
    `CREATE UNIQUE INDEX rest_only ON ev_rest (what DESC)`,
    `ALTER TABLE ev_rest ALTER kind SET DEFAULT 2`,
    `COMMENT ON TABLE ev_rest IS 'what is left'`,
    `CREATE TABLE refers (id int, at date, FOREIGN KEY (id, at) REFERENCES "ev""ents")`,
    `CREATE TABLE person (id serial PRIMARY KEY, name text CHECK (name <> ''))`,
    `CREATE TABLE named (nick text)`,
    `CREATE TABLE worker (wage int) INHERITS (person, named)`,
  );
  const { tables, others } = await catalogOf(from);
  assert.ok(others.every((other) => other.carriedToSame));
  const rows = {
    kind: '(1), (2)',
    'ev"ents': `(1, '2020-05-01', 1, 'a'), (2, '2020-06-01', 1, 'b'), (3, '2030-01-01', 2, 'c')`,
    person: `(1, 'p')`,
    worker: `(2, 'w', 'nick', 10)`,
  };
  assert.deepEqual(await makeTables(to, tables, { rows }), []);
  await sameEverything(from, to);
  await runSql(
    from,
    `INSERT INTO kind VALUES ${rows.kind}`,
    `INSERT INTO "ev""ents" VALUES ${rows['ev"ents']}`,
    `INSERT INTO person VALUES ${rows.person}`,
    `INSERT INTO worker VALUES ${rows.worker}`,
  );
  await same(from, to, `SELECT tableoid::regclass::text, * FROM "ev""ents" ORDER BY id`);
  await same(from, to, 'SELECT tableoid::regclass::text, * FROM person ORDER BY id');
  await assert.rejects(runSql(to, `INSERT INTO ev_rest VALUES (9, '2031-01-01', 1, 'x')`), /no_x/);
  // Again, over what stands.
  assert.deepEqual(await makeTables(to, tables, { rows, mode: 'replace' }), []);
  await sameEverything(from, to);
  await runSql(to, 'CREATE TABLE third () INHERITS (person)');
  await assert.rejects(makeTables(to, tables, { mode: 'replace' }), { code: 'E_TABLE_IN_USE' });
});

test('a partition’s name that is taken stops the run before anything is touched', async () => {
  const [from, to] = await databases(
    'CREATE TABLE whole (a int) PARTITION BY LIST (a)',
    'CREATE TABLE part PARTITION OF whole DEFAULT',
  );
  await runSql(to, 'CREATE TABLE part (x int)');
  const { tables } = await catalogOf(from);
  await assert.rejects(makeTables(to, tables), { code: 'E_TABLE_EXISTS', message: /"public"."part"/ });
});

test('views arrive in order, with options, comments and the indexes of materialised ones', async () => {
  const [from, to] = await databases(
    `CREATE TABLE t (a int, b text)`,
    `CREATE VIEW z_first ("A a", b) WITH (security_barrier, check_option = local) AS SELECT a, b FROM t WHERE a > 0`,
    `CREATE MATERIALIZED VIEW mid AS SELECT "A a" AS n, count(*) AS c FROM z_first GROUP BY 1`,
    `CREATE UNIQUE INDEX mid_n ON mid (n)`,
    `CREATE VIEW a_last AS WITH RECURSIVE r AS (SELECT 1::bigint AS x UNION ALL SELECT x + 1 FROM r WHERE x < 3) SELECT c, x FROM mid, r`,
    `CREATE MATERIALIZED VIEW empty AS SELECT 1 AS one WITH NO DATA`,
    `COMMENT ON VIEW a_last IS 'last'`,
    `COMMENT ON COLUMN z_first."A a" IS 'the a'`,
    `CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    `CREATE VIEW calls AS SELECT f(a) FROM t`,
  );
  const catalog = await catalogOf(from);
  const adopted = catalog.views.map((view) => postgres.ddl.adoptView(view, 'postgres', view, (each) => each));
  const views = adopted.map((view) => {
    assert.ok('statements' in view);
    return view;
  });
  const lost = await makeTables(to, catalog.tables, { rows: { t: `(1, 'x'), (-1, 'y')` }, views });
  assert.deepEqual(
    lost.map(({ object, name }) => `${object} ${name}`),
    ['view public.calls'],
  );
  const defined = `SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' AND viewname <> 'calls'
    UNION ALL SELECT matviewname, definition || ispopulated FROM pg_matviews ORDER BY 1`;
  await same(from, to, defined);
  await same(from, to, INDEXES);
  await runSql(from, 'DROP VIEW calls');
  await same(from, to, TABLES);
  await same(from, to, COLUMNS);
  assert.deepEqual(await ask(to, 'SELECT n, c::int FROM mid'), [[1, 1]]);
  // Replaced with what they read.
  const remade = views.map((view) => view.name).reverse();
  const again = { rows: { t: '(5, NULL)' }, views, mode: 'replace' as const, load: { remade } };
  assert.equal((await makeTables(to, catalog.tables, again)).length, 1);
  assert.deepEqual(await ask(to, 'SELECT n, c::int FROM mid'), [[5, 1]]);
  await assert.rejects(makeTables(to, catalog.tables, { mode: 'replace' }), { code: 'E_TABLE_IN_USE' });
});

test('the script makes it all, in the order it is in', async () => {
  const [from, to] = await databases(
    `CREATE SCHEMA s`,
    `CREATE TYPE s.mood AS ENUM ('a', 'b')`,
    `CREATE DOMAIN pos AS int CHECK (VALUE > 0)`,
    `CREATE SEQUENCE s.q INCREMENT 3`,
    `CREATE TABLE a (id int PRIMARY KEY, m s.mood DEFAULT 'a', p pos, q bigint DEFAULT nextval('s.q'), b int)`,
    `CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a)`,
    `ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b`,
    `CREATE TABLE s.p (a int GENERATED BY DEFAULT AS IDENTITY (INCREMENT 2)) PARTITION BY HASH (a)`,
    `CREATE TABLE s.p0 PARTITION OF s.p FOR VALUES WITH (MODULUS 1, REMAINDER 0)`,
    `CREATE INDEX p_a ON s.p (a)`,
    `CREATE TABLE base (x int)`,
    `CREATE TABLE derived (y int) INHERITS (base)`,
    `CREATE TABLE nothing ()`,
  );
  const { tables } = await catalogOf(from);
  const adopted = tables.map((table) => postgres.ddl.adopt(table, 'postgres').table);
  const script = postgres.ddl.script(adopted, { indexes: true, foreignKeys: true });
  await runSql(to, ...script);
  await sameEverything(from, to);
  await same(from, to, SEQUENCES);
});
