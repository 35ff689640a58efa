// Operators: comparing, computing, LIKE, IN. Pure.
import { type Comparison, type Expression, typeOf, type ValueType } from '../types/expression.ts';
import { castTo } from './casts.ts';
import { callOf } from './functions.ts';
import { type Node, namesOf } from './grammar.ts';
import { floatLiteral, isLiteral, literal } from './literals.ts';
import { notKnown } from './not-known.ts';
import { nameOf, unify } from './operands.ts';
import { understandLike } from './patterns.ts';
import type { Content, Reader } from './understand.ts';

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '==': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

export function understandOperator(content: Content, reader: Reader): Expression {
  const kind = content['kind'] as string;
  if (kind === 'LIKE_CALL') return understandLike(content, reader);
  const operator = namesOf(content['name'] as Node[]).pop() ?? '';
  const left = content['lexpr'] as Node | undefined;
  const right = content['rexpr'] as Node;
  switch (kind) {
    case 'AEXPR_OP':
      return left ? binary(operator, left, right, content, reader) : prefix(operator, right, reader);
    case 'AEXPR_DISTINCT':
      return compare('is distinct from', reader.operand(left!), reader.operand(right), reader);
    case 'AEXPR_NOT_DISTINCT':
      return compare('is not distinct from', reader.operand(left!), reader.operand(right), reader);
    case 'AEXPR_NULLIF':
      return callOf('nullif', [reader.value(left!), reader.value(right)], reader.words);
    case 'AEXPR_IN':
      return inList(left!, listItems(right), operator === '<>', reader);
    case 'AEXPR_OP_ANY':
      if (operator === '=') return inList(left!, arrayItems(right), false, reader);
      return notKnown(`${operator} ANY`);
    case 'AEXPR_OP_ALL':
      if (operator === '<>') return inList(left!, arrayItems(right), true, reader);
      return notKnown(`${operator} ALL`);
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
      return understandLike(content, reader);
    case 'AEXPR_BETWEEN':
      return between(left!, right, reader);
    case 'AEXPR_NOT_BETWEEN':
      return { node: 'not', of: between(left!, right, reader) };
    default:
      return notKnown(`the operator ${operator}`);
  }
}

function prefix(operator: string, right: Node, reader: Reader): Expression {
  const of = reader.value(right);
  const { family } = typeOf(of);
  const isNumber = family === 'integer' || family === 'decimal' || family === 'float';
  if (operator === '+' && isNumber) return of;
  if (operator !== '-' || !isNumber) return notKnown(`the operator ${operator} before ${nameOf(typeOf(of))}`);
  if (isLiteral(of) && of.value !== null && /[1-9]/.test(of.value)) {
    return { ...of, value: of.value.startsWith('-') ? of.value.slice(1) : `-${of.value}` };
  }
  refuseSingle(typeOf(of));
  return { node: 'negate', of };
}

function binary(operator: string, left: Node, right: Node, content: Content, reader: Reader): Expression {
  const comparison = COMPARISONS[operator];
  if (comparison) return compare(comparison, reader.operand(left), reader.operand(right), reader);
  switch (operator) {
    case '||':
      return concat([reader.value(left), reader.value(right)]);
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(operator, reader.value(left), reader.value(right), reader);
    case '//':
      if (reader.words.integerDivision === '//') {
        return integerDivision('/', reader.value(left), reader.value(right));
      }
      return notKnown('the operator //');
    case '~~':
    case '!~~':
    case '~~*':
    case '!~~*':
    case '~~~':
    case '!~~~':
      return understandLike(content, reader);
    default:
      return notKnown(`the operator ${operator}`);
  }
}

/** Which collation text is compared by: one that is named, or where the left column decides, that one's. */
function collationOf(parts: readonly Expression[], reader: Reader): ValueType['collation'] {
  const named = parts.find((part) => reader.collated.has(part));
  if (named) return reader.collated.get(named);
  if (!reader.words.leftCollates) return undefined;
  const column = parts.find((part) => part.node === 'column');
  return column ? (typeOf(column).collation ?? 'bytes') : 'bytes';
}

function meet(
  parts: readonly Expression[],
  meeting: 'equal' | 'ordered',
  reader: Reader,
): { parts: Expression[] } {
  const isText = parts.some((part) => typeOf(part).family === 'text');
  const collation = isText ? collationOf(parts, reader) : undefined;
  const { parts: unified, type } = unify(parts, reader.words, meeting, collation);
  if (type.family !== 'text' || type.collation !== 'nocase') return { parts: unified };
  return { parts: unified.map((part) => foldAscii(part, reader)) };
}

/** What NOCASE compares. */
function foldAscii(part: Expression, reader: Reader): Expression {
  if (!isLiteral(part)) return callOf('lower ascii', [part], reader.words);
  const value = part.value?.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) ?? null;
  return literal(part.type, value);
}

function compare(operator: Comparison, left: Expression, right: Expression, reader: Reader): Expression {
  const equality = !['<', '<=', '>', '>='].includes(operator);
  const { parts } = meet([left, right], equality ? 'equal' : 'ordered', reader);
  return { node: 'compare', operator, left: parts[0], right: parts[1] };
}

function between(left: Node, bounds: Node, reader: Reader): Expression {
  const [low, high] = listItems(bounds);
  const of = reader.operand(left);
  return {
    node: 'and',
    parts: [compare('>=', of, reader.operand(low), reader), compare('<=', of, reader.operand(high), reader)],
  };
}

