// Every type of PostgreSQL with the values at its edges, in the server's own SQL; and the way of a table from server to
// server: by its own bytes, or by canonical types as if another engine stood between.
import assert from 'node:assert/strict';
import { compileCrossing } from '../../../../src/coerce/compile.ts';
import type { SourceEngine, TableLoad, TargetEngine } from '../../../../src/dialect/dialect.ts';
import { postgresCodec } from '../../../../src/dialect/postgres/codec/index.ts';
import { postgres } from '../../../../src/dialect/postgres/index.ts';
import { typeName } from '../../../../src/types/logical-type.ts';
import { isRefusal, type ReadType } from '../../../../src/types/mapping.ts';
import type { Policies } from '../../../../src/types/policy.ts';
import type { ColumnSchema, TableSchema } from '../../../../src/types/schema.ts';

export const SETUP: readonly string[] = [
  'CREATE EXTENSION hstore',
  'CREATE EXTENSION citext',
  'CREATE EXTENSION ltree',
  'CREATE EXTENSION cube',
  'CREATE EXTENSION isn',
];

/** Types of the user's own, which the run makes in the target. */
export const OWN_TYPES: readonly string[] = [
  'CREATE SCHEMA "Own Types"',
  `CREATE TYPE "Own Types"."Mood" AS ENUM ('sad', '', 'it''s', 'Grüße 😀')`,
  `CREATE DOMAIN email AS varchar(50) DEFAULT 'a@b' CONSTRAINT "an @" CHECK (VALUE LIKE '%@%')`,
  'CREATE DOMAIN long_email AS email CHECK (length(VALUE) > 5)',
  'CREATE DOMAIN moods AS "Own Types"."Mood"[]',
  `CREATE TYPE pair AS (a int, "B b" "Own Types"."Mood", t text COLLATE "C", n numeric(10,2), d date)`,
  'CREATE TYPE deep AS (p pair, ps pair[], e long_email, bits bit(3)[])',
  'CREATE TYPE mixed AS (i inet, x int)',
  'CREATE TYPE float_range AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi)',
  'CREATE DOMAIN positive AS int CHECK (VALUE > 0)',
  'CREATE DOMAIN net AS inet',
];

