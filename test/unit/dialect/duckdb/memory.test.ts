// What DuckDB does with statements that need more memory than it has: they get it, and none is done in part or twice.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Link, type OpenFile, openForWriting } from '../../../../src/dialect/duckdb/connect.ts';
import { count, inTransaction, rows, run } from '../../../../src/dialect/duckdb/query.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

/** 100 MB in one value. */
const LARGE = "(SELECT string_agg(repeat('x', 1000000), '') FROM range(100))";

const folder = temporaryFolder({ after });
let file: OpenFile;
let link: Link;
before(async () => {
  const path = join(folder, 'memory.duckdb');
  file = await openForWriting({ engine: 'duckdb', path, display: path }, null);
  link = await file.connect();
  await run(link, 'CREATE TABLE t (id INTEGER, v VARCHAR)');
});
after(() => file.close());

/** As a file is opened. */
async function little(): Promise<number> {
  await link.memory.lower(link, 64_000_000);
  return link.memory.bytes;
}

test('a query that needs more than there is', async () => {
  const before = await little();
  assert.deepEqual(await rows(link, `SELECT length(${LARGE}) AS n`), [{ n: 100_000_000n }]);
  assert.ok(link.memory.bytes > before);
});

test('a statement that needs more than there is, done once', async () => {
  const before = await little();
  await run(link, `INSERT INTO t SELECT 1, length(${LARGE})`);
  assert.ok(link.memory.bytes > before);
  assert.equal(await count(link, 'SELECT count(*) FROM t WHERE id = 1'), 1);
});

test('a transaction is done anew, as a whole', async () => {
  const before = await little();
  let attempts = 0;
  await inTransaction(link, async () => {
    attempts++;
    await run(link, 'INSERT INTO t VALUES (2, NULL)');
    await run(link, `INSERT INTO t SELECT 3, length(${LARGE})`);
  });
  assert.ok(attempts > 1 && link.memory.bytes > before);
  assert.equal(await count(link, 'SELECT count(*) FROM t WHERE id = 2'), 1);
  assert.equal(await count(link, 'SELECT count(*) FROM t WHERE id = 3'), 1);
});

test('a statement within a transaction is not done alone', async () => {
  await little();
  await run(link, 'BEGIN');
  await run(link, 'INSERT INTO t VALUES (4, NULL)');
  await assert.rejects(run(link, `INSERT INTO t SELECT 5, length(${LARGE})`), { code: 'E_MEMORY' });
  await run(link, 'ROLLBACK');
  assert.equal(await count(link, 'SELECT count(*) FROM t WHERE id IN (4, 5)'), 0);
});

test('other errors are no reason to try again', async () => {
  const before = await little();
  let attempts = 0;
  const work = async () => {
    attempts++;
    await run(link, 'SELECT nothing');
  };
  await assert.rejects(inTransaction(link, work), { code: 'E_WRITE' });
  assert.equal(attempts, 1);
  assert.equal(link.memory.bytes, before);
});
