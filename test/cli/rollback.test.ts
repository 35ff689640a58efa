// `ferrow rollback` and the strategies as users type them: text, --json, wrong input.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { queryText, runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ferrow } from './run-bin.ts';

suite('rollback', () => {
  const folder = temporaryFolder({ after });
  const [source, target] = [join(folder, 'source.db'), join(folder, 'target.db')];

  test('a blue-green run says what it keeps, and rollback puts it back', async () => {
    await runStatements(source, ['CREATE TABLE a (id INTEGER PRIMARY KEY)', 'INSERT INTO a VALUES (1), (2)']);
    await runStatements(target, ['CREATE TABLE a (id INTEGER PRIMARY KEY)', 'INSERT INTO a VALUES (9)']);
    const moved = await ferrow(['migrate', source, target, '--strategy', 'blue-green']);
    assert.equal(moved.status, 0, moved.stderr);
    const [, run] = /kept as a_ferrow_old: ferrow rollback TARGET ([0-9a-f]{8})/.exec(moved.stdout) ?? [];
    assert.ok(run, moved.stdout);

    const back = await ferrow(['rollback', target, run, '--json']);
    assert.equal(back.status, 0, back.stderr);
    const document = JSON.parse(back.stdout);
    assert.deepEqual(
      [document.command, document.success, document.error, document.rolledBack.slice(0, 8), document.tables],
      ['rollback', true, null, run, [{ tableName: 'a', stands: true, keptAs: 'a_ferrow_old' }]],
    );
    assert.deepEqual(await queryText(target, 'SELECT id FROM a'), [['9']]);

    const listed = await ferrow(['runs', target]);
    const id = document.runId.slice(0, 8);
    assert.match(listed.stdout, new RegExp(`${id} +${run} .* a +ferrow rollback TARGET ${id}`));
    const { rollbacks } = JSON.parse((await ferrow(['runs', target, '--json'])).stdout);
    assert.deepEqual(
      rollbacks.map(({ at: _, ...rest }: { at: string }) => rest),
      [{ runId: document.runId, rolledBack: document.rolledBack, tables: ['a'], undoneBy: null }],
    );

    const again = await ferrow(['rollback', target]);
    assert.equal(again.status, 2);
    assert.match(
      again.stderr,
      new RegExp(`E_NOTHING_TO_ROLL_BACK[^!]*ferrow rollback TARGET ${document.runId}`),
    );
    const forward = await ferrow(['rollback', target, id]);
    assert.match(
      forward.stdout,
      /a +as before the run +kept as a_ferrow_old[\s\S]*to have them again: ferrow rollback TARGET/,
    );
    assert.deepEqual(await queryText(target, 'SELECT count(*) FROM a'), [['2']]);
  });

  test('what contradicts blue-green is wrong usage', async () => {
    for (const more of [['--if-exists', 'append'], ['--data-only']]) {
      const { status, stderr } = await ferrow([
        'migrate',
        source,
        target,
        '--strategy',
        'blue-green',
        ...more,
      ]);
      assert.equal(status, 2);
      assert.match(stderr, /E_USAGE: --strategy blue-green and/);
    }
  });

  test('a target that is not there is not made', async () => {
    const { status, stderr } = await ferrow(['rollback', join(folder, 'none.db')]);
    assert.equal(status, 1);
    assert.match(stderr, /E_FILE_MISSING/);
  });
});
