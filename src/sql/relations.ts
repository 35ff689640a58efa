// Views of a schema, understood one after another: each may read those before it. Pure, once the grammar is loaded.
import type { DatabaseSchema, ViewSchema } from '../types/schema.ts';
import type { SqlWords } from './words.ts';

export function understandViews(schema: DatabaseSchema, _words: SqlWords): readonly ViewSchema[] {
  return schema.views.map((view) => ({ ...view, unknown: 'a view' }));
}
