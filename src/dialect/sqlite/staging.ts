// The tables in which rows arrive. Pure.
import type { TableLoad } from '../dialect.ts';
import { createTable } from './create-table.ts';
import { quote } from './sql-names.ts';

/** Rows to append wait in a table without keys: those of the live table judge them. */
export function stagingSql({ table, staging, mode, columns, parts }: TableLoad): string {
  if (mode !== 'append') return createTable(table, staging.name, parts);
  const strict = table.tableFacts?.['strict'] === true;
  const items = columns.map(({ name }) => {
    const type = table.columns.find((column) => column.name === name)?.nativeType ?? '';
    // Outside of STRICT tables ANY would be NUMERIC.
    return `${quote(name)} ${strict && type.toUpperCase() === 'ANY' ? '' : type}`.trim();
  });
  return `CREATE TABLE ${quote(staging.name)} (${items.length > 0 ? items.join(', ') : '"nothing"'})`;
}
