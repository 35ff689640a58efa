// The numbered thing that crosses a stage or a thread. All of its buffers are owned and transferable.
import { type Column, collectBuffers, columnBytes } from './column.ts';

/** PostgreSQL binary COPY: whole rows, without header and trailer. */
export interface CopyPayload {
  readonly form: 'copy';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Arrow columns in canonical types. */
export interface ColumnsPayload {
  readonly form: 'columns';
  readonly columns: readonly Column[];
}

/**
 * DuckDB vectors: per column the physical bytes as the engine lays them out.
 * - fixed width: `data` is rowCount x width bytes; booleans are a byte each; DECIMAL by its width (2, 4, 8, 16),
 *   ENUM by its number of labels (1, 2, 4).
 * - text, blob and bit: `offsets` (rowCount + 1) into `data`, as in Arrow.
 * - LIST and MAP: `offsets` (rowCount + 1) into the children, which hold the elements (or keys and values) of all
 *   rows one behind the other, each once; NULL rows have none.
 * - ARRAY(n): one child of rowCount x n values, NULL where the row is NULL.
 * - STRUCT: a child of rowCount values for each field, NULL where the row is NULL.
 * - UNION: `data` holds the tags (a byte each); a child of rowCount values for each member, NULL but where the row
 *   is of that member.
 * - `validity`: LSB-first bits padded to 64, or null.
 * `data` is empty where nothing is said of it.
 */
export interface VectorColumn {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly offsets: Int32Array<ArrayBuffer> | null;
  readonly validity: Uint8Array<ArrayBuffer> | null;
  readonly children: readonly VectorColumn[] | null;
}

export interface VectorsPayload {
  readonly form: 'vectors';
  readonly columns: readonly VectorColumn[];
}

/**
 * Leaf pages of a SQLite table, as the file has them. Cells of the first page before `firstCell` and of the last from
 * `endCell` on are another partition's.
 */
export interface PagesPayload {
  readonly form: 'pages';
  /** The pages one behind another; behind them the records that overflow their page, whole. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pageBytes: number;
  /** `pageBytes` without what the file reserves at the end of each page. */
  readonly usableBytes: number;
  /** For errors. */
  readonly pageNumbers: Uint32Array<ArrayBuffer>;
  readonly firstCell: number;
  readonly endCell: number;
  /** Triples: row within the chunk, where its record begins in `bytes`, its length. */
  readonly overflow: Int32Array<ArrayBuffer>;
  /** For each column of the chunk: where its values are. */
  readonly columns: readonly PageColumn[];
}

export interface PageColumn {
  /** Place in the record; null for the rowid. */
  readonly place: number | null;
  /** Whole numbers of a column of REAL affinity are stored as integers, and are reals. */
  readonly real: boolean;
  /** Serial type of the value that rows have which are older than the column (0 is NULL), and where in `bytes` it is. */
  readonly missingSerial: number;
  readonly missingAt: number;
}

/** A SQLite database file with one table of the chunk's rows, which SQLite itself takes them from. */
export interface ImagePayload {
  readonly form: 'image';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The table is declared as the target's, and holds each record as the target would store it. */
  readonly verbatim: boolean;
}

/** What a column of a SQLite table does to the values put into it. */
export interface ImageColumn {
  readonly affinity: 'integer' | 'numeric' | 'real' | 'text' | 'blob';
  /** Takes values of its own class only, and turns none into another. */
  readonly strict: boolean;
  readonly nullable: boolean;
}

/** A table that records can enter as they are, where they are what it would make of their values. */
export interface ImageTable {
  readonly name: string;
  /** Its CREATE TABLE. */
  readonly sql: string;
  readonly columns: readonly ImageColumn[];
  /** The column that is the rowid; null if none is. */
  readonly rowid: number | null;
}

/** Images for a load; `table` is null where SQLite must look at each value. */
export interface ImageForm {
  readonly form: 'image';
  readonly table: ImageTable | null;
}

/**
 * Rows that stay where they are: a range of rowids of a DuckDB table, which a target that can read the same file takes out of it
 * by itself.
 */
export interface ReferencePayload {
  readonly form: 'reference';
  /** In the source. */
  readonly table: { readonly schema: string | null; readonly name: string };
  /** SQL of the values, in the order of the columns. */
  readonly select: readonly string[];
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
  /** Rows at the beginning of the range that don't belong to the chunk. */
  readonly skipRows: number;
  /** What the rows would take as vectors, by a sample. */
  readonly byteLength: number;
}

export type ChunkPayload =
  | CopyPayload
  | ColumnsPayload
  | VectorsPayload
  | PagesPayload
  | ImagePayload
  | ReferencePayload;
export type ChunkForm = ChunkPayload['form'];
/** The form in which a target takes the chunks of a load best, with what encoding must know beyond it. Plain data. */
export type TargetForm = ChunkForm | ImageForm;

export interface Chunk {
  /** 0, 1, 2 … within its partition. */
  readonly seq: number;
  readonly rowCount: number;
  /** `payloadBytes` of the payload as it left the source; what the byte gate counts. */
  readonly byteLength: number;
  readonly payload: ChunkPayload;
  /** Rows at the beginning that are committed already; the crossing leaves them out. `rowCount` counts them. */
  readonly skipRows?: number;
}

/** Every ArrayBuffer of the payload, for a transfer list; each appears once. */
export function transferList(payload: ChunkPayload): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  if (payload.form === 'copy' || payload.form === 'image') buffers.push(payload.bytes.buffer);
  else if (payload.form === 'pages')
    buffers.push(payload.bytes.buffer, payload.pageNumbers.buffer, payload.overflow.buffer);
  else if (payload.form === 'columns') for (const column of payload.columns) collectBuffers(column, buffers);
  else if (payload.form === 'vectors')
    for (const column of payload.columns) collectVectorBuffers(column, buffers);
  return [...new Set(buffers)];
}

/**
 * Gives the payload's memory back at once. Garbage collection would too, but late: buffers weigh nothing in the heap
 * that it watches, and a hundred megabytes of dead chunks gather in each thread.
 */
export function releasePayload(payload: ChunkPayload): void {
  releaseBuffers(transferList(payload));
}

/** Detaches every buffer that this thread still has. */
export function releaseBuffers(buffers: Iterable<ArrayBuffer>): void {
  for (const buffer of buffers) if (!buffer.detached) buffer.transfer(0);
}

function collectVectorBuffers(column: VectorColumn, into: ArrayBuffer[]): void {
  into.push(column.data.buffer);
  if (column.offsets) into.push(column.offsets.buffer);
  if (column.validity) into.push(column.validity.buffer);
  for (const child of column.children ?? []) collectVectorBuffers(child, into);
}

/** Bytes that the payload's buffers take, or would take. */
export function payloadBytes(payload: ChunkPayload): number {
  if (payload.form === 'copy' || payload.form === 'pages' || payload.form === 'image')
    return payload.bytes.byteLength;
  if (payload.form === 'reference') return payload.byteLength;
  if (payload.form === 'columns')
    return payload.columns.reduce((sum, column) => sum + columnBytes(column), 0);
  return payload.columns.reduce((sum, column) => sum + vectorBytes(column), 0);
}

function vectorBytes(column: VectorColumn): number {
  let bytes = column.data.byteLength + (column.offsets?.byteLength ?? 0) + (column.validity?.byteLength ?? 0);
  for (const child of column.children ?? []) bytes += vectorBytes(child);
  return bytes;
}
