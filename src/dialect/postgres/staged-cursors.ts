// Cursors over what a PostgreSQL target holds: COPY TO on the connections of its writers. Main thread.
import type pg from 'pg';
import type { Chunk } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { Partition, ReadRequest } from '../dialect.ts';
import { cutOff } from './connect.ts';
import { CopyReader } from './copy-source.ts';
import { fromPostgres } from './errors.ts';
import { selectSql } from './select-sql.ts';

export class StagedCursors {
  readonly #open = new Map<number, { readonly client: pg.Client; readonly reader: CopyReader }>();
  #last = 0;

  open(client: pg.Client, request: ReadRequest, partition: Partition): number {
    const { table, columns, where } = request;
    const select = selectSql(table, columns, where, partition);
    this.#open.set(++this.#last, { client, reader: new CopyReader(client, select, columns.length, request) });
    return this.#last;
  }

  async next(number: number): Promise<Chunk | null> {
    const cursor = this.#open.get(number);
    if (!cursor) throw new FerrowError('E_INTERNAL', `no open cursor ${number}`, { dialect: 'postgres' });
    try {
      return await cursor.reader.next();
    } catch (error) {
      throw fromPostgres(error, 'read');
    }
  }

  /** Gives the connection back; cut off if its COPY was left in the middle, which would have to be read to its end. */
  close(number: number): pg.Client | null {
    const cursor = this.#open.get(number);
    this.#open.delete(number);
    if (!cursor) return null;
    if (!cursor.reader.sound) cutOff(cursor.client);
    return cursor.client;
  }
}
