// DDL for PostgreSQL: the statements that make a table and what hangs on it. Text out, nothing run. Every name is
// quoted.
import type {
  CheckSchema,
  ColumnSchema,
  ForeignKeySchema,
  IndexSchema,
  KeySchema,
  TableName,
  TableSchema,
} from '../../types/schema.ts';
import { fittingName, literal, quote, quoteList, quoteTable } from './names.ts';
import { optionsClause } from './sequence-ddl.ts';
import { keyDefinition, tableFacts } from './table-facts.ts';

/** A constraint of a table, as CREATE TABLE and ALTER TABLE … ADD take it. */
export interface ConstraintClause {
  readonly object: 'primary key' | 'unique constraint' | 'check' | 'exclusion constraint';
  readonly name: string | null;
  /** Its columns, for people. */
  readonly columns: readonly string[];
  /** Behind CONSTRAINT name: `PRIMARY KEY ("id")`. */
  readonly clause: string;
  readonly comment: string | null;
}

/**
 * CREATE TABLE. `typeOf` and `withDefault` let a staging table differ: other column types, and defaults that come
 * later.
 */
export function createTable(
  table: TableSchema,
  name: TableName,
  options: {
    readonly constraints: boolean;
    readonly typeOf?: (column: ColumnSchema) => string;
    readonly withDefault?: (column: ColumnSchema) => boolean;
  },
): string {
  const typeOf = options.typeOf ?? ((column) => column.nativeType);
  const { notNull } = tableFacts(table);
  // PostgreSQL 18 names NOT NULL after the table, which may be a staging table; renaming many later takes long.
  const nameOf = (column: ColumnSchema) =>
    notNull.get(column.name) ??
    (name.name === table.name ? null : fittingName(`${table.name}_${column.name}_not_null`));
  const lines = table.columns.map((column) => {
    const clause = columnClause(column, typeOf(column), options.withDefault?.(column) ?? true);
    if (column.nullable) return clause;
    const named = nameOf(column);
    return `${clause}${named === null ? '' : ` CONSTRAINT ${quote(named)}`} NOT NULL`;
  });
  if (options.constraints)
    for (const { name: constraint, clause } of constraintClauses(table))
      lines.push(`${constraint === null ? '' : `CONSTRAINT ${quote(constraint)} `}${clause}`);
  const body = lines.length === 0 ? '()' : `(\n  ${lines.join(',\n  ')}\n)`;
  const { partitioning } = table;
  // A partitioned table holds no rows: its partitions are logged or not.
  const unlogged = !partitioning && tableFacts(table).unlogged ? 'UNLOGGED ' : '';
  const by = partitioning ? ` PARTITION BY ${partitioning.key}` : '';
  return `CREATE ${unlogged}TABLE ${quoteTable(name)} ${body}${by}`;
}

const SERIALS: Readonly<Record<string, string>> = {
  smallint: 'smallserial',
  integer: 'serial',
  bigint: 'bigserial',
};

/** Without NOT NULL. */
function columnClause(column: ColumnSchema, nativeType: string, withDefault: boolean): string {
  const { identity, generated, default: value } = column;
  const serial = identity?.kind === 'serial' && column.typeFacts ? SERIALS[nativeType] : undefined;
  let clause = `${quote(column.name)} ${serial ?? nativeType}`;
  if (column.collation !== null && nativeType === column.nativeType) clause += ` COLLATE ${column.collation}`;
  if (generated)
    clause += ` GENERATED ALWAYS AS (${generated.expression})${generated.stored ? ' STORED' : ''}`;
  else if (identity && !serial)
    clause += ` GENERATED ${identity.kind === 'always' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY${identityOptions(identity.options)}`;
  else if (value && withDefault) clause += ` DEFAULT ${value.sql}`;
  return clause;
}

/** The type is the column's, and the name comes last: another relation may have it. */
function identityOptions(options: NonNullable<ColumnSchema['identity']>['options']): string {
  const clause = optionsClause({ ...options, nativeType: undefined });
  return clause === '' ? '' : ` (${clause.trim()})`;
}

/** Primary key, unique, check and exclusion constraints, in an order that works. */
export function constraintClauses(table: TableSchema): ConstraintClause[] {
  const clauses: ConstraintClause[] = [];
  const key = (object: 'primary key' | 'unique constraint', words: string, each: KeySchema) => {
    const { name, columns, comment } = each;
    const clause = keyDefinition(table, name) ?? keyClause(words, each);
    clauses.push({ object, name, columns, clause, comment: comment ?? null });
  };
  if (table.primaryKey) key('primary key', 'PRIMARY KEY', table.primaryKey);
  for (const unique of table.uniques)
    key('unique constraint', unique.nullsNotDistinct ? 'UNIQUE NULLS NOT DISTINCT' : 'UNIQUE', unique);
  const facts = tableFacts(table);
  for (const check of table.checks) clauses.push(checkClause(check, facts));
  for (const { object, name, definition, comment } of facts.constraints)
    if (object !== 'foreign key') clauses.push({ object, name, columns: [], clause: definition, comment });
  return clauses;
}

