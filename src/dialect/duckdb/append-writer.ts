// A writer for one staging table: whole vectors through DuckDB's appender, in the transaction of their ledger
// row. Engine thread; a connection of its own.
import duckdb, { type Appender, type DataChunk } from '@duckdb/node-bindings';
import type { Chunk } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { LedgerEntry, TableLoad } from '../dialect.ts';
import type { Link } from './connect.ts';
import { causeOf, errorClass, fromDuckdb } from './errors.ts';
import { isRecorded, recordChunk } from './ledger.ts';
import { run } from './query.ts';
import { quoteTable } from './sql-text.ts';
import { checkVectorColumn, fillChunks } from './vector-fill.ts';

export class AppendWriter {
  readonly link: Link;
  readonly #load: TableLoad;
  /** Filled again and again: the driver frees data chunks only with the garbage. */
  readonly #buffer: DataChunk;

  constructor(link: Link, load: TableLoad) {
    this.link = link;
    this.#load = load;
    const appender = this.#openAppender();
    const columnCount = duckdb.appender_column_count(appender);
    if (columnCount !== load.columns.length) {
      throw new FerrowError(
        'E_INTERNAL',
        `the staging table of ${load.table.name} has ${columnCount} columns, not ${load.columns.length}`,
      );
    }
    this.#buffer = duckdb.create_data_chunk(
      load.columns.map((_, at) => duckdb.appender_column_type(appender, at)),
    );
    duckdb.appender_close_sync(appender);
  }

  get staging(): string {
    return quoteTable(this.#load.staging);
  }

  /**
   * Rows and ledger row, both or neither. A ledger row that is there already means that the chunk is, too.
   * @returns seconds of the commit
   * @throws FerrowError E_WRITE, E_CONSTRAINT, E_DISK_FULL, E_MEMORY, E_CANCELLED, E_CORRUPT
   */
  async write(chunk: Chunk, entry: LedgerEntry, path: string): Promise<number> {
    const place = { dialect: 'duckdb', table: this.#load.table.name, seq: entry.seq };
    this.#check(chunk);
    let failure: unknown = null;
    let started = performance.now();
    try {
      await run(this.link, 'BEGIN');
      this.#append(chunk);
      await recordChunk(this.link, entry);
      started = performance.now();
      await run(this.link, 'COMMIT');
    } catch (error) {
      failure = error;
      // After an error COMMIT would answer "done" and roll back: the chunk is given up as a whole.
      await run(this.link, 'ROLLBACK').catch(() => {});
    }
    if (failure !== null && errorClass(causeOf(failure)) !== 'Constraint')
      throw fromDuckdb(causeOf(failure), 'write', place, path);
    // What COMMIT says proves nothing; the row does.
    if (await isRecorded(this.link, entry)) return (performance.now() - started) / 1000;
    if (failure !== null) throw fromDuckdb(causeOf(failure), 'write', place, path);
    throw new FerrowError('E_WRITE', `DuckDB rolled chunk ${entry.seq} back without an error`, place);
  }

  #append(chunk: Chunk): void {
    if (chunk.payload.form !== 'vectors') return;
    const appender = this.#openAppender();
    try {
      fillChunks(chunk.payload.columns, this.#load.columns, chunk.rowCount, this.#buffer, (filled) => {
        duckdb.append_data_chunk(appender, filled);
      });
      // Flush first: closing alone swallows errors. Both before the ledger row, or COMMIT would leave rows behind.
      duckdb.appender_flush_sync(appender);
    } catch (error) {
      duckdb.appender_clear(appender);
      throw error;
    } finally {
      duckdb.appender_close_sync(appender);
      // Lets go of the last rows' text.
      duckdb.data_chunk_reset(this.#buffer);
    }
  }

  #openAppender(): Appender {
    const { schema, name } = this.#load.staging;
    return duckdb.appender_create(this.link.handle, schema ?? 'main', name);
  }

  #check(chunk: Chunk): void {
    const { payload, rowCount } = chunk;
    const { columns } = this.#load;
    if (payload.form !== 'vectors' || payload.columns.length !== columns.length) {
      throw new FerrowError('E_INTERNAL', `a chunk for ${this.#load.table.name} is not made for DuckDB`);
    }
    payload.columns.forEach((column, at) => {
      checkVectorColumn(column, columns[at].wire, rowCount, columns[at].name);
    });
  }
}
