// A view of any engine as statements that make it here: its own text between PostgreSQL databases, else what PostgreSQL
// calls the same. Pure.
import type { Engine } from '../../types/logical-type.ts';
import type { NotCarried, TableName, ViewSchema } from '../../types/schema.ts';
import type { ViewLoad } from '../dialect.ts';
import { commentText, indexComment, indexStatement } from './ddl.ts';
import { quote, quoteList, quoteTable } from './names.ts';
import { type Said, sayQuery } from './say.ts';
import { tableFacts } from './table-facts.ts';

export function adoptView(
  view: ViewSchema,
  from: Engine,
  name: TableName,
  resolve: (table: TableName) => TableName | null,
): ViewLoad | NotCarried {
  const object = view.materialized ? 'materialized view' : 'view';
  const leave = (reason: string): NotCarried => ({
    table: null,
    object,
    name: view.name,
    reason,
    hint: view.sql,
  });
  const missing = view.reads.find((table) => resolve(table) === null);
  if (missing) return leave(`it reads "${missing.name}", which is not in the target`);
  const same = from === 'postgres';
  // The server's text qualifies every name.
  const moved = view.reads.find((table) => {
    const there = resolve(table);
    return there?.name !== table.name || there.schema !== table.schema;
  });
  const body: Said = same && !moved ? { sql: view.sql } : sayQuery(view, resolve);
  if (body.sql === null) {
    return leave(
      same && moved
        ? `it reads "${moved.name}", which has another name in the target: ${body.reason}`
        : body.reason,
    );
  }
  const columns = view.columns.length > 0 ? ` (${quoteList(view.columns)})` : '';
  const head = view.materialized ? 'CREATE MATERIALIZED VIEW' : 'CREATE VIEW';
  const options = same
    ? view.materialized
      ? tableFacts(view.asTable ?? {}).options
      : (view.options ?? [])
    : [];
  const withOptions = options.length === 0 ? '' : ` WITH (${options.join(', ')})`;
  const unfilled = view.materialized && !tableFacts(view.asTable ?? {}).populated;
  // A comment at the text's end must not swallow what comes behind it.
  const statements = [
    `${head} ${quoteTable(name)}${columns}${withOptions} AS\n${body.sql}\n${unfilled ? 'WITH NO DATA' : ''}`.trimEnd(),
  ];
  for (const index of same && view.materialized ? (view.asTable?.indexes ?? []) : []) {
    statements.push(indexStatement(index, name));
    if (index.comment) statements.push(indexComment(name, index.name, index.comment));
  }
  if (view.comment)
    statements.push(
      `COMMENT ON ${view.materialized ? 'MATERIALIZED VIEW' : 'VIEW'} ${quoteTable(name)} IS ${commentText(view.comment)}`,
    );
  for (const [column, comment] of Object.entries(view.columnComments ?? {}))
    statements.push(`COMMENT ON COLUMN ${quoteTable(name)}.${quote(column)} IS ${commentText(comment)}`);
  return { name, materialized: view.materialized, statements };
}
