// What must not be carried, with the reason that the report gives. A change here is a change of what users are promised.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { postgresWords } from '../../../src/dialect/postgres/sql-words.ts';
import { isUnknown, loadGrammar, printExpression, understandExpression } from '../../../src/sql/sql.ts';
import type { Engine } from '../../../src/types/logical-type.ts';
import type { ColumnSchema } from '../../../src/types/schema.ts';
import { CATALOG, WORDS } from './three-engines.ts';

before(loadGrammar);

const UNDERSTOOD = 'it is understood';

function reason(engine: Engine, sql: string, columns: readonly ColumnSchema[] = CATALOG[engine]): string {
  const words = engine === 'postgres' ? postgresWords : WORDS[engine];
  const { unknown } = understandExpression(sql, words, columns);
  return unknown ?? UNDERSTOOD;
}

const extra = (name: string, nativeType: string, more: Partial<ColumnSchema> = {}): ColumnSchema => ({
  name,
  nativeType,
  nullable: true,
  default: null,
  identity: null,
  generated: null,
  collation: null,
  comment: null,
  ...more,
});

const POSTGRES: readonly (readonly [sql: string, reason: string])[] = [
  ["s < 'b'::text", 'the order of text, which follows the locale of the database'],
  ['lower(s)', 'the function lower'],
  ["s ~ 'a'", 'the operator ~'],
  ["s ~~* 'a%'::text", 'ILIKE, which takes letters for one by the locale'],
  ['s ~~ (v)::text', 'a pattern that is no literal'],
  ["s ~~ 'abc\\'::text", 'a pattern that ends in its escape'],
  ['a / b', 'a division by what may be 0'],
  ['a / 0', 'a division by what may be 0'],
  ['n / 2', '/ of decimals'],
  ['n % 2', '% of decimals'],
  ['(f)::integer', 'a cast of float to integer'],
  ['(s)::integer', 'a cast of text to integer'],
  ['(b)::integer', 'a cast of integer to integer'],
  ['f > b', 'comparing integers of 64 bits with floats'],
  ['r > 0.1::double precision', "the literal '0.1' among values of float"],
  ['r * 2', 'computing with floats of 32 bits'],
  ['d + 1', '+ of date'],
  ['d > CURRENT_DATE', 'the time, date or user of the moment'],
  ["d > 'now'::date", "the literal 'now' as date"],
  ["d > 'infinity'::date", "the literal 'infinity' as date"],
  ["d > '2023-02-29'::date", "the literal '2023-02-29' as date"],
  [
    "tz > '2020-01-01 00:00:00+02'::timestamp with time zone",
    "the literal '2020-01-01 00:00:00+02' as timestamptz",
  ],
  ['EXTRACT(year FROM d)', 'the function extract'],
  ['round(n, 1)', 'the function round'],
  ['public.length(s)', 'the function public.length'],
  ['nextval(1)', 'the function nextval'],
  ['count(*)', 'the function count'],
  ['(SELECT 1)', 'a subquery'],
  ['ARRAY[1]', 'an array'],
  ['ROW(1, 2)', 'a row'],
  ['s COLLATE "de_DE" = \'x\'', 'the collation de_DE'],
  ['substr(s, a)', 'substr from a place that is no literal of 1 or more'],
  ['substr(s, 0, 2)', 'substr from a place that is no literal of 1 or more'],
  ["replace(s, v, 'x')", 'replace of what is no literal'],
  ["replace(s, '', v)", 'replace of what is no literal'],
  ['missing > 1', 'the name missing'],
  ['a > 99999999999999999999', UNDERSTOOD],
  ['a > 1, b', 'what is no single expression'],
  ['a FROM t', 'what is no single expression'],
  ['1; DROP TABLE t', 'what is no SELECT'],
];

const DUCKDB: readonly (readonly [sql: string, reason: string])[] = [
  ['(n * 1.5)', 'computing with a number that may be a decimal or a float'],
  ['main."trim"(s)', 'the function trim'],
  ['lower(s)', 'the function lower'],
  ['(a // b)', 'a division by what may be 0'],
  ['(a / b)', 'a division by what may be 0'],
  ['(a ** 2)', 'the operator **'],
  ['(s[1] = 1)', 'a part of a value ([…] or .field)'],
  ["(s ~~~ '[a-z]*')", 'GLOB with a set of characters'],
  ['TRY_CAST(s AS INTEGER)', 'SQL that only DuckDB reads (syntax error at or near "AS")'],
  ['CAST(a AS DECIMAL)', UNDERSTOOD],
  ['CAST(f AS FLOAT)', 'a cast of float to float'],
  ['(a = 12345678901234567890)', 'a whole number beyond 64 bits'],
  ["regexp_matches(s, 'a')", 'the function regexp_matches'],
];

