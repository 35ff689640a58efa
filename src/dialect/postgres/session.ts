// One connection whose work is done one piece after the other. Main thread.
import type pg from 'pg';
import { type Doing, fromPostgres } from './errors.ts';

/** Runs pieces of work on a connection in turn: a piece never sees another's half-done transaction. */
export class Session {
  readonly client: pg.Client;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(client: pg.Client) {
    this.client = client;
  }

  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** @throws FerrowError, with the code that fits what was being done */
  run<T>(doing: Doing, work: (client: pg.Client) => Promise<T>): Promise<T> {
    this.#waiting++;
    const result = this.#last.then(async () => {
      try {
        return await work(this.client);
      } catch (error) {
        throw fromPostgres(error, doing);
      } finally {
        this.#waiting--;
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** The same inside a savepoint: in an open transaction, an error undoes only this piece. */
  runInside<T>(doing: Doing, work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.run(doing, (client) => insideSavepoint(client, () => work(client)));
  }
}

/** Runs work in a savepoint of the open transaction; an error undoes the work and is thrown on. */
export async function insideSavepoint<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('SAVEPOINT ferrow_step');
  try {
    const result = await work();
    await client.query('RELEASE SAVEPOINT ferrow_step');
    return result;
  } catch (error) {
    // Released too: one of the same name may be around it. The connection may be gone; the first error is the one that tells.
    await client.query('ROLLBACK TO SAVEPOINT ferrow_step; RELEASE SAVEPOINT ferrow_step').catch(() => {});
    throw error;
  }
}

/** Connections whose transaction is somebody else's to end. */
const open = new WeakSet<pg.Client>();

/** While it is marked, what would be a transaction on the connection is a savepoint. */
export function markOpen(client: pg.Client, isOpen: boolean): void {
  if (isOpen) open.add(client);
  else open.delete(client);
}

/**
 * Runs work in a transaction and commits it. COMMIT of a failed transaction "succeeds" by rolling back, so its answer
 * is looked at.
 */
export async function inTransaction<T>(
  client: pg.Client,
  work: () => Promise<T>,
  begin = 'BEGIN',
  onCommit?: (seconds: number) => void,
): Promise<T> {
  if (open.has(client)) return insideSavepoint(client, work);
  await client.query(begin);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
  const started = performance.now();
  const { command } = await client.query('COMMIT');
  onCommit?.((performance.now() - started) / 1000);
  if (command !== 'COMMIT') throw new Error('the server rolled the transaction back');
  return result;
}
