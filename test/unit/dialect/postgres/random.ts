// Seeded random batches in every type that the PostgreSQL codec carries.
import type { Batch, Field } from '../../../../src/batch/batch.ts';
import { clearBit, newBitmap } from '../../../../src/batch/bitmap.ts';
import { type Column, fixedColumn, variableColumn } from '../../../../src/batch/column.ts';
import { fixedWidth, isVariableWidth, type LogicalType } from '../../../../src/types/logical-type.ts';

/** A small generator of the mulberry kind: the same seed gives the same numbers, 0 <= n < 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const CODEC_TYPES: readonly LogicalType[] = [
  { kind: 'bool' },
  { kind: 'int', bits: 16, signed: true },
  { kind: 'int', bits: 32, signed: true },
  { kind: 'int', bits: 32, signed: false },
  { kind: 'int', bits: 64, signed: true },
  { kind: 'int', bits: 64, signed: false },
  { kind: 'float', bits: 32 },
  { kind: 'float', bits: 64 },
  { kind: 'decimal', precision: 9, scale: 0 },
  { kind: 'decimal', precision: 15, scale: 2 },
  { kind: 'decimal', precision: 18, scale: 9 },
  { kind: 'decimal', precision: 38, scale: 5 },
  { kind: 'decimal', precision: 38, scale: 38 },
  { kind: 'numeric' },
  { kind: 'text' },
  { kind: 'binary' },
  { kind: 'json' },
  { kind: 'json', binary: true },
  { kind: 'opaque', engine: 'postgres', nativeType: 'bit(3)' },
  { kind: 'date' },
  { kind: 'time', unit: 'us' },
  { kind: 'timestamp', unit: 'us', zone: true },
  { kind: 'timestamp', unit: 'ms', zone: false },
  { kind: 'timestamp', unit: 's', zone: false },
  { kind: 'uuid' },
];

export function randomBatch(
  seed: number,
  rowCount: number,
  types: readonly LogicalType[] = CODEC_TYPES,
): Batch {
  const random = seeded(seed);
  const fields: Field[] = types.map((type, at) => ({ name: `c${at}`, type }));
  return { fields, rowCount, columns: types.map((type) => randomColumn(type, rowCount, random)) };
}

function randomColumn(type: LogicalType, rowCount: number, random: () => number): Column {
  const validity = newBitmap(rowCount, true);
  const withNulls = random() < 0.7;
  let nullCount = 0;
  const below = (limit: number) => Math.floor(random() * limit);
  const isNull = (row: number) => {
    if (!withNulls || random() > 0.2) return false;
    clearBit(validity, row);
    nullCount++;
    return true;
  };
  if (isVariableWidth(type)) {
    const pieces: Buffer[] = [];
    const offsets = new Int32Array(rowCount + 1);
    for (let row = 0; row < rowCount; row++) {
      const piece = isNull(row) ? Buffer.alloc(0) : randomBytes(type, below);
      pieces.push(piece);
      offsets[row + 1] = offsets[row] + piece.length;
    }
    return variableColumn(
      type,
      rowCount,
      offsets,
      new Uint8Array(Buffer.concat(pieces)),
      validity,
      nullCount,
    );
  }
  const width = fixedWidth(type);
  const data = width === 0 ? newBitmap(rowCount, false) : new Uint8Array(width * rowCount);
  const view = new DataView(data.buffer);
  for (let row = 0; row < rowCount; row++) {
    if (isNull(row)) continue;
    if (type.kind === 'bool') data[row >> 3] |= below(2) << (row & 7);
    else if (type.kind === 'decimal') {
      const unscaled = randomInteger(random, BigInt(type.precision));
      view.setBigInt64(16 * row, BigInt.asIntN(64, unscaled), true);
      view.setBigInt64(16 * row + 8, unscaled >> 64n, true);
    } else if (type.kind === 'date') {
      const days = [2147483647, -2147483647, 0, -2440588, 2145042905, below(40000) - 20000][below(6)];
      view.setInt32(4 * row, days, true);
    } else if (type.kind === 'time')
      view.setBigInt64(8 * row, BigInt(below(2)) * 86400000000n || BigInt(below(86400000000)), true);
    else if (type.kind === 'timestamp') {
      const edge = [9223372036854775807n, -9223372036854775807n, 0n, -1n, BigInt(below(4e9)) - 2000000000n][
        below(5)
      ];
      view.setBigInt64(8 * row, edge, true);
    } else for (let i = 0; i < width; i++) data[width * row + i] = below(256);
  }
  return fixedColumn(type, rowCount, data, validity, nullCount);
}

function randomInteger(random: () => number, digitsMax: bigint): bigint {
  const digits = Math.ceil(random() * Number(digitsMax));
  let text = '';
  for (let i = 0; i < digits; i++) text += random() < 0.3 ? '0' : String(Math.floor(random() * 10));
  return random() < 0.5 ? BigInt(text || '0') : -BigInt(text || '0');
}

function randomBytes(type: LogicalType, below: (limit: number) => number): Buffer {
  if (type.kind === 'numeric') return Buffer.from(randomNumeric(below));
  if (type.kind === 'binary' || type.kind === 'opaque')
    return Buffer.from(Array.from({ length: below(90) }, () => below(256)));
  return Buffer.from('aé😀"{}'.repeat(below(12)).slice(0, below(60)), 'utf8');
}

function randomNumeric(below: (limit: number) => number): string {
  const kind = below(20);
  if (kind === 0) return 'NaN';
  if (kind === 1) return 'Infinity';
  if (kind === 2) return '-Infinity';
  const digits = (most: number) =>
    Array.from({ length: below(most) }, () => (below(3) === 0 ? '0' : String(below(10)))).join('');
  const whole = digits(40).replace(/^0+/, '') || '0';
  const fraction = digits(30);
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return below(2) === 0 || /^[0.]*$/.test(text) ? text : `-${text}`;
}
