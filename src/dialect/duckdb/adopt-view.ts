// A view of any engine as statements that make it here: its own text between DuckDB files, else what DuckDB calls the
// same. Pure.
import type { Engine } from '../../types/logical-type.ts';
import type { NotCarried, TableName, ViewSchema } from '../../types/schema.ts';
import type { ViewLoad } from '../dialect.ts';
import { tableKey } from './order.ts';
import { type Said, sayQuery } from './say.ts';
import { columnList, literal, quote, quoteTable } from './sql-text.ts';

export function adoptView(
  view: ViewSchema,
  from: Engine,
  name: TableName,
  resolve: (table: TableName) => TableName | null,
): ViewLoad | NotCarried {
  const leave = (reason: string): NotCarried => ({
    table: null,
    object: view.materialized ? 'materialized view' : 'view',
    name: view.name,
    reason,
    hint: view.sql,
  });
  const missing = view.reads.find((table) => resolve(table) === null);
  if (missing) return leave(`it reads "${missing.name}", which is not in the target`);
  const same = from === 'duckdb';
  const moved = view.reads.find((table) => {
    const there = resolve(table);
    return there !== null && tableKey(there) !== tableKey(table);
  });
  const body: Said = same && !moved ? { sql: view.sql } : sayQuery(view, resolve);
  if (body.sql === null) {
    return leave(
      same && moved
        ? `it reads "${moved.name}", which has another name in the target: ${body.reason}`
        : body.reason,
    );
  }
  const columns = view.columns.length > 0 ? ` (${columnList(view.columns)})` : '';
  const statements = [`CREATE VIEW ${quoteTable(name)}${columns} AS\n${body.sql}`];
  if (view.comment) statements.push(`COMMENT ON VIEW ${quoteTable(name)} IS ${literal(view.comment)}`);
  for (const [column, comment] of Object.entries(view.columnComments ?? {}))
    statements.push(`COMMENT ON COLUMN ${quoteTable(name)}.${quote(column)} IS ${literal(comment)}`);
  return { name, materialized: false, statements };
}
