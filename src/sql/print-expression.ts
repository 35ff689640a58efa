// An expression in an engine's own words, if it has words that mean the same for columns as they are there. Pure: needs no
// grammar. Operators are bracketed, so that no engine's order of binding matters.
import { type Comparison, type Expression, typeOf, type ValueType } from '../types/expression.ts';
import { printCall } from './functions.ts';
import { notKnown } from './not-known.ts';
import { nameOf } from './operands.ts';
import { printGlob, printLike } from './patterns.ts';
import type { SqlWords } from './words.ts';

/** What is asked of a column: whether it is NULL, how it compares, or its very value. */
type Use = 'null' | 'compare' | 'value';

export interface PrintScope {
  /** A column as SQL, and what it holds in the target; null where that is not known. @throws NotKnown */
  column(relation: string | null, name: string): { sql: string; type: ValueType | null };
  /** Subqueries, aggregates and windows; absent in expressions of a table. @throws NotKnown */
  query?(expression: Expression, printer: Printer): string;
}

const FUNCTION_OF_TEXT = 'lower ascii';

export class Printer {
  readonly words: SqlWords;
  readonly scope: PrintScope;

  constructor(words: SqlWords, scope: PrintScope) {
    this.words = words;
    this.scope = scope;
  }

  /** Ready to stand anywhere: bracketed if it has to be. */
  inner(expression: Expression, use: Use = 'value'): string {
    const sql = this.outer(expression, use);
    const isClosed = CLOSED.has(expression.node);
    const isNegative = expression.node === 'literal' && sql.startsWith('-');
    return isClosed && !isNegative ? sql : `(${sql})`;
  }

  /** Without brackets around the whole. */
  outer(expression: Expression, use: Use = 'value'): string {
    const { words } = this;
    switch (expression.node) {
      case 'column':
        return this.#column(expression, use);
      case 'literal':
        return this.literal(expression.type, expression.value);
      case 'compare':
        return this.#compare(expression.operator, expression.left, expression.right);
      case 'and':
      case 'or':
        return expression.parts.map((part) => this.inner(part)).join(` ${expression.node.toUpperCase()} `);
      case 'not':
        return `NOT ${this.inner(expression.of)}`;
      case 'is null':
        return `${this.inner(expression.of, 'null')} IS ${expression.negated ? 'NOT ' : ''}NULL`;
      case 'is truth': {
        const truth = expression.truth ? 'TRUE' : 'FALSE';
        return `${this.inner(expression.of)} IS ${expression.negated ? 'NOT ' : ''}${truth}`;
      }
      case 'in': {
        const list = expression.list.map((part) => this.inner(part, 'compare')).join(', ');
        return `${this.inner(expression.of, 'compare')} ${expression.negated ? 'NOT ' : ''}IN (${list})`;
      }
      case 'arithmetic':
        return this.#arithmetic(expression);
      case 'negate':
        return `-${this.inner(expression.of)}`;
      case 'concat':
        return expression.parts.map((part) => this.inner(part)).join(' || ');
      case 'like':
        return this.#like(expression);
      case 'case': {
        const branches = expression.branches.map(
          ({ when, gives }) => `WHEN ${this.outer(when)} THEN ${this.outer(gives)}`,
        );
        const last = expression.otherwise ? ` ELSE ${this.outer(expression.otherwise)}` : '';
        return `CASE ${branches.join(' ')}${last} END`;
      }
      case 'call': {
        const use =
          ORDERING.has(expression.function) && typeOf(expression).family === 'text' ? 'order' : null;
        if (use && words.byBytes !== '') notKnown(`${expression.function} of text`);
        const printed = expression.arguments.map((part) => this.inner(part));
        const call = printCall(expression.function, printed, words);
        return call ?? notKnown(`${expression.function}, which ${words.title} has not`);
      }
      case 'cast': {
        const name = words.castName(expression.type);
        if (name === null) return notKnown(`a cast to ${nameOf(expression.type)}`);
        return name === '' ? this.inner(expression.of) : `CAST(${this.outer(expression.of)} AS ${name})`;
      }
      default:
        return this.scope.query?.(expression, this) ?? notKnown('a subquery');
    }
  }

  literal(type: ValueType, value: string | null): string {
    if (value === null) return 'NULL';
    return this.words.literal(type, value) ?? notKnown(`the literal ${value} as ${nameOf(type)}`);
  }

