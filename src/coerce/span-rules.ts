// The rows of the conversion table for intervals, times with an offset, strings of bits and enums.
import { bitToText, textToBit } from './bit.ts';
import { enumToEnum, enumToText, labelsFit, textToEnum } from './enum.ts';
import { fits, looked, type Rule, rule } from './rule.ts';
import { intervalToText, textToInterval, textToTimeTz, timeTzToText } from './span.ts';

export const SPAN_RULES: readonly Rule[] = [
  rule('timetz', 'text', '`12:34:56.5+05:30`', ['E_TIME_RANGE'], [], (_, to) =>
    looked(() => timeTzToText(to)),
  ),
  rule(
    'text',
    'timetz',
    'only text that prints back the same',
    ['E_INVALID_DATE'],
    ['bad_dates'],
    (_, to, p) => looked(() => textToTimeTz(to, p)),
  ),
  rule('interval', 'text', '`P1Y2M3DT-4H5M6.5S`, `PT0S`, `infinity`', [], [], (_, to) =>
    fits(() => intervalToText(to)),
  ),
  rule(
    'text',
    'interval',
    'only text that prints back the same, which is PostgreSQL’s iso_8601',
    ['E_INVALID_DATE'],
    ['bad_dates'],
    (_, to, p) => looked(() => textToInterval(to, p)),
  ),
  rule('bit', 'text', '`0101`', ['E_INVALID_BIT'], [], (_, to) => looked(() => bitToText(to))),
  rule('text', 'bit', 'only 0 and 1, as many as the type has', ['E_INVALID_BIT'], [], (_, to) =>
    looked(() => textToBit(to)),
  ),
  rule('enum', 'text', 'the label', [], [], (from, to) => fits(() => enumToText(from, to))),
  rule('text', 'enum', 'only labels', ['E_ENUM_LABEL'], [], (_, to) => looked(() => textToEnum(to))),
  rule(
    'enum',
    'enum',
    'by label; labels that the target has not are refused',
    ['E_ENUM_LABEL'],
    [],
    (from, to) => ({
      fits: labelsFit(from, to),
      make: () => enumToEnum(from, to),
    }),
  ),
];
