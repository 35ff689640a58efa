// Fits tables of any engine into what SQLite can say, and writes them as SQL. Pure.
import { addMeanings } from '../../sql/meanings.ts';
import type { TableName, TableSchema } from '../../types/schema.ts';
import type { Ddl, SchemaParts } from '../dialect.ts';
import { adopt } from './adopt.ts';
import { adoptView } from './adopt-view.ts';
import { createIndex, createTable } from './create-table.ts';
import { sqliteKeyCondition } from './key-condition.ts';
import { quote } from './sql-names.ts';
import { sqliteWords } from './sql-words.ts';

export const ddl: Ddl = {
  quote,
  quoteTable: (table: TableName) => quote(table.name),
  keyCondition: sqliteKeyCondition,
  adopt,
  adoptView,
  script,
  understand: (schema) => addMeanings(schema, sqliteWords),
};

/** Foreign keys must stand in CREATE TABLE; SQLite takes them before the table they name exists. */
function script(tables: readonly TableSchema[], parts: SchemaParts): string[] {
  const statements = tables.map((table) => createTable(table, table.name, parts));
  if (!parts.indexes) return statements;
  const taken = new Set(tables.map(({ name }) => name.toLowerCase()));
  for (const table of tables) {
    for (const index of table.indexes) {
      const name = freeIndexName(table.name, index.name, (wanted) => taken.has(wanted.toLowerCase()));
      taken.add(name.toLowerCase());
      statements.push(createIndex(table.name, index, name));
    }
  }
  return statements;
}

/** Index names are one to a database, tables included, whatever their case. */
export function freeIndexName(table: string, wanted: string, isTaken: (name: string) => boolean): string {
  const base = /^sqlite_/i.test(wanted) ? `index_${wanted}` : wanted;
  if (!isTaken(base)) return base;
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${table}_${base}` : `${table}_${base}_${number}`;
    if (!isTaken(name)) return name;
  }
}
