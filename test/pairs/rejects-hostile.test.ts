// Rejected rows of tables with keys of every type and with names that need quoting: left out, kept, found again by their keys,
// and moved when they are allowed. Judged by the engines' own SQL.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type EngineName, queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';
import { countsOf, keptRejects, linesOf, openMigrator, rejectedOf } from '../support/rejects.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A column `v` whose bad value the target can't hold, and what lets it through. */
const BAD = {
  'sqlite to duckdb': ['TEXT', `'fine'`, `CAST(x'41ff42' AS TEXT)`, 'invalid_utf8=replace'],
  'sqlite to postgres': ['TEXT', `'fine'`, `CAST(x'610062' AS TEXT)`, 'nul=strip'],
  'duckdb to postgres': ['TEXT', `'fine'`, `'a' || chr(0) || 'b'`, 'nul=strip'],
  'duckdb to sqlite': ['DOUBLE', '1.5', `'nan'::DOUBLE`, 'nan=null'],
  'postgres to sqlite': ['double precision', '1.5', `'NaN'`, 'nan=null'],
  'postgres to duckdb': ['interval', `'1 day'`, `'infinity'`, 'infinity=null'],
} as const;

/** For each type of a key three values, in the source's SQL; the last two are those of bad rows. */
const KEYS: Readonly<Record<EngineName, readonly (readonly [string, string, string, string])[]>> = {
  sqlite: [
    ['INTEGER', '1', '-9223372036854775808', '9223372036854775807'],
    ['TEXT', `'a'`, `'it''s "a" \\ {}'`, `'two' || char(10) || 'lines' || char(13, 9) || '🦆'`],
    ['TEXT', `'a'`, `''`, `' a '`],
    ['BLOB', `x'00'`, `x''`, `x'00ff0a27'`],
    ['REAL', '1.5', '0.1', '1e300'],
    ['DATE', `'2024-02-29'`, `'2024-03-01'`, `'1969-12-31'`],
    ['DATETIME', `'2024-02-29 12:00:00'`, `'2024-02-29 12:00:00.000001'`, `'1969-12-31 23:59:59'`],
    ['BOOLEAN', '0', '1', '1'],
  ],
  duckdb: [
    ['BIGINT', '1', '-9223372036854775807', '9223372036854775807'],
    ['HUGEINT', '1', '-170141183460469231731687303715884105727', '170141183460469231731687303715884105727'],
    ['UBIGINT', '1', '18446744073709551614', '18446744073709551615'],
    ['VARCHAR', `'a'`, `'it''s "a" \\ {}'`, `'two' || chr(10) || 'lines' || chr(13) || '🦆'`],
    ['UUID', `uuid()`, `'00000000-0000-0000-0000-000000000000'`, `'ffffffff-ffff-4fff-bfff-ffffffffffff'`],
    ['BLOB', `'\\x00'::BLOB`, `''::BLOB`, `'\\x00\\xFF\\x0A'::BLOB`],
    ['DECIMAL(20, 4)', '1.5', '-0.0001', '1234567890123456.7890'],
    ['TIMESTAMP', `'2024-02-29 12:00:00'`, `'2024-02-29 12:00:00.000001'`, `'1969-12-31 23:59:59'`],
    [
      'TIMESTAMPTZ',
      `'2024-02-29 12:00:00+00'`,
      `'2024-02-29 12:00:00.000001+02'`,
      `'1969-12-31 23:59:59+00'`,
    ],
    ['DATE', `'2024-02-29'`, `'0001-01-01'`, `'1969-12-31'`],
    ['TIME', `'12:00:00'`, `'00:00:00.000001'`, `'23:59:59.999999'`],
    ['DOUBLE', '1.5', '0.1', '1e300'],
    ['FLOAT', '1.5', '0.1', '1e30'],
    ['BOOLEAN', 'false', 'true', 'true'],
  ],
  postgres: [
    ['bigint', '1', '-9223372036854775808', '9223372036854775807'],
    ['text', `'a'`, `'it''s "a" \\ {}'`, `E'two\\nlines\\r\\t🦆'`],
    ['varchar(20)', `'a'`, `''`, `' a '`],
    [
      'uuid',
      'gen_random_uuid()',
      `'00000000-0000-0000-0000-000000000000'`,
      `'ffffffff-ffff-4fff-bfff-ffffffffffff'`,
    ],
    ['bytea', `'\\x00'`, `'\\x'`, `'\\x00ff0a27'`],
    ['numeric(20, 4)', '1.5', '-0.0001', '1234567890123456.7890'],
    ['numeric', '1.50', '0.000000000001', '123456789012345678901234567890'],
    ['timestamp', `'2024-02-29 12:00:00'`, `'2024-02-29 12:00:00.000001'`, `'1969-12-31 23:59:59'`],
    [
      'timestamptz',
      `'2024-02-29 12:00:00+00'`,
      `'2024-02-29 12:00:00.000001+02'`,
      `'1969-12-31 23:59:59+00'`,
    ],
    ['date', `'2024-02-29'`, `'0001-01-01'`, `'1969-12-31'`],
    ['time', `'12:00:00'`, `'00:00:00.000001'`, `'23:59:59.999999'`],
    ['double precision', '1.5', '0.1', '1e300'],
    ['real', '1.5', '0.1', '1e30'],
    ['boolean', 'false', 'true', 'true'],
  ],
};

