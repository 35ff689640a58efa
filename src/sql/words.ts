// What src/sql must know of an engine's SQL: one object per dialect (dialect/<engine>/sql-words.ts), read both to understand
// that engine's text and to print in it. A fourth engine adds one such object and nothing else.

import type { Family, ValueType } from '../types/expression.ts';
import type { Engine } from '../types/logical-type.ts';
import type { ColumnSchema } from '../types/schema.ts';

/** SQL text that PostgreSQL's grammar reads as the engine would. */
export interface Prepared {
  readonly sql: string;
  /**
   * Where the engine's operators bind otherwise than PostgreSQL's: the depth of brackets at a byte of `sql`, to tell
   * whether the text itself says how two operators nest.
   */
  readonly depthAt: ((byte: number) => number) | null;
}

export interface SqlWords {
  readonly engine: Engine;
  /** For people. */
  readonly title: string;
  /** "A" and "a" are two names. */
  readonly caseSensitiveNames: boolean;
  quote(identifier: string): string;
  /** Makes the engine's text ready for PostgreSQL's grammar. @throws NotKnown */
  prepare(sql: string): Prepared;
  /** What a column of this engine holds. */
  columnType(column: ColumnSchema): ValueType;
  /**
   * True where a column of this type, carried from another engine, surely has the same family of values here,
   * whatever its rows are.
   */
  keeps(type: ValueType): boolean;
  /** A type as CAST names it, in lower case: what values of it are, or null. */
  castType(name: string, parameters: readonly number[]): ValueType | null;
  /** How CAST names a type here; null where a cast would not keep the value. */
  castName(type: ValueType): string | null;
  /** A literal of the family, or null where there is none. `value` as in Expression. */
  literal(type: ValueType, value: string): string | null;
  /** A hexadecimal string is bytes, not bits. */
  readonly hexIsBlob: boolean;
  /** A backslash in a text literal's blob cast: `'\x41'` is all hexadecimal, or escapes among characters. */
  readonly blobText: 'hex' | 'escapes' | null;
  /** What a number with a point is when nothing says otherwise. */
  readonly fraction: 'decimal' | 'float' | 'either';
  /** True and false are the integers 1 and 0. */
  readonly boolIsInteger: boolean;
  /** Decimals are computed exactly. */
  readonly exactDecimals: boolean;
  /** Operators that stand for division: of integers towards zero, and of floats. `/` of integers may be either. */
  readonly integerDivision: string;
  readonly slashOfIntegers: 'integer' | 'float';
  readonly like: LikeWords;
  /** Text compares by this collation where none is named; `collate` names those that may stand behind COLLATE. */
  readonly collations: Readonly<Record<string, NonNullable<ValueType['collation']>>>;
  /** Of two columns the left one's collation counts, and what a function gives has none. */
  readonly leftCollates: boolean;
  /** Makes text compare by its bytes: ` COLLATE "C"`; '' where it does so by itself. */
  readonly byBytes: string;
  readonly isDistinct: readonly [is: string, isNot: string];
  readonly nullsLast: { readonly ascending: boolean; readonly descending: boolean };
  /**
   * How the engine calls the functions of src/sql/functions.ts, `$1` being the first argument and `(...)` any number:
   * the first form is printed, all forms are understood.
   */
  readonly functions: Readonly<Record<string, readonly string[]>>;
  readonly aggregates: Readonly<Record<string, readonly string[]>>;
  /** What a sum of integers is: its family and how the engine says it as bigint. */
  sumType(argument: ValueType): ValueType | null;
  /** How operators bind, if otherwise than in PostgreSQL. */
  readonly binding: Binding | null;
}

export interface LikeWords {
  /** What LIKE escapes with where no ESCAPE stands; null for nothing. */
  readonly escape: string | null;
  /** LIKE takes A and a for one. */
  readonly foldsAscii: boolean;
  /** GLOB is there, and how case-sensitive patterns are printed: with LIKE, or with GLOB. */
  readonly glob: boolean;
  readonly print: 'like' | 'glob';
}

/** Levels of binding by operator; higher binds tighter. Operators that aren't named are not known. */
export interface Binding {
  readonly levels: Readonly<Record<string, number>>;
}

/** Families that compare with < and > as they do with =. */
export const ORDERED: ReadonlySet<Family> = new Set([
  'integer',
  'decimal',
  'float',
  'text',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'blob',
]);
