// DDL of DuckDB: the statements that make a table and what hangs on it. Pure.
//
// DuckDB has no ALTER TABLE … ADD FOREIGN KEY, UNIQUE or CHECK, so these stand in CREATE TABLE; it has no
// referential actions; a foreign key needs its parent there already, in the same schema.
import type {
  ColumnSchema,
  ForeignKeySchema,
  IndexSchema,
  SequenceOptions,
  TableName,
  TableSchema,
} from '../../types/schema.ts';
import { sequencePlace } from './defaults.ts';
import { columnList, literal, quote, quoteTable } from './sql-text.ts';

/** One column of CREATE TABLE. `defaults` false leaves defaults out, for staging tables. */
export function columnSql(column: ColumnSchema, nativeType = column.nativeType, defaults = true): string {
  const words = [quote(column.name), nativeType];
  if (column.collation !== null) words.push(`COLLATE ${column.collation}`);
  if (column.generated) return [...words, `GENERATED ALWAYS AS (${column.generated.expression})`].join(' ');
  if (defaults && column.default) words.push(`DEFAULT (${column.default.sql})`);
  if (!column.nullable) words.push('NOT NULL');
  return words.join(' ');
}

/** CREATE TABLE with keys, uniques, checks and foreign keys, under the table's own name. */
export function createTableSql(table: TableSchema, foreignKeys: readonly ForeignKeySchema[]): string {
  const items = table.columns.map((column) => columnSql(column));
  if (table.primaryKey) items.push(`PRIMARY KEY (${columnList(table.primaryKey.columns)})`);
  for (const key of table.uniques) items.push(`UNIQUE (${columnList(key.columns)})`);
  for (const check of table.checks) items.push(`CHECK (${check.expression})`);
  for (const key of foreignKeys) {
    const parent = quoteTable({ schema: key.references.schema ?? table.schema, name: key.references.name });
    items.push(
      `FOREIGN KEY (${columnList(key.columns)}) REFERENCES ${parent} (${columnList(key.referencedColumns)})`,
    );
  }
  return `CREATE TABLE ${quoteTable(table)} (\n  ${items.join(',\n  ')}\n)`;
}

/** `name` if the index shall be called otherwise than in the source. */
export function createIndexSql(table: TableName, index: IndexSchema, name = index.name): string {
  const parts = index.parts.map((part) =>
    part.column === null ? `(${part.expression})` : quote(part.column),
  );
  const unique = index.unique ? 'UNIQUE ' : '';
  return `CREATE ${unique}INDEX ${quote(name)} ON ${quoteTable(table)} (${parts.join(', ')})`;
}

export function commentSql(table: TableSchema): string[] {
  const place = quoteTable(table);
  const statements = table.comment === null ? [] : [`COMMENT ON TABLE ${place} IS ${literal(table.comment)}`];
  for (const column of table.columns) {
    if (column.comment !== null && column.comment !== '')
      statements.push(`COMMENT ON COLUMN ${place}.${quote(column.name)} IS ${literal(column.comment)}`);
  }
  return statements;
}

/** `name` as createIndexSql had it. */
export function indexCommentSql(table: TableName, { comment }: IndexSchema, name: string): string[] {
  if (!comment) return [];
  return [`COMMENT ON INDEX ${quoteTable({ schema: table.schema, name })} IS ${literal(comment)}`];
}

/** A sequence that numbers columns of a table. */
export interface TableSequence {
  readonly column: string;
  readonly place: TableName;
  readonly next: string | null;
  readonly options: SequenceOptions | undefined;
}

/** The sequences that number the table's columns. */
export function sequencesOf(table: TableSchema): TableSequence[] {
  return table.columns.flatMap(({ name: column, default: value, identity }) => {
    if (value?.kind !== 'sequence') return [];
    const place = sequencePlace(value.sequence);
    return [
      {
        column,
        place: { schema: place.schema ?? table.schema ?? 'main', name: place.name },
        next: identity?.next ?? value.next ?? null,
        options: identity?.options ?? value.options,
      },
    ];
  });
}

/** `start` null: where it begins by itself. Numbers that are none are left out. */
export function createSequenceSql(
  place: TableName,
  options: SequenceOptions | undefined,
  start: string | null,
): string {
  const words = [`CREATE SEQUENCE ${quoteTable(place)}`];
  const number = (word: string, value: string | null | undefined) => {
    if (value && /^-?\d{1,19}$/.test(value)) words.push(`${word} ${value}`);
  };
  number('INCREMENT BY', options?.increment);
  number('MINVALUE', options?.min);
  number('MAXVALUE', options?.max);
  number('START', start);
  if (options?.cycle) words.push('CYCLE');
  return words.join(' ');
}
