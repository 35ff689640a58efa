// Every carried type through source, codec and target: edge values, NULLs at every turn of a vector, text of
// every length, unions. Judged by DuckDB itself, which compares both files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, copyFile, makeFile, newPath, sameRows } from './files.ts';

const EDGES: Record<string, readonly string[]> = {
  BOOLEAN: ['true', 'false'],
  TINYINT: ['-128', '127', '0'],
  SMALLINT: ['-32768', '32767'],
  INTEGER: ['-2147483648', '2147483647'],
  BIGINT: ["'-9223372036854775808'", '9223372036854775807', '9007199254740993'],
  HUGEINT: ["'-170141183460469231731687303715884105728'", "'170141183460469231731687303715884105727'", '-1'],
  UTINYINT: ['255', '0'],
  USMALLINT: ['65535'],
  UINTEGER: ['4294967295'],
  UBIGINT: ["'18446744073709551615'"],
  UHUGEINT: ["'340282366920938463463374607431768211455'"],
  FLOAT: ["'nan'", "'inf'", "'-inf'", "'-0.0'", '1.17549435e-38', '3.4028235e38'],
  DOUBLE: ["'nan'", "'inf'", "'-inf'", "'-0.0'", '5e-324', '1.7976931348623157e308', '0.1'],
  'DECIMAL(4,2)': ['99.99', '-99.99', '0', '0.01'],
  'DECIMAL(9,0)': ['999999999', '-999999999'],
  'DECIMAL(18,18)': ["'0.999999999999999999'", "'-0.999999999999999999'"],
  'DECIMAL(38,0)': ["'99999999999999999999999999999999999999'", "'-99999999999999999999999999999999999999'"],
  'DECIMAL(19,9)': ["'9999999999.999999999'", '-1.000000001'],
  VARCHAR: [
    "''",
    "'twelve bytes'",
    "'thirteen byte'",
    "'äöü€😀'",
    "'a' || chr(0) || 'b'",
    "repeat('x', 5000)",
    "'it''s'",
  ],
  JSON: [`'{"a": 1, "a": [null, "\\u0000"]}'`, "'null'", "'  1e2 '"],
  BLOB: ["''::BLOB", "'\\x00\\xFF\\x00'::BLOB", "repeat('\\xAB', 300)::BLOB"],
  DATE: [
    "'infinity'",
    "'-infinity'",
    "'5877642-06-25 (BC)'",
    "'5881580-07-10'",
    "'1970-01-01'",
    "'0044-03-15 (BC)'",
  ],
  TIME: ["'00:00:00'", "'24:00:00'", "'23:59:59.999999'"],
  TIME_NS: ["'00:00:00'", "'24:00:00'", "'23:59:59.999999999'"],
  TIMESTAMP: [
    "'infinity'",
    "'-infinity'",
    "'290309-12-22 (BC) 00:00:00'",
    "'294247-01-10 04:00:54.775806'",
    "'1969-12-31 23:59:59.999999'",
  ],
  TIMESTAMP_S: ["'infinity'", "'-infinity'", "'1970-01-01 00:00:01'"],
  TIMESTAMP_MS: ["'infinity'", "'-infinity'", "'1970-01-01 00:00:00.001'"],
  TIMESTAMP_NS: ["'infinity'", "'-infinity'", "'2262-04-11 23:47:16.854775806'", "'1677-09-22 00:00:00'"],
  'TIMESTAMP WITH TIME ZONE': ["'infinity'", "'-infinity'", "'2024-02-29 12:00:00+05:30'"],
  UUID: [
    "'00000000-0000-0000-0000-000000000000'",
    "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
    "'80000000-0000-0000-0000-000000000001'",
    "'123e4567-e89b-12d3-a456-426614174000'",
  ],
  BIGNUM: [
    "'123456789012345678901234567890123456789012345678901234567890'::VARCHAR::BIGNUM",
    "'-1'::VARCHAR::BIGNUM",
    "'0'::VARCHAR::BIGNUM",
  ],
};

test('edge values of every type arrive as they were, among NULLs', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  const names = Object.keys(EDGES);
  const statements = [`CREATE TABLE t (n INTEGER, ${names.map((type, at) => `c${at} ${type}`).join(', ')})`];
  const most = Math.max(...Object.values(EDGES).map((values) => values.length));
  for (let row = 0; row <= most; row++) {
    const values = names.map((type) => {
      const literal = EDGES[type][row];
      return literal === undefined ? 'NULL' : `CAST(${literal} AS ${type})`;
    });
    statements.push(`INSERT INTO t VALUES (${row}, ${values.join(', ')})`);
  }
  await makeFile(from, statements);
  const lost = await copyFile(from, to);
  assert.deepEqual(lost, []);
  const types =
    "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 't' ORDER BY column_index";
  assert.deepEqual(await ask(to, types), await ask(from, types));
  // hash() sees every bit: NaN, -0.0 and infinities included.
  const sums = `SELECT n, ${names.map((_, at) => `hash(c${at}), CAST(c${at} AS VARCHAR)`).join(', ')} FROM t ORDER BY n`;
  assert.deepEqual(await ask(to, sums), await ask(from, sums));
});

