// The script that makes tables: schemas, sequences, tables with parents first, indexes. Pure.
import type { ForeignKeySchema, TableSchema } from '../../types/schema.ts';
import type { SchemaParts } from '../dialect.ts';
import {
  commentSql,
  createIndexSql,
  createSequenceSql,
  createTableSql,
  indexCommentSql,
  sequencesOf,
} from './ddl.ts';
import { parentKeyOf, parentsFirst, tableKey } from './order.ts';
import { quote } from './sql-text.ts';

export function script(tables: readonly TableSchema[], parts: SchemaParts): string[] {
  const statements: string[] = [];
  const places = tables.flatMap((table) => [table, ...sequencesOf(table).map((sequence) => sequence.place)]);
  const schemas = new Set(places.map((place) => place.schema ?? 'main'));
  schemas.delete('main');
  for (const schema of schemas) statements.push(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`);
  const sequences = new Set<string>();
  for (const table of tables) {
    for (const { place, next, options } of sequencesOf(table)) {
      const key = tableKey(place);
      if (sequences.has(key)) continue;
      sequences.add(key);
      statements.push(createSequenceSql(place, options, next ?? options?.start ?? null));
    }
  }
  const made = new Set<string>();
  const ordered = parts.foreignKeys ? parentsFirst(tables) : tables;
  for (const table of ordered) {
    made.add(tableKey(table));
    const reachable = (key: ForeignKeySchema) => made.has(parentKeyOf(table, key));
    const keys = parts.foreignKeys ? table.foreignKeys.filter(reachable) : [];
    const left = parts.foreignKeys ? table.foreignKeys.filter((key) => !reachable(key)) : [];
    const notes = left.map((key) =>
      `-- left out, DuckDB can not declare a key to a table that comes later: FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${key.references.name}\n`.replaceAll(
        /[\r\n]+(?=.)/g,
        ' ',
      ),
    );
    statements.push(notes.join('') + createTableSql(table, keys));
    statements.push(...commentSql(table));
  }
  if (parts.indexes) {
    for (const table of ordered)
      for (const index of table.indexes)
        statements.push(createIndexSql(table, index), ...indexCommentSql(table, index, index.name));
  }
  return statements;
}