function listItems(node: Node): Node[] {
  return 'List' in node ? (node.List.items ?? []) : notKnown('IN of what is no list');
}

/** ARRAY[…], with or without a cast of the whole: its items, each cast. */
function arrayItems(node: Node): Node[] {
  if ('A_ArrayExpr' in node) return node.A_ArrayExpr.elements ?? [];
  if ('TypeCast' in node && node.TypeCast.arg && node.TypeCast.typeName?.arrayBounds?.length === 1) {
    const { arrayBounds: _, ...typeName } = node.TypeCast.typeName;
    return arrayItems(node.TypeCast.arg).map((arg) => ({ TypeCast: { arg, typeName } }));
  }
  return notKnown('a comparison with an array that is no list');
}

function inList(left: Node, items: readonly Node[], negated: boolean, reader: Reader): Expression {
  const of = reader.operand(left);
  if (items.length === 0) return notKnown('an empty list');
  const { parts } = meet([of, ...items.map((item) => reader.operand(item))], 'equal', reader);
  return { node: 'in', of: parts[0], list: parts.slice(1), negated };
}

function concat(given: readonly Expression[]): Expression {
  const parts = given.flatMap((part) => {
    if (part.node === 'concat') return part.parts;
    const type = typeOf(part);
    if (type.family === 'text' || type.family === 'null') return [part];
    if (type.family === 'integer') return [castTo(part, { family: 'text', collation: 'bytes' })];
    return notKnown(`|| of ${nameOf(type)}`);
  });
  if (!given.some((part) => typeOf(part).family === 'text')) notKnown('|| without a text');
  return { node: 'concat', parts };
}

function refuseSingle(type: ValueType): void {
  if (type.family === 'float' && type.bits === 32) notKnown('computing with floats of 32 bits');
}

function arithmetic(
  operator: '+' | '-' | '*' | '/' | '%',
  left: Expression,
  right: Expression,
  reader: Reader,
): Expression {
  const { words } = reader;
  const [leftType, rightType] = [typeOf(left), typeOf(right)];
  for (const type of [leftType, rightType]) {
    refuseSingle(type);
    if (!['integer', 'decimal', 'float'].includes(type.family)) notKnown(`${operator} of ${nameOf(type)}`);
  }
  const families = new Set([leftType.family, rightType.family]);
  if (families.has('float')) return floatArithmetic(operator, left, right);
  if (families.has('decimal')) {
    if (!words.exactDecimals) notKnown('computing with decimals, which SQLite does in floats');
    if (words.fraction === 'either' && [left, right].some((part) => isDecimalLiteral(part))) {
      notKnown('computing with a number that may be a decimal or a float');
    }
    if (operator === '/' || operator === '%') notKnown(`${operator} of decimals`);
    return { node: 'arithmetic', operator, left, right, type: decimalResult(operator, leftType, rightType) };
  }
  if (operator === '/' && words.slashOfIntegers === 'float') {
    const asFloat = (part: Expression) => castTo(part, { family: 'float', bits: 64 });
    return floatArithmetic('/', asFloat(left), asFloat(right));
  }
  if (operator === '/' || operator === '%') return integerDivision(operator, left, right);
  const bits = Math.max(leftType.bits ?? 64, rightType.bits ?? 64);
  return { node: 'arithmetic', operator, left, right, type: { family: 'integer', bits } };
}

const isDecimalLiteral = (part: Expression): boolean => isLiteral(part) && part.type.family === 'decimal';

function decimalResult(operator: '+' | '-' | '*', left: ValueType, right: ValueType): ValueType {
  const scale = (type: ValueType) => (type.family === 'integer' ? 0 : type.scale);
  const [a, b] = [scale(left), scale(right)];
  if (a === undefined || b === undefined) return { family: 'decimal' };
  return { family: 'decimal', scale: operator === '*' ? a + b : Math.max(a, b) };
}

/** By 0 one engine fails where another gives NULL. */
function checkDivisor(right: Expression): void {
  if (!isLiteral(right) || right.value === null || !/[1-9]/.test(right.value)) {
    notKnown('a division by what may be 0');
  }
}

function integerDivision(operator: '/' | '%', left: Expression, right: Expression): Expression {
  for (const part of [left, right]) {
    if (typeOf(part).family !== 'integer') notKnown(`a whole division of ${nameOf(typeOf(part))}`);
  }
  checkDivisor(right);
  return { node: 'arithmetic', operator, left, right, type: typeOf(left) };
}

function floatArithmetic(
  operator: '+' | '-' | '*' | '/' | '%',
  left: Expression,
  right: Expression,
): Expression {
  if (operator === '%') return notKnown('% of floats');
  const parts = [left, right].map((part): Expression => {
    const type = typeOf(part);
    if (isLiteral(part) && part.value !== null) {
      return floatLiteral(part.value, 64) ?? notKnown('a number of more than 15 digits as a float');
    }
    if (type.family === 'float') return part;
    if (type.family === 'integer') return castTo(part, { family: 'float', bits: 64 });
    return notKnown(`${operator} of a float and ${nameOf(type)}`);
  });
  if (operator === '/') checkDivisor(parts[1]);
  return {
    node: 'arithmetic',
    operator,
    left: parts[0],
    right: parts[1],
    type: { family: 'float', bits: 64 },
  };
}
