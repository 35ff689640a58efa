// Aggregates and window functions that are known to mean the same. Pure.
import {
  type Expression,
  type FrameBound,
  type SortKey,
  typeOf,
  type ValueType,
  type Window,
} from '../types/expression.ts';
import { contentOf, type Node, namesOf } from './grammar.ts';
import { notKnown } from './not-known.ts';
import { checkComparable, nameOf } from './operands.ts';
import { understandSort } from './sort-keys.ts';
import type { Content, Reader } from './understand.ts';
import type { SqlWords } from './words.ts';

const COUNT: ValueType = { family: 'integer', bits: 64 };

/** Names of our own that make sense only with OVER. */
const WINDOW_ONLY = new Set(['row_number', 'rank', 'dense_rank', 'lag', 'lead', 'first_value', 'last_value']);

/** For the printed page. */
export const AGGREGATES: Readonly<Record<string, string>> = {
  count: 'count(*), count(x), count(DISTINCT x)',
  sum: 'of integers, and of decimals where the engine adds them exactly; sums of floats depend on the order',
  min: 'of numbers, dates, times, bytes, and of text by its bytes',
  max: 'as min',
  bool_and: 'true if all are',
  bool_or: 'true if one is',
  row_number: 'with OVER',
  rank: 'with OVER',
  dense_rank: 'with OVER',
  lag: 'with OVER; the offset a literal, no default',
  lead: 'as lag',
  first_value: 'with OVER',
  last_value: 'with OVER',
};

/** The aggregates of one SELECT, with the windows that it names. */
export class Aggregates {
  readonly #windows: readonly Node[];

  constructor(windows: readonly Node[] | undefined) {
    this.#windows = windows ?? [];
  }

  /** Null if the function is none of these. @throws NotKnown */
  understand(call: Content, reader: Reader): Expression | null {
    const name = namesOf(call['funcname'] as Node[])
      .pop()
      ?.toLowerCase();
    const { aggregates } = reader.words;
    const found = Object.keys(aggregates).find((key) => aggregates[key].includes(name ?? ''));
    if (found === undefined) return null;
    if (call['agg_order'] || call['agg_within_group'] || call['func_variadic']) {
      return notKnown(`${found} with ORDER BY within`);
    }
    if (call['ignore_nulls']) return notKnown('IGNORE NULLS');
    const given = reader.values(call['args'] as Node[] | undefined);
    const over = call['over'] ? this.#window(call['over'] as Content, reader) : null;
    if (over === null && WINDOW_ONLY.has(found)) return notKnown(`${found} without OVER`);
    const distinct = call['agg_distinct'] === true;
    if (distinct && over) return notKnown('DISTINCT with OVER');
    const filter = call['agg_filter'] ? reader.condition(call['agg_filter'] as Node) : null;
    if (filter && WINDOW_ONLY.has(found)) return notKnown(`FILTER of ${found}`);
    const type = resultType(found, given, distinct, reader.words);
    return { node: 'aggregate', function: found, arguments: given, distinct, filter, over, type };
  }

  #window(over: Content, reader: Reader): Window {
    const name = over['name'] as string | undefined;
    const named = this.#windows.map((node) => contentOf(node)[1]).find((one) => one['name'] === name);
    const window = name === undefined ? over : (named ?? notKnown(`the window ${name}`));
    if (window['refname'] !== undefined) return notKnown('a window that extends another');
    const partition = reader.values(window['partitionClause'] as Node[] | undefined);
    for (const key of partition) checkComparable(typeOf(key), 'equal');
    const order = ((window['orderClause'] as Node[] | undefined) ?? []).map(
      (node): SortKey => understandSort(node, reader.words, (key) => ({ expression: reader.value(key) })),
    );
    return { partition, order, rows: frame(window, reader) };
  }
}

// Bits of PostgreSQL's frameOptions.
const RANGE = 2;
const ROWS = 4;
const END_UNBOUNDED_FOLLOWING = 0x100;
const START = { unbounded: 0x20, current: 0x200, preceding: 0x800, following: 0x2000 };
const END = { current: 0x400, preceding: 0x1000, following: 0x4000 };
const EXCLUDE = 0x38000;

function frame(window: Content, reader: Reader): Window['rows'] {
  const options = Number(window['frameOptions'] ?? 0);
  const usual = START.unbounded | END.current;
  if ((options & RANGE) !== 0 && (options & EXCLUDE) === 0 && (options & usual) === usual) return null;
  if ((options & ROWS) === 0 || (options & EXCLUDE) !== 0) return notKnown('this frame of a window');
  const offset = (key: 'startOffset' | 'endOffset'): number => {
    const value = reader.value(window[key] as Node);
    const isWhole = value.node === 'literal' && value.type.family === 'integer' && value.value !== null;
    return isWhole ? Number(value.value) : notKnown('a frame whose size is no literal');
  };
  const from: FrameBound =
    (options & START.unbounded) !== 0
      ? 'unbounded'
      : (options & START.current) !== 0
        ? 0
        : (options & START.preceding) !== 0
          ? -offset('startOffset')
          : offset('startOffset');
  const to: FrameBound =
    (options & END_UNBOUNDED_FOLLOWING) !== 0
      ? 'unbounded'
      : (options & END.current) !== 0
        ? 0
        : (options & END.preceding) !== 0
          ? -offset('endOffset')
          : offset('endOffset');
  return { from, to };
}

function resultType(
  name: string,
  given: readonly Expression[],
  distinct: boolean,
  words: SqlWords,
): ValueType {
  const expectArguments = (least: number, most: number) => {
    if (given.length < least || given.length > most) notKnown(`${name} of ${given.length} arguments`);
  };
  const first = given.length > 0 ? typeOf(given[0]) : COUNT;
  switch (name) {
    case 'count':
      expectArguments(0, 1);
      if (distinct) checkComparable(first, 'equal');
      return COUNT;
    case 'sum':
      expectArguments(1, 1);
      return (
        words.sumType(first) ?? notKnown(`sum of ${nameOf(first)}, which depends on the order or rounds`)
      );
    case 'min':
    case 'max':
      expectArguments(1, 1);
      checkComparable(first, 'ordered');
      if (first.collation === 'nocase') notKnown(`${name} by a collation`);
      return first;
    case 'bool_and':
    case 'bool_or':
      expectArguments(1, 1);
      return first.family === 'bool' ? first : notKnown(`${name} of ${nameOf(first)}`);
    case 'lag':
    case 'lead': {
      expectArguments(1, 2);
      const offset = given[1];
      if (offset && !(offset.node === 'literal' && offset.type.family === 'integer')) {
        notKnown(`${name} by what is no literal`);
      }
      return first;
    }
    case 'first_value':
    case 'last_value':
      expectArguments(1, 1);
      return first;
    default:
      expectArguments(0, 0);
      return COUNT;
  }
}
