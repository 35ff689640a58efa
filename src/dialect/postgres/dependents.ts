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

/** Tables that inherit from the table; partitions don't count, they go with it. */
async function heirs(client: pg.Client, table: TableName): Promise<(TableName & { schema: string })[]> {
  const { rows } = await client.query<TableName & { schema: string }>(
    `SELECT n.nspname AS schema, c.relname AS name
    FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND NOT c.relispartition
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE i.inhparent = to_regclass($1) AND c.relkind IN ('r', 'p', 'f')`,
    [quoteTable(table)],
  );
  return rows;
}

/**
 * Lets go of the tables that inherit from one that is to be dropped; they are replaced, too. Their defaults may take
 * numbers from its sequences.
 */
export async function releaseHeirs(client: pg.Client, table: TableName): Promise<void> {
  for (const heir of await heirs(client, table)) {
    await client.query(`ALTER TABLE ${quoteTable(heir)} NO INHERIT ${quoteTable(table)}`);
    const { rows } = await client.query<{ column: string }>(
      `SELECT a.attname AS column FROM pg_catalog.pg_depend own
        JOIN pg_catalog.pg_class s ON s.oid = own.objid AND s.relkind = 'S'
        JOIN pg_catalog.pg_depend used ON used.refclassid = 'pg_class'::regclass AND used.refobjid = s.oid
          AND used.classid = 'pg_attrdef'::regclass
        JOIN pg_catalog.pg_attrdef d ON d.oid = used.objid
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE own.classid = 'pg_class'::regclass AND own.refclassid = 'pg_class'::regclass
        AND own.refobjid = to_regclass($1) AND own.deptype IN ('a', 'i') AND d.adrelid = to_regclass($2)`,
      [quoteTable(table), quoteTable(heir)],
    );
    for (const { column } of rows)
      await client.query(`ALTER TABLE ${quoteTable(heir)} ALTER ${quote(column)} DROP DEFAULT`);
  }
}

/** A view or a materialised view, if it is there. */
export async function dropView(client: pg.Client, view: TableName): Promise<void> {
  const { rows } = await client.query<{ kind: string }>(
    `SELECT relkind AS kind FROM pg_catalog.pg_class WHERE oid = to_regclass($1) AND relkind IN ('v', 'm')`,
    [quoteTable(view)],
  );
  if (!rows[0]) return;
  await client.query(`DROP ${rows[0].kind === 'm' ? 'MATERIALIZED VIEW' : 'VIEW'} ${quoteTable(view)}`);
}

interface ViewRow {
  readonly schema: string;
  readonly relation: string;
  readonly name: string;
  readonly kind: string;
}

/** Views and the like whose definition names the table. */
async function dependentViews(client: pg.Client, table: TableName): Promise<ViewRow[]> {
  const { rows } = await client.query<ViewRow>(
    `SELECT DISTINCT v.oid::regclass::text AS name, n.nspname AS schema, v.relname AS relation,
      CASE v.relkind WHEN 'm' THEN 'materialized view' WHEN 'v' THEN 'view' ELSE 'rule of table' END AS kind
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_catalog.pg_class v ON v.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass($1) AND v.oid <> d.refobjid`,
    [quoteTable(table)],
  );
  return rows;
}

/**
 * A table may be replaced if only tables of the same run depend on it, and views that the run makes again.
 * @throws FerrowError E_TABLE_IN_USE that names what depends on it
 */
export async function refuseIfInUse(
  client: pg.Client,
  table: TableName,
  run: { readonly tables: readonly TableName[]; readonly replaced: readonly TableName[] },
  remade: readonly TableName[],
): Promise<void> {
  const ofRun = new Set(run.tables.map(quoteTable));
  const replaced = new Set(run.replaced.map(quoteTable));
  const again = new Set(remade.map(quoteTable));
  const refuse = (what: string, hint: string) => {
    throw new FerrowError('E_TABLE_IN_USE', `"${table.name}" can't be replaced: ${what} depends on it`, {
      dialect: 'postgres',
      table: table.name,
      hint,
    });
  };
  const [key] = (await incomingKeys(client, table)).filter((each) => !ofRun.has(quoteTable(each)));
  if (key) {
    const drop = `ALTER TABLE ${quoteTable(key)} DROP CONSTRAINT ${quote(key.constraint)}`;
    refuse(
      `the foreign key "${key.constraint}" of table "${key.name}"`,
      `${drop}, or bring that table along`,
    );
  }
  const [heir] = (await heirs(client, table)).filter((each) => !replaced.has(quoteTable(each)));
  if (heir) {
    const part = `ALTER TABLE ${quoteTable(heir)} NO INHERIT ${quoteTable(table)}`;
    refuse(`the table "${heir.name}", which inherits from it,`, `${part}, or bring that table along`);
  }
  for (const relation of [table, ...remade]) {
    const views = await dependentViews(client, relation);
    const view = views.find((each) => !again.has(quoteTable({ schema: each.schema, name: each.relation })));
    if (!view) continue;
    refuse(
      `the ${view.kind} ${view.name}`,
      `drop the ${view.kind} ${view.name} first and make it again afterwards`,
    );
  }
}

/**
 * Partitions take their own names; a table that has one already must be part of what is replaced.
 * @throws FerrowError E_TABLE_EXISTS
 */
export async function refuseTakenPartitions(
  client: pg.Client,
  table: TableName,
  partitions: readonly TableName[],
): Promise<void> {
  if (partitions.length === 0) return;
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name
    WHERE to_regclass(name) IS NOT NULL AND (to_regclass($2) IS NULL
      OR to_regclass(name) NOT IN (SELECT relid FROM pg_catalog.pg_partition_tree(to_regclass($2))))`,
    [partitions.map(quoteTable), quoteTable(table)],
  );
  if (!rows[0]) return;
  const message = `the target already has a table ${rows[0].name}, and "${table.name}" has a partition of that name`;
  throw new FerrowError('E_TABLE_EXISTS', message, {
    dialect: 'postgres',
    table: table.name,
    hint: `drop or rename ${rows[0].name} in the target`,
  });
}
