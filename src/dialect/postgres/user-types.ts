// Types of the user's own as statements: enums, domains, composite types, ranges. `userTypeStatements` is pure;
// `makeUserTypes` runs on the main thread, in the transaction that prepares a load.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { UserType } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { literal, quote, quoteTable } from './names.ts';

/** The statements that make a type; what it needs must be there. */
export function userTypeStatements(type: UserType): string[] {
  const statements = [definition(type)];
  if (type.comment) {
    const what = type.kind === 'domain' ? 'DOMAIN' : 'TYPE';
    statements.push(`COMMENT ON ${what} ${quoteTable(type)} IS ${literal(type.comment)}`);
  }
  return statements;
}

function definition(type: UserType): string {
  switch (type.kind) {
    case 'enum':
      return `CREATE TYPE ${quoteTable(type)} AS ENUM (${type.labels.map(literal).join(', ')})`;
    case 'composite': {
      const fields = type.fields.map((field) => `${quote(field.name)} ${field.nativeType}`);
      return `CREATE TYPE ${quoteTable(type)} AS (${fields.join(', ')})`;
    }
    case 'domain': {
      let sql = `CREATE DOMAIN ${quoteTable(type)} AS ${type.nativeType}`;
      if (type.collation !== null) sql += ` COLLATE ${type.collation}`;
      if (type.defaultSql !== null) sql += ` DEFAULT ${type.defaultSql}`;
      if (!type.nullable) sql += ' NOT NULL';
      for (const { name, expression } of type.checks)
        sql += `${name === null ? '' : ` CONSTRAINT ${quote(name)}`} CHECK (${expression})`;
      return sql;
    }
    case 'other':
      return type.definition;
  }
}

/** Each type once, in the order in which they can be made. */
export function distinctTypes(types: readonly UserType[]): UserType[] {
  const byName = new Map<string, UserType>();
  for (const type of types) if (!byName.has(quoteTable(type))) byName.set(quoteTable(type), type);
  return [...byName.values()];
}

/** The types that the columns of the tables to be made need. */
export function neededTypes(loads: readonly TableLoad[]): UserType[] {
  return distinctTypes(
    loads
      .filter((load) => load.mode !== 'append')
      .flatMap((load) => load.table.columns.flatMap((column) => column.needs ?? [])),
  );
}

/**
 * Makes the types that are missing. One of the same name that is there is used; whether it is the same the plan has
 * looked at, and an enum's labels are looked at again, since its values would end elsewhere.
 * @throws FerrowError E_PRIVILEGE, E_DDL, E_TYPE_MISMATCH
 */
export async function makeUserTypes(
  client: pg.Client,
  types: readonly UserType[],
  role: string,
): Promise<void> {
  if (types.length === 0) return;
  const there = await existing(client, types);
  for (const type of types) {
    const found = there.get(quoteTable(type));
    if (found !== undefined) {
      refuseIfOther(type, found);
      continue;
    }
    try {
      for (const statement of userTypeStatements(type)) await client.query(statement);
    } catch (error) {
      throw typeError(error, type, role);
    }
  }
}

function typeError(error: unknown, type: UserType, role: string): FerrowError {
  const known = fromPostgres(error, 'ddl');
  const message = `the type ${quoteTable(type)} can't be made: ${known.message}`;
  if (sqlState(error) === '42501') {
    const hint = `GRANT CREATE ON SCHEMA ${quote(type.schema ?? 'public')} TO ${quote(role)}`;
    return new FerrowError('E_PRIVILEGE', message, { dialect: 'postgres', hint, cause: known });
  }
  return new FerrowError(known.code, message, { dialect: 'postgres', cause: known });
}

interface Existing {
  readonly kind: string;
  readonly labels: string[] | null;
  readonly fields: string[] | null;
}

async function existing(client: pg.Client, types: readonly UserType[]): Promise<Map<string, Existing>> {
  const { rows } = await client.query<Existing & { schema: string; name: string }>(
    `SELECT n.nspname AS schema, t.typname AS name, t.typtype AS kind,
      (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels,
      (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS fields
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    JOIN unnest($1::text[], $2::text[]) AS w (schema, name) ON w.schema = n.nspname AND w.name = t.typname`,
    [types.map((type) => type.schema ?? 'public'), types.map((type) => type.name)],
  );
  return new Map(rows.map((row) => [quoteTable(row), row]));
}

function refuseIfOther(type: UserType, found: Existing): void {
  const kinds = { enum: 'e', domain: 'd', composite: 'c', other: found.kind };
  const same =
    found.kind === kinds[type.kind] &&
    (type.kind !== 'enum' || JSON.stringify(found.labels ?? []) === JSON.stringify(type.labels)) &&
    (type.kind !== 'composite' ||
      JSON.stringify(found.fields ?? []) === JSON.stringify(type.fields.map((field) => field.name)));
  if (same) return;
  throw new FerrowError('E_TYPE_MISMATCH', `the target has another type called ${quoteTable(type)}`, {
    dialect: 'postgres',
    hint: `rename or drop it in the target, or leave the columns that need it out with --columns`,
  });
}