test('NULLs first, last, at the seams of vectors, and everywhere', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  const nulls: Record<string, string> = {
    none: 'false',
    first: 'i = 0',
    last: 'i = 9999',
    seams: 'i IN (2047, 2048, 2049, 4095, 4096)',
    all: 'true',
    odd: 'i % 2 = 1',
    late: 'i >= 5000',
  };
  const columns = Object.entries(nulls).flatMap(([name, condition]) => [
    `CASE WHEN ${condition} THEN NULL ELSE i END AS "${name} int"`,
    `CASE WHEN ${condition} THEN NULL ELSE i % 3 = 0 END AS "${name} bool"`,
    `CASE WHEN ${condition} THEN NULL ELSE repeat('é', (i % 9)::INTEGER) || i END AS "${name} text"`,
    `CASE WHEN ${condition} THEN NULL ELSE (i / 8)::DECIMAL(7,3) END AS "${name} decimal"`,
    `CASE WHEN ${condition} THEN NULL ELSE md5(i::VARCHAR)::UUID END AS "${name} uuid"`,
  ]);
  await makeFile(from, [`CREATE TABLE t AS SELECT i, ${columns.join(', ')} FROM range(10000) r(i)`]);
  await copyFile(from, to);
  assert.ok(await sameRows(from, to, 't'));
});

test('chunks cut inside vectors hold the same rows in the same order', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    "CREATE TABLE t AS SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE repeat('y', (i % 40)::INTEGER) || i END AS s, i % 5 = 0 AS b FROM range(7001) r(i)",
  ]);
  await copyFile(from, to, { batchRows: 999, batchBytes: 20_000 });
  assert.ok(await sameRows(from, to, 't'));
  assert.deepEqual(await ask(to, 'SELECT count(*) FROM t WHERE rowid <> i'), [['0']]);
  const [[chunks, rows]] = await ask(to, 'SELECT count(*), sum(rows) FROM _ferrow.chunks');
  assert.equal(rows, '7001');
  assert.ok(Number(chunks) >= 8);
});

test('unions made for mixed storage classes keep class and value', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  const union = 'UNION(i BIGINT, r DOUBLE, t VARCHAR, b BLOB)';
  await makeFile(from, [
    `CREATE TABLE u AS SELECT n, (CASE n % 6
       WHEN 0 THEN union_value(i := n)::${union}
       WHEN 1 THEN union_value(r := n / 3)::${union}
       WHEN 2 THEN union_value(t := 'text of some length ' || n)::${union}
       WHEN 3 THEN union_value(t := '')::${union}
       WHEN 4 THEN union_value(b := 'blob'::BLOB)::${union}
       ELSE NULL END) AS v FROM range(5000) r(n)`,
  ]);
  await copyFile(from, to, { batchRows: 1234 });
  const all =
    'SELECT n, union_tag(v), hash(v.i), hash(v.r), hash(v.t), hash(v.b), v IS NULL FROM u ORDER BY n';
  assert.deepEqual(await ask(to, all), await ask(from, all));
});

test('a union whose member is NULL is refused by name', async (context) => {
  const from = newPath(context, 'from.duckdb');
  await makeFile(from, [
    'CREATE TABLE u (v UNION(i BIGINT, r DOUBLE, t VARCHAR, b BLOB))',
    'INSERT INTO u VALUES (union_value(i := NULL::BIGINT)::UNION(i BIGINT, r DOUBLE, t VARCHAR, b BLOB))',
  ]);
  await assert.rejects(copyFile(from, newPath(context, 'to.duckdb')), { code: 'E_MIXED_STORAGE' });
});

test('deleted and updated rows, gaps in the rowids', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    "CREATE TABLE t AS SELECT i, 'v' || i AS s FROM range(300000) r(i)",
    'DELETE FROM t WHERE i % 3 = 0 AND i < 200000',
    "UPDATE t SET s = 'changed, and now longer than before' WHERE i % 1000 = 1",
  ]);
  await copyFile(from, to);
  assert.ok(await sameRows(from, to, 't'));
});

test('a value of 100 MB goes through', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  await makeFile(from, [
    "CREATE TABLE t AS SELECT i, CASE WHEN i = 2 THEN repeat('0123456789', 10000000) ELSE 'short' END AS s FROM range(4) r(i)",
  ]);
  await copyFile(from, to);
  const sums = 'SELECT i, length(s), hash(s) FROM t ORDER BY i';
  assert.deepEqual(await ask(to, sums), await ask(from, sums));
});

test('names of every kind', async (context) => {
  const from = newPath(context, 'from.duckdb');
  const to = newPath(context, 'to.duckdb');
  const names = [
    'with space',
    'quo"te',
    'select',
    'Über',
    '😀',
    'a/b',
    '1st',
    'x.y',
    "it's",
    'semi;colon',
    'line\nbreak',
  ];
  const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
  await makeFile(
    from,
    quoted.flatMap((name) => [
      `CREATE TABLE ${name} (${quoted.map((column) => `${column} INTEGER`).join(', ')}, PRIMARY KEY (${name}))`,
      `CREATE INDEX ${name} ON ${name} (${quoted[0]}, ${name})`,
      `COMMENT ON COLUMN ${name}.${name} IS 'it''s'`,
      `INSERT INTO ${name} (${name}) VALUES (7)`,
    ]),
  );
  const lost = await copyFile(from, to);
  assert.deepEqual(lost, []);
  for (const name of names) assert.ok(await sameRows(from, to, name), name);
  const indexes = 'SELECT table_name, index_name, sql FROM duckdb_indexes() ORDER BY ALL';
  assert.deepEqual(await ask(to, indexes), await ask(from, indexes));
});
