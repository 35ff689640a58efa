// The catalog's queries: one for all tables at once, never one per table. `$1` is the list of schemas, or NULL for
// all. They run with an empty search_path, so that the server qualifies every name it prints.

/** Schemas that belong to the server or to Ferrow. */
const FOREIGN_SCHEMAS = `n.nspname <> 'information_schema' AND n.nspname !~ '^_ferrow(_[0-9a-f]{8}_[0-9]+(_parked)?)?$'
  AND n.nspname !~ '^pg_(catalog$|toast|temp_)'`;

export const NOT_OF_EXTENSION = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '${catalog}'::regclass AND x.objid = ${oid} AND x.deptype = 'e')`;

export const IN_SCHEMAS = `($1::text[] IS NULL OR n.nspname = ANY ($1::text[])) AND ${FOREIGN_SCHEMAS}`;

/**
 * Ordinary and partitioned tables, and materialised views; partitions are part of their root, staging tables are
 * Ferrow's own.
 */
export const TABLES = `
SELECT c.oid::int8::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
  c.relpersistence AS persistence, obj_description(c.oid, 'pg_class') AS comment, c.relrowsecurity AS row_security,
  am.amname AS access_method, c.relispopulated AS populated, c.reloptions AS options,
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS part_key,
  (SELECT json_agg(json_build_object('schema', pn.nspname, 'name', p.relname) ORDER BY i.inhseqno)
    FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
    WHERE i.inhrelid = c.oid) AS inherits, c.relpages::int8::text AS pages, c.reltuples::float8 AS rows,
  EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) AS has_children,
  CASE WHEN c.relkind = 'p' THEN (
    WITH RECURSIVE parts (oid) AS (
      SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = c.oid
      UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN parts p ON i.inhparent = p.oid)
    SELECT sum(greatest(l.reltuples, 0))::float8 FROM parts p JOIN pg_class l ON l.oid = p.oid AND l.relkind = 'r')
  END AS part_rows,
  CASE WHEN c.relkind = 'p' THEN (SELECT sum(pg_total_relation_size(p.relid))::text FROM pg_partition_tree(c.oid) p WHERE p.isleaf)
  ELSE pg_total_relation_size(c.oid)::text END AS bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am am ON am.oid = c.relam
WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND c.relname !~ '^_ferrow_' AND ${IN_SCHEMAS} AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}
ORDER BY n.nspname, c.relname`;

/** Columns of the tables `$1` (oids), with the base type below any domain. */
export const COLUMNS = `
WITH RECURSIVE base (typ, oid, typmod, depth) AS (
  SELECT t.oid, t.typbasetype, t.typtypmod, 1 FROM pg_type t WHERE t.typtype = 'd'
  UNION ALL
  SELECT b.typ, t.typbasetype, CASE WHEN b.typmod = -1 THEN t.typtypmod ELSE b.typmod END, b.depth + 1
  FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype = 'd'),
bottom AS (SELECT b.* FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype <> 'd')
SELECT a.attrelid::int8::text AS table_oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS native_type,
  a.atttypid::int8::text AS type_oid, a.atttypmod AS own_typmod,
  a.attnotnull AS not_null, a.attidentity AS identity, a.attgenerated AS generated,
  pg_get_expr(d.adbin, d.adrelid) AS default_sql,
  col_description(a.attrelid, a.attnum) AS comment,
  CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
    THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation co
      JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END AS collation,
  t.typtype AS kind, b.typname AS type, bn.nspname AS type_schema, b.typtype AS type_kind,
  b.typcategory AS category, coalesce(bottom.typmod, a.atttypmod) AS typmod,
  CASE WHEN bottom.typ IS NOT NULL THEN format_type(b.oid, bottom.typmod) END AS base_type,
  e.typname AS element, en.nspname AS element_schema, e.typtype AS element_kind,
  seq.oid IS NOT NULL AS owns_sequence, seq.full_name AS sequence,
  pg_encoding_to_char(db.encoding) = 'SQL_ASCII' AS sql_ascii,
  CASE WHEN b.oid = 'money'::regtype THEN scale(1::money::numeric) END AS money_scale
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN bottom ON bottom.typ = t.oid
JOIN pg_type b ON b.oid = coalesce(bottom.oid, t.oid)
JOIN pg_namespace bn ON bn.oid = b.typnamespace
LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
LEFT JOIN pg_namespace en ON en.oid = e.typnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN LATERAL (
  SELECT s.oid, quote_ident(sn.nspname) || '.' || quote_ident(s.relname) AS full_name
  FROM pg_depend p JOIN pg_class s ON s.oid = p.objid AND s.relkind = 'S' JOIN pg_namespace sn ON sn.oid = s.relnamespace
  WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass AND p.refobjid = a.attrelid
    AND p.refobjsubid = a.attnum AND p.deptype IN ('a', 'i') LIMIT 1) seq ON true
