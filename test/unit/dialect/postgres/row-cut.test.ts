import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCopy } from '../../../../src/dialect/postgres/codec/copy-encode.ts';
import { COPY_HEADER, COPY_TRAILER, RowCutter } from '../../../../src/dialect/postgres/codec/row-cut.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import { randomBatch, seeded } from './random.ts';

const batch = randomBatch(5, 30);
const columnCount = batch.fields.length;
const rows = encodeCopy(batch);
const stream = new Uint8Array(Buffer.concat([COPY_HEADER, rows, COPY_TRAILER]));

/** Feeds the stream piece by piece and gives the chunks. */
function chunksOf(pieces: readonly Uint8Array[], rowsMax: number, bytesMax: number): Uint8Array[] {
  const cutter = new RowCutter(columnCount);
  const chunks: Uint8Array[] = [];
  let held = new Uint8Array(0);
  for (const piece of pieces) {
    held = new Uint8Array(Buffer.concat([held, piece]));
    while (cutter.walk(held, held.length, rowsMax, bytesMax)) {
      if (cutter.rows === 0) break;
      chunks.push(held.slice(cutter.from, cutter.cut));
      held = held.slice(cutter.cut);
      cutter.taken();
    }
  }
  assert.equal(cutter.ended, true);
  return chunks;
}

test('cut at every byte, the rows are the same', () => {
  for (let at = 0; at <= stream.length; at++) {
    const chunks = chunksOf([stream.subarray(0, at), stream.subarray(at)], 1000, 1 << 30);
    assert.equal(Buffer.compare(Buffer.concat(chunks), Buffer.from(rows)), 0, `cut at ${at}`);
  }
});

test('byte by byte, in chunks of few rows or few bytes', () => {
  const bytes = Array.from(stream, (_, at) => stream.subarray(at, at + 1));
  assert.equal(Buffer.compare(Buffer.concat(chunksOf(bytes, 7, 1 << 30)), Buffer.from(rows)), 0);
  assert.equal(chunksOf(bytes, 7, 1 << 30).length, 5);
  const small = chunksOf(bytes, 1000, 1);
  assert.equal(small.length, 30);
});

test('rows without fields', () => {
  const cutter = new RowCutter(0);
  const bytes = new Uint8Array([...COPY_HEADER, 0, 0, 0, 0, 0xff, 0xff]);
  assert.equal(cutter.walk(bytes, bytes.length, 100, 100), true);
  assert.equal(cutter.rows, 2);
});

test('bent streams end in a FerrowError or in rows', () => {
  const random = seeded(11);
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    const bent = stream.slice();
    bent[Math.floor(random() * bent.length)] ^= 1 << Math.floor(random() * 8);
    try {
      new RowCutter(columnCount).walk(bent, bent.length, 1000, 1 << 30);
    } catch (error) {
      assert.ok(error instanceof FerrowError);
      refused++;
    }
  }
  assert.ok(refused > 10);
  const long = new Uint8Array([...stream, 0]);
  assert.throws(
    () => new RowCutter(columnCount).walk(long, long.length, 1000, 1 << 30),
    /behind the trailer/,
  );
});
