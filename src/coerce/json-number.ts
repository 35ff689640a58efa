// JSON numbers by their digits: without their exponent, and as floats that mean the very same. Pure; off the hot paths.
import { isValid } from '../batch/bitmap.ts';
import { finishFixed, fixedBuffer, float32View, float64View, offsetsOf } from '../batch/builder.ts';
import { typeName } from '../types/logical-type.ts';
import { floatText } from './float-text.ts';
import type { FloatType } from './integer.ts';
import type { Kernel } from './kernel.ts';
import { Rejects } from './rejects.ts';

/** Largest exponent that is written out as digits; doubles end at 308. */
const EXPONENT_MAX = 400;

/** `1.5e3` as `1500`, `12e-3` as `0.012`; null where it would be too long. */
export function withoutExponent(text: string): string | null {
  const [mantissa, exponentText] = text.split(/e/i);
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > EXPONENT_MAX) return null;
  const sign = mantissa[0] === '-' ? '-' : '';
  const [whole, fraction = ''] = mantissa.slice(sign.length).split('.');
  const digits = whole + fraction;
  const dot = whole.length + exponent;
  if (dot >= digits.length) return sign + trimZeros(digits + '0'.repeat(dot - digits.length));
  if (dot <= 0) return `${sign}0.${'0'.repeat(-dot)}${digits}`;
  return `${sign}${trimZeros(digits.slice(0, dot))}.${digits.slice(dot)}`;
}

const trimZeros = (digits: string) => digits.replace(/^0+(?=\d)/, '');

/** Digits without zeros around them, and the power of ten of the last. */
function significant(text: string): { digits: string; exponent: number } {
  const [mantissa, exponentText = '0'] = text.replace('-', '').split(/e/i);
  const [whole, fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  return { digits: short, exponent: Number(exponentText) - fraction.length + digits.length - short.length };
}

/** Below these, floats have fewer digits. */
const LEAST_NORMAL = { 32: 2 ** -126, 64: 2 ** -1022 } as const;

/** The float that a JSON number means; null if the float is not exactly that, or not what prints so. */
export function floatOfJson(text: string, bits: 32 | 64): number | null {
  const double = Number(text);
  const value = bits === 64 ? double : Math.fround(double);
  if (!Number.isFinite(value)) return null;
  const { digits, exponent } = significant(text);
  if (digits === '') return value;
  if (digits.length <= (bits === 64 ? 15 : 6) && Math.abs(value) >= LEAST_NORMAL[bits]) return value;
  const shortest = significant(floatText(value, bits));
  return shortest.digits === digits && shortest.exponent === exponent ? value : null;
}

/** Text of JSON numbers, NaN and infinities as floats; E_DECIMAL_SCALE where a float is not exactly that. */
export function jsonNumbersToFloat(to: FloatType): Kernel {
  const message = `${typeName(to)} can not hold the number exactly`;
  return (column, sink) => {
    const offsets = offsetsOf(column);
    const data = fixedBuffer(to, column.length);
    const target = to.bits === 32 ? float32View(data) : float64View(data);
    const rejects = new Rejects(column, sink);
    for (let row = 0; row < column.length; row++) {
      if (!isValid(column.validity, row)) continue;
      const text = String.fromCharCode(
        ...column.data.subarray(offsets[row], offsets[row + 1]).subarray(0, 2000),
      );
      const isSpecial = text === 'NaN' || text.endsWith('Infinity');
      const isCut = text.length < offsets[row + 1] - offsets[row];
      const value = isSpecial ? Number(text) : isCut ? null : floatOfJson(text, to.bits);
      if (value === null) rejects.refuse(row, 'E_DECIMAL_SCALE', message);
      else target[row] = value;
    }
    return finishFixed(to, column.length, data, rejects.done());
  };
}