CROSS JOIN (SELECT encoding FROM pg_database WHERE datname = current_database()) db
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`;

/**
 * Primary keys, unique, foreign key, check and exclusion constraints, columns in key order; NOT NULL of another name
 * than PostgreSQL gives it, or that old rows may break. A foreign key to a partitioned table has rows for its partitions, too.
 */
export const CONSTRAINTS = `
SELECT k.conrelid::int8::text AS table_oid, k.conname AS name, k.contype AS kind,
  coalesce((SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u (num, n)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num), '[]') AS columns,
  fn.nspname AS ref_schema, f.relname AS ref_name,
  coalesce((SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u (num, n)
    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num), '[]') AS ref_columns,
  k.confdeltype AS on_delete, k.confupdtype AS on_update, k.confmatchtype AS match,
  k.condeferrable AS deferrable, k.condeferred AS deferred, k.convalidated AS validated,
  coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true) AS enforced, k.connoinherit AS no_inherit,
  obj_description(k.oid, 'pg_constraint') AS comment,
  CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END AS expression,
  pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint k
LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
WHERE k.conrelid = ANY ($1::oid[])
  AND (k.contype IN ('p', 'u', 'c', 'x') OR k.contype = 'f' AND k.conparentid = 0 OR k.contype = 'n' AND (NOT k.convalidated
    OR k.conname <> (SELECT c.relname || '_' || a.attname || '_not_null' FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.oid = k.conrelid AND a.attnum = k.conkey[1])))
ORDER BY k.conrelid, k.contype, k.conname`;

/** Indexes that stand behind no constraint. `options` bits: 1 DESC, 2 NULLS FIRST. */
export const INDEXES = `
SELECT i.indrelid::int8::text AS table_oid, c.relname AS name, i.indisunique AS is_unique, am.amname AS method,
  pg_get_indexdef(i.indexrelid) AS definition, pg_get_expr(i.indpred, i.indrelid) AS predicate,
  i.indnkeyatts < i.indnatts AS has_include, coalesce(c.reloptions, '{}') <> '{}' AS has_options,
  coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_not_distinct,
  obj_description(c.oid, 'pg_class') AS comment,
  (SELECT json_agg(json_build_object('column', a.attname,
      'expression', CASE WHEN a.attname IS NULL THEN pg_get_indexdef(i.indexrelid, n, true) END,
      'options', i.indoption[n - 1],
      'default_class', coalesce(o.opcdefault, true),
      'collated', a.attname IS NULL AND i.indcollation[n - 1] NOT IN (0, 'pg_catalog.default'::regcollation),
      'collation', CASE WHEN i.indcollation[n - 1] <> 0 AND a.attname IS NOT NULL AND i.indcollation[n - 1] <> a.attcollation
        THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation co
          JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = i.indcollation[n - 1]) END) ORDER BY n)
    FROM generate_series(1, i.indnkeyatts) n
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1] AND i.indkey[n - 1] <> 0
    LEFT JOIN pg_opclass o ON o.oid = i.indclass[n - 1]) AS parts
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
WHERE i.indrelid = ANY ($1::oid[]) AND i.indislive
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indrelid, c.relname`;
