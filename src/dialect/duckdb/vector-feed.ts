// Rows of a table or a part of it as DuckDB's data chunks, streamed, complete or an error. Engine thread.
//
// The driver's fetch_chunk answers an error in the middle of a stream (a damaged block, no memory, an
// interrupt) with null, as if the rows had ended. So the rows that came are counted against count(*), and
// where some are missing the feed goes on behind the last rowid by windows of fewer and fewer rows. Rows of which
// 2,048 don't fit into memory get through that way; a row that can't be read alone tells its error.
import duckdb, { type DataChunk, type Result } from '@duckdb/node-bindings';
import { releaseBuffers } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { Link } from './connect.ts';
import { errorClass, fromDuckdb } from './errors.ts';
import { count, rows } from './query.ts';
import { vectorBytes } from './vector-bytes.ts';

const WINDOW_ROWS = 128;
const WINDOW_SHRINK = 8;
/** A window that brought more than this is followed by one of half its rows. */
const WINDOW_BYTES = 16 * 1024 * 1024;

export interface FeedQuery {
  /** SQL of the values, without the rowid. */
  readonly select: readonly string[];
  readonly from: string;
  /** Conditions, joined by AND. */
  readonly where: readonly string[];
  /** The table has DuckDB's rowid (no column of its own has that name). */
  readonly hasRowid: boolean;
  /** For errors. */
  readonly table: string;
}

/** What the feeds of one file share. */
export interface FeedContext {
  /** Set by an interrupt; every feed ends then. */
  cancelled: boolean;
}

export class VectorFeed {
  readonly #link: Link;
  readonly #query: FeedQuery;
  readonly #context: FeedContext;
  #result: Result | null = null;
  #started = false;
  #delivered = 0;
  #lastRowid = -1n;
  /** Rows per query once the stream failed; null while it holds. */
  #windowRows: number | null = null;
  /** The window that is being read: [from, to) of the rowids, and how many rows came of it. */
  #windowFrom = 0n;
  #windowTo = 0n;
  #windowGot = 0;
  /** Behind the last rowid of all. */
  #end = 0n;

  constructor(link: Link, query: FeedQuery, context: FeedContext) {
    this.#link = link;
    this.#query = query;
    this.#context = context;
  }

