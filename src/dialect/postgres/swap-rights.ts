// What a table has beside its columns and keys that a new one takes over: owner, rights, triggers, policies, comments,
// options. As statements, read while the old one has its name still. Main thread.
import type pg from 'pg';
import type { NotCarried } from '../../types/schema.ts';
import { quote, quoteTable } from './names.ts';

/** A statement that a swap can do without. */
export interface Optional {
  readonly sql: string;
  readonly object: NotCarried['object'];
  readonly name: string;
}

/** What becomes of a live table's belongings. */
export interface Belongings {
  /** Run after the names have moved; without one of them, the swap is undone. */
  readonly must: readonly string[];
  readonly may: readonly Optional[];
  readonly notCarried: readonly NotCarried[];
}

/** `from` has the rights, `to` gets them when it is called `place`; both oids as text. */
export async function ownerAndGrants(
  client: pg.Client,
  from: string,
  to: string,
  place: string,
): Promise<string[]> {
  const { rows } = await client.query<{ sql: string }>(
    `WITH c AS (SELECT * FROM pg_catalog.pg_class WHERE oid = $1::oid), n AS (SELECT * FROM pg_catalog.pg_class WHERE oid = $2::oid),
    who AS (SELECT oid, quote_ident(rolname) AS name FROM pg_catalog.pg_roles UNION ALL SELECT 0, 'PUBLIC'),
    held AS (SELECT DISTINCT a.grantee FROM n, aclexplode(n.relacl) a),
    given AS (SELECT a.*, NULL::text AS col FROM c, aclexplode(c.relacl) a
      UNION ALL SELECT x.*, quote_ident(a.attname) FROM c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped,
        aclexplode(a.attacl) x
      WHERE EXISTS (SELECT FROM pg_catalog.pg_attribute o WHERE o.attrelid = $2::oid AND o.attname = a.attname AND NOT o.attisdropped))
    SELECT 1 AS turn, format('ALTER %s %s OWNER TO %I', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
        $3::text, pg_get_userbyid(c.relowner)) AS sql
      FROM c WHERE c.relkind <> 'S' AND c.relowner <> (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)
    UNION ALL SELECT 2, format('REVOKE ALL ON %s %s FROM %s', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, $3::text, who.name)
      FROM c, held JOIN who ON who.oid = held.grantee WHERE $1::oid <> $2::oid
    UNION ALL SELECT 3, format('GRANT %s%s ON %s %s TO %s%s', g.privilege_type, coalesce(' (' || g.col || ')', ''),
        CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, $3::text, who.name,
        CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
      FROM c, given g JOIN who ON who.oid = g.grantee
    ORDER BY turn`,
    [from, to, place],
  );
  return rows.map((row) => row.sql);
}

/** All that goes from a live table to the one that takes its name. */
export async function belongings(
  client: pg.Client,
  table: { readonly schema: string; readonly name: string },
  live: string,
  built: string,
): Promise<Belongings> {
  const place = quoteTable(table);
  const policies = await lines(client, POLICIES, [live, place]);
  const triggers = await optionals(client, TRIGGERS, [live, place]);
  const rights = (await ownerAndGrants(client, live, built, place)).map((sql) => ({
    sql,
    object: 'grant' as const,
    name: sql,
  }));
  const sequences: Optional[] = [];
  const { rows } = await client.query<{ from: string; to: string; place: string }>(SEQUENCES, [live, built]);
  for (const { from, to, place: name } of rows)
    for (const sql of await ownerAndGrants(client, from, to, `${quote(table.schema)}.${quote(name)}`))
      sequences.push({ sql, object: 'grant', name: sql });
  const options = await optionals(client, OPTIONS, [live, built, place]);
  const left = await optionals(client, LEFT, [live]);
  const notCarried = left.map(({ object, name, sql }) => ({
    table: table.name,
    object,
    name,
    reason: 'it stays with the table that was replaced',
    hint: sql,
  }));
  return { must: policies, may: [...options, ...triggers, ...rights, ...sequences], notCarried };
}

async function lines(client: pg.Client, sql: string, values: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ sql: string }>(sql, [...values]);
  return rows.map((row) => row.sql);
}

