// One value of a column as text, for tests: slow and plain, so that it can judge the fast code.
import { isValid } from '../../src/batch/bitmap.ts';
import type { Column } from '../../src/batch/column.ts';

/** The value in row `row`, or null. Dates and timestamps as their count, bytes as hex. */
export function renderValue(column: Column, row: number): string | null {
  if (!isValid(column.validity, row)) return null;
  const view = new DataView(column.data.buffer, column.data.byteOffset, column.data.byteLength);
  const { type, offsets } = column;
  const children = column.children ?? [];
  const inside = (child: Column, from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => renderValue(child, from + at));
  const bytes = () =>
    Buffer.from(column.data.subarray(offsets?.[row] ?? 16 * row, offsets?.[row + 1] ?? 16 * row + 16));
  switch (type.kind) {
    case 'bool':
      return String((column.data[row >> 3] >> (row & 7)) % 2 === 1);
    case 'int':
      if (type.bits === 16)
        return String(type.signed ? view.getInt16(2 * row, true) : view.getUint16(2 * row, true));
      if (type.bits === 32)
        return String(type.signed ? view.getInt32(4 * row, true) : view.getUint32(4 * row, true));
      return String(type.signed ? view.getBigInt64(8 * row, true) : view.getBigUint64(8 * row, true));
    case 'float': {
      const value = type.bits === 32 ? view.getFloat32(4 * row, true) : view.getFloat64(8 * row, true);
      return Object.is(value, -0) ? '-0' : String(value);
    }
    case 'decimal':
      return decimalText(
        (view.getBigInt64(16 * row + 8, true) << 64n) | view.getBigUint64(16 * row, true),
        type.scale,
      );
    case 'date':
      return String(view.getInt32(4 * row, true));
    case 'time':
    case 'timestamp':
      return String(view.getBigInt64(8 * row, true));
    case 'timetz': {
      const bits = view.getBigUint64(8 * row, true);
      return `${bits >> 24n} ${57599 - Number(bits & 0xffffffn)}`;
    }
    case 'interval': {
      const [months, days] = [view.getInt32(16 * row, true), view.getInt32(16 * row + 4, true)];
      return `${months} ${days} ${view.getBigInt64(16 * row + 8, true)}`;
    }
    case 'bit': {
      const [padding, ...rest] = bytes();
      return rest
        .map((byte) => byte.toString(2).padStart(8, '0'))
        .join('')
        .slice(padding);
    }
    case 'enum':
      return type.labels[view.getUint32(4 * row, true)];
    case 'list':
      return JSON.stringify(inside(children[0], offsets?.[row] ?? 0, offsets?.[row + 1] ?? 0));
    case 'map': {
      const [from, to] = [offsets?.[row] ?? 0, offsets?.[row + 1] ?? 0];
      const values = inside(children[1], from, to);
      return JSON.stringify(inside(children[0], from, to).map((key, at) => [key, values[at]]));
    }
    case 'struct':
      return JSON.stringify(children.map((child) => renderValue(child, row)));
    case 'uuid':
    case 'binary':
    case 'opaque':
      return bytes().toString('hex');
    default:
      return bytes().toString('utf8');
  }
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return unscaled < 0n ? `-${text}` : text;
}
