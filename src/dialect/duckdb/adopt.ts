// Fits a table into what DuckDB can express. The columns already have its types. What came from DuckDB stays as it is; of
// other engines' tables, SQL that isn't known to mean the same is left out and listed. Pure.
import { columnsOf } from '../../sql/sql.ts';
import type { Engine } from '../../types/logical-type.ts';
import type {
  CheckSchema,
  ColumnSchema,
  DefaultValue,
  ForeignKeySchema,
  IndexPart,
  IndexSchema,
  KeySchema,
  Meaning,
  NotCarried,
  TableName,
  TableSchema,
} from '../../types/schema.ts';
import { renderDefault } from './defaults.ts';
import { say } from './say.ts';
import { literal, quoteTable } from './sql-text.ts';
import { wireOf } from './types.ts';

type Lose = (item: Omit<NotCarried, 'table'>) => void;

/** Collations that compare text by its bytes, as DuckDB does by itself. */
const BY_BYTES = /^(binary|(pg_catalog\.)?"?(C|POSIX|ucs_basic|pg_c_utf8)"?)$/i;

export function adopt(table: TableSchema, from: Engine): { table: TableSchema; notCarried: NotCarried[] } {
  const notCarried: NotCarried[] = [];
  const own = from === 'duckdb';
  const lose: Lose = (item) => notCarried.push({ table: table.name, ...item });
  const foreignKeys = table.foreignKeys.flatMap((key) => adoptForeignKey(key, table, lose));
  if (own) return { table: { ...table, foreignKeys, indexes: table.indexes.map(withoutOrder) }, notCarried };
  const columns = table.columns.map((column) => adoptColumn(column, table, lose));
  const adopted = { ...table, columns, foreignKeys, partitioning: undefined, inherits: undefined };
  return {
    table: {
      ...adopted,
      primaryKey: table.primaryKey && adoptKey(table.primaryKey, 'primary key', lose),
      uniques: table.uniques.map((key) => adoptKey(key, 'unique constraint', lose, table)),
      checks: table.checks.flatMap((check) => adoptCheck(check, adopted, lose)),
      indexes: table.indexes.flatMap((index) => adoptIndex(index, from, adopted, lose)),
    },
    notCarried,
  };
}

function adoptKey(
  key: KeySchema,
  object: 'primary key' | 'unique constraint',
  lose: Lose,
  table?: TableSchema,
): KeySchema {
  const name = key.name ?? `(${key.columns.join(', ')})`;
  const mayBeNull = table?.columns.some((column) => column.nullable && key.columns.includes(column.name));
  if (key.nullsNotDistinct && mayBeNull) {
    const reason = 'DuckDB takes several NULLs for distinct values';
    lose({ object, name, reason, instead: 'without NULLS NOT DISTINCT' });
  }
  if (key.deferrable) lose({ object, name, reason: 'DuckDB checks keys at once', instead: 'not deferrable' });
  if (key.comment) lose({ object: 'comment', name, reason: 'DuckDB has no comments on constraints' });
  return { name: key.name, columns: key.columns };
}

/** As DuckDB's catalog will list it. */
function withoutOrder(index: IndexSchema): IndexSchema {
  return {
    ...index,
    parts: index.parts.map(({ nulls: _nulls, ...part }) => ({ ...part, descending: false })),
  };
}

function adoptColumn(column: ColumnSchema, table: TableSchema, lose: Lose): ColumnSchema {
  const { name, nativeType: type, collation } = column;
  if (collation !== null && !BY_BYTES.test(collation)) {
    lose({
      object: 'collation',
      name: collation,
      column: name,
      reason: 'collations of other engines mean nothing to DuckDB; the column compares bytes',
    });
  }
  const generated = adoptGenerated(column, table, lose);
  const next: ColumnSchema = { ...column, collation: null, generated };
  if (generated) return { ...next, nullable: true, identity: null, default: null };
  if (column.identity) {
    const sequence = wireOf(type)?.kind === 'int' ? sequenceDefault(table, name) : null;
    if (sequence) {
      const { options } = column.identity;
      const identity = { ...column.identity, kind: 'serial' as const, ...(options ? { options } : {}) };
      return { ...next, identity, default: sequence };
    }
    lose({
      object: 'identity',
      name,
      column: name,
      reason: `a ${type} column can not be numbered by a sequence`,
    });
    return { ...next, identity: null, default: null };
  }
  return { ...next, default: adoptDefault(next, table, lose) };
}

