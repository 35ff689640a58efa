// The planner's statistics of a table whose rows have arrived. They help, and no table is the worse for not having them. Main
// thread.
import type pg from 'pg';
import type { TableName } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { quoteTable } from './names.ts';
import { stagingVia } from './staging-casts.ts';
import { tableFacts } from './table-facts.ts';

/** A connection that is lost shows in what comes next. */
export async function analyse(client: pg.Client, table: TableName): Promise<void> {
  await client.query(`ANALYZE ${quoteTable(table)}`).catch(() => {});
}

/**
 * What is found out of the staging table holds for the table: it becomes that one with nothing cast, no row taken out, and
 * no expression or target of its own to be looked at.
 */
export function keepsStatistics(load: TableLoad): boolean {
  const { table, mode, transactional, leavesOut } = load;
  if (mode === 'append' || transactional || leavesOut) return false;
  const facts = tableFacts(table);
  return (
    !facts.partitioned &&
    facts.alter.length === 0 &&
    table.indexes.every(({ parts }) => parts.every((part) => part.expression === null)) &&
    table.columns.every((column) => stagingVia(load, column) === null)
  );
}
