// The catalog's query for types: those of the columns of tables `$1` (oids) and all that they stand on, and the user's
// own types in the schemas `$2` (names, or NULL for all). It runs with an empty search_path.

export const TYPES = `
WITH RECURSIVE used (oid) AS (
  SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  UNION
  SELECT t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE ($2::text[] IS NULL OR n.nspname = ANY ($2::text[])) AND n.nspname <> 'information_schema'
    AND n.nspname <> '_ferrow' AND n.nspname !~ '^pg_(catalog$|toast|temp_)'
    AND (t.typtype IN ('d', 'e', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
    AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid AND x.deptype = 'e')
  UNION
  SELECT inner_type.oid FROM used u JOIN pg_type t ON t.oid = u.oid CROSS JOIN LATERAL (
    SELECT t.typelem AS oid WHERE t.typelem <> 0
    UNION ALL SELECT t.typbasetype WHERE t.typtype = 'd'
    UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid
    UNION ALL SELECT r.rngtypid FROM pg_range r WHERE r.rngmultitypid = t.oid
    UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid
      AND a.attnum > 0 AND NOT a.attisdropped) inner_type)
SELECT t.oid::int8::text AS oid, t.typname AS name, n.nspname AS schema, t.typtype AS kind,
  t.typcategory AS category, obj_description(t.oid, 'pg_type') AS comment,
  coalesce(c.relkind <> 'c', false) AS of_table,
  t.typsend = 0 OR t.typreceive = 0 AS no_binary,
  (SELECT e.extname FROM pg_depend x JOIN pg_extension e ON e.oid = x.refobjid
    WHERE x.classid = 'pg_type'::regclass AND x.objid = coalesce(el.oid, t.oid) AND x.deptype = 'e'
      AND x.refclassid = 'pg_extension'::regclass LIMIT 1) AS extension,
  CASE WHEN el.oid IS NOT NULL THEN t.typelem WHEN t.typtype = 'd' THEN t.typbasetype
    WHEN t.typtype = 'r' THEN own.rngsubtype WHEN t.typtype = 'm' THEN multi.rngtypid END::int8::text AS inner,
  el.oid IS NOT NULL AS is_array,
  CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE -1 END AS inner_typmod,
  format_type(t.oid, NULL) AS native,
  CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS inner_native,
  t.typnotnull AS not_null, t.typdefault AS default_sql,
  CASE WHEN t.typtype = 'd' AND t.typcollation <> 0
      AND t.typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype)
    THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation co
      JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = t.typcollation) END AS collation,
  (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels,
  (SELECT json_agg(json_build_object('name', a.attname, 'oid', a.atttypid::int8::text, 'typmod', a.atttypmod,
      'native', format_type(a.atttypid, a.atttypmod),
      'collation', CASE WHEN a.attcollation <> ft.typcollation AND a.attcollation <> 0
        THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation co
          JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END) ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type ft ON ft.oid = a.atttypid
    WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS fields,
  (SELECT json_agg(json_build_object('name', k.conname, 'expression', pg_get_expr(k.conbin, 0),
      'validated', k.convalidated) ORDER BY k.conname)
    FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') AS checks,
  CASE WHEN t.typtype = 'r' THEN
    'SUBTYPE = ' || format_type(own.rngsubtype, NULL)
    || (SELECT ', SUBTYPE_OPCLASS = ' || quote_ident(opn.nspname) || '.' || quote_ident(o.opcname)
      FROM pg_opclass o JOIN pg_namespace opn ON opn.oid = o.opcnamespace WHERE o.oid = own.rngsubopc)
    || coalesce((SELECT ', COLLATION = ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation co
      JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = own.rngcollation), '')
    || CASE WHEN own.rngcanonical::oid <> 0 THEN ', CANONICAL = ' || own.rngcanonical::text ELSE '' END
    || coalesce((SELECT ', SUBTYPE_DIFF = pg_catalog.' || quote_ident(f.proname) FROM pg_proc f
      WHERE f.oid = own.rngsubdiff AND f.pronamespace = 'pg_catalog'::regnamespace), '')
    || coalesce((SELECT ', MULTIRANGE_TYPE_NAME = ' || quote_ident(mn.nspname) || '.' || quote_ident(m.typname)
      FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace WHERE m.oid = own.rngmultitypid), '')
  END AS range_options,
  CASE WHEN t.oid = 'money'::regtype THEN scale(1::money::numeric) END AS money_scale
FROM (SELECT DISTINCT oid FROM used) u JOIN pg_type t ON t.oid = u.oid JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_type el ON el.oid = t.typelem AND el.typarray = t.oid
LEFT JOIN pg_range own ON own.rngtypid = t.oid AND t.typtype = 'r'
LEFT JOIN pg_range multi ON multi.rngmultitypid = t.oid AND t.typtype = 'm'
ORDER BY t.oid`;

export interface TypeRow {
  oid: string;
  name: string;
  schema: string;
  kind: string;
  category: string;
  comment: string | null;
  of_table: boolean;
  no_binary: boolean;
  extension: string | null;
  inner: string | null;
  is_array: boolean;
  inner_typmod: number;
  native: string;
  inner_native: string | null;
  not_null: boolean;
  default_sql: string | null;
  collation: string | null;
  labels: string[] | null;
  fields: { name: string; oid: string; typmod: number; native: string; collation: string | null }[] | null;
  checks: { name: string; expression: string; validated: boolean }[] | null;
  range_options: string | null;
  money_scale: number | null;
}
