// Parts of a SELECT that need no scope: *, numbers and names of outputs, LIMIT, the columns of a set operation. Pure.
import { type Expression, typeOf, type ValueType } from '../types/expression.ts';
import { type From, find } from './from-clause.ts';
import { type Node, namesOf, type SelectStmt } from './grammar.ts';
import { sameName } from './names.ts';
import { notKnown } from './not-known.ts';
import type { SqlWords } from './words.ts';

/** An output column: its name and what it gives. */
export type Output = { readonly name: string; readonly expression: Expression };

export function outputNumber(node: Node, outputs: readonly Output[]): Expression | null {
  if (!('A_Const' in node) || !node.A_Const.ival) return null;
  const output = outputs[(node.A_Const.ival.ival ?? 0) - 1];
  return output ? output.expression : notKnown('a number of no column');
}

export function bareName(node: Node): string | null {
  if (!('ColumnRef' in node) || node.ColumnRef.fields?.length !== 1) return null;
  return namesOf(node.ColumnRef.fields)[0];
}

export function star(qualifier: readonly Node[], from: From | null, words: SqlWords): Output[] {
  if (!from) return notKnown('* without tables');
  if (qualifier.length === 0) {
    for (const { name } of from.visible) find(from.visible, name, words);
    return [...from.visible];
  }
  const alias = namesOf(qualifier).pop() ?? '';
  const relation = from.relations.find((one) => sameName(one.alias, alias, words));
  if (!relation) return notKnown(`${alias}.*`);
  return relation.columns.map(({ name, type }) => ({
    name,
    expression: { node: 'column', relation: relation.alias, name, type },
  }));
}

/** Two names that differ only in case are one to some engines. */
export function checkAliases(from: From | null): void {
  const names = (from?.relations ?? []).map(({ alias }) => alias.toLowerCase());
  if (new Set(names).size < names.length) notKnown('two tables of one name');
}

export function outputType(expression: Expression, words: SqlWords): ValueType {
  const type = typeOf(expression);
  // Whether a collation passes through a query differs.
  if (words.leftCollates && type.collation === 'nocase') return { ...type, collation: 'other' };
  // A sum has room to spare; it is printed as 64 bits.
  if (type.family === 'integer' && expression.node !== 'column')
    return { ...type, bits: Math.min(type.bits ?? 64, 64) };
  return type;
}

export function commonColumn(left: ValueType, right: ValueType): ValueType {
  if (left.family === 'null') return right;
  if (right.family === 'null' || JSON.stringify(left) === JSON.stringify(right)) return left;
  if (left.family === 'integer' && right.family === 'decimal') return { family: 'decimal' };
  if (left.family === 'decimal' && right.family === 'integer') return { family: 'decimal' };
  if (left.family !== right.family) return notKnown(`${left.family} and ${right.family} in one column`);
  switch (left.family) {
    case 'integer':
    case 'float':
      return { ...left, bits: Math.max(left.bits ?? 64, right.bits ?? 64) };
    case 'decimal':
      return { family: 'decimal' };
    case 'text':
      return { family: 'text', collation: left.collation === right.collation ? left.collation : 'other' };
    default:
      return left.family === 'other' || left.canonical !== right.canonical ? { family: 'other' } : left;
  }
}

export function limits(select: SelectStmt): { limit: string | null; offset: string | null } {
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') notKnown('WITH TIES');
  return { limit: rowCount(select.limitCount), offset: rowCount(select.limitOffset) };
}

function rowCount(node: Node | undefined): string | null {
  if (!node) return null;
  const value = 'A_Const' in node ? node.A_Const : undefined;
  if (value?.isnull) return null;
  const count = value?.ival ? (value.ival.ival ?? 0) : -1;
  return count < 0 ? notKnown('a LIMIT that is no literal') : String(count);
}

export function mentions(value: unknown, name: string, words: SqlWords): boolean {
  if (Array.isArray(value)) return value.some((part) => mentions(part, name, words));
  if (typeof value !== 'object' || value === null) return false;
  const own = (value as { relname?: string }).relname;
  if (own !== undefined && sameName(own, name, words)) return true;
  return Object.values(value).some((part) => mentions(part, name, words));
}
