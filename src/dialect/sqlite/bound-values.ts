// Columns -> values that better-sqlite3 binds: the way back of cells.ts, and like it per cell. Engine thread.
// A JS number is bound as REAL, which SQLite turns into the equal INTEGER where the column has INTEGER or
// NUMERIC affinity; a bigint is bound as INTEGER always. Text is bound as a string, which is exact for valid
// UTF-8; other text goes as bytes through CAST(? AS TEXT).
import { isAscii, isUtf8 } from 'node:buffer';
import { getBit, isValid } from '../../batch/bitmap.ts';
import type { Column } from '../../batch/column.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { typeName } from '../../types/logical-type.ts';

export type Bound = bigint | number | string | Buffer | null;

/** One column of a chunk, ready to be bound. */
export interface BoundColumn {
  /** Puts values `from .. to` into `into` at `at`, `at + stride` … */
  fill(into: Bound[], at: number, stride: number, from: number, to: number): void;
  /** True where value `row` is a text that must be bound as bytes and cast. Absent if there is none such. */
  readonly needsCast: ((row: number) => boolean) | null;
}

/** `numbersAsIntegers`: the column's affinity makes integers of equal reals. */
export function boundColumn(column: Column, numbersAsIntegers: boolean): BoundColumn {
  const { type } = column;
  switch (type.kind) {
    case 'bool':
      return perValue(column, (at) => bit(getBit(column.data, at), numbersAsIntegers));
    case 'int':
      return integers(column, numbersAsIntegers);
    case 'float': {
      const buffer = column.data.buffer;
      const values = type.bits === 64 ? new Float64Array(buffer) : new Float32Array(buffer);
      return perValue(column, (at) => values[at]);
    }
    case 'text':
    case 'json':
    case 'numeric':
      return texts(column);
    case 'binary':
      return perValue(column, (at) => bytesAt(column, at));
    case 'any':
      return union(column);
    default:
      throw new FerrowError('E_INTERNAL', `SQLite has no wire form for ${typeName(type)}`);
  }
}

const bit = (set: boolean, asNumber: boolean): Bound => (asNumber ? (set ? 1 : 0) : set ? 1n : 0n);

function perValue(column: Column, valueAt: (at: number) => Bound): BoundColumn {
  const { validity } = column;
  return {
    fill(into, at, stride, from, to) {
      let place = at;
      for (let row = from; row < to; row++, place += stride) {
        into[place] = isValid(validity, row) ? valueAt(row) : null;
      }
    },
    needsCast: null,
  };
}

function integers(column: Column, numbersAsIntegers: boolean): BoundColumn {
  const { type, data } = column;
  if (type.kind !== 'int' || type.bits === 128) {
    throw new FerrowError('E_INTERNAL', `SQLite has no wire form for ${typeName(type)}`);
  }
  if (type.bits < 64) {
    const values = smallIntegers(column, type.bits, type.signed);
    return perValue(column, numbersAsIntegers ? (at) => values[at] : (at) => BigInt(values[at]));
  }
  if (!type.signed) {
    const values = new BigUint64Array(data.buffer);
    return perValue(column, (at) => values[at]);
  }
  const values = new BigInt64Array(data.buffer);
  if (!numbersAsIntegers) return perValue(column, (at) => values[at]);
  const words = new Int32Array(data.buffer);
  return perValue(column, (at) => {
    const high = words[at * 2 + 1];
    // Within 2^53 a number is exact, and is bound faster than a bigint.
    return high >= -0x200000 && high < 0x200000 ? high * 4294967296 + (words[at * 2] >>> 0) : values[at];
  });
}

function smallIntegers({ data }: Column, bits: number, signed: boolean): ArrayLike<number> {
  if (bits === 32) return signed ? new Int32Array(data.buffer) : new Uint32Array(data.buffer);
  if (bits === 16) return signed ? new Int16Array(data.buffer) : new Uint16Array(data.buffer);
  return signed ? new Int8Array(data.buffer) : data;
}

function bytesAt(column: Column, at: number): Buffer {
  const { data, offsets } = column;
  const [start, end] = [offsets?.[at] ?? 0, offsets?.[at + 1] ?? 0];
  return Buffer.from(data.buffer, data.byteOffset + start, end - start);
}

/** One string of the whole heap is cheap to cut, where it is ASCII and short enough for a string. */
const STRING_BYTES_MAX = 256 * 1024 * 1024;

function texts(column: Column): BoundColumn {
  const { data, offsets, length, validity } = column;
  if (!offsets) throw new FerrowError('E_CORRUPT', 'a text column without offsets');
  const heap = Buffer.from(data.buffer, data.byteOffset, offsets[length]);
  if (isAscii(heap) && heap.length <= STRING_BYTES_MAX) {
    const all = heap.toString('latin1');
    return {
      fill(into, at, stride, from, to) {
        let place = at;
        for (let row = from; row < to; row++, place += stride) {
          into[place] = isValid(validity, row) ? all.substring(offsets[row], offsets[row + 1]) : null;
        }
      },
      needsCast: null,
    };
  }
  const valid = isUtf8(heap) && beginsWhole(heap, offsets, length);
  const isBad = (row: number) => isValid(validity, row) && !isUtf8(bytesAt(column, row));
  if (valid) return perValue(column, (at) => heap.toString('utf8', offsets[at], offsets[at + 1]));
  return {
    ...perValue(column, (at) =>
      isBad(at) ? bytesAt(column, at) : heap.toString('utf8', offsets[at], offsets[at + 1]),
    ),
    needsCast: isBad,
  };
}

/** True if no value begins in the middle of a character; in a valid heap then every value is valid. */
function beginsWhole(heap: Buffer, offsets: Int32Array, length: number): boolean {
  for (let i = 1; i < length; i++) {
    if (offsets[i] < heap.length && (heap[offsets[i]] & 0xc0) === 0x80) return false;
  }
  return true;
}

function union(column: Column): BoundColumn {
  const { typeIds, offsets, children, validity } = column;
  if (!typeIds || !offsets || !children) throw new FerrowError('E_CORRUPT', 'a union is incomplete');
  const members = children.map((child) => boundColumn(child, false));
  const one: Bound[] = [null];
  const castable = members.find(({ needsCast }) => needsCast !== null);
  return {
    fill(into, at, stride, from, to) {
      let place = at;
      for (let row = from; row < to; row++, place += stride) {
        if (isValid(validity, row)) {
          members[typeIds[row]].fill(one, 0, 1, offsets[row], offsets[row] + 1);
          into[place] = one[0];
        } else into[place] = null;
      }
    },
    needsCast: castable
      ? (row) => isValid(validity, row) && members[typeIds[row]].needsCast?.(offsets[row]) === true
      : null,
  };
}
