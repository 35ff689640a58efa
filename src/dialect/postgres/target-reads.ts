// The reading side of a PostgreSQL target, and its connections: one for DDL and the ledger, the others for whoever needs one.
// Main thread.
import type pg from 'pg';
import type { Batch } from '../../batch/batch.ts';
import type { Chunk } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../../types/schema.ts';
import type {
  ColumnFigures,
  ColumnMeasure,
  LedgerChunk,
  LedgerRun,
  Partition,
  ReadRequest,
  RunRecord,
  ServerInfo,
  StoredSwap,
  TableLoad,
} from '../dialect.ts';
import { cutTable } from './block-ranges.ts';
import { readCatalog } from './catalog.ts';
import { backendPid, type Connector, cutOff } from './connect.ts';
import { fromPostgres } from './errors.ts';
import { HeldTransactions } from './held-transactions.ts';
import { forgetRun, lockRun, readChunks, readDocument, readRuns, waitUntilGone } from './ledger-reads.ts';
import { measure } from './measures.ts';
import { inTransaction, Session } from './session.ts';
import { StagedCursors } from './staged-cursors.ts';
import { readSwaps } from './swap-ledger.ts';
import { checkWhere, countRows, describeServer, sample } from './table-reads.ts';

/** A table that somebody has locked is not waited for without end. */
const READ_ONLY = 'BEGIN READ ONLY; SET LOCAL lock_timeout = 10000';

export abstract class TargetReads {
  protected readonly connector: Connector;
  protected readonly readOnly: boolean;
  /** Connections of closed writers, for the next ones. */
  protected readonly idle: pg.Client[] = [];
  protected readonly atWork = new Set<pg.Client>();
  protected control: Session;
  /** Of the run that this process is at. */
  protected run: RunRecord | null = null;
  /** Server processes whose connections broke while they wrote. */
  protected readonly lost: number[] = [];
  /** Of loads that are one transaction each. */
  protected readonly held = new HeldTransactions();
  protected readonly cursors = new StagedCursors();
  protected closed = false;
  #renewing: Promise<Session> | null = null;

  constructor(connector: Connector, control: Session, readOnly: boolean) {
    this.connector = connector;
    this.control = control;
    this.readOnly = readOnly;
  }

  describe(): Promise<ServerInfo> {
    return this.reading((client) => describeServer(client, this.connector, 'target'));
  }

  catalog(schemas: readonly string[]): Promise<DatabaseSchema> {
    return this.reading((client) => readCatalog(client, schemas));
  }

  countRows(table: TableName, where: string | null): Promise<number> {
    return this.reading(async (client) => {
      if (where !== null) await checkWhere(client, table, where);
      return countRows(client, table, where);
    });
  }

  measure(
    table: TableSchema,
    columns: readonly ColumnMeasure[],
    where: string | null,
  ): Promise<ColumnFigures[]> {
    return this.readingOf(table, async (client) => {
      if (where !== null) await checkWhere(client, table, where);
      return measure(client, table, columns, where);
    });
  }

  sample(table: TableSchema, limit: number): Promise<Batch> {
    return this.reading((client) => sample(client, table, limit));
  }

  readRuns(): Promise<LedgerRun[]> {
    return this.reading(readRuns);
  }

  readSwaps(): Promise<StoredSwap[]> {
    return this.reading(readSwaps);
  }

  readDocument(runId: string): Promise<string | null> {
    return this.reading((client) => readDocument(client, runId));
  }

  async readChunks(runId: string): Promise<LedgerChunk[]> {
    const lost = this.lost.splice(0);
    if (lost.length > 0) await this.changing('write', (client) => waitUntilGone(client, lost));
    return this.reading((client) => readChunks(client, runId));
  }

  async forgetRun(run: LedgerRun): Promise<void> {
    await this.changing('ddl', (client) => inTransaction(client, () => forgetRun(client, run)));
  }

