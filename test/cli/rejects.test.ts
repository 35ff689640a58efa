// The built executable with rows that the target can't hold: what is said, the file, the exit statuses, trying again.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { queryText, runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { documentOf, ferrow } from './run-bin.ts';

suite('rejected rows on the command line', () => {
  const folder = temporaryFolder({ after });
  const source = join(folder, 'people.db');
  const target = join(folder, 'people.duckdb');
  const rejects = join(folder, 'rejects.jsonl');

  before(() =>
    runStatements(`sqlite:${source}`, [
      'CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)',
      `INSERT INTO people VALUES (1, 'Ada'), (2, CAST(x'41ff' AS TEXT)), (3, 'Grace')`,
    ]),
  );

  test('4: done, with rejects; the report says how to go on, and retry-rejects goes on', async () => {
    const refused = await ferrow(['migrate', source, target]);
    assert.equal(refused.status, 1, 'by default nothing moves');
    const { status, stdout, stderr } = await ferrow([
      ...['migrate', source, target, '--on-error', 'skip', '--rejects', rejects],
    ]);
    assert.equal(status, 4, stderr);
    assert.match(stdout, /people\s+2\s.*1 rejected/);
    assert.match(stdout, /W_ROWS_REJECTED[\s\S]*id=2: column "name" E_INVALID_UTF8/);
    const [, run] = /ferrow retry-rejects \S+ ([0-9a-f]{8})/.exec(stdout) ?? [];
    assert.ok(run, stdout);
    const line = JSON.parse(readFileSync(rejects, 'utf8')) as Record<string, unknown>;
    assert.deepEqual([line['key'], line['value'], line['encoding']], [{ id: '2' }, '\\x41ff', 'hex']);

    const again = await ferrow(['retry-rejects', target, run, '--json']);
    assert.deepEqual([again.status, documentOf(again).tableResults[0].rejectedRows], [4, 1], again.stderr);
    assert.equal((await ferrow(['retry-rejects', target, 'ffff'])).status, 2);
    const allowed = await ferrow(['retry-rejects', target, '--allow', 'invalid_utf8=replace']);
    assert.equal(allowed.status, 0, allowed.stderr);
    assert.match(allowed.stdout, /done: 1 table, 1 row/);
    assert.deepEqual(await queryText(`duckdb:${target}`, 'SELECT name FROM people ORDER BY id'), [
      ['Ada'],
      ['A\ufffd'],
      ['Grace'],
    ]);
    const none = await ferrow(['retry-rejects', target]);
    assert.deepEqual([none.status, /no rejected rows/.test(none.stderr)], [2, true], none.stderr);
    const missing = join(folder, 'missing.duckdb');
    assert.notEqual((await ferrow(['retry-rejects', missing])).status, 0);
    assert.ok(!existsSync(missing), 'a target that is not there is not made');
  });

  test('1: too many', async () => {
    const { status, stderr } = await ferrow([
      ...['migrate', source, join(folder, 'many.duckdb'), '--on-error', 'skip', '--rejects', rejects],
      ...['--max-rejects', '0'],
    ]);
    assert.equal(status, 1);
    assert.match(stderr, /E_TOO_MANY_REJECTS/);
  });
});
