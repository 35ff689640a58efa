// What a database looks like, in words all engines share. Produced by a dialect's catalog, changed by the
// planner, rendered by a dialect's DDL. Plain objects: they cross threads and enter plans as JSON.
import type { Expression, Query } from './expression.ts';
import type { Engine } from './logical-type.ts';
import type { Partitioning } from './partitioning.ts';

export type { Partitioning } from './partitioning.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A table's place. `schema` is null where the engine has none (SQLite). */
export interface TableName {
  readonly schema: string | null;
  readonly name: string;
}

/** A column default, understood as far as it can be. `sql` is always the engine's own text. */
export type DefaultValue = { readonly sql: string } & (
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  /** A number as decimal text. */
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'text'; readonly value: string }
  /** Bytes as lower-case hex. */
  | { readonly kind: 'blob'; readonly hex: string }
  /** What a clock shows: that of the session's zone, or of UTC. Where the column keeps the instant, both are the same. */
  | { readonly kind: 'now'; readonly what: 'date' | 'time' | 'timestamp'; readonly clock?: 'session' }
  /** A random UUID. */
  | { readonly kind: 'uuid' }
  /** The next value of a sequence. */
  | {
      readonly kind: 'sequence';
      readonly sequence: string;
      /** Of a sequence that stands alone, or numbers several columns: what it gives next, and how it counts. */
      readonly next?: string;
      readonly options?: SequenceOptions;
    }
  /** Anything else. */
  | ({ readonly kind: 'expression' } & Meaning)
);

/**
 * What a piece of SQL means to every engine, where it is known; else `unknown` says what in it is not
 * known to mean the same elsewhere: `the function soundex`.
 */
export interface Meaning {
  readonly meaning?: Expression;
  readonly unknown?: string;
}

/** A type of the user's own, as its engine knows it. */
export type UserType = TableName & { readonly comment?: string | null } & (
    | { readonly kind: 'enum'; readonly labels: readonly string[] }
    | {
        readonly kind: 'domain';
        readonly nativeType: string;
        readonly nullable: boolean;
        readonly defaultSql: string | null;
        readonly collation: string | null;
        readonly checks: readonly CheckSchema[];
      }
    | {
        readonly kind: 'composite';
        readonly fields: readonly { readonly name: string; readonly nativeType: string }[];
      }
    /** Ranges and others: the statement that makes it. */
    | { readonly kind: 'other'; readonly definition: string }
  );

/**
 * What a column was in the engine it was carried from, kept beside the ledger: on the way home it gets
 * its own type back. `origin` is where it came from before that.
 */
export interface ColumnOrigin {
  readonly engine: Engine;
  readonly nativeType: string;
  readonly typeFacts?: Readonly<Record<string, Json>>;
  readonly needs?: readonly UserType[];
  readonly collation?: string | null;
  /** Nobody numbered it there: an INTEGER PRIMARY KEY of SQLite counts unasked. */
  readonly unnumbered?: true;
  readonly origin?: ColumnOrigin;
}

/** A column whose values the engine numbers by itself. */
export interface Identity {
  readonly kind: 'rowid' | 'autoincrement' | 'serial' | 'by-default' | 'always';
  /** The value the next insert would get, as decimal text, where known. */
  readonly next?: string;
  /** Only where it doesn't count 1, 2, 3 …, or has a name of its own. */
  readonly options?: SequenceOptions;
}

/** How a sequence counts; what is absent is as the engine has it by itself. Numbers as decimal text. */
export interface SequenceOptions {
  readonly start?: string;
  readonly increment?: string;
  readonly min?: string;
  readonly max?: string;
  readonly cycle?: boolean;
  readonly cache?: string;
  /** PostgreSQL: it is dropped with the column. */
  readonly owned?: boolean;
  /** PostgreSQL: the sequence's own integer type, where it isn't the column's. */
  readonly nativeType?: string;
  /** The sequence's own name. */
  readonly name?: TableName;
}

export interface ColumnSchema {
  readonly name: string;
  /** The type as the engine spells it in DDL: `numeric(10,2)`, `VARCHAR`, `NVARCHAR(160)`, or '' in SQLite. */
  readonly nativeType: string;
  /** Facts a dialect needs to read its own type again (oid, typmod, schema of the type …). Plain JSON. */
  readonly typeFacts?: Readonly<Record<string, Json>>;
  readonly nullable: boolean;
  readonly default: DefaultValue | null;
  readonly identity: Identity | null;
  readonly generated: ({ readonly expression: string; readonly stored: boolean } & Meaning) | null;
  /** Only if it isn't the engine's default. */
  readonly collation: string | null;
  readonly comment: string | null;
  /** Types of the engine's own that the column's type stands on, in an order that works. */
  readonly needs?: readonly UserType[];
  /** Where the column came from, if Ferrow made it and it still has the type that Ferrow gave it. */
  readonly origin?: ColumnOrigin;
}

export type ReferentialAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';

/** `name` is null where the engine made it up or has none. */
export interface KeySchema {
  readonly name: string | null;
  /** In key order. */
  readonly columns: readonly string[];
  /** UNIQUE NULLS NOT DISTINCT. */
  readonly nullsNotDistinct?: boolean;
  readonly deferrable?: boolean;
  readonly initiallyDeferred?: boolean;
  readonly comment?: string | null;
}

