// Fits a table into what PostgreSQL can express. The columns already have its types. What came from PostgreSQL stays
// as it is; of other engines' tables, SQL that only they understand is left out and listed. Pure.
import type { Engine } from '../../types/logical-type.ts';
import type { ColumnSchema, IndexSchema, KeySchema, NotCarried, TableSchema } from '../../types/schema.ts';
import { defaultSql } from './default-sql.ts';
import { fittingName } from './names.ts';

/** Collations that every server has. */
const COMMON_COLLATION = /^pg_catalog\.("C"|"POSIX"|"?ucs_basic"?|"?unicode"?|"?pg_c_utf8"?|".*-x-icu")$/;

const INTEGER = /^(smallint|integer|bigint)$/;

export function adopt(table: TableSchema, from: Engine): { table: TableSchema; notCarried: NotCarried[] } {
  const list = new Listing(table.name);
  const same = from === 'postgres';
  return {
    table: {
      ...table,
      columns: table.columns.map((column) => adoptColumn(asKey(column, table), same, list)),
      primaryKey: table.primaryKey && adoptName(table.primaryKey, 'primary key', list),
      uniques: table.uniques.map((unique) => adoptName(unique, 'unique constraint', list)),
      foreignKeys: table.foreignKeys.map((foreignKey) => adoptName(foreignKey, 'foreign key', list)),
      checks: same
        ? table.checks
        : table.checks.filter((check) => {
            const reason = `its expression is SQL of ${from}: ${check.expression}`;
            list.add(
              'check',
              check.name ?? check.expression,
              reason,
              `ALTER TABLE … ADD CHECK (…) in the target`,
            );
            return false;
          }),
      indexes: table.indexes.flatMap((index) => adoptIndex(index, from, list)),
    },
    notCarried: list.items,
  };
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

function adoptColumn(column: ColumnSchema, same: boolean, list: Listing): ColumnSchema {
  const { name } = column;
  let { collation, identity, generated, default: value } = column;
  if (collation !== null && !(same && COMMON_COLLATION.test(collation))) {
    const reason = same ? 'the target may lack this collation' : 'it is a collation of another engine';
    list.add('collation', collation, reason, undefined, name);
    collation = null;
  }
  if (generated && !same) {
    list.add(
      'generated column',
      name,
      `its expression is SQL of another engine: ${generated.expression}`,
      undefined,
      name,
    );
    generated = null;
  }
  if (identity && !INTEGER.test(column.nativeType)) {
    list.add(
      'identity',
      name,
      `only integers number themselves, and it is ${column.nativeType}`,
      undefined,
      name,
    );
    identity = null;
  }
  if (value?.kind === 'sequence' && !same && !column.nullable && INTEGER.test(column.nativeType)) {
    // What the column does with the sequence is what an identity does.
    identity = { kind: 'by-default' };
    value = null;
  } else if (value?.kind === 'sequence') {
    const reason = `it takes numbers from the sequence ${value.sequence}, which is not carried`;
    list.add(
      'default',
      value.sql,
      reason,
      `create the sequence, then ALTER TABLE … SET DEFAULT ${value.sql}`,
      name,
    );
    value = null;
  } else if (value && !same) {
    const sql = identity ? null : defaultSql(value, column.nativeType);
    if (sql !== null) value = { ...value, sql };
    else {
      if (!identity)
        list.add('default', value.sql, `no default of ${column.nativeType} says the same`, undefined, name);
      value = null;
    }
  }
  return { ...column, collation, identity, generated, default: identity || generated ? null : value };
}

function adoptName<Key extends KeySchema>(key: Key, object: NotCarried['object'], list: Listing): Key {
  if (key.name === null) return key;
  const name = fittingName(key.name);
  if (name !== key.name) list.rename(object, key.name, name);
  return { ...key, name };
}

function adoptIndex(index: IndexSchema, from: Engine, list: Listing): IndexSchema[] {
  const name = fittingName(index.name);
  const leave = (reason: string) => {
    list.add('index', index.name, reason, index.definition);
    return [];
  };
  if (from !== 'postgres') {
    const expression = index.parts.find((part) => part.expression !== null);
    if (expression) return leave(`it is on an expression of ${from}: ${expression.expression}`);
    if (index.where !== null) return leave(`its condition is SQL of ${from}: ${index.where}`);
    if (!index.plain) return leave(`it uses features of ${from}`);
    const collated = index.parts.find((part) => part.collation !== null);
    if (collated) return leave(`it sorts by ${collated.collation}, a collation of ${from}`);
  }
  if (name !== index.name) list.rename('index', index.name, name);
  return [{ ...index, name, method: from === 'postgres' ? index.method : 'btree' }];
}
