// The staging table of a load, in which rows wait for their table. Engine thread.
import type { Database } from 'better-sqlite3';
import type { NotCarried } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { execWithoutRefused } from './checks.ts';
import { createTable, typeSql } from './create-table.ts';
import { freeRowidName } from './row-pages.ts';
import { quote } from './sql-names.ts';

/**
 * Rows to append wait in a table without demands: those of the live table judge them. So do rows that may be left out, or a whole
 * group would be refused for one of them; the table itself is made at the end.
 */
export function waitsBeside({ mode, leavesOut, columns }: TableLoad): boolean {
  return mode === 'append' || (leavesOut === true && columns.length > 0);
}

/** @returns checks of the table to be that SQLite does not take */
export function makeStaging(db: Database, load: TableLoad): NotCarried[] {
  const { table, staging, mode, parts } = load;
  const refused =
    mode === 'append'
      ? []
      : execWithoutRefused(db, table, (taken) => createTable(taken, staging.name, parts));
  if (!waitsBeside(load)) return refused;
  db.exec(`DROP TABLE IF EXISTS ${quote(staging.name)}`);
  db.exec(withoutDemands(load));
  return refused;
}

function withoutDemands({ table, staging, columns }: TableLoad): string {
  const strict = table.tableFacts?.['strict'] === true;
  const items = columns.map(({ name }) => {
    const type = table.columns.find((column) => column.name === name)?.nativeType ?? '';
    // Outside of STRICT tables ANY would be NUMERIC.
    return `${quote(name)} ${type === '' || (strict && type.toUpperCase() === 'ANY') ? '' : typeSql(type)}`.trim();
  });
  return `CREATE TABLE ${quote(staging.name)} (${items.length > 0 ? items.join(', ') : '"nothing"'})`;
}

/** What the number of a staged row is called; no column hides it but where all of its names are taken. */
export function rowidOf({ columns }: TableLoad): string {
  return freeRowidName(columns) ?? 'rowid';
}
