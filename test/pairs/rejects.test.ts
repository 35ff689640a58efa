// `--on-error skip`: rows that the target can't hold are rejected, all others arrive. Judged by the engines' own SQL, over all
// nine pairs: source = target + rejects, whichever rows are bad, whoever refuses them.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type EngineName, queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';
import { countsOf, keptRejects, linesOf, openMigrator as open, rejectedOf } from '../support/rejects.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A value that crosses to no other engine as it is, and what lets it through. */
interface Bad {
  readonly type: string;
  readonly good: string;
  readonly bad: string;
  readonly code: string;
  readonly allow: string;
}

const BAD: Readonly<Record<string, Bad>> = {
  'sqlite to duckdb': text(`CAST(x'41ff42' AS TEXT)`, 'E_INVALID_UTF8', 'invalid_utf8=replace'),
  'sqlite to postgres': text(`CAST(x'610062' AS TEXT)`, 'E_NUL_IN_TEXT', 'nul=strip'),
  'duckdb to postgres': text(`'a' || chr(0) || 'b'`, 'E_NUL_IN_TEXT', 'nul=escape'),
  'duckdb to sqlite': {
    type: 'DOUBLE',
    good: '1.5',
    bad: `'nan'::DOUBLE`,
    code: 'E_NAN_UNSUPPORTED',
    allow: 'nan=null',
  },
  'postgres to sqlite': {
    type: 'double precision',
    good: '1.5',
    bad: `'NaN'`,
    code: 'E_NAN_UNSUPPORTED',
    allow: 'nan=null',
  },
  'postgres to duckdb': {
    type: 'interval',
    good: `'1 day'`,
    bad: `'infinity'`,
    code: 'E_INTERVAL_INFINITY',
    allow: 'infinity=null',
  },
};

function text(bad: string, code: string, allow: string): Bad {
  return { type: 'TEXT', good: `'fine'`, bad, code, allow };
}

const ROWS = 5000;
/** First and last of the table and of chunks, neighbours on both sides of a bound, one in the middle. */
const BAD_IDS = [1, 2, 500, 1000, 1001, 2500, 5000];