const SQLITE: readonly (readonly [sql: string, reason: string])[] = [
  ['"nothing" = 1', 'the name nothing'],
  ["a = '1'", "the literal '1' among values of integer"],
  ['flag = 2', "the literal '2' among values of bool"],
  ["typeof(a) = 'integer'", 'the function typeof'],
  ["date(d) > '2020-01-01'", 'the function date'],
  ['min(a, b)', 'the function min'],
  ["json_extract(s, '$.a')", 'the function json_extract'],
  ["s -> '$.a'", 'the operator ->'],
  ["s REGEXP 'a'", 'the operator REGEXP'],
  ["s GLOB '[a-z]*'", 'GLOB with a set of characters'],
  ['s LIKE v', 'a pattern that is no literal'],
  ['n * 2', 'computing with decimals, which SQLite does in floats'],
  ['a + b || s', '|| and + without brackets, which SQLite nests in its own way'],
  ['a || b = s', '|| without a text'],
  ['a < b = flag', 'SQL that only SQLite reads (syntax error at or near "=")'],
  ['rowid > 1', 'the name rowid'],
  ['length(a)', 'length of integer'],
  ["d > '2020-01-01 00:00:00'", "the literal '2020-01-01 00:00:00' among values of date"],
  ['CAST(s AS INTEGER)', 'a cast of text to integer'],
  ['CAST(f AS INTEGER)', 'a cast of float to integer'],
  ["'abc", "a ' that never ends"],
  ["s COLLATE rtrim = 'a'", 'comparing text by a collation of its own'],
  ["(s COLLATE NOCASE || v) = 'x'", 'COLLATE within an expression'],
  ["lower(s COLLATE NOCASE) = 'x'", 'COLLATE within an expression'],
  ['a & 1', 'the operator &'],
];

for (const [engine, cases] of [
  ['postgres', POSTGRES],
  ['duckdb', DUCKDB],
  ['sqlite', SQLITE],
] as const) {
  test(`${engine}: what is not carried, and why`, () => {
    const found = cases.map(([sql]) => [sql, reason(engine, sql)]);
    assert.deepEqual(found, cases);
  });
}

test('columns whose values compare in an own way are not carried', () => {
  const columns = [
    extra('c', 'character(3)'),
    extra('j', 'jsonb'),
    extra('i', 'interval'),
    extra('l', 'text', { collation: 'public."mine"' }),
    extra('m', 'mood', { typeFacts: { type: 'mood', typeKind: 'e' } }),
    extra('k', 'pair', { typeFacts: { type: 'pair', typeKind: 'c' } }),
  ];
  assert.equal(reason('postgres', "c = 'x'::bpchar", columns), "the literal 'x' as bpchar");
  assert.equal(reason('postgres', 'c = c', columns), 'comparing char(n), which ignores blanks at the end');
  assert.equal(reason('postgres', 'j = j', columns), 'comparing values of the type jsonb');
  assert.equal(reason('postgres', 'i = i', columns), 'comparing values of the type interval');
  assert.equal(reason('postgres', "l = 'x'::text", columns), 'comparing text by a collation of its own');
  assert.equal(reason('postgres', 'm > m', columns), 'the order of values of enum');
  assert.equal(reason('postgres', 'k IS NULL', columns), 'IS NULL of a composite, which asks for its fields');
  assert.equal(reason('postgres', 'j IS NOT NULL', columns), UNDERSTOOD);
});

test('times that SQLite keeps as text of an unknown form do not compare', () => {
  const columns = [extra('at', 'DATETIME'), extra('day', 'DATE'), extra('n', 'NOCASE')];
  const expected = 'comparing timestamp that SQLite keeps as text of a form that is not known';
  assert.equal(reason('sqlite', "at > '2020-01-01 00:00:00'", columns), expected);
  assert.equal(reason('sqlite', "day > '2020-01-01'", columns), UNDERSTOOD);
  assert.equal(reason('sqlite', 'at IS NOT NULL', columns), UNDERSTOOD);
});

test('a column that became text in the target does not compare as a number there', () => {
  const { meaning } = understandExpression('(n > (5)::numeric)', postgresWords, CATALOG.postgres);
  assert.ok(meaning);
  const columns = CATALOG.sqlite.map((one) =>
    one.name === 'n' ? { ...one, nativeType: 'DECIMAL_TEXT(10,2)' } : one,
  );
  const printed = printExpression(meaning, WORDS.sqlite, columns);
  assert.ok(isUnknown(printed));
  assert.equal(printed.unknown, 'the column n, which holds DECIMAL_TEXT(10,2) there');
  const wide = printExpression(
    meaning,
    WORDS.duckdb,
    CATALOG.duckdb.map((one) => (one.name === 'n' ? { ...one, nativeType: 'VARCHAR' } : one)),
  );
  assert.deepEqual(wide, { unknown: 'the column n, which holds text there' });
});

test('a value does not go into a column that would round or convert it', () => {
  const product = understandExpression('(n * 1.555)', postgresWords, CATALOG.postgres).meaning!;
  const into = (nativeType: string) =>
    printExpression(product, postgresWords, CATALOG.postgres, extra('g', nativeType));
  assert.deepEqual(into('numeric(10,2)'), { unknown: 'decimal for a column of numeric(10,2)' });
  assert.deepEqual(into('integer'), { unknown: 'decimal for a column of integer' });
  assert.ok(!isUnknown(into('numeric(20,5)')));
});
