// What both ends can do, and what a server says of itself. A part of the seam; dialect.ts gives it out.
import type { Batch } from '../batch/batch.ts';
import type { Engine } from '../types/logical-type.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../types/schema.ts';
import type { ColumnFigures, ColumnMeasure } from './reads.ts';

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
  /** The first `limit` rows as a batch in canonical types. */
  sample(table: TableSchema, limit: number): Promise<Batch>;
  /** Stops what is running as soon as can be; the pending call rejects with E_CANCELLED. */
  interrupt(): Promise<void>;
  /** Ends transactions and connections. Idempotent; never throws. */
  close(): Promise<void>;
}
