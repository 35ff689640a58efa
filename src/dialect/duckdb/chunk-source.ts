// A cursor over one partition: DuckDB's vectors, gathered into chunks of bounded rows and bytes. Engine thread.
import duckdb, { type DataChunk } from '@duckdb/node-bindings';
import { type Chunk, payloadBytes, type VectorsPayload } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableSchema } from '../../types/schema.ts';
import type { Partition, ReadColumn, ReadRequest } from '../dialect.ts';
import type { Link } from './connect.ts';
import { quote, quoteTable } from './sql-text.ts';
import { type VectorBuilder, vectorBuilder } from './vector-builder.ts';
import { type FeedContext, VectorFeed } from './vector-feed.ts';

/** Offsets of a chunk are int32. */
const CHUNK_BYTES_MAX = 2 ** 31 - 1;

/** Rows of a row group; partitions begin where one begins. */
export const ROW_GROUP_ROWS = 122_880;

/** Rows that are being taken. The data chunk is held because its vectors' text lies in its memory. */
interface Held {
  readonly chunk: DataChunk;
  readonly rowCount: number;
  /** Bytes of each row that aren't the same for all: of text, blobs and the elements of lists. */
  readonly rowBytes: Float64Array;
  taken: number;
}

export class ChunkCursor {
  readonly #request: ReadRequest;
  readonly #feed: VectorFeed;
  readonly #builders: readonly VectorBuilder[];
  readonly #fixedBytes: number;
  #seq = 0;
  #held: Held | null = null;
  #atEnd = false;

  constructor(link: Link, request: ReadRequest, partition: Partition, context: FeedContext) {
    this.#request = request;
    this.#builders = request.columns.map((column) => vectorBuilder(column.wire));
    this.#fixedBytes = this.#builders.reduce((sum, builder) => sum + builder.fixedBytes, 0);
    this.#feed = new VectorFeed(
      link,
      {
        select: request.columns.map(selectSql),
        from: quoteTable(request.table),
        where: [...boundsSql(partition), ...(request.where === null ? [] : [`(\n${request.where}\n)`])],
        hasRowid: hasRowid(request.table),
        table: request.table.name,
      },
      context,
    );
  }

  /** The next chunk, or null after the last row. */
  async next(): Promise<Chunk | null> {
    const { batchRows, batchBytes } = this.#request;
    let rows = 0;
    let bytes = 0;
    for (;;) {
      const held: Held | null = this.#held ?? (await this.#load());
      if (!held) break;
      const from = held.taken;
      const last = Math.min(held.rowCount, from + batchRows - rows);
      let to = rowsThatFit(held.rowBytes, from, last, this.#fixedBytes, batchBytes - bytes);
      // One row always fits.
      if (rows === 0 && to === from) to++;
      rows += to - from;
      bytes += bytesOfRows(held.rowBytes, from, to, this.#fixedBytes);
      if (bytes > CHUNK_BYTES_MAX) {
        throw new FerrowError(
          'E_VALUE_TOO_LARGE',
          `table ${this.#request.table.name}: a row has ${bytes} bytes, more than 2 GiB`,
          { dialect: 'duckdb', table: this.#request.table.name },
        );
      }
      if (to > from) for (const builder of this.#builders) builder.take(from, to);
      held.taken = to;
      const full = to < held.rowCount || rows >= batchRows || bytes >= batchBytes;
      if (to === held.rowCount) this.#release();
      if (full) break;
    }
    if (rows === 0) return null;
    const payload: VectorsPayload = {
      form: 'vectors',
      columns: this.#builders.map((builder) => builder.finish(rows)),
    };
    return { seq: this.#seq++, rowCount: rows, byteLength: payloadBytes(payload), payload };
  }

  async close(): Promise<void> {
    this.#atEnd = true;
    this.#release();
    await this.#feed.end();
  }

  async #load(): Promise<Held | null> {
    const fed = this.#atEnd ? null : await this.#feed.next();
    if (!fed) {
      this.#atEnd = true;
      return null;
    }
    const held = { ...fed, rowBytes: new Float64Array(fed.rowCount), taken: 0 };
    this.#builders.forEach((builder, at) => {
      builder.load(duckdb.data_chunk_get_vector(fed.chunk, at), fed.rowCount, held.rowBytes);
    });
    this.#feed.noteBytes(bytesOfRows(held.rowBytes, 0, fed.rowCount, this.#fixedBytes));
    this.#held = held;
    return held;
  }

  #release(): void {
    // The driver frees a data chunk with the garbage, which may be late for its text: this frees it now.
    if (this.#held) duckdb.data_chunk_reset(this.#held.chunk);
    this.#held = null;
    for (const builder of this.#builders) builder.release();
  }
}

/** Where to end, so that rows from `from` on, at most up to `last`, take no more than `bytesMax`. */
function rowsThatFit(
  rowBytes: Float64Array,
  from: number,
  last: number,
  fixedBytes: number,
  bytesMax: number,
): number {
  let left = bytesMax;
  let to = from;
  while (to < last) {
    left -= fixedBytes + rowBytes[to];
    if (left < 0) break;
    to++;
  }
  return to;
}

function bytesOfRows(rowBytes: Float64Array, from: number, to: number, fixedBytes: number): number {
  let bytes = fixedBytes * (to - from);
  for (let row = from; row < to; row++) bytes += rowBytes[row];
  return bytes;
}

export function selectSql({ name, select }: ReadColumn): string {
  if (select === 'native') return quote(name);
  if (select === 'text') return `CAST(${quote(name)} AS VARCHAR)`;
  if ('cast' in select) return `CAST(${quote(name)} AS ${select.cast})`;
  return select.expression.replaceAll('$1', () => quote(name));
}

/** A user's column called rowid hides DuckDB's. */
export function hasRowid(table: TableSchema): boolean {
  return !table.columns.some((column) => column.name.toLowerCase() === 'rowid');
}

export function boundsSql(partition: Pick<Partition, 'id' | 'bounds'>): string[] {
  const { from, to } = partition.bounds;
  const conditions: string[] = [];
  for (const [operator, bound] of [
    ['>=', from],
    ['<', to],
  ] as const) {
    if (bound === null || bound === undefined) continue;
    if (typeof bound !== 'number' || !Number.isSafeInteger(bound))
      throw new FerrowError('E_INTERNAL', `partition ${partition.id} has a bound that is no rowid`);
    conditions.push(`rowid ${operator} ${bound}`);
  }
  return conditions;
}

/** Cuts `rowids` rowids into at most `most` ranges of whole row groups. */
export function cutRowids(rowids: number, most: number, rowGroupsMin: number): Partition[] {
  const groups = Math.max(1, Math.ceil(rowids / ROW_GROUP_ROWS));
  const pieces = Math.max(1, Math.min(most, Math.floor(groups / rowGroupsMin)));
  const rowsEach = Math.ceil(groups / pieces) * ROW_GROUP_ROWS;
  const partitions: Partition[] = [];
  for (let from = 0; from < rowids || from === 0; from += rowsEach) {
    const last = from + rowsEach >= rowids;
    partitions.push({
      id: `rows-${from}`,
      bounds: { from, to: last ? null : from + rowsEach },
      estimatedRows: Math.min(rowsEach, rowids - from),
    });
  }
  return partitions;
}
