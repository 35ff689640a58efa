// One query that only reads, timed to its last row: through a cursor of a transaction that only reads, which takes one query
// and nothing else. Main thread.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { fromPostgres, sqlState } from './errors.ts';

const ROWS_AT_ONCE = 10_000;

/** @throws FerrowError E_USAGE for several statements, for one that is no SELECT, and for what is no SQL */
export async function timeQuery(client: pg.Client, sql: string): Promise<{ rows: number; seconds: number }> {
  // As it would be planned if all rows were wanted at once.
  await client.query('SET LOCAL cursor_tuple_fraction = 1');
  const started = performance.now();
  try {
    const text = `DECLARE ferrow_timed NO SCROLL CURSOR FOR ${sql}`;
    // The extended protocol takes one statement and no more; `queryMode` is missing in the types of `pg`.
    await client.query({ text, queryMode: 'extended' } as pg.QueryConfig);
  } catch (error) {
    if (!/^(42|22|0A|25)/.test(sqlState(error) ?? '')) throw error;
    const { message } = fromPostgres(error, 'read');
    throw new FerrowError('E_USAGE', `the query is not one statement that reads: ${message}`, {
      dialect: 'postgres',
      hint: 'give one SELECT, in the SQL of the database that runs it',
      cause: error,
    });
  }
  let rows = 0;
  for (let came = ROWS_AT_ONCE; came === ROWS_AT_ONCE; ) {
    const result = await client.query({ text: `FETCH ${ROWS_AT_ONCE} FROM ferrow_timed`, rowMode: 'array' });
    came = result.rows.length;
    rows += came;
  }
  const seconds = (performance.now() - started) / 1000;
  await client.query('CLOSE ferrow_timed');
  return { rows, seconds };
}
