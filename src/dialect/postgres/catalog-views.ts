// Views and materialised views, in an order in which they can be made. Main thread.
import type pg from 'pg';
import type { TableSchema, ViewSchema } from '../../types/schema.ts';
import type { ViewRow } from './catalog-rows.ts';
import { VIEWS } from './feature-queries.ts';

/** `tables`: by oid, materialised views among them. */
export async function readViews(
  client: pg.Client,
  wanted: readonly string[] | null,
  tables: ReadonlyMap<string, TableSchema>,
): Promise<ViewSchema[]> {
  const { rows } = await client.query<ViewRow>(VIEWS, [wanted]);
  return inOrder(rows).map((row) => viewSchema(row, tables.get(row.oid)));
}

function viewSchema(row: ViewRow, table: TableSchema | undefined): ViewSchema {
  return {
    schema: row.schema,
    name: row.name,
    materialized: row.materialized,
    columns: row.columns,
    sql: row.sql.trim().replace(/;$/, ''),
    reads: (row.reads ?? []).map(({ schema, name }) => ({ schema, name })),
    comment: row.comment,
    ...(row.column_comments === null ? {} : { columnComments: row.column_comments }),
    ...(row.options === null || row.materialized ? {} : { options: row.options }),
    ...(row.materialized && table ? { asTable: table } : {}),
  };
}

/** What a view reads before the view. PostgreSQL allows no circles; the stack is explicit, since chains may be long. */
function inOrder(rows: readonly ViewRow[]): ViewRow[] {
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const done = new Set<string>();
  const order: ViewRow[] = [];
  for (const root of rows) {
    const stack = [{ row: root, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const reads = top.row.reads ?? [];
      if (done.has(top.row.oid)) stack.pop();
      else if (top.next < reads.length) {
        const { view_oid } = reads[top.next++];
        const read = view_oid === null ? undefined : byOid.get(view_oid);
        if (read && !done.has(read.oid)) stack.push({ row: read, next: 0 });
      } else {
        done.add(top.row.oid);
        order.push(top.row);
        stack.pop();
      }
    }
  }
  return order;
}