  async stagedTable({ table, staging }: TableLoad): Promise<TableSchema> {
    return { ...table, ...staging, tableFacts: undefined };
  }

  partitions({ table }: ReadRequest, most: number): Promise<Partition[]> {
    return this.readingOf(table, (client) => cutTable(client, table, most));
  }

  async openCursor(request: ReadRequest, partition: Partition): Promise<number> {
    const client = this.held.of(request.table) ?? (await this.acquire());
    return this.cursors.open(client, request, partition);
  }

  next(cursor: number): Promise<Chunk | null> {
    return this.cursors.next(cursor);
  }

  async closeCursor(cursor: number): Promise<void> {
    const client = this.cursors.close(cursor);
    if (client && !this.held.holds(client)) this.release(client);
  }

  countStaged(load: TableLoad): Promise<number> {
    return this.readingOf(load.staging, (client) => countRows(client, load.staging, null));
  }

  /** In a transaction of its own, so that settings made for it go with it. */
  protected async reading<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const session = await this.session();
    return session.run('read', (client) => inTransaction(client, () => work(client), READ_ONLY));
  }

  /** Where only its own transaction sees the table, in that. */
  protected async readingOf<T>(table: TableName, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = this.held.of(table);
    if (!client) return this.reading(work);
    try {
      return await inTransaction(client, () => work(client));
    } catch (error) {
      throw fromPostgres(error, 'read');
    }
  }

  protected async changing<T>(doing: 'write' | 'ddl', work: (client: pg.Client) => Promise<T>): Promise<T> {
    this.refuseIfReadOnly();
    const session = await this.session();
    return session.run(doing, work);
  }

  /** A connection that broke is made anew: the end of a run must be recorded, and its staging tables dropped. */
  protected async session(): Promise<Session> {
    if (isAlive(this.control.client)) return this.control;
    // Once for all who ask: of two connections the second would find the run taken.
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(): Promise<Session> {
    const before = backendPid(this.control.client);
    const client = await this.connector.connect();
    try {
      if (this.run !== null) {
        // The server may not have noticed yet, and what it did for the broken one holds the run's lock.
        await waitUntilGone(client, [before]);
        await takeRun(client, this.run);
      }
    } catch (error) {
      cutOff(client);
      throw error;
    }
    this.control = new Session(client);
    return this.control;
  }

  protected async acquire(): Promise<pg.Client> {
    let client = this.idle.pop();
    while (client && !isAlive(client)) client = this.idle.pop();
    client ??= await this.connector.connect();
    this.atWork.add(client);
    return client;
  }

  protected release(client: pg.Client): void {
    this.atWork.delete(client);
    if (this.closed || !isAlive(client)) cutOff(client);
    else this.idle.push(client);
  }

  protected refuseIfReadOnly(): void {
    if (this.readOnly)
      throw new FerrowError('E_INTERNAL', 'a target that was opened for reading was to be written', {
        dialect: 'postgres',
      });
  }
}

/** @throws FerrowError E_RUN_UNDER_WAY where another process is at this run, or has been while our connection was gone */
export async function takeRun(client: pg.Client, { runId, epoch, scratch }: RunRecord): Promise<void> {
  const refuse = (why: string) => {
    throw new FerrowError('E_RUN_UNDER_WAY', why, { dialect: 'postgres' });
  };
  if (!(await lockRun(client, runId))) refuse(`another process is at the run ${runId}`);
  if (scratch !== undefined) return;
  const { rows } = await client.query('SELECT FROM _ferrow.runs WHERE run_id = $1 AND epoch > $2', [
    runId,
    epoch,
  ]);
  if (rows.length > 0) refuse(`another process has taken over the run ${runId}`);
}

export function isAlive(client: pg.Client): boolean {
  const { stream } = (
    client as unknown as { connection: { stream: { destroyed: boolean; writable: boolean } } }
  ).connection;
  return !stream.destroyed && stream.writable;
}
