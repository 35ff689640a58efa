// Views, when everything they read stands. Main thread.
import type pg from 'pg';
import type { NotCarried } from '../../types/schema.ts';
import type { ViewLoad } from '../dialect.ts';
import { attempt } from './attempt.ts';
import { dropView } from './dependents.ts';
import { sqlState } from './errors.ts';
import { quote } from './names.ts';
import { insideSavepoint, inTransaction } from './session.ts';

/** All in one transaction, each view in a savepoint: one that the server refuses is left out and listed. */
export async function makeViews(
  client: pg.Client,
  views: readonly ViewLoad[],
  replace: boolean,
): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  await inTransaction(client, async () => {
    // Those that read others first.
    for (const view of replace ? [...views].reverse() : []) await dropOld(client, view);
    for (const view of views) await make(client, view, notCarried);
  });
  return notCarried;
}

/** What can't be dropped is in use; making the view then says so. */
async function dropOld(client: pg.Client, { name }: ViewLoad): Promise<void> {
  try {
    await insideSavepoint(client, () => dropView(client, name));
  } catch (error) {
    if (sqlState(error) === null) throw error;
  }
}

async function make(client: pg.Client, view: ViewLoad, notCarried: NotCarried[]): Promise<void> {
  const { name, materialized, statements } = view;
  const [create, ...rest] = statements;
  const shown = `${name.schema}.${name.name}`;
  if (name.schema !== null) {
    // As a table's schema: the first thing of the source in it may be a view.
    const sql = `CREATE SCHEMA IF NOT EXISTS ${quote(name.schema)}`;
    if (!(await schemaIsThere(client, name.schema))) await attempt(client, sql, () => {});
  }
  const object = materialized ? 'materialized view' : 'view';
  let made = true;
  await attempt(client, create, (reason) => {
    made = false;
    notCarried.push({ table: null, object, name: shown, reason, hint: create });
  });
  for (const statement of made ? rest : []) {
    await attempt(client, statement, (reason) => {
      const what = statement.startsWith('COMMENT') ? 'comment' : 'index';
      notCarried.push({ table: null, object: what, name: `${what} of ${shown}`, reason, hint: statement });
    });
  }
}

async function schemaIsThere(client: pg.Client, schema: string): Promise<boolean> {
  const { rows } = await client.query('SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema]);
  return rows.length > 0;
}
