// The vector codec alone: enums, strings of bits, times with an offset, arrays, and what is inside other types.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duckdbCodec } from '../../../../src/dialect/duckdb/codec/index.ts';
import type { LogicalType } from '../../../../src/types/logical-type.ts';
import { again, bytes, decode, vector } from './vectors.ts';

test('enums take the smallest integer, and no label that there is not', () => {
  for (const [labels, width] of [
    [255, 1],
    [256, 2],
    [65_535, 2],
    [65_536, 4],
  ]) {
    const type: LogicalType = {
      kind: 'enum',
      name: null,
      labels: Array.from({ length: labels }, (_, at) => `${at}`),
    };
    const data = new Uint8Array(2 * width);
    const last = labels - 1;
    for (let byte = 0; byte < width; byte++) data[width + byte] = (last >> (8 * byte)) & 0xff;
    const [column] = decode(vector(data.slice()), type, 2).columns;
    assert.deepEqual([...new Uint32Array(column.data.buffer)], [0, last]);
    assert.deepEqual([...again(vector(data.slice()), type, 2).data], [...data]);
    const wrong = { ...column, data: new Uint8Array(new Uint32Array([0, labels]).buffer) };
    assert.throws(
      () => duckdbCodec.encode({ fields: [{ name: 'c', type }], columns: [wrong], rowCount: 2 }),
      { code: 'E_CORRUPT' },
    );
  }
});

test('padding bits are made 1, and there is no empty string of bits', () => {
  const bit: LogicalType = { kind: 'bit' };
  const column = decode(vector(bytes(5, 0b00000101), { offsets: new Int32Array([0, 2]) }), bit, 1).columns[0];
  assert.deepEqual([...column.data], [5, 0b11111101]);
  const empty = { ...column, data: bytes(0), offsets: new Int32Array([0, 1]) };
  assert.throws(
    () => duckdbCodec.encode({ fields: [{ name: 'c', type: bit }], columns: [empty], rowCount: 1 }),
    { code: 'E_EMPTY_BIT' },
  );
});

test('times with an offset keep within a day and 16 hours', () => {
  const timetz: LogicalType = { kind: 'timetz' };
  const one = (micros: bigint, offset: bigint) =>
    vector(new Uint8Array(new BigUint64Array([(micros << 24n) | offset]).buffer));
  for (const [micros, offset] of [
    [0n, 0n],
    [86_400_000_000n, 115_198n],
  ])
    assert.deepEqual([...again(one(micros, offset), timetz, 1).data], [...one(micros, offset).data]);
  assert.throws(() => decode(one(86_400_000_001n, 0n), timetz, 1), { code: 'E_TIME_RANGE' });
  assert.throws(() => decode(one(0n, 115_199n), timetz, 1), { code: 'E_TIME_RANGE' });
});

test('arrays have elements for NULL rows there and none here', () => {
  const type: LogicalType = { kind: 'list', element: { kind: 'int', bits: 8, signed: true }, size: 2 };
  const validity = bytes(0b101, 0, 0, 0, 0, 0, 0, 0);
  const [column] = decode(
    vector(bytes(), { validity, children: [vector(bytes(1, 2, 9, 9, 5, 6))] }),
    type,
    3,
  ).columns;
  assert.deepEqual([...column.offsets!], [0, 2, 2, 4]);
  assert.deepEqual([...column.children![0].data.subarray(0, 4)], [1, 2, 5, 6]);
  const payload = duckdbCodec.encode({ fields: [{ name: 'c', type }], columns: [column], rowCount: 3 });
  const [child] = payload.form === 'vectors' ? payload.columns[0].children! : assert.fail(payload.form);
  assert.deepEqual([...child.data.subarray(0, 6)], [1, 2, 0, 0, 5, 6]);
  assert.deepEqual(child.validity![0] & 0b111111, 0b110011);
});

test('what DuckDB would not notice inside other types is refused', () => {
  const text: LogicalType = { kind: 'text' };
  const list: LogicalType = { kind: 'list', element: text };
  const encodeText = (heap: number[], offsets: number[]) => {
    const strings = vector(bytes(...heap), { offsets: new Int32Array(offsets) });
    const ends = new Int32Array([0, offsets.length - 1]);
    const batch = decode(vector(bytes(), { offsets: ends, children: [strings] }), list, 1);
    return () => duckdbCodec.encode(batch);
  };
  encodeText([0xc3, 0xa9, 65], [0, 2, 3])();
  assert.throws(encodeText([0xff], [0, 1]), { code: 'E_INVALID_UTF8' });
  // Half a character in each of two values, which together are one.
  assert.throws(encodeText([0xc3, 0xa9], [0, 1, 2]), { code: 'E_INVALID_UTF8' });
  const map: LogicalType = { kind: 'map', key: text, value: text };
  const keys = vector(bytes(65, 65), { offsets: new Int32Array([0, 1, 2]) });
  const twice = decode(vector(bytes(), { offsets: new Int32Array([0, 2]), children: [keys, keys] }), map, 1);
  assert.throws(() => duckdbCodec.encode(twice), { code: 'E_CORRUPT' });
});
