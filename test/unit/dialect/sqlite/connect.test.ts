// Where a file is, and what is wrong with it.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { sqliteError } from '../../../../src/dialect/sqlite/errors.ts';
import { sqlite } from '../../../../src/dialect/sqlite/index.ts';
import { database, folder, source, tableOf } from './files.ts';

const pathOf = (url: string) => {
  const location = sqlite.locate(url, {});
  assert.ok(location.engine === 'sqlite');
  return location.path;
};

test('URLs and paths', () => {
  assert.equal(pathOf('sqlite:some/file.db'), resolve('some/file.db'));
  assert.equal(pathOf('sqlite:///tmp/a%20b%3F.db'), '/tmp/a b?.db');
  assert.equal(pathOf('SQLITE:/tmp/a.db'), '/tmp/a.db');
  assert.equal(pathOf('100%.db'), resolve('100%.db'));
  for (const url of [
    ...[
      'sqlite:',
      'sqlite::memory:',
      'sqlite://user:secret@host/a.db',
      'sqlite:a.db?mode=ro',
      'sqlite:100%.db',
    ],
    ...['sqlite:file:a.db', 'sqlite:a%00.db', 'sqlite:a.db%20'],
  ]) {
    assert.throws(
      () => sqlite.locate(url, {}),
      (error: Error) => 'code' in error && error.code === 'E_URL' && !error.message.includes('secret'),
      url,
    );
  }
});

test('files that are no databases, and files that are none at all', async (context) => {
  const path = database(context, 'CREATE TABLE t (a); INSERT INTO t SELECT zeroblob(20000)');
  const here = join(path, '..');
  const whole = readFileSync(path);
  const open = (name: string) =>
    sqlite.openSource(sqlite.locate(join(here, name), {}), { connections: 1 }).then(async (engine) => {
      await engine.close();
    });
  writeFileSync(join(here, 'junk.db'), 'x'.repeat(9000));
  writeFileSync(join(here, 'short.db'), 'too short');
  writeFileSync(join(here, 'cut.db'), whole.subarray(0, 9000));
  writeFileSync(join(here, 'empty.db'), '');
  mkdirSync(join(here, 'dir.db'));
  await assert.rejects(open('sorce.db'), { code: 'E_FILE_MISSING', hint: /source\.db/ });
  await assert.rejects(open('nowhere/x.db'), { code: 'E_FILE_MISSING', hint: /does not exist/ });
  await assert.rejects(open('junk.db'), { code: 'E_NOT_A_DATABASE' });
  await assert.rejects(open('short.db'), { code: 'E_NOT_A_DATABASE' });
  await assert.rejects(open('cut.db'), { code: 'E_NOT_A_DATABASE', message: /truncated/ });
  await assert.rejects(open('dir.db'), { code: 'E_NOT_A_FILE' });
  const engine = await source(context, join(here, 'empty.db'));
  assert.deepEqual((await engine.catalog([])).tables, []);
  assert.equal(readFileSync(join(here, 'empty.db')).length, 0);
});

test('a target whose folder is missing, or that is no database, stays as it is', async (context) => {
  const here = folder(context);
  const open = (name: string) =>
    sqlite.openTarget(sqlite.locate(join(here, name), {}), { connections: 1, readOnly: false });
  writeFileSync(join(here, 'junk.db'), 'x'.repeat(9000));
  await assert.rejects(open('no/new.db'), { code: 'E_FILE_MISSING', hint: /mkdir/ });
  await assert.rejects(open('junk.db'), { code: 'E_NOT_A_DATABASE' });
  assert.equal(readFileSync(join(here, 'junk.db'), 'latin1'), 'x'.repeat(9000));
});

test('a journal that waits to be rolled back is explained', async (context) => {
  const path = database(context, 'CREATE TABLE t (a)');
  const here = join(path, '..');
  const db = new Database(path);
  db.pragma('cache_size = 1');
  db.exec('BEGIN IMMEDIATE');
  for (let i = 0; i < 3000; i++) db.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(500));
  copyFileSync(path, join(here, 'hot.db'));
  copyFileSync(`${path}-journal`, join(here, 'hot.db-journal'));
  db.exec('ROLLBACK');
  db.close();
  const location = sqlite.locate(join(here, 'hot.db'), {});
  await assert.rejects(sqlite.openSource(location, { connections: 1 }), {
    code: 'E_FILE_UNREADABLE',
    message: /journal/,
    hint: /copy/,
  });
});

test('a damaged page is an error while reading, not a crash', async (context) => {
  const path = database(
    context,
    `CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);
     WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 2000) INSERT INTO t SELECT i, 'text ' || i FROM s`,
  );
  const bytes = readFileSync(path);
  bytes.fill(0xee, 4096 * 3, 4096 * 4);
  writeFileSync(path, bytes);
  const engine = await source(context, path);
  const table = await tableOf(engine, 't');
  const columns = [{ name: 'b', probes: ['storage' as const] }];
  await assert.rejects(engine.prescan({ table, where: null, columns }), { code: 'E_CORRUPT' });
});

test('codes of SQLite', () => {
  const codeOf = (code: string, message = 'x', doing: 'open' | 'read' | 'write' = 'write') =>
    sqliteError(new Database.SqliteError(message, code), doing).code;
  assert.equal(codeOf('SQLITE_BUSY_SNAPSHOT'), 'E_LOCKED');
  assert.equal(codeOf('SQLITE_FULL'), 'E_DISK_FULL');
  assert.equal(codeOf('SQLITE_IOERR_READ'), 'E_WRITE');
  assert.equal(codeOf('SQLITE_IOERR_READ', 'x', 'read'), 'E_READ');
  assert.equal(codeOf('SQLITE_IOERR_WRITE'), 'E_WRITE');
  assert.equal(codeOf('SQLITE_CORRUPT_INDEX', 'x', 'read'), 'E_CORRUPT');
  assert.equal(codeOf('SQLITE_TOOBIG'), 'E_VALUE_TOO_LARGE');
  assert.equal(codeOf('SQLITE_INTERRUPT'), 'E_CANCELLED');
  const unique = new Database.SqliteError('UNIQUE constraint failed: s.a, s.b', 'SQLITE_CONSTRAINT_UNIQUE');
  assert.equal(
    sqliteError(unique, 'write', { table: 't' }).message,
    'table "t": a row breaks a unique constraint (a, b)',
  );
});

test('orphans are found as SQLite finds them', async (context) => {
  const path = database(
    context,
    `CREATE TABLE p (a TEXT COLLATE NOCASE PRIMARY KEY); INSERT INTO p VALUES ('x');
     CREATE TABLE c (id INTEGER PRIMARY KEY, a TEXT REFERENCES p, b INT REFERENCES gone (z));
     INSERT INTO c VALUES (1, 'X', NULL), (2, 'y', NULL), (3, NULL, 5)`,
  );
  const engine = await source(context, path);
  const table = await tableOf(engine, 'c');
  assert.deepEqual(await engine.orphans(table, 0, 10), [{ id: '2', a: 'y' }]);
  assert.deepEqual(await engine.orphans(table, 1, 10), [{ id: '3', b: '5' }]);
});
