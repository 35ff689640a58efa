// What is understood of one engine's expressions gives the same in the others: every construct, over values at the
// edges, row by row, judged by the engines.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isUnknown, loadGrammar, printExpression, understandExpression } from '../../../src/sql/sql.ts';
import type { Engine } from '../../../src/types/logical-type.ts';
import { CATALOG, ENGINES, type ThreeEngines, threeEngines, WORDS } from './three-engines.ts';

let engines: ThreeEngines;
before(async () => {
  engines = await threeEngines();
  await loadGrammar();
});
after(() => engines.close());

let number = 0;

/** The text as the engine's own catalog prints it. */
async function asPrinted(engine: Engine, sql: string): Promise<string> {
  if (engine === 'sqlite') return sql;
  const name = `c${++number}`;
  await engines.run(engine, `CREATE VIEW ${name} AS SELECT (${sql}) AS q FROM t`);
  const [[text]] = await engines.rows(
    engine,
    engine === 'postgres'
      ? `SELECT pg_get_viewdef('${name}'::regclass)`
      : `SELECT sql FROM duckdb_views() WHERE view_name = '${name}'`,
  );
  await engines.run(engine, `DROP VIEW ${name}`);
  return (text ?? '')
    .replace(/^[\s\S]*?SELECT\s+/, '')
    .replace(/ AS q\s+FROM [\s\S]*$/, '')
    .replace(/^\s*/, '');
}

async function compare(from: Engine, sql: string): Promise<void> {
  const printed = (await asPrinted(from, sql)).replace(/\bt\./g, '');
  const meant = understandExpression(printed, WORDS[from], CATALOG[from]);
  assert.ok(meant.meaning, `${from}: ${sql} (${printed}): ${meant.unknown}`);
  const expected = await engines.rows(from, `SELECT id, (${sql}) AS q FROM t ORDER BY t.id`);
  for (const to of ENGINES) {
    const there = printExpression(meant.meaning, WORDS[to], CATALOG[to]);
    if (isUnknown(there)) {
      assert.ok(
        ONLY_SOME.some((one) => sql.includes(one)),
        `${from} to ${to}: ${sql}: ${there.unknown}`,
      );
      continue;
    }
    const found = await engines.rows(to, `SELECT id, (${there.sql}) AS q FROM t ORDER BY t.id`);
    assert.deepEqual(found, expected, `${from} to ${to}: ${sql} -> ${there.sql}`);
  }
}

/** SQLite has no words for these: it computes with decimals in floats. */
const ONLY_SOME = ['greatest', 'least', 'n + ', 'n * ', 'n - ', '+ n'];

/** In the words that all engines share. */
const SHARED = [
  "s = 'abc'",
  "s <> 'it''s'",
  "s IN ('abc', '', 'É')",
  "s NOT IN ('abc', NULL)",
  'a IN (1, 7, 10)',
  'a NOT IN (1, 7)',
  'n IN (1, 2.5)',
  'v = s',
  'a = 1 AND b = 1 OR NOT a = 7',
  'a < 5 AND (b > 0 OR n >= 2.50)',
  'a BETWEEN -1 AND 7',
  'a NOT BETWEEN 0 AND 9',
  'a <> b',
  'n > 0',
  'n >= 0.01',
  'n = a',
  'f > 0.5',
  'f <= 2.5',
  'f = 0.1',
  'f > 1',
  'r > 1.5',
  'r <= 2',
  'b > 3000000000',
  'b = 9007199254740993',
  'a > -2',
  '-a < 0',
  'a IS NULL',
  'a IS NOT NULL OR flag IS NULL',
  'a IS DISTINCT FROM b',
  'a IS NOT DISTINCT FROM b',
  's IS DISTINCT FROM NULL',
  'flag',
  'NOT flag',
  'flag AND a > 0',
  'flag IS TRUE',
  'flag IS NOT TRUE',
  'flag IS FALSE',
  "d > '2020-01-01'",
  "d <= '1969-12-31'",
  "d = '2024-02-29'",
  "ts > '2020-01-01 00:00:00'",
  "ts = '2020-01-01 12:00:00.5'",
  "u = '0123abcd-0000-4000-8000-000000000001'",
  'a + b * 2 - 3',
  '(a + 1) * 2',
  'a % 3',
  'b % -7',
  'f + 1.5',
  'f * 2 - 0.25',
  'f / 4',
  '-f',
  's || v',
  "s || '-' || v || '%'",
  'coalesce(a, b, 0)',
  "coalesce(s, v, 'none')",
  'nullif(a, 7)',
  "nullif(s, '')",
  'abs(a)',
  'abs(n)',
  'abs(f)',
  'length(s)',
  'length(v) > 2',
  'substr(s, 2)',
  'substr(s, 2, 3)',
  'substr(s, 20, 3)',
  "replace(s, 'b', '_')",
  "replace(s, 'b', v)",
  "CASE WHEN a > 1 THEN 'big' WHEN a = 1 THEN 'one' ELSE 'small' END",
  "CASE a WHEN 1 THEN 'one' WHEN 7 THEN 'seven' END",
  'CASE WHEN flag THEN a ELSE b END',
  'CASE WHEN flag THEN n ELSE 1 END',
  '"Odd ""name""" + 1',
  'CAST(a AS text)',
  'a = NULL',
  'NULL = NULL OR flag',
  '(a > 1) = flag',
  '2 > 1',
];

