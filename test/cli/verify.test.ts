// `ferrow verify` and `ferrow repair` as a user runs them: exit status, text, JSON, report files, wrong input.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ferrowHere } from './run-here.ts';

suite('verify and repair', () => {
  const folder = temporaryFolder({ after });
  const source = join(folder, 'source.db');
  const target = join(folder, 'target.duckdb');
  const url = `duckdb:${target}`;

  before(async () => {
    await runStatements(`sqlite:${source}`, [
      'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)',
      `INSERT INTO t VALUES (1, '<b>a</b>'), (2, 'b'), (3, NULL)`,
      'CREATE TABLE u (n INTEGER)',
      'INSERT INTO u VALUES (1)',
    ]);
    assert.equal((await ferrowHere(['migrate', source, target])).status, 0);
  });

  test('equal: status 0, a table of tables, a file to sign', async () => {
    const page = join(folder, 'report.html');
    const { status, stdout, stderr } = await ferrowHere(['verify', source, target, '--output', page]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^t\s+3\s+3\s+full\s.*equal$/m);
    assert.match(stdout, /equal: 2 tables, compared by full/);
    const html = readFileSync(page, 'utf8');
    for (const word of ['Equal: 2 tables', 'signature', 'source digest', 'Not compared', 'source.db']) {
      assert.ok(html.includes(word), word);
    }
    assert.ok(!html.includes('<script') && !/src=|href=/.test(html), 'it needs nothing else');
  });

  test('different: status 3, the rows by name, then repaired', async () => {
    await runStatements(url, [
      `UPDATE t SET v = '<i>x</i>' WHERE id = 1`,
      'DELETE FROM t WHERE id = 3',
      `INSERT INTO t VALUES (9, 'n')`,
    ]);
    const page = join(folder, 'report.html');
    const text = await ferrowHere(['verify', source, target, '--output', page]);
    assert.equal(text.status, 3);
    assert.match(text.stdout, /1 changed, 1 missing, 1 extra/);
    assert.match(text.stdout, /changed id='1': v is '<b>a<\/b>' in the source, '<i>x<\/i>' in the target/);
    assert.match(text.stdout, /missing in the target id='3'/);
    assert.match(text.stdout, /different: 1 of 2 tables/);
    const html = readFileSync(page, 'utf8');
    assert.ok(html.includes('&#60;i&#62;x') && !html.includes('<i>x'), 'values are no markup');

    const file = join(folder, 'report.json');
    const json = await ferrowHere([
      'verify',
      source,
      target,
      '--json',
      '--quiet',
      '--output',
      file,
      '--max-differences',
      '1',
    ]);
    assert.equal(json.status, 3);
    const document = JSON.parse(json.stdout);
    assert.deepEqual(
      [document.command, document.success, document.error, document.level],
      ['verify', false, null, 'full'],
    );
    const [table] = document.tables;
    assert.deepEqual(table.differences, { missing: 1, extra: 1, changed: 1, atLeast: false });
    assert.deepEqual(table.rows, [
      { kind: 'changed', key: { id: '1' }, column: 'v', source: '<b>a</b>', target: '<i>x</i>' },
    ]);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')).tables, document.tables);

    const sampled = await ferrowHere(['verify', source, target, '--verify', 'sample']);
    assert.equal(sampled.status, 3);
    assert.match(sampled.stdout, /W_NOT_COMPARED/);
    const counted = await ferrowHere(['verify', source, target, '--verify', 'count', '--tables', 'u']);
    assert.equal(counted.status, 0);

    const dry = await ferrowHere(['repair', source, target, '--dry-run']);
    assert.equal(dry.status, 0, dry.stderr);
    assert.match(dry.stdout, /nothing was written; ferrow repair would put 2 rows of 1 table and delete 1/);
    const done = await ferrowHere(['repair', source, target]);
    assert.equal(done.status, 0, done.stderr + done.stdout);
    assert.match(done.stdout, /equal: put 2 rows of 1 table, deleted 1; compared again, nothing differs/);
    assert.equal((await ferrowHere(['verify', source, target])).status, 0);
  });

  test('wrong input is refused before anything is read', async () => {
    const cases: readonly [args: string[], status: number, says: RegExp][] = [
      [['verify', source, join(folder, 'none.db')], 1, /E_FILE_MISSING.*no target to compare with/],
      [['verify', source, source], 2, /E_SAME_DATABASE/],
      [['verify', source, target, '--tables', 'tt'], 2, /E_NO_SUCH_TABLE[\s\S]*did you mean "t"/],
      [['verify', source, target, '--verify', 'half'], 2, /--verify/],
      [['verify', source, target, '--max-differences', '-1'], 2, /--max-differences/],
      [
        ['verify', source, target, '--output', join(folder, 'no', 'where.html')],
        2,
        /its folder does not exist/,
      ],
      [['repair', source], 2, /target|TARGET/],
    ];
    for (const [args, status, says] of cases) {
      const ended = await ferrowHere(args);
      assert.match(ended.stderr, says, args.join(' '));
      assert.equal(ended.status, status, args.join(' '));
    }
    assert.ok(!existsSync(join(folder, 'none.db')), 'no file is made');
  });

  test('a table that the target lacks is an entry, and a repair refuses it with what to do', async () => {
    await runStatements(url, ['DROP TABLE u']);
    const found = await ferrowHere(['verify', source, target]);
    assert.equal(found.status, 3);
    assert.match(found.stdout, /^u\s.*missing in the target$/m);
    const refused = await ferrowHere(['repair', source, target]);
    assert.equal(refused.status, 1);
    assert.match(refused.stdout, /E_TABLE_MISSING[\s\S]*ferrow migrate --if-exists replace --tables u/);
  });
});
