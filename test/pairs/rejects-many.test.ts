// Very many rejected rows, refused as they come and by the end of the load: all of them are in the file and in the target, and a
// retry moves them in several transfers that are reported as one.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { queryText, runStatements } from '../support/judge.ts';
import { ENGINES, emptyPlaces } from '../support/places.ts';
import { countsOf, keptRejects, linesOf, openMigrator } from '../support/rejects.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROWS = 60_000;
/** More than one condition takes. */
const BAD = 30_000;

describe('very many rejected rows', () => {
  const place = emptyPlaces({ before, after });
  const folder = temporaryFolder({ after });

  for (const target of ENGINES)
    test(`sqlite to ${target}: each is kept, and moved when it is mended or allowed`, async () => {
      const from = await place('sqlite');
      await runStatements(from, [
        'PRAGMA ignore_check_constraints = ON',
        'CREATE TABLE late (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0))',
        `INSERT INTO late WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${ROWS})
           SELECT i, CASE WHEN i % 2 = 0 THEN -i ELSE i END FROM c`,
        'CREATE TABLE early (id INTEGER PRIMARY KEY, name TEXT)',
        `INSERT INTO early SELECT id, CASE WHEN n < 0 THEN CAST(x'41ff' AS TEXT) ELSE 'fine' END FROM late`,
      ]);
      const to = await place(target);
      const rejects = join(folder, `${target}.jsonl`);
      const migrator = openMigrator(from, to, { onError: 'skip', quarantine: true, rejects });
      const report = await migrator.migrateAllTables();
      const early = target === 'sqlite' ? 0 : BAD;
      assert.deepEqual(
        [report.error, countsOf(report)],
        [null, { late: [ROWS, ROWS - BAD, BAD], early: [ROWS, ROWS - early, early] }],
      );
      const keys = linesOf(rejects).map(({ table, key }) => `${table} ${key?.['id']}`);
      assert.deepEqual([keys.length, new Set(keys).size], [BAD + early, BAD + early]);
      assert.deepEqual(await keptRejects(to, target), [[String(BAD + early), String(early)]]);

      await runStatements(from, ['UPDATE late SET n = id']);
      const again = await migrator.retryRejects(null, { allow: ['invalid_utf8=replace'] });
      assert.deepEqual([again.error, again.totalMigratedRows], [null, BAD + early]);
      // They are moved a portion at a time, and reported as one.
      const late = again.tableResults.find(({ tableName }) => tableName === 'late');
      assert.equal(late?.conflicts?.inserted, BAD);
      assert.deepEqual(
        again.allowedLosses.map(({ table, count }) => [table, count]),
        early === 0 ? [] : [['early', early]],
      );
      for (const table of ['late', 'early'])
        assert.deepEqual(await queryText(to, `SELECT count(*), count(DISTINCT id) FROM ${table}`), [
          [String(ROWS), String(ROWS)],
        ]);
      assert.deepEqual(await keptRejects(to, target), [['0', '0']]);
    });
});
