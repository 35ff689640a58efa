// A writer for one staging table: rows of chunks by `INSERT … SELECT` from the chunk function, or from where references say
// that they are, in the transaction of their ledger rows. Engine thread, which only fills vectors; a connection of its own.
import duckdb, { type DataChunk, type LogicalType as DuckdbType } from '@duckdb/node-bindings';
import type { Chunk, ReferencePayload, VectorColumn } from '../../batch/chunk.ts';
import { failpoint } from '../../errors/failpoint.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { LedgerEntry, TableLoad } from '../dialect.ts';
import type { ChunkFunction } from './chunk-function.ts';
import { ROW_GROUP_ROWS } from './chunk-source.ts';
import type { Link } from './connect.ts';
import { causeOf, errorClass, fromDuckdb } from './errors.ts';
import { areRecorded, recordChunks } from './ledger.ts';
import { run } from './query.ts';
import { joined, referencedRows } from './rows-from.ts';
import { quoteTable } from './sql-text.ts';
import { checkVectorColumn, fillRows } from './vector-fill.ts';
import type { FillText } from './vector-text.ts';

/**
 * A group commits at so many rows. DuckDB writes whole row groups straight into the file while the transaction runs; what
 * is less goes through the log and is written twice.
 */
const GROUP_ROWS = 2 * ROW_GROUP_ROWS;

/**
 * Rows of which a row group is larger than this (400 bytes each) go through the log in small groups: two writers
 * can't gather one in the memory that DuckDB has (100,000 rows of 200 columns in groups of 64 MiB: it ran out, and
 * spoilt the table).
 */
const ROW_GROUP_BYTES_MAX = 48 * 1024 * 1024;
const SMALL_GROUP_BYTES = 4 * 1024 * 1024;

/** Chunks that commit together. */
interface Group {
  readonly entries: LedgerEntry[];
  rows: number;
  bytes: number;
  /** Rows that are taken, by one statement, when the group is complete. */
  references: ReferencePayload | null;
}

/** The chunk that is being inserted. */
interface Inserting {
  readonly columns: readonly VectorColumn[];
  readonly rowCount: number;
  doneRows: number;
  /** What went wrong while vectors were filled; DuckDB hands on its message only. */
  error: unknown;
}

export class InsertWriter {
  readonly link: Link;
  readonly #load: TableLoad;
  readonly #fillText: FillText;
  readonly #feed: ReturnType<ChunkFunction['add']>;
  #group: Group | null = null;
  #inserting: Inserting | null = null;

  constructor(link: Link, load: TableLoad, rows: ChunkFunction, fillText: FillText) {
    this.link = link;
    this.#load = load;
    this.#fillText = fillText;
    const types = stagingTypes(link, load);
    if (types.length !== load.columns.length) {
      throw new FerrowError(
        'E_INTERNAL',
        `the staging table of ${load.table.name} has ${types.length} columns, not ${load.columns.length}`,
      );
    }
    this.#feed = rows.add({ types, fill: (into) => this.#fill(into) });
  }

