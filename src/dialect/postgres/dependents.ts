// What else in the target hangs on a table that is to be replaced. Main thread.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableName } from '../../types/schema.ts';
import { quote, quoteTable } from './names.ts';

interface ForeignKeyRow {
  readonly schema: string;
  readonly name: string;
  readonly constraint: string;
}

/** Foreign keys of other tables that point at the table. */
export async function incomingKeys(client: pg.Client, table: TableName): Promise<ForeignKeyRow[]> {
  const { rows } = await client.query<ForeignKeyRow>(
    `SELECT n.nspname AS schema, c.relname AS name, k.conname AS constraint
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype = 'f' AND k.confrelid = to_regclass($1) AND k.conrelid <> k.confrelid AND k.conparentid = 0`,
    [quoteTable(table)],
  );
  return rows;
}

/** Views and the like whose definition names the table. */
async function dependentViews(
  client: pg.Client,
  table: TableName,
): Promise<{ name: string; kind: string }[]> {
  const { rows } = await client.query<{ name: string; kind: string }>(
    `SELECT DISTINCT v.oid::regclass::text AS name,
      CASE v.relkind WHEN 'm' THEN 'materialized view' WHEN 'v' THEN 'view' ELSE 'rule of table' END AS kind
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass($1) AND v.oid <> d.refobjid`,
    [quoteTable(table)],
  );
  return rows;
}

/**
 * A table may be replaced if only tables of the same run depend on it.
 * @throws FerrowError E_TABLE_IN_USE that names what depends on it
 */
export async function refuseIfInUse(
  client: pg.Client,
  table: TableName,
  run: readonly TableName[],
): Promise<void> {
  const ofRun = new Set(run.map(quoteTable));
  const keys = (await incomingKeys(client, table)).filter((key) => !ofRun.has(quoteTable(key)));
  const views = await dependentViews(client, table);
  if (keys.length === 0 && views.length === 0) return;
  const [key] = keys;
  const [view] = views;
  const what = key
    ? `the foreign key "${key.constraint}" of table "${key.name}"`
    : `the ${view.kind} ${view.name}`;
  const hint = key
    ? `ALTER TABLE ${quoteTable(key)} DROP CONSTRAINT ${quote(key.constraint)}, or bring that table along`
    : `drop the ${view.kind} ${view.name} first and make it again afterwards`;
  throw new FerrowError('E_TABLE_IN_USE', `"${table.name}" can't be replaced: ${what} depends on it`, {
    dialect: 'postgres',
    table: table.name,
    hint,
  });
}
