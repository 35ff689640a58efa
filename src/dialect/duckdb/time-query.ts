// One query that only reads, timed to its last row. Engine thread.
import { StatementType } from '@duckdb/node-api';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { Link } from './connect.ts';
import { fromDuckdb, plainMessage } from './errors.ts';

/** @throws FerrowError E_USAGE for several statements, for one that is no SELECT (COPY writes files), and for what is no SQL */
export async function timeQuery({ api }: Link, sql: string): Promise<{ rows: number; seconds: number }> {
  const started = performance.now();
  const prepared = await prepareReading(api, sql);
  try {
    const result = await prepared.stream();
    let rows = 0;
    for (
      let chunk = await result.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    )
      rows += chunk.rowCount;
    return { rows, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    throw fromDuckdb(error, 'read');
  } finally {
    prepared.destroySync();
  }
}

async function prepareReading(api: Link['api'], sql: string): ReturnType<Link['api']['prepare']> {
  let prepared: Awaited<ReturnType<Link['api']['prepare']>>;
  try {
    prepared = await api.prepare(sql);
  } catch (cause) {
    throw refused(plainMessage(cause), cause);
  }
  if (prepared.statementType === StatementType.SELECT) return prepared;
  prepared.destroySync();
  throw refused('it is no SELECT');
}

function refused(why: string, cause?: unknown): FerrowError {
  return new FerrowError('E_USAGE', `the query is not one statement that reads: ${why}`, {
    dialect: 'duckdb',
    hint: 'give one SELECT, in the SQL of the database that runs it',
    ...(cause === undefined ? {} : { cause }),
  });
}
