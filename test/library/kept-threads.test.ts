// Threads end with the call that has started them, unless somebody keeps them: then the next call takes them. In a process of its
// own, since those of the tests keep threads.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTarget } from '../../src/threads/engine-host.ts';
import { keepThreads } from '../../src/threads/kept-threads.ts';
import { queryText, runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';

const LIBRARY = new URL('../../dist/index.js', import.meta.url).href;

/** Threads that were started, and those that have ended, after each step of the script. */
function run(script: string, folder: string): Record<string, [started: number, ended: number]> {
  const source = `
    import { DatabaseMigrator, keepThreads } from ${JSON.stringify(LIBRARY)};
    const steps = {};
    let [started, ended] = [0, 0];
    process.on('worker', (worker) => {
      started++;
      worker.once('exit', () => ended++);
    });
    const step = (name) => { steps[name] = [started, ended]; };
    const file = (name) => ${JSON.stringify(folder)} + '/' + name;
    const migrate = async (source, target, options = {}) => {
      const report = await new DatabaseMigrator(file(source), file(target)).migrateAllTables(options);
      return report.success ? report.totalMigratedRows : report.error.code;
    };
    const expect = (found, wanted) => {
      if (found !== wanted) throw new Error(found + ' instead of ' + wanted);
    };
    ${script}
    console.log(JSON.stringify(steps));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 60_000,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Record<string, [number, number]>;
}

async function folderWithSource(context: Parameters<typeof temporaryFolder>[0]): Promise<string> {
  const folder = temporaryFolder(context);
  await runStatements(`sqlite:${join(folder, 'a.db')}`, [
    'CREATE TABLE item (id INTEGER PRIMARY KEY, label TEXT)',
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
     INSERT INTO item SELECT i, 'label ' || i FROM n`,
  ]);
  writeFileSync(
    join(folder, 'garbage.db'),
    'this is no database, but long enough to be taken for one'.repeat(100),
  );
  return folder;
}

test('without a keeper each call ends its threads', async (context) => {
  const folder = await folderWithSource(context);
  const { first, second } = run(
    `expect(await migrate('a.db', 'b.db'), 5000);
     step('first');
     expect(await migrate('a.db', 'c.duckdb'), 5000);
     step('second');`,
    folder,
  );
  assert.ok(first[0] >= 3, `${first}`);
  assert.equal(first[1], first[0]);
  assert.ok(second[0] >= first[0] + 3, `${second}`);
  assert.equal(second[1], second[0]);
});

test('kept threads are taken again, until the last keeper ends', async (context) => {
  const folder = await folderWithSource(context);
  const steps = run(
    `const [one, two] = [keepThreads(), keepThreads()];
     expect(await migrate('a.db', 'b.db'), 5000);
     step('first');
     expect(await migrate('a.db', 'c.db'), 5000);
     expect(await migrate('b.db', 'a2.db'), 5000);
     step('again');
     await one.end();
     await one.end();
     step('oneEnded');
     expect(await migrate('a2.db', 'd.db'), 5000);
     await two.end();
     step('bothEnded');
     expect(await migrate('a.db', 'e.db'), 5000);
     step('after');`,
    folder,
  );
  const { first, again, oneEnded, bothEnded, after } = steps;
  assert.ok(first[0] >= 3 && first[1] === 0, `${first}`);
  assert.deepEqual([again, oneEnded], [first, first]);
  assert.deepEqual(bothEnded, [first[0], first[0]]);
  assert.ok(after[0] > first[0] && after[1] === after[0], `${after}`);
  for (const name of ['b.db', 'c.db', 'a2.db', 'd.db', 'e.db'])
    assert.deepEqual(await queryText(`sqlite:${join(folder, name)}`, 'SELECT count(*), sum(id) FROM item'), [
      ['5000', '12502500'],
    ]);
});

test('threads of what failed or was given up are not taken again, and disturb no other call', async (context) => {
  const folder = await folderWithSource(context);
  const { failed, after, end } = run(
    `const threads = keepThreads();
     expect(await migrate('garbage.db', 'f.db'), 'E_NOT_A_DATABASE');
     step('failed');
     const controller = new AbortController();
     const migrator = new DatabaseMigrator(file('a.db'), file('g.duckdb'), { batchSize: 100 });
     migrator.on('batch', () => controller.abort());
     const given = await migrator.migrateAllTables({ signal: controller.signal });
     expect(given.error.code, 'E_CANCELLED');
     expect(await migrate('a.db', 'h.duckdb'), 5000);
     expect(await migrate('h.duckdb', 'i.db'), 5000);
     step('after');
     await threads.end();
     step('end');`,
    folder,
  );
  assert.ok(failed[1] >= 1, `${failed}`);
  assert.ok(after[0] > after[1], `${after}`);
  assert.equal(end[1], end[0]);
});

test('kept threads do not keep the process alive', async (context) => {
  const folder = await folderWithSource(context);
  const { kept } = run(
    `keepThreads(); expect(await migrate('a.db', 'j.duckdb'), 5000); step('kept');`,
    folder,
  );
  assert.equal(kept[1], 0);
});

test('a database that is closed answers no more, also when its thread is at work on another', async (context) => {
  const folder = await folderWithSource(context);
  const open = (name: string) =>
    openTarget(
      { engine: 'sqlite', path: join(folder, name), display: name },
      { connections: 1, readOnly: false },
    );
  const threads = keepThreads();
  const first = await open('first.db');
  await first.close();
  const second = await open('second.db');
  await assert.rejects(first.readRuns(), { code: 'E_INTERNAL' });
  assert.deepEqual(await second.readRuns(), []);
  await second.close();
  await first.close();
  await threads.end();
});