export interface ForeignKeySchema extends KeySchema {
  readonly references: TableName;
  /** Same length and order as `columns`. */
  readonly referencedColumns: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  /** 'full' is MATCH FULL. */
  readonly match: 'simple' | 'full';
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
}

export interface CheckSchema extends Meaning {
  readonly name: string | null;
  /** The expression without CHECK and its outer parentheses, in the engine's SQL. */
  readonly expression: string;
  /** It stands with the column's type: the same engine has it with the type, others as a check of the table. */
  readonly ofDomain?: boolean;
  readonly comment?: string | null;
}

export interface IndexPart extends Meaning {
  /** Exactly one of column and expression is set. */
  readonly column: string | null;
  readonly expression: string | null;
  readonly descending: boolean;
  /** Only if it isn't what the engine does by itself for this direction. */
  readonly nulls?: 'first' | 'last';
  /** Only if it isn't the engine's default. */
  readonly collation: string | null;
}

export interface IndexSchema {
  readonly name: string;
  readonly unique: boolean;
  readonly parts: readonly IndexPart[];
  readonly nullsNotDistinct?: boolean;
  /** Predicate of a partial index, in the engine's SQL. */
  readonly where: string | null;
  readonly whereMeaning?: Meaning;
  /** btree unless the engine says otherwise. */
  readonly method: string;
  /** Features that only the engine's own `definition` expresses (operator classes, INCLUDE …). */
  readonly plain: boolean;
  /** The engine's own CREATE INDEX statement. */
  readonly definition: string;
  readonly comment?: string | null;
}

export interface TableSchema extends TableName {
  readonly columns: readonly ColumnSchema[];
  readonly primaryKey: KeySchema | null;
  readonly uniques: readonly KeySchema[];
  readonly foreignKeys: readonly ForeignKeySchema[];
  readonly checks: readonly CheckSchema[];
  /** Without the indexes that stand behind the primary key and unique constraints. */
  readonly indexes: readonly IndexSchema[];
  readonly comment: string | null;
  /** PostgreSQL: the key of a partitioned table and its parts, to be made again in PostgreSQL. */
  readonly partitioning?: Partitioning | null;
  /** PostgreSQL: tables it inherits from. */
  readonly inherits?: readonly TableName[];
  /** A materialised view that is carried as a table: where its rows come from. */
  readonly materializedView?: boolean;
  /** From statistics, cheap and possibly stale; null where unknown. */
  readonly estimatedRows: number | null;
  readonly sizeBytes: number | null;
  /** Facts a dialect needs to read or make the table again (WITHOUT ROWID, STRICT …). Plain JSON. */
  readonly tableFacts?: Readonly<Record<string, Json>>;
}

export interface ViewSchema extends TableName {
  readonly materialized: boolean;
  readonly columns: readonly string[];
  /** The SELECT, in the engine's SQL. */
  readonly sql: string;
  readonly query?: Query;
  /** Why there is no `query`. */
  readonly unknown?: string;
  /** Tables and views it reads. */
  readonly reads: readonly TableName[];
  readonly comment: string | null;
  readonly columnComments?: Readonly<Record<string, string>>;
  /** Options of the engine's own: `security_barrier=true`. */
  readonly options?: readonly string[];
  /** Its columns as a table's, for a materialised view that becomes one. */
  readonly asTable?: TableSchema;
}

/** Something that exists beside tables and is not carried: it is listed by name. */
export interface OtherObject extends TableName {
  readonly kind:
    | 'view'
    | 'materialized view'
    | 'trigger'
    | 'function'
    | 'sequence'
    | 'type'
    | 'virtual table'
    | 'foreign table'
    | 'exclusion constraint'
    | 'grant'
    | 'extension'
    | 'policy'
    | 'rule'
    | 'table option';
  /** The table it hangs on, for triggers, policies and rules. */
  readonly table: string | null;
  readonly definition: string | null;
  /** Carried to the same engine, with its table; listed elsewhere only. */
  readonly carriedToSame?: boolean;
}

export interface DatabaseSchema {
  readonly engine: Engine;
  /** The schema that unqualified names mean: `public`, `main`, or null. */
  readonly defaultSchema: string | null;
  readonly tables: readonly TableSchema[];
  /** In an order in which they can be made. */
  readonly views: readonly ViewSchema[];
  readonly types: readonly UserType[];
  readonly others: readonly OtherObject[];
}

/** A part of the source's schema that the target does not get, and why. */
export interface NotCarried {
  readonly table: string | null;
  readonly object:
    | 'primary key'
    | 'unique constraint'
    | 'foreign key'
    | 'foreign key action'
    | 'check'
    | 'default'
    | 'identity'
    | 'generated column'
    | 'collation'
    | 'comment'
    | 'index'
    | OtherObject['kind'];
  readonly name: string;
  readonly column?: string;
  readonly reason: string;
  /** It stands in the target, but otherwise: `as PK_2`, `without DESC`. */
  readonly instead?: string;
  /** What the user can do about it, often SQL to run. */
  readonly hint?: string;
}

/** `Album`, or `sales.Album` when the schema is not the default one. The name tables have in reports. */
export function displayName(table: TableName, defaultSchema: string | null): string {
  return table.schema === null || table.schema === defaultSchema
    ? table.name
    : `${table.schema}.${table.name}`;
}
