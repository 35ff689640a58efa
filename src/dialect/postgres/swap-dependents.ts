// What hangs on tables that are swapped, and how it comes to hang on the new ones. All of it is read before a name moves:
// the server prints definitions with the names of that moment, and the same text then means the new tables. Main thread.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableName } from '../../types/schema.ts';
import { quote, quoteTable } from './names.ts';
import { ownerAndGrants } from './swap-rights.ts';

/** A view, in an order in which they can be made. */
export interface DependentView extends TableName {
  readonly oid: string;
  readonly schema: string;
  readonly kind: 'v' | 'm';
  readonly owner: string;
}

/** A foreign key, to be added again when its tables stand. */
export interface KeptKey extends TableName {
  readonly schema: string;
  readonly constraint: string;
  readonly definition: string;
  readonly comment: string | null;
  /** The key stands on a partitioned table. */
  readonly partitioned: boolean;
  /** The table that it points at. */
  readonly parent: { readonly schema: string; readonly name: string };
}

/** Views and materialised views over the tables, and over each other. `oids` as text. */
export async function viewsOver(client: pg.Client, oids: readonly string[]): Promise<DependentView[]> {
  const { rows } = await client.query<DependentView>(
    `WITH RECURSIVE dep AS (
      SELECT unnest($1::oid[]) AS oid, 0 AS depth
      UNION SELECT v.oid, dep.depth + 1 FROM dep
        JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = dep.oid
          AND d.classid = 'pg_catalog.pg_rewrite'::regclass
        JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
        JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.oid <> dep.oid AND v.relkind IN ('v', 'm'))
    SELECT c.oid::int8::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
      pg_catalog.pg_get_userbyid(c.relowner) AS owner
    FROM (SELECT oid, max(depth) AS depth FROM dep WHERE depth > 0 GROUP BY oid) v
      JOIN pg_catalog.pg_class c ON c.oid = v.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    ORDER BY v.depth, n.nspname, c.relname`,
    [oids],
  );
  return rows;
}

/** Foreign keys between the tables and any other table, in both directions; those of a table to itself stay with it. */
export async function keysOf(client: pg.Client, oids: readonly string[]): Promise<KeptKey[]> {
  const { rows } = await client.query<KeptKey>(
    `SELECT n.nspname AS schema, c.relname AS name, k.conname AS constraint, pg_catalog.pg_get_constraintdef(k.oid) AS definition,
      pg_catalog.obj_description(k.oid, 'pg_constraint') AS comment, c.relkind = 'p' AS partitioned,
      json_build_object('schema', pn.nspname, 'name', p.relname) AS parent
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
      JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
    WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid <> k.confrelid
      AND (k.confrelid = ANY ($1::oid[]) OR k.conrelid = ANY ($1::oid[]))
    ORDER BY n.nspname, c.relname, k.conname`,
    [oids],
  );
  return rows;
}

/** The statements that make a view mean the new tables; for a materialised view, that make it anew. */
export async function remakingStatements(client: pg.Client, view: DependentView): Promise<string[]> {
  const { rows } = await client.query<{
    definition: string;
    options: string | null;
    populated: boolean;
    indexes: string[];
    comments: string[];
  }>(
    `SELECT rtrim(pg_catalog.pg_get_viewdef(c.oid), '; ') AS definition, c.relispopulated AS populated,
      (SELECT string_agg(format('%I = %L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ')
        FROM unnest(c.reloptions) o) AS options,
      ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid) AS indexes,
      ARRAY(SELECT CASE WHEN d.objsubid = 0 THEN format('COMMENT ON MATERIALIZED VIEW %s IS %L', $2::text, d.description)
          ELSE format('COMMENT ON COLUMN %s.%I IS %L', $2::text, a.attname, d.description) END
        FROM pg_catalog.pg_description d
          LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
        WHERE d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = c.oid) AS comments
    FROM pg_catalog.pg_class c WHERE c.oid = $1::oid`,
    [view.oid, quoteTable(view)],
  );
  const [{ definition, options, populated, indexes, comments }] = rows;
  const withOptions = options === null ? '' : ` WITH (${options})`;
  if (view.kind === 'v') return [`CREATE OR REPLACE VIEW ${quoteTable(view)}${withOptions} AS ${definition}`];
  const data = populated ? 'WITH DATA' : 'WITH NO DATA';
  return [
    `CREATE MATERIALIZED VIEW ${quoteTable(view)}${withOptions} AS ${definition} ${data}`,
    ...indexes,
    ...comments,
    ...(await ownerAndGrants(client, view.oid, view.oid, quoteTable(view))),
  ];
}

/** Functions whose body is bound to what they read (BEGIN ATOMIC): their definitions, for after the swap. */
export async function boundFunctions(client: pg.Client, oids: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ definition: string }>(
    `SELECT DISTINCT pg_catalog.pg_get_functiondef(p.oid) AS definition FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_proc p ON p.oid = d.objid AND d.classid = 'pg_catalog.pg_proc'::regclass
    WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = ANY ($1::oid[]) AND p.prosqlbody IS NOT NULL`,
    [oids],
  );
  return rows.map((row) => row.definition);
}

