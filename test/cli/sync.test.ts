// `ferrow sync` as users run it: its text, its JSON, its exit status, its configuration file; and killed in the middle.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { queryText, runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { documentOf, startFerrow } from './run-bin.ts';
import { ferrowHere } from './run-here.ts';

const ferrow = (...args: string[]) => ferrowHere(args);

suite('ferrow sync', () => {
  const folder = temporaryFolder({ after });
  let places = 0;
  const fresh = (suffix: string) => join(folder, `${++places}.${suffix}`);
  const makeSource = async () => {
    const source = fresh('db');
    await runStatements(source, [
      'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, changed INTEGER)',
      `INSERT INTO item VALUES (1, 'one', 1), (2, 'two', 2)`,
    ]);
    return source;
  };

  test('says what was new, and that nothing was', async () => {
    const [source, target] = [await makeSource(), fresh('duckdb')];
    const first = await ferrow('sync', source, target, '--watermark', 'changed');
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /done: 1 table, 2 rows/);
    const second = await ferrow('sync', source, target, '--watermark', 'changed');
    assert.match(second.stdout, /item: nothing new/);
    await runStatements(source, [`INSERT INTO item VALUES (3, 'three', 3)`, 'DELETE FROM item WHERE id = 1']);
    const plan = await ferrow('sync', source, target, '--watermark', 'changed', '--dry-run', '--json');
    assert.equal(documentOf(plan).tableResults[0].sourceRows, 2);
    const words = await ferrow('sync', source, target, '--watermark', 'changed', '--deletes', '--dry-run');
    assert.match(words.stdout, /item {2}2 rows, from changed 2, upserted by key, rows that .* are deleted/);
    assert.match(words.stdout, /nothing was written; ferrow sync would move 1 table, 2 rows/);
    const third = await ferrow('sync', source, target, '--watermark', 'changed', '--deletes');
    assert.match(third.stdout, /item: 1 inserted, 1 unchanged, 1 deleted/);
    const idle = await ferrow('sync', source, target, '--watermark', 'changed', '--dry-run');
    assert.match(idle.stdout, /item {2}1 row, from changed 3, upserted by key,/);
    const json = documentOf(await ferrow('sync', source, target, '--watermark', 'changed', '--json'));
    assert.equal(json.command, 'sync');
    assert.deepEqual(json.tableResults[0].watermark, { column: 'changed', from: '3', to: '3' });
    assert.equal(json.tableResults[0].conflicts?.inserted, 0);
    const same = await ferrow(
      'migrate',
      source,
      target,
      '--strategy',
      'incremental',
      '--watermark',
      'changed',
    );
    assert.match(same.stdout, /item: nothing new/);
  });

  test('takes a watermark for each table from the configuration file', async () => {
    const [source, target, config] = [await makeSource(), fresh('db'), fresh('yaml')];
    await runStatements(source, [
      'CREATE TABLE log (line TEXT, n INTEGER)',
      `INSERT INTO log VALUES ('a', 1)`,
    ]);
    writeFileSync(config, 'tableOptions:\n  item: { watermark: changed }\n  log: { watermark: n }\n');
    const run = documentOf(await ferrow('sync', source, target, '--config', config, '--json'));
    assert.deepEqual([run.error, run.totalMigratedRows], [null, 3]);
    const without = documentOf(await ferrow('sync', source, target, '--json'));
    assert.equal(without.error?.code, 'E_USAGE');
    assert.match(without.error?.hint ?? '', /--watermark/);
  });

  test('killed in the middle it leaves the table as it was; the next one clears up and goes on', async () => {
    const [source, target] = [await makeSource(), fresh('duckdb')];
    const options = ['--watermark', 'changed', '--verbose', '--json', '--batch-size', '1000'];
    await ferrow('sync', source, target, ...options);
    await runStatements(source, [
      `WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
       INSERT INTO item SELECT i, 'number ' || i, i FROM n`,
    ]);
    const { child, ended, saw } = startFerrow(['sync', source, target, ...options]);
    await saw(/-> .*1 table/);
    child.kill('SIGKILL');
    assert.equal((await ended).status, null);
    assert.deepEqual(await queryText(target, 'SELECT count(*) FROM item'), [['2']]);
    const next = documentOf(await ferrow('sync', source, target, ...options));
    assert.deepEqual([next.error, next.tableResults[0].conflicts?.inserted], [null, 999_998]);
    const left = `SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main' AND table_name LIKE '%ferrow%'`;
    assert.deepEqual(await queryText(target, left), [['0']]);
  });
});
