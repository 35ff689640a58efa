// Literals: what a text or a number means as a value of a family, strictly. Pure.
import type { Expression, ValueType } from '../types/expression.ts';

export type Literal = Extract<Expression, { node: 'literal' }>;

/** Digits that a double keeps, whatever they are. */
export const DOUBLE_DIGITS = 15;

export function literal(type: ValueType, value: string | null): Literal {
  return { node: 'literal', type, value };
}

export const NULL: Literal = literal({ family: 'null' }, null);

export function isLiteral(expression: Expression): expression is Literal {
  return expression.node === 'literal';
}

/** `-0012.50e1` -> `-125.0`; null if it is no number or its exponent is out of hand. */
export function plainNumber(text: string): string | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (!match) return null;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  const padded = point > digits.length ? digits.padEnd(point, '0') : digits;
  const left = point <= 0 ? '0' : padded.slice(0, point);
  const right = point <= 0 ? '0'.repeat(-point) + padded : padded.slice(point);
  const plain = `${left.replace(/^0+(?=\d)/, '')}${right === '' ? '' : `.${right}`}`;
  return sign === '-' && /[1-9]/.test(plain) ? `-${plain}` : plain;
}

export function scaleOf(number: string): number {
  const point = number.indexOf('.');
  return point < 0 ? 0 : number.length - point - 1;
}

export function significantDigits(number: string): number {
  return number.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
}

const INT64_MAX = 9223372036854775807n;

/** A whole number as a literal; null beyond 64 bits. */
export function integerLiteral(digits: string): Literal | null {
  const value = BigInt(digits);
  if (value > INT64_MAX || value < -INT64_MAX - 1n) return null;
  const bits = value <= 2147483647n && value >= -2147483648n ? 32 : 64;
  return literal({ family: 'integer', bits }, value.toString());
}

export function decimalLiteral(number: string): Literal {
  return literal({ family: 'decimal', precision: significantDigits(number), scale: scaleOf(number) }, number);
}

const isNumber = ({ type }: Literal): boolean =>
  type.family === 'integer' || type.family === 'decimal' || type.family === 'float';

/**
 * The literal as a value of the family, as all engines take it; null where they may not. `boolIsInteger`: 0 and 1
 * may stand for false and true.
 */
export function adaptLiteral(from: Literal, to: ValueType, boolIsInteger: boolean): Literal | null {
  const { value } = from;
  if (value === null) return literal(to, null);
  if (from.type.family === to.family && to.family !== 'float') return from;
  if (isNumber(from)) return adaptNumber(from, value, to, boolIsInteger);
  if (from.type.family !== 'text') return null;
  switch (to.family) {
    case 'date':
      return isDate(value) ? literal({ family: 'date' }, value) : null;
    case 'time':
      return isTime(value) ? literal({ family: 'time' }, shortTime(value)) : null;
    case 'timestamp':
      return isTimestamp(value) ? literal({ family: 'timestamp' }, shortTime(value)) : null;
    case 'timestamptz': {
      const zone = /(\+00(?::?00)?|Z)$/.exec(value)?.[0];
      const local = zone === undefined ? '' : value.slice(0, -zone.length);
      return isTimestamp(local) ? literal({ family: 'timestamptz' }, `${shortTime(local)}+00:00`) : null;
    }
    case 'uuid': {
      const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
      return isUuid ? literal({ family: 'uuid' }, value) : null;
    }
    case 'enum':
      return literal({ family: 'enum' }, value);
    default:
      return null;
  }
}

function adaptNumber(from: Literal, value: string, to: ValueType, boolIsInteger: boolean): Literal | null {
  switch (to.family) {
    case 'integer':
      // Against a whole number a fraction compares as it is.
      return from.type.family === 'float' ? shortDecimal(value) : from;
    case 'decimal':
      return from.type.family === 'float' ? shortDecimal(value) : from;
    case 'float':
      return floatLiteral(value, to.bits ?? 64);
    case 'bool':
      if (!boolIsInteger || (value !== '0' && value !== '1')) return null;
      return literal({ family: 'bool' }, value === '1' ? 'true' : 'false');
    default:
      return null;
  }
}

function shortDecimal(value: string): Literal | null {
  return significantDigits(value) <= DOUBLE_DIGITS ? decimalLiteral(value) : null;
}

/** Only numbers that every engine reads as the same double; against floats of 32 bits, only those that they hold. */
export function floatLiteral(value: string, bits: number): Literal | null {
  if (significantDigits(value) > DOUBLE_DIGITS || value.length > 22) return null;
  if (bits === 32) {
    const single = Math.fround(Number(value));
    if (single !== Number(value) || plainNumber(String(single)) !== withoutZeros(value)) return null;
  }
  return literal({ family: 'float', bits: 64 }, value);
}

const withoutZeros = (number: string): string =>
  number.includes('.') ? number.replace(/0+$/, '').replace(/\.$/, '') : number;

/** `2024-02-29`, of the years 1 to 9999. */
export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match || match[1] === '0000') return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/.test(text);
}

function isTimestamp(text: string): boolean {
  return text[10] === ' ' && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}

/** Without zeros at the end of the fraction, as columns have it. */
function shortTime(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}
