// The built executable where nothing is moved: help, wrong usage, databases that can't be opened.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { runStatements } from '../support/judge.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { BIN, documentOf, ferrow } from './run-bin.ts';

test('--version, --help, and an executable file', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await ferrow(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
  const help = await ferrow(['--help']);
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^Usage: ferrow/);
  assert.match((await ferrow(['migrate', '--help'])).stdout, /--batch-size <ROWS>/);
  assert.match(readFileSync(BIN, 'utf8'), /^#!\/usr\/bin\/env node\n/);
});

test('wrong usage ends with 2 and says what was meant', async () => {
  const cases: [string[], RegExp][] = [
    [[], /no command/],
    [['migrate', 'a.db', 'b.db', '--batchsize', '3'], /did you mean --batch-size\?/],
    [['migrat', 'a.db', 'b.db'], /did you mean migrate\?/],
    [['migrate', 'a.db'], /TARGET is missing/],
    [['migrate', 'a.db', 'mysql://h/d'], /unknown engine "mysql"/],
    [['migrate', 'a.txt', 'b.db'], /names no database/],
    [['migrate', 'a.db', 'b.db', '--verify', 'half'], /none, count/],
    [['migrate', 'a.db', 'b.db', '--config', '/nowhere.yaml'], /no such file/],
    [['migrate', `postgres://u:\${FERROW_TEST_UNSET}@h/d`, 'b.db'], /FERROW_TEST_UNSET, which is not set/],
    [['migrate', 'postgres://u:s3cr3t@h:port/d', 'b.db'], /E_URL/],
  ];
  for (const [args, pattern] of cases) {
    const { status, stdout, stderr } = await ferrow(args);
    assert.deepEqual([status, stdout], [2, ''], `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, pattern);
    assert.doesNotMatch(stderr, /s3cr3t|^\s+at /m);
  }
});

test('--json on wrong usage gives a document too', async () => {
  const ended = await ferrow(['migrate', 'a.db', '--json']);
  assert.equal(ended.status, 2);
  assert.equal(documentOf(ended).error?.code, 'E_USAGE');
});

test('a source that can not be opened: 1, a clear error, and no target file', async (context) => {
  const folder = temporaryFolder(context);
  const path = (name: string) => join(folder, name);
  mkdirSync(path('folder.db'));
  writeFileSync(
    path('text.db'),
    'this is no database, only some text that goes on for a while\n'.repeat(100),
  );
  writeFileSync(
    path('text.duckdb'),
    'this is no database, only some text that goes on for a while\n'.repeat(100),
  );
  await runStatements(`sqlite:${path('good.db')}`, [
    'CREATE TABLE t (x INTEGER)',
    'INSERT INTO t VALUES (1)',
  ]);
  writeFileSync(path('short.db'), readFileSync(path('good.db')).subarray(0, 700));
  const cases: [string, string][] = [
    ['missing.db', 'E_FILE_MISSING'],
    ['missing.duckdb', 'E_FILE_MISSING'],
    ['folder.db', 'E_NOT_A_FILE'],
    ['text.db', 'E_NOT_A_DATABASE'],
    ['text.duckdb', 'E_NOT_A_DATABASE'],
  ];
  if (process.getuid?.() !== 0) {
    writeFileSync(path('closed.db'), readFileSync(path('good.db')));
    chmodSync(path('closed.db'), 0);
    cases.push(['closed.db', 'E_FILE_UNREADABLE']);
  }
  const before = readdirSync(folder);
  for (const [name, code] of cases) {
    const ended = await ferrow(['migrate', path(name), path('target.duckdb'), '--json']);
    const document = documentOf(ended);
    assert.deepEqual([ended.status, document.success, document.error?.code], [1, false, code], name);
    assert.ok(document.error?.message.includes(name), `${document.error?.message} names ${name}`);
    assert.ok(!existsSync(path('missing.db')), 'a source is never made');
  }
  const short = await ferrow(['migrate', path('short.db'), path('target.duckdb'), '--json']);
  assert.equal(short.status, 1);
  assert.match(documentOf(short).error?.code ?? '', /E_NOT_A_DATABASE|E_CORRUPT/);
  assert.deepEqual(readdirSync(folder), before, 'nothing was made');
});

test('a server that is not there', async () => {
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
  const ended = await ferrow([
    'plan',
    `postgres://me:s3cr3t@127.0.0.1:${port}/db`,
    'x.db',
    '--json',
    '--verbose',
  ]);
  assert.equal(ended.status, 1);
  const document = documentOf(ended);
  assert.equal(document.error?.code, 'E_UNREACHABLE');
  assert.match(document.source, /\*\*\*/);
  assert.doesNotMatch(`${ended.stdout}${ended.stderr}`, /s3cr3t/);
});