/** SQL type, values as text, and what the column is to other engines. */
export const TYPES: readonly (readonly [string, readonly string[], string])[] = [
  ['boolean', ['t', 'f'], 'bool'],
  ['smallint', ['-32768', '32767'], 'int16'],
  ['integer', ['-2147483648', '2147483647'], 'int32'],
  ['bigint', ['-9223372036854775808', '9223372036854775807'], 'int64'],
  ['oid', ['0', '4294967295'], 'uint32'],
  ['xid', ['3', '4294967295'], 'uint32'],
  ['xid8', ['18446744073709551615'], 'uint64'],
  ['real', ['NaN', '-Infinity', '1e-45', '-0'], 'float32'],
  ['double precision', ['NaN', 'Infinity', '5e-324', '-0', '0.1'], 'float64'],
  [
    'numeric',
    ['NaN', 'Infinity', '-Infinity', '1.10', '1e-20', '12345678901234567890123456789012345678901234567890'],
    'numeric',
  ],
  ['numeric(10,2)', ['1.10', '-99999999.99'], 'decimal(10,2)'],
  ['numeric(38,38)', ['0.99999999999999999999999999999999999999'], 'decimal(38,38)'],
  ['numeric(5,-2)', ['1234500', '-100'], 'decimal(7,0)'],
  ['numeric(2,5)', ['0.00012'], 'decimal(5,5)'],
  ['numeric(50,3)', ['NaN', '12345678901234567890123456789012345678901234567.123'], 'numeric'],
  ['money', ['92233720368547758.07', '-92233720368547758.08', '0.01'], 'decimal(19,2)'],
  ['text', ['', 'Grüße 😀'], 'text'],
  ['character varying(5)', ['', 'ab', 'äöü😀x'], 'text(5)'],
  ['character(5)', ['ab', ''], 'char(5)'],
  ['bpchar', ['ab ', ''], 'text'],
  ['name', ['a', 'x'.repeat(63)], 'text'],
  ['"char"', ['a', '', '\\351'], 'text'],
  ['public.citext', ['AbC'], 'text'],
  ['bytea', ['\\x', '\\x00ff'], 'binary'],
  ['date', ['infinity', '-infinity', '4714-11-24 BC', '5874897-12-31', '0044-03-15 BC'], 'date'],
  ['time without time zone', ['00:00', '24:00:00', '23:59:59.999999'], 'time[us]'],
  ['time(2) without time zone', ['23:59:59.99', '24:00'], 'time[us]'],
  ['time with time zone', ['00:00+15:59:59', '24:00:00-15:59:59', '12:34:56.5+05:30'], 'timetz'],
  ['time(0) with time zone', ['12:34:56-03:30'], 'timetz'],
  [
    'timestamp without time zone',
    ['infinity', '-infinity', '4714-11-24 BC', '294247-01-10 04:00:54.775806', '2024-02-29 12:34:56.789012'],
    'timestamp[us]',
  ],
  ['timestamp(0) without time zone', ['2024-02-29 12:34:56', 'infinity'], 'timestamp[us]'],
  ['timestamp(3) with time zone', ['2024-02-29 12:34:56.789+02', '-infinity'], 'timestamp[us, UTC]'],
  ['timestamp(5) without time zone', ['2024-02-29 12:34:56.78901'], 'timestamp[us]'],
  ['timestamp with time zone', ['0044-03-15 12:00:00 BC', 'infinity'], 'timestamp[us, UTC]'],
  [
    'interval',
    ['0', '1 year 2 mons -3 days 04:05:06.000007', 'infinity', '-infinity', '-178956970 years -8 mons'],
    'interval',
  ],
  ['interval(3)', ['1 day 00:00:00.123'], 'interval'],
  ['interval year to month', ['3 years 4 mons'], 'interval'],
  ['uuid', ['00112233-4455-6677-8899-aabbccddeeff'], 'uuid'],
  ['json', [' {"a":1, "a":2e400}', '"\\u0000"'], 'json'],
  ['jsonb', ['{"b": 1, "a": [1.10, null]}'], 'json (binary)'],
  ['xml', ['<a>é</a>', '<?xml version="1.0" encoding="ISO-8859-1"?><b/>', ''], 'text'],
  ['bit(1)', ['0', '1'], 'bit(1)'],
  ['bit(11)', ['10000000001'], 'bit(11)'],
  ['bit varying', ['', '1', '010101010'], 'bit'],
  ['bit varying(12)', ['', '101010101010'], 'bit'],
  ['inet', ['10.0.0.1/8', '10.0.0.1', '::1', '2001:db8::1/32'], 'text'],
  ['cidr', ['10.0.0.0/8', '2001:db8::/32'], 'text'],
  ['macaddr', ['08:00:2b:01:02:03'], 'text'],
  ['macaddr8', ['08:00:2b:01:02:03:04:05'], 'text'],
  ['int4range', ['empty', '[1,5)', '(,)'], 'text'],
  ['numrange', ['(1.10,2.2]', '(,Infinity)'], 'text'],
  ['tstzrange', ['[2024-01-01 00:00+00,infinity)'], 'text'],
  ['int8multirange', ['{}', '{[1,3),[5,7)}'], 'text'],
  ['public.float_range', ['[0.1,1e300)', '(,)'], 'text'],
  ['public.float_multirange', ['{[0.1,1)}'], 'text'],
  ['tsvector', ['a:1A fat:2B,4C cat', "'it''s' 'two words'"], 'text'],
  ['tsquery', ['fat:*A & (rat | !cat)', "'a b' <2> c"], 'text'],
  ['jsonpath', ['$.a[*] ? (@ > 1.10)'], 'text'],
  ['pg_lsn', ['16/B374D848'], 'text'],
  ['pg_snapshot', ['10:20:10,14'], 'text'],
  ['txid_snapshot', ['10:20:10,14'], 'text'],
  ['tid', ['(1,2)'], 'text'],
  ['point', ['(0.1,-0)', '(Infinity,NaN)'], 'text'],
  ['line', ['{1,2,3}'], 'text'],
  ['lseg', ['[(0,0),(1,1)]'], 'text'],
  ['box', ['(2,2),(0,0)'], 'text'],
  ['path', ['[(0,0),(1,1)]', '((0,0),(1,1),(2,0))'], 'text'],
  ['polygon', ['((0,0),(1,1),(2,0))'], 'text'],
  ['circle', ['<(1,2),3>'], 'text'],
  ['oidvector', ['1 2 3'], 'text'],
  ['int2vector', ['', '-1 2'], 'text'],
  ['regclass', ['pg_class', '-'], 'text'],
  ['regtype', ['integer', 'timestamp with time zone'], 'text'],
  ['regprocedure', ['lower(text)'], 'text'],
  ['aclitem', ['ferrow=r/ferrow'], 'text'],
  ['refcursor', ['c1'], 'text'],
  ['public.ltree', ['a.b.c', ''], 'text'],
  ['public.lquery', ['*.a'], 'text'],
  ['public.cube', ['(1, 2),(3, 4)', '(0.1)'], 'text'],
  ['public.hstore', ['a=>1, b=>NULL, ""=>"x y"', ''], 'map(text, text)'],
  ['"Own Types"."Mood"', ['sad', '', "it's", 'Grüße 😀'], `enum('sad', '', 'it''s', 'Grüße 😀')`],
  ['public.email', ['a@b.c'], 'text(50)'],
  ['public.long_email', ['a@bcdef'], 'text(50)'],
  ['public.positive', ['1'], 'int32'],
  ['public.net', ['10.0.0.1'], 'text'],
  ['public.moods', ['{sad,"",NULL}', '{}'], `enum('sad', '', 'it''s', 'Grüße 😀')[]`],
  ['boolean[]', ['{t,NULL,f}', '{}'], 'bool[]'],
  ['integer[]', ['{1,NULL,-2147483648}', '{}'], 'int32[]'],
  ['bigint[]', ['{{1,2},{3,NULL}}', '{}'], 'int64[][]'],
  ['oid[]', ['{1,4294967295}'], 'uint32[]'],
  ['text[]', ['{"a,b","\\"",NULL,"NULL",""}', '{}'], 'text[]'],
  ['character varying(5)[]', ['{abcde,NULL}'], 'text(5)[]'],
  ['character(3)[]', ['{"a  ","abc"}'], 'char(3)[]'],
  ['name[]', ['{a,b}'], 'text[]'],
  ['public.citext[]', ['{A,b}'], 'text[]'],
  ['numeric[]', ['{1.10,NaN,-Infinity}'], 'numeric[]'],
  ['numeric(10,2)[]', ['{1.10,-0.01}'], 'decimal(10,2)[]'],
  ['money[]', ['{0.01,-5}'], 'decimal(19,2)[]'],
  ['bytea[]', ['{"\\\\x00ff",NULL}'], 'binary[]'],
  ['date[]', ['{infinity,0044-03-15 BC}'], 'date[]'],
  ['time(1) without time zone[]', ['{12:00:00.1}'], 'time[us][]'],
  ['timestamp(3) without time zone[]', ['{"2024-02-29 12:34:56.789",infinity}'], 'timestamp[ms][]'],
  ['timestamp with time zone[]', ['{"2024-02-29 12:34:56.789012+02"}'], 'timestamp[us, UTC][]'],
  ['time with time zone[]', ['{12:00+05:30}'], 'timetz[]'],
  ['interval[]', ['{infinity,"1 mon -2 days"}'], 'interval[]'],
  ['uuid[]', ['{00112233-4455-6677-8899-aabbccddeeff}'], 'uuid[]'],
  ['json[]', ['{"{\\"a\\": 1 }",NULL,"null"}'], 'json[]'],
  ['jsonb[]', ['{"{\\"a\\": 1}"}'], 'json (binary)[]'],
  ['bit(3)[]', ['{101,NULL}'], 'bit(3)[]'],
  ['bit varying[]', ['{"",1}'], 'bit[]'],
  ['inet[]', ['{10.0.0.1,NULL,::1/64}'], 'text[]'],
  ['xml[]', ['{<a/>,NULL}'], 'text[]'],
  ['int4range[]', ['{"[1,5)",empty}'], 'text[]'],
  ['tsvector[]', [`{"'a':1 'b'"}`], 'text[]'],
  ['regtype[]', ['{integer,text}'], 'text[]'],
  ['"Own Types"."Mood"[]', ['{"it\'s",NULL,""}'], `enum('sad', '', 'it''s', 'Grüße 😀')[]`],
  ['public.positive[]', ['{1,NULL,2}'], 'int32[]'],
  ['public.net[]', ['{10.0.0.1}'], 'text[]'],
  ['public.moods[]', ['{"{sad,NULL}","{}"}'], 'text[]'],
  ['public.hstore[]', ['{"a=>1",NULL,""}'], 'map(text, text)[]'],
  [
    'public.pair',
    ['(1,it\'s,"a,b",1.10,infinity)', '(,,,,)'],
    `struct("a" int32, "B b" enum('sad', '', 'it''s', 'Grüße 😀'), "t" text, "n" decimal(10,2), "d" date)`,
  ],
  [
    'public.pair[]',
    ['{"(1,sad,x,2.20,2024-01-01)",NULL,"(,,,,)"}'],
    `struct("a" int32, "B b" enum('sad', '', 'it''s', 'Grüße 😀'), "t" text, "n" decimal(10,2), "d" date)[]`,
  ],
  [
    'public.deep',
    ['("(1,sad,x,2.20,2024-01-01)","{""(,,,,)"",NULL}",a@bcdef,"{101,000}")', '(,,,)'],
    'struct("p" struct("a" int32, "B b" enum(\'sad\', \'\', \'it\'\'s\', \'Grüße 😀\'), "t" text, "n" decimal(10,2), "d" date), "ps" struct("a" int32, "B b" enum(\'sad\', \'\', \'it\'\'s\', \'Grüße 😀\'), "t" text, "n" decimal(10,2), "d" date)[], "e" text(50), "bits" bit(3)[])',
  ],
  ['public.mixed', ['(10.0.0.1,2)', '(,)'], 'text'],
  ['public.mixed[]', ['{"(10.0.0.1,2)",NULL}'], 'text[]'],
];