  /** The next rows, or null after the last. The column behind the selected ones is the rowid. */
  async next(): Promise<{ chunk: DataChunk; rowCount: number } | null> {
    if (this.#windowRows !== null) return this.#nextWindow();
    if (!this.#started) {
      this.#started = true;
      try {
        this.#result = await this.#start(await this.#inOrder(this.#sql(this.#query.where)), true);
      } catch (error) {
        if (errorClass(error) !== 'Out of Memory' || !this.#query.hasRowid) throw error;
      }
    }
    const fetched = await this.#fetch();
    if (fetched) return fetched;
    return (await this.#isComplete()) ? null : this.#nextWindow();
  }

  /** Tells how many bytes the last rows had, so that windows stay small. */
  noteBytes(bytes: number): void {
    if (this.#windowRows !== null && bytes > WINDOW_BYTES)
      this.#windowRows = Math.max(1, this.#windowRows >> 1);
  }

  /** Ends a stream that wasn't read to its end, so that the connection can be used again. */
  async end(): Promise<void> {
    const result = this.#result;
    if (!result) return;
    this.#result = null;
    duckdb.interrupt(this.#link.handle);
    try {
      for (;;) {
        const chunk = await duckdb.fetch_chunk(result);
        if (!chunk || duckdb.data_chunk_get_size(chunk) === 0) return;
      }
    } catch {
      // Interrupted, as it should be.
    }
  }

  #sql(where: readonly string[]): string {
    const columns = this.#query.hasRowid ? [...this.#query.select, 'rowid'] : this.#query.select;
    return `SELECT ${columns.join(', ')} FROM ${this.#query.from}${whereClause(where)}`;
  }

  /** A condition that DuckDB answers by a join, as a long list or a subquery, gives rows as its threads come by them. */
  async #inOrder(sql: string): Promise<string> {
    const { hasRowid, where } = this.#query;
    if (!hasRowid || where.length === 0) return sql;
    const [{ explain_value: plan }] = await rows(this.#link, `EXPLAIN (FORMAT json) ${sql}`);
    return /"name": *"\w*JOIN"/.test(String(plan)) ? `${sql} ORDER BY rowid` : sql;
  }

  async #start(sql: string, stream: boolean): Promise<Result> {
    try {
      const prepared = await duckdb.prepare(this.#link.handle, sql);
      try {
        return await (stream
          ? duckdb.execute_prepared_streaming(prepared)
          : duckdb.execute_prepared(prepared));
      } finally {
        duckdb.destroy_prepare_sync(prepared);
      }
    } catch (error) {
      if (this.#context.cancelled) throw cancelled();
      throw error;
    }
  }

  async #fetch(): Promise<{ chunk: DataChunk; rowCount: number } | null> {
    if (!this.#result) return null;
    const chunk = await duckdb.fetch_chunk(this.#result);
    if (this.#context.cancelled) throw cancelled();
    const rowCount = chunk ? duckdb.data_chunk_get_size(chunk) : 0;
    if (!chunk || rowCount === 0) {
      this.#result = null;
      return null;
    }
    this.#delivered += rowCount;
    if (this.#query.hasRowid) this.#noteRowids(chunk, rowCount);
    return { chunk, rowCount };
  }

  /** Rows come in the order of their rowids: going on behind the last one neither loses nor doubles any. */
  #noteRowids(chunk: DataChunk, rowCount: number): void {
    const vector = duckdb.data_chunk_get_vector(chunk, this.#query.select.length);
    const { buffer } = vectorBytes(vector, rowCount * 8);
    const view = new DataView(buffer);
    const first = view.getBigInt64(0, true);
    if (first <= this.#lastRowid) throw this.#fail('E_READ', 'DuckDB gave rows out of order');
    this.#lastRowid = view.getBigInt64((rowCount - 1) * 8, true);
    releaseBuffers([buffer]);
  }

  async #isComplete(): Promise<boolean> {
    const { from, where, hasRowid } = this.#query;
    const expected = await this.#count(`SELECT count(*) FROM ${from}${whereClause(where)}`);
    if (this.#delivered === expected) return true;
    if (this.#delivered > expected) {
      throw this.#fail('E_SOURCE_CHANGED', `${this.#delivered} rows came where DuckDB counts ${expected}`);
    }
    if (!hasRowid) {
      await this.#provoke();
      throw this.#fail('E_READ', `DuckDB stopped after ${this.#delivered} of ${expected} rows`);
    }
    this.#windowRows = WINDOW_ROWS;
    this.#end = BigInt(await this.#count(`SELECT max(rowid) + 1 FROM ${from}${whereClause(where)}`));
    return false;
  }

  async #nextWindow(): Promise<{ chunk: DataChunk; rowCount: number } | null> {
    for (;;) {
      const fetched = await this.#fetch();
      if (fetched) {
        this.#windowGot += fetched.rowCount;
        return fetched;
      }
      if (this.#windowTo > 0n && !(await this.#isWindowComplete())) this.#windowTo = 0n;
      const from = this.#windowTo > 0n ? this.#windowTo : this.#lastRowid + 1n;
      if (from >= this.#end) return null;
      const rows = this.#windowRows ?? WINDOW_ROWS;
      this.#windowFrom = from;
      this.#windowTo = from + BigInt(rows);
      this.#windowGot = 0;
      try {
        // One row alone: not streamed, so that the driver reports what is wrong with it.
        this.#result = await this.#start(this.#sql(this.#windowWhere()), rows > 1);
      } catch (error) {
        const isMemory = errorClass(error) === 'Out of Memory';
        if (!isMemory || (rows === 1 && !(await this.#link.memory.double(this.#link))))
          throw fromDuckdb(error, 'read', { table: this.#query.table });
        // The same row again, with others: lists are scanned a vector at a time however few rows are wanted, so what
        // was too little for one row may now do for many. A longer window is found incomplete and shrinks.
        if (rows === 1) {
          this.#windowTo = 0n;
          this.#windowRows = WINDOW_ROWS / WINDOW_SHRINK;
        }
      }
    }
  }

  #windowWhere(): string[] {
    return [...this.#query.where, `rowid >= ${this.#windowFrom} AND rowid < ${this.#windowTo}`];
  }

  /** If not, the next window begins behind the last row that came, with fewer rows. */
  async #isWindowComplete(): Promise<boolean> {
    const expected = await this.#count(
      `SELECT count(*) FROM ${this.#query.from}${whereClause(this.#windowWhere())}`,
    );
    if (this.#windowGot === expected) return true;
    if (this.#windowRows === 1) throw this.#fail('E_READ', `the row ${this.#windowFrom} can not be read`);
    this.#windowRows = Math.max(1, Math.floor((this.#windowRows ?? WINDOW_ROWS) / WINDOW_SHRINK));
    return false;
  }

  async #count(sql: string): Promise<number> {
    try {
      return await count(this.#link, sql);
    } catch (error) {
      if (this.#context.cancelled) throw cancelled();
      throw fromDuckdb(error, 'read', { table: this.#query.table });
    }
  }

  /** Makes DuckDB say why the stream ended: the same values, needed by a hash, in one result. */
  async #provoke(): Promise<void> {
    const { select, from, where } = this.#query;
    const hashes = select.map((column) => `hash(${column})`).join(', ');
    await this.#count(
      `SELECT count(h) FROM (SELECT max(hash(${hashes})) AS h FROM ${from}${whereClause(where)})`,
    );
  }

  #fail(code: 'E_READ' | 'E_SOURCE_CHANGED', what: string): FerrowError {
    return new FerrowError(code, `table ${this.#query.table}: ${what}`, {
      dialect: 'duckdb',
      table: this.#query.table,
      hint: 'check the database with the DuckDB shell',
    });
  }
}

function whereClause(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

function cancelled(): FerrowError {
  return new FerrowError('E_CANCELLED', 'reading was interrupted', { dialect: 'duckdb' });
}
