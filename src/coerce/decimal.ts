// Decimals and integers at other scales, as text, and from text and floats. Exact, or refused, or (policy
// decimal=round) rounded half away from zero. Pure; no BigInt and no string per cell but for odd floats.
import { isValid } from '../batch/bitmap.ts';
import {
  finishFixed,
  fixedBuffer,
  float32View,
  float64View,
  HeapBuilder,
  int32View,
  Nulls,
  offsetsOf,
} from '../batch/builder.ts';
import { type LogicalType, typeName } from '../types/logical-type.ts';
import type { Policies } from '../types/policy.ts';
import { DECIMAL_TEXT_BYTES_MAX, DecimalScan, printScaled, SCAN, ZERO } from './digits.ts';
import { plainDecimal } from './float-text.ts';
import type { FloatType } from './integer.ts';
import type { Kernel } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { ScaledReader, type ScaledType, ScaledWriter, scaleOf } from './scaled.ts';
import { POW10, Wide } from './wide.ts';

export type DecimalType = Extract<LogicalType, { kind: 'decimal' }>;

/** True if every value of `from` is one of `to`. */
export function decimalFits(from: DecimalType, to: DecimalType): boolean {
  return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
}

const rangeCode = (to: ScaledType) => (to.kind === 'int' ? 'E_INT_RANGE' : 'E_DECIMAL_SCALE');
const rangeMessage = (to: ScaledType) => `the number is outside the range of ${typeName(to)}`;
const scaleMessage = (to: ScaledType) => `the number has more fraction digits than ${typeName(to)} holds`;

/** Any integer or decimal to any other. */
export function rescale(from: ScaledType, to: ScaledType, policies: Policies): Kernel {
  const up = Math.max(0, scaleOf(to) - scaleOf(from));
  const down = Math.max(0, scaleOf(from) - scaleOf(to));
  const round = policies.decimal === 'round';
  // Numbers up to this can be multiplied without leaving 2^53.
  const fastMax = up <= 15 ? Math.floor(2 ** 53 / POW10[up]) : 0;
  const factor = up <= 15 ? POW10[up] : 1;
  const divisor = down <= 15 ? POW10[down] : 1;
  return (column, sink) => {
    const reader = new ScaledReader(column);
    const writer = new ScaledWriter(to, column.length);
    const rejects = new Rejects(column, sink);
    const wide = new Wide();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const value = reader.number(row);
      let dropped = false;
      let fits: boolean;
      if (value <= fastMax && value >= -fastMax && down <= 15) {
        let result = value * factor;
        if (down > 0) {
          const rest = value % divisor;
          result = (value - rest) / divisor;
          dropped = rest !== 0;
          if (Math.abs(rest) * 2 >= divisor) result += rest < 0 ? -1 : 1;
        }
        fits = writer.number(row, result);
      } else {
        reader.wide(row, wide);
        fits = wide.scaleUp(up);
        dropped = wide.scaleDown(down);
        fits &&= writer.wide(row, wide);
      }
      if (dropped && round) rejects.used('decimal');
      if (dropped && !round) {
        rejects.refuse(row, 'E_DECIMAL_SCALE', scaleMessage(to));
        writer.number(row, 0);
      } else if (!fits) rejects.refuse(row, rangeCode(to), rangeMessage(to));
    }
    return writer.finish(rejects.done());
  };
}

/** Integers and decimals as decimal text. */
export function scaledToText(from: ScaledType, to: LogicalType): Kernel {
  const scale = scaleOf(from);
  return (column) => {
    const reader = new ScaledReader(column);
    const out = new HeapBuilder(column.length, column.length * 12);
    const wide = new Wide();
    for (let row = 0; row < column.length; row++) {
      let end = out.end;
      if (isValid(column.validity, row)) {
        const heap = out.reserve(DECIMAL_TEXT_BYTES_MAX);
        const value = reader.number(row);
        if (!Number.isNaN(value)) end = printScaled(value < 0 ? -value : value, value < 0, scale, heap, end);
        else {
          reader.wide(row, wide);
          end = printScaled(wide, wide.negative, scale, heap, end);
        }
      }
      out.close(row, end);
    }
    return out.finish(to, column.length, Nulls.of(column));
  };
}