/** Types of which only PostgreSQL knows anything. */
export const ONLY_HERE: readonly (readonly [string, readonly string[]])[] = [
  ['public.isbn13', ['978-0-393-04002-9']],
  ['public.isbn13[]', ['{978-0-393-04002-9,NULL}']],
];

export interface Way {
  readonly table: TableSchema;
  readonly read: readonly ReadType[];
  readonly load: TableLoad;
}

/** How a table goes: `same` between PostgreSQL servers, `home` by canonical types into columns of the old types. */
export async function wayOf(
  source: SourceEngine,
  table: TableSchema,
  how: 'same' | 'home',
  options: { policies?: Policies; mode?: TableLoad['mode']; existing?: TableSchema } = {},
): Promise<Way> {
  const { policies = {}, mode = 'create', existing } = options;
  const sameEngine = how === 'same';
  const probes = table.columns.map((column) => ({
    name: column.name,
    probes: sameEngine ? [] : postgres.types.probes(column, policies),
  }));
  const evidence = await source.prescan({ table, where: null, columns: probes });
  const read: ReadType[] = [];
  const columns: ColumnSchema[] = [];
  const wires = table.columns.map((column, at) => {
    const type = postgres.types.read(column, evidence[at], { sameEngine, policies });
    assert.ok(!isRefusal(type), `${column.nativeType}: ${'reason' in type ? type.reason : ''}`);
    read.push(type);
    const target: ColumnSchema = existing?.columns[at] ?? {
      ...column,
      typeFacts: { ...column.typeFacts, ...type.originFacts },
    };
    columns.push(target);
    const made =
      sameEngine && !existing
        ? postgres.types.create(type.wire, column, evidence[at], { sameEngine, policies })
        : postgres.types.write(target, sameEngine ? type.wire : type.logical);
    assert.ok(!isRefusal(made), `${column.nativeType}: ${'reason' in made ? made.reason : ''}`);
    return { name: column.name, wire: made.wire, checks: made.checks };
  });
  const load: TableLoad = {
    runId: 'run',
    id: `t_${table.name}`,
    table: { ...(existing ?? table), columns },
    staging: {
      schema: table.schema,
      name: `_ferrow_${Buffer.from(table.name).toString('hex').slice(0, 20)}`,
    },
    mode,
    columns: wires.map(({ name, wire }) => ({ name, wire })),
    parts: { indexes: true, foreignKeys: true },
  };
  return { table, read, load };
}

