// What both ends can do, and what a server says of itself. A part of the seam; dialect.ts gives it out.
import type { Batch } from '../batch/batch.ts';
import type { Digest } from '../digest/digest.ts';
import type { Engine } from '../types/logical-type.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../types/schema.ts';
import type { ColumnFigures, ColumnMeasure, Partition, ReadRequest } from './reads.ts';

export interface ServerInfo {
  readonly engine: Engine;
  readonly version: string;
  /** `user@host:port/db` or the path. */
  readonly place: string;
  /** Rights and settings worth knowing, for doctor: `can create schema: yes`. */
  readonly facts: Readonly<Record<string, string>>;
  /** Free bytes where the data lives; null if it can't be known. */
  readonly freeBytes: number | null;
  /** Problems that a run would hit, for doctor. */
  readonly problems: readonly string[];
}

/** A digest of an engine's own making; comparable with those of the same engine alone. */
export type OwnDigest = Pick<Digest, 'rowCount' | 'rows'>;

/** What both ends can do. */
export interface EngineHandle {
  /** Versions, rights, free disk. */
  describe(): Promise<ServerInfo>;
  /** Reads the catalog by set queries. `schemas`: names, ['*'] for all, [] for the default one. Ferrow's own tables are left out. */
  catalog(schemas: readonly string[]): Promise<DatabaseSchema>;
  /** `SELECT count(*)`, in the snapshot for a source. `where` is SQL of the source's dialect. */
  countRows(table: TableName, where: string | null): Promise<number>;
  /** By the engine's own SQL, `where` as above. */
  measure(
    table: TableName,
    columns: readonly ColumnMeasure[],
    where: string | null,
  ): Promise<ColumnFigures[]>;
  /** Of engines whose chunks may be references: a digest by the engine's own hash, of rows that nobody has read. */
  ownDigest?(request: ReadRequest, partition: Partition): Promise<OwnDigest>;
  /** The first `limit` rows as a batch in canonical types. */
  sample(table: TableSchema, limit: number): Promise<Batch>;
  /** Stops what is running as soon as can be; the pending call rejects with E_CANCELLED. */
  interrupt(): Promise<void>;
  /** Ends transactions and connections. Idempotent; never throws. */
  close(): Promise<void>;
}
