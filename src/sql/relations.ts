// Views of a schema, understood one after another: each may read tables and the views before it. Pure, once the grammar
// is loaded.
import type { Query, QueryColumn } from '../types/expression.ts';
import type { DatabaseSchema, TableName, ViewSchema } from '../types/schema.ts';
import type { KnownRelation } from './from-clause.ts';
import { parseQuery } from './grammar.ts';
import { sameName } from './names.ts';
import { checkNesting } from './nesting.ts';
import { reasonOr } from './not-known.ts';
import { type FindRelation, QueryReader } from './understand-query.ts';
import type { SqlWords } from './words.ts';

interface Known extends KnownRelation {
  readonly table: TableName;
}

export function understandViews(schema: DatabaseSchema, words: SqlWords): readonly ViewSchema[] {
  const known: Known[] = schema.tables.map((table) => ({
    table,
    columns: table.columns.map((column) => ({ name: column.name, type: words.columnType(column) })),
  }));
  const find: FindRelation = (place, name) => {
    const wanted = place ?? schema.defaultSchema;
    const found = known.find(
      ({ table }) =>
        sameName(table.name, name, words) &&
        (table.schema === null || wanted === null || sameName(table.schema, wanted, words)),
    );
    return found ? { table: nameOf(found.table), columns: found.columns } : null;
  };
  return schema.views.map((view) => {
    const understood = understandView(view, words, find);
    const query = 'unknown' in understood ? null : understood;
    const columns: readonly QueryColumn[] =
      query?.columns ?? view.columns.map((name) => ({ name, type: { family: 'other', name: 'a view' } }));
    known.push({ table: nameOf(view), columns });
    const { query: _query, unknown: _unknown, ...plain } = view;
    return query ? { ...plain, query } : { ...plain, ...(understood as { unknown: string }) };
  });
}

function nameOf({ schema, name }: TableName): TableName {
  return { schema, name };
}

function understandView(
  view: ViewSchema,
  words: SqlWords,
  find: FindRelation,
): Query | { readonly unknown: string } {
  try {
    return reasonOr(() => understandQuery(view.sql, words, find, view.columns));
  } catch (error) {
    return { unknown: `SQL that could not be read (${(error as Error).message})` };
  }
}

/** @throws NotKnown */
export function understandQuery(
  sql: string,
  words: SqlWords,
  find: FindRelation,
  columns: readonly string[] | null,
): Query {
  const parsed = parseQuery(sql, words);
  checkNesting(parsed, words);
  return new QueryReader(words, find).query(parsed.tree, columns && columns.length > 0 ? columns : null);
}
