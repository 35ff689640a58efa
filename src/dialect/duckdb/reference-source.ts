// A cursor whose chunks are references: ranges of rowids, counted and not read. Engine thread.
import type { Chunk } from '../../batch/chunk.ts';
import type { TableSchema } from '../../types/schema.ts';
import type { Partition, ReadColumn, ReadRequest } from '../dialect.ts';
import { boundsSql, ChunkCursor, hasRowid, ROW_GROUP_ROWS, selectSql } from './chunk-source.ts';
import { VECTOR_ROWS } from './codec/layout.ts';
import type { Link } from './connect.ts';
import { parseType } from './native-type.ts';
import { rows } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';
import { isGeometry } from './staged-columns.ts';
import type { FeedContext } from './vector-feed.ts';

/** Of longer rows a vector outgrows the memory that DuckDB has; those are read in smaller pieces. */
const ROW_BYTES_MAX = 12 * 1024;

export class ReferenceCursor {
  readonly #link: Link;
  readonly #request: ReadRequest;
  readonly #rowBytes: number;
  readonly #end: number;
  /** No rowid of the partition is missing: rows need not be counted again. */
  readonly #isDense: boolean;
  #next: number;
  #seq = 0;

  constructor(link: Link, request: ReadRequest, range: Range, rowBytes: number) {
    this.#link = link;
    this.#request = request;
    this.#rowBytes = rowBytes;
    this.#next = range.from;
    this.#end = range.to;
    this.#isDense = range.rowCount === range.to - range.from;
  }

  /** The next chunk, or null after the last row. Chunks end where row groups do, so that a target can gather whole ones. */
  async next(): Promise<Chunk | null> {
    const { table, columns, batchRows, batchBytes } = this.#request;
    const rowsMax = Math.max(1, Math.min(batchRows, Math.floor(batchBytes / this.#rowBytes)));
    while (this.#next < this.#end) {
      const from = this.#next;
      const to = Math.min(from + rowsMax, rowGroupEnd(from), this.#end);
      this.#next = to;
      const { rowCount } = this.#isDense
        ? { rowCount: to - from }
        : await rangeOf(this.#link, this.#request, { id: 'chunk', bounds: { from, to } });
      if (rowCount === 0) continue;
      const byteLength = Math.round(rowCount * this.#rowBytes);
      return {
        seq: this.#seq++,
        rowCount,
        byteLength,
        payload: {
          form: 'reference',
          table: { schema: table.schema, name: table.name },
          select: columns.map((column) => departing(column, table)),
          from,
          to,
          skipRows: 0,
          byteLength,
        },
      };
    }
    return null;
  }

  async close(): Promise<void> {
    this.#next = this.#end;
  }
}

/** Null where the rows had better be read: references are not wanted, need a rowid and no condition, and long rows memory. */
export async function openReferences(
  link: Link,
  request: ReadRequest,
  partition: Partition,
  context: FeedContext,
): Promise<ReferenceCursor | null> {
  const { references, where, table } = request;
  if (!references || where !== null || !hasRowid(table)) return null;
  const range = await rangeOf(link, request, partition);
  let rowBytes = 1;
  // Rows may be longer towards the end.
  for (const share of [0, 0.5, 1]) {
    const from = Math.max(range.from, range.from + Math.floor(share * (range.to - range.from - VECTOR_ROWS)));
    const piece = { ...partition, bounds: { from, to: range.to } };
    rowBytes = Math.max(rowBytes, await bytesOfFirstRow(link, request, piece, context));
  }
  return rowBytes > ROW_BYTES_MAX ? null : new ReferenceCursor(link, request, range, rowBytes);
}

/** SQL of a column as a staging table holds it. */
export function departing(column: ReadColumn, { columns }: TableSchema): string {
  const native = columns.find(({ name }) => name === column.name)?.nativeType ?? '';
  return isGeometry(parseType(native)) ? `ST_AsWKB(${quote(column.name)})` : selectSql(column);
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly rowCount: number;
}

/** Its rows, and the rowids that they lie between. */
async function rangeOf(
  link: Link,
  { table }: ReadRequest,
  partition: Pick<Partition, 'id' | 'bounds'>,
): Promise<Range> {
  const bounds = boundsSql(partition);
  const [found] = await rows(
    link,
    `SELECT count(*) AS n, coalesce(min(rowid), 0) AS first, coalesce(max(rowid) + 1, 0) AS behind FROM ${quoteTable(table)}${bounds.length > 0 ? ` WHERE ${bounds.join(' AND ')}` : ''}`,
  );
  return { from: Number(found.first), to: Number(found.behind), rowCount: Number(found.n) };
}

/** On average of the first vector. */
async function bytesOfFirstRow(
  link: Link,
  request: ReadRequest,
  partition: Partition,
  context: FeedContext,
): Promise<number> {
  const cursor = new ChunkCursor(link, { ...request, batchRows: VECTOR_ROWS }, partition, context);
  try {
    const chunk = await cursor.next();
    return chunk ? chunk.byteLength / chunk.rowCount : 0;
  } finally {
    await cursor.close();
  }
}

const rowGroupEnd = (rowid: number): number => (Math.floor(rowid / ROW_GROUP_ROWS) + 1) * ROW_GROUP_ROWS;
