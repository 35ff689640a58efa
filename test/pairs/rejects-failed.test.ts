// Rows that were rejected of tables that then fail, in every strategy: the file has them, with what ended their table, and
// `retry-rejects` takes none of them for rows that are missing from a table.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FerrowError } from '../../src/index.ts';
import { runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';
import { countsOf, keptRejects, linesOf, openMigrator } from '../support/rejects.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 3000;

/** Text that only SQLite takes as it is; a check that only the end of the load finds broken. */
const SOURCE = [
  'CREATE TABLE poor (id INTEGER PRIMARY KEY, name TEXT)',
  `INSERT INTO poor WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
   SELECT i, CASE WHEN i % 100 = 0 THEN CAST(x'41ff' AS TEXT) ELSE 'name ' || i END FROM n`,
  'CREATE TABLE good (id INTEGER PRIMARY KEY, name TEXT)',
  `INSERT INTO good SELECT id, name FROM poor WHERE id <= 300`,
  'CREATE TABLE late (id INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK (n > 0))',
  'PRAGMA ignore_check_constraints = ON',
  'INSERT INTO late SELECT id, CASE WHEN id % 50 = 0 THEN -id ELSE id END FROM poor',
];

describe('rejects of tables that fail', () => {
  const place = emptyPlaces({ before, after });
  const folder = temporaryFolder({ after });
  let files = 0;

  for (const target of ENGINES)
    for (const strategy of ['direct', 'transactional', 'blue-green'] as const)
      test(`${target}, ${strategy}: the file has them, the target those of tables that stand`, async () => {
        const from = await place('sqlite');
        await runStatements(from, SOURCE);
        const to = await place(target);
        const rejects = join(folder, `rejects-${++files}.jsonl`);
        const migrator = openMigrator(from, to, {
          onError: 'skip',
          maxRejects: '20',
          strategy,
          rejects,
          batchSize: 500,
          quarantine: true,
        });
        const report = await migrator.migrateAllTables();
        // DuckDB judges such tables as they are swapped, if they are.
        const judges = target !== 'duckdb' || strategy !== 'blue-green';
        const swaps = strategy === 'blue-green';
        const takesText = target === 'sqlite';
        const ends = Object.fromEntries(
          report.tableResults.map(({ tableName, error }) => [tableName, error?.code ?? null]),
        );
        const whole = swaps ? 'E_NOT_SWAPPED' : null;
        assert.deepEqual(ends, {
          good: whole,
          poor: takesText ? whole : 'E_TOO_MANY_REJECTS',
          late: judges ? 'E_TOO_MANY_REJECTS' : whole,
        });
        const lines = linesOf(rejects);
        const found = (table: string) => lines.filter((line) => line.table === table);
        const [good, poor, late] = ['good', 'poor', 'late'].map(found);
        assert.deepEqual([good.length, late.length], [takesText ? 0 : 3, judges ? 60 : 0]);
        if (!takesText) assert.ok(poor.length > 20 && poor.length <= 30, String(poor.length));
        assert.ok([...good, ...poor].every(({ value }) => value !== null));
        for (const { table, tableError } of lines) assert.equal(tableError ?? null, ends[table]);
        for (const { tableName, rejectedRows } of report.tableResults)
          assert.equal(rejectedRows, found(tableName).length, tableName);
        const stay = swaps || takesText ? '0' : '3';
        assert.deepEqual(await keptRejects(to, target).catch(() => [['0', '0']]), [[stay, stay]]);
        const hints = report.warnings.filter(({ code }) => code === 'W_ROWS_REJECTED');
        for (const { table, hint } of hints)
          assert.match(hint ?? '', ends[table ?? ''] === null ? /retry-rejects/ : /was not moved/);
        assert.ok(hints.some(({ table }) => table === (takesText ? 'late' : 'poor')));

        if (stay === '0')
          await assert.rejects(migrator.retryRejects(), ({ code }: FerrowError) =>
            // A file that Ferrow made goes where nothing in it stands.
            ['E_USAGE', 'E_FILE_MISSING'].includes(code),
          );
        else {
          const again = await migrator.retryRejects(null, { allow: ['invalid_utf8=replace'] });
          assert.deepEqual([again.error, countsOf(again)], [null, { good: [3, 3, 0] }]);
        }
      });
});
