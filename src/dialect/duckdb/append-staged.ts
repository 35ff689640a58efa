// The end of an append: staged rows go into the live table, all or none. Engine thread.
import type { NotCarried, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import type { Link } from './connect.ts';
import { sequencesOf } from './ddl.ts';
import { causeOf, fromDuckdb } from './errors.ts';
import { count, run } from './query.ts';
import { columnList, quote, quoteTable } from './sql-text.ts';

/** The staged rows of an append go into the live table, all or none. */
export async function appendStaged(link: Link, load: TableLoad, live: TableSchema): Promise<NotCarried[]> {
  const columns = columnList(load.columns.map((column) => column.name));
  const staging = quoteTable(load.staging);
  await run(link, 'BEGIN');
  try {
    await run(link, `INSERT INTO ${quoteTable(live)} (${columns}) SELECT ${columns} FROM ${staging}`);
    await run(link, `DROP TABLE ${staging}`);
    await run(link, 'COMMIT');
  } catch (error) {
    await run(link, 'ROLLBACK').catch(() => {});
    throw fromDuckdb(causeOf(error), 'write', {
      table: load.table.name,
      hint: 'nothing was appended; mend the rows, or use --if-exists replace',
    });
  }
  const behind: NotCarried[] = [];
  for (const { column, place, next } of sequencesOf(live)) {
    if (next === null || !load.columns.some((one) => one.name === column)) continue;
    const above = await count(
      link,
      `SELECT count(*) FROM ${quoteTable(live)} WHERE ${quote(column)} >= ${BigInt(next)}`,
    );
    if (above > 0) {
      behind.push({
        table: load.table.name,
        object: 'identity',
        name: place.name,
        column,
        reason: `the sequence goes on at ${next}, which is not behind the appended rows; DuckDB can not set a sequence in use`,
        hint: `give ${column} a default from a new sequence`,
      });
    }
  }
  return behind;
}
