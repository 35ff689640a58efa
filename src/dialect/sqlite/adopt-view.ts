// A view of any engine as statements that make it here: its own text between SQLite files, else what SQLite calls the
// same. Pure.
import type { Engine } from '../../types/logical-type.ts';
import type { NotCarried, TableName, ViewSchema } from '../../types/schema.ts';
import type { ViewLoad } from '../dialect.ts';
import { sayQuery } from './say.ts';
import { quote, quoteList } from './sql-names.ts';

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
  const renamed = view.reads.find((table) => resolve(table)?.name !== table.name);
  const body = from === 'sqlite' && !renamed ? ownBody(view) : sayQuery(view, resolve);
  if (body.sql === null) {
    return leave(
      renamed && from === 'sqlite'
        ? `it reads "${renamed.name}", which has another name in the target: ${body.reason}`
        : body.reason,
    );
  }
  const columns = view.columns.length > 0 ? ` (${quoteList(view.columns)})` : '';
  return {
    name: { schema: null, name: name.name },
    materialized: false,
    // A comment at its end must not swallow what a reader may put behind it.
    statements: [`CREATE VIEW ${quote(name.name)}${columns} AS ${body.sql}`],
    ...(isCommented(view)
      ? { without: [{ object: 'comment', name: `of ${view.name}`, reason: 'SQLite keeps no comments' }] }
      : {}),
  };
}

function isCommented({ comment, columnComments = {} }: ViewSchema): boolean {
  return comment !== null || Object.keys(columnComments).length > 0;
}

function ownBody(view: ViewSchema): ReturnType<typeof sayQuery> {
  if (view.sql !== '') return { sql: view.sql };
  return { sql: null, reason: view.unknown ?? 'its definition could not be read' };
}
