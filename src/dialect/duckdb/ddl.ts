// DDL of DuckDB: fitting a table to what DuckDB can express, and the statements that make it. Pure.
//
// DuckDB has no ALTER TABLE … ADD FOREIGN KEY, UNIQUE or CHECK, so these stand in CREATE TABLE; it has no
// referential actions; a foreign key needs its parent there already, in the same schema.
import type { Engine } from '../../types/logical-type.ts';
import type {
  ColumnSchema,
  DefaultValue,
  ForeignKeySchema,
  IndexSchema,
  NotCarried,
  TableName,
  TableSchema,
} from '../../types/schema.ts';
import type { Ddl, SchemaParts } from '../dialect.ts';
import { renderDefault, sequencePlace } from './defaults.ts';
import { parentKeyOf, parentsFirst, tableKey } from './order.ts';
import { columnList, literal, quote, quoteTable } from './sql-text.ts';
import { wireOf } from './types.ts';

export const ddl: Ddl = { quote, quoteTable, adopt, script };

// ---------------------------------------------------------------- adopt

function adopt(table: TableSchema, from: Engine): { table: TableSchema; notCarried: NotCarried[] } {
  const notCarried: NotCarried[] = [];
  const own = from === 'duckdb';
  const lose = (item: Omit<NotCarried, 'table'>) => notCarried.push({ table: table.name, ...item });
  const columns = table.columns.map((column) => (own ? column : adoptColumn(column, table, lose)));
  const foreignKeys = table.foreignKeys.flatMap((key) => adoptForeignKey(key, table, lose));
  const checks = own ? table.checks : [];
  if (!own) {
    for (const check of table.checks) {
      lose({
        object: 'check',
        name: check.name ?? check.expression,
        reason: `checks are written in the SQL of ${from}`,
        hint: `put it into the table's definition in DuckDB by hand: CHECK (${check.expression})`,
      });
    }
  }
  const indexes = table.indexes.filter((index) => {
    const reason = own ? null : indexObstacle(index, from);
    if (reason) lose({ object: 'index', name: index.name, reason, hint: index.definition });
    return reason === null;
  });
  for (const index of own ? [] : indexes) {
    if (!index.parts.some((part) => part.descending)) continue;
    const reason = 'indexes of DuckDB keep no order';
    lose({ object: 'index', name: index.name, reason, instead: 'without DESC' });
  }
  return {
    table: { ...table, columns, foreignKeys, checks, indexes: indexes.map(withoutOrder) },
    notCarried,
  };
}

/** As DuckDB's catalog will list it. */
function withoutOrder(index: IndexSchema): IndexSchema {
  return { ...index, parts: index.parts.map((part) => ({ ...part, descending: false })) };
}

function adoptColumn(
  column: ColumnSchema,
  table: TableSchema,
  lose: (item: Omit<NotCarried, 'table'>) => void,
): ColumnSchema {
  const type = column.nativeType;
  let next: ColumnSchema = column;
  if (column.collation !== null) {
    lose({
      object: 'collation',
      name: column.collation,
      column: column.name,
      reason: 'collations of other engines mean nothing to DuckDB; the column compares bytes',
    });
    next = { ...next, collation: null };
  }
  if (column.generated) {
    lose({
      object: 'generated column',
      name: column.name,
      column: column.name,
      reason: 'its expression is in the SQL of another engine; the values arrive as a plain column',
      hint: column.generated.expression,
    });
    next = { ...next, generated: null };
  }
  if (column.identity) {
    const sequence = wireOf(type)?.kind === 'int' ? sequenceName(table, column.name) : null;
    if (sequence) return { ...next, identity: { ...column.identity, kind: 'serial' }, default: sequence };
    lose({
      object: 'identity',
      name: column.name,
      column: column.name,
      reason: `a ${type} column can not be numbered by a sequence`,
    });
    return { ...next, identity: null, default: null };
  }
  if (!column.default) return next;
  const text = renderDefault(column.default, type);
  if (text !== null) return { ...next, default: { ...column.default, sql: text } };
  if (column.default.kind !== 'null') {
    lose({
      object: 'default',
      name: column.name,
      column: column.name,
      reason: 'DuckDB has no equal expression',
      hint: column.default.sql,
    });
  }
  return { ...next, default: null };
}

