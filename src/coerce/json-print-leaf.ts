// The values that nested types end in, as JSON: numbers with all their digits, everything that JSON has no form for as a
// string. Pure.
import { isUtf8 } from 'node:buffer';
import { getBit } from '../batch/bitmap.ts';
import { float32View, float64View, type HeapBuilder, int32View, offsetsOf } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { TemporalFormat } from '../types/logical-type.ts';
import { bitCount, printBits } from './bit-text.ts';
import { DECIMAL_TEXT_BYTES_MAX, DecimalScan, printScaled, SCAN } from './digits.ts';
import { EnumLabels } from './enum-labels.ts';
import { floatText } from './float-text.ts';
import { INTERVAL_TEXT_BYTES_MAX, printInterval } from './interval-text.ts';
import { JsonScan } from './json-scan.ts';
import { putAscii, putEscaped, putQuoted, putText } from './json-string.ts';
import { ScaledReader, type ScaledType, scaleOf } from './scaled.ts';
import { formatFor, printDate, printTime, printTimestamp, TEMPORAL_TEXT_BYTES_MAX } from './temporal-text.ts';
import { printTimeTz } from './timetz-text.ts';
import { isUtf8Heap } from './utf8.ts';
import { printUuid, UUID_TEXT_BYTES } from './uuid-text.ts';
import { Wide } from './wide.ts';

/** Why a value has no JSON form. */
export interface JsonRefusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Appends value `row` at `out.end`. What was written before a refusal stays. */
export type JsonPrinter = (row: number, out: HeapBuilder) => JsonRefusal | null;

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const TRUE = ascii('true');
const FALSE = ascii('false');
const QUOTE = 34;
const LETTER_N = 110;

/** A printer of a leaf's values that aren't NULL. */
export function leafPrinter(column: Column, few: boolean): JsonPrinter {
  const { type, data } = column;
  switch (type.kind) {
    case 'bool':
      return (row, out) => putText(getBit(data, row) ? TRUE : FALSE, out);
    case 'int':
    case 'decimal':
      return scaledPrinter(column, type);
    case 'float': {
      const values = type.bits === 32 ? float32View(data) : float64View(data);
      return (row, out) => {
        const text = floatText(values[row], type.bits);
        return putAscii(Number.isFinite(values[row]) ? text : `"${text}"`, out);
      };
    }
    case 'numeric':
      return numericPrinter(column);
    case 'text':
      return textPrinter(column, few);
    case 'json':
      return verbatimPrinter(column);
    case 'binary':
    case 'opaque':
      return hexPrinter(column);
    case 'enum': {
      const { heap, offsets } = new EnumLabels(type.labels);
      const labels = int32View(data);
      return (row, out) => putEscaped(heap, offsets[labels[row]], offsets[labels[row] + 1], out);
    }
    default:
      return quotedPrinter(column);
  }
}

/** Dates, times, intervals, UUIDs and bits: their text in quotes, with nothing in it to escape. */
function quotedPrinter(column: Column): JsonPrinter {
  const { type, data } = column;
  const words = int32View(data);
  const quoted =
    (
      bytes: number,
      code: ErrorCode,
      print: (row: number, heap: Uint8Array, at: number) => number,
    ): JsonPrinter =>
    (row, out) => {
      const heap = out.reserve(bytes + 2);
      heap[out.end] = QUOTE;
      const end = print(row, heap, out.end + 1);
      if (end < 0) return { code, message: 'a value inside has no text' };
      heap[end] = QUOTE;
      out.end = end + 1;
      return null;
    };
  const bytes = TEMPORAL_TEXT_BYTES_MAX;
  switch (type.kind) {
    case 'date':
      return quoted(bytes, 'E_DATE_RANGE', (row, heap, at) => printDate(words[row], heap, at));
    case 'time':
      return quoted(bytes, 'E_TIME_RANGE', (row, heap, at) => {
        const value = words[row * 2 + 1] * 4294967296 + (words[row * 2] >>> 0);
        return printTime(value, type.unit, 'shortest', heap, at);
      });
    case 'timetz':
      return quoted(bytes, 'E_TIME_RANGE', (row, heap, at) =>
        printTimeTz(words[row * 2], words[row * 2 + 1], heap, at),
      );
    case 'timestamp': {
      const format = formatFor({ kind: 'text' }, type) as TemporalFormat;
      return quoted(bytes, 'E_TIMESTAMP_RANGE', (row, heap, at) =>
        printTimestamp(words[row * 2], words[row * 2 + 1], type.unit, format, heap, at),
      );
    }
    case 'interval':
      return quoted(INTERVAL_TEXT_BYTES_MAX, 'E_INVALID_DATE', (row, heap, at) =>
        printInterval(words, row, heap, at),
      );
    case 'bit': {
      const offsets = offsetsOf(column);
      return (row, out) => {
        const count = bitCount(data, offsets[row], offsets[row + 1]);
        if (count < 0) return { code: 'E_INVALID_BIT', message: 'bytes inside are no string of bits' };
        return quoted(count, 'E_INVALID_BIT', (_, heap, at) =>
          printBits(data, offsets[row], count, heap, at),
        )(row, out);
      };
    }
    default:
      return quoted(UUID_TEXT_BYTES, 'E_INVALID_UUID', (row, heap, at) =>
        printUuid(data, row * 16, heap, at),
      );
  }
}