/** Carries the rows; `runId` must have begun, and the load be prepared. */
export async function carry(
  source: SourceEngine,
  target: TargetEngine,
  { table, read, load }: Way,
  runId: string,
  policies: Policies = {},
): Promise<void> {
  const columns = table.columns.map(({ name }, at) => ({
    name,
    wire: read[at].wire,
    select: read[at].select,
  }));
  const request = { table, columns, where: null, batchRows: 1000, batchBytes: 1 << 20 };
  const fields = columns.map(({ name, wire }) => ({ name, type: wire }));
  const cross = compileCrossing(
    columns.map(({ name, wire }, at) => ({
      name,
      read: wire,
      readChecks: read[at].checks,
      logical: read[at].logical,
      write: load.columns[at].wire,
      writeChecks: [],
      policies,
    })),
    [],
  );
  const writer = await target.openWriter(load);
  const [partition] = await source.partitions(request, 1);
  const cursor = await source.openCursor(request, partition);
  try {
    for (let chunk = await source.next(cursor); chunk; chunk = await source.next(cursor)) {
      const crossed = cross(postgresCodec.decode(chunk.payload, chunk.rowCount, fields));
      assert.deepEqual(crossed.refused, []);
      const payload = postgresCodec.encode(crossed.batch);
      const { rowCount: rows, seq } = chunk;
      const entry = {
        runId,
        tableId: load.id,
        partitionId: load.mode,
        seq,
        epoch: 1,
        attempt: 1,
        rows,
        bytes: 1,
      };
      await target.write(writer, { ...chunk, payload }, entry);
    }
    await target.commit(writer);
  } finally {
    await source.closeCursor(cursor);
    await target.closeWriter(writer);
  }
  await target.finishTable(load);
}

export function shownType(type: ReadType): string {
  return typeName(type.logical);
}
