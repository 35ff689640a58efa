// DDL for PostgreSQL: text out, nothing run. Every name is quoted.
import type {
  CheckSchema,
  ColumnSchema,
  ForeignKeySchema,
  IndexSchema,
  KeySchema,
  TableName,
  TableSchema,
} from '../../types/schema.ts';
import type { Ddl, SchemaParts } from '../dialect.ts';
import { adopt } from './adopt.ts';
import { literal, quote, quoteList, quoteTable } from './names.ts';

export const postgresDdl: Ddl = { quote, quoteTable, adopt, script };

/** A constraint of a table, as CREATE TABLE and ALTER TABLE … ADD take it. */
export interface ConstraintClause {
  readonly object: 'primary key' | 'unique constraint' | 'check';
  readonly name: string | null;
  /** Its columns, for people. */
  readonly columns: readonly string[];
  /** Behind CONSTRAINT name: `PRIMARY KEY ("id")`. */
  readonly clause: string;
}

function script(tables: readonly TableSchema[], parts: SchemaParts): string[] {
  const statements: string[] = [];
  for (const schema of new Set(tables.map((table) => table.schema)))
    if (schema !== null && schema !== 'public')
      statements.push(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`);
  for (const table of tables) {
    statements.push(createTable(table, table, { constraints: true }), ...commentStatements(table, table));
  }
  if (parts.indexes)
    for (const table of tables)
      for (const index of table.indexes) statements.push(indexStatement(index, table));
  if (parts.foreignKeys)
    for (const table of tables)
      for (const foreignKey of table.foreignKeys) statements.push(foreignKeyStatement(foreignKey, table));
  return statements;
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
  const lines = table.columns.map((column) =>
    columnClause(column, typeOf(column), options.withDefault?.(column) ?? true),
  );
  if (options.constraints)
    for (const { name: constraint, clause } of constraintClauses(table))
      lines.push(`${constraint === null ? '' : `CONSTRAINT ${quote(constraint)} `}${clause}`);
  const body = lines.length === 0 ? '()' : `(\n  ${lines.join(',\n  ')}\n)`;
  return `CREATE TABLE ${quoteTable(name)} ${body}`;
}

const SERIALS: Readonly<Record<string, string>> = {
  smallint: 'smallserial',
  integer: 'serial',
  bigint: 'bigserial',
};

function columnClause(column: ColumnSchema, nativeType: string, withDefault: boolean): string {
  const { identity, generated, default: value } = column;
  const serial = identity?.kind === 'serial' && column.typeFacts ? SERIALS[nativeType] : undefined;
  let clause = `${quote(column.name)} ${serial ?? nativeType}`;
  if (column.collation !== null && nativeType === column.nativeType) clause += ` COLLATE ${column.collation}`;
  if (generated)
    clause += ` GENERATED ALWAYS AS (${generated.expression})${generated.stored ? ' STORED' : ''}`;
  else if (identity && !serial)
    clause += ` GENERATED ${identity.kind === 'always' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`;
  else if (value && withDefault) clause += ` DEFAULT ${value.sql}`;
  return column.nullable ? clause : `${clause} NOT NULL`;
}

/** Primary key, unique and check constraints, in an order that works. */
export function constraintClauses(table: TableSchema): ConstraintClause[] {
  const clauses: ConstraintClause[] = [];
  const key = (object: 'primary key' | 'unique constraint', words: string, { name, columns }: KeySchema) => {
    const own = name === null ? undefined : table.tableFacts?.[`key ${name}`];
    const clause = typeof own === 'string' ? own : `${words} (${quoteList(columns)})`;
    clauses.push({ object, name, columns, clause });
  };
  if (table.primaryKey) key('primary key', 'PRIMARY KEY', table.primaryKey);
  for (const unique of table.uniques) key('unique constraint', 'UNIQUE', unique);
  for (const check of table.checks) clauses.push(checkClause(check));
  return clauses;
}

function checkClause({ name, expression }: CheckSchema): ConstraintClause {
  return { object: 'check', name, columns: [], clause: `CHECK (${expression})` };
}

/** CREATE INDEX on `table`. What IndexParts can't say comes from the server's own definition. */
export function indexStatement(index: IndexSchema, table: TableName, name = index.name): string {
  const head = `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(name)} ON ${quoteTable(table)}`;
  if (!index.plain) return `${head} ${definitionTail(index.definition)}`;
  const parts = index.parts.map(({ column, expression, descending, collation }) => {
    const what = column === null ? `(${expression})` : quote(column);
    return `${what}${collation === null ? '' : ` COLLATE ${collation}`}${descending ? ' DESC' : ''}`;
  });
  return `${head} USING ${index.method} (${parts.join(', ')})${index.where === null ? '' : ` WHERE ${index.where}`}`;
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

export function commentStatements(table: TableSchema, name: TableName): string[] {
  const statements: string[] = [];
  const text = (comment: string) => literal(comment.replaceAll('\0', ''));
  if (table.comment) statements.push(`COMMENT ON TABLE ${quoteTable(name)} IS ${text(table.comment)}`);
  for (const column of table.columns) {
    if (column.comment)
      statements.push(
        `COMMENT ON COLUMN ${quoteTable(name)}.${quote(column.name)} IS ${text(column.comment)}`,
      );
  }
  return statements;
}
