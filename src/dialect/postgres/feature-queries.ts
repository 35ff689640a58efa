// The catalog's queries for what stands beside tables, and for what only PostgreSQL has of a table. As
// catalog-queries.ts: one query for all of a kind, `$1` the schemas or the tables' oids, an empty search_path.
import { IN_SCHEMAS, NOT_OF_EXTENSION } from './catalog-queries.ts';

/** How the sequences count, and where they are. */
export const SEQUENCES = `
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS full_name, n.nspname AS schema, c.relname AS name,
  format_type(s.seqtypid, NULL) AS type, s.seqstart::text AS start, s.seqmin::text AS min, s.seqmax::text AS max,
  s.seqincrement::text AS increment, s.seqcycle AS cycle, s.seqcache::text AS cache,
  CASE WHEN r.readable THEN pg_sequence_last_value(c.oid)::text END AS last,
  r.readable AND has_sequence_privilege(c.oid, 'SELECT') AS readable
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT has_sequence_privilege(c.oid, 'USAGE, SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS readable) r`;

/** Partitions below the tables `$1`, parents first, in the order of their bounds' text. */
export const PARTITIONS = `
WITH RECURSIVE parts (oid, parent, depth) AS (
  SELECT i.inhrelid, i.inhparent, 1 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
  WHERE i.inhparent = ANY ($1::oid[]) AND c.relkind = 'p'
  UNION ALL SELECT i.inhrelid, i.inhparent, p.depth + 1 FROM pg_inherits i JOIN parts p ON i.inhparent = p.oid)
SELECT c.oid::int8::text AS oid, p.parent::int8::text AS parent_oid, n.nspname AS schema, c.relname AS name,
  pg_get_expr(c.relpartbound, c.oid) AS bound, obj_description(c.oid, 'pg_class') AS comment,
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS part_key,
  c.relpersistence = 'u' AS unlogged
FROM parts p JOIN pg_class c ON c.oid = p.oid JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY p.depth, c.oid`;

/** Constraints that the partitions `$1` have of their own. */
export const OWN_CONSTRAINTS = `
SELECT k.conrelid::int8::text AS table_oid, k.conname AS name, pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint k
WHERE k.conrelid = ANY ($1::oid[]) AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conislocal AND k.coninhcount = 0
  AND k.conparentid = 0
ORDER BY k.conrelid, array_position('{p,u,x,c,f}'::"char"[], k.contype), k.conname`;

/** Defaults in which the partitions `$1` differ from the table above. */
export const OWN_DEFAULTS = `
SELECT a.attrelid::int8::text AS table_oid, CASE WHEN d.adbin IS NULL THEN format('ALTER COLUMN %I DROP DEFAULT', a.attname)
  ELSE format('ALTER COLUMN %I SET DEFAULT %s', a.attname, pg_get_expr(d.adbin, d.adrelid)) END AS action
FROM pg_attribute a JOIN pg_inherits i ON i.inhrelid = a.attrelid
  JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_attrdef e ON e.adrelid = p.attrelid AND e.adnum = p.attnum
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
  AND pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM pg_get_expr(e.adbin, e.adrelid)
ORDER BY a.attrelid, a.attnum`;

/** Of the indexes of partitions, those that belong to an index of the table above. */
export const INHERITED_INDEXES = `
SELECT i.indrelid::int8::text AS table_oid, c.relname AS name
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_inherits h ON h.inhrelid = i.indexrelid
WHERE i.indrelid = ANY ($1::oid[])`;

/** What ALTER TABLE has to do to make the tables `$1` in full: storage, options, identity for replication. */
export const ALTERS = `
WITH t AS (SELECT c.* FROM pg_class c WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p', 'm'))
SELECT t.oid::int8::text AS table_oid, 1 AS part, 'SET (' || string_agg(split_part(o.item, '=', 1) || ' = '
  || quote_literal(substr(o.item, strpos(o.item, '=') + 1)), ', ' ORDER BY o.of_toast, o.n) || ')' AS action
FROM t CROSS JOIN LATERAL (
  SELECT u.item, u.n, false AS of_toast FROM unnest(t.reloptions) WITH ORDINALITY AS u (item, n)
  UNION ALL SELECT 'toast.' || u.item, u.n, true
    FROM pg_class x CROSS JOIN LATERAL unnest(x.reloptions) WITH ORDINALITY AS u (item, n) WHERE x.oid = t.reltoastrelid) o
WHERE t.relkind = 'r' GROUP BY t.oid
UNION ALL
SELECT t.oid::int8::text, 2, format('ALTER COLUMN %I SET STORAGE %s', a.attname,
  CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END)
FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type y ON y.oid = a.atttypid WHERE a.attstorage <> y.typstorage
UNION ALL
SELECT t.oid::int8::text, 3, format('ALTER COLUMN %I SET COMPRESSION %s', a.attname,
  CASE a.attcompression WHEN 'l' THEN 'lz4' ELSE 'pglz' END)
FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attcompression <> ''
UNION ALL
SELECT t.oid::int8::text, 4, format('ALTER COLUMN %I SET STATISTICS %s', a.attname, a.attstattarget)
FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE coalesce(a.attstattarget, -1) >= 0
UNION ALL
SELECT t.oid::int8::text, 5, format('ALTER COLUMN %I SET (%s)', a.attname, array_to_string(a.attoptions, ', '))
FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE a.attoptions IS NOT NULL
UNION ALL
SELECT t.oid::int8::text, 6, CASE t.relreplident WHEN 'f' THEN 'REPLICA IDENTITY FULL' WHEN 'n' THEN 'REPLICA IDENTITY NOTHING'
  ELSE (SELECT format('REPLICA IDENTITY USING INDEX %I', x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
    WHERE i.indrelid = t.oid AND i.indisreplident) END
FROM t WHERE t.relreplident IN ('f', 'n', 'i')
UNION ALL
SELECT t.oid::int8::text, 7, format('CLUSTER ON %I', x.relname)
FROM t JOIN pg_index i ON i.indrelid = t.oid AND i.indisclustered JOIN pg_class x ON x.oid = i.indexrelid
ORDER BY 1, 2, 3`;

