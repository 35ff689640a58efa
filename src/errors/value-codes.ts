// Values that the target can't hold exactly, by code; a part of the list in codes.ts.

/** A code of a value that policies may let through: its hint is made of them. */
function refusedUnless(means: string, policies: readonly string[], otherwise?: string) {
  const allow = policies.length === 0 ? '' : `--allow ${oneOf(policies)}`;
  const hint = [allow, otherwise ?? ''].filter((part) => part !== '').join(', or ');
  return { kind: 'value', means, hint, policies } as const;
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}

/** In the order of docs/errors.md. */
export const VALUE_CODES = {
  E_NAN_UNSUPPORTED: refusedUnless('NaN can not be stored', ['nan=null', 'nan=text']),
  E_NUMERIC_SPECIAL: refusedUnless('NaN or infinity does not fit the numeric type', [
    'nan=null',
    'nan=text',
    'infinity=null',
  ]),
  E_DECIMAL_SCALE: refusedUnless('more digits than the type holds', ['decimal=round']),
  E_INT_RANGE: refusedUnless('integer outside the range of the type', [], 'choose a wider target type'),
  E_DATE_RANGE: refusedUnless('date outside the range of the target', [
    'infinity=null',
    'bad_dates=null',
    'bad_dates=text',
  ]),
  E_TIMESTAMP_RANGE: refusedUnless('timestamp outside the range of the target', [
    'infinity=null',
    'bad_dates=null',
    'bad_dates=text',
  ]),
  E_TIMESTAMP_PRECISION: refusedUnless('timestamp finer than the target keeps', ['ns=truncate', 'ns=text']),
  E_TIME_PRECISION: refusedUnless('time finer than the target keeps', ['ns=truncate', 'ns=text']),
  E_TIME_RANGE: refusedUnless('time outside 00:00:00 to 24:00:00', ['bad_dates=null', 'bad_dates=text']),
  E_INTERVAL_INFINITY: refusedUnless('an infinite interval, which the target has no form for', [
    'infinity=null',
  ]),
  E_NUL_IN_TEXT: refusedUnless('text holds a NUL byte, which the target can not store', [
    'nul=strip',
    'nul=replace',
    'nul=escape',
  ]),
  E_INVALID_UTF8: refusedUnless('text is not valid UTF-8', ['invalid_utf8=replace', 'invalid_utf8=blob']),
  E_INVALID_JSON: refusedUnless(
    'text is not valid JSON',
    ['empty_as_null=null'],
    'mend the value, or make the column text',
  ),
  E_INVALID_UUID: refusedUnless(
    'text is not a UUID',
    ['empty_as_null=null'],
    'mend the value, or make the column text',
  ),
  E_INVALID_DATE: refusedUnless('text is not a valid date or time', [
    'bad_dates=null',
    'bad_dates=text',
    'empty_as_null=null',
  ]),
  E_INVALID_NUMBER: refusedUnless(
    'text is not a number',
    ['empty_as_null=null'],
    'mend the value, or make the column text',
  ),
  E_INVALID_VALUE: refusedUnless(
    'text that is no value of the target’s type, or that the type would change',
    [],
    'mend the value, or make the target column text',
  ),
  E_BOOLEAN_DOMAIN: refusedUnless('not a boolean', [], 'mend the value, or make the column an integer'),
  E_MIXED_STORAGE: refusedUnless('a column holds values of several storage classes', [
    'mixed=text',
    'mixed=composite',
    'empty_as_null=null',
  ]),
  E_ARRAY_SHAPE: refusedUnless('an array of a shape that the target’s lists have not', [
    'pg_arrays=nested',
    'pg_arrays=rebase',
    'pg_arrays=pg_text',
  ]),
  E_EMPTY_BIT: refusedUnless('an empty bit string, which the target has no form for', ['empty_bit=null']),
  E_INVALID_BIT: refusedUnless('text is no string of bits of the column’s length', [], 'mend the value'),
  E_ENUM_LABEL: refusedUnless(
    'not a label of the target’s enum',
    [],
    'add it there, or make the column text',
  ),
  E_ENUM_LABEL_TOO_LONG: refusedUnless('a label of an enum is too long for the target', ['enum=text']),
  E_VALUE_TOO_LONG: refusedUnless('text longer than the column', [], 'widen the target column'),
  E_VALUE_TOO_LARGE: refusedUnless('value larger than the target holds', [], 'leave the column out'),
  E_NULL_IN_PRIMARY_KEY: refusedUnless('a primary key holds NULL', [], 'mend the rows in the source'),
} as const;
