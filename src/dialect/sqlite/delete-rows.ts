// Deletes rows by their keys. Engine thread.
import type { Database } from 'better-sqlite3';
import type { TableName } from '../../types/schema.ts';
import { quote } from './sql-names.ts';

/** A statement alone is a transaction. @returns how many there were */
export function deleteRows(db: Database, table: TableName, condition: string): number {
  return db.prepare(`DELETE FROM ${quote(table.name)} WHERE (\n${condition}\n)`).run().changes;
}
