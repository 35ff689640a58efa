// Several images in one transaction: all or none, the row at fault named, chunks that are done left out.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Chunk } from '../../../../src/batch/chunk.ts';
import { fixedColumn } from '../../../../src/batch/column.ts';
import type { LedgerEntry, TargetEngine } from '../../../../src/dialect/dialect.ts';
import { sqliteCodec } from '../../../../src/dialect/sqlite/codec/index.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import { database, loadFor, query, RUN, requestFor, source, tableOf, target } from './files.ts';

const INT64 = { kind: 'int', bits: 64, signed: true } as const;

async function opened(context: TestContext) {
  const engine = await source(context, database(context, 'CREATE TABLE t (id INTEGER PRIMARY KEY)'));
  const load = loadFor(await requestFor(engine, await tableOf(engine, 't')));
  // It holds something: commits are flushed, and images gather.
  const path = database(context, 'CREATE TABLE other (a)');
  const to = await target(context, path);
  await to.beginRun(RUN);
  await to.prepare([load]);
  const form = await to.form(load);
  const image = (seq: number, ids: readonly bigint[]): Chunk => {
    const data = new Uint8Array(BigInt64Array.from(ids).buffer);
    const columns = [fixedColumn(INT64, ids.length, data, null, 0)];
    const batch = { fields: [{ name: 'id', type: INT64 }], columns, rowCount: ids.length };
    const payload = sqliteCodec.encode(batch, form);
    assert.equal(payload.form, 'image');
    return { seq, rowCount: ids.length, byteLength: data.byteLength, payload };
  };
  return { to, load, path, image, writer: await to.openWriter(load) };
}

function write(to: TargetEngine, writer: number, chunk: Chunk): Promise<boolean> {
  const { seq, rowCount: rows } = chunk;
  const entry: LedgerEntry = {
    runId: 'run',
    tableId: 't',
    partitionId: '0',
    seq,
    epoch: 1,
    attempt: 1,
    rows,
    bytes: 1,
  };
  return to.write(writer, chunk, entry);
}

test('a row that breaks a constraint undoes the whole group, and is named', async (context) => {
  const { to, load, path, image, writer } = await opened(context);
  assert.equal(await write(to, writer, image(0, [1n, 2n, 3n])), false);
  assert.equal(await write(to, writer, image(1, [2n, 3n, 9n])), false);
  assert.equal(await write(to, writer, image(2, [20n])), false);
  await assert.rejects(
    () => to.commit(writer),
    (error) => error instanceof FerrowError && error.code === 'E_CONSTRAINT' && error.place.row?.id === '2',
  );
  assert.equal(await to.countStaged(load), 0);
  assert.deepEqual(query(path, 'SELECT count(*) FROM _ferrow_chunks'), [[0n]]);
  assert.equal(await to.commit(writer), 0);
  // The writer goes on.
  await write(to, writer, image(0, [1n, 2n, 3n]));
  await write(to, writer, image(1, [4n]));
  assert.ok((await to.commit(writer)) > 0);
  assert.equal(await to.countStaged(load), 4);
  assert.ok(readdirSync(dirname(path)).every((name) => !name.includes('image')));
});

test('a group is large with eight images, and chunks that are done are left out', async (context) => {
  const { to, load, path, image, writer } = await opened(context);
  const large: boolean[] = [];
  for (let seq = 0; seq < 8; seq++) large.push(await write(to, writer, image(seq, [BigInt(seq)])));
  assert.deepEqual(large, [...new Array(7).fill(false), true]);
  await to.commit(writer);
  await write(to, writer, image(7, [7n]));
  await write(to, writer, image(8, [8n]));
  await to.commit(writer);
  assert.equal(await to.countStaged(load), 9);
  assert.deepEqual(query(path, 'SELECT count(*) FROM _ferrow_chunks'), [[9n]]);
  // What no one committed is undone.
  await write(to, writer, image(9, [9n]));
  await to.closeWriter(writer);
  assert.equal(await to.countStaged(load), 9);
});