/** What came of putting scanned digits into a type. */
const PUT = { ok: 0, dropped: 1, range: 2 } as const;

/** Takes scanned digits at another scale; one per run of a kernel. */
class DigitsToScaled {
  readonly #wide = new Wide();
  readonly #writer: ScaledWriter;
  readonly #scale: number;
  readonly #round: boolean;
  rounded = false;

  constructor(writer: ScaledWriter, scale: number, round: boolean) {
    this.#writer = writer;
    this.#scale = scale;
    this.#round = round;
  }

  put(row: number, heap: Uint8Array, scan: DecimalScan): (typeof PUT)[keyof typeof PUT] {
    const { first, dot, end } = scan;
    const scale = this.#scale;
    const kept = Math.min(end, dot + 1 + scale);
    this.rounded = false;
    let roundUp = false;
    for (let i = kept; i < end; i++) {
      if (heap[i] === ZERO) continue;
      if (!this.#round) return PUT.dropped;
      this.rounded = true;
      roundUp = heap[kept] >= ZERO + 5;
      break;
    }
    const whole = scan.wholeDigits(heap);
    if (whole + scale > 38 + 1) return PUT.range;
    if (whole + scale <= 15) {
      let value = 0;
      for (let i = first; i < kept; i++) if (i !== dot) value = value * 10 + heap[i] - ZERO;
      value *= POW10[scale - Math.max(0, kept - dot - 1)];
      if (roundUp) value++;
      return this.#writer.number(row, scan.negative ? -value : value) ? PUT.ok : PUT.range;
    }
    return this.#putWide(row, heap, scan, kept, roundUp) ? PUT.ok : PUT.range;
  }

  #putWide(row: number, heap: Uint8Array, scan: DecimalScan, kept: number, roundUp: boolean): boolean {
    const wide = this.#wide;
    wide.setNumber(0);
    let group = 0;
    let count = 0;
    for (let i = scan.first; i < kept; i++) {
      if (i === scan.dot) continue;
      group = group * 10 + heap[i] - ZERO;
      if (++count < 9) continue;
      if (!wide.multiplyAdd(1e9, group)) return false;
      group = 0;
      count = 0;
    }
    if (!wide.multiplyAdd(POW10[count], group)) return false;
    if (!wide.scaleUp(this.#scale - Math.max(0, kept - scan.dot - 1))) return false;
    if (roundUp) wide.multiplyAdd(1, 1);
    wide.negative = scan.negative;
    return this.#writer.wide(row, wide);
  }
}

/** Decimal text (numeric columns, or text that must be that) to integers and decimals. */
export function textToScaled(to: ScaledType, policies: Policies): Kernel {
  const name = typeName(to);
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const heap = column.data;
    const writer = new ScaledWriter(to, column.length);
    const target = new DigitsToScaled(writer, scaleOf(to), policies.decimal === 'round');
    const rejects = new Rejects(column, sink, policies);
    const scan = new DecimalScan();
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const kind = scan.scan(heap, offsets[row], offsets[row + 1]);
      if (kind === SCAN.finite) {
        const put = target.put(row, heap, scan);
        if (put === PUT.dropped) rejects.refuse(row, 'E_DECIMAL_SCALE', scaleMessage(to));
        else if (put === PUT.range) rejects.refuse(row, rangeCode(to), rangeMessage(to));
        else if (target.rounded) rejects.used('decimal');
      } else if (kind === SCAN.invalid)
        rejects.refuse(row, 'E_INVALID_NUMBER', 'the text is not a decimal number');
      else if (kind === SCAN.nan) rejects.refuse(row, 'E_NUMERIC_SPECIAL', `${name} can not hold NaN`, 'nan');
      else rejects.refuse(row, 'E_NUMERIC_SPECIAL', `${name} can not hold an infinity`, 'infinity');
    }
    return writer.finish(rejects.done());
  };
}

/**
 * Decimals as floats. A double keeps 15 digits and a single 6, so such a decimal comes back exactly; more
 * significant digits are E_DECIMAL_SCALE.
 */
