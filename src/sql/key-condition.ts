// The condition that meets the rows with given keys: which keys have NULLs where, and one IN for all that are alike. What a
// value looks like in SQL is the dialect's. Pure.
import { FerrowError } from '../errors/ferrow-error.ts';
import type { LogicalType } from '../types/logical-type.ts';

/** A key as canonical texts, in the order of its columns; null where a part is NULL. */
export type Key = readonly (string | null)[];

/** How a dialect compares one column of a key. */
export interface KeyPart {
  /** The column as it is compared: `"id"`, `"mood"::text`. */
  readonly column: string;
  /**
   * The column compared byte by byte, where `=` takes more values for equal than are so (a collation that ignores case):
   * asked beside the other, which an index may serve.
   */
  readonly exact?: string;
  /** The value in SQL; nothing in the text can end it. */
  literal(text: string): string;
}

export interface KeyWords {
  /** The column itself. */
  quote(column: string): string;
  part(column: string, type: LogicalType): KeyPart;
  /** The list behind IN for rows of more than one value: `(1, 'a'), (2, 'b')`, or VALUES before it. */
  rows(rows: readonly string[]): string;
}

/** @throws FerrowError E_INTERNAL where a key has more or fewer parts than there are columns */
export function keyCondition(
  columns: readonly string[],
  types: readonly LogicalType[],
  keys: readonly Key[],
  words: KeyWords,
): string {
  if (
    columns.length === 0 ||
    types.length !== columns.length ||
    keys.some((key) => key.length !== columns.length)
  )
    throw new FerrowError('E_INTERNAL', `keys of ${columns.length} columns with other numbers of parts`);
  if (keys.length === 0) return '1 = 0';
  const parts = columns.map((column, at) => words.part(column, types[at]));
  const groups = [...byNulls(keys).values()].map((group) => {
    const nulls = columns.filter((_, at) => group[0][at] === null);
    const present = parts.flatMap((part, at) => (group[0][at] === null ? [] : [{ part, at }]));
    const conditions = nulls.map((column) => `${words.quote(column)} IS NULL`);
    if (present.length > 0) conditions.push(...valuesOf(group, present, words));
    return conditions.join(' AND ');
  });
  return groups.length === 1 ? groups[0] : groups.map((group) => `(${group})`).join(' OR ');
}

/** Keys by where their NULLs are: there are few such patterns, however many keys. */
function byNulls(keys: readonly Key[]): Map<string, Key[]> {
  const groups = new Map<string, Key[]>();
  for (const key of keys) {
    const pattern = key.map((text) => (text === null ? '0' : '1')).join('');
    const group = groups.get(pattern);
    if (group) group.push(key);
    else groups.set(pattern, [key]);
  }
  return groups;
}

function valuesOf(
  keys: readonly Key[],
  present: readonly { readonly part: KeyPart; readonly at: number }[],
  words: KeyWords,
): string[] {
  const rows = keys.map((key) => present.map(({ part, at }) => part.literal(key[at] ?? '')));
  const list =
    present.length === 1
      ? rows.map(([value]) => value).join(', ')
      : words.rows(rows.map((row) => `(${row.join(', ')})`));
  const isIn = (names: readonly string[]) =>
    `${names.length === 1 ? names[0] : `(${names.join(', ')})`} IN (${list})`;
  const conditions = [isIn(present.map(({ part }) => part.column))];
  if (present.some(({ part }) => part.exact !== undefined))
    conditions.push(isIn(present.map(({ part }) => part.exact ?? part.column)));
  return conditions;
}

/**
 * A date or timestamp in the years before the first: `-0043-03-15` is 44 BC. `date` ends with the day, `rest` is what
 * stands behind it.
 */
export function beforeChrist(text: string): { readonly date: string; readonly rest: string } | null {
  const found = /^(-?)(\d{4,})(-\d\d-\d\d)(.*)$/s.exec(text);
  if (!found) return null;
  const [, minus, year, day, rest] = found;
  if (minus === '' && Number(year) > 0) return null;
  return { date: `${String(Number(year) + 1).padStart(4, '0')}${day}`, rest };
}

/** An integer, to stand in SQL as it is. @throws FerrowError E_INTERNAL for any other text */
export function integerText(text: string): string {
  if (/^-?\d+$/.test(text)) return text;
  throw new FerrowError('E_INTERNAL', 'a key that is no integer came for a column of integers');
}

/** The digits of `\x0aff`. @throws FerrowError E_INTERNAL for any other text */
export function hexDigits(text: string): string {
  if (/^\\x(?:[0-9a-f]{2})*$/i.test(text)) return text.slice(2);
  throw new FerrowError('E_INTERNAL', 'a key that is not hexadecimal came for a column of bytes');
}

/** @throws FerrowError E_UNSUPPORTED_TYPE: no SQL says such a value */
export function noLiteral(column: string, what: string): never {
  throw new FerrowError(
    'E_UNSUPPORTED_TYPE',
    `column "${column}": a key of type ${what} can't be said in SQL`,
    {
      column,
      hint: 'rows can only be named by a key of other types; move the table as a whole with --if-exists replace',
    },
  );
}
