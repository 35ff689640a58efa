// Floats to floats of the other width, and floats to and from decimal text. Pure.
import { isValid } from '../batch/bitmap.ts';
import {
  finishFixed,
  fixedBuffer,
  float32View,
  float64View,
  HeapBuilder,
  Nulls,
  offsetsOf,
} from '../batch/builder.ts';
import type { Column } from '../batch/column.ts';
import { type LogicalType, typeName } from '../types/logical-type.ts';
import { DecimalScan, SCAN, ZERO } from './digits.ts';
import { floatText, plainDecimal } from './float-text.ts';
import type { FloatType } from './integer.ts';
import type { Kernel } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { POW10 } from './wide.ts';

/** The values of a float column. */
export function floatView(column: Column): Float32Array | Float64Array {
  return (column.type as FloatType).bits === 32 ? float32View(column.data) : float64View(column.data);
}

/** float32 -> float64: every value kept. A NaN's payload stays in its upper bits. */
export function widenFloat(to: FloatType): Kernel {
  return (column) => {
    const data = fixedBuffer(to, column.length);
    float64View(data).set(float32View(column.data).subarray(0, column.length));
    return finishFixed(to, column.length, data, Nulls.of(column));
  };
}

/** float64 -> float32 where single precision holds the very value; others are E_DECIMAL_SCALE. */
export function narrowFloat(to: FloatType): Kernel {
  return (column, sink) => {
    const source = float64View(column.data);
    const data = fixedBuffer(to, column.length);
    const target = float32View(data);
    const rejects = new Rejects(column, sink);
    for (let row = 0; row < column.length; row++) {
      const value = source[row];
      target[row] = value;
      if (target[row] === value || Number.isNaN(value)) continue;
      target[row] = 0;
      rejects.refuse(row, 'E_DECIMAL_SCALE', 'single precision can not hold the number exactly');
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** Floats as their shortest decimal, without exponent; -0 becomes 0 and is counted. */
export function floatToNumeric(from: FloatType, to: LogicalType): Kernel {
  return (column, sink) =>
    printFloats(column, to, (value) => {
      if (value === 0 && Object.is(value, -0)) sink.used('negative_zero', 1);
      return plainDecimal(value, from.bits);
    });
}

/** Floats as JavaScript prints them: shortest, `1e+21`, `-0`, `NaN`. */
export function floatToText(from: FloatType, to: LogicalType): Kernel {
  return (column) => printFloats(column, to, (value) => floatText(value, from.bits));
}

function printFloats(column: Column, to: LogicalType, print: (value: number) => string): Column {
  const source = floatView(column);
  const out = new HeapBuilder(column.length, column.length * 12);
  for (let row = 0; row < column.length; row++) {
    let end = out.end;
    if (isValid(column.validity, row)) {
      const text = print(source[row]);
      const heap = out.reserve(text.length);
      for (let j = 0; j < text.length; j++) heap[end++] = text.charCodeAt(j);
    }
    out.close(row, end);
  }
  return out.finish(to, column.length, Nulls.of(column));
}

/**
 * Decimal text to floats, where the float gives the same number back: at most 15 significant digits (6 for
 * single precision), or the float's own shortest decimal.
 */
export function textToFloat(to: FloatType): Kernel {
  const digits = to.bits === 64 ? 15 : 6;
  const message = `${typeName(to)} can not hold the number exactly`;
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const heap = column.data;
    const data = fixedBuffer(to, column.length);
    const target = to.bits === 32 ? float32View(data) : float64View(data);
    const rejects = new Rejects(column, sink);
    const scan = new DecimalScan();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const start = offsets[row];
      const end = offsets[row + 1];
      const kind = scan.scan(heap, start, end);
      if (kind === SCAN.invalid) rejects.refuse(row, 'E_INVALID_NUMBER', 'the text is not a decimal number');
      else if (kind === SCAN.nan) target[row] = Number.NaN;
      else if (kind === SCAN.infinity) target[row] = Number.POSITIVE_INFINITY;
      else if (kind === SCAN.negativeInfinity) target[row] = Number.NEGATIVE_INFINITY;
      else if (end - scan.first <= digits) target[row] = fewDigits(heap, scan);
      else {
        const text = String.fromCharCode(...heap.subarray(start, Math.min(end, start + 1000)));
        const value = to.bits === 64 ? Number(text) : Math.fround(Number(text));
        const few = scan.significantDigits(heap) <= digits && end - start <= 300;
        if (Number.isFinite(value) && (few || plainDecimal(value, to.bits) === trimmed(text, end - start))) {
          target[row] = value;
        } else rejects.refuse(row, 'E_DECIMAL_SCALE', message);
      }
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** Both the digits and the power of ten are exact, so the quotient is the nearest float. */
function fewDigits(heap: Uint8Array, scan: DecimalScan): number {
  let value = 0;
  for (let i = scan.first; i < scan.end; i++) if (i !== scan.dot) value = value * 10 + heap[i] - ZERO;
  value /= POW10[scan.fractionDigits()];
  return scan.negative ? -value : value;
}

/** Decimal text without needless zeros at its end; '' if it was cut. */
function trimmed(text: string, byteLength: number): string {
  if (text.length !== byteLength) return '';
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
