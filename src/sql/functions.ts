// The functions that are known to mean the same, by a name of our own: what they take, what they give. How each engine
// calls them stands in its words. Pure.
import { type Expression, typeOf, type ValueType } from '../types/expression.ts';
import { notKnown } from './not-known.ts';
import { unify } from './operands.ts';
import type { SqlWords } from './words.ts';

export interface NeutralFunction {
  /** For the printed page. */
  readonly means: string;
  /** The type of the result. @throws NotKnown for arguments with which engines differ */
  type(parts: readonly Expression[], words: SqlWords): ValueType;
  /** Arguments brought to one family. */
  readonly unified?: boolean;
}

function textOnly(parts: readonly Expression[], what: string): ValueType {
  for (const part of parts) {
    const { family, name } = typeOf(part);
    if (family !== 'text' && family !== 'null') notKnown(`${what} of ${name ?? family}`);
  }
  return typeOf(parts[0]);
}

const ofText = (what: string, result?: ValueType): NeutralFunction['type'] => {
  return (parts, words) => {
    const type = textOnly(parts, what);
    // In SQLite what a function gives has no collation of its own.
    return result ?? { family: 'text', collation: words.leftCollates ? 'bytes' : type.collation };
  };
};

const ofNumber: NeutralFunction['type'] = ([part]) => {
  const type = typeOf(part);
  if (type.family === 'float' && type.bits === 32) notKnown('computing with floats of 32 bits');
  if (!['integer', 'decimal', 'float'].includes(type.family)) notKnown(`abs of ${type.name ?? type.family}`);
  return type;
};

const INT32: ValueType = { family: 'integer', bits: 32 };

const ofOneFamily: NeutralFunction['type'] = (parts, words) => unify(parts, words, 'together').type;

function wholeNumber(part: Expression | undefined, least: number): boolean {
  return (
    part?.node === 'literal' &&
    part.type.family === 'integer' &&
    part.value !== null &&
    Number(part.value) >= least &&
    Number(part.value) <= 2147483647
  );
}

/** In the order of the printed page. */
export const FUNCTIONS: Readonly<Record<string, NeutralFunction>> = {
  coalesce: { means: 'the first that is not NULL', type: ofOneFamily, unified: true },
  nullif: {
    means: 'the first, or NULL if it equals the second',
    type: (parts, words) => {
      if (unify(parts, words, 'equal').type.collation === 'nocase') notKnown('nullif by a collation');
      return typeOf(parts[0]);
    },
    unified: true,
  },
  greatest: { means: 'the largest that is not NULL', type: orderedFamily, unified: true },
  least: { means: 'the smallest that is not NULL', type: orderedFamily, unified: true },
  abs: { means: 'the number without its sign', type: ofNumber },
  length: { means: 'how many characters (code points) a text has', type: ofText('length', INT32) },
  'lower ascii': { means: 'the letters A-Z made small, no others', type: ofText('lower') },
  'upper ascii': { means: 'the letters a-z made large, no others', type: ofText('upper') },
  trim: { means: 'the text without blanks (U+0020) at both ends', type: ofText('trim') },
  ltrim: { means: 'the text without blanks at its start', type: ofText('ltrim') },
  rtrim: { means: 'the text without blanks at its end', type: ofText('rtrim') },
  substr: {
    means: 'characters from a literal place, counted from 1, as many as a literal says',
    type: (parts, words) => {
      if (!wholeNumber(parts[1], 1)) notKnown('substr from a place that is no literal of 1 or more');
      if (parts.length > 2 && !wholeNumber(parts[2], 0)) notKnown('substr of a length that is no literal');
      return ofText('substr')(parts.slice(0, 1), words);
    },
  },
  replace: {
    means: 'every occurrence of a literal, which is not empty, replaced by another text',
    type: (parts, words) => {
      // SQLite replaces nothing, not even by NULL, if the text to look for is empty.
      const isText = parts[1]?.node === 'literal' && parts[1].value !== null && parts[1].value !== '';
      if (!isText) notKnown('replace of what is no literal');
      return ofText('replace')(parts, words);
    },
  },
  position: {
    means: 'where a text first stands in another, counted from 1; 0 if it does not',
    type: ofText('position', INT32),
  },
  'starts with': {
    means: 'whether a text starts with another',
    type: ofText('starts_with', { family: 'bool' }),
  },
};

