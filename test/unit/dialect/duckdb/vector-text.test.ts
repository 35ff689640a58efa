// Text into DuckDB's vectors, in bulk and by a call for each value: both leave the same, and refuse the same.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import duckdb from '@duckdb/node-bindings';
import type { VectorColumn } from '../../../../src/batch/chunk.ts';
import { gatherStrings, REFERENCE_BYTES } from '../../../../src/dialect/duckdb/string-gather.ts';
import { vectorBytes } from '../../../../src/dialect/duckdb/vector-bytes.ts';
import {
  type FillText,
  fillTextInBulk,
  fillTextPlainly,
  textFiller,
} from '../../../../src/dialect/duckdb/vector-text.ts';
import { ask, copyFile, entryFor, loadsFor, makeFile, newPath, openTarget, RUN } from './files.ts';

const { VARCHAR, BLOB } = duckdb.Type;

function columnOf(values: readonly Uint8Array[]): VectorColumn {
  const offsets = new Int32Array(values.length + 1);
  values.forEach((value, at) => {
    offsets[at + 1] = offsets[at] + value.length;
  });
  return { data: new Uint8Array(Buffer.concat(values)), offsets, validity: null, children: null };
}

/** References as they were left, pointers taken out, and the text that they lead to. */
function filled(fill: FillText, type: number, column: VectorColumn, from: number, rows: number) {
  const chunk = duckdb.create_data_chunk([duckdb.create_logical_type(type)]);
  const vector = duckdb.data_chunk_get_vector(chunk, 0);
  fill(vector, column, from, rows);
  const references = vectorBytes(vector, rows * REFERENCE_BYTES);
  const { lengths, heap } = gatherStrings(references, null, 0, rows);
  lengths.forEach((length, row) => {
    if (length > 12) references.fill(0, row * REFERENCE_BYTES + 8, (row + 1) * REFERENCE_BYTES);
  });
  return { references, heap, lengths };
}

test('the bulk way is in use', () => {
  assert.equal(textFiller(false), fillTextInBulk);
  assert.equal(textFiller(true), fillTextPlainly);
});

test('both ways leave the same references and bytes, wherever the rows begin and end', () => {
  const values = Array.from({ length: 2500 }, (_, i) =>
    Buffer.from('ä'.repeat((i * 7) % 9) + 'x'.repeat((i * i) % (i % 5 === 0 ? 60 : 13))),
  );
  const cases = [
    values,
    values.map((value) => (value.length > 12 ? Buffer.from('') : value)),
    values.map((value) => Buffer.concat([value, Buffer.from('always a long one')])),
    [Buffer.from('é')],
    [Buffer.from('')],
  ];
  for (const rows of cases) {
    const column = columnOf(rows);
    for (const [from, count] of [
      [0, Math.min(2048, rows.length)],
      [rows.length >> 1, rows.length - (rows.length >> 1)],
    ]) {
      const plain = filled(fillTextPlainly, VARCHAR, column, from, count);
      assert.deepEqual(filled(fillTextInBulk, VARCHAR, column, from, count), plain);
      assert.deepEqual(Buffer.from(plain.heap), Buffer.concat(rows.slice(from, from + count)));
    }
  }
});

test('text that is no UTF-8 is refused both ways; blobs hold anything', () => {
  const long = Buffer.from('a text of more than twelve bytes');
  const euro = Buffer.from('€');
  const bad = [
    [long, Buffer.from([0x61, 0xff]), long],
    [Buffer.concat([long, euro.subarray(0, 1)]), Buffer.concat([euro.subarray(1), long])],
    [long, Buffer.concat([long, euro.subarray(0, 2)])],
  ];
  for (const values of bad) {
    const column = columnOf(values);
    for (const fill of [fillTextInBulk, fillTextPlainly]) {
      assert.throws(() => filled(fill, VARCHAR, column, 0, values.length), { code: 'E_INVALID_UTF8' });
      const { heap } = filled(fill, BLOB, column, 0, values.length);
      assert.deepEqual(Buffer.from(heap), Buffer.concat(values));
    }
  }
});

test('a chunk whose text is no UTF-8 is refused as a whole, and the next one goes in', async (t) => {
  const path = newPath(t);
  await makeFile(path, ['CREATE TABLE shape (v VARCHAR)']);
  const target = await openTarget(path);
  try {
    const { tables } = await target.catalog(['*']);
    const [load] = loadsFor(tables, { mode: 'replace' });
    await target.beginRun(RUN);
    await target.prepare([load]);
    const writer = await target.openWriter(load);
    const chunkOf = (seq: number, value: Buffer) => ({
      seq,
      rowCount: 3000,
      byteLength: 0,
      payload: { form: 'vectors', columns: [columnOf(Array.from({ length: 3000 }, () => value))] } as const,
    });
    const bad = Buffer.concat([Buffer.from('more than twelve bytes'), Buffer.of(0xff)]);
    await assert.rejects(target.write(writer, chunkOf(0, bad), entryFor(load, 0, 3000)), {
      code: 'E_INVALID_UTF8',
      place: { dialect: 'duckdb', table: 'shape', seq: 0 },
    });
    await target.write(writer, chunkOf(0, Buffer.from('more than twelve bytes')), entryFor(load, 0, 3000));
    await target.commit(writer);
    assert.equal(await target.countStaged(load), 3000);
    await target.closeWriter(writer);
  } finally {
    await target.close();
  }
});

test('--plain-io writes the same rows', async (t) => {
  const [from, fast, plain] = ['from.duckdb', 'fast.duckdb', 'plain.duckdb'].map((name) => newPath(t, name));
  await makeFile(from, [
    `CREATE TABLE t AS SELECT i, CASE WHEN i % 7 > 0 THEN repeat('ö', i % 50) END AS text, [text, 'short', repeat(text, 3)] AS list,
       encode(repeat('b', i % 20)) AS bytes FROM range(5000) r(i)`,
  ]);
  await copyFile(from, fast);
  await copyFile(from, plain, { plainIo: true });
  const all = (path: string) => ask(path, 'SELECT * FROM t ORDER BY i');
  const expected = await all(from);
  assert.equal(expected.length, 5000);
  assert.deepEqual(await all(fast), expected);
  assert.deepEqual(await all(plain), expected);
});
