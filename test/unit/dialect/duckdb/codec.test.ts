// The vector codec alone: layouts both ways, and bent bytes, which must end in a FerrowError.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VectorColumn } from '../../../../src/batch/chunk.ts';
import { duckdbCodec } from '../../../../src/dialect/duckdb/codec/index.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import type { LogicalType } from '../../../../src/types/logical-type.ts';
import { again, bytes, decode, vector } from './vectors.ts';

test('booleans are bytes there and bits here', () => {
  const batch = decode(vector(bytes(1, 0, 1, 1, 0, 0, 0, 0, 1)), { kind: 'bool' }, 9);
  assert.deepEqual([...batch.columns[0].data.subarray(0, 2)], [0b1101, 1]);
  assert.deepEqual([...again(vector(bytes(1, 0, 7)), { kind: 'bool' }, 3).data], [1, 0, 1]);
});

test('decimals widen to 16 bytes and narrow again', () => {
  for (const [precision, width] of [
    [4, 2],
    [9, 4],
    [18, 8],
    [38, 16],
  ]) {
    const data = new Uint8Array(3 * width);
    data.fill(0xff, 0, width);
    data[width] = 99;
    data.fill(0x80, 2 * width + width - 1);
    data[3 * width - 1] = 0xff;
    const type: LogicalType = { kind: 'decimal', precision, scale: 0 };
    const [column] = decode(vector(data.slice(0, 2 * width)), type, 2).columns;
    assert.equal(column.data.byteLength, 32);
    assert.ok(column.data.subarray(0, 16).every((byte) => byte === 0xff));
    assert.equal(column.data[16], 99);
    const back = again(vector(data.slice(0, 2 * width)), type, 2).data;
    assert.deepEqual([...back], [...data.subarray(0, 2 * width)]);
  }
});

test('a decimal with more digits than its type is refused', () => {
  for (const precision of [1, 4, 5, 9, 10, 18, 19, 38]) {
    const type: LogicalType = { kind: 'decimal', precision, scale: 0 };
    for (const [value, fits] of [
      [10n ** BigInt(precision) - 1n, true],
      [-(10n ** BigInt(precision)) + 1n, true],
      [10n ** BigInt(precision), false],
      [-(10n ** BigInt(precision)), false],
    ] as const) {
      const data = new Uint8Array(16);
      const view = new DataView(data.buffer);
      view.setBigInt64(0, BigInt.asIntN(64, value), true);
      view.setBigInt64(8, value >> 64n, true);
      const column = {
        type,
        length: 1,
        nullCount: 0,
        validity: null,
        data,
        offsets: null,
        typeIds: null,
        children: null,
      };
      const encode = () =>
        duckdbCodec.encode({ fields: [{ name: 'c', type }], columns: [column], rowCount: 1 });
      if (fits) encode();
      else assert.throws(encode, { code: 'E_DECIMAL_SCALE' }, `${value} in ${precision} digits`);
    }
  }
});

test('slots of NULLs are zero, whatever DuckDB left there', () => {
  const validity = bytes(0b101, 0, 0, 0, 0, 0, 0, 0);
  for (const type of [
    { kind: 'int', bits: 32, signed: true },
    { kind: 'uuid' },
    { kind: 'bool' },
    { kind: 'decimal', precision: 4, scale: 1 },
  ] as LogicalType[]) {
    const width = type.kind === 'int' ? 4 : type.kind === 'uuid' ? 16 : type.kind === 'bool' ? 1 : 2;
    const [column] = decode(vector(new Uint8Array(3 * width).fill(1), { validity }), type, 3).columns;
    assert.equal(column.nullCount, 1);
    const size = column.data.byteLength / 3;
    if (type.kind === 'bool') assert.equal(column.data[0], 0b101);
    else
      assert.ok(
        column.data.subarray(size, 2 * size).every((byte) => byte === 0),
        type.kind,
      );
  }
});

test('a UUID is reversed with its top bit flipped', () => {
  const data = new Uint8Array(16);
  data[15] = 0x92;
  const [column] = decode(vector(data.slice()), { kind: 'uuid' }, 1).columns;
  assert.equal(column.data[0], 0x12);
  assert.deepEqual([...again(vector(data.slice()), { kind: 'uuid' }, 1).data], [...data]);
});

