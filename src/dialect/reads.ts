// How tables are read: requests, partitions, cursors, and what an engine's own SQL says of columns. A part of the seam;
// dialect.ts gives it out. Plain objects: they cross threads.
import type { Chunk } from '../batch/chunk.ts';
import type { Probe } from '../types/evidence.ts';
import type { LogicalType } from '../types/logical-type.ts';
import type { Select } from '../types/mapping.ts';
import type { TableSchema } from '../types/schema.ts';

/** What to read of a table. */
export interface ReadRequest {
  readonly table: TableSchema;
  readonly columns: readonly ReadColumn[];
  /** SQL of the source's dialect, or null. */
  readonly where: string | null;
  /** A chunk ends at so many rows or bytes, whichever comes first; one row always fits. */
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Chunks may be references, where the engine finds that to be good. */
  readonly references?: true;
}

export interface ReadColumn {
  readonly name: string;
  readonly wire: LogicalType;
  readonly select: Select;
}

/**
 * A piece of a table that can be read alone. Serialisable, and means the same to any process that reads the
 * same snapshot. `bounds` belongs to the dialect: PostgreSQL block range, SQLite rowid range, DuckDB rowid range.
 */
export interface Partition {
  /** Unique within the table; names the partition in the ledger. */
  readonly id: string;
  readonly bounds: Readonly<Record<string, string | number | null>>;
  readonly estimatedRows: number | null;
}

export interface ProbeRequest {
  readonly table: TableSchema;
  readonly where: string | null;
  readonly columns: readonly { readonly name: string; readonly probes: readonly Probe[] }[];
}

/** Reading tables, each piece by a cursor. */
export interface TableReads {
  /** Cuts a table into at most `most` partitions that together hold each row once. */
  partitions(request: ReadRequest, most: number): Promise<Partition[]>;
  /** Opens a cursor over one partition; gives its number. */
  openCursor(request: ReadRequest, partition: Partition): Promise<number>;
  /** The next chunk, or null at the end. The payload's buffers are the caller's. */
  next(cursor: number): Promise<Chunk | null>;
  closeCursor(cursor: number): Promise<void>;
}

/**
 * What the engine's own SQL shall say of a column: how many values there are, and of integers the smallest, the largest
 * and the sum, of texts and bytes how many bytes they are together; of values of any kind one sum, the engine's own,
 * of what numbers are and how many bytes the others have.
 */
export interface ColumnMeasure {
  readonly name: string;
  readonly of: 'presence' | 'integers' | 'text' | 'bytes' | 'any';
}

/** Numbers as decimal text; null where nothing was asked for, or the engine can't say. */
export interface ColumnFigures {
  readonly present: string;
  readonly min: string | null;
  readonly max: string | null;
  readonly total: string | null;
}

/** So many columns are measured by one statement: engines bound the cells of a row. */
export const MEASURED_COLUMNS_MAX = 300;