function scaledPrinter(column: Column, type: ScaledType): JsonPrinter {
  const reader = new ScaledReader(column);
  const scale = scaleOf(type);
  const wide = new Wide();
  return (row, out) => {
    const heap = out.reserve(DECIMAL_TEXT_BYTES_MAX);
    const value = reader.number(row);
    if (!Number.isNaN(value)) out.end = printScaled(Math.abs(value), value < 0, scale, heap, out.end);
    else {
      reader.wide(row, wide);
      out.end = printScaled(wide, wide.negative, scale, heap, out.end);
    }
    return null;
  };
}

function numericPrinter(column: Column): JsonPrinter {
  const offsets = offsetsOf(column);
  const scan = new DecimalScan();
  return (row, out) => {
    const text = column.data.subarray(offsets[row], offsets[row + 1]);
    const kind = scan.scan(text, 0, text.length);
    if (kind === SCAN.invalid)
      return { code: 'E_INVALID_NUMBER', message: 'a value inside is no decimal number' };
    return kind === SCAN.finite ? putText(text, out) : putQuoted(text, 0, text.length, out);
  };
}

function textPrinter(column: Column, few: boolean): JsonPrinter {
  const offsets = offsetsOf(column);
  const { data } = column;
  let isClean: boolean | null = null;
  return (row, out) => {
    isClean ??= !few && isUtf8Heap(column);
    putEscaped(data, offsets[row], offsets[row + 1], out);
    if (isClean || isUtf8(data.subarray(offsets[row], offsets[row + 1]))) return null;
    return { code: 'E_INVALID_UTF8', message: 'text inside is not valid UTF-8' };
  };
}

/** JSON inside JSON stays as it is. */
function verbatimPrinter(column: Column): JsonPrinter {
  const offsets = offsetsOf(column);
  const scan = new JsonScan(false);
  const { data } = column;
  return (row, out) => {
    const [start, end] = [offsets[row], offsets[row + 1]];
    const fault = isUtf8(data.subarray(start, end)) ? scan.scan(data, start, end) : 'it is not UTF-8';
    putText(data.subarray(start, end), out);
    if (fault !== null) return { code: 'E_INVALID_JSON', message: `JSON inside is not valid: ${fault}` };
    let first = start;
    while (data[first] <= 32) first++;
    if (data[first] !== LETTER_N) return null;
    return { code: 'E_INVALID_JSON', message: 'a JSON null inside can’t be told from NULL' };
  };
}

const HEX = ascii('0123456789abcdef');

/** `"\\x00ff"`. */
function hexPrinter(column: Column): JsonPrinter {
  const offsets = offsetsOf(column);
  return (row, out) => {
    putAscii('"\\\\x', out);
    const heap = out.reserve((offsets[row + 1] - offsets[row]) * 2 + 1);
    let at = out.end;
    for (let j = offsets[row]; j < offsets[row + 1]; j++) {
      heap[at++] = HEX[column.data[j] >> 4];
      heap[at++] = HEX[column.data[j] & 15];
    }
    heap[at++] = QUOTE;
    out.end = at;
    return null;
  };
}
