// Reads where COPY can't serve (poolers and servers that refuse it): by pg-query-stream, one row a value. `pg` hands
// every value through a string, so the server packs each row's binary fields into one, and the chunks are the same
// as COPY's: there is one decoder. Main thread; several times slower than COPY.
import type pg from 'pg';
import QueryStream from 'pg-query-stream';
import type { Chunk } from '../../batch/chunk.ts';
import { corrupt } from './codec/faults.ts';
import type { ChunkLimits } from './codec/message-cut.ts';
import type { ChunkReader } from './copy-source.ts';
import { awaited } from './silence-watch.ts';

const ROWS_AT_ONCE = 500;

/** Wraps a SELECT so that each row is one base64 value: i32 field count, then u32 oid | i32 length | bytes each. */
export function packedSelect(columns: readonly string[], fromOn: string): string {
  return `SELECT pg_catalog.encode(pg_catalog.record_send(ROW(${columns.join(', ')})), 'base64') ${fromOn}`;
}

export class QueryReader implements ChunkReader {
  readonly #client: pg.Client;
  readonly #rows: AsyncIterator<[string]>;
  readonly #columnCount: number;
  readonly #limits: ChunkLimits;
  #seq = 0;
  #ended = false;

  /** `select` is made by `packedSelect`. */
  constructor(client: pg.Client, select: string, columnCount: number, limits: ChunkLimits) {
    this.#client = client;
    const stream = client.query(new QueryStream(select, [], { batchSize: ROWS_AT_ONCE, rowMode: 'array' }));
    this.#rows = stream[Symbol.asyncIterator]();
    this.#columnCount = columnCount;
    this.#limits = limits;
  }

  get sound(): boolean {
    return this.#ended;
  }

  async next(): Promise<Chunk | null> {
    if (this.#ended) return null;
    const rows: Uint8Array[] = [];
    let byteLength = 0;
    while (rows.length < this.#limits.batchRows && byteLength < this.#limits.batchBytes) {
      const { done, value } = await awaited(this.#client, this.#rows.next());
      if (done) {
        this.#ended = true;
        break;
      }
      const row = copyRow(Buffer.from(value[0], 'base64'), this.#columnCount);
      rows.push(row);
      byteLength += row.length;
    }
    if (rows.length === 0) return null;
    const bytes = new Uint8Array(byteLength);
    let at = 0;
    for (const row of rows) {
      bytes.set(row, at);
      at += row.length;
    }
    return { seq: this.#seq++, rowCount: rows.length, byteLength, payload: { form: 'copy', bytes } };
  }
}

/** A packed record -> a row of COPY: the same fields without their oids. */
function copyRow(packed: Buffer, columnCount: number): Uint8Array {
  if (packed.length < 4 || packed.readInt32BE(0) !== columnCount)
    throw corrupt('a packed row of other columns');
  const row = new Uint8Array(Math.max(2, packed.length - 2 - 4 * columnCount));
  const view = new DataView(row.buffer);
  view.setUint16(0, columnCount);
  let at = 4;
  let to = 2;
  for (let column = 0; column < columnCount; column++) {
    if (at + 8 > packed.length) throw corrupt('a packed row is cut off');
    const length = packed.readInt32BE(at + 4);
    const bytes = Math.max(0, length);
    if (length < -1 || at + 8 + bytes > packed.length) throw corrupt('a packed row is cut off');
    view.setInt32(to, length);
    row.set(packed.subarray(at + 8, at + 8 + bytes), to + 4);
    at += 8 + bytes;
    to += 4 + bytes;
  }
  if (at !== packed.length) throw corrupt('a packed row with bytes behind its fields');
  return row;
}
