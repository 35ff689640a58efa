// From the grammar's tree to an expression that means the same to every engine. Each kind of node has its rule here;
// a kind without one is not known. Pure, once the grammar is loaded.
import { type Expression, type Query, typeOf, type ValueType } from '../types/expression.ts';
import { understandCast } from './casts.ts';
import { callOf, understandCall } from './functions.ts';
import { contentOf, type Node, namesOf, type SelectStmt } from './grammar.ts';
import { hasAggregate } from './grouping.ts';
import { decimalLiteral, integerLiteral, literal, NULL, plainNumber } from './literals.ts';
import { notKnown } from './not-known.ts';
import { nameOf, unify } from './operands.ts';
import { understandOperator } from './operators.ts';
import type { SqlWords } from './words.ts';

/** What names mean where an expression stands. */
export interface Scope {
  /** `a`, `t.a`, `s.t.a`. @throws NotKnown */
  column(names: readonly string[]): Expression;
  /** What a subquery here says; absent where none may stand. @throws NotKnown */
  query?: (select: SelectStmt) => Query;
  /** Aggregates and window functions; absent where none may stand. @throws NotKnown */
  aggregate?: (call: Content, reader: Reader) => Expression | null;
}

export type Content = Record<string, unknown>;

/** The words in which the text stands, and what its names mean. */
export class Reader {
  readonly words: SqlWords;
  readonly scope: Scope;
  /** Collations that the text itself names, by the expression they stand behind. */
  readonly collated = new WeakMap<Expression, NonNullable<ValueType['collation']>>();

  constructor(words: SqlWords, scope: Scope) {
    this.words = words;
    this.scope = scope;
  }

  /** A condition: true, false or NULL. */
  condition(node: Node): Expression {
    return this.asCondition(this.value(node));
  }

  asCondition(value: Expression): Expression {
    const type = typeOf(value);
    if (type.family === 'bool' || type.family === 'null') return value;
    // To SQLite every number but 0 is true.
    if (this.words.boolIsInteger && type.family === 'integer') {
      if (value.node === 'literal') {
        return literal({ family: 'bool' }, String(value.value !== '0'));
      }
      return { node: 'compare', operator: '<>', left: value, right: literal(type, '0') };
    }
    return notKnown(`${nameOf(type)} as a condition`);
  }

  value(node: Node): Expression {
    const [kind, content] = contentOf(node);
    const rule = RULES[kind];
    return rule ? rule(content, this) : notKnown(KIND_NAMES[kind] ?? `what the grammar calls ${kind}`);
  }

  /** What is compared or sorted, where COLLATE may stand. In the midst of an expression it would reach outwards. */
  operand(node: Node): Expression {
    return 'CollateClause' in node ? collate(node.CollateClause as Content, this) : this.value(node);
  }

  values(nodes: readonly Node[] | undefined): Expression[] {
    return (nodes ?? []).map((node) => this.value(node));
  }
}

type Rule = (content: Content, reader: Reader) => Expression;

const RULES: Readonly<Record<string, Rule>> = {
  A_Const: constant,
  ColumnRef: (content, { scope }) => scope.column(namesOf(content['fields'] as Node[])),
  TypeCast: understandCast,
  A_Expr: understandOperator,
  BoolExpr: boolean,
  NullTest: (content, reader) => {
    const of = reader.value(content['arg'] as Node);
    if (typeOf(of).row) notKnown('IS NULL of a composite, which asks for its fields');
    return { node: 'is null', of, negated: content['nulltesttype'] === 'IS_NOT_NULL' };
  },
  BooleanTest: booleanTest,
  CaseExpr: caseOf,
  CoalesceExpr: (content, reader) =>
    callOf('coalesce', reader.values(content['args'] as Node[]), reader.words),
  MinMaxExpr: (content, reader) => {
    const name = content['op'] === 'IS_LEAST' ? 'least' : 'greatest';
    return callOf(name, reader.values(content['args'] as Node[]), reader.words);
  },
  FuncCall: functionCall,
  SubLink: subquery,
};

const KIND_NAMES: Readonly<Record<string, string>> = {
  A_Indirection: 'a part of a value ([…] or .field)',
  A_ArrayExpr: 'an array',
  RowExpr: 'a row',
  ParamRef: 'a parameter',
  SQLValueFunction: 'the time, date or user of the moment',
  A_Star: '*',
  CollateClause: 'COLLATE within an expression',
  GroupingFunc: 'GROUPING',
  JsonIsPredicate: 'IS JSON',
};

function constant(content: Content, { words }: Reader): Expression {
  if (content['isnull'] === true) return NULL;
  const { boolval, ival, fval, sval, bsval } = content as Record<string, Record<string, unknown> | undefined>;
  if (boolval) return literal({ family: 'bool' }, String(boolval['boolval'] === true));
  // The grammar leaves out what is 0 or empty.
  if (ival) return integerLiteral(String(ival['ival'] ?? 0)) ?? notKnown('a number beyond 64 bits');
  if (sval) return literal({ family: 'text', collation: 'bytes' }, String(sval['sval'] ?? ''));
  if (fval) return number(String(fval['fval']), words);
  const bits = String(bsval?.['bsval'] ?? '');
  if (words.hexIsBlob && /^x([0-9a-f]{2})*$/i.test(bits)) {
    return literal({ family: 'blob' }, bits.slice(1).toLowerCase());
  }
  return notKnown('a string of bits');
}

