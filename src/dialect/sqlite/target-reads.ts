// The reading side of a SQLite target: catalog, counts, staged rows, the ledger. Engine thread.
import type { Batch } from '../../batch/batch.ts';
import type { Chunk } from '../../batch/chunk.ts';
import { addMeanings } from '../../sql/meanings.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../../types/schema.ts';
import type {
  ColumnFigures,
  ColumnMeasure,
  LedgerChunk,
  LedgerRun,
  Partition,
  ReadRequest,
  ServerInfo,
  StoredSwap,
  TableLoad,
} from '../dialect.ts';
import { readCatalog } from './catalog.ts';
import type { Connection } from './connect.ts';
import { sqliteError } from './errors.ts';
import { catalogOf, countRows, describe, sample } from './handle.ts';
import { HeldTransaction } from './held-transaction.ts';
import { Ledger } from './ledger.ts';
import { measure } from './measures.ts';
import { sqliteWords } from './sql-words.ts';
import { StagedReads } from './staged-reads.ts';
import { readSwaps } from './swap-ledger.ts';

export abstract class TargetReads {
  protected readonly connection: Connection;
  protected readonly writable: boolean;
  protected readonly plainIo: boolean;
  protected readonly ledger: Ledger;
  protected readonly reads: StagedReads;
  protected readonly held: HeldTransaction;

  constructor(connection: Connection, writable: boolean, plainIo: boolean) {
    this.connection = connection;
    this.writable = writable;
    this.plainIo = plainIo;
    this.ledger = new Ledger(connection.db);
    this.held = new HeldTransaction(connection.db);
    this.reads = new StagedReads(connection, plainIo, () => this.held.isOpen);
  }

  async describe(): Promise<ServerInfo> {
    return describe(this.connection, this.writable);
  }

  async catalog(): Promise<DatabaseSchema> {
    return addMeanings(catalogOf(this.connection), sqliteWords);
  }

  async countRows(table: TableName, where: string | null): Promise<number> {
    return countRows(this.connection, table, where);
  }

  async measure(
    table: TableSchema,
    columns: readonly ColumnMeasure[],
    where: string | null,
  ): Promise<ColumnFigures[]> {
    return measure(this.connection, table, columns, where);
  }

  async sample(table: TableSchema, limit: number): Promise<Batch> {
    return sample(this.connection, table, limit);
  }

  async readRuns(): Promise<LedgerRun[]> {
    return this.ledger.runs();
  }

  async readSwaps(): Promise<StoredSwap[]> {
    return readSwaps(this.connection.db);
  }

  async readDocument(runId: string): Promise<string | null> {
    return this.ledger.document(runId);
  }

  async readChunks(runId: string): Promise<LedgerChunk[]> {
    return this.ledger.chunks(runId);
  }

  async forgetRun(run: LedgerRun): Promise<void> {
    this.guard('ddl', {}, () => this.ledger.forget(run));
  }

  async stagedTable({ staging }: TableLoad): Promise<TableSchema> {
    const { tables } = this.guard('write', { table: staging.name }, () =>
      readCatalog(this.connection.db, (name) => name === staging.name),
    );
    return tables[0];
  }

  partitions(request: ReadRequest, most: number): Promise<Partition[]> {
    return this.reads.partitions(request, most);
  }

  openCursor(request: ReadRequest, partition: Partition): Promise<number> {
    return this.reads.openCursor(request, partition);
  }

  next(cursor: number): Promise<Chunk | null> {
    return this.reads.next(cursor);
  }

  closeCursor(cursor: number): Promise<void> {
    return this.reads.closeCursor(cursor);
  }

  async countStaged(load: TableLoad): Promise<number> {
    return countRows(this.connection, load.staging, null);
  }

  protected guard<T>(doing: 'read' | 'write' | 'ddl', place: { table?: string }, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, doing, place);
    }
  }
}
