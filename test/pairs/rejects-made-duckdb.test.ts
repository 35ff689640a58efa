// `--on-error skip` into tables that the run makes in DuckDB: rows that break what the tables demand are rejected, and the
// constraints stand. The sources are SQLite files that hold what their own schema forbids. Judged by DuckDB's own SQL.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { pathOfUrl, queryText, runStatements } from '../support/judge.ts';
import { emptyPlaces } from '../support/places.ts';
import { countsOf, linesOf, openMigrator as open } from '../support/rejects.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 3000;

/** What text becomes that is no UTF-8: two values of a unique column become one. */
const ALLOW = ['invalid_utf8=replace'];

describe('rows that break what a table made in DuckDB demands', () => {
  const place = emptyPlaces({ before, after });
  const folder = temporaryFolder({ after });
  let files = 0;
  const file = () => join(folder, `rejects-${++files}.jsonl`);

  for (const options of [
    { verify: 'full' },
    { plainIo: true },
    { strategy: 'transactional' },
    { strategy: 'blue-green' },
  ] as const)
    test(`are rejected, and come when they are mended: ${JSON.stringify(options)}`, async () => {
      const from = await place('sqlite');
      makeLoose(from);
      const to = await place('duckdb');
      const rejects = file();
      const migrator = open(from, to, {
        ...options,
        onError: 'skip',
        batchSize: 700,
        allow: ALLOW,
        rejects,
      });
      const report = await migrator.migrateAllTables();
      assert.deepEqual([report.error, report.success], [null, true]);
      assert.deepEqual(countsOf(report), {
        t: [ROWS, ROWS - 8, 8],
        keyed: [ROWS, ROWS - 2, 2],
        children: [ROWS, ROWS - 1, 1],
      });
      const lines = linesOf(rejects);
      assert.ok(lines.every(({ code, reason }) => code === 'E_CONSTRAINT' && reason !== ''));
      assert.deepEqual(lines.map(({ table, key, column }) => `${table} ${key?.['id']} ${column}`).sort(), [
        'children 100 n',
        'keyed null id',
        'keyed null id',
        't 1 null',
        't 1500 null',
        't 20 name',
        't 21 name',
        't 22 name',
        't 3000 null',
        't 31 label',
        't 41 null',
      ]);
      assert.deepEqual(await queryText(to, STANDING), CONSTRAINTS);

      changeLoose(from, [
        'UPDATE t SET code = id WHERE code < 0',
        `UPDATE t SET name = 'mended' WHERE id IN (20, 21, 22)`,
        `UPDATE t SET label = 'of ' || id WHERE id = 31`,
        `UPDATE t SET b = 'b 41' WHERE id = 41`,
        `UPDATE children SET n = 'mended' WHERE id = 100`,
      ]);
      const again = await migrator.retryRejects();
      assert.deepEqual(
        [again.error, again.totalMigratedRows, countsOf(again)['keyed']],
        [null, 9, [2, 0, 2]],
      );
      assert.deepEqual(
        await queryText(to, 'SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM children)'),
        [[String(ROWS), String(ROWS)]],
      );
    });

  test('too many of them: their table is not made, the others are', async () => {
    const from = await place('sqlite');
    makeLoose(from);
    for (const strategy of ['default', 'blue-green'] as const) {
      const to = await place('duckdb');
      const options = strategy === 'default' ? {} : { strategy };
      const migrator = open(from, to, {
        ...options,
        onError: 'skip',
        allow: ALLOW,
        maxRejects: '7',
        rejects: file(),
      });
      const { tableResults } = await migrator.migrateAllTables();
      assert.deepEqual(
        Object.fromEntries(tableResults.map(({ tableName, error }) => [tableName, error?.code])),
        {
          t: 'E_TOO_MANY_REJECTS',
          keyed: strategy === 'default' ? undefined : 'E_NOT_SWAPPED',
          children: strategy === 'default' ? undefined : 'E_NOT_SWAPPED',
        },
      );
    }
  });

  test('a foreign key without its parents is left out and listed, and its rows arrive', async () => {
    const from = await place('sqlite');
    makeLoose(from);
    changeLoose(from, [
      'UPDATE children SET parent = 1 WHERE id = 5',
      'UPDATE children SET parent = 77777 WHERE id = 6',
      ...sameWhenMended('keyed', 'id', 'code', [2000, 1999]),
    ]);
    const to = await place('duckdb');
    const report = await open(from, to, {
      onError: 'skip',
      allow: ALLOW,
      rejects: file(),
    }).migrateAllTables();
    assert.deepEqual([report.error, countsOf(report)['children']], [null, [ROWS, ROWS - 1, 1]]);
    assert.deepEqual(countsOf(report)['keyed'], [ROWS, ROWS - 3, 3]);
    assert.deepEqual(await queryText(to, `SELECT code FROM keyed WHERE id LIKE 'A%B'`), [['1999']]);
    const [lost, ...others] = report.warnings.filter(({ code }) => code === 'W_NOT_CARRIED');
    assert.deepEqual([lost.table, others], ['children', []]);
    assert.match(lost.message, /foreign key \(parent\).* 2 rows/);
  });

  for (const onConflict of ['skip', 'update'] as const)
    test(`two rows of one key that are appended, --on-conflict ${onConflict}: the first of them stays`, async () => {
      const from = await place('sqlite');
      await runStatements(from, [
        'CREATE TABLE t (id INTEGER, code INTEGER)',
        'INSERT INTO t VALUES (1, 12), (1, 10), (2, 20), (3, 32), (3, 30), (3, 31)',
      ]);
      const to = await place('duckdb');
      await runStatements(to, [
        'CREATE TABLE t (id INTEGER PRIMARY KEY, code INTEGER)',
        'INSERT INTO t VALUES (1, 11), (9, 90)',
      ]);
      const options = { onError: 'skip', ifExists: 'append', onConflict, rejects: file() } as const;
      const report = await open(from, to, options).migrateAllTables();
      assert.deepEqual(
        [report.error, countsOf(report)],
        [null, { t: [6, onConflict === 'skip' ? 2 : 3, 3] }],
      );
      assert.deepEqual(await queryText(to, 'SELECT id, code FROM t ORDER BY id'), [
        ['1', onConflict === 'skip' ? '11' : '10'],
        ['2', '20'],
        ['3', '30'],
        ['9', '90'],
      ]);
    });
});

