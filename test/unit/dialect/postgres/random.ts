// Seeded random batches in every type that the PostgreSQL codec carries.
import type { Batch, Field } from '../../../../src/batch/batch.ts';
import { clearBit, newBitmap } from '../../../../src/batch/bitmap.ts';
import { type Column, fixedColumn, nestedColumn, variableColumn } from '../../../../src/batch/column.ts';
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
  { kind: 'timetz' },
  { kind: 'interval' },
  { kind: 'bit' },
  { kind: 'enum', name: 'mood', labels: ['sad', '', 'Grüße 😀', 'ok'] },
  { kind: 'list', element: { kind: 'int', bits: 32, signed: true } },
  { kind: 'list', element: { kind: 'text' } },
  { kind: 'list', element: { kind: 'enum', name: 'mood', labels: ['sad', 'ok'] } },
  { kind: 'list', element: { kind: 'numeric' } },
  {
    kind: 'struct',
    fields: [
      { name: 'a', type: { kind: 'decimal', precision: 18, scale: 2 } },
      { name: 'b', type: { kind: 'list', element: { kind: 'bit' } } },
      { name: 'c', type: { kind: 'struct', fields: [{ name: 'd', type: { kind: 'interval' } }] } },
    ],
  },
  {
    kind: 'list',
    element: { kind: 'struct', fields: [{ name: 'x', type: { kind: 'float', bits: 64 } }] },
  },
  { kind: 'map', key: { kind: 'text' }, value: { kind: 'text' } },
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

/** `missing` are rows that must be NULL, since what holds them is. */
function randomColumn(
  type: LogicalType,
  rowCount: number,
  random: () => number,
  missing: (row: number) => boolean = () => false,
): Column {
  const validity = newBitmap(rowCount, true);
  const withNulls = random() < 0.7;
  let nullCount = 0;
  const below = (limit: number) => Math.floor(random() * limit);
  const isNull = (row: number) => {
    if (!missing(row) && (!withNulls || random() > 0.2)) return false;
    clearBit(validity, row);
    nullCount++;
    return true;
  };
  if (type.kind === 'list' || type.kind === 'map') {
    const offsets = new Int32Array(rowCount + 1);
    for (let row = 0; row < rowCount; row++) offsets[row + 1] = offsets[row] + (isNull(row) ? 0 : below(4));
    const count = offsets[rowCount];
    const children =
      type.kind === 'list'
        ? [randomColumn(type.element, count, random)]
        : [distinctTexts(type.key, count), randomColumn(type.value, count, random)];
    return nestedColumn(type, rowCount, { children, offsets }, validity, nullCount);
  }
  if (type.kind === 'struct') {
    const gone = Array.from({ length: rowCount }, (_, row) => isNull(row));
    const children = type.fields.map((field) =>
      randomColumn(field.type, rowCount, random, (row) => gone[row]),
    );
    return nestedColumn(type, rowCount, { children }, validity, nullCount);
  }
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
    } else if (type.kind === 'timetz') {
      const micros = BigInt(below(2)) * 86400000000n || BigInt(below(86400000000));
      view.setBigUint64(8 * row, (micros << 24n) | BigInt(below(2 * 57599 + 1)), true);
    } else if (type.kind === 'enum') view.setUint32(4 * row, below(type.labels.length), true);
    else for (let i = 0; i < width; i++) data[width * row + i] = below(256);
  }
  return fixedColumn(type, rowCount, data, validity, nullCount);
}

/** Keys of maps: no two alike. */
function distinctTexts(type: LogicalType, count: number): Column {
  const texts = Array.from({ length: count }, (_, at) => Buffer.from(`é${at}`));
  const offsets = new Int32Array(count + 1);
  texts.forEach((text, at) => {
    offsets[at + 1] = offsets[at] + text.length;
  });
  return variableColumn(type, count, offsets, new Uint8Array(Buffer.concat(texts)), null, 0);
}

function randomInteger(random: () => number, digitsMax: bigint): bigint {
  const digits = Math.ceil(random() * Number(digitsMax));
  let text = '';
  for (let i = 0; i < digits; i++) text += random() < 0.3 ? '0' : String(Math.floor(random() * 10));
  return random() < 0.5 ? BigInt(text || '0') : -BigInt(text || '0');
}

function randomBytes(type: LogicalType, below: (limit: number) => number): Buffer {
  if (type.kind === 'numeric') return Buffer.from(randomNumeric(below));
  if (type.kind === 'bit') return randomBits(below(40), below);
  if (type.kind === 'binary' || type.kind === 'opaque')
    return Buffer.from(Array.from({ length: below(90) }, () => below(256)));
  return Buffer.from('aé😀"{}'.repeat(below(12)).slice(0, below(60)), 'utf8');
}

/** The count of padding bits, then the bits from the right, with padding of ones. */
function randomBits(bits: number, below: (limit: number) => number): Buffer {
  const padding = (8 - (bits & 7)) & 7;
  const text = '1'.repeat(padding) + Array.from({ length: bits }, () => below(2)).join('');
  return Buffer.from([padding, ...(text.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))]);
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
