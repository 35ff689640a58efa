// A writer of one staging table: chunks -> one COPY … FROM STDIN in binary, their ledger rows behind it, one transaction.
// Main thread.
import { once } from 'node:events';
import type pg from 'pg';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import type { Chunk } from '../../batch/chunk.ts';
import { failpoint } from '../../errors/failpoint.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { LedgerEntry, TableLoad } from '../dialect.ts';
import { COPY_HEADER, COPY_TRAILER } from './codec/row-cut.ts';
import { fromPostgres } from './errors.ts';
import { areRecorded, isAlreadyRecorded, recordChunks } from './ledger.ts';
import { quoteList, quoteTable } from './names.ts';
import { awaited } from './silence-watch.ts';

/** One message to the server; the socket is asked between two of them whether it can take more. */
const MESSAGE_BYTES = 256 * 1024;

/** A group commits at so many bytes: what a killed run has to send again. */
const GROUP_BYTES = 32 * 1024 * 1024;

/** What a group is between. The rows are committed before finishTable commits, whose own commit is durable. */
const GROUP_ALONE = { begin: 'BEGIN; SET LOCAL synchronous_commit = off', end: 'COMMIT', undo: 'ROLLBACK' };

/** Of a load that is one transaction, which goes on behind a group that failed: its rejects are wanted. */
const GROUP_INSIDE = {
  begin: 'SAVEPOINT ferrow_group',
  end: 'RELEASE SAVEPOINT ferrow_group',
  undo: 'ROLLBACK TO SAVEPOINT ferrow_group; RELEASE SAVEPOINT ferrow_group',
};

/** Chunks that commit together, through one COPY. */
interface Group {
  readonly copy: CopyStreamQuery;
  /** Rejects when the server refuses the COPY or the connection breaks. */
  readonly broken: Promise<never>;
  isBroken: boolean;
  readonly entries: LedgerEntry[];
  bytes: number;
}

export class CopyWriter {
  readonly client: pg.Client;
  readonly load: TableLoad;
  readonly #bounds: typeof GROUP_ALONE;
  #group: Group | null = null;

  constructor(client: pg.Client, load: TableLoad) {
    this.client = client;
    this.load = load;
    this.#bounds = load.transactional ? GROUP_INSIDE : GROUP_ALONE;
  }

  /**
   * Sends the chunk's rows. The server may refuse one of them as late as in `commit`.
   * @returns true when the group is large enough
   * @throws FerrowError; the row's number within its chunk, from 0, stands in `place.row['#']`
   */
  async write(chunk: Chunk, entry: LedgerEntry): Promise<boolean> {
    const { payload } = chunk;
    if (payload.form !== 'copy')
      throw new FerrowError('E_INTERNAL', `PostgreSQL was given a chunk of form ${payload.form}`);
    try {
      const group = this.#group ?? (await this.#begin());
      group.entries.push(entry);
      group.bytes += payload.bytes.byteLength;
      await this.#whileSound(group, this.#send(group.copy, payload.bytes));
      return group.bytes >= GROUP_BYTES;
    } catch (error) {
      throw await this.#fail(error);
    }
  }

  /**
   * @param end is entered behind the group, or alone
   * @returns seconds from the end of the rows on
   */
  async commit(end?: LedgerEntry): Promise<number> {
    const group = this.#group;
    if (!group && !end) return 0;
    const entries = [...(group?.entries ?? []), ...(end ? [end] : [])];
    const started = performance.now();
    try {
      if (group) await this.#endCopy(group);
      else await this.client.query(this.#bounds.begin);
      await recordChunks(this.client, entries);
      failpoint('group.written');
      await this.#endTransaction();
      this.#group = null;
      return (performance.now() - started) / 1000;
    } catch (error) {
      const failure = await this.#fail(error);
      // Rows and entries were there before: then nothing is missing.
      if (isAlreadyRecorded(error) && (await areRecorded(this.client, entries))) return 0;
      throw failure;
    }
  }

  async #endCopy(group: Group): Promise<void> {
    group.copy.end(Buffer.from(COPY_TRAILER));
    await this.#whileSound(group, once(group.copy, 'finish'));
    const sent = group.entries.reduce((sum, { rows }) => sum + rows, 0);
    if (group.copy.rowCount !== sent)
      throw new FerrowError('E_WRITE', `the server took ${group.copy.rowCount} of ${sent} rows`);
  }

