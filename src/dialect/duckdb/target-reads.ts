// The reading side of a DuckDB target: catalog, counts, staged rows, the ledger; and the turns that all calls on its connection
// for DDL take. Engine thread.
import type { Batch } from '../../batch/batch.ts';
import type { Chunk } from '../../batch/chunk.ts';
import type { FileLocation } from '../../types/location.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../../types/schema.ts';
import type {
  ColumnFigures,
  ColumnMeasure,
  LedgerChunk,
  LedgerRun,
  OwnDigest,
  Partition,
  ReadRequest,
  ServerInfo,
  StoredSwap,
  TableLoad,
} from '../dialect.ts';
import { readCatalog } from './catalog.ts';
import type { Link, OpenFile } from './connect.ts';
import { readSwaps } from './keep-replaced.ts';
import { forgetRun, readChunks, readDocument, readRuns } from './ledger-reads.ts';
import { measure } from './measures.ts';
import { ownDigest } from './own-digest.ts';
import { countRows, cutTable, describeFile, sampleRows } from './source.ts';
import { quote } from './sql-text.ts';
import { StagedReads } from './staged-reads.ts';

export abstract class TargetReads {
  protected readonly file: OpenFile;
  protected readonly main: Link;
  protected readonly location: FileLocation;
  protected readonly idle: Link[] = [];
  protected readonly reads: StagedReads;
  /** Settles when the connection for DDL is free: one transaction at a time, whoever calls. */
  protected turn: Promise<unknown> = Promise.resolve();

  constructor(file: OpenFile, main: Link, location: FileLocation) {
    this.file = file;
    this.main = main;
    this.location = location;
    this.reads = new StagedReads(file, this.idle);
  }

  describe(): Promise<ServerInfo> {
    return this.alone(() => describeFile(this.file, this.main, this.location));
  }

  catalog(schemas: readonly string[]): Promise<DatabaseSchema> {
    return this.alone(() => readCatalog(this.main, schemas));
  }

  countRows(table: TableName, where: string | null): Promise<number> {
    return this.alone(() => countRows(this.main, table, where));
  }

  measure(
    table: TableSchema,
    columns: readonly ColumnMeasure[],
    where: string | null,
  ): Promise<ColumnFigures[]> {
    return this.alone(() => measure(this.main, table, columns, where));
  }

  ownDigest(request: ReadRequest, partition: Partition): Promise<OwnDigest> {
    const cells = request.columns.map(({ name }) => quote(name));
    return this.alone(() => ownDigest(this.main, request, cells, partition));
  }

  sample(table: TableSchema, limit: number): Promise<Batch> {
    const context = { cancelled: false };
    return this.alone(() => sampleRows(this.main, table, limit, context));
  }

  readRuns(): Promise<LedgerRun[]> {
    return this.alone(() => readRuns(this.main));
  }

  readSwaps(): Promise<StoredSwap[]> {
    return this.alone(() => readSwaps(this.main));
  }

  readDocument(runId: string): Promise<string | null> {
    return this.alone(() => readDocument(this.main, runId));
  }

  readChunks(runId: string): Promise<LedgerChunk[]> {
    return this.alone(() => readChunks(this.main, runId));
  }

  forgetRun(run: LedgerRun): Promise<void> {
    return this.alone(() => forgetRun(this.main, run));
  }

  async stagedTable({ table, staging }: TableLoad): Promise<TableSchema> {
    return { ...table, ...staging };
  }

  partitions(request: ReadRequest, most: number): Promise<Partition[]> {
    return this.alone(() => cutTable(this.main, request, most));
  }

  openCursor(request: ReadRequest, partition: Partition): Promise<number> {
    return this.reads.open(request, partition);
  }

  next(cursor: number): Promise<Chunk | null> {
    return this.reads.next(cursor);
  }

  closeCursor(cursor: number): Promise<void> {
    return this.reads.close(cursor);
  }

  protected alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => {});
    return result;
  }
}