function adoptGenerated(column: ColumnSchema, table: TableSchema, lose: Lose): ColumnSchema['generated'] {
  const { name, generated } = column;
  if (!generated) return null;
  const keys = [table.primaryKey, ...table.uniques, ...table.foreignKeys];
  const inKey = keys.some((key) => key?.columns.includes(name));
  const said = say(generated, table, column);
  if (said.sql !== null && !inKey) return { expression: said.sql, stored: false };
  const why = said.sql === null ? said.reason : 'DuckDB has no keys over generated columns';
  lose({
    object: 'generated column',
    name,
    column: name,
    reason: `its values are carried, not the expression that makes them: ${why}`,
    hint: generated.expression,
  });
  return null;
}

function adoptDefault(column: ColumnSchema, table: TableSchema, lose: Lose): DefaultValue | null {
  const { name, nativeType, default: value } = column;
  if (!value || value.kind === 'null') return null;
  if (value.kind === 'sequence' && value.options?.name) {
    // One that stands alone, or serves several columns.
    const { schema, name: own } = value.options.name;
    const place = { schema: schema === null || schema === 'public' ? 'main' : schema, name: plainName(own) };
    const sequence = quoteTable(place);
    return {
      ...value,
      sequence,
      sql: `nextval(${literal(sequence)})`,
      options: { ...value.options, name: place },
    };
  }
  const text = renderDefault(value, nativeType);
  if (text !== null) return { ...value, sql: text };
  let reason = 'DuckDB has no equal expression';
  if (value.kind === 'expression') {
    const said = say(value, table, column);
    if (said.sql !== null) return { kind: 'expression', sql: said.sql };
    reason = said.reason;
  }
  lose({ object: 'default', name, column: name, reason, hint: value.sql });
  return null;
}

/** Without quotation marks: nextval() takes them away, doubled or not. */
const plainName = (name: string): string => name.replaceAll('"', '');

function sequenceDefault(table: TableName, column: string): DefaultValue {
  const place = quoteTable({ schema: table.schema, name: plainName(`${table.name}_${column}_seq`) });
  return { kind: 'sequence', sequence: place, sql: `nextval(${literal(place)})` };
}

function adoptCheck(check: CheckSchema, table: TableSchema, lose: Lose): CheckSchema[] {
  const said = say(check, table);
  const generated = generatedIn(check, table);
  if (said.sql !== null && generated === null) return [{ name: check.name, expression: said.sql }];
  lose({
    object: 'check',
    name: check.name ?? check.expression,
    reason:
      said.sql === null ? said.reason : `DuckDB has no checks on generated columns, and ${generated} is one`,
    hint: `put it into the table's definition in DuckDB by hand: CHECK (${check.expression})`,
  });
  return [];
}

/** A generated column that stands in it. */
function generatedIn({ meaning }: Meaning, table: TableSchema): string | null {
  const used = meaning ? columnsOf(meaning) : [];
  return table.columns.find((column) => column.generated && used.includes(column.name))?.name ?? null;
}

function adoptForeignKey(key: ForeignKeySchema, table: TableSchema, lose: Lose): ForeignKeySchema[] {
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

function adoptIndex(index: IndexSchema, from: Engine, table: TableSchema, lose: Lose): IndexSchema[] {
  const { name } = index;
  const said = saidIndex(index, from, table);
  if (typeof said === 'string') {
    lose({ object: 'index', name, reason: said, hint: index.definition });
    return [];
  }
  if (index.parts.some((part) => part.descending || part.nulls)) {
    const reason = 'indexes of DuckDB keep no order';
    lose({ object: 'index', name, reason, instead: 'without DESC' });
  }
  return [withoutOrder(said)];
}

/** The index in words of DuckDB, or why there is none. */
function saidIndex(index: IndexSchema, from: Engine, table: TableSchema): IndexSchema | string {
  if (index.where !== null) return 'DuckDB has no partial indexes';
  if (index.method !== 'btree') return `DuckDB has no ${index.method} indexes`;
  if (!index.plain) return `it uses features that only ${from} has`;
  const parts: IndexPart[] = [];
  for (const part of index.parts) {
    const { column, expression, descending, collation } = part;
    if (collation !== null && !BY_BYTES.test(collation))
      return 'collations of other engines mean nothing to DuckDB';
    if (expression === null) {
      parts.push({ column, expression, descending, collation: null });
      continue;
    }
    const said = say(part, table);
    if (said.sql === null) return `its expression ${expression} is not carried: ${said.reason}`;
    parts.push({ column: null, expression: said.sql, descending, collation: null });
  }
  return { ...index, parts };
}
