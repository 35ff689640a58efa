// Statements that may fail without stopping a run. Main thread.
import type pg from 'pg';
import { fromPostgres, sqlState } from './errors.ts';
import { insideSavepoint } from './session.ts';

/** Runs a statement in a savepoint. Errors of the server go to `failed`; a lost connection is thrown. */
export async function attempt(
  client: pg.Client,
  sql: string,
  failed: (reason: string, state: string) => void,
  done?: () => void,
): Promise<void> {
  try {
    await insideSavepoint(client, () => client.query(sql));
    done?.();
  } catch (error) {
    const state = sqlState(error);
    if (state === null || !/^(23|42|22|0A|2B|54|55|P0|38|39)/.test(state)) throw error;
    const { message, value } = fromPostgres(error, 'ddl');
    failed(value === undefined ? message : `${message}: ${value}`, state);
  }
}