/** Without quotation marks in its name: nextval() takes them away, doubled or not. */
function sequenceName(table: TableName, column: string): DefaultValue {
  const name = `${table.name}_${column}_seq`.replaceAll('"', '');
  const place = quoteTable({ schema: table.schema, name });
  return { kind: 'sequence', sequence: place, sql: `nextval(${literal(place)})` };
}

function adoptForeignKey(
  key: ForeignKeySchema,
  table: TableSchema,
  lose: (item: Omit<NotCarried, 'table'>) => void,
): ForeignKeySchema[] {
  const name = key.name ?? `(${key.columns.join(', ')})`;
  if ((key.references.schema ?? 'main') !== (table.schema ?? 'main')) {
    lose({
      object: 'foreign key',
      name,
      reason: 'DuckDB has no foreign keys between schemas',
    });
    return [];
  }
  const actions: string[] = [];
  if (isAction(key.onDelete)) actions.push(`ON DELETE ${key.onDelete.toUpperCase()}`);
  if (isAction(key.onUpdate)) actions.push(`ON UPDATE ${key.onUpdate.toUpperCase()}`);
  if (key.match === 'full' && key.columns.length > 1) actions.push('MATCH FULL');
  if (key.deferrable) actions.push(key.initiallyDeferred ? 'INITIALLY DEFERRED' : 'DEFERRABLE');
  if (actions.length > 0) {
    lose({
      object: 'foreign key action',
      name,
      reason: `DuckDB has no ${actions.join(', ')}; the key itself is carried and refuses instead`,
    });
  }
  return [
    {
      ...key,
      onDelete: 'no action',
      onUpdate: 'no action',
      match: 'simple',
      deferrable: false,
      initiallyDeferred: false,
    },
  ];
}

function isAction(action: ForeignKeySchema['onDelete']): boolean {
  return action === 'cascade' || action === 'set null' || action === 'set default';
}

function indexObstacle(index: IndexSchema, from: Engine): string | null {
  if (index.where !== null) return 'DuckDB has no partial indexes';
  if (index.parts.some((part) => part.column === null))
    return `its expression is written in the SQL of ${from}`;
  if (index.parts.some((part) => part.collation !== null))
    return 'collations of other engines mean nothing to DuckDB';
  if (index.method !== 'btree') return `DuckDB has no ${index.method} indexes`;
  if (!index.plain) return `it uses features that only ${from} has`;
  return null;
}

// ---------------------------------------------------------------- statements

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

/** The sequences that number the table's columns. */
export function sequencesOf(table: TableSchema): { column: string; place: TableName; next: string | null }[] {
  return table.columns.flatMap((column) => {
    if (column.default?.kind !== 'sequence') return [];
    const place = sequencePlace(column.default.sequence);
    return [
      {
        column: column.name,
        place: { schema: place.schema ?? table.schema ?? 'main', name: place.name },
        next: column.identity?.next ?? null,
      },
    ];
  });
}

// ---------------------------------------------------------------- script

function script(tables: readonly TableSchema[], parts: SchemaParts): string[] {
  const statements: string[] = [];
  const schemas = new Set(tables.map((table) => table.schema ?? 'main'));
  schemas.delete('main');
  for (const schema of schemas) statements.push(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`);
  const sequences = new Set<string>();
  for (const table of tables) {
    for (const { place, next } of sequencesOf(table)) {
      const key = tableKey(place);
      if (sequences.has(key)) continue;
      sequences.add(key);
      statements.push(`CREATE SEQUENCE ${quoteTable(place)} START ${next ?? '1'}`);
    }
  }
  const made = new Set<string>();
  const ordered = parts.foreignKeys ? parentsFirst(tables) : tables;
  for (const table of ordered) {
    made.add(tableKey(table));
    const reachable = (key: ForeignKeySchema) => made.has(parentKeyOf(table, key));
    const keys = parts.foreignKeys ? table.foreignKeys.filter(reachable) : [];
    const left = parts.foreignKeys ? table.foreignKeys.filter((key) => !reachable(key)) : [];
    const notes = left.map((key) =>
      `-- left out, DuckDB can not declare a key to a table that comes later: FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${key.references.name}\n`.replaceAll(
        /[\r\n]+(?=.)/g,
        ' ',
      ),
    );
    statements.push(notes.join('') + createTableSql(table, keys));
    statements.push(...commentSql(table));
  }
  if (parts.indexes) {
    for (const table of ordered)
      for (const index of table.indexes) statements.push(createIndexSql(table, index));
  }
  return statements;
}
