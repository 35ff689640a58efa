// LIKE and GLOB with a literal pattern, as parts that no escape or letter case can blur. Pure.
import { type Expression, type PatternPart, typeOf } from '../types/expression.ts';
import { callOf } from './functions.ts';
import { type Node, namesOf } from './grammar.ts';
import { isLiteral } from './literals.ts';
import { notKnown } from './not-known.ts';
import { nameOf } from './operands.ts';
import type { Content, Reader } from './understand.ts';

/** `x LIKE p [ESCAPE e]`, the operators ~~ and ~~~ with their kin, and DuckDB's like_escape(x, p, e). */
export function understandLike(content: Content, reader: Reader): Expression {
  const { words } = reader;
  if (content['kind'] === 'LIKE_CALL') {
    const args = content['args'] as Node[];
    if (args.length !== 3) return notKnown('like_escape, called otherwise');
    const negated = content['name'] === 'not_like_escape';
    return like(reader, args[0], args[1], negated, textOf(reader, args[2]), false);
  }
  const operator = namesOf(content['name'] as Node[]).pop() ?? '';
  const negated = operator.startsWith('!');
  const [left, right] = [content['lexpr'] as Node, content['rexpr'] as Node];
  if (operator.endsWith('~~~')) return glob(reader, left, right, negated);
  const folds = operator.endsWith('*');
  const call = 'FuncCall' in right ? right.FuncCall : undefined;
  if (call && namesOf(call.funcname).pop() === 'like_escape' && call.args?.length === 2) {
    return like(reader, left, call.args[0], negated, textOf(reader, call.args[1]), folds);
  }
  return like(reader, left, right, negated, words.like.escape ?? '', folds);
}

function textOf(reader: Reader, node: Node): string {
  const value = reader.value(node);
  if (isLiteral(value) && value.type.family === 'text' && value.value !== null) return value.value;
  return notKnown('a pattern that is no literal');
}

function subject(reader: Reader, node: Node): Expression {
  const of = reader.value(node);
  const type = typeOf(of);
  if (type.family !== 'text' || type.collation === 'other') notKnown(`LIKE of ${nameOf(type)}`);
  return of;
}

function like(
  reader: Reader,
  left: Node,
  patternNode: Node,
  negated: boolean,
  escapeWith: string,
  folds: boolean,
): Expression {
  const of = subject(reader, left);
  const pattern = likeParts(textOf(reader, patternNode), escapeWith);
  const text = pattern.map((part) => (typeof part === 'string' ? '' : part.text)).join('');
  // Where the pattern has no letters, folding them changes nothing.
  if (folds && text.toLowerCase() !== text.toUpperCase()) {
    return notKnown('ILIKE, which takes letters for one by the locale');
  }
  if (reader.words.like.foldsAscii && /[A-Za-z]/.test(text)) {
    const folded = pattern.map((part) => (typeof part === 'string' ? part : { text: small(part.text) }));
    return { node: 'like', of: callOf('lower ascii', [of], reader.words), pattern: folded, negated };
  }
  return { node: 'like', of, pattern, negated };
}

const small = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function likeParts(pattern: string, escapeWith: string): PatternPart[] {
  if ([...escapeWith].length > 1) return notKnown('an escape of several characters');
  const parts: PatternPart[] = [];
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at];
    if (character === escapeWith) {
      at++;
      if (at === characters.length) return notKnown('a pattern that ends in its escape');
      addText(parts, characters[at]);
    } else if (character === '%') parts.push('any');
    else if (character === '_') parts.push('one');
    else addText(parts, character);
  }
  return parts;
}

function addText(parts: PatternPart[], text: string): void {
  const last = parts.at(-1);
  if (last !== undefined && typeof last !== 'string') parts[parts.length - 1] = { text: last.text + text };
  else parts.push({ text });
}

function glob(reader: Reader, left: Node, right: Node, negated: boolean): Expression {
  const of = subject(reader, left);
  const characters = [...textOf(reader, right)];
  const parts: PatternPart[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at];
    if (character === '*') parts.push('any');
    else if (character === '?') parts.push('one');
    else if (character === '[') {
      // `[*]` is a character by itself; sets and ranges are more than LIKE can say.
      const isOne = characters[at + 2] === ']' && !['^', '!', ']'].includes(characters[at + 1]);
      if (!isOne) return notKnown('GLOB with a set of characters');
      addText(parts, characters[at + 1]);
      at += 2;
    } else if (character === '\\' && reader.words.engine === 'duckdb') {
      return notKnown('GLOB with a backslash');
    } else addText(parts, character);
  }
  return { node: 'like', of, pattern: parts, negated };
}

/** The pattern in LIKE's words, with `escape` before %, _ and itself where they mean themselves. */
export function printLike(pattern: readonly PatternPart[], escapeWith: string): string {
  return pattern
    .map((part) => {
      if (part === 'any') return '%';
      if (part === 'one') return '_';
      return [...part.text]
        .map((one) => (['%', '_', escapeWith].includes(one) ? escapeWith + one : one))
        .join('');
    })
    .join('');
}

export function printGlob(pattern: readonly PatternPart[]): string {
  return pattern
    .map((part) => {
      if (part === 'any') return '*';
      if (part === 'one') return '?';
      return [...part.text].map((one) => (['*', '?', '['].includes(one) ? `[${one}]` : one)).join('');
    })
    .join('');
}