function number(text: string, words: SqlWords): Expression {
  const plain = plainNumber(text);
  if (plain === null) return notKnown(`the number ${text}`);
  if (/^-?\d+$/.test(text)) {
    const whole = integerLiteral(plain);
    if (whole) return whole;
    return words.fraction === 'decimal' ? decimalLiteral(plain) : notKnown('a whole number beyond 64 bits');
  }
  return words.fraction === 'float' ? literal({ family: 'float', bits: 64 }, plain) : decimalLiteral(plain);
}

function boolean(content: Content, reader: Reader): Expression {
  const parts = (content['args'] as Node[]).map((node) => reader.condition(node));
  if (content['boolop'] === 'NOT_EXPR') return { node: 'not', of: parts[0] };
  return { node: content['boolop'] === 'OR_EXPR' ? 'or' : 'and', parts };
}

function booleanTest(content: Content, reader: Reader): Expression {
  const of = reader.condition(content['arg'] as Node);
  const test = String(content['booltesttype'] ?? 'IS_TRUE');
  const negated = test.startsWith('IS_NOT_');
  if (test.endsWith('UNKNOWN')) return { node: 'is null', of, negated };
  return { node: 'is truth', of, truth: test.endsWith('TRUE'), negated };
}

/** CASE x WHEN 1 is CASE WHEN x = 1: x is read again for each branch, which changes nothing. */
function caseOf(content: Content, reader: Reader): Expression {
  const subject = content['arg'] as Node | undefined;
  const branches = (content['args'] as Node[]).map((node) => {
    const { expr, result } = contentOf(node)[1] as { expr: Node; result: Node };
    const equals = { A_Expr: { kind: 'AEXPR_OP', name: [{ String: { sval: '=' } }] } };
    const when = subject
      ? understandOperator({ ...equals.A_Expr, lexpr: subject, rexpr: expr }, reader)
      : reader.condition(expr);
    return { when, gives: reader.value(result) };
  });
  const last = content['defresult'] as Node | undefined;
  const otherwise = last ? reader.value(last) : null;
  const results = branches.map(({ gives }) => gives);
  const { parts, type } = unify(otherwise ? [...results, otherwise] : results, reader.words, 'together');
  return {
    node: 'case',
    branches: branches.map(({ when }, at) => ({ when, gives: parts[at] })),
    otherwise: otherwise ? parts[parts.length - 1] : null,
    type,
  };
}

function functionCall(content: Content, reader: Reader): Expression {
  const names = namesOf(content['funcname'] as Node[]);
  const name = names[names.length - 1].toLowerCase();
  const ofEngine = names.length === 1 || ['pg_catalog', 'main', 'system'].includes(names[0]);
  if (!ofEngine) return notKnown(`the function ${names.join('.')}`);
  if (name === 'like_escape' || name === 'not_like_escape') {
    return understandOperator({ kind: 'LIKE_CALL', name, args: content['args'] }, reader);
  }
  const aggregate = reader.scope.aggregate?.(content, reader);
  if (aggregate) return aggregate;
  const special = ['over', 'agg_filter', 'agg_star', 'agg_distinct', 'agg_order', 'func_variadic'].find(
    (key) => content[key] !== undefined,
  );
  if (special === undefined) {
    const given = reader.values(content['args'] as Node[] | undefined);
    const call = understandCall(name, given, reader.words);
    if (call) return call;
  }
  return notKnown(`the function ${name}`);
}

function collate(content: Content, reader: Reader): Expression {
  const name = namesOf(content['collname'] as Node[]).pop() ?? '';
  const of = reader.value(content['arg'] as Node);
  const { collations, caseSensitiveNames } = reader.words;
  const collation = collations[caseSensitiveNames ? name : name.toLowerCase()];
  if (!collation || typeOf(of).family !== 'text') return notKnown(`the collation ${name}`);
  // A copy, so that the same expression elsewhere is not meant.
  const copy = { ...of };
  reader.collated.set(copy, collation);
  return copy;
}

function subquery(content: Content, reader: Reader): Expression {
  const { scope, words } = reader;
  const query = scope.query?.(contentOf(content['subselect'] as Node)[1] as SelectStmt);
  if (!query) return notKnown('a subquery');
  const kind = content['subLinkType'];
  if (kind === 'EXISTS_SUBLINK') return { node: 'exists', query };
  if (query.columns.length !== 1) return notKnown('a subquery of several columns');
  const { type } = query.columns[0];
  if (kind === 'EXPR_SUBLINK') {
    // Of several rows SQLite takes the first, where others fail.
    const { body } = query;
    const isOne = body.node === 'select' && body.groupBy.length === 0 && body.outputs.some(hasAggregate);
    if (words.boolIsInteger && !isOne) notKnown('a subquery that may give more than one row');
    return { node: 'scalar query', query, type };
  }
  const operator = namesOf(content['operName'] as Node[] | undefined)[0] ?? '=';
  const test = content['testexpr'] as Node | undefined;
  if (kind === 'ANY_SUBLINK' && operator === '=' && test) {
    const of = reader.value(test);
    // A column stands for what the query gives: literals beside it would follow it.
    const given: Expression = { node: 'column', relation: null, name: '', type };
    const { parts, type: common } = unify([of, given], words, 'equal');
    if (common.collation === 'nocase') notKnown('IN by a collation');
    return { node: 'in query', of: parts[0], query, negated: false };
  }
  return notKnown('ANY or ALL of a subquery');
}
