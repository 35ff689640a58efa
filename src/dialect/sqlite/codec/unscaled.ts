// A number -> units of a decimal's scale, for the values that arithmetic on doubles can't prove. Pure.
import type { LogicalType } from '../../../types/logical-type.ts';
import { typeName } from '../../../types/logical-type.ts';
import { BadValue } from './page-values.ts';

/** @throws BadValue E_DECIMAL_SCALE, E_INVALID_NUMBER */
export function unscaledOf(
  value: number | bigint | string,
  type: LogicalType & { kind: 'decimal' },
  row: number,
): bigint {
  const unscaled = units(value, type, row);
  const limit = 10n ** BigInt(type.precision);
  if (unscaled >= limit || unscaled <= -limit)
    throw new BadValue(row, 'E_DECIMAL_SCALE', `a value has more digits than ${typeName(type)}`);
  return unscaled;
}

function units(
  value: number | bigint | string,
  { scale, ...type }: LogicalType & { kind: 'decimal' },
  row: number,
): bigint {
  if (typeof value === 'bigint') return value * 10n ** BigInt(scale);
  const parts = decimalParts(String(value));
  if (parts === null) throw new BadValue(row, 'E_INVALID_NUMBER', 'a value is no decimal number');
  const shift = scale - parts.scale;
  if (shift < 0) {
    const name = typeName({ ...type, scale });
    throw new BadValue(row, 'E_DECIMAL_SCALE', `a value has more fraction digits than ${name}`);
  }
  return parts.digits * 10n ** BigInt(shift);
}

/**
 * `-12.50`, `1e21` or `1.5e-7` -> digits and scale, zeros at the end of the fraction taken off; null for
 * anything else, and for exponents beyond 400.
 */
export function decimalParts(text: string): { digits: bigint; scale: number } | null {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:e([+-]?[0-9]{1,3}))?$/.exec(text);
  if (!match) return null;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  let end = fraction.length;
  while (end > 0 && fraction[end - 1] === '0') end--;
  const digits = BigInt(sign + whole + fraction.slice(0, end));
  const scale = end - Number(exponent);
  if (Math.abs(Number(exponent)) > 400) return null;
  if (scale >= 0) return { digits, scale };
  return { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}
