// One query that only reads, timed to its last row. Engine thread; on a connection that reads only.
import type Database from 'better-sqlite3';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { Connection } from './connect.ts';

/** @throws FerrowError E_USAGE for several statements, for one that writes, and for what is no SQL */
export function timeQuery({ db }: Connection, sql: string): { rows: number; seconds: number } {
  const started = performance.now();
  const statement = prepareReading(db, sql);
  let rows = 0;
  for (const _row of statement.raw().iterate()) rows++;
  return { rows, seconds: (performance.now() - started) / 1000 };
}

function prepareReading(db: Database.Database, sql: string): Database.Statement<[], unknown[]> {
  const refuse = (why: string, cause?: unknown) =>
    new FerrowError('E_USAGE', `the query is not one statement that reads: ${why}`, {
      dialect: 'sqlite',
      hint: 'give one SELECT, in the SQL of the database that runs it',
      ...(cause === undefined ? {} : { cause }),
    });
  let statement: Database.Statement<[], unknown[]>;
  try {
    statement = db.prepare(sql);
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (!statement.reader || !statement.readonly) throw refuse('SQLite says that it writes');
  return statement;
}
