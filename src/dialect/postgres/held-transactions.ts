// Tables that are moved in one transaction each, from the first row to the name: the connections on which those transactions
// are open. Main thread.
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableName } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { fromPostgres } from './errors.ts';
import { dropLoad } from './ledger.ts';
import { quoteTable } from './names.ts';
import { markOpen } from './session.ts';

export class HeldTransactions {
  /** By staging table. */
  readonly #clients = new Map<string, pg.Client>();
  /** Begun once: what was rolled back can't be gone on with. */
  readonly #begun = new Set<string>();

  of({ schema, name }: TableName): pg.Client | undefined {
    return this.#clients.get(quoteTable({ schema, name }));
  }

  holds(client: pg.Client): boolean {
    return [...this.#clients.values()].includes(client);
  }

  /** The connection of the load's transaction, which begins with `make`. */
  async begin(
    load: TableLoad,
    acquire: () => Promise<pg.Client>,
    make: (client: pg.Client) => Promise<void>,
  ): Promise<pg.Client> {
    const key = quoteTable(load.staging);
    const there = this.#clients.get(key);
    if (there) return there;
    if (this.#begun.has(key))
      throw new FerrowError('E_WRITE', `the transaction of table "${load.table.name}" was rolled back`, {
        dialect: 'postgres',
        table: load.table.name,
      });
    const client = await acquire();
    this.#begun.add(key);
    this.#clients.set(key, client);
    await client.query('BEGIN');
    markOpen(client, true);
    try {
      await make(client);
    } catch (error) {
      throw fromPostgres(error, 'ddl', { table: load.table.name });
    }
    return client;
  }

  /** @throws what the server says; the caller then undoes it */
  async commit({ staging }: TableLoad): Promise<void> {
    const client = this.of(staging);
    if (!client) return;
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('the server rolled the transaction back');
    this.#forget(staging);
  }

  /** Undoes all but the rejects, if the server still can. Never throws. @returns the connection, if there was a transaction */
  async keepRejects(load: TableLoad): Promise<pg.Client | null> {
    const client = this.of(load.staging);
    if (!client) return null;
    try {
      await client.query(`DROP TABLE ${quoteTable(load.staging)}`);
      await dropLoad(client, load);
      await this.commit(load);
      return client;
    } catch {
      return this.undo(load);
    }
  }

  /** Never throws. @returns the connection, if there was a transaction */
  async undo({ staging }: TableLoad): Promise<pg.Client | null> {
    const client = this.of(staging);
    if (!client) return null;
    this.#forget(staging);
    await client.query('ROLLBACK').catch(() => {});
    return client;
  }

  #forget(staging: TableName): void {
    const client = this.of(staging);
    if (client) markOpen(client, false);
    this.#clients.delete(quoteTable(staging));
  }
}