  /** Undoes a group that was not committed. Never throws. */
  async undo(): Promise<void> {
    const group = this.#group;
    this.#group = null;
    if (!group) return;
    // The server has left a broken COPY already; any other is told that it fails.
    if (!group.isBroken) group.copy.destroy(new Error('given up'));
    await this.client.query(this.#bounds.undo).catch(() => {});
  }

  /** COMMIT of a failed transaction "succeeds" by rolling back, so its answer is looked at. */
  async #endTransaction(): Promise<void> {
    const { command } = await this.client.query(this.#bounds.end);
    if (command === 'ROLLBACK') throw new FerrowError('E_WRITE', 'the server rolled the transaction back');
  }

  async #begin(): Promise<Group> {
    await this.client.query(this.#bounds.begin);
    const copy = this.client.query(copyFrom(copySql(this.load)));
    const broken = new Promise<never>((_, reject) => {
      copy.on('error', (error) => {
        group.isBroken = true;
        reject(error);
      });
    });
    const group: Group = { copy, broken, isBroken: false, entries: [], bytes: 0 };
    this.#group = group;
    // Whoever races against it hears of it.
    broken.catch(() => {});
    // Settles when the server is ready to take rows: until then the stream only holds references to what it is given.
    await this.#whileSound(group, passed(copy, Buffer.from(COPY_HEADER)));
    return group;
  }

  /** Between two of these the server waits for us. */
  async #whileSound({ broken }: Group, step: Promise<unknown>): Promise<void> {
    await awaited(this.client, Promise.race([broken, step]));
  }

  /** Settles when the operating system has the bytes: from then on the caller may do with them what it likes. */
  async #send(copy: CopyStreamQuery, rows: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let at = 0; at < rows.length; at += MESSAGE_BYTES) {
      const message = Buffer.from(
        rows.buffer,
        rows.byteOffset + at,
        Math.min(MESSAGE_BYTES, rows.length - at),
      );
      await passed(copy, message);
    }
    await flushed(this.client);
  }

  /** The error as the caller gets it, after the group was undone. */
  async #fail(error: unknown): Promise<FerrowError> {
    const place = copyPlace(error, this.#group?.entries ?? []);
    if (this.#group) await this.undo();
    else await this.client.query(this.#bounds.undo).catch(() => {});
    return fromPostgres(error, 'write', { table: this.load.table.name, ...place });
  }
}

/** Settles when the bytes are in the socket's queue and it can take more. */
function passed(copy: CopyStreamQuery, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    copy.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/** Settles when nothing that was written to the connection waits in this process any more. */
async function flushed(client: pg.Client): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: NodeJS.WritableStream } }).connection;
  await new Promise<void>((resolve, reject) => {
    stream.write(Buffer.alloc(0), (error) => (error ? reject(error) : resolve()));
  });
}

function copySql(load: TableLoad): string {
  // A table without columns takes no list.
  const columns =
    load.columns.length === 0 ? '' : ` (${quoteList(load.columns.map((column) => column.name))})`;
  return `COPY ${quoteTable(load.staging)}${columns} FROM STDIN (FORMAT binary)`;
}

interface CopyPlace {
  readonly seq?: number;
  readonly row?: Record<string, string>;
  readonly column?: string;
}

/** `COPY t, line 3, column c` in a server's error: which chunk of the group it was, and where in it. */
function copyPlace(error: unknown, entries: readonly LedgerEntry[]): CopyPlace {
  const where = (error as { where?: unknown } | null)?.where;
  const match = typeof where === 'string' ? /^COPY .*, line (\d+)(?:, column ([^\n]*))?/.exec(where) : null;
  if (!match) return entries.length === 1 ? { seq: entries[0].seq } : {};
  let row = Number(match[1]) - 1;
  let at = 0;
  for (; at < entries.length - 1 && row >= entries[at].rows; at++) row -= entries[at].rows;
  return { seq: entries[at]?.seq, row: { '#': String(row) }, ...(match[2] ? { column: match[2] } : {}) };
}
