// The rows of the conversion table for booleans and numbers.
import type { ErrorCode } from '../errors/codes.ts';
import type { PolicyKey } from '../types/policy.ts';
import { boolToInt, boolToText, intToBool, textToBool } from './boolean.ts';
import {
  decimalFits,
  decimalToFloat,
  floatToDecimal,
  rescale,
  scaledToText,
  textToScaled,
} from './decimal.ts';
import { floatToNumeric, floatToText, narrowFloat, textToFloat, widenFloat } from './float.ts';
import { floatToInt, intFits, intToFloat, intToInt } from './integer.ts';
import { fits, looked, type Rule, rule, same } from './rule.ts';
import { integerBounds } from './scaled.ts';
import { numberToTimestamp } from './temporal.ts';
import { textToNumeric } from './text.ts';

const SCALED_TEXT: readonly ErrorCode[] = ['E_INVALID_NUMBER', 'E_NUMERIC_SPECIAL', 'E_INT_RANGE'];
const DECIMAL_TEXT: readonly ErrorCode[] = ['E_INVALID_NUMBER', 'E_NUMERIC_SPECIAL', 'E_DECIMAL_SCALE'];
const NUMBER_POLICIES: readonly PolicyKey[] = ['nan', 'infinity', 'decimal'];

export const NUMBER_RULES: readonly Rule[] = [
  rule('bool', 'int', '0 and 1', [], [], (_, to) => fits(() => boolToInt(to))),
  rule('int', 'bool', 'only 0 and 1', ['E_BOOLEAN_DOMAIN'], [], () => looked(intToBool)),
  rule('bool', 'text', '`true`, `false`', [], [], (_, to) => fits(() => boolToText(to))),
  rule('text', 'bool', 'only `true` and `false`', ['E_BOOLEAN_DOMAIN'], [], () => looked(textToBool)),
  rule('int', 'int', 'any width and sign; values outside are refused', ['E_INT_RANGE'], [], (from, to) => ({
    fits: intFits(from, to),
    make: () => intToInt(from, to),
  })),
  rule(
    'int',
    'decimal',
    'values outside the precision are refused',
    ['E_DECIMAL_SCALE'],
    [],
    (from, to, p) => ({
      fits: to.precision - to.scale >= integerBounds(from.bits, from.signed).max.toString().length,
      make: () => rescale(from, to, p),
    }),
  ),
  rule('int', 'float', 'only integers that the float holds exactly', ['E_INT_RANGE'], [], (from, to) => ({
    fits: from.bits < (to.bits === 64 ? 64 : 32),
    make: () => intToFloat(to),
  })),
  rule('int', 'numeric', 'decimal text', [], [], (from, to) => fits(() => scaledToText(from, to))),
  rule('int', 'text', 'decimal text', [], [], (from, to) => fits(() => scaledToText(from, to))),
  rule(
    'int',
    'timestamp',
    'only with sqlite_datetime=unix_s, unix_ms or julian',
    ['E_TIMESTAMP_RANGE'],
    ['sqlite_datetime', 'bad_dates'],
    (from, to, p) => {
      const meaning = p.sqlite_datetime;
      return meaning === undefined || to.zone ? null : looked(() => numberToTimestamp(from, to, meaning, p));
    },
  ),
  rule(
    'decimal',
    'decimal',
    'rescaled; digits other than zero are never dropped unless decimal=round (half away from zero)',
    ['E_DECIMAL_SCALE'],
    ['decimal'],
    (from, to, p) => {
      if (from.scale === to.scale && from.precision <= to.precision) return fits(same);
      return { fits: decimalFits(from, to), make: () => rescale(from, to, p) };
    },
  ),
  rule(
    'decimal',
    'int',
    'whole numbers in range',
    ['E_DECIMAL_SCALE', 'E_INT_RANGE'],
    ['decimal'],
    (from, to, p) => looked(() => rescale(from, to, p)),
  ),
  rule(
    'decimal',
    'float',
    'exact both ways up to 15 significant digits (single precision: 6)',
    ['E_DECIMAL_SCALE'],
    [],
    (from, to) => ({
      fits: from.precision <= (to.bits === 64 ? 15 : 6),
      make: () => decimalToFloat(from, to),
    }),
  ),
  rule('decimal', 'numeric', 'decimal text with the scale’s zeros: `12.50`', [], [], (from, to) =>
    fits(() => scaledToText(from, to)),
  ),
  rule('decimal', 'text', 'decimal text with the scale’s zeros: `12.50`', [], [], (from, to) =>
    fits(() => scaledToText(from, to)),
  ),
  rule(
    'numeric',
    'decimal',
    'digits that fit; no NaN, no infinity',
    DECIMAL_TEXT,
    NUMBER_POLICIES,
    (_, to, p) => looked(() => textToScaled(to, p)),
  ),
  rule(
    'numeric',
    'int',
    'whole numbers in range',
    [...SCALED_TEXT, 'E_DECIMAL_SCALE'],
    NUMBER_POLICIES,
    (_, to, p) => looked(() => textToScaled(to, p)),
  ),
  rule(
    'numeric',
    'float',
    'up to 15 significant digits, or the float’s own shortest decimal; NaN and infinities too',
    ['E_DECIMAL_SCALE', 'E_INVALID_NUMBER'],
    [],
    (_, to) => looked(() => textToFloat(to)),
  ),
  rule('numeric', 'text', 'the same bytes', [], [], () => fits(same)),
  rule('float', 'float', 'narrowed only if exact', ['E_DECIMAL_SCALE'], [], (from, to) =>
    from.bits < to.bits ? fits(() => widenFloat(to)) : looked(() => narrowFloat(to)),
  ),
  rule(
    'float',
    'int',
    'whole numbers in range',
    ['E_INT_RANGE', 'E_NAN_UNSUPPORTED'],
    ['nan'],
    (from, to, p) => looked(() => floatToInt(from, to, p)),
  ),
  rule(
    'float',
    'decimal',
    'the shortest decimal that means the float must fit',
    ['E_DECIMAL_SCALE', 'E_NUMERIC_SPECIAL'],
    NUMBER_POLICIES,
    (from, to, p) => looked(() => floatToDecimal(from, to, p)),
  ),
  rule('float', 'numeric', 'the shortest decimal; -0 becomes 0 and is counted', [], [], (from, to) =>
    fits(() => floatToNumeric(from, to)),
  ),
  rule('float', 'text', 'the shortest decimal, with an exponent where it is long', [], [], (from, to) =>
    fits(() => floatToText(from, to)),
  ),
  rule(
    'float',
    'timestamp',
    'only with sqlite_datetime=unix_s, unix_ms or julian',
    ['E_TIMESTAMP_RANGE'],
    ['sqlite_datetime', 'bad_dates'],
    (from, to, p) => {
      const meaning = p.sqlite_datetime;
      if (meaning === undefined || to.zone || from.bits === 32) return null;
      return looked(() => numberToTimestamp(from, to, meaning, p));
    },
  ),
  rule('text', 'numeric', 'decimal text as Ferrow writes it, verbatim', ['E_INVALID_NUMBER'], [], (_, to) =>
    looked(() => textToNumeric(to)),
  ),
  rule('text', 'decimal', 'decimal text that fits', DECIMAL_TEXT, NUMBER_POLICIES, (_, to, p) =>
    looked(() => textToScaled(to, p)),
  ),
  rule(
    'text',
    'int',
    'decimal text in range',
    [...SCALED_TEXT, 'E_DECIMAL_SCALE'],
    NUMBER_POLICIES,
    (_, to, p) => looked(() => textToScaled(to, p)),
  ),
  rule('text', 'float', 'as numeric to float', ['E_DECIMAL_SCALE', 'E_INVALID_NUMBER'], [], (_, to) =>
    looked(() => textToFloat(to)),
  ),
];
