// One value as text, for errors, row keys and tests. Made only for values that are shown: never on a hot path.
import { getBit, isValid } from '../batch/bitmap.ts';
import { float32View, float64View, HeapBuilder, int32View, int64View, offsetsOf } from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import { cutValue, VALUE_CHARS_MAX } from '../errors/ferrow-error.ts';
import type { TemporalFormat } from '../types/logical-type.ts';
import { bitCount, printBits } from './bit-text.ts';
import { printScaled } from './digits.ts';
import { floatText } from './float-text.ts';
import { INTERVAL_TEXT_BYTES_MAX, printInterval } from './interval-text.ts';
import { jsonPrinter } from './json-print.ts';
import { ScaledReader, type ScaledType, scaleOf } from './scaled.ts';
import { formatFor, printDate, printTime, printTimestamp, TEMPORAL_TEXT_BYTES_MAX } from './temporal-text.ts';
import { printTimeTz } from './timetz-text.ts';
import { printUuid } from './uuid-text.ts';
import { Wide } from './wide.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const scratch = new Uint8Array(Math.max(TEMPORAL_TEXT_BYTES_MAX, INTERVAL_TEXT_BYTES_MAX));
const wide = new Wide();

/**
 * Value `row` of a column as canonical text, or null. Numbers in decimal, dates and times as in
 * docs/types.md, bytes as `\x…`, lists and the like as JSON. Long values are cut unless `whole`.
 */
export function cellText(column: Column, row: number, whole = false): string | null {
  if (!isValid(column.validity, row)) return null;
  const { type, data } = column;
  switch (type.kind) {
    case 'bool':
      return getBit(data, row) ? 'true' : 'false';
    case 'int':
    case 'decimal':
      return scaledText(column, type, row);
    case 'float':
      return floatText((type.bits === 32 ? float32View(data) : float64View(data))[row], type.bits);
    case 'numeric':
    case 'text':
    case 'json':
      return heapText(column, row, whole);
    case 'binary':
    case 'opaque':
      return heapHex(column, row, whole);
    case 'date':
      return latin(printDate(int32View(data)[row], scratch, 0));
    case 'time':
      return timeText(int64View(data)[row], type.unit);
    case 'timestamp': {
      const words = int32View(data);
      const format = formatFor({ kind: 'text' }, type) as TemporalFormat;
      const end = printTimestamp(words[row * 2], words[row * 2 + 1], type.unit, format, scratch, 0);
      return end < 0 ? `${int64View(data)[row]} ${type.unit}` : latin(end);
    }
    case 'uuid':
      return latin(printUuid(data, row * 16, scratch, 0));
    case 'timetz': {
      const words = int32View(data);
      const end = printTimeTz(words[row * 2], words[row * 2 + 1], scratch, 0);
      return end < 0 ? `${int64View(data)[row]} timetz` : latin(end);
    }
    case 'interval':
      return latin(printInterval(int32View(data), row, scratch, 0));
    case 'bit':
      return bitText(column, row, whole);
    case 'enum':
      return type.labels[int32View(data)[row]];
    case 'list':
    case 'map':
    case 'struct':
    case 'union':
      return nestedText(column, row, whole);
    case 'any':
      return cellText(column.children![column.typeIds![row]], offsetsOf(column)[row], whole);
  }
}

function latin(end: number): string {
  return String.fromCharCode(...scratch.subarray(0, end));
}

function scaledText(column: Column, type: ScaledType, row: number): string {
  const reader = new ScaledReader(column);
  const value = reader.number(row);
  if (!Number.isNaN(value)) {
    return latin(printScaled(Math.abs(value), value < 0, scaleOf(type), scratch, 0));
  }
  reader.wide(row, wide);
  return latin(printScaled(wide, wide.negative, scaleOf(type), scratch, 0));
}

function timeText(value: bigint, unit: 'us' | 'ns'): string {
  const end = printTime(Number(value), unit, 'shortest', scratch, 0);
  return end < 0 ? `${value} ${unit}` : latin(end);
}

function heapText(column: Column, row: number, whole: boolean): string {
  const offsets = offsetsOf(column);
  const [start, end] = [offsets[row], offsets[row + 1]];
  if (whole || end - start <= VALUE_CHARS_MAX) return decoder.decode(column.data.subarray(start, end));
  // The cut tells how much was left out; counting characters needs no string of the whole value.
  const head = decoder.decode(column.data.subarray(start, start + VALUE_CHARS_MAX));
  return `${head}… (${end - start} bytes)`;
}

function heapHex(column: Column, row: number, whole: boolean): string {
  const offsets = offsetsOf(column);
  const [start, end] = [offsets[row], offsets[row + 1]];
  const last = whole ? end : Math.min(end, start + VALUE_CHARS_MAX);
  let text = '\\x';
  for (let i = start; i < last; i++) text += column.data[i].toString(16).padStart(2, '0');
  return whole ? text : cutValue(text);
}

function bitText(column: Column, row: number, whole: boolean): string {
  const offsets = offsetsOf(column);
  const count = bitCount(column.data, offsets[row], offsets[row + 1]);
  if (count < 0) return heapHex(column, row, whole);
  const out = new Uint8Array(count);
  printBits(column.data, offsets[row], count, out, 0);
  const text = decoder.decode(out);
  return whole ? text : cutValue(text);
}

/** As JSON; where a value inside has none, up to there. */
function nestedText(column: Column, row: number, whole: boolean): string {
  const out = new HeapBuilder(0, 64);
  const refusal = jsonPrinter(column, true)(row, out);
  const text = decoder.decode(out.heap.subarray(0, out.end)) + (refusal === null ? '' : '…');
  return whole ? text : cutValue(text);
}