describe('rows that can not be held', () => {
  const place = emptyPlaces({ before, after });
  const folder = temporaryFolder({ after });
  let files = 0;
  const file = () => join(folder, `rejects-${++files}.jsonl`);

  for (const [pair, bad] of Object.entries(BAD)) {
    const [source, , target] = pair.split(' ') as [EngineName, 'to', EngineName];
    test(`${pair}: left out wherever they stand, listed once each, and moved when they are allowed`, async () => {
      const from = await place(source);
      await makeSource(from, source, bad);
      for (const options of [{ verify: 'full' }, { plainIo: true }] as const) {
        const to = await place(target);
        const rejects = file();
        const migrator = open(from, to, { ...options, onError: 'skip', batchSize: 1000, rejects });
        const report = await migrator.migrateAllTables();
        assert.deepEqual([report.success, report.error], [true, null]);
        assert.equal(report.rejectsFile, rejects);
        assert.deepEqual(countsOf(report), {
          t: [ROWS, ROWS - BAD_IDS.length, BAD_IDS.length],
          all_bad: [1500, 0, 1500],
          wide: [3, 0, 3],
          good: [10, 10, 0],
        });
        const [t] = report.tableResults.filter(({ tableName }) => tableName === 't');
        assert.equal(t.verified, options.verify ?? 'count');
        assert.deepEqual(
          t.rejects?.map(({ key }) => key?.['id']),
          BAD_IDS.slice(0, 5).map(String),
        );
        const list = BAD_IDS.join(', ');
        const expected = [[String(ROWS - BAD_IDS.length), String(ROWS - 1), '0']];
        const sql = `SELECT count(*), max(id), sum(CASE WHEN id IN (${list}) THEN 1 ELSE 0 END) FROM t`;
        assert.deepEqual(await queryText(to, sql), expected);
        assert.deepEqual(await queryText(to, 'SELECT count(*) FROM all_bad'), [['0']]);

        assert.equal(statSync(rejects).mode & 0o777, 0o600);
        const lines = linesOf(rejects);
        assert.equal(lines.length, BAD_IDS.length + 1500 + 3);
        const ofT = lines.filter(({ table }) => table === 't');
        assert.deepEqual(ofT.map(({ key }) => Number(key?.['id'])).sort(numbers), BAD_IDS);
        assert.ok(ofT.every((line) => line.code === bad.code && line.column === 'v' && line.reason !== ''));
        assert.ok(ofT.every(({ value }) => value !== null));
        const wide = lines.filter(({ table }) => table === 'wide');
        assert.deepEqual(
          wide.map(({ key, column, also }) => [key?.['id'], column, also?.map((each) => each.column)]).sort(),
          [
            ['1', 'a', undefined],
            ['2', 'b', undefined],
            ['3', 'b', ['c']],
          ],
        );
        const warnings = report.warnings.filter(({ code }) => code === 'W_ROWS_REJECTED');
        assert.deepEqual(warnings.map(({ table }) => table).sort(), ['all_bad', 't', 'wide']);
        assert.match(String(warnings[0].hint), new RegExp(`retry-rejects .* ${report.runId.slice(0, 8)}`));
        assert.deepEqual(
          await keptRejects(to, target),
          [[String(lines.length), '0']],
          'values are in the file',
        );

        const again = await migrator.retryRejects();
        assert.deepEqual(
          [again.success, again.totalMigratedRows, rejectedOf(again)],
          [true, 0, lines.length],
          'nothing has changed',
        );
        const last = await migrator.retryRejects(null, { allow: [bad.allow] });
        assert.deepEqual(
          [last.success, last.error, last.totalMigratedRows, rejectedOf(last)],
          [true, null, lines.length, 0],
        );
        for (const [table, rows] of [
          ['t', ROWS],
          ['all_bad', 1500],
          ['wide', 3],
        ] as const)
          assert.deepEqual(await queryText(to, `SELECT count(*), count(DISTINCT id) FROM ${table}`), [
            [String(rows), String(rows)],
          ]);
        assert.deepEqual(await keptRejects(to, target), [['0', '0']]);
        assert.equal(readFileSync(rejects, 'utf8'), '', 'the file is written anew');
        await assert.rejects(migrator.retryRejects(), { code: 'E_USAGE' });
      }
    });
  }

  for (const source of ENGINES)
    for (const target of ENGINES)
      test(`${source} to ${target}: rows that only the live table refuses`, async () => {
        const from = await place(source);
        const columns = 'id INTEGER NOT NULL PRIMARY KEY, code INTEGER, name VARCHAR(40), parent INTEGER';
        await runStatements(from, [
          `CREATE TABLE t (${columns})`,
          ...many(3000, (id) => `(${id}, ${id}, 'name ${id}', NULL)`, 't'),
          // NULL in a column that takes none; a check; a key that is there; a code that is there; no parent.
          'UPDATE t SET name = NULL WHERE id IN (10, 2999)',
          'UPDATE t SET code = -5 WHERE id = 20',
          'UPDATE t SET code = 900001 WHERE id = 30',
          'UPDATE t SET parent = 77 WHERE id = 40',
          'UPDATE t SET parent = 1 WHERE id = 50',
        ]);
        const to = await place(target);
        await runStatements(to, [
          'CREATE TABLE parents (id INTEGER NOT NULL PRIMARY KEY)',
          'INSERT INTO parents VALUES (1)',
          `CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, code INTEGER UNIQUE CHECK (code >= 0), name VARCHAR(40) NOT NULL,
            parent INTEGER REFERENCES parents (id))`,
          `INSERT INTO t VALUES (60, 900000, 'was here', NULL), (900001, 900001, 'too', NULL)`,
        ]);
        // SQLite checks no foreign keys unless it is told to.
        const refused = [10, 20, 30, ...(target === 'sqlite' ? [] : [40]), 60, 2999];
        const rejects = file();
        const migrator = open(from, to, { onError: 'skip', ifExists: 'append', batchSize: 700, rejects });
        const report = await migrator.migrateAllTables();
        assert.deepEqual([report.error, report.success], [null, true]);
        assert.deepEqual(countsOf(report), { t: [3000, 3000 - refused.length, refused.length] });
        const lines = linesOf(rejects);
        assert.deepEqual(lines.map(({ key }) => Number(key?.['id'])).sort(numbers), refused);
        assert.deepEqual([...new Set(lines.map(({ code }) => code))], ['E_CONSTRAINT']);
        assert.equal(lines.find(({ key }) => key?.['id'] === '10')?.column, 'name');
        const kept = await queryText(to, 'SELECT count(*) FROM t WHERE id <= 3000');
        assert.deepEqual(kept, [[String(3000 - refused.length + 1)]], 'and the row that was there');
        assert.deepEqual(await queryText(to, 'SELECT name FROM t WHERE id = 60'), [['was here']]);

        await runStatements(from, [
          `UPDATE t SET name = 'mended' WHERE name IS NULL`,
          'UPDATE t SET code = id WHERE id IN (20, 30)',
          'UPDATE t SET parent = NULL WHERE id = 40',
          'DELETE FROM t WHERE id = 2999',
        ]);
        const again = await migrator.retryRejects(report.runId.slice(0, 6));
        assert.deepEqual(
          [again.error, again.success, rejectedOf(again)],
          [null, true, 0],
          'a key that is there is passed over',
        );
        assert.equal(again.totalMigratedRows, refused.length - 2);
        assert.ok(again.warnings.some(({ code }) => code === 'W_REJECTED_ROWS_GONE'));
        assert.deepEqual(await keptRejects(to, target), [['0', '0']]);
        assert.deepEqual(await queryText(to, 'SELECT name FROM t WHERE id IN (10, 60) ORDER BY id'), [
          ['mended'],
          ['was here'],
        ]);
      });

  test('appended onto rows of the same keys: what the live table refuses is rejected, what it has is skipped or updated', async () => {
    for (const target of ENGINES)
      for (const onConflict of ['skip', 'update'] as const) {
        const from = await place('sqlite');
        await runStatements(from, [
          'CREATE TABLE t (id INTEGER PRIMARY KEY, code INTEGER)',
          'INSERT INTO t VALUES (1, 10), (2, -2), (3, 30), (4, 40)',
        ]);
        const to = await place(target);
        await runStatements(to, [
          'CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, code INTEGER UNIQUE CHECK (code >= 0))',
          'INSERT INTO t VALUES (1, 11), (9, 40)',
        ]);
        const options = { onError: 'skip', ifExists: 'append', onConflict, rejects: file() } as const;
        const report = await open(from, to, options).migrateAllTables();
        assert.deepEqual([report.error, rejectedOf(report)], [null, 2], `${target} ${onConflict}`);
        assert.deepEqual(await queryText(to, 'SELECT id, code FROM t ORDER BY id'), [
          ['1', onConflict === 'skip' ? '11' : '10'],
          ['3', '30'],
          ['9', '40'],
        ]);
      }
  });

  test('SQLite columns that hold other things than they say: the rows go, the column stays', async () => {
    const from = await place('sqlite');
    await runStatements(from, [
      'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, label TEXT)',
      ...many(2000, (id) => `(${id}, ${id * 2}, 'label ${id}')`, 't'),
      `UPDATE t SET n = 'no number' WHERE id IN (1, 1000, 2000)`,
      `UPDATE t SET label = x'00ff' WHERE id = 1500`,
    ]);
    const to = await place('postgres');
    const migrator = open(from, to, { onError: 'skip', batchSize: 500, rejects: file(), quarantine: true });
    const refused = await open(from, await place('postgres'), {}).migrateAllTables();
    assert.equal(refused.success, false, 'without it the table is refused');
    const report = await migrator.migrateAllTables();
    assert.deepEqual([report.error, countsOf(report)], [null, { t: [2000, 1996, 4] }]);
    const types = `SELECT data_type FROM information_schema.columns WHERE table_name = 't' ORDER BY ordinal_position`;
    assert.deepEqual((await queryText(to, types)).flat(), ['bigint', 'bigint', 'text']);
    const stored =
      'SELECT row_key, column_name, value, encoding FROM _ferrow.rejects ORDER BY seq, row_number';
    assert.deepEqual(await queryText(to, stored), [
      ['{"id":"1"}', 'n', 'no number', 'text'],
      ['{"id":"1000"}', 'n', 'no number', 'text'],
      ['{"id":"1500"}', 'label', '\\x00ff', 'hex'],
      ['{"id":"2000"}', 'n', 'no number', 'text'],
    ]);
  });

  test('values that PostgreSQL’s rows hold and no column can read are rejects too', async () => {
    const from = await place('postgres');
    await runStatements(from, [
      'CREATE TABLE t (id int PRIMARY KEY, at timestamp, price numeric(10, 2))',
      `INSERT INTO t SELECT i, '2024-01-01', i FROM generate_series(1, 3000) i`,
      `UPDATE t SET at = '294276-12-31' WHERE id IN (1, 1500)`,
      `UPDATE t SET price = 'NaN' WHERE id IN (1500, 3000)`,
    ]);
    const to = await place('duckdb');
    const rejects = file();
    const report = await open(from, to, { onError: 'skip', batchSize: 1000, rejects }).migrateAllTables();
    assert.deepEqual([report.error, countsOf(report)], [null, { t: [3000, 2997, 3] }]);
    const lines = linesOf(rejects).map(({ key, column, code }) => [key?.['id'], column, code]);
    assert.deepEqual(lines.sort(), [
      ['1', 'at', 'E_TIMESTAMP_RANGE'],
      ['1500', 'at', 'E_TIMESTAMP_RANGE'],
      ['3000', 'price', 'E_NUMERIC_SPECIAL'],
    ]);
  });

  test('PostgreSQL: domains and types of the live table judge row by row', async () => {
    const from = await place('sqlite');
    await runStatements(from, [
      'CREATE TABLE t (id INTEGER PRIMARY KEY, age INTEGER, net TEXT)',
      ...many(500, (id) => `(${id}, ${id}, '10.0.0.${id % 250}')`, 't'),
      'UPDATE t SET age = -1 WHERE id IN (1, 250, 500)',
      `UPDATE t SET net = 'nowhere' WHERE id = 7`,
    ]);
    const to = await place('postgres');
    await runStatements(to, [
      'CREATE DOMAIN age AS integer CHECK (VALUE >= 0)',
      'CREATE TABLE t (id bigint PRIMARY KEY, age age, net inet)',
    ]);
    const rejects = file();
    const report = await open(from, to, { onError: 'skip', ifExists: 'append', rejects }).migrateAllTables();
    assert.deepEqual([report.error, countsOf(report)], [null, { t: [500, 496, 4] }]);
    const found = linesOf(rejects).map(({ key, column, code }) => [Number(key?.['id']), column, code]);
    assert.deepEqual(found.sort(), [
      [1, null, 'E_CONSTRAINT'],
      [250, null, 'E_CONSTRAINT'],
      [500, null, 'E_CONSTRAINT'],
      [7, 'net', 'E_INVALID_VALUE'],
    ]);
  });

  test('too many rejects fail their table alone; a share counts from the rows of the source', async () => {
    const from = await place('sqlite');
    await makeSource(from, 'sqlite', BAD['sqlite to postgres']);
    for (const [maxRejects, failed] of [
      ['6', ['all_bad', 't']],
      ['7', ['all_bad']],
      ['0.13%', ['all_bad', 't', 'wide']],
      ['0.14%', ['all_bad', 'wide']],
      ['100%', []],
    ] as const) {
      const to = await place('postgres');
      const rejects = file();
      const options = { onError: 'skip', maxRejects, verify: 'none', rejects } as const;
      const report = await open(from, to, options).migrateAllTables();
      const names = report.tableResults.filter(({ success }) => !success).map(({ tableName }) => tableName);
      assert.deepEqual(names.sort(), failed, maxRejects);
      for (const { success, error } of report.tableResults)
        assert.equal(error?.code, success ? undefined : 'E_TOO_MANY_REJECTS');
      const standing = await queryText(to, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
      assert.ok(failed.every((name) => !standing.flat().includes(name)));
      const inFile = new Set(linesOf(rejects).map(({ table }) => table));
      assert.ok(inFile.has('all_bad'), 'what was found is told, though the table failed');
      const kept = await queryText(to, 'SELECT DISTINCT table_name FROM _ferrow.rejects');
      assert.ok(kept.flat().every((name) => !(failed as readonly string[]).includes(name)));
    }
  });

  test('a file that can not be written is refused before anything moves', async () => {
    const from = await place('sqlite');
    await makeSource(from, 'sqlite', BAD['sqlite to postgres']);
    const to = await place('postgres');
    const rejects = join(folder, 'nowhere', 'rejects.jsonl');
    const report = await open(from, to, { onError: 'skip', rejects }).migrateAllTables();
    assert.equal(report.error?.code, 'E_USAGE');
    assert.deepEqual(
      await queryText(
        to,
        `SELECT schema_name FROM information_schema.schemata WHERE schema_name = '_ferrow'`,
      ),
      [],
    );
  });

  test('rows without a key are kept, and said by name when they are tried again', async () => {
    const from = await place('sqlite');
    await runStatements(from, [
      'CREATE TABLE t (v TEXT)',
      `INSERT INTO t VALUES ('fine'), (CAST(x'610062' AS TEXT))`,
    ]);
    const to = await place('postgres');
    const migrator = open(from, to, { onError: 'skip', quarantine: true });
    assert.deepEqual(countsOf(await migrator.migrateAllTables()), { t: [2, 1, 1] });
    const again = await migrator.retryRejects(null, { allow: ['nul=strip'] });
    assert.deepEqual([again.success, again.totalMigratedRows, rejectedOf(again)], [true, 0, 1]);
    assert.deepEqual(
      again.warnings.map(({ code, table }) => [code, table]),
      [['W_REJECTS_WITHOUT_KEY', 't']],
    );
    assert.deepEqual(await keptRejects(to, 'postgres'), [['1', '1']]);
  });
});

/** Tables with bad rows in all places, nothing but bad rows, bad rows in different columns, none. */
async function makeSource(url: string, engine: EngineName, { type, good, bad }: Bad): Promise<void> {
  const key = engine === 'sqlite' ? 'id INTEGER PRIMARY KEY' : 'id INTEGER NOT NULL PRIMARY KEY';
  await runStatements(url, [
    `CREATE TABLE t (${key}, v ${type}, w INTEGER)`,
    ...many(ROWS, (id) => `(${id}, ${good}, ${id})`, 't'),
    `UPDATE t SET v = ${bad} WHERE id IN (${BAD_IDS.join(', ')})`,
    `CREATE TABLE all_bad (${key}, v ${type})`,
    ...many(1500, (id) => `(${id}, ${bad})`, 'all_bad'),
    `CREATE TABLE wide (${key}, a ${type}, b ${type}, c ${type})`,
    `INSERT INTO wide VALUES (1, ${bad}, ${good}, ${good}), (2, ${good}, ${bad}, ${good}), (3, ${good}, ${bad}, ${bad})`,
    `CREATE TABLE good (${key}, v ${type})`,
    ...many(10, (id) => `(${id}, ${good})`, 'good'),
  ]);
}

function many(rows: number, row: (id: number) => string, table: string): string[] {
  const values = Array.from({ length: rows }, (_, at) => row(at + 1));
  return [`INSERT INTO ${table} VALUES ${values.join(', ')}`];
}

const numbers = (a: number, b: number) => a - b;
