// A PostgreSQL target: a connection for DDL, and one for each writer. Main thread.
import type pg from 'pg';
import type { Chunk, ChunkForm } from '../../batch/chunk.ts';
import { failpoint } from '../../errors/failpoint.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { PostgresLocation } from '../../types/location.ts';
import type { RejectedRows } from '../../types/reject.ts';
import type { NotCarried, TableName, TableSchema } from '../../types/schema.ts';
import type {
  AppendCounts,
  LedgerEntry,
  Rollback,
  RunRecord,
  RunState,
  StagedRejecting,
  Swap,
  TableLoad,
  TargetEngine,
  TargetOptions,
  ViewLoad,
  Watermark,
} from '../dialect.ts';
import { isForRows } from '../stored-rejects.ts';
import { appendStaged } from './append.ts';
import { asBuilt, builtSchema } from './built-place.ts';
import { backendPid, Connector, cutOff, disconnect } from './connect.ts';
import { CopyWriter } from './copy-target.ts';
import { deleteRows } from './delete-rows.ts';
import { finishError } from './finish-error.ts';
import { finishRun } from './finish-run.ts';
import { finishTable } from './finish-table.ts';
import { dropScratch, forgetLoads, makeLedger, recordEnd, recordRun, recordTables } from './ledger.ts';
import { makeViews } from './make-views.ts';
import { quote, quoteTable } from './names.ts';
import { rejectStaged } from './reject-staged.ts';
import { RejectKeeper } from './rejects.ts';
import { inTransaction, Session } from './session.ts';
import { makeStaging, prepareLoads } from './staging.ts';
import { analyse } from './statistics.ts';
import { rollbackTables, swapTables } from './swap.ts';
import { isAlive, takeRun } from './target-reads.ts';
import { validateWaiting } from './waiting-keys.ts';
import { prepareWatermarks, readWatermarks } from './watermarks.ts';

export async function openTarget(location: PostgresLocation, options: TargetOptions): Promise<TargetEngine> {
  const connector = new Connector(location, options.silenceSeconds);
  return new PostgresTarget(connector, new Session(await connector.connect()), options.readOnly);
}

class PostgresTarget extends RejectKeeper implements TargetEngine {
  readonly #writers = new Map<number, CopyWriter>();
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
        await recordTables(
          client,
          loads.filter((load) => !load.transactional),
          this.#scratch,
        );
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
    const client = await this.#connectionOf(load);
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
    // What it wrote waits for finishTable.
    if (writer.load.transactional) return;
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
   * or lose rows go one by one: each lets go of foreign keys of the others, and two at once would wait for each other.
   */
  async finishTable(load: TableLoad): Promise<NotCarried[]> {
    this.refuseIfReadOnly();
    // Where the run's own connection is gone, another process may have taken the run over.
    await this.session();
    const client = await this.#connectionOf(load);
    try {
      const inTurn = load.mode === 'replace' || load.sync !== undefined || load.deletes !== undefined;
      const turn = (inTurn ? this.#replacing : Promise.resolve()).then(() => this.#finish(client, load));
      if (inTurn) this.#replacing = turn.catch(() => {});
      const notCarried = await turn;
      // Here, while other tables still load: of 2 million rows it takes a third of a second.
      await analyse(client, load.mode === 'swap' ? asBuilt(load).table : load.table);
      return notCarried;
    } catch (error) {
      const known = finishError(error, load);
      // What is held may still end well, without the rows that are at fault.
      if (!load.leavesOut || !isForRows(known)) await this.held.undo(load);
      throw known;
    } finally {
      if (!this.held.holds(client)) this.release(client);
    }
  }

  async #finish(client: pg.Client, load: TableLoad): Promise<NotCarried[]> {
    const notCarried: NotCarried[] = [];
    if (load.mode === 'append') {
      const counts = await appendStaged(client, load, this.#tables);
      if (counts) this.#counted.set(load.id, counts);
    } else notCarried.push(...(await finishTable(client, load)));
    await this.held.commit(load);
    return notCarried;
  }

  /** A connection for the load alone; of one that is a transaction, always the same. */
  #connectionOf(load: TableLoad): Promise<pg.Client> {
    if (!load.transactional) return this.acquire();
    const { user } = this.connector.location;
    return this.held.begin(
      load,
      () => this.acquire(),
      async (client) => {
        await makeStaging(client, load, user);
        await recordTables(client, [load], this.#scratch);
      },
    );
  }

  /** A table without rows has had no writer. */
  override async countStaged(load: TableLoad): Promise<number> {
    if (load.transactional) await this.#connectionOf(load);
    return super.countStaged(load);
  }

  #letGo(client: pg.Client | null): void {
    if (client) this.release(client);
  }

  rejectStaged(load: TableLoad, rejecting: StagedRejecting): Promise<RejectedRows> {
    const held = this.held.of(load.staging);
    if (held) return rejectStaged(held, load, rejecting, this.#tables);
    return this.changing('write', (client) => rejectStaged(client, load, rejecting, this.#tables));
  }

  finishRun(loads: readonly TableLoad[]): Promise<NotCarried[]> {
    return this.changing('ddl', async (client) => {
      const notCarried = await finishRun(client, loads);
      const [load] = loads;
      if (!load || this.#scratch !== undefined) return notCarried;
      return [...notCarried, ...(await validateWaiting(client, load.runId))];
    });
  }

  async appended(load: TableLoad): Promise<AppendCounts | null> {
    return this.#counted.get(load.id) ?? null;
  }

  watermarks(source: string): Promise<Watermark[]> {
    return this.reading((client) => readWatermarks(client, source));
  }

  deleteRows(table: TableSchema, condition: string): Promise<number> {
    return this.changing('write', (client) =>
      inTransaction(client, () => deleteRows(client, table, condition)),
    );
  }

  swapTables(loads: readonly TableLoad[], runId: string): Promise<Swap> {
    return this.changing('ddl', (client) => swapTables(client, loads, runId));
  }

  rollbackTables(run: string | null, id: string): Promise<Rollback> {
    return this.changing('ddl', (client) => rollbackTables(client, run, id));
  }

  makeViews(views: readonly ViewLoad[], replace: boolean): Promise<NotCarried[]> {
    return this.changing('ddl', (client) => makeViews(client, views, replace));
  }

  async keepRejects(load: TableLoad): Promise<void> {
    this.#letGo(await this.held.keepRejects(load));
  }

  async abandon(loads: readonly TableLoad[]): Promise<void> {
    for (const load of loads) this.#letGo(await this.held.undo(load));
    await this.changing('ddl', async (client) => {
      await inTransaction(client, async () => {
        for (const load of loads) {
          await client.query(`DROP TABLE IF EXISTS ${quoteTable(load.staging)}`);
          if (load.mode === 'swap')
            await client.query(`DROP SCHEMA IF EXISTS ${quote(builtSchema(load))} CASCADE`);
        }
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
