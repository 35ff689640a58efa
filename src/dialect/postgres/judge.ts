// A table like the one that a load makes, without rows, with all that it demands of a row: it judges the staged ones. Part of a
// transaction that takes it back. Main thread.
import type pg from 'pg';
import type { TableLoad } from '../dialect.ts';
import { attempt } from './attempt.ts';
import { constraintClauses, createTable, indexStatement } from './ddl.ts';
import { quoteTable } from './names.ts';

/** The load with the judging table in place of its own; what can't be declared at all judges nothing. */
export async function makeJudge(client: pg.Client, load: TableLoad): Promise<TableLoad> {
  const { staging, parts } = load;
  const place = { schema: staging.schema, name: `${staging.name}_judge` };
  const table = { ...load.table, ...place };
  await client.query(createTable(table, place, { constraints: false, withDefault: () => false }));
  const demands = constraintClauses(table)
    .filter(({ clause }) => !clause.endsWith(' NOT VALID'))
    .map(({ clause }) => `ALTER TABLE ${quoteTable(place)} ADD ${clause}`);
  const unique = (parts.indexes ? table.indexes : []).filter((index) => index.unique);
  const indexes = unique.map((index, at) => indexStatement(index, place, `${place.name}_${at}`));
  for (const statement of [...demands, ...indexes]) await attempt(client, statement, () => {});
  return { ...load, table };
}
