// Fits a table into what PostgreSQL can express. The columns already have its types. What came from PostgreSQL stays
// as it is; of other engines' tables, SQL that only they understand is left out and listed. Pure.
import { columnsOf } from '../../sql/sql.ts';
import type { Engine } from '../../types/logical-type.ts';
import type {
  CheckSchema,
  ColumnSchema,
  DefaultValue,
  IndexPart,
  IndexSchema,
  KeySchema,
  NotCarried,
  TableName,
  TableSchema,
} from '../../types/schema.ts';
import { defaultSql } from './default-sql.ts';
import { fittingName, literal, quoteTable } from './names.ts';
import { say } from './say.ts';
import { tableFacts } from './table-facts.ts';

/** Collations that every server has. */
const COMMON_COLLATION = /^pg_catalog\.("C"|"POSIX"|"?ucs_basic"?|"?unicode"?|"?pg_c_utf8"?|".*-x-icu")$/;

const INTEGER = /^(smallint|integer|bigint)$/;

export function adopt(table: TableSchema, from: Engine): { table: TableSchema; notCarried: NotCarried[] } {
  const list = new Listing(table.name);
  const same = from === 'postgres';
  const columns = table.columns.map((column) => adoptColumn(asKey(column, table), table, same, list));
  const adopted = { ...(same ? ownShape(table, list) : table), columns };
  return {
    table: {
      ...adopted,
      primaryKey: table.primaryKey && adoptName(table.primaryKey, 'primary key', list),
      uniques: table.uniques.map((unique) => adoptName(unique, 'unique constraint', list)),
      foreignKeys: table.foreignKeys.map((foreignKey) => adoptName(foreignKey, 'foreign key', list)),
      checks: same
        ? table.checks.filter((check) => !check.ofDomain)
        : table.checks.flatMap((check) => adoptCheck(check, adopted, list)),
      indexes: table.indexes.flatMap((index) => adoptIndex(index, from, adopted, list)),
      comment: adoptComment(table.comment, null, list),
    },
    notCarried: list.items,
  };
}

/** Partitions and parents of a table need all of its columns. */
function ownShape(table: TableSchema, list: Listing): TableSchema {
  const { columnCount } = tableFacts(table);
  if (columnCount === null || table.columns.length >= columnCount) return table;
  const reason = 'some of its columns are left out';
  if (table.partitioning)
    list.add('table option', 'partitions', reason, `PARTITION BY ${table.partitioning.key}`);
  for (const parent of table.inherits ?? [])
    list.add('table option', `inheritance from ${parent.name}`, reason);
  return { ...table, partitioning: null, inherits: [] };
}

class Listing {
  readonly items: NotCarried[] = [];
  readonly #table: string;

  constructor(table: string) {
    this.#table = table;
  }

