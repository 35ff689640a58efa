// A PostgreSQL target: a connection for DDL, and one for each writer. Main thread.
import type pg from 'pg';
import type { Batch } from '../../batch/batch.ts';
import type { Chunk, ChunkForm } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { PostgresLocation } from '../../types/location.ts';
import type { DatabaseSchema, NotCarried, TableName, TableSchema } from '../../types/schema.ts';
import type {
  ColumnFigures,
  ColumnMeasure,
  LedgerEntry,
  Partition,
  ReadRequest,
  RunRecord,
  ServerInfo,
  TableLoad,
  TargetEngine,
  TargetOptions,
  ViewLoad,
} from '../dialect.ts';
import { appendStaged, validateWaiting, type WaitingKey } from './append.ts';
import { cutTable } from './block-ranges.ts';
import { readCatalog } from './catalog.ts';
import { Connector, cutOff, disconnect } from './connect.ts';
import { CopyWriter } from './copy-target.ts';
import { finishError } from './finish-error.ts';
import { analyse, finishRun } from './finish-run.ts';
import { finishTable } from './finish-table.ts';
import { dropScratch, makeLedger, recordEnd, recordRun } from './ledger.ts';
import { makeViews } from './make-views.ts';
import { measure } from './measures.ts';
import { quoteTable } from './names.ts';
import { inTransaction, Session } from './session.ts';
import { StagedCursors } from './staged-cursors.ts';
import { prepareLoads } from './staging.ts';
import { checkWhere, countRows, describeServer, sample } from './table-reads.ts';

const READ_ONLY = 'BEGIN READ ONLY';

export async function openTarget(location: PostgresLocation, options: TargetOptions): Promise<TargetEngine> {
  const connector = new Connector(location);
  return new PostgresTarget(connector, new Session(await connector.connect()), options.readOnly);
}

