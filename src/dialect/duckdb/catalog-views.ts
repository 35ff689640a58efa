// Views, in an order in which they can be made. What a view reads DuckDB's own parser tells. Engine thread.
import type { TableName, ViewSchema } from '../../types/schema.ts';
import type { Link } from './connect.ts';
import { tableKey } from './order.ts';
import { type Row, rows, text, textOrNull } from './query.ts';
import { outline } from './sql-text.ts';

export async function readViews(
  link: Link,
  where: string,
  values: readonly string[],
  tables: readonly TableName[],
): Promise<ViewSchema[]> {
  const found = await rows(
    link,
    `SELECT schema_name, view_name, sql, comment FROM duckdb_views() WHERE ${where} AND NOT internal AND NOT temporary ORDER BY view_oid`,
    values,
  );
  if (found.length === 0) return [];
  const columnRows = await rows(
    link,
    `SELECT schema_name, table_name, column_name, comment FROM duckdb_columns() WHERE ${where} AND NOT internal ORDER BY table_oid, column_index`,
    values,
  );
  const columns = new Map<string, Row[]>();
  for (const row of columnRows) {
    const key = tableKey({ schema: text(row.schema_name), name: text(row.table_name) });
    columns.set(key, [...(columns.get(key) ?? []), row]);
  }
  const named = found.map((row) => ({ schema: text(row.schema_name), name: text(row.view_name) }));
  const known = new Map([...tables, ...named].map((each) => [tableKey(each), each]));
  const views: ViewSchema[] = [];
  for (const [at, row] of found.entries()) {
    const place = named[at];
    const sql = selectOf(text(row.sql));
    const own = columns.get(tableKey(place)) ?? [];
    const comments = own.flatMap(({ column_name, comment }) =>
      comment === null || text(comment) === '' ? [] : [[text(column_name), text(comment)]],
    );
    const comment = textOrNull(row.comment);
    views.push({
      ...place,
      materialized: false,
      columns: own.map((column) => text(column.column_name)),
      sql,
      reads: await readsOf(link, sql, place, known),
      comment: comment === '' ? null : comment,
      ...(comments.length > 0 ? { columnComments: Object.fromEntries(comments) } : {}),
    });
  }
  return inOrder(views);
}

/** `CREATE VIEW s.v (a, b) AS SELECT …;` without its head, in which only names and brackets stand. */
function selectOf(sql: string): string {
  const at = outline(sql).indexOf(' AS ');
  return sql
    .slice(at < 0 ? 0 : at + 4)
    .replace(/;\s*$/, '')
    .trim();
}

/** Relations that the text names and that no WITH of its own makes. */
async function readsOf(
  link: Link,
  sql: string,
  view: TableName,
  known: ReadonlyMap<string, TableName>,
): Promise<TableName[]> {
  const [row] = await rows(link, 'SELECT json_serialize_sql($1::VARCHAR) AS tree', [sql]).catch(() => []);
  const tree: unknown = row ? JSON.parse(text(row.tree)) : null;
  const reads = new Map<string, TableName>();
  const walk = (node: unknown, made: ReadonlySet<string>): void => {
    if (Array.isArray(node)) for (const each of node) walk(each, made);
    if (node === null || typeof node !== 'object' || Array.isArray(node)) return;
    const fields = node as Readonly<Record<string, unknown>>;
    const inner = new Set([...made, ...withNames(fields['cte_map'])]);
    if (fields['type'] === 'BASE_TABLE') {
      const read = readOf(fields, view, inner, known);
      if (read) reads.set(tableKey(read), read);
    }
    for (const each of Object.values(fields)) walk(each, inner);
  };
  walk(tree, new Set());
  return [...reads.values()];
}

function withNames(map: unknown): string[] {
  const entries = (map as { map?: unknown } | null | undefined)?.map;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: { key?: unknown }) =>
    typeof entry.key === 'string' ? [entry.key.toLowerCase()] : [],
  );
}

function readOf(
  fields: Readonly<Record<string, unknown>>,
  view: TableName,
  made: ReadonlySet<string>,
  known: ReadonlyMap<string, TableName>,
): TableName | null {
  const schema = String(fields['schema_name'] ?? '');
  const name = String(fields['table_name'] ?? '');
  if (schema === '' && made.has(name.toLowerCase())) return null;
  const places = schema === '' ? [view.schema, 'main'] : [schema];
  const hit = places
    .map((each) => known.get(tableKey({ schema: each, name })))
    .find((each) => each !== undefined);
  return hit ?? { schema: schema === '' ? view.schema : schema, name };
}

/** What a view reads before the view; DuckDB lets none read itself. */
function inOrder(views: readonly ViewSchema[]): ViewSchema[] {
  const byKey = new Map(views.map((view) => [tableKey(view), view]));
  const seen = new Set<string>();
  const order: ViewSchema[] = [];
  for (const root of views) {
    const stack = [{ view: root, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const key = tableKey(top.view);
      if (top.next === 0 && seen.has(key)) {
        stack.pop();
        continue;
      }
      seen.add(key);
      const read = top.view.reads[top.next++];
      const below = read && byKey.get(tableKey(read));
      if (below && !seen.has(tableKey(below))) stack.push({ view: below, next: 0 });
      else if (!read) {
        order.push(top.view);
        stack.pop();
      }
    }
  }
  return order;
}