  /** It is carried, under a name that fits. */
  rename(object: NotCarried['object'], name: string, fitting: string): void {
    const reason = 'its name is too long for PostgreSQL';
    this.items.push({ table: this.#table, object, name, reason, instead: `as ${fitting}` });
  }

  /** It is carried, but otherwise. */
  change(
    object: NotCarried['object'],
    name: string,
    reason: string,
    instead: string,
    column: string | null,
  ): void {
    const place = column === null ? {} : { column };
    this.items.push({ table: this.#table, object, name, reason, instead, ...place });
  }

  add(object: NotCarried['object'], name: string, reason: string, hint?: string, column?: string): void {
    this.items.push({
      table: this.#table,
      object,
      name,
      reason,
      ...(column === undefined ? {} : { column }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** Columns of the primary key hold no NULL, declared or not. */
function asKey(column: ColumnSchema, table: TableSchema): ColumnSchema {
  return table.primaryKey?.columns.includes(column.name) ? { ...column, nullable: false } : column;
}

function adoptColumn(column: ColumnSchema, table: TableSchema, same: boolean, list: Listing): ColumnSchema {
  const { name, nativeType } = column;
  const comment = adoptComment(column.comment, name, list);
  let { collation, identity } = column;
  if (collation !== null && !(same && COMMON_COLLATION.test(collation))) {
    const reason = same ? 'the target may lack this collation' : 'it is a collation of another engine';
    list.add('collation', collation, reason, undefined, name);
    collation = null;
  }
  const generated = same ? column.generated : adoptGenerated(column, table, list);
  const { default: value } = column;
  const fromSequence = value?.kind === 'sequence' && value.options?.name !== undefined;
  // An identity holds no NULL and only integers; a default from a sequence may stand anywhere.
  if (identity?.kind === 'serial' && fromSequence && (column.nullable || !INTEGER.test(nativeType)))
    identity = null;
  if (identity && !INTEGER.test(nativeType)) {
    list.add('identity', name, `only integers number themselves, and it is ${nativeType}`, undefined, name);
    identity = null;
  }
  if (!same && identity === null && value?.kind === 'sequence' && !fromSequence) {
    // What the column does with a sequence of its own is what an identity does.
    if (!column.nullable && INTEGER.test(nativeType)) identity = { kind: 'by-default' };
  }
  const standing = identity || generated ? null : adoptDefault(column, table, same, list);
  return { ...column, collation, identity, generated, comment, default: standing };
}

function adoptGenerated(column: ColumnSchema, table: TableSchema, list: Listing): ColumnSchema['generated'] {
  const { name, generated } = column;
  if (!generated) return null;
  const said = say(generated, table, column);
  const uses = generated.meaning ? columnsOf(generated.meaning) : [];
  const other = table.columns.find((each) => each.generated && uses.includes(each.name));
  const obstacle =
    said.sql === null
      ? said.reason
      : other && `it uses the generated column "${other.name}", which PostgreSQL does not allow`;
  if (said.sql !== null && !obstacle) return { expression: said.sql, stored: true };
  const reason = `its values are carried, not the expression that makes them: ${obstacle}`;
  list.add('generated column', name, reason, generated.expression, name);
  return null;
}

function adoptDefault(
  column: ColumnSchema,
  table: TableSchema,
  same: boolean,
  list: Listing,
): DefaultValue | null {
  const { name, nativeType, default: value } = column;
  if (!value) return null;
  if (value.kind === 'sequence') {
    const place = value.options?.name;
    if (place) return atSequence(value, same ? place : ownPlace(place), place);
    const reason = `it takes numbers from the sequence ${value.sequence}, which can't be read`;
    list.add(
      'default',
      value.sql,
      reason,
      `create the sequence, then ALTER TABLE … SET DEFAULT ${value.sql}`,
      name,
    );
    return null;
  }
  if (same) return value;
  const sql = defaultSql(value, nativeType) ?? labelSql(value, column);
  if (sql !== null) return { ...value, sql };
  let reason = `no default of ${nativeType} says the same`;
  if (value.kind === 'expression') {
    const said = say(value, table, column);
    if (said.sql !== null) return { kind: 'expression', sql: said.sql };
    reason = said.reason;
  }
  list.add('default', value.sql, reason, undefined, name);
  return null;
}

/** A label as the default of a column of an enum, which is the last of the types that the column needs. */
function labelSql(value: DefaultValue, { nativeType, needs }: ColumnSchema): string | null {
  const type = needs?.at(-1);
  if (value.kind !== 'text' || type?.kind !== 'enum' || nativeType.endsWith(']')) return null;
  return type.labels.includes(value.value) ? literal(value.value) : null;
}

/** What other engines call their default schema has another name here. */
function ownPlace({ schema, name }: TableName): TableName {
  return { schema: schema === null || schema === 'main' ? 'public' : schema, name: fittingName(name) };
}

function atSequence(
  value: Extract<DefaultValue, { kind: 'sequence' }>,
  name: TableName,
  before: TableName,
): DefaultValue {
  if (name === before) return value;
  const sequence = quoteTable(name);
  const sql = `nextval(${literal(sequence)}::regclass)`;
  return { ...value, sequence, sql, options: { ...value.options, name } };
}

function adoptComment(comment: string | null, column: string | null, list: Listing): string | null {
  if (!comment?.includes('\0')) return comment;
  list.change('comment', column ?? 'of the table', 'PostgreSQL holds no NUL', 'without NUL', column);
  return comment.replaceAll('\0', '');
}

function adoptCheck(check: CheckSchema, table: TableSchema, list: Listing): CheckSchema[] {
  const said = say(check, table);
  const shown = check.name ?? check.expression;
  if (said.sql === null) {
    list.add(
      'check',
      shown,
      said.reason,
      `ALTER TABLE … ADD CHECK (…) in the target, for ${check.expression}`,
    );
    return [];
  }
  const name = check.name === null ? null : fittingName(check.name);
  if (name !== null && name !== check.name) list.rename('check', shown, name);
  return [{ name, expression: said.sql }];
}

function adoptName<Key extends KeySchema>(key: Key, object: NotCarried['object'], list: Listing): Key {
  if (key.name === null) return key;
  const name = fittingName(key.name);
  if (name !== key.name) list.rename(object, key.name, name);
  return { ...key, name };
}

function adoptIndex(index: IndexSchema, from: Engine, table: TableSchema, list: Listing): IndexSchema[] {
  const name = fittingName(index.name);
  const own = from === 'postgres';
  const said = own ? index : saidIndex(index, from, table);
  if (typeof said === 'string') {
    list.add('index', index.name, said, index.definition);
    return [];
  }
  if (name !== index.name) list.rename('index', index.name, name);
  return [{ ...said, name }];
}

/** An index of another engine in words of PostgreSQL, or why there are none. */
function saidIndex(index: IndexSchema, from: Engine, table: TableSchema): IndexSchema | string {
  if (!index.plain) return `it uses features of ${from}`;
  const parts: IndexPart[] = [];
  for (const { column, expression, descending, collation, ...meaning } of index.parts) {
    if (collation !== null) return `it sorts by ${collation}, a collation of ${from}`;
    if (expression === null) {
      parts.push({ column, expression, descending, collation });
      continue;
    }
    const said = say(meaning, table);
    if (said.sql === null) return `its expression ${expression} is not carried: ${said.reason}`;
    parts.push({ column: null, expression: said.sql, descending, collation });
  }
  const where = index.where === null ? null : say(index.whereMeaning ?? {}, table);
  if (where?.sql === null) return `its condition ${index.where} is not carried: ${where.reason}`;
  const { whereMeaning: _meaning, ...rest } = index;
  return { ...rest, parts, where: where?.sql ?? null, method: 'btree' };
}