/** A file that holds what its schema forbids. */
function makeLoose(url: string): void {
  changeLoose(url, [
    `CREATE TABLE t (id INTEGER PRIMARY KEY, code INTEGER CHECK (code >= 0), name TEXT, label TEXT UNIQUE, a INTEGER, b TEXT)`,
    'CREATE UNIQUE INDEX t_both ON t (a, b)',
    'CREATE TABLE keyed (id TEXT PRIMARY KEY, code INTEGER)',
    'CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (id), n TEXT)',
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
      INSERT INTO t SELECT i, i, 'name ' || i, 'label ' || i, 1, 'b ' || i FROM n`,
    'INSERT INTO keyed SELECT label, id FROM t',
    'INSERT INTO children SELECT id, CASE WHEN id BETWEEN 50 AND 1000 THEN id END, name FROM t',
    'UPDATE t SET code = -1 WHERE id IN (1, 1500, 3000)',
    'UPDATE t SET name = NULL WHERE id IN (20, 21, 22)',
    'UPDATE keyed SET id = NULL WHERE code IN (7, 8)',
    ...sameWhenMended('t', 'label', 'id', [30, 31]),
    ...sameWhenMended('t', 'b', 'id', [41, 40]),
    'UPDATE children SET n = NULL WHERE id = 100',
    'PRAGMA writable_schema = ON',
    `UPDATE sqlite_schema SET sql = replace(replace(sql, 'name TEXT', 'name TEXT NOT NULL'), 'n TEXT', 'n TEXT NOT NULL')
      WHERE name IN ('t', 'children')`,
  ]);
}

/** Different bytes that are no UTF-8, in two rows. */
function sameWhenMended(table: string, column: string, key: string, rows: readonly number[]): string[] {
  return rows.map(
    (row, at) => `UPDATE ${table} SET ${column} = CAST(x'41f${at}42' AS TEXT) WHERE ${key} = ${row}`,
  );
}

function changeLoose(url: string, statements: readonly string[]): void {
  const file = new SqliteDatabase(pathOfUrl(url));
  try {
    file.unsafeMode(true);
    file.exec('PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON');
    for (const statement of statements) file.exec(statement);
  } finally {
    file.close();
  }
}

/** All that the tables of the run demand of a row. */
const STANDING = `SELECT table_name, constraint_type, array_to_string(constraint_column_names, ',') FROM duckdb_constraints()
    WHERE schema_name = 'main' AND constraint_type <> 'NOT NULL'
  UNION ALL SELECT table_name, 'NOT NULL', column_name FROM duckdb_columns()
    WHERE schema_name = 'main' AND NOT is_nullable AND table_name IN ('t', 'keyed', 'children')
  UNION ALL SELECT table_name, 'UNIQUE INDEX', expressions FROM duckdb_indexes() WHERE is_unique ORDER BY ALL`;
const CONSTRAINTS = [
  ['children', 'FOREIGN KEY', 'parent'],
  ['children', 'NOT NULL', 'id'],
  ['children', 'NOT NULL', 'n'],
  ['children', 'PRIMARY KEY', 'id'],
  ['keyed', 'NOT NULL', 'id'],
  ['keyed', 'PRIMARY KEY', 'id'],
  ['t', 'CHECK', 'code'],
  ['t', 'NOT NULL', 'id'],
  ['t', 'NOT NULL', 'name'],
  ['t', 'PRIMARY KEY', 'id'],
  ['t', 'UNIQUE', 'label'],
  ['t', 'UNIQUE INDEX', '[a, b]'],
];
