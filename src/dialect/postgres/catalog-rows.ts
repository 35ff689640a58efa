// Rows of the catalog's queries, as `pg` gives them. The queries stand in catalog-queries.ts.

export interface TableRow {
  oid: string;
  schema: string;
  name: string;
  kind: 'r' | 'p' | 'm';
  persistence: string;
  comment: string | null;
  row_security: boolean;
  access_method: string | null;
  /** False for a materialised view that was never filled. */
  populated: boolean;
  options: string[] | null;
  part_key: string | null;
  inherits: { schema: string; name: string }[] | null;
  pages: string;
  rows: number;
  part_rows: number | null;
  has_children: boolean;
  bytes: string | null;
}

export interface ColumnRow {
  table_oid: string;
  name: string;
  native_type: string;
  type_oid: string;
  own_typmod: number;
  not_null: boolean;
  identity: '' | 'a' | 'd';
  generated: '' | 's' | 'v';
  default_sql: string | null;
  comment: string | null;
  collation: string | null;
  kind: string;
  type: string;
  type_schema: string;
  type_kind: string;
  category: string;
  typmod: number;
  base_type: string | null;
  element: string | null;
  element_schema: string | null;
  element_kind: string | null;
  owns_sequence: boolean;
  sequence: string | null;
  sql_ascii: boolean;
  money_scale: number | null;
}

export interface ConstraintRow {
  table_oid: string;
  name: string;
  kind: 'p' | 'u' | 'f' | 'c' | 'x' | 'n';
  columns: string[];
  ref_schema: string | null;
  ref_name: string | null;
  ref_columns: string[];
  on_delete: string;
  on_update: string;
  match: string;
  deferrable: boolean;
  deferred: boolean;
  validated: boolean;
  enforced: boolean;
  no_inherit: boolean;
  comment: string | null;
  expression: string | null;
  definition: string;
}

export interface IndexRow {
  table_oid: string;
  name: string;
  is_unique: boolean;
  method: string;
  definition: string;
  predicate: string | null;
  has_include: boolean;
  has_options: boolean;
  nulls_not_distinct: boolean;
  comment: string | null;
  parts: {
    column: string | null;
    expression: string | null;
    options: number;
    default_class: boolean;
    /** An expression with a collation of its own. */
    collated: boolean;
    collation: string | null;
  }[];
}

export interface SequenceRow {
  full_name: string;
  schema: string;
  name: string;
  type: string;
  start: string;
  min: string;
  max: string;
  increment: string;
  cycle: boolean;
  cache: string;
  last: string | null;
  readable: boolean;
}

/** A partition of a partitioned table, at any depth. */
export interface PartitionRow {
  oid: string;
  parent_oid: string;
  schema: string;
  name: string;
  bound: string;
  part_key: string | null;
  comment: string | null;
  unlogged: boolean;
}

export interface ViewRow {
  oid: string;
  schema: string;
  name: string;
  materialized: boolean;
  sql: string;
  columns: string[];
  column_comments: Record<string, string> | null;
  comment: string | null;
  options: string[] | null;
  reads: { schema: string; name: string; view_oid: string | null }[] | null;
}