/** Views and materialised views. A partition that one reads counts as its root. */
export const VIEWS = `
SELECT c.oid::int8::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind = 'm' AS materialized,
  pg_get_viewdef(c.oid) AS sql, obj_description(c.oid, 'pg_class') AS comment, c.reloptions AS options,
  coalesce((SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS columns,
  (SELECT json_object_agg(a.attname, d.description) FROM pg_attribute a JOIN pg_description d
    ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS column_comments,
  (SELECT json_agg(DISTINCT jsonb_build_object('schema', tn.nspname, 'name', t.relname,
      'view_oid', CASE WHEN t.relkind IN ('v', 'm') THEN t.oid::int8::text END))
    FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid
    JOIN pg_class f ON f.oid = d.refobjid
    JOIN pg_class t ON t.oid = CASE WHEN f.relispartition THEN pg_partition_root(f.oid) ELSE f.oid END
      AND t.relkind IN ('r', 'p', 'v', 'm', 'f')
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
    WHERE r.ev_class = c.oid) AS reads
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND c.relname !~ '^_ferrow_' AND ${IN_SCHEMAS}
  AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}
ORDER BY c.oid`;

/** What stands beside tables and views and is not carried. */
export const OTHERS = `
SELECT n.nspname AS schema, c.relname AS name, NULL AS table_name,
  CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'sequence' END AS kind, NULL AS definition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${IN_SCHEMAS} AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')} AND (c.relkind = 'f' AND NOT c.relispartition
  OR c.relkind = 'S'
  AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.classid = 'pg_class'::regclass AND p.objid = c.oid AND p.deptype IN ('a', 'i')))
UNION ALL
SELECT n.nspname, t.tgname, c.relname, 'trigger', pg_get_triggerdef(t.oid)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND ${IN_SCHEMAS} AND NOT c.relispartition
UNION ALL
SELECT NULL, e.evtname, NULL, 'trigger', format('on %s', e.evtevent) FROM pg_event_trigger e WHERE $1::text[] IS NULL
UNION ALL
SELECT n.nspname, p.proname, NULL, 'function', NULL
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE ${IN_SCHEMAS} AND ${NOT_OF_EXTENSION('pg_proc', 'p.oid')}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
UNION ALL
SELECT n.nspname, p.polname, c.relname, 'policy', NULL
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${IN_SCHEMAS}
UNION ALL
SELECT n.nspname, r.rulename, c.relname, 'rule', pg_get_ruledef(r.oid)
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND ${IN_SCHEMAS}
UNION ALL
SELECT n.nspname, e.extname, NULL, 'extension', format('CREATE EXTENSION %I', e.extname)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' AND ${IN_SCHEMAS}
UNION ALL
SELECT n.nspname, format('%s to %s', string_agg(DISTINCT a.privilege_type, ', '), coalesce(g.rolname, 'public')), c.relname,
  'grant', format('GRANT %s ON %I.%I TO %s', string_agg(DISTINCT a.privilege_type, ', '), n.nspname, c.relname,
    coalesce(quote_ident(g.rolname), 'PUBLIC'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) a
  LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND a.grantee <> c.relowner AND ${IN_SCHEMAS}
  AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}
GROUP BY n.nspname, c.relname, g.rolname
UNION ALL
SELECT n.nspname, format('%s on column %s to %s', string_agg(DISTINCT a.privilege_type, ', '), k.attname, coalesce(g.rolname, 'public')),
  c.relname, 'grant', format('GRANT %s (%I) ON %I.%I TO %s', string_agg(DISTINCT a.privilege_type, ', '), k.attname, n.nspname,
    c.relname, coalesce(quote_ident(g.rolname), 'PUBLIC'))
FROM pg_attribute k JOIN pg_class c ON c.oid = k.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL aclexplode(k.attacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND k.attacl IS NOT NULL AND NOT k.attisdropped
  AND ${IN_SCHEMAS} AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}
GROUP BY n.nspname, c.relname, k.attname, g.rolname
UNION ALL
SELECT n.nspname, s.stxname, c.relname, 'table option', pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${IN_SCHEMAS} AND NOT c.relispartition
UNION ALL
SELECT n.nspname, 'publication ' || quote_ident(p.pubname), c.relname, 'table option', NULL
FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${IN_SCHEMAS}
UNION ALL
SELECT n.nspname, 'tablespace ' || quote_ident(s.spcname), c.relname, 'table option', NULL
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_tablespace s ON s.oid = c.reltablespace
WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND ${IN_SCHEMAS} AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}
UNION ALL
SELECT n.nspname, 'row level security', c.relname, 'table option', format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relrowsecurity AND ${IN_SCHEMAS} AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}
ORDER BY 1, 4, 2`;
