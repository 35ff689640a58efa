// What a database says of its own keys, asked of its own catalog by its own SQL, in one spelling for all engines.
import assert from 'node:assert/strict';
import { type EngineName, engineOfUrl, queryText } from './judge.ts';
import type { ForeignKey, Table } from './tables.ts';

/**
 * Keys of the tables, sorted: `Album primary key (AlbumId)`, `Album unique (Title)`,
 * `Album foreign key (ArtistId) -> Artist (ArtistId)`, `Album not null (Title)`, `Album index (ArtistId)`.
 * Foreign keys of engines that know actions end in `on delete cascade` or `on delete set null`.
 */
export async function constraintsOf(url: string, tables: readonly Table[]): Promise<string[]> {
  const engine = engineOfUrl(url);
  const names = new Set(tables.map((table) => table.name));
  const found: string[] = [];
  for (const sql of QUERIES[engine]) {
    for (const [table, text] of await queryText(url, sql)) {
      if (names.has(table)) found.push(`${table} ${text}`);
    }
  }
  return found.sort();
}

/** What the tables should have in `target` after coming from `source`. */
export function expectedConstraints(
  tables: readonly Table[],
  source: EngineName,
  target: EngineName,
): string[] {
  const expected: string[] = [];
  for (const table of tables) {
    const say = (text: string) => expected.push(`${table.name} ${text}`);
    if (table.primaryKey.length > 0) say(`primary key (${table.primaryKey.join(', ')})`);
    for (const unique of table.uniques ?? []) say(`unique (${unique.join(', ')})`);
    for (const index of table.indexes ?? []) say(`index (${index.columns.join(', ')})`);
    for (const column of table.columns) {
      if (column.notNull && !table.primaryKey.includes(column.name)) say(`not null (${column.name})`);
    }
    for (const key of table.foreignKeys ?? []) {
      if (key.closesCycle && source === 'duckdb') continue;
      const known = source !== 'duckdb' && target !== 'duckdb';
      const action = key.onDelete && known ? ` on delete ${key.onDelete.toLowerCase()}` : '';
      say(foreignKeyText(key) + action);
    }
  }
  return expected.sort();
}

/** Fails unless the constraints are those expected; of a cycle, DuckDB may and must lack one foreign key. */
export function assertConstraints(
  actual: readonly string[],
  tables: readonly Table[],
  source: EngineName,
  target: EngineName,
): void {
  const expected = expectedConstraints(tables, source, target);
  const cycle = tables.flatMap((table) =>
    (table.foreignKeys ?? [])
      .filter((key) => key.inCycle)
      .map((key) => `${table.name} ${foreignKeyText(key)}`),
  );
  if (target !== 'duckdb' || !cycle.every((key) => expected.includes(key))) {
    assert.deepEqual(actual, expected);
    return;
  }
  const outside = (text: string) => !cycle.includes(text);
  assert.deepEqual(actual.filter(outside), expected.filter(outside));
  const held = cycle.filter((key) => actual.includes(key));
  assert.equal(held.length, Math.max(0, cycle.length - 1), `of the cycle, DuckDB holds ${held.join('; ')}`);
}

function foreignKeyText(key: ForeignKey): string {
  return `foreign key (${key.columns.join(', ')}) -> ${key.table} (${key.references.join(', ')})`;
}

const POSTGRES_COLUMNS = (keys: string, relation: string) =>
  `(SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(${keys}) WITH ORDINALITY AS k(num, n)
    JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.num)`;

/** Queries of two columns: table, text. Columns of primary keys are NOT NULL by nature and not listed. */
const QUERIES: Readonly<Record<EngineName, readonly string[]>> = {
  postgres: [
    `SELECT r.relname,
       CASE c.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' ELSE 'foreign key' END
       || ' (' || ${POSTGRES_COLUMNS('c.conkey', 'c.conrelid')} || ')'
       || CASE WHEN c.contype = 'f' THEN ' -> ' || f.relname || ' ('
         || ${POSTGRES_COLUMNS('c.confkey', 'c.confrelid')} || ')' ELSE '' END
       || CASE c.confdeltype WHEN 'c' THEN ' on delete cascade' WHEN 'n' THEN ' on delete set null' ELSE '' END
       || CASE WHEN c.convalidated THEN '' ELSE ' NOT VALID' END
     FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid LEFT JOIN pg_class f ON f.oid = c.confrelid
     WHERE c.contype IN ('p', 'u', 'f') AND r.relnamespace = 'public'::regnamespace`,
    `SELECT r.relname, 'not null (' || a.attname || ')'
     FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
     WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind = 'r'
       AND r.relnamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_index p WHERE p.indrelid = r.oid AND p.indisprimary AND a.attnum = ANY (p.indkey))`,
    `SELECT r.relname, 'index (' || ${POSTGRES_COLUMNS('i.indkey::smallint[]', 'i.indrelid')} || ')'
     FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid
     WHERE r.relnamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))`,
  ],
  sqlite: [
    `SELECT name, 'primary key (' || group_concat(column, ', ') || ')'
     FROM (SELECT m.name, c.name AS column FROM sqlite_schema m JOIN pragma_table_info(m.name) c
       WHERE m.type = 'table' AND c.pk > 0 ORDER BY m.name, c.pk)
     GROUP BY name`,
    `SELECT m.name, CASE WHEN i."unique" THEN 'unique' ELSE 'index' END || ' ('
       || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
     FROM sqlite_schema m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin <> 'pk'`,
    `SELECT m.name, 'not null (' || c.name || ')'
     FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c."notnull" AND c.pk = 0`,
    `SELECT name, 'foreign key (' || columns || ') -> ' || parent || ' (' || referenced || ')'
       || CASE action WHEN 'CASCADE' THEN ' on delete cascade' WHEN 'SET NULL' THEN ' on delete set null' ELSE '' END
     FROM (SELECT name, parent, action, group_concat(child, ', ') AS columns, group_concat(target, ', ') AS referenced
       FROM (SELECT m.name, f.id, f."table" AS parent, f.on_delete AS action, f."from" AS child, f."to" AS target
         FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
         ORDER BY m.name, f.id, f.seq)
       GROUP BY name, id)`,
  ],
  duckdb: [
    `SELECT table_name, lower(constraint_type) || ' (' || array_to_string(constraint_column_names, ', ') || ')'
       || CASE WHEN constraint_type = 'FOREIGN KEY'
         THEN ' -> ' || referenced_table || ' (' || array_to_string(referenced_column_names, ', ') || ')' ELSE '' END
     FROM duckdb_constraints()
     WHERE schema_name = 'main' AND constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')`,
    `SELECT c.table_name, 'not null (' || c.column_name || ')' FROM duckdb_columns() c
     WHERE c.schema_name = 'main' AND NOT c.is_nullable AND NOT EXISTS (
       SELECT 1 FROM duckdb_constraints() k WHERE k.constraint_type = 'PRIMARY KEY'
       AND k.table_name = c.table_name AND list_contains(k.constraint_column_names, c.column_name))`,
    `SELECT table_name, 'index (' || array_to_string(list_transform(
       CAST(expressions AS VARCHAR[]), lambda e: replace(trim(trim(e, ''''), '"'), '""', '"')), ', ') || ')'
     FROM duckdb_indexes() WHERE schema_name = 'main' AND NOT is_unique`,
  ],
};