/** SQLite's numbers are of 64 bits and its decimals floats, so that it does not say these. */
const EXACT = ['f > a', 'n * 2', 'n - n', 'a + n', 'CASE WHEN flag THEN n * 2 ELSE 1 END'];

const OWN: Readonly<Record<Engine, readonly string[]>> = {
  postgres: [
    'n + 1.25',
    'n * 1.5',
    "s LIKE 'a%'",
    "s LIKE '%\\\\b[*]_'",
    "v LIKE 'a\\%c'",
    "v LIKE 'a!_c' ESCAPE '!'",
    "s NOT LIKE '_bc'",
    "s LIKE '%é%'",
    "s ILIKE '% %'",
    "s < 'b'",
    's >= v',
    's > \'A\' COLLATE "C"',
    "s BETWEEN '' AND 'b'",
    'a / 2',
    'b / -3',
    'greatest(a, b, 0)',
    'least(n, 1.5)',
    'btrim(s)',
    'ltrim(s)',
    "rtrim(s, ' ')",
    "strpos(s, 'l')",
    "position('' in s)",
    "starts_with(s, 'ab')",
    'substring(s from 2 for 3)',
    "translate(s, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')",
    "x = '\\x00'",
    "x > '\\x41'",
    "tz > '2020-01-01 00:00:00+00'",
    "tz = timestamptz '2020-01-01 14:00:00.5+02'",
    'a::bigint + b',
    'a::double precision / 4',
    'u::text',
    'a || s',
    'a::boolean',
    'flag::integer',
    'n::numeric > 1',
    'a::numeric + n + 0',
    'r > f',
  ],
  duckdb: [
    "s LIKE 'a%'",
    "s LIKE 'a\\b%'",
    "v LIKE 'a!%c' ESCAPE '!'",
    "v NOT LIKE 'a!_c' ESCAPE '!'",
    "s GLOB 'a?c'",
    "s GLOB '*[*]*'",
    "s < 'b'",
    's >= v',
    'a // 2',
    'a / 2',
    'greatest(a, b, 0)',
    "trim(s, ' ')",
    "ltrim(s, ' ')",
    "strpos(s, 'l')",
    "starts_with(s, 'ab')",
    "x = '\\x00'::BLOB",
    "x > 'A'::BLOB",
    "tz > '2020-01-01 00:00:00+00'",
    'ifnull(a, 5)',
    'if(a > 1, 2, 3)',
    'CAST(a AS DOUBLE)',
    'a::DECIMAL(18,2) > n',
    'len(s)',
  ],
  sqlite: [
    "s LIKE 'A%'",
    "s LIKE '%É%'",
    "v LIKE '%\\%%' ESCAPE '\\'",
    "v LIKE '1_'",
    "s NOT LIKE 'ABC'",
    "s GLOB 'a*'",
    "s NOT GLOB '[a]??'",
    "s < 'b'",
    's >= v',
    'a == 1',
    'a != 1 or a IS 7',
    'a IS NOT 7',
    's IS v',
    's ISNULL',
    'a NOTNULL',
    'flag = 1',
    'flag = 0 OR flag = TRUE',
    'flag IN (0, 1)',
    'NOT a',
    'a AND b',
    'a > 1.5',
    'n > 1.5',
    'a / 2',
    'f / 2',
    'a / 2.0',
    'a * 1.5',
    'lower(s)',
    'upper(v)',
    "lower(s) = 'abc'",
    "s = 'ABC' COLLATE NOCASE",
    "s COLLATE NOCASE IN ('aBc', 'É')",
    "s COLLATE NOCASE < 'abd'",
    'trim(s)',
    "instr(s, 'l')",
    'ifnull(s, v)',
    "x = x'00'",
    "x > x'41'",
    '`a` + [b]',
    '0x10 + a',
    'CAST(a AS REAL) / 3',
    'a = 1 /* one */ or -- two\n a = 7',
    's || a',
  ],
};

for (const engine of ENGINES) {
  test(`expressions of ${engine} mean the same elsewhere`, async () => {
    const faults: string[] = [];
    for (const sql of [...SHARED, ...(engine === 'sqlite' ? [] : EXACT), ...OWN[engine]]) {
      await compare(engine, sql).catch((error: Error) => faults.push(error.message));
    }
    assert.deepEqual(faults, []);
  });
}
