// A writer for one staging table: whole vectors through DuckDB's appender, in the transaction of their ledger
// rows. Engine thread; a connection of its own.
import duckdb, { type Appender, type DataChunk } from '@duckdb/node-bindings';
import type { Chunk } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { LedgerEntry, TableLoad } from '../dialect.ts';
import { ROW_GROUP_ROWS } from './chunk-source.ts';
import type { Link } from './connect.ts';
import { causeOf, errorClass, fromDuckdb } from './errors.ts';
import { areRecorded, recordChunks } from './ledger.ts';
import { run } from './query.ts';
import { quoteTable } from './sql-text.ts';
import { checkVectorColumn, fillChunks } from './vector-fill.ts';

/**
 * A group commits at so many rows or bytes. DuckDB writes whole row groups straight into the file while the transaction
 * runs; what is less goes through the log and is written twice.
 */
const GROUP_ROWS = 2 * ROW_GROUP_ROWS;
const GROUP_BYTES = 64 * 1024 * 1024;

/** Chunks that commit together. */
interface Group {
  readonly appender: Appender;
  readonly entries: LedgerEntry[];
  rows: number;
  bytes: number;
}

export class AppendWriter {
  readonly link: Link;
  readonly #load: TableLoad;
  /** Filled again and again: the driver frees data chunks only with the garbage. */
  readonly #buffer: DataChunk;
  #group: Group | null = null;

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

  /** Whether a group is open: then a failure costs more than the chunk in hand. */
  get hasGroup(): boolean {
    return this.#group !== null;
  }

  /**
   * Appends the chunk to the group.
   * @returns true when the group is large enough
   * @throws FerrowError E_WRITE, E_CONSTRAINT, E_DISK_FULL, E_MEMORY, E_CANCELLED, E_CORRUPT; the group is undone
   */
  async write(chunk: Chunk, entry: LedgerEntry, path: string): Promise<boolean> {
    this.#check(chunk);
    try {
      this.#group ??= await this.#begin();
      const group = this.#group;
      group.entries.push(entry);
      group.rows += chunk.rowCount;
      group.bytes += chunk.byteLength;
      this.#append(group.appender, chunk);
      return group.rows >= GROUP_ROWS || group.bytes >= GROUP_BYTES;
    } catch (error) {
      await this.undo();
      throw fromDuckdb(causeOf(error), 'write', this.#place(entry), path);
    }
  }

  /**
   * Commits the group with its ledger rows, both or neither. Ledger rows that are there already mean that the rows
   * are, too.
   * @returns seconds
   * @throws FerrowError as `write`
   */
  async commit(path: string): Promise<number> {
    const group = this.#group;
    if (!group) return 0;
    const started = performance.now();
    const place = this.#place(group.entries[0]);
    let failure: unknown = null;
    try {
      // Flush first: closing alone swallows errors. Both before the ledger, or COMMIT would leave rows behind.
      duckdb.appender_flush_sync(group.appender);
      duckdb.appender_close_sync(group.appender);
      await recordChunks(this.link, group.entries);
      await run(this.link, 'COMMIT');
      this.#group = null;
    } catch (error) {
      failure = error;
      // After an error COMMIT would answer "done" and roll back: the group is given up as a whole.
      await this.undo();
    }
    if (failure !== null && errorClass(causeOf(failure)) !== 'Constraint')
      throw fromDuckdb(causeOf(failure), 'write', place, path);
    // What COMMIT says proves nothing; the rows do.
    if (await areRecorded(this.link, group.entries)) return (performance.now() - started) / 1000;
    if (failure !== null) throw fromDuckdb(causeOf(failure), 'write', place, path);
    throw new FerrowError('E_WRITE', `DuckDB rolled chunk ${place.seq} back without an error`, place);
  }

  /** Undoes a group that was not committed. Never throws. */
  async undo(): Promise<void> {
    const group = this.#group;
    this.#group = null;
    if (!group) return;
    duckdb.appender_clear(group.appender);
    duckdb.appender_close_sync(group.appender);
    await run(this.link, 'ROLLBACK').catch(() => {});
  }

  async #begin(): Promise<Group> {
    await run(this.link, 'BEGIN');
    return { appender: this.#openAppender(), entries: [], rows: 0, bytes: 0 };
  }

  #append(appender: Appender, chunk: Chunk): void {
    if (chunk.payload.form !== 'vectors') return;
    try {
      fillChunks(chunk.payload.columns, this.#load.columns, chunk.rowCount, this.#buffer, (filled) => {
        duckdb.append_data_chunk(appender, filled);
      });
    } finally {
      // Lets go of the last rows' text.
      duckdb.data_chunk_reset(this.#buffer);
    }
  }

  #place({ seq }: LedgerEntry) {
    return { dialect: 'duckdb', table: this.#load.table.name, seq };
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
