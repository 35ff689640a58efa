// Reading when something is wrong: damage in the middle of a table, rows too large for memory, interrupts.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ReadRequest, SourceEngine } from '../../../../src/dialect/dialect.ts';
import { duckdb } from '../../../../src/dialect/duckdb/index.ts';
import { ask, loadsFor, makeFile, newPath } from './files.ts';

async function request(source: SourceEngine, where: string | null = null): Promise<ReadRequest> {
  const { tables } = await source.catalog([]);
  const [load] = loadsFor(tables);
  return {
    table: tables[0],
    columns: load.columns.map((column) => ({ ...column, select: 'native' })),
    where,
    batchRows: 5000,
    batchBytes: 4 << 20,
  };
}

const open = (path: string) => duckdb.openSource(duckdb.locate(path, {}), { connections: 1 });
const ALL = { id: 'all', bounds: { from: null, to: null }, estimatedRows: null };

async function readAll(source: SourceEngine, what: ReadRequest): Promise<number> {
  const cursor = await source.openCursor(what, ALL);
  let rows = 0;
  for (let chunk = await source.next(cursor); chunk; chunk = await source.next(cursor))
    rows += chunk.rowCount;
  await source.closeCursor(cursor);
  return rows;
}

test('a damaged block is an error, never a short table', async (context) => {
  const path = newPath(context);
  await makeFile(path, [
    'CREATE TABLE t AS SELECT i, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) AS s FROM range(200000) r(i)',
  ]);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 0xff;
  writeFileSync(path, bytes);
  const source = await open(path);
  try {
    await assert.rejects(
      readAll(source, await request(source)),
      (error: { code: string; message: string }) => {
        assert.equal(error.code, 'E_CORRUPT');
        assert.match(error.message, /damaged/);
        return true;
      },
    );
  } finally {
    await source.close();
  }
});

test('a condition that fails at a late row is an error, never a short table', async (context) => {
  const path = newPath(context);
  await makeFile(path, ["CREATE TABLE t AS SELECT i, 'v' || i AS s FROM range(200000) r(i)"]);
  const source = await open(path);
  try {
    const what = await request(source, 'CASE WHEN i = 190000 THEN CAST(s AS INTEGER) = 1 ELSE true END');
    await assert.rejects(readAll(source, what), { code: 'E_READ' });
    assert.equal(await readAll(source, await request(source, 'i < 10 -- a comment')), 10);
    await assert.rejects(source.countRows(what.table, 'nonsense ('), { code: 'E_USAGE' });
  } finally {
    await source.close();
  }
});

test('rows of a megabyte are read in little memory', async (context) => {
  const path = newPath(context);
  await makeFile(path, [
    'CREATE TABLE t AS SELECT i, repeat(chr(97 + (i % 26)::INTEGER), 1000000) || i AS s FROM range(150) r(i)',
  ]);
  const source = await open(path);
  try {
    const what = await request(source);
    const cursor = await source.openCursor(what, ALL);
    let rows = 0;
    for (let chunk = await source.next(cursor); chunk; chunk = await source.next(cursor)) {
      assert.ok(chunk.byteLength <= what.batchBytes + 1_100_000);
      if (chunk.payload.form !== 'vectors') assert.fail(chunk.payload.form);
      const [, text] = chunk.payload.columns;
      for (let i = 0; i < chunk.rowCount; i++) {
        const start = text.offsets![i];
        assert.equal(text.data[start], 97 + ((rows + i) % 26));
        const end = Buffer.from(text.data.subarray(start + 1_000_000, text.offsets![i + 1])).toString();
        assert.equal(end, String(rows + i));
      }
      rows += chunk.rowCount;
    }
    assert.equal(rows, 150);
  } finally {
    await source.close();
  }
});

test('interrupting ends the pending call with E_CANCELLED, and closing frees the file', async (context) => {
  const path = newPath(context);
  await makeFile(path, ["CREATE TABLE t AS SELECT i, 'v' || i AS s FROM range(300000) r(i)"]);
  const source = await open(path);
  const what = await request(source);
  const cursor = await source.openCursor(what, ALL);
  await source.next(cursor);
  const pending = source.countRows(what.table, '(SELECT sum(a.i * b.i) FROM t a, t b) > i');
  setTimeout(() => void source.interrupt(), 50);
  await assert.rejects(pending, { code: 'E_CANCELLED' });
  await assert.rejects(source.next(cursor), { code: 'E_CANCELLED' });
  await source.close();
  assert.deepEqual(await ask(path, 'SELECT count(*) FROM t'), [['300000']]);
  const again = await open(path);
  await again.close();
});

test('a table with a column called rowid is read whole', async (context) => {
  const path = newPath(context);
  await makeFile(path, ['CREATE TABLE t AS SELECT 7 AS rowid, i FROM range(300000) r(i)']);
  const source = await open(path);
  try {
    const what = await request(source);
    assert.equal((await source.partitions(what, 4)).length, 1);
    assert.equal(await readAll(source, what), 300000);
  } finally {
    await source.close();
  }
});

test('partitions hold each row once', async (context) => {
  const path = newPath(context);
  await makeFile(path, [
    'CREATE TABLE t AS SELECT i FROM range(1000000) r(i)',
    'DELETE FROM t WHERE i < 300000',
  ]);
  const source = await open(path);
  try {
    const what = await request(source, 'i % 2 = 0');
    const partitions = await source.partitions(what, 3);
    assert.equal(partitions.length, 3);
    const seen = new Set<bigint>();
    for (const partition of partitions) {
      const cursor = await source.openCursor(what, partition);
      for (let chunk = await source.next(cursor); chunk; chunk = await source.next(cursor)) {
        if (chunk.payload.form !== 'vectors') assert.fail(chunk.payload.form);
        const values = new BigInt64Array(chunk.payload.columns[0].data.buffer);
        for (const value of values) seen.add(value);
        assert.equal(values.length, chunk.rowCount);
      }
      await source.closeCursor(cursor);
    }
    assert.equal(seen.size, 350000);
  } finally {
    await source.close();
  }
});

test('the prescan finds ranges and digits', async (context) => {
  const path = newPath(context);
  await makeFile(path, [
    'CREATE TABLE t (u UBIGINT, b BIGNUM, h HUGEINT)',
    "INSERT INTO t VALUES (1, '-12300'::VARCHAR::BIGNUM, -5), (18446744073709551615, NULL, 7), (NULL, NULL, NULL)",
  ]);
  const source = await open(path);
  try {
    const { tables } = await source.catalog([]);
    const columns = tables[0].columns.map((column) => ({
      name: column.name,
      probes: duckdb.types.probes(column, {}),
    }));
    const [u, b, h] = await source.prescan({ table: tables[0], where: null, columns });
    assert.deepEqual(u, { rowCount: 3, nullCount: 1, integers: { min: '1', max: '18446744073709551615' } });
    assert.deepEqual(h.integers, { min: '-5', max: '7' });
    assert.deepEqual(b.numeric, {
      maxIntegerDigits: 5,
      maxScale: 0,
      maxSignificantDigits: 3,
      nanCount: 0,
      infinityCount: 0,
    });
  } finally {
    await source.close();
  }
});
