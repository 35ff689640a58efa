// SQL from one engine's words into another's, where it means the same.
//
//   await loadGrammar();                                            once, before anything is understood
//   understandExpression(sql, words, columns, 'condition')          -> {meaning} or {unknown: 'the function soundex'}
//   printMeaning(check, words, target.columns)                      -> {sql} or {unknown: 'the column price, which …'}
//   printMeaning(column.generated, words, target.columns, column)   the same for a value that goes into a column
//   printQuery(view, words, resolve)                                -> {sql} or {unknown}
//
// A catalog calls `addMeanings` (meanings.ts), which understands every piece of SQL of a schema; adopt and adoptView print
// with their own words (dialect/<engine>/sql-words.ts). Printing needs no grammar and is synchronous. What is carried means
// the same for every value that both engines can hold, but for two things: a number too large for its type is an error in
// one engine and may not be in another, and SQLite's functions see text only up to a NUL.
import { type Expression, typeOf } from '../types/expression.ts';
import type { ColumnSchema, Meaning, ViewSchema } from '../types/schema.ts';
import { parseExpression } from './grammar.ts';
import { tableScope, targetScope } from './names.ts';
import { checkNesting } from './nesting.ts';
import { reasonOr } from './not-known.ts';
import { nameOf } from './operands.ts';
import { Printer, takes } from './print-expression.ts';
import { QueryPrinter, type QueryTarget } from './print-query.ts';
import { Reader } from './understand.ts';
import type { SqlWords } from './words.ts';

export { loadGrammar } from './grammar.ts';
export { columnsOf, renameColumns } from './names.ts';
export type { SqlWords } from './words.ts';

/** SQL, or the first thing that this engine has no words for. */
export type Printed = { readonly sql: string } | { readonly unknown: string };

/** Narrowing of Printed. */
export function isUnknown<Result extends object>(
  printed: Result | { readonly unknown: string },
): printed is { readonly unknown: string } {
  return 'unknown' in printed;
}

/** `columns` are those of the table whose check, default, index or generated column it is. */
export function understandExpression(
  sql: string,
  words: SqlWords,
  columns: readonly ColumnSchema[],
  as: 'condition' | 'value' = 'value',
): Meaning {
  return reasonOr(() => {
    const parsed = parseExpression(sql, words);
    checkNesting(parsed, words);
    const reader = new Reader(words, tableScope(columns, words));
    const meaning = as === 'condition' ? reader.condition(parsed.tree) : reader.value(parsed.tree);
    return { meaning };
  });
}

/**
 * A view's SELECT. `resolve` says where in the target a table or view of the source stands; `columns`, where it is given,
 * which columns it has there: without it only those types are relied on that no row can change.
 */
export function printQuery(
  { query, unknown }: Pick<ViewSchema, 'query' | 'unknown'>,
  words: SqlWords,
  resolve: QueryTarget['resolve'],
  columns?: QueryTarget['columns'],
): Printed {
  if (!query) return { unknown: unknown ?? 'what was not looked into' };
  return reasonOr(() => ({ sql: new QueryPrinter(words, { resolve, columns }).query(query) }));
}

/**
 * `columns` are the target's, in its types and under the names of the expression. `into`: the column that the value
 * goes into, for a default or a generated column.
 */
export function printExpression(
  expression: Expression,
  words: SqlWords,
  columns: readonly ColumnSchema[],
  into?: ColumnSchema,
): Printed {
  return reasonOr(() => {
    const sql = new Printer(words, targetScope(columns, words)).outer(expression);
    const value = typeOf(expression);
    if (into && !takes(words.columnType(into), value)) {
      return { unknown: `${nameOf(value)} for a column of ${into.nativeType}` };
    }
    return { sql };
  });
}

/** The same of a check, a default, a generated column or an index part as the catalog has it. */
export function printMeaning(
  { meaning, unknown }: Meaning,
  words: SqlWords,
  columns: readonly ColumnSchema[],
  into?: ColumnSchema,
): Printed {
  if (meaning === undefined) return { unknown: unknown ?? 'what was not looked into' };
  return printExpression(meaning, words, columns, into);
}
