// Puts numbers into a configuration file, YAML or JSON, and leaves every other byte of it as it is: comments, order,
// quotes. Pure; the file is read and written elsewhere.
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { FerrowError } from '../errors/ferrow-error.ts';
import { parseConfig } from './config-file.ts';

export type Numbers = Readonly<Record<string, number>>;

/**
 * @param text the file as it is, or null for one that is made
 * @param file its name, for errors; `.json` says how a new one is written
 * @throws FerrowError E_CONFIG for a file that could not be read as a configuration either
 */
export function withNumbers(text: string | null, numbers: Numbers, file: string): string {
  if (text === null || text.trim() === '') return newFile(numbers, file);
  parseConfig(text, file);
  let changed = text;
  for (const [key, number] of Object.entries(numbers)) changed = withNumber(changed, key, number);
  const read = parseConfig(changed, file) as Readonly<Record<string, unknown>>;
  if (Object.entries(numbers).every(([key, number]) => read[key] === number)) return changed;
  throw new FerrowError('E_CONFIG', `${file} is written in a way that can not be added to`, {
    hint: `set it by hand: ${lines(numbers).join(', ')}`,
  });
}

function newFile(numbers: Numbers, file: string): string {
  if (file.endsWith('.json')) return `${JSON.stringify(numbers, null, 2)}\n`;
  return `${lines(numbers).join('\n')}\n`;
}

const lines = (numbers: Numbers): string[] =>
  Object.entries(numbers).map(([key, number]) => `${key}: ${number}`);

function withNumber(text: string, key: string, number: number): string {
  const { contents } = parseDocument(text);
  // Nothing but comments.
  if (!isMap(contents)) return `${ended(text)}${key}: ${number}\n`;
  const pair = contents.items.find((each) => isScalar(each.key) && each.key.value === key);
  if (pair) return replaced(text, pair, number);
  return contents.flow
    ? insertedInBraces(text, contents, key, number)
    : appended(text, contents, key, number);
}

/** The value's own bytes; after a key without a value, behind its colon. */
function replaced(text: string, pair: Pair, number: number): string {
  const [start, end] = rangeOf(pair.value) ?? [0, 0];
  const blank = text[start - 1] === ':' ? ' ' : '';
  return `${text.slice(0, start)}${blank}${number}${text.slice(end)}`;
}

/** A line of its own behind the last; comments at the end of the file stay with what is above them. */
function appended(text: string, map: YAMLMap, key: string, number: number): string {
  const first = rangeOf(map.items[0]?.key)?.[0] ?? 0;
  const indent = text.slice(text.lastIndexOf('\n', first - 1) + 1, first);
  const line = `${/^ *$/.test(indent) ? indent : ''}${key}: ${number}\n`;
  const mark = /^\.\.\.\s*$/m.exec(text)?.index;
  if (mark !== undefined) return `${text.slice(0, mark)}${line}${text.slice(mark)}`;
  return `${ended(text)}${line}`;
}

/** Behind the last entry, spaced and quoted as the first one is. */
function insertedInBraces(text: string, map: YAMLMap, key: string, number: number): string {
  const brace = rangeOf(map)?.[0] ?? 0;
  const [first] = map.items;
  const last = map.items[map.items.length - 1];
  if (!first || !last)
    return `${text.slice(0, brace)}{ "${key}": ${number} }${text.slice(rangeOf(map)?.[1] ?? brace)}`;
  const start = rangeOf(first.key)?.[0] ?? brace + 1;
  const end = rangeOf(last.value)?.[1] ?? rangeOf(last.key)?.[1] ?? start;
  const quote = text[start] === '"' ? '"' : '';
  const space = text.slice(brace + 1, start).replace(/^[ \t]*$/, ' ');
  return `${text.slice(0, end)},${space}${quote}${key}${quote}: ${number}${text.slice(end)}`;
}

function rangeOf(node: unknown): readonly [number, number] | null {
  const { range } = (node ?? {}) as { range?: readonly [number, number, number] | null };
  return range ? [range[0], range[1]] : null;
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