class PostgresTarget implements TargetEngine {
  readonly #connector: Connector;
  readonly #readOnly: boolean;
  readonly #writers = new Map<number, CopyWriter>();
  /** Connections of closed writers, for the next ones. */
  readonly #idle: pg.Client[] = [];
  readonly #atWork = new Set<pg.Client>();
  #control: Session;
  readonly #waitingKeys: WaitingKey[] = [];
  /** Of the run. */
  #tables: readonly TableName[] = [];
  #scratch: string | undefined;
  #lastWriter = 0;
  readonly #cursors = new StagedCursors();
  #replacing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(connector: Connector, control: Session, readOnly: boolean) {
    this.#connector = connector;
    this.#control = control;
    this.#readOnly = readOnly;
  }

  describe(): Promise<ServerInfo> {
    return this.#read((client) => describeServer(client, this.#connector, 'target'));
  }

  catalog(schemas: readonly string[]): Promise<DatabaseSchema> {
    return this.#read((client) => readCatalog(client, schemas));
  }

  countRows(table: TableName, where: string | null): Promise<number> {
    return this.#read(async (client) => {
      if (where !== null) await checkWhere(client, table, where);
      return countRows(client, table, where);
    });
  }

  measure(
    table: TableSchema,
    columns: readonly ColumnMeasure[],
    where: string | null,
  ): Promise<ColumnFigures[]> {
    return this.#read(async (client) => {
      if (where !== null) await checkWhere(client, table, where);
      return measure(client, table, columns, where);
    });
  }

  sample(table: TableSchema, limit: number): Promise<Batch> {
    return this.#read((client) => sample(client, table, limit));
  }

  async beginRun(run: RunRecord): Promise<void> {
    const { user, database } = this.#connector.location;
    this.#scratch = run.scratch;
    await this.#write('ddl', async (client) => {
      await makeLedger(client, user, database, run);
      await recordRun(client, run);
    });
  }

  async endRun(runId: string, state: RunRecord['state']): Promise<void> {
    const scratch = this.#scratch;
    await this.#write('write', (client) =>
      scratch === undefined ? recordEnd(client, runId, state) : dropScratch(client, scratch),
    );
  }

  async prepare(loads: readonly TableLoad[]): Promise<void> {
    const { user, database } = this.#connector.location;
    this.#tables = loads.map((load) => load.table);
    await this.#write('ddl', (client) =>
      inTransaction(client, () => prepareLoads(client, loads, user, database)),
    );
  }

  async form(): Promise<ChunkForm> {
    return 'copy';
  }

  async openWriter(load: TableLoad): Promise<number> {
    this.#refuseIfReadOnly();
    const client = await this.#acquire();
    const number = ++this.#lastWriter;
    this.#writers.set(number, new CopyWriter(client, load));
    return number;
  }

  async write(number: number, chunk: Chunk, entry: LedgerEntry): Promise<boolean> {
    return this.#writer(number).write(chunk, entry);
  }

  async commit(number: number): Promise<number> {
    return this.#writer(number).commit();
  }

  async closeWriter(number: number): Promise<void> {
    const writer = this.#writers.get(number);
    this.#writers.delete(number);
    if (!writer) return;
    await writer.undo();
    this.#release(writer.client);
  }

  #writer(number: number): CopyWriter {
    const writer = this.#writers.get(number);
    if (!writer) throw new FerrowError('E_INTERNAL', `no open writer ${number}`, { dialect: 'postgres' });
    return writer;
  }

  async stagedTable({ table, staging }: TableLoad): Promise<TableSchema> {
    return { ...table, ...staging, tableFacts: undefined };
  }

  partitions({ table }: ReadRequest, most: number): Promise<Partition[]> {
    return this.#read((client) => cutTable(client, table, most));
  }

  async openCursor(request: ReadRequest, partition: Partition): Promise<number> {
    return this.#cursors.open(await this.#acquire(), request, partition);
  }

  next(cursor: number): Promise<Chunk | null> {
    return this.#cursors.next(cursor);
  }

  async closeCursor(cursor: number): Promise<void> {
    const client = this.#cursors.close(cursor);
    if (client) this.#release(client);
  }

  countStaged(load: TableLoad): Promise<number> {
    return this.#read((client) => countRows(client, load.staging, null));
  }

  /**
   * On a connection of its own, so that the indexes of several tables are built at once. Tables that are replaced
   * go one by one: each lets go of foreign keys of the others, and two at once would wait for each other.
   */
  async finishTable(load: TableLoad): Promise<NotCarried[]> {
    this.#refuseIfReadOnly();
    const client = await this.#acquire();
    try {
      const before = load.mode === 'replace' ? this.#replacing : Promise.resolve();
      const turn = before.then(() => this.#finish(client, load));
      if (load.mode === 'replace') this.#replacing = turn.catch(() => {});
      const notCarried = await turn;
      // Here, while other tables still load: of 2 million rows it takes half a second.
      await analyse(client, load.table);
      return notCarried;
    } catch (error) {
      throw finishError(error, load);
    } finally {
      this.#release(client);
    }
  }

  async #finish(client: pg.Client, load: TableLoad): Promise<NotCarried[]> {
    if (load.mode !== 'append') return finishTable(client, load);
    this.#waitingKeys.push(...(await appendStaged(client, load, this.#tables)));
    return [];
  }

  finishRun(loads: readonly TableLoad[]): Promise<NotCarried[]> {
    return this.#write('ddl', async (client) => [
      ...(await finishRun(client, loads)),
      ...(await validateWaiting(client, this.#waitingKeys.splice(0))),
    ]);
  }

  makeViews(views: readonly ViewLoad[], replace: boolean): Promise<NotCarried[]> {
    return this.#write('ddl', (client) => makeViews(client, views, replace));
  }

  async abandon(loads: readonly TableLoad[]): Promise<void> {
    await this.#write('ddl', async (client) => {
      for (const { staging } of loads) await client.query(`DROP TABLE IF EXISTS ${quoteTable(staging)}`);
    });
  }

  interrupt(): Promise<void> {
    const clients = [...this.#atWork];
    if (this.#control.busy) clients.push(this.#control.client);
    return this.#connector.cancel(clients);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const client of this.#atWork) cutOff(client);
    if (this.#control.busy) cutOff(this.#control.client);
    await Promise.all([...this.#idle.splice(0), this.#control.client].map(disconnect));
  }

  /** In a transaction of its own, so that settings made for it go with it. */
  async #read<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const session = await this.#session();
    return session.run('read', (client) => inTransaction(client, () => work(client), READ_ONLY));
  }

  async #write<T>(doing: 'write' | 'ddl', work: (client: pg.Client) => Promise<T>): Promise<T> {
    this.#refuseIfReadOnly();
    const session = await this.#session();
    return session.run(doing, work);
  }

  /** A connection that broke is made anew: the end of a run must be recorded, and its staging tables dropped. */
  async #session(): Promise<Session> {
    if (isAlive(this.#control.client)) return this.#control;
    this.#control = new Session(await this.#connector.connect());
    return this.#control;
  }

  async #acquire(): Promise<pg.Client> {
    let client = this.#idle.pop();
    while (client && !isAlive(client)) client = this.#idle.pop();
    client ??= await this.#connector.connect();
    this.#atWork.add(client);
    return client;
  }

  #release(client: pg.Client): void {
    this.#atWork.delete(client);
    if (this.#closed || !isAlive(client)) cutOff(client);
    else this.#idle.push(client);
  }

  #refuseIfReadOnly(): void {
    if (this.#readOnly)
      throw new FerrowError('E_INTERNAL', 'a target that was opened for reading was to be written', {
        dialect: 'postgres',
      });
  }
}

function isAlive(client: pg.Client): boolean {
  const { stream } = (
    client as unknown as { connection: { stream: { destroyed: boolean; writable: boolean } } }
  ).connection;
  return !stream.destroyed && stream.writable;
}
