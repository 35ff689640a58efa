// Columns from canonical text and back: how tests write batches down. Slow and plain on purpose, and
// independent of the kernels: everything goes through BigInt and strings.
import { newBitmap, setBit } from '../../src/batch/bitmap.ts';
import { fixedBuffer } from '../../src/batch/builder.ts';
import { type Column, fixedColumn, variableColumn } from '../../src/batch/column.ts';
import { cellText } from '../../src/coerce/cell-text.ts';
import { fixedWidth, isVariableWidth, type LogicalType } from '../../src/types/logical-type.ts';

/**
 * A column of the values that `texts` name (null is NULL), in the canonical text of docs/types.md; intervals as
 * `months days microseconds`.
 */
export function columnOf(type: LogicalType, texts: readonly (string | null)[]): Column {
  const length = texts.length;
  const validity = newBitmap(length, false);
  texts.forEach((text, row) => {
    if (text !== null) setBit(validity, row);
  });
  const nullCount = texts.filter((text) => text === null).length;
  if (isVariableWidth(type)) {
    const values = texts.map((text) => (text === null ? new Uint8Array(0) : bytesOf(type, text)));
    const offsets = new Int32Array(length + 1);
    values.forEach((value, row) => {
      offsets[row + 1] = offsets[row] + value.length;
    });
    const heap = new Uint8Array(offsets[length]);
    values.forEach((value, row) => {
      heap.set(value, offsets[row]);
    });
    return variableColumn(type, length, offsets, heap, validity, nullCount);
  }
  const data = fixedBuffer(type, length);
  texts.forEach((text, row) => {
    if (text !== null) putFixed(type, text, data, row);
  });
  return fixedColumn(type, length, data, validity, nullCount);
}

/** Every value as canonical text, whole. */
export function textsOf(column: Column): (string | null)[] {
  return Array.from({ length: column.length }, (_, row) => cellText(column, row, true));
}

/** Bytes of a variable-width value: `\x…` for bytes, UTF-8 for text. */
export function bytesOf(type: LogicalType, text: string): Uint8Array {
  if (type.kind === 'binary' || type.kind === 'opaque') return Buffer.from(text.slice(2), 'hex');
  if (type.kind === 'bit') return bitBytes(text);
  return Buffer.from(text, 'utf8');
}

function putFixed(type: LogicalType, text: string, data: Uint8Array, row: number): void {
  const view = new DataView(data.buffer);
  const at = row * fixedWidth(type);
  switch (type.kind) {
    case 'bool':
      if (text === 'true') setBit(data, row);
      return;
    case 'int':
      putInteger(view, at, type.bits / 8, BigInt(text));
      return;
    case 'decimal':
      putInteger(view, at, 16, unscaled(text, type.scale));
      return;
    case 'float':
      if (type.bits === 32) view.setFloat32(at, Number(text), true);
      else view.setFloat64(at, Number(text), true);
      return;
    case 'date':
      view.setInt32(at, Number(daysOf(text)), true);
      return;
    case 'time':
      view.setBigInt64(at, clockOf(text, perSecond(type.unit)), true);
      return;
    case 'timestamp':
      view.setBigInt64(at, instantOf(text, perSecond(type.unit)), true);
      return;
    case 'uuid':
      Buffer.from(text.replaceAll('-', ''), 'hex').copy(data, at);
      return;
    case 'timetz':
      view.setBigUint64(at, zonedClockOf(text), true);
      return;
    case 'interval': {
      const [months, days, micros] = text.split(' ').map(BigInt);
      view.setInt32(at, Number(months), true);
      view.setInt32(at + 4, Number(days), true);
      view.setBigInt64(at + 8, micros, true);
      return;
    }
    case 'enum':
      view.setUint32(at, type.labels.indexOf(text), true);
      return;
    default:
      throw new Error(`no fixed width: ${type.kind}`);
  }
}

/** A byte with the number of padding bits, then the bits from the right, padded with ones. */
function bitBytes(text: string): Uint8Array {
  const padding = (8 - (text.length % 8)) % 8;
  const bits = '1'.repeat(padding) + text;
  return Uint8Array.from([padding, ...(bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))]);
}

/** `12:34:56.5+05:30`, with seconds of the offset where it has some. */
function zonedClockOf(text: string): bigint {
  const [, clock, sign, offset] = /^([\d:.]+)([+-])([\d:]+)$/.exec(text) as RegExpExecArray;
  const [hours, minutes = '0', seconds = '0'] = offset.split(':');
  const east = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * (sign === '-' ? -1 : 1);
  return (clockOf(clock, 1_000_000n) << 24n) | BigInt(57_599 - east);
}

function putInteger(view: DataView, at: number, width: number, value: bigint): void {
  for (let j = 0; j < width; j++) view.setUint8(at + j, Number((value >> BigInt(8 * j)) & 0xffn));
}

/** `-12.5` at scale 2 is -1250n. */
export function unscaled(text: string, scale: number): bigint {
  const negative = text.startsWith('-');
  const [whole, fraction = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole + fraction.padEnd(scale, '0'));
  return negative ? -value : value;
}

export function perSecond(unit: 's' | 'ms' | 'us' | 'ns'): bigint {
  return { s: 1n, ms: 1_000n, us: 1_000_000n, ns: 1_000_000_000n }[unit];
}

function infinityOf(text: string, bits: bigint): bigint | null {
  if (text === 'infinity') return (1n << (bits - 1n)) - 1n;
  return text === '-infinity' ? -((1n << (bits - 1n)) - 1n) : null;
}

/** Days since 1970 by Date.UTC, moved by whole 400-year cycles to where it is exact. */
export function daysOf(text: string): bigint {
  const infinity = infinityOf(text, 32n);
  if (infinity !== null) return infinity;
  const [, year, month, day] = /^(-?\d+)-(\d\d)-(\d\d)$/.exec(text) as RegExpExecArray;
  const cycles = Math.floor((Number(year) - 2000) / 400);
  const base = new Date(0);
  base.setUTCFullYear(Number(year) - cycles * 400, Number(month) - 1, Number(day));
  return BigInt(base.getTime() / 86_400_000) + BigInt(cycles) * 146_097n;
}

function clockOf(text: string, units: bigint): bigint {
  const [, hours, minutes, seconds, fraction = ''] = /^(\d\d):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(
    text,
  ) as RegExpExecArray;
  const digits = units.toString().length - 1;
  const whole = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds);
  return whole * units + BigInt(fraction.padEnd(digits, '0') || '0');
}

function instantOf(text: string, units: bigint): bigint {
  const infinity = infinityOf(text, 64n);
  if (infinity !== null) return infinity;
  const [date, time] = text.replace(/(\+00:00|Z)$/, '').split(/[ T]/);
  return daysOf(date) * 86_400n * units + clockOf(time, units);
}
