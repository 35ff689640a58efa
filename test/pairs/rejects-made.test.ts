// `--on-error skip` where the run makes the table: rows of a looser source that break its constraints are rejected, and the
// constraints stand. Judged by the engine's own SQL.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DatabaseMigrator, TransferOptionsInput } from '../../src/index.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { emptyPlaces } from '../support/places.ts';
import { countsOf, linesOf, openMigrator } from '../support/rejects.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** What SQLite lets in and a stricter engine does not: NULL in a key, a broken check, texts that a policy makes equal. */
const LOOSE = [
  'CREATE TABLE keyed (code TEXT PRIMARY KEY, n INTEGER)',
  `INSERT INTO keyed VALUES ('a', 1), (NULL, 2), ('b', 3), (NULL, 4)`,
  'PRAGMA ignore_check_constraints = ON',
  'CREATE TABLE checked (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0))',
  'INSERT INTO checked VALUES (1, 1), (2, -2), (3, 3), (4, -4)',
  'CREATE TABLE doubled (id INTEGER PRIMARY KEY, name TEXT UNIQUE)',
  `INSERT INTO doubled VALUES (1, 'x'), (2, CAST(x'7800' AS TEXT)), (3, 'y'), (4, CAST(x'780000' AS TEXT))`,
];

describe('rows that break a constraint of a table that the run makes', () => {
  const place = emptyPlaces({ before, after });
  const folder = temporaryFolder({ after });
  let files = 0;

  for (const strategy of ['direct', 'transactional', 'blue-green'] as const) {
    test(`sqlite to postgres, ${strategy}: they are rejected with the reason, and the constraints stand`, async () => {
      const from = await place('sqlite');
      await runStatements(from, LOOSE);
      const to = await place('postgres');
      const rejects = join(folder, `rejects-${++files}.jsonl`);
      const report = await open(from, to, {
        strategy,
        onError: 'skip',
        allow: ['nul=strip'],
        rejects,
      }).migrateAllTables();
      assert.deepEqual([report.success, report.error], [true, null]);
      assert.deepEqual(countsOf(report), { keyed: [4, 2, 2], checked: [4, 2, 2], doubled: [4, 2, 2] });
      assert.deepEqual(await queryText(to, 'SELECT code FROM keyed ORDER BY 1'), [['a'], ['b']]);
      assert.deepEqual(await queryText(to, 'SELECT id FROM checked ORDER BY 1'), [['1'], ['3']]);
      assert.deepEqual(await queryText(to, 'SELECT id, name FROM doubled ORDER BY 1'), [
        ['1', 'x'],
        ['3', 'y'],
      ]);
      const standing = `SELECT conrelid::regclass::text, contype::text FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2`;
      assert.deepEqual(await queryText(to, standing), [
        ['checked', 'c'],
        ['checked', 'p'],
        ['doubled', 'p'],
        ['doubled', 'u'],
        ['keyed', 'p'],
      ]);
      const said = linesOf(rejects).map(({ table, key, reason }) => [table, key, reason] as const);
      assert.deepEqual(said.map(([table, key]) => [table, key && Object.values(key)[0]]).sort(), [
        ['checked', '2'],
        ['checked', '4'],
        ['doubled', '2'],
        ['doubled', '4'],
        ['keyed', null],
        ['keyed', null],
      ]);
      assert.ok(said.every(([, , reason]) => typeof reason === 'string' && reason !== ''));
    });
  }

  test('mended in the source they are tried again, and arrive', async () => {
    const from = await place('sqlite');
    await runStatements(from, LOOSE);
    const to = await place('postgres');
    const migrator = open(from, to, { onError: 'skip', tables: ['checked'] });
    const report = await migrator.migrateAllTables();
    assert.equal(report.tableResults[0]?.rejectedRows, 2);
    await runStatements(from, ['UPDATE checked SET n = 20 WHERE id = 2']);
    const again = await migrator.retryRejects(null, {});
    assert.deepEqual([again.totalMigratedRows, again.tableResults[0]?.rejectedRows], [1, 1]);
    assert.deepEqual(await queryText(to, 'SELECT id, n FROM checked ORDER BY 1'), [
      ['1', '1'],
      ['2', '20'],
      ['3', '3'],
    ]);
  });

  test('one whose key a policy has changed is kept, and not taken for gone', async () => {
    const from = await place('sqlite');
    await runStatements(from, [
      'CREATE TABLE t (name TEXT PRIMARY KEY)',
      `INSERT INTO t VALUES ('x'), (CAST(x'787800' AS TEXT)), ('xx')`,
    ]);
    const migrator = open(from, await place('postgres'), { onError: 'skip', allow: ['nul=strip'] });
    assert.equal((await migrator.migrateAllTables()).tableResults[0]?.rejectedRows, 1);
    // The other of the two goes, so that nothing in the source has the key as it arrived.
    await runStatements(from, [`DELETE FROM t WHERE name = 'xx'`]);
    const again = await migrator.retryRejects(null, {});
    assert.deepEqual(
      again.warnings.map(({ code }) => code),
      ['W_REJECTS_WITHOUT_KEY'],
    );
    assert.equal(again.tableResults[0]?.rejectedRows, 1);
  });

  test('without --on-error skip nothing is left out: the constraint is, and is listed', async () => {
    const from = await place('sqlite');
    await runStatements(from, LOOSE);
    const to = await place('postgres');
    const report = await open(from, to, { tables: ['checked'], rejects: undefined }).migrateAllTables();
    assert.deepEqual([report.success, report.totalMigratedRows], [true, 4]);
    assert.ok(report.warnings.some(({ code, table }) => code === 'W_NOT_CARRIED' && table === 'checked'));
  });

  test('of two rows of one key in an append the first stays, and the other is rejected', async () => {
    const from = await place('sqlite');
    await runStatements(from, [
      'CREATE TABLE t (code TEXT, n INTEGER)',
      `INSERT INTO t VALUES ('a', 2), ('a', 1), ('b', 3)`,
    ]);
    for (const onConflict of ['skip', 'update'] as const) {
      const to = await place('postgres');
      await runStatements(to, ['CREATE TABLE t (code text PRIMARY KEY, n integer)']);
      const options = { onError: 'skip', ifExists: 'append', onConflict } as const;
      const report = await open(from, to, options).migrateAllTables();
      assert.deepEqual([report.error, report.tableResults[0]?.rejectedRows], [null, 1], onConflict);
      assert.deepEqual(await queryText(to, 'SELECT code, n FROM t ORDER BY 1'), [
        ['a', '1'],
        ['b', '3'],
      ]);
    }
  });

  function open(from: string, to: string, options: TransferOptionsInput): DatabaseMigrator {
    const rejects = join(folder, `rejects-${++files}.jsonl`);
    return openMigrator(from, to, { rejects, ...options });
  }
});