/**
 * Things that hang on the tables, or on materialised views over them, and that no statement brings over.
 * @throws FerrowError E_TABLE_IN_USE
 */
export async function refuseOthers(
  client: pg.Client,
  tables: ReadonlyMap<string, TableName>,
  views: readonly DependentView[],
): Promise<void> {
  const made = views.filter((view) => view.kind === 'm').map((view) => view.oid);
  const { rows } = await client.query<{ on: string; what: string }>(
    `WITH at AS (SELECT c.oid, c.reltype FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1::oid[]))
    SELECT at.oid::int8::text AS on, pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS what
    FROM at JOIN pg_catalog.pg_depend d
      ON (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = at.oid)
      OR (d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (at.reltype,
        (SELECT t.typarray FROM pg_catalog.pg_type t WHERE t.oid = at.reltype)))
    WHERE d.deptype = 'n' AND d.classid <> 'pg_catalog.pg_constraint'::regclass
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef x WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND x.oid = d.objid AND x.adrelid = at.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy x WHERE d.classid = 'pg_catalog.pg_policy'::regclass AND x.oid = d.objid AND x.polrelid = at.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger x WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND x.oid = d.objid AND x.tgrelid = at.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite x JOIN pg_catalog.pg_class v ON v.oid = x.ev_class
        WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND x.oid = d.objid AND (v.oid = at.oid OR v.relkind IN ('v', 'm')))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc x WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND x.oid = d.objid
        AND x.prosqlbody IS NOT NULL AND d.refclassid = 'pg_catalog.pg_class'::regclass)
      AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND d.objid IN (SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = at.oid))
      AND d.classid NOT IN ('pg_catalog.pg_publication_rel'::regclass, 'pg_catalog.pg_statistic_ext'::regclass)
    LIMIT 1`,
    [[...tables.keys(), ...made]],
  );
  const numbered = rows.length > 0 ? [] : await numberedElsewhere(client, [...tables.keys()]);
  const [other] = [...rows, ...numbered];
  if (!other) return;
  const name = tables.get(other.on)?.name ?? views.find((view) => view.oid === other.on)?.name;
  throw new FerrowError('E_TABLE_IN_USE', `"${name}" can't be swapped: ${other.what} depends on it`, {
    dialect: 'postgres',
    table: name,
    hint: 'drop it before the run and make it again afterwards, or use --if-exists replace',
  });
}

/** Columns of other tables that take their numbers from the sequence of one of these. */
async function numberedElsewhere(
  client: pg.Client,
  oids: readonly string[],
): Promise<{ on: string; what: string }[]> {
  const { rows } = await client.query<{ on: string; what: string }>(
    `SELECT d.refobjid::int8::text AS on, pg_catalog.pg_describe_object(u.classid, u.objid, 0) AS what
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
      JOIN pg_catalog.pg_depend u ON u.refclassid = 'pg_catalog.pg_class'::regclass AND u.refobjid = s.oid
        AND u.classid = 'pg_catalog.pg_attrdef'::regclass
      JOIN pg_catalog.pg_attrdef f ON f.oid = u.objid AND f.adrelid <> ALL ($1::oid[])
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
      AND d.refobjid = ANY ($1::oid[]) AND d.deptype IN ('a', 'i') LIMIT 1`,
    [oids],
  );
  return rows;
}

/** Tables of an inheritance tree, partitioned or not, are one with others. @throws FerrowError E_TABLE_IN_USE */
export async function refuseFamilies(
  client: pg.Client,
  tables: ReadonlyMap<string, TableName>,
): Promise<void> {
  const { rows } = await client.query<{ oid: string }>(
    `SELECT c.oid::int8::text AS oid FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1::oid[]) AND (c.relkind = 'p'
      OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))) LIMIT 1`,
    [[...tables.keys()]],
  );
  if (rows[0]) throw familyError(tables.get(rows[0].oid)?.name ?? '');
}

export function familyError(table: string): FerrowError {
  return new FerrowError(
    'E_TABLE_IN_USE',
    `"${table}" can't be swapped: it is partitioned, or inherits from a table or is inherited from`,
    {
      dialect: 'postgres',
      table,
      hint: `leave it out with --exclude "${table}", and move it in a run of its own with --if-exists replace`,
    },
  );
}

export function addKey(key: KeptKey): string {
  const { definition, partitioned } = key;
  const late = partitioned || / NOT (VALID|ENFORCED)$/.test(definition) ? '' : ' NOT VALID';
  return `ALTER TABLE ${quoteTable(key)} ADD CONSTRAINT ${quote(key.constraint)} ${definition}${late}`;
}

/** Whether the key was valid, and is to be again. */
export function isToValidate(key: KeptKey): boolean {
  return addKey(key).endsWith(' NOT VALID') && !key.definition.endsWith(' NOT VALID');
}