function orderedFamily(parts: readonly Expression[], words: SqlWords): ValueType {
  return unify(parts, words, 'ordered').type;
}

/** `substr($1, $2)`, `trim($1, ' ')`, `coalesce(...)`: a call as words write it. */
interface Form {
  readonly name: string;
  /** The number of an argument, or the literal that must stand in its place; null for any number of arguments. */
  readonly parts: readonly (number | string)[] | null;
}

function parseForm(form: string): Form | null {
  const match = /^(\w+)\((.*)\)$/s.exec(form);
  if (!match) return null;
  if (match[2] === '...') return { name: match[1], parts: null };
  const parts = match[2].match(/'(?:[^']|'')*'|[^\s,]+/g) ?? [];
  const isSimple = parts.every((part) => /^(\$\d|'.*')$/s.test(part));
  if (!isSimple) return null;
  return {
    name: match[1],
    parts: parts.map((part) => (part.startsWith('$') ? Number(part.slice(1)) - 1 : part.slice(1, -1))),
  };
}

interface KnownForm {
  readonly function: string;
  readonly form: Form;
}

const formsByWords = new WeakMap<SqlWords, Map<string, KnownForm[]>>();

function formsOf(words: SqlWords): Map<string, KnownForm[]> {
  const known = formsByWords.get(words);
  if (known) return known;
  const forms = new Map<string, KnownForm[]>();
  for (const [name, texts] of Object.entries(words.functions)) {
    for (const text of texts) {
      const form = parseForm(text);
      if (form) forms.set(form.name, [...(forms.get(form.name) ?? []), { function: name, form }]);
    }
  }
  formsByWords.set(words, forms);
  return forms;
}

/** A call in the engine's words, understood; null if the words don't know it. @throws NotKnown for its arguments */
export function understandCall(
  name: string,
  given: readonly Expression[],
  words: SqlWords,
): Expression | null {
  for (const { function: neutral, form } of formsOf(words).get(name) ?? []) {
    const parts = matchForm(form, given);
    if (parts !== null) return callOf(neutral, parts, words);
  }
  return null;
}

function matchForm({ parts: wanted }: Form, given: readonly Expression[]): Expression[] | null {
  if (wanted === null) return given.length === 0 ? null : [...given];
  if (wanted.length !== given.length) return null;
  const parts: Expression[] = [];
  for (const [at, part] of wanted.entries()) {
    const actual = given[at];
    if (typeof part === 'number') parts[part] = actual;
    else if (actual.node !== 'literal' || actual.value !== part) return null;
  }
  return parts;
}

export function callOf(neutral: string, given: readonly Expression[], words: SqlWords): Expression {
  const known = FUNCTIONS[neutral];
  const type = known.type(given, words);
  const parts = known.unified ? unify(given, words, 'together').parts : given;
  return { node: 'call', function: neutral, arguments: parts, type };
}

/** The first form that fits so many arguments, filled in; null if the engine has none. */
export function printCall(neutral: string, printed: readonly string[], words: SqlWords): string | null {
  for (const form of words.functions[neutral] ?? []) {
    if (form.includes('(...)')) return form.replace('...', () => printed.join(', '));
    const numbers = (form.match(/\$\d/g) ?? []).map((text) => Number(text.slice(1)));
    if (Math.max(...numbers) !== printed.length) continue;
    return form.replace(/\$(\d)/g, (_, number: string) => printed[Number(number) - 1]);
  }
  return null;
}