/** What needs quoting, what means something else, and what ends as names of Ferrow's own do. */
const NAMES = [
  'we"ird ""name""',
  `it's`,
  'a b',
  '🦆',
  'select',
  'ROWID',
  'back\\slash',
  '$1 %s {x}',
  'a.b',
  'new\nline',
  'n'.repeat(63),
  't_judge',
  't_kept',
  't_order',
  't_search',
  't_ferrow_old',
];

describe('rejected rows, whatever their keys and names', () => {
  const place = emptyPlaces({ before, after });
  const folder = temporaryFolder({ after });
  let files = 0;
  const file = () => join(folder, `rejects-${++files}.jsonl`);

  for (const [pair, [type, good, bad, allow]] of Object.entries(BAD)) {
    const [source, , target] = pair.split(' ') as [EngineName, 'to', EngineName];

    test(`${pair}: keys of every type`, async () => {
      const from = await place(source);
      const expected: Record<string, number[]> = {};
      for (const [at, [keyType, ...values]] of KEYS[source].entries()) {
        const [first, second, third] = values;
        const alone =
          second === third
            ? [
                [first, good],
                [second, bad],
              ]
            : [
                [first, good],
                [second, bad],
                [third, bad],
              ];
        expected[`k${at}`] = [alone.length, 1, alone.length - 1];
        expected[`c${at}`] = [alone.length * 2, 2, (alone.length - 1) * 2];
        await runStatements(from, [
          `CREATE TABLE k${at} (k ${keyType} NOT NULL PRIMARY KEY, v ${type})`,
          `INSERT INTO k${at} VALUES ${alone.map(([k, v]) => `(${k}, ${v})`).join(', ')}`,
          `CREATE TABLE c${at} (n INTEGER NOT NULL, k ${keyType} NOT NULL, v ${type}, PRIMARY KEY (k, n))`,
          `INSERT INTO c${at} SELECT n, k, v FROM k${at} CROSS JOIN (SELECT 1 AS n UNION ALL SELECT 2) AS twice`,
        ]);
      }
      const to = await place(target);
      const rejects = file();
      const migrator = openMigrator(from, to, { onError: 'skip', quarantine: true, rejects });
      const report = await migrator.migrateAllTables();
      assert.deepEqual([report.error, countsOf(report)], [null, expected]);
      for (const { table, key, value, column } of linesOf(rejects)) {
        assert.ok(key !== null && Object.values(key).every((part) => part !== null), `${table}: its key`);
        assert.deepEqual([column, typeof value], ['v', 'string'], table);
      }
      const left = rejectedOf(report);
      assert.deepEqual(await keptRejects(to, target), [[String(left), String(left)]]);
      const again = await migrator.retryRejects(null, { allow: [allow] });
      assert.deepEqual(
        [again.error, again.warnings.filter(({ code }) => code.startsWith('W_REJECT'))],
        [null, []],
      );
      assert.deepEqual([again.totalMigratedRows, rejectedOf(again)], [left, 0]);
      for (const [table, [rows]] of Object.entries(expected))
        assert.deepEqual(
          await queryText(to, `SELECT count(*), count(DISTINCT k) FROM ${table}`),
          [[String(rows), String(table.startsWith('c') ? rows / 2 : rows)]],
          table,
        );
      assert.deepEqual(await keptRejects(to, target), [['0', '0']]);
    });

    test(`${pair}: names of every kind`, async () => {
      const from = await place(source);
      for (const name of NAMES)
        await runStatements(from, [
          `CREATE TABLE ${quoted(name)} (${quoted(`${name.slice(0, 60)}k`)} INTEGER NOT NULL PRIMARY KEY, ${quoted(name)} ${type})`,
          `INSERT INTO ${quoted(name)} VALUES (1, ${good}), (2, ${bad}), (3, ${bad})`,
        ]);
      const to = await place(target);
      const rejects = file();
      const migrator = openMigrator(from, to, { onError: 'skip', quarantine: true, rejects });
      const report = await migrator.migrateAllTables();
      assert.deepEqual([report.error, countsOf(report)], [null, each([3, 1, 2])]);
      for (const { table, key, column } of linesOf(rejects))
        assert.deepEqual([column, Object.keys(key ?? {})], [table, [`${table.slice(0, 60)}k`]]);
      const again = await migrator.retryRejects(null, { allow: [allow] });
      assert.deepEqual([again.error, countsOf(again)], [null, each([2, 2, 0])]);
      for (const name of NAMES)
        assert.deepEqual(await queryText(to, `SELECT count(*) FROM ${quoted(name)}`), [['3']], name);
      assert.deepEqual(await keptRejects(to, target), [['0', '0']]);
    });
  }

  for (const target of ENGINES)
    for (const ifExists of ['fail', 'append'] as const)
      test(`sqlite to ${target}, ${ifExists}: names of every kind, where only the end of the load refuses rows`, async () => {
        const from = await place('sqlite');
        const to = await place(target);
        for (const name of NAMES) {
          const [table, key, n] = [name, `${name.slice(0, 60)}k`, columnOf(name)].map(quoted);
          const loose = `CREATE TABLE ${table} (${key} INTEGER NOT NULL PRIMARY KEY, ${n} INTEGER, u INTEGER)`;
          const demanding = `CREATE TABLE ${table} (${key} INTEGER NOT NULL PRIMARY KEY,
            ${n} INTEGER NOT NULL CHECK (${n} > 0), u INTEGER UNIQUE)`;
          await runStatements(from, [
            'PRAGMA ignore_check_constraints = ON',
            ifExists === 'append' ? loose : demanding,
            `INSERT INTO ${table} VALUES (1, 1, 1), (2, -2, 2), (3, 3, 3), (4, -4, NULL)`,
          ]);
          if (ifExists === 'append') await runStatements(to, [demanding]);
        }
        const rejects = file();
        const migrator = openMigrator(from, to, { onError: 'skip', quarantine: true, rejects, ifExists });
        const report = await migrator.migrateAllTables();
        assert.deepEqual([report.error, countsOf(report)], [null, each([4, 2, 2])]);
        for (const { table, key, reason } of linesOf(rejects)) {
          assert.deepEqual(Object.keys(key ?? {}), [`${table.slice(0, 60)}k`]);
          assert.doesNotMatch(reason, /_ferrow_[0-9a-f]{8}/, 'no name of Ferrow’s own');
        }
        for (const name of NAMES) {
          const n = quoted(columnOf(name));
          await runStatements(from, [`UPDATE ${quoted(name)} SET ${n} = 7 WHERE ${n} < 0`]);
        }
        const again = await migrator.retryRejects();
        assert.deepEqual([again.error, countsOf(again)], [null, each([2, 2, 0])]);
        assert.deepEqual(await keptRejects(to, target), [['0', '0']]);
      });
});

/** DuckDB finds no rows in a table with a column called rowid; a check of a longer name crosses no engine. */
const columnOf = (name: string): string => (name === 'ROWID' ? 'v' : name.slice(0, 50));

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const each = (counts: number[]): Record<string, number[]> =>
  Object.fromEntries(NAMES.map((name) => [name, counts]));
