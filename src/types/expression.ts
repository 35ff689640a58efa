// SQL that means the same to every engine: what a dialect's words were understood to say, and what another dialect's
// printer writes in its own words. Plain JSON: it crosses threads and enters plans. What can't be said here is not
// carried; src/sql decides that, strictly.
import type { TableName } from './schema.ts';

/** What kind of values, as far as comparing and computing with them goes. */
export type Family =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'text'
  /** Text padded to a length: PostgreSQL's char(n), which compares without trailing blanks. */
  | 'padded'
  | 'bool'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'uuid'
  | 'blob'
  | 'enum'
  /** Of the literal NULL. */
  | 'null'
  /** Anything else (json, intervals, arrays …): only whether it is NULL can be asked. */
  | 'other';

/** What is known of the values of a column or an expression. */
export interface ValueType {
  readonly family: Family;
  /** Of integers and floats; absent is 64. */
  readonly bits?: number;
  /** Of decimals, where known. */
  readonly precision?: number;
  readonly scale?: number;
  /**
   * How text compares: by its bytes (`bytes`), equal only if the bytes are but in the order of a locale
   * (`locale`), or with the letters A-Z folded (`nocase`). Absent for other families.
   */
  readonly collation?: 'bytes' | 'locale' | 'nocase' | 'other';
  /** SQLite's dates and times are text; false where the form of that text is not known. */
  readonly canonical?: boolean;
  /** A composite: IS NULL asks for its fields. */
  readonly row?: boolean;
  /** How the engine names the type, where the family is `other`. */
  readonly name?: string;
}

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'is distinct from' | 'is not distinct from';

/** A piece of a LIKE pattern: any characters, one character, or these. */
export type PatternPart = 'any' | 'one' | { readonly text: string };

export type Expression =
  /** `relation` is the alias in a query, null in expressions of a table. */
  | {
      readonly node: 'column';
      readonly relation: string | null;
      readonly name: string;
      readonly type: ValueType;
    }
  /**
   * `value` as text: digits, `true`, the text itself, `2024-02-29`, `12:00:00.5`, `2024-02-29 12:00:00`, the
   * same with `+00:00` for timestamptz, 36 characters of a uuid, lower-case hex of a blob, null for NULL.
   */
  | { readonly node: 'literal'; readonly type: ValueType; readonly value: string | null }
  /** Numbers compare as numbers of any kind, text by its bytes. NULL as in SQL. */
  | {
      readonly node: 'compare';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly node: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly node: 'not'; readonly of: Expression }
  | { readonly node: 'is null'; readonly of: Expression; readonly negated: boolean }
  /** IS [NOT] TRUE, IS [NOT] FALSE: never NULL. */
  | {
      readonly node: 'is truth';
      readonly of: Expression;
      readonly truth: boolean;
      readonly negated: boolean;
    }
  | {
      readonly node: 'in';
      readonly of: Expression;
      readonly list: readonly Expression[];
      readonly negated: boolean;
    }
  /** `/` divides as `type` says: integers towards zero, floats as floats. The divisor of `/` and `%` is a literal, not 0. */
  | {
      readonly node: 'arithmetic';
      readonly operator: '+' | '-' | '*' | '/' | '%';
      readonly left: Expression;
      readonly right: Expression;
      readonly type: ValueType;
    }
  | { readonly node: 'negate'; readonly of: Expression }
  /** NULL if any part is. All parts are text. */
  | { readonly node: 'concat'; readonly parts: readonly Expression[] }
  /** Letters count as they are. */
  | {
      readonly node: 'like';
      readonly of: Expression;
      readonly pattern: readonly PatternPart[];
      readonly negated: boolean;
    }
  | {
      readonly node: 'case';
      readonly branches: readonly { readonly when: Expression; readonly gives: Expression }[];
      readonly otherwise: Expression | null;
      readonly type: ValueType;
    }
  /** A function of src/sql/functions.ts. */
  | {
      readonly node: 'call';
      readonly function: string;
      readonly arguments: readonly Expression[];
      readonly type: ValueType;
    }
  /** Only those that keep the value: integer to text, integer to decimal or float. */
  | { readonly node: 'cast'; readonly of: Expression; readonly type: ValueType }
  | { readonly node: 'scalar query'; readonly query: Query; readonly type: ValueType }
  | { readonly node: 'exists'; readonly query: Query }
  | {
      readonly node: 'in query';
      readonly of: Expression;
      readonly query: Query;
      readonly negated: boolean;
    }
  | {
      readonly node: 'aggregate';
      readonly function: string;
      /** Empty for count(*). */
      readonly arguments: readonly Expression[];
      readonly distinct: boolean;
      readonly filter: Expression | null;
      readonly over: Window | null;
      readonly type: ValueType;
    };

export interface Window {
  readonly partition: readonly Expression[];
  readonly order: readonly SortKey[];
  /** ROWS BETWEEN …; null is what the engines do by themselves: from the first row to the current one's peers. */
  readonly rows: { readonly from: FrameBound; readonly to: FrameBound } | null;
}

/** Rows before the current one are negative. */
export type FrameBound = number | 'unbounded';

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last';
}

/** A SELECT. Every output column has a name; `*` and USING are spelt out. */
export interface Query {
  readonly node: 'query';
  readonly recursive: boolean;
  readonly with: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly query: Query;
  }[];
  readonly body: QueryBody;
  /** Keys of a set operation are output columns: `{node: 'column', relation: null, …}`. */
  readonly order: readonly SortKey[];
  readonly limit: string | null;
  readonly offset: string | null;
  readonly columns: readonly QueryColumn[];
}

export interface QueryColumn {
  readonly name: string;
  readonly type: ValueType;
}

export type QueryBody =
  | {
      readonly node: 'select';
      readonly distinct: boolean;
      readonly outputs: readonly { readonly name: string; readonly expression: Expression }[];
      readonly from: FromItem | null;
      readonly where: Expression | null;
      readonly groupBy: readonly Expression[];
      readonly having: Expression | null;
    }
  | {
      readonly node: 'set';
      readonly operator: 'union' | 'intersect' | 'except';
      readonly all: boolean;
      readonly left: Query;
      readonly right: Query;
    };

export type FromItem =
  | { readonly node: 'table'; readonly table: TableName; readonly alias: string }
  /** A query of WITH. */
  | { readonly node: 'named'; readonly name: string; readonly alias: string }
  | { readonly node: 'derived'; readonly query: Query; readonly alias: string }
  | {
      readonly node: 'join';
      readonly kind: 'inner' | 'left' | 'right' | 'full' | 'cross';
      readonly left: FromItem;
      readonly right: FromItem;
      readonly on: Expression | null;
    };

/** The type of what an expression gives. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.node) {
    case 'column':
    case 'literal':
    case 'arithmetic':
    case 'case':
    case 'call':
    case 'cast':
    case 'scalar query':
    case 'aggregate':
      return expression.type;
    case 'negate':
      return typeOf(expression.of);
    case 'concat':
      return { family: 'text', collation: typeOf(expression.parts[0]).collation };
    default:
      return { family: 'bool' };
  }
}