  #column({ relation, name, type }: Extract<Expression, { node: 'column' }>, use: Use): string {
    const found = this.scope.column(relation, name);
    if (found.type === null) {
      if (use !== 'null' && !this.words.keeps(type)) {
        notKnown(`the column ${name}, whose type in ${this.words.title} follows from its rows`);
      }
    } else if (!holdsTheSame(type, found.type, use, this.words)) {
      notKnown(`the column ${name}, which holds ${nameOf(found.type)} there`);
    }
    return found.sql;
  }

  #compare(operator: Comparison, left: Expression, right: Expression): string {
    const { words } = this;
    const ordered = operator === '<' || operator === '<=' || operator === '>' || operator === '>=';
    const isText = typeOf(left).family === 'text' || typeOf(right).family === 'text';
    const collate = ordered && isText ? words.byBytes : '';
    const [is, isNot] = words.isDistinct;
    const shown =
      operator === 'is distinct from' ? is : operator === 'is not distinct from' ? isNot : operator;
    return `${this.inner(left, 'compare')}${collate} ${shown} ${this.inner(right, 'compare')}`;
  }

  #arithmetic({ operator, left, right, type }: Extract<Expression, { node: 'arithmetic' }>): string {
    const { words } = this;
    if (type.family === 'decimal' && !words.exactDecimals) {
      notKnown(`computing with decimals, which ${words.title} does in floats`);
    }
    const isWhole = operator === '/' && type.family === 'integer';
    return `${this.inner(left)} ${isWhole ? words.integerDivision : operator} ${this.inner(right)}`;
  }

  #like({ of, pattern, negated }: Extract<Expression, { node: 'like' }>): string {
    const { like } = this.words;
    const not = negated ? 'NOT ' : '';
    const text = pattern.map((part) => (typeof part === 'string' ? '' : part.text)).join('');
    const folded = of.node === 'call' && of.function === FUNCTION_OF_TEXT && !/[A-Z]/.test(text);
    if (like.print === 'glob' && !(folded && like.foldsAscii)) {
      return `${this.inner(of)} ${not}GLOB ${this.#text(printGlob(pattern))}`;
    }
    const subject = folded && like.foldsAscii && of.node === 'call' ? of.arguments[0] : of;
    const escaped = /[%_\\]/.test(text);
    const clause = escaped && like.escape === null ? " ESCAPE '\\'" : '';
    const plain = like.escape === null && !escaped ? '' : '\\';
    return `${this.inner(subject)} ${not}LIKE ${this.#text(printLike(pattern, plain))}${clause}`;
  }

  #text(value: string): string {
    return this.literal({ family: 'text' }, value);
  }
}

/** Nodes whose SQL needs no brackets wherever it stands. */
const CLOSED: ReadonlySet<Expression['node']> = new Set([
  'column',
  'literal',
  'case',
  'cast',
  'scalar query',
  'exists',
  'call',
  'aggregate',
]);

const ORDERING: ReadonlySet<string> = new Set(['greatest', 'least']);

/** Whether a column that held `source` serves as well as `target`. */
function holdsTheSame(source: ValueType, target: ValueType, use: Use, words: SqlWords): boolean {
  if (use === 'null') return target.row !== true;
  if (target.collation === 'nocase' || target.collation === 'other') return false;
  if (source.family === target.family) {
    return source.family !== 'float' || (source.bits ?? 64) === (target.bits ?? 64);
  }
  if (source.family === 'enum' && target.family === 'text') return true;
  if (use !== 'compare') return false;
  const pair = `${source.family} as ${target.family}`;
  // SQLite's decimals are floats, under a name that says how many digits count.
  if (pair === 'float as decimal') return !words.exactDecimals;
  return pair === 'integer as decimal' || pair === 'decimal as float';
}

/** Whether a column takes the value of an expression as it is, neither rounded nor padded. */
export function takes(column: ValueType, value: ValueType): boolean {
  if (value.family === 'null') return true;
  if (column.family === value.family) {
    if (value.family === 'decimal') {
      return column.scale === undefined || (value.scale !== undefined && value.scale <= column.scale);
    }
    return value.family !== 'float' || (column.bits ?? 64) === (value.bits ?? 64);
  }
  return value.family === 'integer' && column.family === 'decimal';
}
