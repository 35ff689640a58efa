// Columns by name: where an expression stands, and where it goes. Pure.
import type { Expression } from '../types/expression.ts';
import type { ColumnSchema } from '../types/schema.ts';
import { notKnown } from './not-known.ts';
import type { PrintScope } from './print-expression.ts';
import type { Scope } from './understand.ts';
import type { SqlWords } from './words.ts';

export function sameName(a: string, b: string, words: SqlWords): boolean {
  return a === b || (!words.caseSensitiveNames && a.toLowerCase() === b.toLowerCase());
}

/** The names of one table's columns, for its checks, defaults and indexes. */
export function tableScope(columns: readonly ColumnSchema[], words: SqlWords): Scope {
  return {
    column: (names) => {
      // A qualified name can only be the table's own.
      const name = names[names.length - 1];
      const column = columns.find((one) => sameName(one.name, name, words));
      if (!column || names.length > 3) return notKnown(`the name ${names.join('.')}`);
      return { node: 'column', relation: null, name: column.name, type: words.columnType(column) };
    },
  };
}

export function targetScope(columns: readonly ColumnSchema[], words: SqlWords): PrintScope {
  return {
    column: (_relation, name) => {
      const column = columns.find((one) => one.name === name);
      if (!column) return notKnown(`the column ${name}, which is not carried`);
      return { sql: words.quote(column.name), type: words.columnType(column) };
    },
  };
}

/** Calls `change` for every expression, inmost first; queries within are left as they are. */
export function mapExpression(
  expression: Expression,
  change: (expression: Expression) => Expression,
): Expression {
  const again = (part: Expression): Expression => mapExpression(part, change);
  switch (expression.node) {
    case 'compare':
    case 'arithmetic':
      return change({ ...expression, left: again(expression.left), right: again(expression.right) });
    case 'and':
    case 'or':
    case 'concat':
      return change({ ...expression, parts: expression.parts.map(again) });
    case 'not':
    case 'is null':
    case 'is truth':
    case 'negate':
    case 'like':
    case 'cast':
    case 'in query':
      return change({ ...expression, of: again(expression.of) });
    case 'in':
      return change({ ...expression, of: again(expression.of), list: expression.list.map(again) });
    case 'case':
      return change({
        ...expression,
        branches: expression.branches.map(({ when, gives }) => ({ when: again(when), gives: again(gives) })),
        otherwise: expression.otherwise && again(expression.otherwise),
      });
    case 'call':
      return change({ ...expression, arguments: expression.arguments.map(again) });
    case 'aggregate': {
      const { over } = expression;
      return change({
        ...expression,
        arguments: expression.arguments.map(again),
        filter: expression.filter && again(expression.filter),
        over: over && {
          ...over,
          partition: over.partition.map(again),
          order: over.order.map((key) => ({ ...key, expression: again(key.expression) })),
        },
      });
    }
    default:
      return change(expression);
  }
}

/** The columns that an expression of a table reads, each once. */
export function columnsOf(expression: Expression): string[] {
  const names = new Set<string>();
  mapExpression(expression, (part) => {
    if (part.node === 'column') names.add(part.name);
    return part;
  });
  return [...names];
}

/** The same over columns of other names. */
export function renameColumns(expression: Expression, rename: (name: string) => string): Expression {
  return mapExpression(expression, (part) =>
    part.node === 'column' ? { ...part, name: rename(part.name) } : part,
  );
}
