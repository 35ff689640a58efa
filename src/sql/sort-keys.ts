// ORDER BY, with what the engine does with NULLs by itself spelt out. Pure.
import { type Expression, type SortKey, typeOf, type ValueType } from '../types/expression.ts';
import { callOf } from './functions.ts';
import { contentOf, type Node } from './grammar.ts';
import { notKnown } from './not-known.ts';
import { checkComparable } from './operands.ts';
import type { SqlWords } from './words.ts';

export interface ReadKey {
  readonly expression: Expression;
  /** That the text names. */
  readonly collation?: ValueType['collation'];
}

export function understandSort(node: Node, words: SqlWords, read: (key: Node) => ReadKey): SortKey {
  const content = contentOf(node)[1];
  if (content['sortby_dir'] === 'SORTBY_USING') return notKnown('ORDER BY USING');
  const { expression, collation } = read(content['node'] as Node);
  const type = typeOf(expression);
  const settled = collation && type.family === 'text' ? { ...type, collation } : type;
  // False is before true everywhere.
  if (type.family !== 'bool') checkComparable(settled, 'ordered');
  const descending = content['sortby_dir'] === 'SORTBY_DESC';
  const last = descending ? words.nullsLast.descending : words.nullsLast.ascending;
  const nulls =
    content['sortby_nulls'] === 'SORTBY_NULLS_FIRST'
      ? 'first'
      : content['sortby_nulls'] === 'SORTBY_NULLS_LAST' || last
        ? 'last'
        : 'first';
  const folded = settled.collation === 'nocase' ? callOf('lower ascii', [expression], words) : expression;
  return { expression: folded, descending, nulls };
}
