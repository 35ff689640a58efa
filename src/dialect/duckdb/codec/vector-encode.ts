// Arrow columns -> DuckDB's vector bytes. Pure; runs in crossing workers. DuckDB checks nothing that arrives in a
// vector, so what could be wrong in it is checked here: lengths, offsets, the digits of decimals, labels, bits.
import type { Batch } from '../../../batch/batch.ts';
import { isValid } from '../../../batch/bitmap.ts';
import type { VectorColumn, VectorsPayload } from '../../../batch/chunk.ts';
import { type Column, checkColumn } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { isNested, isVariableWidth } from '../../../types/logical-type.ts';
import { encodeAny } from './any-encode.ts';
import { decimalWidth } from './layout.ts';
import { checkTimetz, mendBits, narrowEnum } from './leaf-values.ts';
import { encodeNested } from './nested-encode.ts';
import { reverse16 } from './vector-decode.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** @throws FerrowError E_CORRUPT, E_DECIMAL_SCALE, E_EMPTY_BIT, E_TIME_RANGE, E_INVALID_UTF8, E_INTERNAL */
export function encodeVectors(batch: Batch): VectorsPayload {
  const columns = batch.columns.map((column, at) => {
    const name = batch.fields[at].name;
    if (column.length !== batch.rowCount)
      throw new FerrowError(
        'E_CORRUPT',
        `column ${name}: ${column.length} values in ${batch.rowCount} rows`,
        { column: name },
      );
    checkColumn(column, name);
    return encodeColumn(column, name);
  });
  return { form: 'vectors', columns };
}

function encodeColumn(column: Column, name: string): VectorColumn {
  const { type, length, data } = column;
  const validity = column.nullCount === 0 ? null : column.validity;
  if (type.kind === 'any') return encodeAny(column, validity);
  if (isNested(type)) return encodeNested(column, validity, name, encodeColumn);
  if (isVariableWidth(type)) {
    if (type.kind === 'opaque')
      throw new FerrowError('E_INTERNAL', `column ${name}: bytes of ${type.engine} for DuckDB`);
    if (type.kind === 'bit') mendBits(data, column.offsets!, validity, length, name);
    return { data, offsets: column.offsets, validity, children: null };
  }
  switch (type.kind) {
    case 'bool':
      return plain(spreadBits(data, length), validity);
    case 'decimal':
      return plain(narrowDecimals(column, type.precision, name), validity);
    case 'uuid':
      return plain(uuidsToInts(data, length), validity);
    case 'enum':
      return plain(narrowEnum(data, length, type.labels.length, name), validity);
    case 'timetz':
      checkTimetz(data, length, name);
      return plain(data, validity);
    default:
      return plain(data, validity);
  }
}

function plain(data: Bytes, validity: Bytes | null): VectorColumn {
  return { data, offsets: null, validity, children: null };
}

/** A byte of 0 or 1 each: DuckDB takes any other byte and then finds it unequal to true. */
function spreadBits(bits: Bytes, length: number): Bytes {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = (bits[i >> 3] >> (i & 7)) & 1;
  return out;
}

function uuidsToInts(data: Bytes, length: number): Bytes {
  const out = data.slice(0, length * 16);
  for (let at = 0; at < out.length; at += 16) {
    reverse16(out, at);
    out[at + 15] ^= 0x80;
  }
  return out;
}

/** Powers by a look, not by `**`: V8 moves that into the loop, 25 ns for each value. */
const TENS = Float64Array.from({ length: 39 }, (_, digits) => 10 ** digits);

/** 16 bytes to the width of DECIMAL(precision, s). The appender would take too many digits without a word. */
function narrowDecimals(column: Column, precision: number, name: string): Bytes {
  const { data, length } = column;
  const width = decimalWidth(precision);
  const words = new Int32Array(data.buffer, 0, length * 4);
  if (width === 16) {
    // The double errs by less than 1 in 2^50: only values that near the limit need exact arithmetic.
    const safe = TENS[precision] * (1 - 1e-12);
    for (let i = 0; i < length; i++) {
      const at = i * 4;
      const about =
        ((words[at + 3] * 2 ** 32 + (words[at + 2] >>> 0)) * 2 ** 32 + (words[at + 1] >>> 0)) * 2 ** 32 +
        (words[at] >>> 0);
      if (Math.abs(about) >= safe) checkExactly(words, at, precision, column, i, name);
    }
    return data;
  }
  const out = new Uint8Array(length * width);
  const shorts = width === 2 ? new Int16Array(out.buffer) : null;
  const ints = width === 2 ? null : new Int32Array(out.buffer);
  // Values whose upper words are that small have few enough digits; the others are looked at exactly.
  const highSafe = Math.floor(TENS[precision] / 2 ** 32);
  const lowSafe = TENS[Math.min(precision, 9)];
  for (let i = 0; i < length; i++) {
    const at = i * 4;
    const low = words[at];
    const high = words[at + 1];
    const sign = high >> 31;
    const isSafe =
      width === 8
        ? high < highSafe && high >= -highSafe
        : high === low >> 31 && low < lowSafe && low > -lowSafe;
    if (!isSafe || words[at + 2] !== sign || words[at + 3] !== sign)
      checkExactly(words, at, precision, column, i, name);
    if (shorts) shorts[i] = low;
    else if (width === 4) ints![i] = low;
    else {
      ints![2 * i] = low;
      ints![2 * i + 1] = high;
    }
  }
  return out;
}

function checkExactly(
  words: Int32Array,
  at: number,
  precision: number,
  column: Column,
  row: number,
  name: string,
): void {
  if (!isValid(column.validity, row)) return;
  let value = BigInt(words[at + 3]);
  for (let word = 2; word >= 0; word--) value = (value << 32n) | BigInt(words[at + word] >>> 0);
  const limit = 10n ** BigInt(precision);
  if (value < limit && value > -limit) return;
  throw new FerrowError('E_DECIMAL_SCALE', `column ${name}: a decimal has more than ${precision} digits`, {
    dialect: 'duckdb',
    column: name,
    value: value.toString(),
  });
}
