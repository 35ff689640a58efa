// A chunk -> COPY … FROM STDIN in binary, its ledger row behind it, one transaction. Main thread.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Chunk } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { LedgerEntry, TableLoad } from '../dialect.ts';
import { COPY_HEADER, COPY_TRAILER } from './codec/row-cut.ts';
import { fromPostgres } from './errors.ts';
import { isAlreadyRecorded, recordChunk } from './ledger.ts';
import { quoteList, quoteTable } from './names.ts';
import { inTransaction } from './session.ts';

/** One message to the server; the socket is asked between two of them whether it can take more. */
const MESSAGE_BYTES = 256 * 1024;

/** The rows are committed before finishTable commits, whose own commit is durable. */
const BEGIN = 'BEGIN; SET LOCAL synchronous_commit = off';

/**
 * Settles when rows and ledger row are committed, or the ledger says that they were before.
 * @returns seconds of the commit
 * @throws FerrowError; the server's row number within the chunk, from 0, stands in `place.row['#']`
 */
export async function writeChunk(
  client: pg.Client,
  load: TableLoad,
  chunk: Chunk,
  entry: LedgerEntry,
): Promise<number> {
  const { payload } = chunk;
  if (payload.form !== 'copy')
    throw new FerrowError('E_INTERNAL', `PostgreSQL was given a chunk of form ${payload.form}`);
  let commitSeconds = 0;
  try {
    await inTransaction(
      client,
      async () => {
        const taken = await copyRows(client, copySql(load), payload.bytes);
        if (taken !== chunk.rowCount)
          throw new FerrowError('E_WRITE', `the server took ${taken} of ${chunk.rowCount} rows`);
        await recordChunk(client, entry);
      },
      BEGIN,
      (seconds) => {
        commitSeconds = seconds;
      },
    );
    return commitSeconds;
  } catch (error) {
    if (isAlreadyRecorded(error)) return commitSeconds;
    throw fromPostgres(error, 'write', { table: load.table.name, seq: chunk.seq, ...copyPlace(error) });
  }
}

function copySql(load: TableLoad): string {
  // A table without columns takes no list.
  const columns =
    load.columns.length === 0 ? '' : ` (${quoteList(load.columns.map((column) => column.name))})`;
  return `COPY ${quoteTable(load.staging)}${columns} FROM STDIN (FORMAT binary)`;
}

/** @returns the number of rows that the server counted */
async function copyRows(client: pg.Client, sql: string, rows: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = client.query(copyFrom(sql));
  await pipeline(Readable.from(messages(rows), { objectMode: true, highWaterMark: 1 }), stream);
  return stream.rowCount;
}

function* messages(rows: Uint8Array<ArrayBuffer>): Generator<Buffer> {
  yield Buffer.from(COPY_HEADER);
  for (let at = 0; at < rows.length; at += MESSAGE_BYTES)
    yield Buffer.from(rows.buffer, rows.byteOffset + at, Math.min(MESSAGE_BYTES, rows.length - at));
  yield Buffer.from(COPY_TRAILER);
}

/** `COPY t, line 3, column c` in a server's error: where in the chunk it was. */
function copyPlace(error: unknown): { row?: Record<string, string>; column?: string } {
  const where = (error as { where?: unknown } | null)?.where;
  if (typeof where !== 'string') return {};
  const match = /^COPY .*, line (\d+)(?:, column ([^\n]*))?/.exec(where);
  if (!match) return {};
  return { row: { '#': String(Number(match[1]) - 1) }, ...(match[2] ? { column: match[2] } : {}) };
}
