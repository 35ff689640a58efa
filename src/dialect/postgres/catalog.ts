// Reads a server's catalog: a handful of queries for any number of tables. Main thread.
import type pg from 'pg';
import type {
  CheckSchema,
  ColumnSchema,
  DatabaseSchema,
  ForeignKeySchema,
  Identity,
  IndexSchema,
  KeySchema,
  OtherObject,
  ReferentialAction,
  TableSchema,
} from '../../types/schema.ts';
import * as queries from './catalog-queries.ts';
import type { ColumnRow, ConstraintRow, IndexRow, TableRow } from './catalog-rows.ts';
import { parseDefault } from './defaults.ts';

const ACTIONS: Readonly<Record<string, ReferentialAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

/**
 * Reads the schemas named, all with ['*'], `public` with []. The connection is in a transaction; its search_path is
 * emptied for the time, so that every name the server prints is qualified.
 */
export async function readCatalog(client: pg.Client, schemas: readonly string[]): Promise<DatabaseSchema> {
  const wanted = schemas.length === 0 ? ['public'] : schemas.includes('*') ? null : [...schemas];
  const { rows: path } = await client.query<{ path: string }>(
    "SELECT current_setting('search_path') AS path, set_config('search_path', '', true)",
  );
  try {
    const tables = (await client.query<TableRow>(queries.TABLES, [wanted])).rows;
    const oids = tables.map((table) => table.oid);
    const columns = byTable((await client.query<ColumnRow>(queries.COLUMNS, [oids])).rows);
    const constraints = byTable((await client.query<ConstraintRow>(queries.CONSTRAINTS, [oids])).rows);
    const indexes = byTable((await client.query<IndexRow>(queries.INDEXES, [oids])).rows);
    const sequences = (await client.query<{ full_name: string; next: string | null }>(queries.SEQUENCES))
      .rows;
    const next = new Map(sequences.map((sequence) => [sequence.full_name, sequence.next]));
    const others = (await client.query(queries.OTHERS, [wanted])).rows;
    return {
      engine: 'postgres',
      defaultSchema: 'public',
      tables: tables.map((table) =>
        tableSchema(
          table,
          columns.get(table.oid) ?? [],
          constraints.get(table.oid) ?? [],
          indexes.get(table.oid) ?? [],
          next,
        ),
      ),
      others: [...others.map(otherObject), ...exclusions(tables, constraints)],
    };
  } finally {
    // In a failed transaction the setting goes with it.
    await client.query("SELECT set_config('search_path', $1, true)", [path[0].path]).catch(() => {});
  }
}

function byTable<Row extends { table_oid: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.table_oid);
    if (group) group.push(row);
    else groups.set(row.table_oid, [row]);
  }
  return groups;
}

function tableSchema(
  table: TableRow,
  columns: readonly ColumnRow[],
  constraints: readonly ConstraintRow[],
  indexes: readonly IndexRow[],
  next: ReadonlyMap<string, string | null>,
): TableSchema {
  const keys = (kind: ConstraintRow['kind']) => constraints.filter((each) => each.kind === kind);
  const primary = keys('p')[0];
  const rows = table.kind === 'p' ? table.part_rows : table.rows;
  return {
    schema: table.schema,
    name: table.name,
    columns: columns.map((column) => columnSchema(column, next)),
    primaryKey: primary ? keySchema(primary, table.name) : null,
    uniques: keys('u').map((unique) => keySchema(unique, table.name)),
    foreignKeys: keys('f').map(foreignKeySchema),
    checks: keys('c').map((check): CheckSchema => ({ name: check.name, expression: check.expression ?? '' })),
    indexes: indexes.map(indexSchema),
    comment: table.comment,
    // -1: never counted. A table that was never analysed has 0 pages and 0 rows as well.
    estimatedRows: rows === null || rows < 0 ? null : Math.round(rows),
    sizeBytes: table.bytes === null ? null : Number(table.bytes),
    tableFacts: {
      partitioned: table.kind === 'p',
      hasChildren: table.has_children,
      unlogged: table.persistence === 'u',
      rowSecurity: table.row_security,
      accessMethod: table.access_method,
      pages: Number(table.pages),
      ...unusualKeys([...keys('p'), ...keys('u')]),
    },
  };
}

/** Keys that KeySchema can't say in full (NULLS NOT DISTINCT, INCLUDE, DEFERRABLE …), for a copy to PostgreSQL. */
function unusualKeys(keys: readonly ConstraintRow[]): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const { name, definition } of keys) {
    if (!isPlainKey(definition)) facts[`key ${name}`] = definition;
    facts[`key ${name}`] = definition;
  }
  return facts;
}