  get staging(): string {
    return quoteTable(this.#load.staging);
  }

  /** Whether a group is open: then a failure costs more than the chunk in hand. */
  get hasGroup(): boolean {
    return this.#group !== null;
  }

  /**
   * Inserts the chunk's rows as a part of the group; those of references when it is large enough, or at its commit.
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
      await this.#insert(chunk);
      if (!isLarge(group)) return false;
      await this.#take();
      return true;
    } catch (error) {
      await this.undo();
      throw fromDuckdb(causeOf(error), 'write', this.#place(entry), path);
    }
  }

  /**
   * Commits the group with its ledger rows, both or neither; `end` is entered behind them, or alone. Ledger rows that are there already mean that the rows
   * are, too.
   * @returns seconds
   * @throws FerrowError as `write`
   */
  async commit(path: string, end?: LedgerEntry): Promise<number> {
    const group = this.#group;
    const entries = [...(group?.entries ?? []), ...(end ? [end] : [])];
    if (entries.length === 0) return 0;
    const started = performance.now();
    const place = this.#place(entries[0]);
    let failure: unknown = null;
    try {
      this.#group ??= await this.#begin();
      await this.#take();
      await recordChunks(this.link, entries);
      failpoint('group.written');
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
    if (await areRecorded(this.link, entries)) return (performance.now() - started) / 1000;
    if (failure !== null) throw fromDuckdb(causeOf(failure), 'write', place, path);
    throw new FerrowError('E_WRITE', `DuckDB rolled chunk ${place.seq} back without an error`, place);
  }

  /** Undoes a group that was not committed. Never throws. */
  async undo(): Promise<void> {
    const group = this.#group;
    this.#group = null;
    if (!group) return;
    await run(this.link, 'ROLLBACK').catch(() => {});
  }

  /** Ends the writer: a group that was not committed is undone. Never throws. */
  async close(): Promise<void> {
    await this.undo();
    this.#feed.remove();
  }

  async #begin(): Promise<Group> {
    await run(this.link, 'BEGIN');
    return { entries: [], rows: 0, bytes: 0, references: null };
  }

  /** Takes the rows that the group refers to. They can be taken again, so for want of memory they are. */
  async #take(): Promise<void> {
    const group = this.#group;
    if (!group?.references) return;
    const { references, rows } = group;
    group.references = null;
    for (;;) {
      try {
        const sql = `INSERT INTO ${this.staging} ${referencedRows(references)}`;
        const { rowsChanged } = await this.link.api.run(sql);
        if (rowsChanged === rows) return;
        throw new FerrowError('E_SOURCE_CHANGED', `DuckDB took ${rowsChanged} of ${rows} rows`);
      } catch (error) {
        if (errorClass(error) !== 'Out of Memory') throw error;
        await run(this.link, 'ROLLBACK');
        if (!(await this.link.memory.double(this.link))) throw error;
        await run(this.link, 'BEGIN');
      }
    }
  }

  async #insert({ payload, rowCount }: Chunk): Promise<void> {
    if (payload.form === 'reference') {
      const group = this.#group!;
      group.references = group.references ? joined(group.references, payload) : payload;
    }
    if (payload.form !== 'vectors') return;
    const inserting: Inserting = { columns: payload.columns, rowCount, doneRows: 0, error: null };
    this.#inserting = inserting;
    try {
      await run(this.link, `INSERT INTO ${this.staging} SELECT * FROM ${this.#feed.sql}`);
    } catch (error) {
      throw inserting.error ?? error;
    } finally {
      this.#inserting = null;
    }
    if (inserting.doneRows !== rowCount)
      throw new FerrowError('E_INTERNAL', `DuckDB took ${inserting.doneRows} of ${rowCount} rows`);
  }

  /** Called by DuckDB, from one of its threads, for the next rows. */
  #fill(into: DataChunk): void {
    const inserting = this.#inserting!;
    const { columns, rowCount, doneRows } = inserting;
    try {
      inserting.doneRows += fillRows(columns, this.#load.columns, doneRows, rowCount, into, this.#fillText);
    } catch (error) {
      inserting.error = error;
      throw error;
    }
  }

  #place({ seq }: LedgerEntry) {
    return { dialect: 'duckdb', table: this.#load.table.name, seq };
  }

  #check(chunk: Chunk): void {
    const { payload, rowCount } = chunk;
    const { columns } = this.#load;
    if (payload.form === 'reference' && payload.select.length === columns.length) return;
    if (payload.form !== 'vectors' || payload.columns.length !== columns.length) {
      throw new FerrowError('E_INTERNAL', `a chunk for ${this.#load.table.name} is not made for DuckDB`);
    }
    payload.columns.forEach((column, at) => {
      checkVectorColumn(column, columns[at].wire, rowCount, columns[at].name);
    });
  }
}

function isLarge({ rows, bytes }: Group): boolean {
  if (rows >= GROUP_ROWS) return true;
  const rowGroupBytes = (bytes / Math.max(1, rows)) * ROW_GROUP_ROWS;
  return rowGroupBytes > ROW_GROUP_BYTES_MAX && bytes >= SMALL_GROUP_BYTES;
}

/** The types of the staging table's columns, as its own appender has them. */
function stagingTypes(link: Link, { staging }: TableLoad): DuckdbType[] {
  const appender = duckdb.appender_create(link.handle, staging.schema ?? 'main', staging.name);
  const count = duckdb.appender_column_count(appender);
  const types = Array.from({ length: count }, (_, at) => duckdb.appender_column_type(appender, at));
  duckdb.appender_close_sync(appender);
  return types;
}