test('bent bytes end in a FerrowError', () => {
  const text: LogicalType = { kind: 'text' };
  const int: LogicalType = { kind: 'int', bits: 64, signed: true };
  const bent: [string, VectorColumn, LogicalType, number][] = [
    ['data too short', vector(new Uint8Array(15)), int, 2],
    ['no offsets', vector(bytes(1)), text, 1],
    ['offsets too short', vector(bytes(1), { offsets: new Int32Array([0]) }), text, 1],
    ['offsets go back', vector(bytes(1, 2), { offsets: new Int32Array([0, 2, 1]) }), text, 2],
    ['offsets negative', vector(bytes(1, 2), { offsets: new Int32Array([0, -1]) }), text, 1],
    ['first offset', vector(bytes(1, 2), { offsets: new Int32Array([1, 2]) }), text, 1],
    ['offsets leave', vector(bytes(1), { offsets: new Int32Array([0, 9]) }), text, 1],
    ['validity short', vector(new Uint8Array(80), { validity: bytes(255) }), int, 10],
    ['NULL with bytes', vector(bytes(1), { offsets: new Int32Array([0, 1]), validity: bytes(0) }), text, 1],
    ['decimal short', vector(new Uint8Array(3)), { kind: 'decimal', precision: 4, scale: 0 }, 2],
    ['union without members', vector(bytes(0)), { kind: 'any' }, 1],
    [
      'union tag',
      vector(bytes(4), {
        children: [
          vector(new Uint8Array(8)),
          vector(new Uint8Array(8)),
          vector(bytes(), { offsets: new Int32Array(2) }),
          vector(bytes(), { offsets: new Int32Array(2) }),
        ],
      }),
      { kind: 'any' },
      1,
    ],
    ['enum label', vector(bytes(0, 2)), { kind: 'enum', name: null, labels: ['a', 'b'] }, 2],
    ['enum short', vector(bytes(0)), { kind: 'enum', name: null, labels: ['a', 'b'] }, 2],
    ['bit padding', vector(bytes(8, 255), { offsets: new Int32Array([0, 2]) }), { kind: 'bit' }, 1],
    ['bit without bits', vector(bytes(3), { offsets: new Int32Array([0, 1]) }), { kind: 'bit' }, 1],
    ['bit of no bytes', vector(bytes(), { offsets: new Int32Array([0, 0]) }), { kind: 'bit' }, 1],
    [
      'list without child',
      vector(bytes(), { offsets: new Int32Array([0, 0]) }),
      { kind: 'list', element: int },
      1,
    ],
    [
      'list beyond child',
      vector(bytes(), { offsets: new Int32Array([0, 2]), children: [vector(new Uint8Array(8))] }),
      { kind: 'list', element: int },
      1,
    ],
    [
      'NULL list with elements',
      vector(bytes(), {
        offsets: new Int32Array([0, 1]),
        validity: bytes(0),
        children: [vector(new Uint8Array(8))],
      }),
      { kind: 'list', element: int },
      1,
    ],
    [
      'array short',
      vector(bytes(), { children: [vector(new Uint8Array(16))] }),
      { kind: 'list', element: int, size: 3 },
      1,
    ],
    [
      'array too long',
      vector(bytes(), { children: [vector(bytes())] }),
      { kind: 'list', element: int, size: 2 ** 31 },
      1,
    ],
    [
      'struct of one field',
      vector(bytes(), { children: [] }),
      { kind: 'struct', fields: [{ name: 'a', type: int }] },
      0,
    ],
    [
      'map with NULL as key',
      vector(bytes(), {
        offsets: new Int32Array([0, 1]),
        children: [vector(new Uint8Array(8), { validity: bytes(0) }), vector(new Uint8Array(8))],
      }),
      { kind: 'map', key: int, value: int },
      1,
    ],
    [
      'tag of no member',
      vector(bytes(1), { children: [vector(new Uint8Array(8))] }),
      { kind: 'union', members: [{ name: 'a', type: int }] },
      1,
    ],
    ['rows negative', vector(bytes()), int, -1],
    ['rows broken', vector(bytes()), int, 0.5],
  ];
  for (const [what, column, type, rows] of bent) {
    assert.throws(
      () => decode(column, type, rows),
      (error) => error instanceof FerrowError && error.code === 'E_CORRUPT',
      what,
    );
  }
  assert.throws(() => duckdbCodec.decode({ form: 'vectors', columns: [] }, 1, [{ name: 'c', type: int }]), {
    code: 'E_CORRUPT',
  });
});

test('random bytes as vectors never do worse than a FerrowError', () => {
  let seed = 12345;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed % below;
  };
  const types: LogicalType[] = [
    { kind: 'bool' },
    { kind: 'text' },
    { kind: 'uuid' },
    { kind: 'any' },
    { kind: 'decimal', precision: 18, scale: 2 },
    { kind: 'timestamp', unit: 'us', zone: true },
    { kind: 'timetz' },
    { kind: 'interval' },
    { kind: 'bit' },
    { kind: 'enum', name: null, labels: ['a', 'b', 'c'] },
    { kind: 'list', element: { kind: 'text' } },
    { kind: 'list', element: { kind: 'bool' }, size: 2 },
    { kind: 'map', key: { kind: 'text' }, value: { kind: 'bit' } },
    { kind: 'struct', fields: [{ name: 'a', type: { kind: 'list', element: { kind: 'uuid' } } }] },
    {
      kind: 'union',
      members: [
        { name: 'a', type: { kind: 'bool' } },
        { name: 'b', type: { kind: 'enum', name: null, labels: ['a'] } },
      ],
    },
  ];
  const noise = (depth: number): VectorColumn => ({
    data: Uint8Array.from({ length: random(40) }, () => random(256)),
    offsets: random(2) ? Int32Array.from({ length: random(6) }, () => random(50) - 5) : null,
    validity: random(2) ? Uint8Array.from({ length: random(9) }, () => random(256)) : null,
    children: depth > 0 && random(4) ? Array.from({ length: 1 + random(4) }, () => noise(depth - 1)) : null,
  });
  for (let round = 0; round < 20_000; round++) {
    const type = types[random(types.length)];
    try {
      const rows = random(6);
      const batch = decode(noise(2), type, rows);
      assert.equal(batch.columns[0].length, rows);
      duckdbCodec.encode(batch);
    } catch (error) {
      assert.ok(error instanceof FerrowError, String(error));
    }
  }
});