async function optionals(client: pg.Client, sql: string, values: readonly string[]): Promise<Optional[]> {
  const { rows } = await client.query<Optional>(sql, [...values]);
  return rows;
}

/** A policy that was missing could show rows to those who may not see them. */
const POLICIES = `
SELECT sql FROM (
  SELECT 1 AS turn, format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, $2::text,
    CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
    (SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ') FROM unnest(p.polroles) r),
    coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''),
    coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')) AS sql
  FROM pg_catalog.pg_policy p WHERE p.polrelid = $1::oid
  UNION ALL SELECT 2, format('ALTER TABLE %s %s ROW LEVEL SECURITY', $2::text, x.what)
  FROM pg_catalog.pg_class c CROSS JOIN LATERAL (VALUES ('ENABLE', c.relrowsecurity), ('FORCE', c.relforcerowsecurity)) AS x (what, wanted)
  WHERE c.oid = $1::oid AND x.wanted) statements ORDER BY turn`;

const TRIGGERS = `
SELECT pg_catalog.pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'O' THEN ''
    ELSE format('; ALTER TABLE %s %s TRIGGER %I', $2::text,
      CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname) END AS sql,
  'trigger' AS object, t.tgname AS name
FROM pg_catalog.pg_trigger t WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal ORDER BY t.tgname`;

/** Sequences of the same columns of both tables. */
const SEQUENCES = `
WITH owned AS (
  SELECT d.refobjid AS rel, a.attname AS col, d.objid AS seq FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
    AND d.deptype IN ('a', 'i') AND d.refobjid IN ($1::oid, $2::oid))
SELECT o.seq::int8::text AS "from", n.seq::int8::text AS "to", (SELECT relname FROM pg_catalog.pg_class WHERE oid = n.seq) AS place
FROM owned o JOIN owned n ON n.col = o.col AND o.rel = $1::oid AND n.rel = $2::oid`;

/** Where the new table says nothing itself. */
const OPTIONS = `
WITH live AS (SELECT * FROM pg_catalog.pg_class WHERE oid = $1::oid), built AS (SELECT * FROM pg_catalog.pg_class WHERE oid = $2::oid),
fresh AS (SELECT a.attname, a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid = $2::oid AND a.attnum > 0 AND NOT a.attisdropped)
SELECT format('COMMENT ON TABLE %s IS %L', $3::text, obj_description(live.oid, 'pg_class')) AS sql, 'comment' AS object, live.relname AS name
  FROM live, built WHERE obj_description(live.oid, 'pg_class') IS NOT NULL AND obj_description(built.oid, 'pg_class') IS NULL
UNION ALL SELECT format('COMMENT ON COLUMN %s.%I IS %L', $3::text, a.attname, col_description(live.oid, a.attnum)), 'comment', a.attname
  FROM live JOIN pg_catalog.pg_attribute a ON a.attrelid = live.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN fresh USING (attname)
  WHERE col_description(live.oid, a.attnum) IS NOT NULL AND col_description($2::oid, fresh.attnum) IS NULL
UNION ALL SELECT format('ALTER TABLE %s SET (%I = %L)', $3::text, split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), 'table option', o
  FROM live, built, unnest(live.reloptions) o WHERE NOT coalesce(built.reloptions, '{}') && ARRAY[o]
UNION ALL SELECT format('ALTER TABLE %s REPLICA IDENTITY %s', $3::text, CASE live.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
    ELSE 'USING INDEX ' || quote_ident((SELECT i.relname FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
      WHERE x.indrelid = live.oid AND x.indisreplident)) END), 'table option', 'replica identity'
  FROM live, built WHERE live.relreplident <> 'd' AND built.relreplident = 'd'`;

/** What must be made by hand, if it is wanted. */
const LEFT = `
SELECT 'table option' AS object, 'publication ' || p.pubname AS name, format('ALTER PUBLICATION %I ADD TABLE %s; then refresh its subscriptions',
    p.pubname, r.prrelid::regclass) AS sql
  FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = $1::oid
UNION ALL SELECT 'rule', r.rulename, pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite r WHERE r.ev_class = $1::oid
UNION ALL SELECT 'table option', 'statistics ' || s.stxname, pg_get_statisticsobjdef(s.oid) FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = $1::oid`;
