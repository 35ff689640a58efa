// The built executable tunes: a document, files as asked for, and after SIGINT nothing left.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ferrow, startFerrow } from './run-bin.ts';

suite('tune', () => {
  const folder = temporaryFolder({ after });
  const source = join(folder, 'source.db');
  const target = join(folder, 'target.duckdb');
  const config = join(folder, 'ferrow.yaml');

  before(async () => {
    await runStatements(`sqlite:${source}`, [
      'CREATE TABLE big (id INTEGER PRIMARY KEY, label TEXT)',
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600000)
       INSERT INTO big SELECT i, 'label number ' || i FROM n`,
    ]);
  });

  test('--json, --write and --output within the budget', async () => {
    const page = join(folder, 'tune.html');
    const args = ['tune', source, target, '--json', '--budget', '5', '--write', config, '--output', page];
    const { status, stdout, stderr } = await ferrow(args);
    assert.equal(status, 0, stderr);
    const document = JSON.parse(stdout);
    assert.deepEqual(
      [document.command, document.success, document.tableName, document.measured, document.configFile],
      ['tune', true, 'big', true, config],
    );
    assert.ok(document.elapsedSeconds < 12, `${document.elapsedSeconds} s`);
    assert.match(
      readFileSync(config, 'utf8'),
      new RegExp(`^batchSize: ${document.recommended.batchSize}$`, 'm'),
    );
    assert.match(readFileSync(page, 'utf8'), /<svg /);
    assert.match(stderr, /finals: \d+ settings/);
    assert.deepEqual(readdirSync(folder).sort(), ['ferrow.yaml', 'source.db', 'tune.html']);
    // What was written is a configuration that migrate takes.
    const moved = await ferrow(['migrate', source, join(folder, 'moved.db'), '--config', config, '--quiet']);
    assert.equal(moved.status, 0, moved.stderr);
  });

  test('SIGINT ends it with 130, and the target is as it was', async () => {
    await runStatements(`duckdb:${target}`, ['CREATE TABLE mine (x INTEGER)']);
    const before = readFileSync(target);
    for (const moment of [/warming up/, /batch size .* rows\/s/]) {
      const run = startFerrow(['tune', source, target, '--json', '--verbose']);
      await run.saw(moment);
      run.child.kill('SIGINT');
      const { status, stdout, stderr } = await run.ended;
      assert.equal(status, 130, stderr);
      assert.equal(JSON.parse(stdout).error.code, 'E_CANCELLED');
      assert.deepEqual(readFileSync(target), before);
      assert.deepEqual(
        readdirSync(folder).filter((file) => file.includes('_ferrow')),
        [],
      );
    }
  });
});