function columnSchema(column: ColumnRow, next: ReadonlyMap<string, string | null>): ColumnSchema {
  const value =
    column.default_sql !== null && column.generated === ''
      ? parseDefault(column.default_sql, column.type)
      : null;
  const identity = identityOf(column, value?.kind === 'sequence', next);
  return {
    name: column.name,
    nativeType: column.native_type,
    typeFacts: {
      type: column.type,
      builtIn: column.type_schema === 'pg_catalog',
      typeKind: column.type_kind,
      category: column.category,
      typmod: column.typmod,
      /** The base type's DDL name where the column's type is a domain. */
      domainOver: column.base_type,
      elementType: column.element,
      elementBuiltIn: column.element_schema === 'pg_catalog' && column.element_kind === 'b',
      sqlAscii: column.sql_ascii,
      moneyScale: column.money_scale,
    },
    nullable: !column.not_null,
    default: identity ? null : value,
    identity,
    generated:
      column.generated === ''
        ? null
        : { expression: column.default_sql ?? '', stored: column.generated === 's' },
    collation: column.collation,
    comment: column.comment,
  };
}

function identityOf(
  column: ColumnRow,
  defaultIsSequence: boolean,
  next: ReadonlyMap<string, string | null>,
): Identity | null {
  const kind = column.identity === 'a' ? 'always' : column.identity === 'd' ? 'by-default' : null;
  // A sequence that the column does not own is shared or hand-made: its default stays an expression.
  if (kind === null && !(defaultIsSequence && column.owns_sequence)) return null;
  const value = column.sequence === null ? null : next.get(column.sequence);
  return { kind: kind ?? 'serial', ...(value ? { next: value } : {}) };
}

/** A name that the server made up is none: in the target it makes up its own, which clashes with nothing. */
function keySchema(row: ConstraintRow, table: string): KeySchema {
  const madeUp = row.kind === 'p' ? `${table}_pkey` : `${table}_${row.columns.join('_')}_key`;
  const own = row.name !== madeUp || !isPlainKey(row.definition);
  return { name: own ? row.name : null, columns: row.columns };
}

function isPlainKey(definition: string): boolean {
  return /^(PRIMARY KEY|UNIQUE) \((?:"(?:[^"]|"")*"|[^")])*\)$/.test(definition);
}

function foreignKeySchema(row: ConstraintRow): ForeignKeySchema {
  return {
    name: row.name,
    columns: row.columns,
    references: { schema: row.ref_schema, name: row.ref_name ?? '' },
    referencedColumns: row.ref_columns,
    onDelete: ACTIONS[row.on_delete] ?? 'no action',
    onUpdate: ACTIONS[row.on_update] ?? 'no action',
    match: row.match === 'f' ? 'full' : 'simple',
    deferrable: row.deferrable,
    initiallyDeferred: row.deferred,
  };
}

function indexSchema(row: IndexRow): IndexSchema {
  // NULLS FIRST goes with DESC, and NULLS LAST with ascending, unless said otherwise.
  const plainOrder = row.parts.every((part) => part.options === 0 || part.options === 3);
  return {
    name: row.name,
    unique: row.is_unique,
    parts: row.parts.map((part) => ({
      column: part.column,
      expression: part.expression,
      descending: (part.options & 1) === 1,
      collation: part.collation,
    })),
    where: row.predicate,
    method: row.method,
    plain:
      row.method === 'btree' &&
      plainOrder &&
      !row.has_include &&
      !row.has_options &&
      !row.nulls_not_distinct &&
      row.parts.every((part) => part.default_class),
    definition: row.definition,
  };
}

function otherObject(row: {
  schema: string;
  name: string;
  table_name: string | null;
  kind: OtherObject['kind'];
  definition: string | null;
}): OtherObject {
  return {
    schema: row.schema,
    name: row.name,
    kind: row.kind,
    table: row.table_name,
    definition: row.definition,
  };
}

/** Exclusion constraints have no room in TableSchema; they are listed so that nothing is lost in silence. */
function exclusions(
  tables: readonly TableRow[],
  constraints: ReadonlyMap<string, ConstraintRow[]>,
): OtherObject[] {
  const found: OtherObject[] = [];
  for (const table of tables) {
    for (const constraint of constraints.get(table.oid) ?? []) {
      if (constraint.kind !== 'x') continue;
      const { name, definition } = constraint;
      found.push({ schema: table.schema, name, kind: 'table option', table: table.name, definition });
    }
  }
  return found;
}
