// The table in which rows arrive. Pure.
import type { TableLoad } from '../dialect.ts';
import { columnSql } from './ddl.ts';
import { quoteTable } from './sql-text.ts';
import { stagingType } from './staged-columns.ts';

/** The columns in their order, with NOT NULL and nothing else. */
export function stagingSql(load: TableLoad): string {
  const byName = new Map(load.table.columns.map((column) => [column.name, column]));
  const columns = load.columns.map(({ name, wire }) => {
    const column = byName.get(name)!;
    return columnSql(
      { ...column, generated: null, collation: null },
      stagingType(column.nativeType, wire),
      false,
    );
  });
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(load.staging)} (${columns.join(', ')})`;
}