function keyClause(words: string, { columns, deferrable, initiallyDeferred }: KeySchema): string {
  const when = deferrable ? ` DEFERRABLE${initiallyDeferred ? ' INITIALLY DEFERRED' : ''}` : '';
  return `${words} (${quoteList(columns)})${when}`;
}

function checkClause(
  { name, expression, comment }: CheckSchema,
  facts: ReturnType<typeof tableFacts>,
): ConstraintClause {
  const isIn = (names: readonly string[]) => name !== null && names.includes(name);
  let clause = `CHECK (${expression})`;
  if (isIn(facts.noInherit)) clause += ' NO INHERIT';
  if (isIn(facts.notValid)) clause += ' NOT VALID';
  return { object: 'check', name, columns: [], clause, comment: comment ?? null };
}

/** CREATE INDEX on `table`. What IndexParts can't say comes from the server's own definition. */
export function indexStatement(index: IndexSchema, table: TableName, name = index.name): string {
  const head = `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(name)} ON ${quoteTable(table)}`;
  if (!index.plain) return `${head} ${definitionTail(index.definition)}`;
  const parts = index.parts.map(({ column, expression, descending, nulls, collation }) => {
    const what = column === null ? `(${expression})` : quote(column);
    const order = `${descending ? ' DESC' : ''}${nulls ? ` NULLS ${nulls.toUpperCase()}` : ''}`;
    return `${what}${collation === null ? '' : ` COLLATE ${collation}`}${order}`;
  });
  const distinct = index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
  const where = index.where === null ? '' : ` WHERE ${index.where}`;
  return `${head} USING ${index.method} (${parts.join(', ')})${distinct}${where}`;
}

/** From USING on, of a definition as pg_get_indexdef prints it. */
function definitionTail(definition: string): string {
  const name = '(?:"(?:[^"]|"")*"|[^\\s".]+)';
  const head = new RegExp(`^CREATE (?:UNIQUE )?INDEX ${name} ON (?:ONLY )?(?:${name}\\.)?${name} (?=USING )`);
  return definition.replace(head, '');
}

export function foreignKeyStatement(
  foreignKey: ForeignKeySchema,
  table: TableName,
  notValid = false,
): string {
  const { name, columns, references, referencedColumns, onDelete, onUpdate } = foreignKey;
  const target = referencedColumns.length === 0 ? '' : ` (${quoteList(referencedColumns)})`;
  let clause = `FOREIGN KEY (${quoteList(columns)}) REFERENCES ${quoteTable(references)}${target}`;
  if (foreignKey.match === 'full') clause += ' MATCH FULL';
  if (onUpdate !== 'no action') clause += ` ON UPDATE ${onUpdate.toUpperCase()}`;
  if (onDelete !== 'no action') clause += ` ON DELETE ${onDelete.toUpperCase()}`;
  if (foreignKey.deferrable)
    clause += ` DEFERRABLE${foreignKey.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`;
  const constraint = name === null ? '' : `CONSTRAINT ${quote(name)} `;
  return `ALTER TABLE ${quoteTable(table)} ADD ${constraint}${clause}${notValid ? ' NOT VALID' : ''}`;
}

/** Text that COMMENT takes: PostgreSQL holds no NUL. */
export const commentText = (comment: string) => literal(comment.replaceAll('\0', ''));

/** Comments on the table and its columns; those on keys and indexes go with these. */
export function commentStatements(table: TableSchema, name: TableName): string[] {
  const statements: string[] = [];
  if (table.comment) statements.push(`COMMENT ON TABLE ${quoteTable(name)} IS ${commentText(table.comment)}`);
  for (const column of table.columns) {
    if (column.comment)
      statements.push(
        `COMMENT ON COLUMN ${quoteTable(name)}.${quote(column.name)} IS ${commentText(column.comment)}`,
      );
  }
  return statements;
}

export function constraintComment(table: TableName, name: string, comment: string): string {
  return `COMMENT ON CONSTRAINT ${quote(name)} ON ${quoteTable(table)} IS ${commentText(comment)}`;
}

export function indexComment(table: TableName, name: string, comment: string): string {
  return `COMMENT ON INDEX ${quoteTable({ schema: table.schema, name })} IS ${commentText(comment)}`;
}
