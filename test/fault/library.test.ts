// Faults met through the library: signals, closing too early, two migrators on one file, options that make no sense.
import assert from 'node:assert/strict';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { DatabaseFactory, DatabaseMigrator, FerrowError } from '../../src/index.ts';
import { openTarget } from '../../src/threads/engine-host.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';

suite('faults through the library', () => {
  const folder = temporaryFolder({ after });
  const at = (name: string) => join(folder, name);
  const open = (source: string, target: string) =>
    new DatabaseMigrator(DatabaseFactory.create(at(source)), DatabaseFactory.create(at(target)));

  before(async () => {
    for (const [file, table] of [
      ['a.db', 'left'],
      ['b.db', 'right'],
    ]) {
      await runStatements(`sqlite:${at(file)}`, [
        `CREATE TABLE "${table}" (id INTEGER PRIMARY KEY, label TEXT)`,
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         INSERT INTO "${table}" SELECT i, 'label ' || i FROM n`,
      ]);
    }
  });

  test('a signal that is aborted before, and one during the run', async () => {
    await using migrator = open('a.db', 'aborted.duckdb');
    const before = await migrator.migrateAllTables({ signal: AbortSignal.abort() });
    assert.deepEqual([before.success, before.error?.code], [false, 'E_CANCELLED']);
    const controller = new AbortController();
    migrator.on('batch', () => controller.abort());
    const during = await migrator.migrateAllTables({ signal: controller.signal, batchSize: 1000 });
    assert.deepEqual([during.success, during.error?.code], [false, 'E_CANCELLED']);
    migrator.removeAllListeners('batch');
    // What was committed waits for whoever carries it on.
    assert.ok(
      during.warnings.some(({ code }) => code === 'W_RESUMABLE') === existsSync(at('aborted.duckdb')),
    );
    const after = existsSync(at('aborted.duckdb'))
      ? await migrator.resumeRun()
      : await migrator.migrateAllTables();
    assert.deepEqual([after.error, after.totalMigratedRows], [null, 100_000]);
  });

  test('closing while a run is under way ends it, and waits for it', async () => {
    const migrator = open('a.db', 'closed.duckdb');
    const run = migrator.migrateAllTables({ batchSize: 1000 });
    await new Promise<void>((resolve) => migrator.on('batch', () => resolve()));
    await migrator.close();
    const ended = await run;
    assert.equal(ended.error?.code, 'E_CANCELLED');
    assert.ok(ended.warnings.some(({ code }) => code === 'W_RESUMABLE') === existsSync(at('closed.duckdb')));
  });

  test('two migrators on one DuckDB file take turns, and no row is lost', async () => {
    await using first = open('a.db', 'shared.duckdb');
    await using second = open('b.db', 'shared.duckdb');
    const reports = await Promise.all([first.migrateAllTables(), second.migrateAllTables()]);
    assert.deepEqual(
      reports.map((report) => report.error),
      [null, null],
    );
    const sql = 'SELECT (SELECT count(*) FROM "left"), (SELECT count(*) FROM "right")';
    assert.deepEqual(await queryText(`duckdb:${at('shared.duckdb')}`, sql), [['100000', '100000']]);
  });

  test('a file that an engine has just made is owned, by path and by link', async () => {
    const path = at('made.duckdb');
    const location = { engine: 'duckdb' as const, path, display: 'made.duckdb' };
    const options = { connections: 1, readOnly: false };
    const first = await openTarget(location, options);
    symlinkSync(path, at('link.duckdb'));
    const opened: string[] = [];
    const waiting = [path, at('link.duckdb')].map(async (each) => {
      const engine = await openTarget({ ...location, path: each }, options);
      opened.push(each);
      await engine.close();
    });
    await setTimeout(300);
    assert.deepEqual(opened, []);
    await first.beginRun({
      runId: 'run',
      epoch: 1,
      state: 'copying',
      planHash: '',
      source: '',
      target: '',
      snapshotId: null,
      startedAt: '',
      version: '',
    });
    await first.endRun('run', 'done');
    await first.close();
    await Promise.all(waiting);
    assert.equal(opened.length, 2);
  });

  test('options that make no sense are named', async () => {
    await using migrator = open('a.db', 'options.duckdb');
    const wrong = (work: () => Promise<unknown>, pattern: RegExp) =>
      assert.rejects(
        work,
        (error) => error instanceof FerrowError && error.kind === 'usage' && pattern.test(error.message),
      );
    await wrong(() => migrator.migrateAllTables({ batchSize: -1 }), /batchSize/);
    await wrong(() => migrator.migrateAllTables({ ifExists: 'maybe' as 'fail' }), /ifExists/);
    assert.ok(!existsSync(at('options.duckdb')));
  });
});
