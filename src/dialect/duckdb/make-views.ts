// Views, when everything they read stands. Engine thread.
import type { NotCarried } from '../../types/schema.ts';
import type { ViewLoad } from '../dialect.ts';
import type { Link } from './connect.ts';
import { causeOf, errorClass, plainMessage } from './errors.ts';
import { inTransaction, run } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';

/** Each view in a transaction of its own: one that DuckDB refuses is left out and listed. */
export async function makeViews(
  link: Link,
  views: readonly ViewLoad[],
  replace: boolean,
): Promise<NotCarried[]> {
  const notCarried: NotCarried[] = [];
  // DuckDB drops a view whatever reads it. If a table has the name, making the view will say so.
  for (const view of replace ? views : [])
    await run(link, `DROP VIEW IF EXISTS ${quoteTable(view.name)}`).catch(() => {});
  for (const { name, statements } of views) {
    const [create, ...rest] = statements;
    const shown = `${name.schema ?? 'main'}.${name.name}`;
    const schema = name.schema === null || name.schema === 'main' ? [] : [name.schema];
    try {
      await inTransaction(link, async () => {
        for (const each of schema) await run(link, `CREATE SCHEMA IF NOT EXISTS ${quote(each)}`);
        await run(link, create);
      });
    } catch (error) {
      notCarried.push({ table: null, object: 'view', name: shown, reason: reasonOf(error), hint: create });
      continue;
    }
    // DuckDB finds no column for a comment where the view gives its columns names of their own.
    for (const comment of rest) {
      await run(link, comment).catch((error: unknown) => {
        const reason = reasonOf(error);
        notCarried.push({
          table: null,
          object: 'comment',
          name: `comment of ${shown}`,
          reason,
          hint: comment,
        });
      });
    }
  }
  return notCarried;
}

/** @throws what an interrupt is */
function reasonOf(error: unknown): string {
  if (errorClass(causeOf(error)) === 'INTERRUPT') throw error;
  return `DuckDB: ${plainMessage(causeOf(error))}`;
}
