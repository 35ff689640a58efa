// The calls of the library that move one table in a way of their own: what a caller says, as options of a transfer.
import type { TransferOptionsInput } from './options.ts';
import type { TransferEmitter } from './request.ts';

/** Options of `migrateIncremental`. */
export interface IncrementalOptions {
  readonly signal?: AbortSignal;
  /** The column that grows: a time or a number. */
  readonly timestampColumn: string;
  /**
   * Where to begin if the table stands in the target and no watermark does. Once there is one, it goes on from that, whatever
   * is said here.
   */
  readonly lastMigrated?: string | number | bigint | Date;
  /** `15m`: look so far behind the watermark. */
  readonly lookback?: string;
  /** Delete rows that the source no longer has. */
  readonly deletes?: boolean;
  readonly batchSize?: number;
  readonly dryRun?: boolean;
}

export function incrementalOptions(
  name: string,
  own: TransferOptionsInput,
  { timestampColumn, lastMigrated, signal: _signal, ...given }: IncrementalOptions,
): TransferOptionsInput {
  const start = lastMigrated instanceof Date ? lastMigrated.toISOString() : lastMigrated?.toString();
  const begin = start === undefined ? {} : { lastMigrated: start };
  const table = { ...own.tableOptions?.[name], watermark: timestampColumn, ...begin };
  return {
    ...own,
    ...given,
    strategy: 'incremental',
    tables: [name],
    tableOptions: { ...own.tableOptions, [name]: table },
  };
}

/** What is told after each batch. */
export interface StreamProgress {
  readonly tableName: string;
  readonly migratedRows: number;
  /** Null where the source's rows were not counted. */
  readonly sourceRows: number | null;
}

/** Options of `migrateStreaming`. */
export interface StreamingOptions {
  readonly signal?: AbortSignal;
  /** Rows in a batch. */
  readonly streamSize?: number;
  readonly onProgress?: (progress: StreamProgress) => void;
  readonly ifExists?: 'fail' | 'replace' | 'append';
}

/** Tells `onProgress` of the table's batches until `work` settles. */
export async function withProgress<T>(
  events: TransferEmitter,
  name: string,
  onProgress: StreamingOptions['onProgress'],
  work: () => Promise<T>,
): Promise<T> {
  const tell = (batch: {
    readonly table: string;
    readonly tableRows: number;
    readonly sourceRows: number | null;
  }) => {
    const { table: tableName, tableRows: migratedRows, sourceRows } = batch;
    if (tableName === name) onProgress?.({ tableName, migratedRows, sourceRows });
  };
  events.on('batch', tell);
  try {
    return await work();
  } finally {
    events.off('batch', tell);
  }
}

/** Options of `migrateWithRetry`. */
export interface RetryOptions {
  readonly signal?: AbortSignal;
  /** Attempts after the first; of faults that may pass by themselves, and of no others. */
  readonly maxRetries?: number;
  /** Milliseconds before the second attempt; each wait after it is twice as long. */
  readonly retryDelay?: number;
  readonly ifExists?: 'fail' | 'replace' | 'append';
}
