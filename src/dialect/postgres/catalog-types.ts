// The catalog's part about types: the tree of each column's type, and the user's own types in an order in which they can
// be made. Main thread.
import type pg from 'pg';
import type { Json, UserType } from '../../types/schema.ts';
import { quote, quoteTable } from './names.ts';
import { TYPES, type TypeRow } from './type-queries.ts';
import { hasPortableBinary, kindOf, type TypeNode, treeJson } from './type-tree.ts';

/** Types deeper than this are a mistake of somebody's, or a type that contains itself. */
const DEPTH_MAX = 64;

/** What the catalog found, by oid. */
export class TypeCatalog {
  readonly #rows: ReadonlyMap<string, TypeRow>;

  /** `tables` are oids; `schemas` are names, or null for all. */
  static async read(
    client: pg.Client,
    tables: readonly string[],
    schemas: readonly string[] | null,
  ): Promise<TypeCatalog> {
    return new TypeCatalog((await client.query<TypeRow>(TYPES, [tables, schemas])).rows);
  }

  constructor(rows: readonly TypeRow[]) {
    this.#rows = new Map(rows.map((row) => [row.oid, row]));
  }

  /** The tree of a type; `native` and `typmod` are those of the column or field that has it. */
  node(oid: string, native: string, typmod: number, depth = 0): TypeNode {
    const row = this.#rows.get(oid);
    if (!row || depth > DEPTH_MAX) return unknownNode(native);
    const inner = row.inner === null ? null : this.#rows.get(row.inner);
    return {
      name: row.name,
      schema: row.schema,
      builtIn: row.schema === 'pg_catalog' && row.extension === null,
      extension: row.extension,
      kind: row.is_array ? 'array' : kindOf(row.kind),
      typmod,
      native,
      portableBinary: !row.no_binary && (row.schema !== 'pg_catalog' || hasPortableBinary(row.name)),
      moneyScale: row.money_scale,
      ofTable: row.of_table,
      inner: inner
        ? this.node(
            inner.oid,
            innerNative(row, inner, native),
            row.is_array ? typmod : row.inner_typmod,
            depth + 1,
          )
        : null,
      fields: (row.fields ?? []).map((field) => ({
        name: field.name,
        type: this.node(field.oid, field.native, field.typmod, depth + 1),
      })),
      labels: row.labels ?? [],
    };
  }

  /** The user's own types that a type stands on, each behind what it needs itself. */
  needs(oid: string): UserType[] {
    const found = new Map<string, UserType>();
    this.#collect(oid, found, 0);
    return [...found.values()];
  }

  /** All of the user's own types in the schemas, in an order in which they can be made. */
  all(schemas: readonly string[] | null): UserType[] {
    const found = new Map<string, UserType>();
    const rows = [...this.#rows.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    for (const row of rows) {
      if (isOwn(row) && (schemas === null || schemas.includes(row.schema))) this.#collect(row.oid, found, 0);
    }
    return [...found.values()];
  }

  #collect(oid: string, into: Map<string, UserType>, depth: number): void {
    const row = this.#rows.get(oid);
    if (!row || into.has(oid) || depth > DEPTH_MAX) return;
    if (row.inner !== null) this.#collect(row.inner, into, depth + 1);
    if (row.extension === null && row.schema !== 'pg_catalog')
      for (const field of row.fields ?? []) this.#collect(field.oid, into, depth + 1);
    if (isOwn(row)) into.set(oid, userType(row));
  }
}

function sortKey({ schema, name }: TypeRow): string {
  return `${schema}\0${name}`;
}

/** Arrays, multiranges and the row types of tables come by themselves. */
function isOwn(row: TypeRow): boolean {
  return (
    row.extension === null &&
    row.schema !== 'pg_catalog' &&
    !row.is_array &&
    (row.kind === 'e' || row.kind === 'd' || row.kind === 'r' || (row.kind === 'c' && !row.of_table))
  );
}

function userType(row: TypeRow): UserType {
  const { schema, name, comment } = row;
  const place = { schema, name, ...(comment === null ? {} : { comment }) };
  if (row.kind === 'e') return { ...place, kind: 'enum', labels: row.labels ?? [] };
  if (row.kind === 'd')
    return {
      ...place,
      kind: 'domain',
      nativeType: row.inner_native ?? '',
      nullable: !row.not_null,
      defaultSql: row.default_sql,
      collation: row.collation,
      checks: (row.checks ?? []).map((check) => ({ name: check.name, expression: check.expression })),
    };
  if (row.kind === 'c')
    return {
      ...place,
      kind: 'composite',
      fields: (row.fields ?? []).map((field) => ({
        name: field.name,
        nativeType: field.collation === null ? field.native : `${field.native} COLLATE ${field.collation}`,
      })),
    };
  return {
    ...place,
    kind: 'other',
    definition: `CREATE TYPE ${quoteTable(place)} AS RANGE (${row.range_options})`,
  };
}

/** How DDL spells an element: the array's own spelling without its brackets. */
function innerNative(row: TypeRow, inner: TypeRow, native: string): string {
  if (row.inner_native !== null) return row.inner_native;
  return row.is_array ? native.replace(/(\[\d*\])+$/, '') : inner.native;
}

function unknownNode(native: string): TypeNode {
  return {
    name: '',
    schema: '',
    builtIn: false,
    extension: null,
    kind: 'pseudo',
    typmod: -1,
    native,
    portableBinary: false,
    moneyScale: null,
    ofTable: false,
    inner: null,
    fields: [],
    labels: [],
  };
}

/** What must stand in the target for a type that isn't the user's own: for hints. */
export function extensionHint(node: TypeNode): string {
  return node.extension === null ? '' : `CREATE EXTENSION ${quote(node.extension)}`;
}

/** What the catalog adds to a column's facts: the tree, where the plain facts don't say all, and the types it needs. */
export function typeParts(
  types: TypeCatalog,
  column: { readonly type_oid: string; readonly native_type: string; readonly own_typmod: number },
): { tree?: Json; needs?: UserType[] } {
  const node = types.node(column.type_oid, column.native_type, column.own_typmod);
  const needs = types.needs(column.type_oid);
  return {
    ...(node.kind === 'base' && node.builtIn ? {} : { tree: treeJson(node) }),
    ...(needs.length === 0 ? {} : { needs }),
  };
}