export function decimalToFloat(from: DecimalType, to: FloatType): Kernel {
  const digits = to.bits === 64 ? 15 : 6;
  const divisor = from.scale <= 22 ? POW10[from.scale] : 0;
  const limit = POW10[digits];
  const message = `the number has more than the ${digits} digits that ${typeName(to)} keeps`;
  return (column, sink) => {
    const reader = new ScaledReader(column);
    const data = fixedBuffer(to, column.length);
    const target = to.bits === 32 ? float32View(data) : float64View(data);
    const rejects = new Rejects(column, sink);
    const wide = new Wide();
    const text = new Uint8Array(DECIMAL_TEXT_BYTES_MAX);
    const scan = new DecimalScan();
    const words = int32View(column.data);
    const small = to.bits === 64 && divisor !== 0;
    for (let row = 0; row < column.length; row++) {
      if (small) row = divideSmall(words, column.validity, target, row, column.length, divisor);
      if (row === column.length) break;
      if (!isValid(column.validity, row)) continue;
      const value = reader.number(row);
      if (value > -limit && value < limit && divisor !== 0) {
        // Both are exact, so the quotient is the double nearest to the decimal.
        target[row] = value / divisor;
        continue;
      }
      reader.wide(row, wide);
      const end = printScaled(wide, wide.negative, from.scale, text, 0);
      scan.scan(text, 0, end);
      if (scan.significantDigits(text) > digits) rejects.refuse(row, 'E_DECIMAL_SCALE', message);
      else target[row] = Number(String.fromCharCode(...text.subarray(0, end)));
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}

/** Decimals of 32 bits, which nearly all are; gives the first row from `from` on that is none. */
function divideSmall(
  words: Int32Array,
  validity: Uint8Array | null,
  target: Float32Array | Float64Array,
  from: number,
  end: number,
  divisor: number,
): number {
  for (let row = from, at = from * 4; row < end; row++, at += 4) {
    const low = words[at];
    const sign = low >> 31;
    if (((words[at + 1] ^ sign) | (words[at + 2] ^ sign) | (words[at + 3] ^ sign)) !== 0) return row;
    if (isValid(validity, row)) target[row] = low / divisor;
  }
  return end;
}

/** Floats whose shortest decimal fits the type; others are E_DECIMAL_SCALE, NaN and infinities E_NUMERIC_SPECIAL. */
export function floatToDecimal(from: FloatType, to: DecimalType, policies: Policies): Kernel {
  const factor = POW10[Math.min(22, to.scale)];
  const name = typeName(to);
  return (column, sink) => {
    const source = from.bits === 32 ? float32View(column.data) : float64View(column.data);
    const writer = new ScaledWriter(to, column.length);
    const target = new DigitsToScaled(writer, to.scale, policies.decimal === 'round');
    const rejects = new Rejects(column, sink, policies);
    const scan = new DecimalScan();
    const text = new Uint8Array(400);
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const value = source[row];
      // A decimal of at most 15 digits that gives this double back is its shortest decimal.
      const scaled = Math.round(value * factor);
      if (
        scaled < 1e15 &&
        scaled > -1e15 &&
        from.bits === 64 &&
        to.scale <= 22 &&
        scaled / factor === value
      ) {
        if (!writer.number(row, scaled)) rejects.refuse(row, 'E_DECIMAL_SCALE', rangeMessage(to));
        else if (value === 0 && Object.is(value, -0)) rejects.used('negative_zero');
      } else if (Number.isNaN(value))
        rejects.refuse(row, 'E_NUMERIC_SPECIAL', `${name} can not hold NaN`, 'nan');
      else if (!Number.isFinite(value)) {
        rejects.refuse(row, 'E_NUMERIC_SPECIAL', `${name} can not hold an infinity`, 'infinity');
      } else {
        const plain = plainDecimal(value, from.bits);
        for (let j = 0; j < plain.length; j++) text[j] = plain.charCodeAt(j);
        scan.scan(text, 0, plain.length);
        const put = target.put(row, text, scan);
        if (put === PUT.dropped) rejects.refuse(row, 'E_DECIMAL_SCALE', scaleMessage(to));
        else if (put === PUT.range) rejects.refuse(row, 'E_DECIMAL_SCALE', rangeMessage(to));
        else if (target.rounded) rejects.used('decimal');
      }
    }
    return writer.finish(rejects.done());
  };
}
