// A PostgreSQL target: a connection for DDL, and one for each writer. Main thread.
import type pg from 'pg';
import type { Chunk, ChunkForm } from '../../batch/chunk.ts';
import { failpoint } from '../../errors/failpoint.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { PostgresLocation } from '../../types/location.ts';
import type { NotCarried, TableName } from '../../types/schema.ts';
import type {
  AppendCounts,
  LedgerEntry,
  RunRecord,
  RunState,
  TableLoad,
  TargetEngine,
  TargetOptions,
  ViewLoad,
  Watermark,
} from '../dialect.ts';
import { appendStaged, validateWaiting, type WaitingKey } from './append.ts';
import { backendPid, Connector, cutOff, disconnect } from './connect.ts';
import { CopyWriter } from './copy-target.ts';
import { finishError } from './finish-error.ts';
import { analyse, finishRun } from './finish-run.ts';
import { finishTable } from './finish-table.ts';
import { dropScratch, forgetLoads, makeLedger, recordEnd, recordRun, recordTables } from './ledger.ts';
import { makeViews } from './make-views.ts';
import { quoteTable } from './names.ts';
import { inTransaction, Session } from './session.ts';
import { prepareLoads } from './staging.ts';
import { isAlive, TargetReads, takeRun } from './target-reads.ts';
import { prepareWatermarks, readWatermarks } from './watermarks.ts';

export async function openTarget(location: PostgresLocation, options: TargetOptions): Promise<TargetEngine> {
  const connector = new Connector(location);
  return new PostgresTarget(connector, new Session(await connector.connect()), options.readOnly);
}

class PostgresTarget extends TargetReads implements TargetEngine {
  readonly #writers = new Map<number, CopyWriter>();
  readonly #waitingKeys: WaitingKey[] = [];
  /** What became of staged rows that could meet live ones, by load. */
  readonly #counted = new Map<string, AppendCounts>();
  /** Of the run. */
  #tables: readonly TableName[] = [];
  #scratch: string | undefined;
  #lastWriter = 0;
  #replacing: Promise<unknown> = Promise.resolve();

  async beginRun(run: RunRecord): Promise<void> {
    const { user, database } = this.connector.location;
    this.#scratch = run.scratch;
    await this.changing('ddl', async (client) => {
      await makeLedger(client, user, database, run);
      await takeRun(client, run);
      await recordRun(client, run);
    });
    this.run = run;
  }

  async endRun(runId: string, state: RunState): Promise<void> {
    const scratch = this.#scratch;
    await this.changing('write', (client) =>
      scratch === undefined ? recordEnd(client, runId, state) : dropScratch(client, scratch),
    );
  }

  async prepare(loads: readonly TableLoad[]): Promise<void> {
    const { user, database } = this.connector.location;
    this.#addTables(loads);
    await this.changing('ddl', (client) =>
      inTransaction(client, async () => {
        await prepareLoads(client, loads, user, database);
        await recordTables(client, loads, this.#scratch);
        await prepareWatermarks(client, loads);
        failpoint('prepare.made');
      }),
    );
  }

  async takeUp(loads: readonly TableLoad[]): Promise<void> {
    this.#addTables(loads);
  }

  #addTables(loads: readonly TableLoad[]): void {
    const others = this.#tables.filter(
      (table) => !loads.some((load) => quoteTable(load.table) === quoteTable(table)),
    );
    this.#tables = [...others, ...loads.map((load) => load.table)];
  }

  async form(): Promise<ChunkForm> {
    return 'copy';
  }

  async openWriter(load: TableLoad): Promise<number> {
    this.refuseIfReadOnly();
    const client = await this.acquire();
    const number = ++this.#lastWriter;
    this.#writers.set(number, new CopyWriter(client, load));
    return number;
  }

  async write(number: number, chunk: Chunk, entry: LedgerEntry): Promise<boolean> {
    return this.#writer(number).write(chunk, entry);
  }

  async commit(number: number, end?: LedgerEntry): Promise<number> {
    return this.#writer(number).commit(end);
  }

  async closeWriter(number: number): Promise<void> {
    const writer = this.#writers.get(number);
    this.#writers.delete(number);
    if (!writer) return;
    await writer.undo();
    if (!isAlive(writer.client)) this.lost.push(backendPid(writer.client));
    this.release(writer.client);
  }

  #writer(number: number): CopyWriter {
    const writer = this.#writers.get(number);
    if (!writer) throw new FerrowError('E_INTERNAL', `no open writer ${number}`, { dialect: 'postgres' });
    return writer;
  }

  /**
   * On a connection of its own, so that the indexes of several tables are built at once. Tables that are replaced
   * or synced go one by one: each lets go of foreign keys of the others, and two at once would wait for each other.
   */
  async finishTable(load: TableLoad): Promise<NotCarried[]> {
    this.refuseIfReadOnly();
    const client = await this.acquire();
    try {
      const inTurn = load.mode === 'replace' || load.sync !== undefined;
      const turn = (inTurn ? this.#replacing : Promise.resolve()).then(() => this.#finish(client, load));
      if (inTurn) this.#replacing = turn.catch(() => {});
      const notCarried = await turn;
      // Here, while other tables still load: of 2 million rows it takes half a second.
      await analyse(client, load.table);
      return notCarried;
    } catch (error) {
      throw finishError(error, load);
    } finally {
      this.release(client);
    }
  }

  async #finish(client: pg.Client, load: TableLoad): Promise<NotCarried[]> {
    if (load.mode !== 'append') return finishTable(client, load);
    const { waiting, counts } = await appendStaged(client, load, this.#tables);
    this.#waitingKeys.push(...waiting);
    if (counts) this.#counted.set(load.id, counts);
    return [];
  }

  finishRun(loads: readonly TableLoad[]): Promise<NotCarried[]> {
    return this.changing('ddl', async (client) => [
      ...(await finishRun(client, loads)),
      ...(await validateWaiting(client, this.#waitingKeys.splice(0))),
    ]);
  }

  async appended(load: TableLoad): Promise<AppendCounts | null> {
    return this.#counted.get(load.id) ?? null;
  }

  watermarks(source: string): Promise<Watermark[]> {
    return this.reading((client) => readWatermarks(client, source));
  }

  makeViews(views: readonly ViewLoad[], replace: boolean): Promise<NotCarried[]> {
    return this.changing('ddl', (client) => makeViews(client, views, replace));
  }

  async abandon(loads: readonly TableLoad[]): Promise<void> {
    await this.changing('ddl', async (client) => {
      await inTransaction(client, async () => {
        for (const { staging } of loads) await client.query(`DROP TABLE IF EXISTS ${quoteTable(staging)}`);
        await forgetLoads(client, loads, this.#scratch);
      });
    });
  }

  interrupt(): Promise<void> {
    const clients = [...this.atWork];
    if (this.control.busy) clients.push(this.control.client);
    return this.connector.cancel(clients);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (const client of this.atWork) cutOff(client);
    if (this.control.busy) cutOff(this.control.client);
    await Promise.all([...this.idle.splice(0), this.control.client].map(disconnect));
  }
}
